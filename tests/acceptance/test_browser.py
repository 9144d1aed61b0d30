"""What a browser makes of it: the front page, a page of another origin that calls the API, and a video that plays."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Queue
from threading import Thread
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

import pytest

import reelgate.cli
from reelgate.contracts.engine import Order
from reelgate.domain.media import LocalFile, Video, VideoInput
from reelgate.engines.preview import ENGINE
from tests.acceptance._gateway import Gateway
from tests.conftest import find_program

pytestmark = pytest.mark.needs("chromium")

PICTURE = Path(reelgate.cli.__file__).with_name("sample.jpg")
# Flags that keep a headless browser on this machine: nothing is looked up, synchronised or updated.
QUIET = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
)
STORY = """<!doctype html><body><video id=v muted width=320></video><script>
const told = {}, {base, key, input} = CALL, headers = {authorization: "Key " + key, "content-type": "application/json"};
const pause = () => new Promise(done => setTimeout(done, 100));
async function story() {
  const submit = await fetch(base + "/demo/text-to-video", {method: "POST", headers, body: JSON.stringify(input)});
  told.request_id = submit.headers.get("x-fal-request-id");
  const {status_url, response_url} = await submit.json();
  while ((await (await fetch(status_url, {headers})).json()).status !== "COMPLETED") await pause();
  const result = await (await fetch(response_url, {headers})).json();
  const video = document.getElementById("v");
  video.src = result.video.url;
  await video.play();
  while (video.currentTime < 0.2) await pause();
  Object.assign(told, {readyState: video.readyState, width: video.videoWidth, height: video.videoHeight, duration: video.duration});
}
story().catch(error => { told.error = String(error) }).finally(() => fetch("/told", {method: "POST", body: JSON.stringify(told)}));
</script>"""


def test_the_front_page_is_shown_with_nothing_missing(gateway: Gateway, tmp_path: Path) -> None:
    shown = subprocess.run([*browser(tmp_path), "--dump-dom", gateway.url], check=True, capture_output=True, text=True, timeout=60)
    assert "First video, from a terminal" in shown.stdout
    assert "fal-ai/kling-video/v2.5-turbo/pro/image-to-video" in shown.stdout
    assert gateway.url in shown.stdout


def test_a_page_of_another_origin_makes_a_video_and_plays_it(gateway: Gateway, tmp_path: Path) -> None:
    call = {"base": gateway.url, "key": gateway.key, "input": {"prompt": "a calm ocean at sunset", "duration": "2"}}
    with site(STORY.replace("CALL", json.dumps(call))) as (address, stories):
        process = subprocess.Popen([*browser(tmp_path), "--remote-debugging-port=0", address], stderr=subprocess.DEVNULL)
        try:
            told = stories.get(timeout=90)
        finally:
            process.kill()
            process.wait()
    assert "error" not in told, told
    assert told["readyState"] >= 2
    assert (told["width"], told["height"]) == (1280, 720)
    assert told["duration"] == pytest.approx(2, abs=0.1)
    assert told["request_id"]


VARIANTS: dict[str, dict[str, Any]] = {
    "silent": {"sound": False},
    "with sound": {"sound": True, "prompt": 'waves at sea, a voice says "good evening"'},
    "480p": {"resolution": "480p"},
    "1080p": {"resolution": "1080p"},
    "tall": {"aspect_ratio": "9:16"},
    "square": {"aspect_ratio": "1:1", "sound": True},
    "from a picture": {"first_frame": LocalFile(PICTURE, "image_url")},
}
"""What an MP4 of ours can be."""

PLAYER = """<!doctype html><body><video id=v muted width=320></video><script>
const told = {}, video = document.getElementById("v"), pause = () => new Promise(done => setTimeout(done, 50));
async function story() {
  for (const name of NAMES) {
    video.src = "/" + encodeURIComponent(name);
    await video.play();
    while (video.currentTime < 0.2) await pause();
    const {readyState, videoWidth: width, videoHeight: height, webkitAudioDecodedByteCount: audio} = video;
    told[name] = {readyState, width, height, audio};
  }
}
story().catch(error => { told.error = String(error) }).finally(() => fetch("/told", {method: "POST", body: JSON.stringify(told)}));
</script>"""


def test_every_variant_of_the_container_plays(tmp_path: Path) -> None:
    films: dict[str, tuple[Video, bytes]] = {}
    for name, facts in VARIANTS.items():
        wanted = VideoInput(**{"prompt": "waves at sea", "seconds": 1, "aspect_ratio": "16:9", **facts})
        video = ENGINE.render(Order(endpoint="demo/text-to-video", input=wanted, seed=3), tmp_path, lambda _fraction, _line: None)
        films[name] = (video, (tmp_path / "preview.mp4").read_bytes())
    files = {f"/{quote(name)}": content for name, (_, content) in films.items()}
    with site(PLAYER.replace("NAMES", json.dumps(list(films))), files) as (address, stories):
        process = subprocess.Popen([*browser(tmp_path), "--remote-debugging-port=0", address], stderr=subprocess.DEVNULL)
        try:
            told = stories.get(timeout=90)
        finally:
            process.kill()
            process.wait()
    assert "error" not in told, told
    for name, (video, _) in films.items():
        assert told[name]["readyState"] >= 2, name
        assert (told[name]["width"], told[name]["height"]) == (video.width, video.height), name
        assert (told[name]["audio"] > 0) == video.sound, name


def browser(folder: Path) -> list[str]:
    """The command that opens an address in a browser with a profile of its own."""
    program = find_program("chromium")
    assert program is not None
    return [program, *QUIET, f"--user-data-dir={folder / 'profile'}"]


@contextmanager
def site(page: str, films: Mapping[str, bytes] = MappingProxyType({})) -> Iterator[tuple[str, Queue[dict[str, Any]]]]:
    """An origin of its own that serves one page and some films by their paths, and what the page tells it."""
    stories: Queue[dict[str, Any]] = Queue()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            film = films.get(self.path)
            self._answer(
                film if film is not None else page.encode() if self.path == "/" else b"",
                "text/html; charset=utf-8" if film is None else "video/mp4",
            )

        def do_POST(self) -> None:
            stories.put(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            self._answer(b"", "text/html; charset=utf-8")

        def _answer(self, body: bytes, content_type: str) -> None:
            self.send_response(200)
            self.send_header("content-type", content_type)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/", stories
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
