"""Bad input and bad luck: what callers, disks and workers do wrong, and what the gateway answers."""

from __future__ import annotations

import http.client
import os
import resource
import signal
import socket
import subprocess
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

import psutil
import pytest

from tests.acceptance._gateway import Gateway, launch, loading, running, start
from tests.acceptance._pictures import WIDTH, picture
from tests.acceptance.conftest import LOOPBACK_IS_OPEN

CLIP = "fal-ai/kling-video/v2.5-turbo/pro/text-to-video"
FROM_PICTURE = "fal-ai/kling-video/v2.5-turbo/pro/image-to-video"
KLING = "/kling/v1/videos/text2video"
SCRIPTED = "scripted/clip"
ANY_ID = "01a1fe41-d5ca-7025-952d-282788037c35"
MEGABYTE = 1 << 20
ON_LINUX = pytest.mark.skipif(sys.platform != "linux", reason="only Linux can limit the files of another process")


@pytest.fixture(scope="module")
def priced(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A gateway whose jobs have a price, that waits two seconds for a picture and takes none above two megabytes."""
    limits = {"REELGATE_PREVIEW_PRICE": "list", "REELGATE_PICTURE_TIMEOUT_S": "2", "REELGATE_MAX_PICTURE": "2000000"}
    data = tmp_path_factory.mktemp("priced") / "data"
    with running(data, environment={**LOOPBACK_IS_OPEN, **limits, **loading()}) as gateway:
        yield gateway


# -- who asks, and where --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def behind_a_proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A gateway that believes its proxy who is calling: else all bad keys would be of one address, which is then shut out."""
    data = tmp_path_factory.mktemp("proxied") / "data"
    with running(data, environment={"REELGATE_TRUSTED_PROXIES": "127.0.0.1/32"}) as gateway:
        yield gateway


@pytest.mark.parametrize("key", [None, "rg_live_nobody", "nonsense", "\xff"], ids=["none", "unknown", "no-key", "not-ascii"])
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", f"/{CLIP}"),
        ("GET", f"/fal-ai/kling-video/requests/{ANY_ID}"),
        ("GET", f"/fal-ai/kling-video/requests/{ANY_ID}/status"),
        ("GET", f"/fal-ai/kling-video/requests/{ANY_ID}/status/stream"),
        ("PUT", f"/fal-ai/kling-video/requests/{ANY_ID}/cancel"),
        ("POST", KLING),
        ("GET", f"{KLING}/{ANY_ID}"),
        ("GET", "/v1/jobs"),
        ("GET", "/admin/v1/state"),
    ],
)
def test_without_a_key_that_is_known_there_is_nothing_but_401(behind_a_proxy: Gateway, method: str, path: str, key: str | None) -> None:
    caller = f"198.51.100.{zlib.crc32(f'{method} {path}'.encode()) % 256}"
    headers = {"X-Forwarded-For": caller}
    answer = behind_a_proxy.call(method, path, {} if method == "POST" else None, key=key, headers=headers)
    assert answer.status == 401
    assert answer.headers["content-type"] == "application/json"


def test_an_address_that_shows_many_bad_keys_is_shut_out_and_others_are_not(behind_a_proxy: Gateway) -> None:
    def ask(caller: str, key: str) -> int:
        return behind_a_proxy.call("GET", "/v1/jobs", key=key, headers={"X-Forwarded-For": caller}).status

    assert [ask("203.0.113.9", f"guess-{number}") for number in range(22)] == [401] * 20 + [429] * 2
    assert ask("203.0.113.10", behind_a_proxy.key) == 200
    assert ask("203.0.113.10", "guess") == 401


def test_what_is_not_there_is_404(gateway: Gateway) -> None:
    assert gateway.call("POST", "/fal-ai/nobody/knows-this", {"prompt": "x"}).status == 404
    assert gateway.call("GET", f"/fal-ai/kling-video/requests/{ANY_ID}/status").json == {"status": "NOT_FOUND"}
    assert gateway.call("POST", KLING, {"model_name": "kling-v99", "mode": "pro"}).json["code"] == 1203
    assert gateway.call("POST", "/kling/v1/videos/nothing", {}).json["code"] == 1202


