"""Blobs as files in the data folder."""

from __future__ import annotations

import asyncio
import errno
import hashlib
import os
import shutil
import time
from collections.abc import AsyncIterator, Collection, Generator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import structlog

from reelgate.contracts.blobs import Blob, Blobs, BlobsDriver
from reelgate.domain.errors import TooLarge, Unready
from reelgate.domain.identity import unguessable

_log = structlog.get_logger(__name__)
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class LocalBlobs:
    """`folder/ab/abcdef…`: 256 subfolders by the first two digits of the name."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def put(self, chunks: AsyncIterator[bytes], *, content_type: str, limit_bytes: int, name: str = "") -> Blob:
        name = name or unguessable()
        part = self._path(name).with_name(f"{unguessable()}.part")  # of its own: others may be putting the same name, or have died at it
        digest, size = hashlib.sha256(), 0
        try:
            with _writing():
                part.parent.mkdir(parents=True, exist_ok=True)
                file = part.open("xb")
            with file:
                async for chunk in chunks:
                    size += len(chunk)
                    if size > limit_bytes:
                        message = f"larger than {limit_bytes} bytes"
                        raise TooLarge(message)
                    digest.update(chunk)
                    with _writing():
                        await asyncio.to_thread(file.write, chunk)
                with _writing():
                    file.flush()
                    await asyncio.to_thread(os.fsync, file.fileno())
            with _writing():
                await asyncio.to_thread(_publish, part, self._path(name))
        finally:
            part.unlink(missing_ok=True)
        return Blob(name=name, size_bytes=size, sha256=digest.hexdigest(), content_type=content_type)

    async def adopt(self, path: Path, *, content_type: str) -> Blob:
        name = unguessable()
        with _writing():
            size, sha256 = await asyncio.to_thread(self._adopt, path, name)
        return Blob(name=name, size_bytes=size, sha256=sha256, content_type=content_type)

    async def local(self, name: str) -> Path | None:
        path = self._path(name)
        return path if path.is_file() else None

    async def sizes(self, names: Collection[str]) -> Mapping[str, int]:
        return await asyncio.to_thread(self._sizes, names)

    async def remove(self, name: str) -> None:
        await asyncio.to_thread(self._path(name).unlink, missing_ok=True)

    async def sweep(self, known: frozenset[str], older_than_s: float) -> int:
        return await asyncio.to_thread(self._sweep, known, time.time() - older_than_s)

    async def free_bytes(self) -> int:
        return shutil.disk_usage(self._folder).free

    def _sizes(self, names: Collection[str]) -> dict[str, int]:
        found: dict[str, int] = {}
        for name in names:
            with suppress(FileNotFoundError):
                found[name] = self._path(name).stat().st_size
        return found

    def _adopt(self, path: Path, name: str) -> tuple[int, str]:
        part = self._part(name)
        part.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(path, part)
        try:
            with part.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256")
                os.fsync(file.fileno())
            size = part.stat().st_size
            _publish(part, self._path(name))
        except OSError:
            for place in (part, self._path(name)):
                if place.exists():
                    shutil.move(place, path)  # the caller will try again when there is room
            raise
        return size, digest.hexdigest()

    def _sweep(self, known: frozenset[str], before: float) -> int:
        removed = 0
        for path in self._folder.glob("??/*"):
            if path.name not in known:
                try:
                    removed += _remove_if_older(path, before)
                except OSError as error:  # it has just been renamed, or is no file of ours
                    _log.warning("not_swept", name=path.name, why=error.strerror)
        return removed

    def _path(self, name: str) -> Path:
        return self._folder / name[:2] / name

    def _part(self, name: str) -> Path:
        return self._folder / name[:2] / f"{name}.part"


class LocalDriver:
    """Opens the blobs of a data folder."""

    name = "local"

    async def open(self, folder: Path, address: str) -> Blobs:
        del address
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)  # noqa: ASYNC240 -- once, before anything is served
        return LocalBlobs(folder)


BLOBS: BlobsDriver = LocalDriver()


def _publish(part: Path, path: Path) -> None:
    part.rename(path)
    # The name itself must survive a power cut, and a name lives in its folder.
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _remove_if_older(path: Path, before: float) -> int:
    if not path.is_file() or path.stat().st_mtime >= before:
        return 0
    path.unlink()
    return 1


@contextmanager
def _writing() -> Generator[None]:
    """Our own disk's trouble is ours to tell; trouble of whoever sends the bytes passes through as it is."""
    try:
        yield
    except OSError as error:
        raise Unready("there is no room for the file" if error.errno in _NO_ROOM else "the file could not be written") from error
