"""What goes with an order: every picture and video that an input names, in a form that a call can carry."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from reelgate.contracts.blobs import Blobs
from reelgate.dispatch.guard import Guard, Reply
from reelgate.domain.errors import Fault, Refused
from reelgate.domain.media import BlobRef, Foreign, LocalFile, Media, VideoInput

_MAGIC = (
    (b"\xff\xd8\xff", 0, "image/jpeg"),
    (b"\x89PNG", 0, "image/png"),
    (b"GIF8", 0, "image/gif"),
    (b"WEBP", 8, "image/webp"),
    (b"avif", 8, "image/avif"),
    (b"ftyp", 4, "video/mp4"),
    (b"\x1aE\xdf\xa3", 0, "video/webm"),
    (b"ID3", 0, "audio/mpeg"),
    (b"WAVE", 8, "audio/wav"),
)


class Enclosures:
    """Makes media sendable: an address of the web stays one where the upstream fetches by itself; what we keep becomes a data URI."""

    def __init__(self, guard: Guard, blobs: Blobs, *, limit_bytes: int, deadline_s: float) -> None:
        self._guard, self._blobs = guard, blobs
        self._limit_bytes, self._deadline_s = limit_bytes, deadline_s

    async def enclose(self, wanted: VideoInput, form: Literal["address", "data"]) -> VideoInput:
        """The input with every medium a `Foreign` that can be sent; `Refused` names the field of one that cannot be had."""
        sendable: dict[Media, Media] = {}
        for medium in wanted.media():
            match medium:
                case Foreign():
                    if form == "data":
                        sendable[medium] = await self._fetched(medium)
                case BlobRef(name, field):
                    sendable[medium] = await self._kept(name, field)
                case LocalFile():
                    raise TypeError("a file of this machine is not sent away")
        return wanted.with_media(sendable) if sendable else wanted

    async def _fetched(self, medium: Foreign) -> Foreign:
        async def collect(reply: Reply) -> bytes:
            return b"".join([chunk async for chunk in reply.chunks()])

        content = await self._guard.download(medium, collect, limit_bytes=self._limit_bytes, deadline_s=self._deadline_s)
        return await _aside(lambda: _data_uri(content, medium.field))

    async def _kept(self, name: str, field: str) -> Foreign:
        path = await self._blobs.local(name)
        if path is None:
            raise Refused(Fault(path=(field,), message="the file is no longer kept", kind="file_download_error"))
        found: Path = path
        return await _aside(lambda: _data_uri(found.read_bytes(), field))


async def _aside(work: Callable[[], Foreign]) -> Foreign:
    # Megabytes are read and encoded beside the loop: a status must not wait for a picture.
    return await asyncio.to_thread(work)


def _data_uri(content: bytes, field: str) -> Foreign:
    return Foreign(f"data:{_type_of(content)};base64,{base64.b64encode(content).decode()}", field)


def _type_of(content: bytes) -> str:
    """By the first bytes: what a caller said of a file is not passed on as our word."""
    head = content[:16]
    return next((kind for magic, at, kind in _MAGIC if head[at : at + len(magic)] == magic), "application/octet-stream")
