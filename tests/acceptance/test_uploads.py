"""Files that are sent by fal's own clients: through `reelgate.fal`, by unmodified programs through a tunnel, from JavaScript."""

from __future__ import annotations

import hashlib
import json
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import psutil
import pytest

from tests.acceptance._film import watch
from tests.acceptance._gateway import Answer, Gateway, loading, running, spoken
from tests.acceptance._node import node
from tests.acceptance._pictures import picture
from tests.acceptance._tunnel import Tunnel, tunnel

STORY = (sys.executable, str(Path(__file__).with_name("_upload_story.py")))
MEGABYTE = 1 << 20
NAME = "scène 雪.png"
MORE_BYTES = 64 * MEGABYTE


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """What is sent."""

    folder: Path
    scene: bytes
    large: bytes


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    """A picture, once more under a name that no header can carry, and a file that counts as large."""
    folder = tmp_path_factory.mktemp("files")
    scene, large = picture("scene.png", 320, 240), b"".join(hashlib.sha256(b"%d" % each).digest() for each in range(50_000))
    (folder / "scene.png").write_bytes(scene)
    (folder / NAME).write_bytes(scene)
    (folder / "large.bin").write_bytes(large)
    return Files(folder=folder, scene=scene, large=large)


@pytest.fixture(scope="module")
def passage(gateway: Gateway, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tunnel]:
    """The way from fal's hosts to the gateway."""
    with tunnel(gateway.url, tmp_path_factory.mktemp("tunnel")) as made:
        yield made


@pytest.fixture(scope="module", params=["adaptor", "adaptor-async", "sync", "async"])
def told(request: pytest.FixtureRequest, gateway: Gateway, passage: Tunnel, files: Files) -> dict[str, Any]:
    """What a Python program was told."""
    if request.param.startswith("adaptor"):
        hosts = {"REELGATE_KEY": gateway.key, "FAL_QUEUE_RUN_HOST": "queue.fal.run", "FAL_RUN_HOST": "fal.run"}
        return json.loads(spoken([*STORY, request.param, str(files.folder), gateway.url], gateway, more=hosts))
    story = json.loads(spoken([*STORY, request.param, str(files.folder)], gateway, more=passage.environment))
    assert {"POST rest.fal.ai/storage/auth/token", "POST v3.fal.media/files/upload", "POST fal.run/demo/image-to-video"} <= set(
        passage.seen
    )
    assert passage.refused == []
    return story


@pytest.fixture(scope="module", params=["middleware", "proxy"])
def said(request: pytest.FixtureRequest, gateway: Gateway, files: Files, large: bool) -> tuple[str, dict[str, Any]]:
    """What a JavaScript program was told, and by which of its ways it came."""
    more = ["large"] if large else []
    return request.param, json.loads(
        spoken(node("uploads.mjs", request.param, gateway.url, str(files.folder / "scene.png"), *more), gateway)
    )


def test_a_python_program_s_files_are_there_for_everybody(gateway: Gateway, told: dict[str, Any], files: Files) -> None:
    for way in ("bytes", "nameless", "file", "named", "storage"):
        file = fetched(gateway, told[way])
        assert (file.status, file.headers["content-type"]) == (200, "image/png"), way
        assert file.body == files.scene, way
    assert [told[way].rpartition("/")[2] for way in ("bytes", "nameless", "file", "storage")] == [
        "scene.png",
        "image.png",
        "scene.png",
        "scene.png",
    ]
    assert unquote(told["named"]).endswith(f"/{NAME}")
    assert fetched(gateway, told["image"]).headers["content-type"] == "image/png"
    words = fetched(gateway, told["text"])
    assert (words.body, words.headers["content-type"]) == (b"a subtitle", "application/octet-stream")


def test_a_python_program_s_large_files_come_in_parts(gateway: Gateway, told: dict[str, Any], files: Files) -> None:
    for way, name in (("large", "large.mp4"), ("large_file", "large.bin")):
        file = fetched(gateway, told[way])
        assert file.headers["etag"] == f'"{hashlib.sha256(files.large).hexdigest()}"'
        assert told[way].endswith(f"/{name}")
    assert fetched(gateway, told["large"]).headers["content-type"] == "video/mp4"


def test_a_python_program_says_how_long_a_file_lives(gateway: Gateway, told: dict[str, Any]) -> None:
    kept_s = int(fetched(gateway, told["short"]).headers["cache-control"].split("=")[1].split(",")[0])
    assert 3000 < kept_s <= 3600


def test_a_python_program_makes_a_video_of_what_it_sent(gateway: Gateway, told: dict[str, Any]) -> None:
    for result in (told["made"], told["made_of_named"], told["run"]):
        assert_video(gateway, result)


def test_a_javascript_program_s_files_are_there_for_everybody(gateway: Gateway, said: tuple[str, dict[str, Any]], files: Files) -> None:
    _, story = said
    for way in ("file", "nameless"):
        file = fetched(gateway, story[way])
        assert (file.status, file.headers["content-type"], file.body) == (200, "image/png", files.scene)
    assert unquote(story["file"]).endswith(f"/{NAME}")


