"""Fetches what upstreams have made: streamed to this machine, taken up again where it broke off, and looked at before it is believed."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import aiohttp
import structlog

from reelgate.contracts.channel import Channel
from reelgate.contracts.provider import HttpCall, Inline
from reelgate.contracts.roster import Offer
from reelgate.dispatch.backends import HttpBackend
from reelgate.dispatch.footage import read_footage
from reelgate.dispatch.guard import FetchFailed, Guard
from reelgate.dispatch.measures import Footage, NoVideo
from reelgate.dispatch.patience import pause
from reelgate.dispatch.talks import Talks
from reelgate.domain.address import NotAllowed, read_address
from reelgate.domain.errors import Garbled, Unavailable, Unready
from reelgate.domain.identity import unguessable
from reelgate.domain.media import Foreign, LocalFile, Video, VideoInput

_log = structlog.get_logger(__name__)
OUTPUT_BYTES = 2 << 30
_DEADLINE_S = 1800.0
_TRIES = 5
_LEAST_BYTES = 1024
_CHUNK_BYTES = 1 << 18
_SHORTEST_SHARE = 0.5  # of the seconds that were asked for
_OK, _PARTIAL = 200, 206
_GONE = frozenset({401, 403, 404, 410})


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """A video on this machine, with its measures; whoever asked takes the file away."""

    video: Video
    path: Path


class Fetches(Protocol):
    """Who fetches outputs."""

    async def fetch(self, offer: Offer, source: Foreign | HttpCall | Inline, *, wanted: VideoInput) -> Fetched:
        """Bring a video here. `Gone` if it is not there (any more), `Unavailable` if it could not be had in time, `Garbled` if it is not
        the one that was asked for, `Unready` if there is no room."""
        ...

    async def look(self, offer: Offer, source: Foreign, *, wanted: VideoInput) -> Video:
        """A video that stays where it is, with the measures that were asked for."""
        ...


class _Answer(Protocol):
    """One reply with bytes in it."""

    status: int

    def header(self, name: str) -> str: ...

    def chunks(self) -> AsyncGenerator[bytes]: ...


class Outputs:
    """Fetches over HTTP: from a channel's own host as the operator's word, from anywhere else by the guard and without a key."""

    def __init__(self, guard: Guard, backend: HttpBackend, talks: Talks, scratch: Path) -> None:
        self._guard, self._backend, self._talks, self._scratch = guard, backend, talks, scratch

    async def fetch(self, offer: Offer, source: Foreign | HttpCall | Inline, *, wanted: VideoInput) -> Fetched:
        part = self._scratch / f"{unguessable()}.part"
        try:
            self._scratch.mkdir(mode=0o700, parents=True, exist_ok=True)
            if isinstance(source, Inline):
                await asyncio.to_thread(part.write_bytes, source.content)
            else:
                async with asyncio.timeout(_DEADLINE_S):
                    await self._download(offer, source, part)
            footage = await asyncio.to_thread(_look_at, part, wanted)
        except TimeoutError:
            part.unlink(missing_ok=True)
            raise Unavailable(said="output: too slow") from None
        except OSError as error:
            part.unlink(missing_ok=True)
            raise Unready("there is no room for the video") from error
        except BaseException:
            part.unlink(missing_ok=True)
            raise
        return Fetched(video=_video(footage, wanted, part), path=part)

    async def look(self, offer: Offer, source: Foreign, *, wanted: VideoInput) -> Video:
        width, height = _MEASURES.get(wanted.resolution, (1280, 720))
        return Video(source=source, width=width, height=height, fps=24, frames=24 * wanted.seconds, sound=wanted.sound)

    async def _download(self, offer: Offer, source: Foreign | HttpCall, part: Path) -> None:
        have_bytes, etag, tries = 0, "", 0
        while True:
            try:
                headers = {"Range": f"bytes={have_bytes}-", "If-Range": etag} if have_bytes and etag else {}
                async with self._open(offer, source, headers) as answer:
                    _expect_bytes(answer.status)
                    if answer.status == _OK:
                        have_bytes = 0  # from the beginning, whatever was asked for
                    etag = answer.header("etag") if not answer.header("etag").startswith("W/") else ""
                    await _write(answer, part, have_bytes)
                    return
            except (_Broke, FetchFailed, aiohttp.ClientError, TimeoutError) as error:
                have_bytes = _size(part)
                tries += 1
                why = error.said if isinstance(error, _Broke) else type(error).__name__
                _log.info("output_broke_off", channel=offer.channel.id, have_bytes=have_bytes, tries=tries, why=why)
                if tries >= _TRIES:
                    raise Unavailable(said=f"output: {why}") from None
                await pause(tries)

    @asynccontextmanager
    async def _open(self, offer: Offer, source: Foreign | HttpCall, headers: Mapping[str, str]) -> AsyncGenerator[_Answer]:
        channel = offer.channel
        if isinstance(source, HttpCall) and isinstance(source.path, str):
            shown: Mapping[str, str] = {} if source.keyless else await self._talks.headers(channel, offer.provider)
            async with self._backend.open(channel, source, {**shown, **headers}) as response:
                yield _FromChannel(response)
            return
        address = source.path if isinstance(source, HttpCall) else source
        if not isinstance(address, Foreign):
            raise Garbled(said="output: no address")
        own = _own_call(channel, address.url)
        if own is not None:
            async with self._backend.open(channel, own, headers) as response:
                yield _FromChannel(response)
            return
        try:
            async with self._guard.open(
                address.url, limit_bytes=OUTPUT_BYTES, deadline_s=_DEADLINE_S, headers=tuple(headers.items())
            ) as reply:
                yield reply
        except NotAllowed as error:
            raise Garbled(said="output: an address out of reach") from error


class Gone(Unavailable):
    """There is no such file at its address, or not any more; the upstream may know another address."""


class _Broke(Exception):
    """It broke off, or was not to be had just now."""

    def __init__(self, said: str) -> None:
        self.said = said
        super().__init__(said)


class _FromChannel:
    """A reply of a channel's own host."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self._response = response
        self.status = response.status

    def header(self, name: str) -> str:
        return self._response.headers.get(name, "")

    async def chunks(self) -> AsyncGenerator[bytes]:
        async for chunk in self._response.content.iter_chunked(_CHUNK_BYTES):
            yield chunk


