"""Brings what an input names onto this machine, where an engine can read it."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from reelgate.contracts.blobs import Blobs
from reelgate.dispatch.guard import Guard, Reply
from reelgate.domain.errors import Fault, Refused, Unready
from reelgate.domain.media import BlobRef, Foreign, LocalFile, Media, VideoInput


class Pictures:
    """Fetches the media of an input."""

    def __init__(self, guard: Guard, blobs: Blobs, *, limit_bytes: int, deadline_s: float) -> None:
        self._guard, self._blobs = guard, blobs
        self._limit_bytes, self._deadline_s = limit_bytes, deadline_s

    async def gather(self, wanted: VideoInput, folder: Path) -> VideoInput:
        """The input with every medium a file; `Refused` names the field of one that cannot be had."""
        here: dict[Media, Media] = {}
        for number, medium in enumerate(wanted.media()):
            match medium:
                case Foreign():
                    here[medium] = await self._fetch(medium, folder / f"input-{number}")
                case BlobRef(name, field):
                    here[medium] = LocalFile(await self._blob(name, field), field)
                case LocalFile():
                    continue
        return wanted.with_media(here)

    async def _fetch(self, medium: Foreign, path: Path) -> LocalFile:
        async def write(reply: Reply) -> None:
            with _own_disk(), path.open("wb") as file:
                async for chunk in reply.chunks():
                    file.write(chunk)

        await self._guard.download(medium, write, limit_bytes=self._limit_bytes, deadline_s=self._deadline_s)
        return LocalFile(path, medium.field)

    async def _blob(self, name: str, field: str) -> Path:
        path = await self._blobs.local(name)
        if path is None:
            raise Refused(Fault(path=(field,), message="the file is no longer kept", kind="file_download_error"))
        return path


@contextmanager
def _own_disk() -> Generator[None]:
    """The guard tells trouble of the other side as its own kind of error, so an OSError here is our disk's."""
    try:
        yield
    except OSError as error:
        raise Unready("there is no room for the picture") from error
