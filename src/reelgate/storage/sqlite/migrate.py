"""Brings a database to this version's schema: numbered files, each in one transaction, under a lock."""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import apsw
import structlog

from reelgate.domain.errors import StoreError
from reelgate.storage.sqlite.connection import Database

_log = structlog.get_logger(__name__)
_NAME = re.compile(r"(\d{4})_(\w+)\.sql")

_VERSION_TABLE = """
create table if not exists schema_version (version integer primary key, name text not null, applied_at integer not null) strict;
"""
_ROOM = 3  # times the database's size: a table that is made anew stands in the file and in the log beside its former self
_HAS_VERSIONS = "select 1 from sqlite_schema where type = 'table' and name = 'schema_version'"
_STRAYS = "pragma foreign_key_check"
_APPLIED = "insert into schema_version (version, name, applied_at) values (?, ?, cast(unixepoch('subsec') * 1000 as integer))"


@dataclass(frozen=True, slots=True)
class Migration:
    """One step from a version to the next."""

    number: int
    name: str
    sql: str


def load_migrations() -> tuple[Migration, ...]:
    """The migrations beside this file, in order; `ValueError` if their numbers have a gap."""
    texts = sorted(files("reelgate.storage.sqlite").joinpath("migrations").iterdir(), key=lambda each: each.name)
    named = [(match, file) for file in texts if (match := _NAME.fullmatch(file.name))]
    found = [Migration(int(match.group(1)), match.group(2), file.read_text("utf-8")) for match, file in named]
    if [each.number for each in found] != list(range(1, len(found) + 1)):
        raise ValueError("migrations are numbered from 1 without a gap")
    return tuple(found)


MIGRATIONS = load_migrations()


def migrate(connection: Database, migrations: Sequence[Migration] = MIGRATIONS) -> int:
    """Apply what is missing; the version the database has then. `StoreError` if a newer program wrote it, if the disk has no room for
    the steps, or if one fails."""
    found, known = read_version(connection), migrations[-1].number
    if found > known:
        raise StoreError(
            f"The data folder has schema {found}, written by a newer Reelgate; this one knows schemas up to {known}. "
            "Nothing was changed: start the newer one."
        )
    if 0 < found < known:
        _check_room(connection)
    for migration in migrations:
        if migration.number > found:
            if found:  # a new database begins in no time
                _log.info("migrating", **{"from": migration.number - 1, "to": migration.number})
            _apply(connection, migration)
    return known


def read_version(connection: Database) -> int:
    """The newest step that was applied; 0 for a database without any."""
    if not connection.execute(_HAS_VERSIONS).fetchall():
        return 0
    versions = connection.execute("select coalesce(max(version), 0) from schema_version").fetchall()
    return versions[0][0]


def _check_room(connection: Database) -> None:
    size_bytes = connection.pragma("page_count") * connection.pragma("page_size")
    needed_bytes, free_bytes = _ROOM * size_bytes, shutil.disk_usage(Path(connection.filename).parent).free
    if free_bytes < needed_bytes:
        raise StoreError(
            f"The database has to be brought to a newer schema, which takes {needed_bytes} bytes for a while, and its disk has "
            f"{free_bytes} left. Nothing was changed: make room and start again."
        )


def _apply(connection: Database, migration: Migration) -> None:
    # A table that others refer to can be made anew only while nobody checks; all is checked at the end instead.
    connection.pragma("foreign_keys", "off")
    try:
        _apply_unchecked(connection, migration)
    finally:
        connection.pragma("foreign_keys", "on")


def _apply_unchecked(connection: Database, migration: Migration) -> None:
    connection.execute("begin exclusive")
    try:
        # Another process may have been here while this one waited for the lock.
        if read_version(connection) < migration.number:
            connection.execute(_VERSION_TABLE).fetchall()
            connection.execute(migration.sql).fetchall()
            connection.execute(_APPLIED, (migration.number, migration.name))
            if connection.execute(_STRAYS).fetchall():
                raise apsw.ConstraintError("a row refers to one that is gone")
        connection.execute("commit")
    except apsw.Error as error:
        if connection.in_transaction:
            connection.execute("rollback")
        raise StoreError(f"The step to schema {migration.number} ({migration.name}) failed; nothing was changed by it.") from error
