"""Connections to the database file: one that writes, others that read.

Only the writing one checkpoints. A reading one leaves no statement open, else the write-ahead log could never begin anew.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol, TypeAlias, cast

import apsw

from reelgate.domain.errors import StoreError, Unready

Row: TypeAlias = tuple[Any, ...]
Value: TypeAlias = str | int | float | bytes | None
Bindings: TypeAlias = Sequence[Value] | Mapping[str, Value]


class Cursor(Protocol):
    """What is used of a cursor of apsw, whose own types are unknown to a checker before Python 3.12."""

    def execute(self, statements: str, bindings: Bindings = ..., /) -> Cursor: ...
    def fetchall(self) -> list[Row]: ...


class Database(Protocol):
    """What is used of a connection of apsw."""

    @property
    def in_transaction(self) -> bool: ...
    @property
    def filename(self) -> str: ...
    def execute(self, statements: str, bindings: Bindings = ..., /) -> Cursor: ...
    def cursor(self) -> Cursor: ...
    def changes(self) -> int: ...
    def total_changes(self) -> int: ...
    def last_insert_rowid(self) -> int: ...
    def pragma(self, name: str, value: str | int = ..., /) -> Any: ...
    def set_busy_timeout(self, milliseconds: int, /) -> None: ...
    def interrupt(self) -> None: ...
    def close(self, force: bool = ..., /) -> None: ...  # noqa: FBT001 - apsw takes it so


# Older ones may corrupt a file when two connections write and checkpoint at the same moment.
OLDEST_SQLITE = (3, 51, 3)

OF_THE_DISK = (apsw.FullError, apsw.IOError, apsw.BusyError, apsw.LockedError, apsw.ReadOnlyError, apsw.CantOpenError)

_BUSY_MS = 5000
_STATEMENTS = 200
_CHECKPOINT_PAGES = 2000
_WAL_LIMIT_BYTES = 64 << 20
_FULL = 2


def check_library(version: str | None = None) -> None:
    """Refuse to run on a SQLite with the fault in resets of its write-ahead log."""
    found = version or apsw.sqlite_lib_version()
    if tuple(int(part) for part in found.split(".")[:3]) < OLDEST_SQLITE:
        oldest = ".".join(map(str, OLDEST_SQLITE))
        raise StoreError(f"SQLite {found} can corrupt its files; {oldest} or newer is needed: install a newer apsw.")


def open_writer(path: Path, *, create: bool = False) -> Database:
    """The one connection that writes; `StoreError` if it would not be durable."""
    flags = apsw.SQLITE_OPEN_READWRITE | (apsw.SQLITE_OPEN_CREATE if create else 0)
    connection = _open(path, flags)
    connection.pragma("journal_mode", "wal")
    connection.pragma("synchronous", "full")
    connection.pragma("fullfsync", "on")  # where a plain fsync stops at the disk's own cache
    connection.pragma("foreign_keys", "on")
    connection.pragma("wal_autocheckpoint", _CHECKPOINT_PAGES)
    connection.pragma("journal_size_limit", _WAL_LIMIT_BYTES)
    check_durable(connection)
    return connection


def check_durable(connection: Database) -> None:
    """Read back what makes an answered commit outlive a power cut: no crash test would miss it."""
    journal, synchronous = connection.pragma("journal_mode"), connection.pragma("synchronous")
    if journal != "wal" or synchronous != _FULL:
        raise StoreError(f"The database does not keep its promises here: journal_mode is {journal}, synchronous is {synchronous}.")


def open_reader(path: Path) -> Reader:
    """A connection that cannot write and never checkpoints."""
    connection = _open(path, apsw.SQLITE_OPEN_READONLY)
    connection.pragma("wal_autocheckpoint", 0)
    return Bystander(connection)


class Reader:
    """Reads rows; every statement is finished before a row is handed out."""

    __slots__ = ("_cursor", "connection")

    def __init__(self, connection: Database) -> None:
        self.connection = connection
        self._cursor = connection.cursor()

    def rows(self, sql: str, bindings: Bindings = ()) -> list[Row]:
        """All rows of a query."""
        return self._cursor.execute(sql, bindings).fetchall()

    def row(self, sql: str, bindings: Bindings = ()) -> Row | None:
        """The first row of a query, which has few."""
        found = self._cursor.execute(sql, bindings).fetchall()
        return found[0] if found else None

    @contextmanager
    def snapshot(self) -> Generator[None]:
        """What is asked inside is answered from one state of the database."""
        self.rows("begin")
        try:
            yield
        finally:
            self.rows("commit")

    def close(self) -> None:
        """Let go of the file."""
        self.connection.close()


class Bystander(Reader):
    """Reads beside the writer. What the disk refuses is told in words fit for a caller; it may pass."""

    __slots__ = ()

    def rows(self, sql: str, bindings: Bindings = ()) -> list[Row]:
        try:
            return self._cursor.execute(sql, bindings).fetchall()
        except OF_THE_DISK as error:
            raise Unready("The store cannot read at the moment.") from error
        except apsw.InterruptError as error:
            raise Unready("The store is closing.") from error

    def row(self, sql: str, bindings: Bindings = ()) -> Row | None:
        found = self.rows(sql, bindings)
        return found[0] if found else None


class ClosedReader(Reader):
    """What is left when the store has been closed: it refuses in words fit for a caller."""

    __slots__ = ()

    def __init__(self, reader: Reader) -> None:
        super().__init__(reader.connection)
        reader.close()

    def rows(self, sql: str, bindings: Bindings = ()) -> list[Row]:
        raise Unready("The store is closed.")

    def row(self, sql: str, bindings: Bindings = ()) -> Row | None:
        raise Unready("The store is closed.")


class Transaction(Reader):
    """What a unit of work writes with. `changed` collects the ids of jobs whose watchers are to be woken after the commit."""

    __slots__ = ("changed",)

    def __init__(self, connection: Database) -> None:
        super().__init__(connection)
        self.changed: list[str] = []

    def run(self, sql: str, bindings: Bindings = ()) -> int:
        """Run a statement that gives no rows; how many rows it changed."""
        self._cursor.execute(sql, bindings)
        return self.connection.changes()

    def insert(self, sql: str, bindings: Bindings = ()) -> int:
        """Insert one row; its number."""
        self._cursor.execute(sql, bindings)
        return self.connection.last_insert_rowid()


def _open(path: Path, flags: int) -> Database:
    connection = cast("Database", apsw.Connection(str(path), flags=flags, statementcachesize=_STATEMENTS))
    connection.set_busy_timeout(_BUSY_MS)
    return connection