def test_a_job_of_another_account_is_not_there(gateway: Gateway) -> None:
    made = gateway.call("POST", "/admin/v1/accounts", {"name": "neighbour"}, key=gateway.admin_key)
    assert made.status == 201
    theirs = gateway.call("POST", "/admin/v1/keys", {"name": "k", "account": "neighbour"}, key=gateway.admin_key).json["secret"]
    job = gateway.submit(CLIP, {"prompt": "[[fail]]"})
    for method, address in (("GET", job["status_url"]), ("GET", job["response_url"]), ("PUT", job["cancel_url"])):
        answer = gateway.call(method, address, key=theirs)
        assert (answer.status, answer.json) == (404, {"status": "NOT_FOUND"})


# -- what is asked --------------------------------------------------------------------------------------------------------


def test_every_bad_field_is_named_at_once_and_none_is_repeated(gateway: Gateway) -> None:
    secret = "never-to-be-seen-again"
    answer = gateway.call("POST", f"/{FROM_PICTURE}", {"duration": secret, "cfg_scale": 99, "negative_prompt": [secret]})
    assert answer.status == 422
    assert sorted(answer.faults) == [["body", name] for name in ("cfg_scale", "duration", "image_url", "negative_prompt", "prompt")]
    assert secret.encode() not in answer.body
    assert {each["type"] for each in answer.json["detail"]} >= {"missing", "one_of", "less_than_equal"}


def test_kling_names_what_is_wrong_by_its_own_numbers(gateway: Gateway) -> None:
    answer = gateway.call("POST", KLING, {"model_name": "kling-v1", "mode": "sideways", "prompt": "x"})
    assert (answer.status, answer.json["code"]) == (400, 1201)
    assert "mode" in answer.json["message"]


