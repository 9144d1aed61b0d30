"""A store in one file: SQLite with a write-ahead log, made durable at every commit. The default on one node."""

from __future__ import annotations

import asyncio
from pathlib import Path

import apsw

from reelgate.contracts.store import Store, StoreDriver, Survey
from reelgate.domain.clock import SystemClock
from reelgate.domain.errors import StoreError
from reelgate.storage.sqlite.connection import check_library, open_writer
from reelgate.storage.sqlite.folder import DATABASE, check_file_system, check_marker, make_private, write_marker
from reelgate.storage.sqlite.migrate import migrate
from reelgate.storage.sqlite.snapshot import copy_database, find_damage, survey
from reelgate.storage.sqlite.store import SqliteStore


class SqliteDriver:
    """Opens the database of a data folder, after it has been brought to this version."""

    name = "sqlite"

    async def open(self, folder: Path, address: str) -> Store:
        """The store of this folder; the address is for stores that live elsewhere. `StoreError` says why it cannot be used."""
        try:
            await asyncio.to_thread(_prepare, folder)
            return SqliteStore(folder / DATABASE)
        except (apsw.Error, OSError) as error:
            raise StoreError(f"The data folder {folder} cannot be used: {error}") from error

    async def survey(self, folder: Path) -> Survey:
        """What the database of this folder holds, by a connection that only reads."""
        return await asyncio.to_thread(survey, folder)

    async def copy(self, folder: Path, to: Path) -> None:
        """A page for page copy of one snapshot, and the mark that a database belongs there."""
        await asyncio.to_thread(copy_database, folder, to)

    async def check(self, folder: Path) -> list[str]:
        """SQLite's own checks, then the books."""
        return await asyncio.to_thread(find_damage, folder)


def _prepare(folder: Path) -> None:
    check_library()
    check_file_system(folder)
    create = check_marker(folder)
    make_private(folder)
    connection = open_writer(folder / DATABASE, create=create)
    try:
        schema = migrate(connection)
    finally:
        connection.close()
    write_marker(folder, schema, SystemClock().now())


STORE: StoreDriver = SqliteDriver()
