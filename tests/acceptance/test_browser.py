"""What a browser makes of it: the front page, a page of another origin that calls the API, and a video that plays."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Queue
from threading import Thread
from typing import Any

import pytest

from tests.acceptance._gateway import Gateway
from tests.conftest import find_program

pytestmark = pytest.mark.needs("chromium")

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


def browser(folder: Path) -> list[str]:
    """The command that opens an address in a browser with a profile of its own."""
    program = find_program("chromium")
    assert program is not None
    return [program, *QUIET, f"--user-data-dir={folder / 'profile'}"]


@contextmanager
def site(page: str) -> Iterator[tuple[str, Queue[dict[str, Any]]]]:
    """An origin of its own that serves one page, and what the page tells it."""
    stories: Queue[dict[str, Any]] = Queue()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(page.encode() if self.path == "/" else b"")

        def do_POST(self) -> None:
            stories.put(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            self._answer(b"")

        def _answer(self, body: bytes) -> None:
            self.send_response(200)
            self.send_header("content-type", "text/html; charset=utf-8")
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