HOSTILE: dict[str, bytes] = {
    "not-a-number": b'{"prompt": "x", "cfg_scale": NaN}',
    "infinity": b'{"prompt": "x", "cfg_scale": Infinity}',
    "beyond-infinity": b'{"prompt": "x", "cfg_scale": 1e999}',
    "huge-number": b'{"prompt": "x", "cfg_scale": ' + b"9" * 100_000 + b"}",
    "huge-duration": b'{"prompt": "x", "duration": ' + b"9" * 30 + b"}",
    "lone-surrogate": b'{"prompt": "\\ud800"}',
    "lone-surrogate-as-a-name": b'{"prompt": "x", "\\udfff": 1}',
    "bytes-that-are-no-text": b'{"prompt": "\xff\xfe"}',
    "nothing-but-zeros": b"\0" * 1000,
    "zero-in-a-text": b'{"prompt": "a\\u0000b"}',
    "deep-lists": b'{"prompt": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "deep-objects": b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
    "many-values": b'{"prompt": "x", "y": [' + b"0," * 500_000 + b"0]}",
    "many-names": b"{" + b",".join(b'"n%d":0' % number for number in range(100_000)) + b"}",
    "no-object": b'["prompt"]',
    "half-an-object": b'{"prompt": "x"',
    "no-json": b"prompt=x",
    "long-prompt": b'{"prompt": "' + b"x" * 1_000_000 + b'"}',
    "twenty-megabytes": b'{"prompt": "' + b"x" * (20 * MEGABYTE) + b'"}',
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("path", [f"/{CLIP}", KLING], ids=["fal", "kling"])
def test_a_hostile_body_is_the_callers_fault(gateway: Gateway, path: str, name: str) -> None:
    answer = gateway.call("POST", path, HOSTILE[name])
    assert 400 <= answer.status < 500, answer.body[:300]
    assert answer.headers["content-type"] == "application/json"
    assert len(answer.body) < 10_000


def test_a_body_that_never_says_how_long_it_is_ends_at_the_limit(gateway: Gateway) -> None:
    answer = gateway.call("POST", f"/{CLIP}", (b"x" * MEGABYTE for _ in range(20)))
    assert answer.status == 413


def test_hostile_bodies_leave_nothing_behind(tmp_path: Path) -> None:
    with running(tmp_path / "data") as gateway:
        process = psutil.Process(gateway.pid)
        _send_all(gateway)
        before = process.memory_info().rss
        for _ in range(4):
            _send_all(gateway)
        assert process.memory_info().rss - before < 64 * MEGABYTE
        assert set(gateway.state()["jobs"].values()) == {0}


def _send_all(gateway: Gateway) -> None:
    for body in HOSTILE.values():
        for path in (f"/{CLIP}", KLING):
            assert gateway.call("POST", path, body).status < 500


# -- pictures -------------------------------------------------------------------------------------------------------------

NOT_PICTURES = {
    "text.png": "image_load_error",
    "empty.png": "image_load_error",
    "half.png": "image_load_error",
    "bomb.png": "image_too_large",
    "heavy.png": "file_too_large",
    "endless": "file_too_large",
    "dripping": "file_download_error",
    "silence": "file_download_error",
    "nothing": "file_download_error",
}


@pytest.mark.timeout(60)
@pytest.mark.parametrize("name", NOT_PICTURES)
def test_a_picture_that_is_none_ends_the_job_and_gives_the_money_back(priced: Gateway, pictures: str, name: str) -> None:
    before = priced.purse()
    job = priced.submit(FROM_PICTURE, {"prompt": "x", "image_url": f"{pictures}/{name}"})
    assert_refused_picture(priced, job, NOT_PICTURES[name])
    assert priced.purse() == before


def test_a_picture_on_a_port_where_nobody_listens_ends_the_job(priced: Gateway) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, and never listening
        job = priced.submit(FROM_PICTURE, {"prompt": "x", "image_url": f"http://127.0.0.1:{taken.getsockname()[1]}/a.png"})
        assert_refused_picture(priced, job, "file_download_error")


@pytest.mark.parametrize("host", ["10.0.0.1", "169.254.169.254", "[::ffff:192.168.0.1]", "0x0a000001"])
def test_a_picture_in_a_private_network_is_not_fetched(priced: Gateway, host: str) -> None:
    answer = priced.call("POST", f"/{FROM_PICTURE}", {"prompt": "x", "image_url": f"http://{host}/a.png"})
    if answer.status == 200:
        assert_refused_picture(priced, answer.json, "file_download_error")
    else:
        assert (answer.status, answer.faults) == (422, [["body", "image_url"]])


@pytest.mark.parametrize("ending", ["jpg", "jpeg", "png", "webp", "gif", "avif"])
def test_every_kind_of_picture_that_is_promised_is_taken(gateway: Gateway, pictures: str, ending: str) -> None:
    asked = {"prompt": "x", "image_url": f"{pictures}/scene.{ending}", "duration": "1", "resolution": "480p"}
    assert gateway.result(gateway.submit("demo/image-to-video", asked)).status == 200


def test_a_picture_may_come_inside_the_request(gateway: Gateway) -> None:
    import base64

    inside = "data:image/png;base64," + base64.b64encode(picture("scene.png", WIDTH // 4, 200)).decode()
    asked = {"prompt": "x", "image_url": inside, "duration": "1", "resolution": "480p"}
    assert gateway.result(gateway.submit("demo/image-to-video", asked)).status == 200


def assert_refused_picture(gateway: Gateway, job: dict[str, Any], kind: str) -> None:
    """COMPLETED for who asks, and a 422 at the picture for who fetches."""
    result = gateway.result(job)
    status = gateway.call("GET", job["status_url"]).json
    assert (status["status"], result.status) == ("COMPLETED", 422)
    assert result.faults == [["body", "image_url"]]
    assert [each["type"] for each in result.json["detail"]] == [kind]


# -- the disk -------------------------------------------------------------------------------------------------------------


def test_a_disk_with_too_little_room_refuses_work_and_goes_on_telling(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with running(data) as gateway:
        job = gateway.submit("demo/text-to-video", {"prompt": "x", "duration": "1", "resolution": "480p"})
        video = gateway.result(job).json["video"]
        assert gateway.stop() == 0
    with running(data, environment={"REELGATE_MIN_FREE_BYTES": str(1 << 60)}) as gateway:
        refused = gateway.call("POST", f"/{CLIP}", {"prompt": "x"})
        assert (refused.status, refused.json["error_type"]) == (503, "runner_scheduling_failure")
        assert gateway.call("POST", KLING, {"model_name": "kling-v1", "mode": "std", "prompt": "x"}).status == 503
        assert gateway.call("GET", "/readyz").status == 503
        assert gateway.call("GET", f"/demo/text-to-video/requests/{job['request_id']}/status").json["status"] == "COMPLETED"
        path = video["url"].partition("/files/")[2]
        assert len(gateway.call("GET", f"/files/{path}", key=None).body) == video["file_size"]


@pytest.fixture
def log(tmp_path: Path) -> Iterator[tuple[Path, TextIO]]:
    """A log that is read as it is written, and lies on no disk: where to write it, and where to read it."""
    path = tmp_path / "log"
    os.mkfifo(path)
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)  # whoever writes may begin
    os.set_blocking(descriptor, True)
    with os.fdopen(descriptor) as lines:
        yield path, lines


@ON_LINUX
def test_a_disk_that_takes_no_more_bytes_refuses_work_until_it_does(tmp_path: Path, log: tuple[Path, TextIO]) -> None:
    with running(tmp_path / "data", environment=loading(), log=log[0]) as gateway:
        job = gateway.submit(SCRIPTED, {"prompt": "anything"})
        gateway.story(job["request_id"])
        _let_files_grow(gateway, to_bytes=0)
        assert_refuses_and_goes_on_telling(gateway, job)
        _let_files_grow(gateway, to_bytes=resource.RLIM_INFINITY)
        assert gateway.result(gateway.submit(SCRIPTED, {"prompt": "anything"})).status == 200
        assert gateway.state()["breaches"] == []
        assert gateway.stop() == 0


@ON_LINUX
def test_a_job_that_meets_a_full_disk_on_its_way_goes_on_when_there_is_room(tmp_path: Path, log: tuple[Path, TextIO]) -> None:
    with running(tmp_path / "data", environment=loading(), log=log[0]) as gateway:
        gateway.result(gateway.submit(SCRIPTED, {"prompt": "a worker that is there before the trouble begins"}))
        job = gateway.submit(SCRIPTED, {"prompt": "wait 0.5"})
        _let_files_grow(gateway, to_bytes=0)
        next(line for line in log[1] if "store_unready" in line or "lease_failed" in line)
        _let_files_grow(gateway, to_bytes=resource.RLIM_INFINITY)
        assert gateway.result(job).status == 200
        assert gateway.state()["breaches"] == []


@ON_LINUX
def test_a_log_on_the_full_disk_is_no_reason_to_leave(tmp_path: Path) -> None:
    with running(tmp_path / "data", environment=loading()) as gateway:
        gateway.submit(SCRIPTED, {"prompt": "wait 0.5"})
        _let_files_grow(gateway, to_bytes=0)
        with pytest.raises(subprocess.TimeoutExpired):
            gateway.process.wait(timeout=3)


def assert_refuses_and_goes_on_telling(gateway: Gateway, job: dict[str, Any]) -> None:
    """503 for a submit, and for who asks whether it is ready; everything else as ever."""
    refused = gateway.call("POST", f"/{SCRIPTED}", {"prompt": "anything"})
    assert (refused.status, refused.json["error_type"]) == (503, "runner_scheduling_failure")
    assert gateway.call("GET", "/readyz").status == 503
    assert gateway.call("GET", job["status_url"]).json["status"] == "COMPLETED"
    assert gateway.call("GET", job["response_url"]).status == 200


def _let_files_grow(gateway: Gateway, *, to_bytes: int) -> None:
    """As if the disk had so much room for any file, and no more."""
    resource.prlimit(gateway.pid, resource.RLIMIT_FSIZE, (to_bytes, resource.RLIM_INFINITY))


# -- workers --------------------------------------------------------------------------------------------------------------


def test_a_job_under_which_a_worker_dies_once_is_tried_again(priced: Gateway, tmp_path: Path) -> None:
    job = priced.submit(SCRIPTED, {"prompt": f"die once {tmp_path / 'marker'}"})
    assert priced.result(job).status == 200
    seen = priced.job(job["request_id"])
    assert (seen["deaths"], [each["state"] for each in seen["attempts"]]) == (1, ["failed", "done"])


@pytest.mark.parametrize("prompt", ["die", "memory"])
def test_a_job_under_which_three_workers_die_has_failed(priced: Gateway, prompt: str) -> None:
    before = priced.purse()
    job = priced.submit(SCRIPTED, {"prompt": prompt})
    result = priced.result(job)
    assert (result.status, result.json["error_type"]) == (500, "runner_server_error")
    seen = priced.job(job["request_id"])
    assert (seen["state"], seen["failure"]["code"], seen["deaths"]) == ("failed", "worker_died", 3)
    assert len(seen["attempts"]) == 3
    assert priced.purse() == before
    assert priced.result(priced.submit(SCRIPTED, {"prompt": "anything"})).status == 200


def test_a_job_that_does_not_start_in_time_ends_with_504(tmp_path: Path) -> None:
    with running(tmp_path / "data", environment={"REELGATE_RENDER_SLOTS": "1", **loading()}) as gateway:
        first = gateway.submit(SCRIPTED, {"prompt": "hang"})
        second = gateway.submit(SCRIPTED, {"prompt": "anything"}, headers={"X-Fal-Request-Timeout": "0.5"})
        result = gateway.result(second)
        assert (result.status, result.json["error_type"]) == (504, "request_timeout")
        assert result.headers["x-fal-request-timeout-type"] == "user"
        assert gateway.call("PUT", first["cancel_url"]).status == 202
        assert gateway.result(first).status == 499
        assert gateway.result(gateway.submit(SCRIPTED, {"prompt": "anything"})).status == 200


# -- processes ------------------------------------------------------------------------------------------------------------


def test_a_second_process_on_the_same_folder_leaves_with_one_clear_line(gateway: Gateway, tmp_path: Path) -> None:
    log = tmp_path / "second.log"
    second = launch(gateway.data, log=log)
    printed, _ = second.communicate(timeout=30)
    assert second.returncode == 2
    [line] = (printed + log.read_text()).strip().splitlines()
    assert str(gateway.data) in line
    assert gateway.call("GET", "/healthz").status == 200


def test_told_to_stop_it_cuts_its_streams_leaves_and_goes_on_at_the_next_start(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with running(data, environment=loading()) as gateway:
        running_job = gateway.submit(SCRIPTED, {"prompt": "wait 1.5"})
        jobs = [running_job, *(gateway.submit(SCRIPTED, {"prompt": "anything"}) for _ in range(3))]
        with gateway.connected() as connection:
            address = running_job["status_url"].removeprefix(gateway.url)
            connection.request("GET", f"{address}/stream", headers={"Authorization": f"Key {gateway.key}"})
            stream = connection.getresponse()
            assert stream.headers["transfer-encoding"] == "chunked"
            assert [stream.readline()[:4] for _ in range(2)] == [b"id: ", b"data"]
            os.kill(gateway.pid, signal.SIGTERM)
            with pytest.raises((http.client.IncompleteRead, ConnectionError)):
                stream.read()
        assert gateway.process.wait(timeout=10) == 0
    with running(data, environment=loading()) as gateway:
        for job in jobs:
            assert gateway.end_of(job["request_id"])["state"] == "done"
        assert gateway.state()["breaches"] == []


def test_a_gateway_that_is_killed_leaves_no_render_process_and_loses_no_job(tmp_path: Path) -> None:
    data = tmp_path / "data"
    first = start(data, environment=loading())
    job = first.submit(SCRIPTED, {"prompt": f"die once {tmp_path / 'marker'}"})
    first.story(job["request_id"])
    hanging = first.submit(SCRIPTED, {"prompt": "hang"})
    children = psutil.Process(first.pid).children(recursive=True)
    assert children
    first.kill()
    _, alive = psutil.wait_procs(children, timeout=2)
    assert [each for each in alive if each.status() != psutil.STATUS_ZOMBIE] == []
    with running(data, environment=loading()) as second:
        assert second.call("PUT", f"/scripted/clip/requests/{hanging['request_id']}/cancel").status in (200, 202)
        assert second.end_of(hanging["request_id"])["state"] == "cancelled"
