"""A database seen from outside, beside whoever works on it: what it holds, a copy of it, and what is wrong with a copy.

All of it is read by connections that cannot write and never checkpoint. While one snapshot is copied the write-ahead log
cannot begin anew, so it grows by what is committed meanwhile; the writer cuts it back afterwards.
"""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol, Self, cast

import apsw

from reelgate.contracts.file import KeptFile
from reelgate.contracts.store import Survey
from reelgate.domain.errors import StoreError, Unready
from reelgate.storage.sqlite.breach import find_breaches
from reelgate.storage.sqlite.connection import Reader, Row, open_reader
from reelgate.storage.sqlite.folder import DATABASE, MARKER
from reelgate.storage.sqlite.migrate import MIGRATIONS, read_version
from reelgate.storage.sqlite.query import QUERIES
from reelgate.storage.sqlite.rows import instant_or_none

_PAGES_AT_ONCE = 4096
_LONGEST = 100


class _Copying(Protocol):
    """What is used of a backup of apsw."""

    done: bool

    def step(self, pages: int, /) -> bool: ...
    def __enter__(self) -> Self: ...
    def __exit__(self, *given: object) -> bool | None: ...


def survey(folder: Path) -> Survey:
    """What the database of a folder holds at one moment."""
    with _opened(folder) as read, read.snapshot():
        return Survey(
            schema=_version(read, folder),
            size_bytes=read.connection.pragma("page_count") * read.connection.pragma("page_size"),
            jobs=read.rows(QUERIES["count_jobs"])[0][0],
            files=tuple(map(read_kept_file, read.rows(QUERIES["kept_files"]))),
        )


def copy_database(folder: Path, to: Path) -> None:
    """Copy one snapshot page for page, durably; what was copied there before is replaced."""
    for name in (DATABASE, MARKER):
        (to / name).unlink(missing_ok=True)
    os.close(os.open(to / DATABASE, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    with _opened(folder) as read, read.snapshot():
        _version(read, folder)
        _copy_pages(read, to / DATABASE)
    _write(to / MARKER, _marker(folder))
    _settle(to / DATABASE)


def find_damage(folder: Path) -> list[str]:
    """What SQLite finds wrong with a copy, then what the books say of themselves."""
    try:
        with _opened(folder) as read:
            _version(read, folder)
            damage = [words.replace("\n", " ") for (words,) in read.rows("pragma integrity_check") if words != "ok"]
            strays = [_stray(row) for row in read.rows("pragma foreign_key_check")]
            found = damage + strays or find_breaches(read)
    except StoreError as error:
        return [error.message]
    return found if len(found) <= _LONGEST else [*found[:_LONGEST], f"and {len(found) - _LONGEST} more"]


def read_kept_file(row: Row) -> KeptFile:
    """A row of the queries `kept_files` and `kept_videos`."""
    name, size_bytes, sha256, expires_at = row
    return KeptFile(name, size_bytes, sha256, instant_or_none(expires_at))


@contextmanager
def _opened(folder: Path) -> Generator[Reader]:
    """A connection that reads; whatever it cannot is a `StoreError`."""
    if not (folder / DATABASE).is_file():
        raise StoreError(f"there is no database in {folder}")
    try:
        read = open_reader(folder / DATABASE)
        try:
            yield read
        finally:
            read.close()
    except (apsw.Error, Unready) as error:
        why = error.__cause__ if isinstance(error, Unready) else error
        raise StoreError(f"the database in {folder} cannot be read: {why}") from error


def _version(read: Reader, folder: Path) -> int:
    """The schema, which must be this program's: what is asked for here is asked in its words."""
    found, known = read_version(read.connection), MIGRATIONS[-1].number
    if found != known:
        whose = "a newer" if found > known else "an older"
        raise StoreError(
            f"the database in {folder} has schema {found}, of {whose} Reelgate, and this one reads schema {known}: "
            "use the one that last ran on it"
        )
    return found


def _copy_pages(read: Reader, to: Path) -> None:
    try:
        target: Any = apsw.Connection(str(to))
        try:
            target.pragma("synchronous", "off")  # all of it is made durable at the end
            copying = cast("_Copying", target.backup("main", read.connection, "main"))
            with copying:
                while not copying.done:
                    copying.step(_PAGES_AT_ONCE)
            target.pragma("journal_mode", "delete")  # one file that can be read without making others beside it
        finally:
            target.close()
    except apsw.Error as error:
        raise StoreError(f"the database cannot be copied to {to.parent}: {error}") from error


def _marker(folder: Path) -> bytes:
    try:
        return (folder / MARKER).read_bytes()
    except FileNotFoundError:
        raise StoreError(f"{folder / MARKER} is gone, the mark of a database that is in use: start the gateway once") from None


def _write(path: Path, content: bytes) -> None:
    with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _settle(path: Path) -> None:
    """See to it that a file survives a power cut."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def _stray(row: Row) -> str:
    table, _, parent, _ = row
    return f"a row of the table {table} refers to one of {parent} that is gone"
