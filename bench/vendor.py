"""An upstream on the loopback that never gets done: it takes every job and says that it goes on. `python -m bench.vendor` prints its port.

It speaks Veo in the Gemini form, which is polled every ten seconds, has a film of 200 MiB under `/film.mp4`, and tells under `/count` how
often it was polled.
"""

from __future__ import annotations

import asyncio
import struct
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import av
import numpy as np
import uvloop

FILM_BYTES = 200 << 20
_CHUNK = bytes(1 << 20)


class Vendor(asyncio.Protocol):
    """One connection, kept open."""

    polls = 0
    jobs = 0
    film = b""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._had = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's has another base

    def data_received(self, data: bytes) -> None:
        self._had += data
        while (end := self._had.find(b"\r\n\r\n")) >= 0:
            head = self._had[:end]
            length = _length(head)
            if len(self._had) < end + 4 + length:
                return
            self._had = self._had[end + 4 + length :]
            self._answer(head.split(b" ", 2)[:2])

    def _answer(self, asked: list[bytes]) -> None:
        assert self._transport is not None
        method, path = asked
        if method == b"POST":
            Vendor.jobs += 1
            self._say(b'{"name":"models/m/operations/%d"}' % Vendor.jobs)
        elif path.startswith(b"/count"):
            self._say(b"%d" % Vendor.polls)
        elif path.startswith(b"/film.mp4"):
            self._transport.write(b"HTTP/1.1 200 OK\r\nContent-Type: video/mp4\r\nContent-Length: %d\r\n\r\n" % FILM_BYTES)
            self._transport.writelines(_film(Vendor.film))
        else:
            Vendor.polls += 1
            self._say(b'{"name":"' + path[len(b"/v1beta/") :] + b'"}')

    def _say(self, body: bytes) -> None:
        assert self._transport is not None
        self._transport.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body) + body)


def _length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line.partition(b":")[2])
    return 0


def _film(clip: bytes) -> Iterator[bytes]:
    """A real clip, and behind it a box of nothing that makes it as large as films are."""
    rest = FILM_BYTES - len(clip)
    yield clip
    yield struct.pack(">I4s", rest, b"free")
    left = rest - 8
    while left > 0:
        yield _CHUNK[:left]
        left -= len(_CHUNK)


def make_clip() -> bytes:
    """Eight seconds of grey."""
    with tempfile.NamedTemporaryFile(suffix=".mp4") as file:
        with av.open(file.name, "w", format="mp4") as container:
            stream = container.add_stream("libx264", rate=24)
            stream.width, stream.height, stream.pix_fmt = 64, 64, "yuv420p"
            picture = np.full((64, 64, 3), 128, np.uint8)
            for _ in range(8 * 24):
                container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
            container.mux(stream.encode())
        return Path(file.name).read_bytes()


async def main() -> None:
    """Serve until the end."""
    Vendor.film = make_clip()
    server = await asyncio.get_running_loop().create_server(Vendor, "127.0.0.1", 0, backlog=4096)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    sys.exit(uvloop.run(main()))