def _expect_bytes(status: int) -> None:
    if status in _GONE:
        raise Gone(said=f"output: http {status}")
    if status not in {_OK, _PARTIAL}:
        raise _Broke(f"http {status}")


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


async def _write(answer: _Answer, part: Path, begin_bytes: int) -> None:
    """Write a body from a place on; `_Broke` if it is shorter than it was announced."""
    announced = answer.header("content-length")
    total = begin_bytes
    with part.open("r+b" if begin_bytes else "wb") as file:
        file.seek(begin_bytes)
        file.truncate()
        async for chunk in answer.chunks():
            total += len(chunk)
            if total > OUTPUT_BYTES:
                raise Garbled(said="output: too large")
            await asyncio.to_thread(file.write, chunk)
    if announced.isdecimal() and total - begin_bytes < int(announced):
        raise _Broke("cut off")


def _own_call(channel: Channel, url: str) -> HttpCall | None:
    """The call, without the key, for an address on the channel's own scheme, host and port; None for any other address.

    The path need not begin as the channel's does: servers whose API is under `/v1` have their videos beside it.
    """
    try:
        own, there = read_address(channel.address), read_address(url)
    except NotAllowed as error:
        raise Garbled(said="output: no address") from error
    if (own.scheme, own.host, own.port) != (there.scheme, there.host, there.port):
        return None
    return HttpCall("GET", there.path_and_query, keyless=True, origin=replace(own, path_and_query="/").url)


def _look_at(path: Path, wanted: VideoInput) -> Footage:
    size_bytes = path.stat().st_size
    if size_bytes < _LEAST_BYTES:
        raise Garbled(said=f"output: {size_bytes} bytes")
    try:
        footage = read_footage(path)
    except NoVideo as error:
        raise Garbled(said=f"output: {error}") from None
    if footage.seconds and footage.seconds < wanted.seconds * _SHORTEST_SHARE:
        raise Garbled(said=f"output: {footage.seconds:.1f} s of {wanted.seconds}")
    return footage


def _video(footage: Footage, wanted: VideoInput, path: Path) -> Video:
    seconds = footage.seconds or float(wanted.seconds)
    fps = max(1, round(footage.frames / seconds)) if footage.frames else 24
    frames = footage.frames or math.ceil(seconds * fps)
    return Video(
        source=LocalFile(path),
        width=footage.width,
        height=footage.height,
        fps=fps,
        frames=frames,
        sound=footage.sound,
        content_type=footage.content_type,
        size_bytes=path.stat().st_size,
    )


_MEASURES = {"480p": (854, 480), "720p": (1280, 720), "1080p": (1920, 1080), "4k": (3840, 2160)}
