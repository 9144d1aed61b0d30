"""The command line as its users type it: the installed program, processes of its own, a gateway of its own."""

from __future__ import annotations

import json
import re
import shlex
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import av
import pytest

from tests.acceptance._gateway import PROGRAM, Gateway, launch, log_of, running, surroundings

CLIP = "fal-ai/kling-video/v1.6/standard/text-to-video"
PATIENCE_S = 60.0
LEAVES_WITHIN_S = 10.0


@pytest.fixture(scope="module")
def mine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A gateway that these tests alone speak to."""
    with running(tmp_path_factory.mktemp("cli") / "data") as gateway:
        yield gateway


def typed(gateway: Gateway, *words: str, more: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """A command, typed in another terminal of the same user, in a folder of its own."""
    return subprocess.run(
        [str(PROGRAM), *words],
        env=surroundings(gateway.data, more),
        cwd=gateway.data.parent,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_S,
    )


def started(tmp_path: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """`reelgate up` where it cannot start."""
    return subprocess.run(
        [str(PROGRAM), "up", *words],
        env=surroundings(tmp_path / "data"),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_S,
    )


def test_a_run_brings_a_film_and_prints_its_path_alone(mine: Gateway) -> None:
    done = typed(mine, "run", "demo/text-to-video", "--prompt", "a calm sea", "--duration", "2", "-o", "clip.mp4")
    assert done.returncode == 0, done.stderr
    assert done.stdout == "clip.mp4\n"
    assert "\033" not in done.stderr
    with av.open(mine.data.parent / "clip.mp4") as film:
        assert film.streams.video[0].codec_context.name == "h264"
        assert round(float(film.duration or 0) / av.time_base) == 2
    [job] = json.loads(typed(mine, "jobs", "--limit", "1", "--json").stdout)
    assert job["state"] == "done"
    again = typed(mine, "get", job["id"], "-o", "again.mp4")
    assert (again.returncode, again.stdout) == (0, "again.mp4\n")
    assert (mine.data.parent / "again.mp4").read_bytes() == (mine.data.parent / "clip.mp4").read_bytes()
    story = typed(mine, "logs", job["id"]).stdout
    assert [line.split()[1] for line in story.splitlines() if line.split()[1] in {"queued", "running", "done"}] == [
        "queued",
        "running",
        "done",
    ]
    late = typed(mine, "cancel", job["id"])
    assert (late.returncode, late.stdout) == (2, "")
    assert "too late: it is done" in late.stderr


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("run", "demo/text-to-video", "--prompt", "[[fail]]"), 1, "nothing was charged"),
        (("run", "demo/text-to-video", "--prompt", "[[refuse]]"), 2, "--prompt: "),
        (("run", "demo/text-to-video", "--prompt", "x", "--duration", "99"), 2, "--duration: must be one of"),
        (("run", "demo/text-to-video", "--prompt", "x", "--key", "rg_live_wrong"), 3, "invalid key"),
        (("models", "no-such-model"), 2, "no model has"),
        (("get", "no-such-job"), 2, "no such"),
    ],
)
def test_what_goes_wrong_has_its_exit_code_and_a_way_on(mine: Gateway, words: tuple[str, ...], code: int, told: str) -> None:
    done = typed(mine, *words)
    assert (done.returncode, done.stdout) == (code, "")
    assert told in done.stderr
    assert "\n  see: " in done.stderr


def test_an_address_where_nobody_is_says_so(mine: Gateway) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    done = typed(mine, "models", more={"REELGATE_URL": url, "REELGATE_KEY": mine.key})
    assert done.returncode == 4
    assert f"cannot reach the gateway at {url} (from REELGATE_URL)" in done.stderr


@pytest.fixture
def heeded() -> Iterator[None]:
    """Ctrl+C works in the programs that are started, also where the tests themselves were started by a shell that ignores it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_ctrl_c_takes_the_job_back_and_says_that_it_was_free(mine: Gateway, heeded: None) -> None:
    run = subprocess.Popen(
        [str(PROGRAM), "run", "demo/text-to-video", "--prompt", "x [[slow 60]]"],
        env=surroundings(mine.data),
        cwd=mine.data.parent,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert run.stderr is not None
    for line in run.stderr:
        if "started" in line:
            break
    run.send_signal(signal.SIGINT)
    out, err = run.communicate(timeout=PATIENCE_S)
    assert (run.returncode, out) == (130, "")
    assert err.splitlines()[-2] == "cancelled; nothing was charged"


def test_keys_and_accounts_are_made_for_use_in_scripts(mine: Gateway) -> None:
    assert typed(mine, "accounts", "create", "bob").stdout == "bob\n"
    made = typed(mine, "keys", "create", "ci", "--account", "bob", "--test")
    key = made.stdout.strip()
    assert made.stdout == f"{key}\n"
    assert key.startswith("rg_test_")
    assert typed(mine, "jobs", more={"REELGATE_KEY": key}).stderr == "no jobs\n"
    listed = json.loads(typed(mine, "keys", "list", "--account", "bob", "--json").stdout)
    assert typed(mine, "keys", "revoke", listed[0]["id"]).returncode == 0


def test_the_doctor_finds_nothing_wrong_and_settings_are_listed(mine: Gateway) -> None:
    assert typed(mine, "prices", "confirm").returncode == 0  # the catalog's figures grow old by themselves
    found = typed(mine, "doctor", "--json", more={"REELGATE_DATA": str(mine.data)})
    assert found.returncode == 0, found.stdout
    assert {each["verdict"] for each in json.loads(found.stdout)} == {"good"}
    assert "REELGATE_PUBLIC_URL = " in typed(mine, "settings").stdout


def test_models_are_listed_and_explained(mine: Gateway) -> None:
    assert CLIP in typed(mine, "models").stdout
    assert "--prompt   required" in typed(mine, "models", CLIP).stdout


def test_the_printed_lines_work_as_pasted(mine: Gateway) -> None:
    curl = next(line.strip() for line in mine.banner.splitlines() if line.strip().startswith("curl "))
    words = shlex.split(curl)
    assert words[1] == f"{mine.url}/{CLIP}"
    submitted = mine.call("POST", words[1], words[-1].encode(), key=None, headers=dict([words[3].split(": ", 1)]))
    assert submitted.status == 200, submitted.body
    assert mine.call("POST", f"/v1/jobs/{submitted.json['request_id']}/cancel").status in {200, 202}
    run = next(line.strip() for line in mine.banner.splitlines() if " run " in line)
    assert str(PROGRAM) in run or "reelgate run" in run
    pasted = subprocess.run(
        ["/bin/sh", "-c", f"{run.partition(' --prompt')[0]} --prompt '[[fail]]'"],
        env=surroundings(mine.data, {"REELGATE_STATE": str(mine.data / "elsewhere")}),
        cwd=Path.cwd(),
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_S,
    )
    assert pasted.returncode == 1, pasted.stderr
    assert "nothing was charged" in pasted.stderr


def test_every_link_that_is_printed_answers(mine: Gateway) -> None:
    links = set(re.findall(r"https?://[^\s'\"]+", mine.banner))
    pages = {link for link in links if not link.endswith(CLIP)}
    assert pages == {mine.url}
    assert {mine.call("GET", f"{link}/", key=None).status for link in pages} == {200}


def test_keys_lie_where_only_their_owner_reads_them(mine: Gateway) -> None:
    assert mine.key in mine.banner
    assert {(mine.data / name).stat().st_mode & 0o777 for name in ("key", "admin-key", "pepper")} == {0o600}


def test_a_folder_in_use_and_a_taken_port_are_one_line_each(mine: Gateway, tmp_path: Path) -> None:
    folder = started(tmp_path, "--port", "0", "--data", str(mine.data))
    assert (folder.returncode, folder.stdout) == (2, "")
    assert re.fullmatch(r"error another gateway already runs on the data folder .+\n", folder.stderr)
    port = started(tmp_path, "--port", mine.url.rpartition(":")[2], "--data", str(tmp_path / "data"))
    assert (port.returncode, port.stdout) == (2, "")
    assert re.fullmatch(r"error 127\.0\.0\.1 port \d+ is taken .+\n", port.stderr)


def test_an_unwritable_folder_and_a_bad_setting_are_one_line_each(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    folder = started(tmp_path, "--port", "0", "--data", str(tmp_path / "file" / "data"))
    assert (folder.returncode, folder.stdout) == (2, "")
    assert re.fullmatch(r"error the data folder .+ cannot be written: .+\n", folder.stderr)
    setting = started(tmp_path, "--port", "99999")
    assert (setting.returncode, setting.stdout) == (2, "")
    assert re.fullmatch(r"error a setting cannot be used: port: .+\n", setting.stderr)


def test_a_second_start_keeps_data_and_key_and_carries_on(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with running(data) as first:
        key = first.key
        job_id = first.submit("demo/text-to-video", {"prompt": "x [[slow 2]] [[fail]]"})["request_id"]
        assert first.stop() == 0
    assert not list((tmp_path / "data.state" / "running").iterdir())
    with running(data) as second:
        assert second.key == key
        assert "data and key are those of the last start" in second.banner
        assert second.end_of(job_id)["state"] == "failed"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_leaves_in_time_with_a_stream_open_and_a_job_under_way(tmp_path: Path, number: signal.Signals) -> None:
    with running(tmp_path / "data") as gateway, gateway.connected() as watching:
        job_id = gateway.submit("demo/text-to-video", {"prompt": "x [[hang]]"})["request_id"]
        watching.request("GET", f"/v1/jobs/{job_id}/events", headers={"Authorization": f"Key {gateway.key}", "Accept": "text/event-stream"})
        assert watching.getresponse().readline()
        gateway.process.send_signal(number)
        assert gateway.process.wait(LEAVES_WITHIN_S) == 0


def test_a_second_signal_ends_it_at_once(tmp_path: Path) -> None:
    process = launch(tmp_path / "data")
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("  Ctrl+C"):
            break
    process.send_signal(signal.SIGINT)
    process.send_signal(signal.SIGINT)
    assert process.wait(LEAVES_WITHIN_S) in {0, 130}
    process.stdout.close()
    assert "Traceback" not in log_of(tmp_path / "data").read_text()


def test_fals_client_works_on_plain_http_through_the_adaptor(mine: Gateway) -> None:
    story = """
import asyncio, fal_client
from reelgate.fal import AsyncClient, SyncClient
client, app = SyncClient(), "demo/text-to-video"
handle = client.submit(app, {"prompt": "x [[fail]]"})
print([type(each).__name__ for each in handle.iter_events(with_logs=True, interval=0.05)][-1])
print(client.status(app, handle.request_id).error_type is not None)
try:
    client.result(app, handle.request_id)
except fal_client.FalClientHTTPError as error:
    print(error.status_code)
waiting = client.submit(app, {"prompt": "x [[slow 60]]"})
client.cancel(app, waiting.request_id)
print(client.subscribe(app, {"prompt": "a calm sea", "duration": "1"})["video"]["content_type"])
print(asyncio.run(AsyncClient().subscribe(app, {"prompt": "a calm sea", "duration": "1"}))["video"]["content_type"])
"""
    told = {"REELGATE_URL": mine.url, "REELGATE_KEY": mine.key}
    done = subprocess.run(
        [sys.executable, "-c", story], env=surroundings(mine.data, told), capture_output=True, text=True, check=False, timeout=PATIENCE_S
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["Completed", "True", "500", "video/mp4", "video/mp4"]


def test_the_demo_renders_two_films_and_its_lines_go_on(tmp_path: Path) -> None:
    done = subprocess.run(
        [str(PROGRAM), "demo"],
        env=surroundings(tmp_path / "data", {"HOME": str(tmp_path / "home"), "XDG_DATA_HOME": str(tmp_path / "home")}),
        cwd=tmp_path,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_S * 2,
    )
    assert done.returncode == 0, done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["demo"], "nothing is written outside its folder"
    films = [tmp_path / line for line in done.stdout.splitlines()[:2]]
    for film in films:
        with av.open(film) as opened:
            assert (opened.streams.video[0].width, opened.streams.video[0].height) == (1280, 720)
    lines = [shlex.split(line) for line in done.stdout.splitlines() if line.startswith("  ")]
    assert [words[1] for words in lines] == ["up", "run", "models"]
    assert not list((tmp_path / "demo" / "state" / "running").iterdir()), "its gateway is stopped"
