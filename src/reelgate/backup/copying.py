"""Files on their way into a backup and out of it: copied with their sums, durable, for this user alone."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
from collections.abc import Iterator, Sequence
from io import BufferedWriter
from pathlib import Path
from typing import TypeVar

from reelgate.backup.manifest import BackupError, Sum

_PIECE = 1 << 20
_FOLDER, _FILE = 0o700, 0o600
_SPARE_BYTES = 64 << 20
_AT_ONCE = 8  # a disk makes several files durable in about the time of one
T = TypeVar("T")


def batches(of: Sequence[T]) -> Iterator[Sequence[T]]:
    """As many as are worth copying side by side."""
    return (of[start : start + _AT_ONCE] for start in range(0, len(of), _AT_ONCE))


def copy(source: Path, to: Path) -> Sum:
    """Copy a file to a place where none is; what was read, by its sum. It is on the disk when this returns, but for its name."""
    digest, size_bytes = hashlib.sha256(), 0
    with source.open("rb") as read, _create(to) as written:
        while piece := read.read(_PIECE):
            digest.update(piece)
            size_bytes += written.write(piece)
        written.flush()
        os.fsync(written.fileno())
    return Sum(size_bytes, digest.hexdigest())


def link(source: Path, to: Path, sha256: str) -> Sum | None:
    """Give a file a second name, whose sum is taken as known if it is told; None where the file system does not do that."""
    make_folder(to.parent)
    try:
        os.link(source, to)
    except FileNotFoundError:
        raise
    except OSError:
        return None
    return Sum(to.stat().st_size, sha256) if sha256 else sum_of(to)


def keep(path: Path, content: bytes) -> Sum:
    """Write a file that is not there yet."""
    with _create(path) as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return Sum(len(content), hashlib.sha256(content).hexdigest())


def sum_of(path: Path) -> Sum:
    """Read a file through."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256")
        return Sum(file.tell(), digest.hexdigest())


def make_folder(path: Path) -> None:
    """A folder for this user alone, and those above it."""
    if not path.is_dir():
        make_folder(path.parent)
        path.mkdir(_FOLDER, exist_ok=True)


def files_below(folder: Path) -> Iterator[Path]:
    """Every file, in no order."""
    return (path for path in folder.rglob("*") if path.is_file())


def settle(folder: Path) -> None:
    """Make the names in a folder and below it durable: a name lives in its folder."""
    for each in (*(path for path in folder.rglob("*") if path.is_dir()), folder):
        settle_names(each)


def settle_names(folder: Path) -> None:
    """The same for one folder."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def hold(folder: Path) -> int | None:
    """Lock a folder for as long as the descriptor is open; None if another process has."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        return None
    return handle


def check_room(place: Path, needed_bytes: int) -> None:
    """`BackupError` if the disk of this folder has no room for as much."""
    needed, free = needed_bytes + _SPARE_BYTES, shutil.disk_usage(place).free
    if free < needed:
        raise BackupError(f"{needed / 1e9:.1f} GB are needed, and the disk of {place} has {free / 1e9:.1f} GB left; nothing was written")


def is_one_disk(one: Path, other: Path) -> bool:
    """Whether both lie on one file system."""
    return one.stat().st_dev == other.stat().st_dev


def _create(path: Path) -> BufferedWriter:
    make_folder(path.parent)
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _FILE), "wb")
