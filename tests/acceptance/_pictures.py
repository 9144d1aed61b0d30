"""A host of pictures on loopback: good ones, and all that a stranger might put in their place."""

from __future__ import annotations

import io
import struct
import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
from PIL import Image

WIDTH, HEIGHT = 1500, 1000
_STEP = b"\0" * 65536


@contextmanager
def picture_host() -> Iterator[str]:
    """The address of the host, without a slash at its end; `/scene.jpg`, `.webp`, `.png`, … are good pictures."""
    picture("scene.png")  # most of what it gives is made of this: a guest's patience may be shorter than a drawing takes
    server = _Host(("127.0.0.1", 0), _Visit)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.leaving.set()
        server.shutdown()
        server.server_close()
        thread.join()


class _Host(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, address: tuple[str, int], visit: type[BaseHTTPRequestHandler]) -> None:
        super().__init__(address, visit)
        self.leaving = threading.Event()

    def handle_error(self, *_: object) -> None:
        """A visitor that leaves in the middle is what some tests are about."""


class _Visit(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Host

    def do_GET(self) -> None:
        self.close_connection = True
        name = self.path.strip("/")
        if name.startswith("scene."):
            self._give(200, f"image/{_FORMATS[name.removeprefix('scene.')].lower()}", picture(name))
        elif name in _LIES:
            self._give(200, "image/png", _LIES[name]())
        elif name == "silence":
            self.server.leaving.wait(60)
        elif name == "endless":
            self._begin(200, "image/png", None)
            while not self.server.leaving.is_set():
                self.wfile.write(_STEP)
        elif name == "dripping":
            self._begin(200, "image/png", None)
            while not self.server.leaving.wait(0.2):
                self.wfile.write(b"\0")
        else:
            self._give(404, "text/plain", b"there is nothing here")

    def log_message(self, *_: object) -> None:
        """Quiet."""

    def _give(self, status: int, content_type: str, body: bytes) -> None:
        self._begin(status, content_type, len(body))
        self.wfile.write(body)

    def _begin(self, status: int, content_type: str, length: int | None) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Connection", "close")
        if length is not None:
            self.send_header("Content-Length", str(length))
        self.end_headers()


@cache
def picture(name: str, width: int = WIDTH, height: int = HEIGHT) -> bytes:
    """A picture of our own in the format of the name's ending: hills before an evening sky."""
    across, down = np.meshgrid(np.linspace(0, 1, width), np.linspace(0, 1, height))
    sky = np.stack([230 - 120 * down, 150 + 40 * across - 40 * down, 120 + 90 * down], axis=-1)
    for depth, shade in enumerate((0.62, 0.44, 0.28)):
        ridge = 0.45 + 0.16 * depth + 0.06 * np.sin(across * (7 + 3 * depth) + depth) + 0.02 * np.sin(across * 41 + depth)
        sky[down > ridge] = np.array([70.0, 90.0, 120.0]) * shade
    written = io.BytesIO()
    Image.fromarray(sky.clip(0, 255).astype(np.uint8)).save(written, _FORMATS[name.rpartition(".")[2]])
    return written.getvalue()


def bomb(side: int = 40_000) -> bytes:
    """A PNG of a few kilobytes that says it is 1.6 gigapixels large."""
    row = zlib.compress(b"\0" * (side // 8 + 1) * 64, 9)
    return b"".join(
        [
            b"\x89PNG\r\n\x1a\n",
            _chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)),
            _chunk(b"IDAT", row),
            _chunk(b"IEND", b""),
        ]
    )


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


_FORMATS = {"jpg": "JPEG", "jpeg": "JPEG", "png": "PNG", "webp": "WEBP", "gif": "GIF", "avif": "AVIF"}
_LIES: dict[str, Callable[[], bytes]] = {
    "text.png": lambda: b"this is no picture at all, whatever its name says",
    "empty.png": lambda: b"",
    "half.png": lambda: picture("scene.png")[:20_000],
    "bomb.png": bomb,
    "heavy.png": lambda: picture("scene.png") + b"\0" * 3_000_000,
}