def test_a_javascript_program_makes_videos_of_blobs_in_its_input(gateway: Gateway, said: tuple[str, dict[str, Any]]) -> None:
    _, story = said
    assert story["frames"][-1] == story["status"]["status"] == "COMPLETED"
    for result in (story["result"], story["subscribed"], story["run"]):
        assert_video(gateway, result["data"])
    assert story["result"]["requestId"] == story["status"]["request_id"]
    assert story["ended"]["status"] == "COMPLETED"


def test_through_the_proxy_every_call_goes_to_one_address(said: tuple[str, dict[str, Any]]) -> None:
    means, story = said
    direct = {each.split(" ")[1] for each in story["sent"]} - {"/fal/proxy"}
    if means == "proxy":
        assert all(each.startswith("/storage/upload/") for each in direct), direct
        assert {each.split(" ")[0] for each in story["sent"] if each.endswith("/fal/proxy")} == {"POST", "GET", "PUT"}
    else:
        assert "/storage/upload/initiate" in direct


@pytest.mark.large
def test_a_javascript_program_s_large_file_comes_in_parts(gateway: Gateway, said: tuple[str, dict[str, Any]]) -> None:
    _, story = said
    head = gateway.call("HEAD", story["large"], key=None)
    assert head.headers["content-length"] == str(91 * MEGABYTE)
    assert head.headers["etag"] == f'"{hashlib.sha256(bytes(91 * MEGABYTE)).hexdigest()}"'
    assert sum(each.startswith("PUT /storage/upload/") for each in story["sent"]) >= 10


def test_an_upload_of_another_account_is_no_input(gateway: Gateway, files: Files) -> None:
    url = gateway.call("POST", "/files/upload", files.scene, headers={"Content-Type": "image/png"}).json["access_url"]
    gateway.call("POST", "/admin/v1/accounts", {"name": "mallory"}, key=gateway.admin_key)
    made = gateway.call("POST", "/admin/v1/keys", {"account": "mallory", "name": "a key", "mode": "live"}, key=gateway.admin_key)
    for address in (url, url.replace("127.0.0.1", "localhost")):
        answer = gateway.call("POST", "/demo/image-to-video", {"prompt": "x", "image_url": address}, key=made.json["secret"])
        assert (answer.status, answer.faults, answer.json["detail"][0]["type"]) == (422, [["body", "image_url"]], "file_download_error")


def test_a_large_file_needs_little_memory(tmp_path: Path) -> None:
    with running(tmp_path / "data", environment=loading()) as gateway:
        assert gateway.call("POST", "/files/upload", b"warm").status == 200
        with _growth_of(gateway) as growth:
            answer = gateway.call("POST", "/files/upload", _bytes())  # in chunks: nobody says how much is to come
            assert answer.status == 200
        assert growth[0] < MORE_BYTES // 4, f"{growth[0] / MEGABYTE:.0f} MB more"
        assert gateway.call("HEAD", answer.json["access_url"], key=None).headers["content-length"] == str(MORE_BYTES)


def test_a_gateway_that_dies_between_two_parts_takes_the_rest_when_it_is_back(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with running(data, environment=loading()) as gateway:
        begun = gateway.call("POST", "/files/upload/multipart", b"").json
        below = f"{begun['access_url']}/multipart/{begun['uploadId']}".removeprefix(gateway.url)
        first = gateway.call("PUT", f"{below}/1", b"one ").headers["etag"]
        gateway.kill()
    with running(data, environment=loading()) as gateway:
        second = gateway.call("PUT", f"{below}/2", b"two").headers["etag"]
        parts = {"parts": [{"partNumber": 1, "etag": first}, {"partNumber": 2, "etag": second}]}
        done = gateway.call("POST", f"{below}/complete", parts)
        assert done.status == 200
        gateway.kill()
    with running(data, environment=loading()) as gateway:
        again = gateway.call("POST", f"{below}/complete", parts)
        assert again.status == 200
        assert gateway.call("GET", again.json["access_url"], key=None).body == b"one two"


def fetched(gateway: Gateway, url: str) -> Answer:
    """What anybody gets at an address."""
    assert url.startswith(f"{gateway.url}/files/")
    return gateway.call("GET", url, key=None)


def assert_video(gateway: Gateway, result: dict[str, Any]) -> None:
    """The result names a video that can be fetched without a key, and is one."""
    assert watch(fetched(gateway, result["video"]["url"]).body).codec == "h264"


def _bytes() -> Iterator[bytes]:
    for number in range(MORE_BYTES // MEGABYTE):
        yield hashlib.sha256(b"%d" % number).digest() * (MEGABYTE // 32)


@contextmanager
def _growth_of(gateway: Gateway) -> Iterator[list[int]]:
    """By how much a gateway's memory has grown at most during a block, in bytes; looked at every five milliseconds."""
    process, over, growth = psutil.Process(gateway.pid), threading.Event(), [0]
    before = process.memory_info().rss

    def look() -> None:
        while not over.wait(0.005):
            growth[0] = max(growth[0], process.memory_info().rss - before)

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    try:
        yield growth
    finally:
        over.set()
        thread.join()
