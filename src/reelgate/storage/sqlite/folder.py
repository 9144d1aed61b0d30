"""What a data folder must be before a database in it is opened."""

from __future__ import annotations

import os
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import orjson

from reelgate.domain.errors import StoreError

DATABASE = "store.sqlite"
MARKER = "store.json"

_NETWORK_FILE_SYSTEMS = frozenset({"nfs", "nfs4", "cifs", "smb", "smb2", "smb3", "smbfs", "fuse.sshfs", "9p", "afs", "ceph", "glusterfs"})
_MOUNTS = Path("/proc/mounts")


def check_file_system(folder: Path, mounts: str | None = None) -> None:
    """Refuse a folder on another machine: the shared memory of a write-ahead log does not reach across a network."""
    if mounts is None:
        mounts = _MOUNTS.read_text("utf-8", errors="replace") if _MOUNTS.exists() else ""
    kind = _file_system_of(folder.resolve(), mounts)
    if kind in _NETWORK_FILE_SYSTEMS:
        raise StoreError(f"The data folder {folder} is on a network file system ({kind}): SQLite would corrupt. Choose a local disk.")


def check_marker(folder: Path) -> bool:
    """Whether a database is to be made here. `StoreError` if there was one and it is gone: an empty one must not take its place."""
    database, marker = folder / DATABASE, folder / MARKER
    missing = not database.exists() or database.stat().st_size == 0
    if missing and marker.exists():
        raise StoreError(
            f"The data folder {folder} had a database, and {DATABASE} is gone or empty. "
            f"Bring it back, or remove {MARKER} to begin with an empty one."
        )
    return missing


def make_private(folder: Path) -> None:
    """The folder, and in it a database file that nobody else may read; SQLite gives its other files the same mode."""
    folder.mkdir(parents=True, exist_ok=True)
    os.close(os.open(folder / DATABASE, os.O_CREAT | os.O_RDWR, 0o600))


def write_marker(folder: Path, schema: int, now: datetime) -> None:
    """Say that a database lives here, durably; the date of the first time stays."""
    marker = folder / MARKER
    facts = {"store": "sqlite", "created_at": now.isoformat()}
    with suppress(FileNotFoundError):
        facts |= orjson.loads(marker.read_bytes())
    part = marker.with_suffix(".part")
    with part.open("wb") as file:
        file.write(orjson.dumps({**facts, "schema": schema}, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
        file.flush()
        os.fsync(file.fileno())
    part.replace(marker)
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _file_system_of(folder: Path, mounts: str) -> str:
    """The kind of the innermost mount that holds the folder; empty if nothing is known."""
    found, longest = "", -1
    for line in mounts.splitlines():
        _, place, kind, *_ = [*line.split(" "), "", "", ""]
        mount = Path(place.replace(r"\040", " "))
        if place and len(mount.parts) >= longest and folder.is_relative_to(mount):
            found, longest = kind, len(mount.parts)
    return found
