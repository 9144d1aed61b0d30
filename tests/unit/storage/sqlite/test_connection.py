"""What a connection promises before anything is written through it."""

from __future__ import annotations

from pathlib import Path

import apsw
import pytest

from reelgate.domain.errors import StoreError, Unready
from reelgate.storage.sqlite.connection import check_durable, check_library, open_reader, open_writer


def test_the_writer_keeps_every_commit_through_a_power_cut(tmp_path: Path) -> None:
    connection = open_writer(tmp_path / "store.sqlite", create=True)
    assert connection.pragma("journal_mode") == "wal"
    assert connection.pragma("synchronous") == 2
    assert connection.pragma("foreign_keys") == 1
    connection.close()


@pytest.mark.parametrize(("name", "value"), [("synchronous", "normal"), ("journal_mode", "delete")])
def test_a_connection_that_would_lose_commits_is_refused(tmp_path: Path, name: str, value: str) -> None:
    connection = open_writer(tmp_path / "store.sqlite", create=True)
    connection.pragma(name, value)
    with pytest.raises(StoreError, match="does not keep its promises"):
        check_durable(connection)
    connection.close()


def test_a_writer_makes_no_database_unless_told(tmp_path: Path) -> None:
    with pytest.raises(apsw.CantOpenError):
        open_writer(tmp_path / "store.sqlite")


def test_a_reader_can_neither_write_nor_checkpoint(tmp_path: Path) -> None:
    writer = open_writer(tmp_path / "store.sqlite", create=True)
    writer.execute("create table t (x)")
    reader = open_reader(tmp_path / "store.sqlite")
    with pytest.raises(Unready) as refused:
        reader.rows("insert into t values (1)")
    assert isinstance(refused.value.__cause__, apsw.ReadOnlyError)
    assert reader.connection.pragma("wal_autocheckpoint") == 0
    reader.close()
    writer.close()


def test_a_read_leaves_nothing_open(tmp_path: Path) -> None:
    writer = open_writer(tmp_path / "store.sqlite", create=True)
    writer.execute("create table t (x)")
    reader = open_reader(tmp_path / "store.sqlite")
    writer.execute("insert into t values (1), (2), (3)")
    assert reader.row("select x from t order by x") == (1,)
    # Were the read still open, the log could not be taken over whole, nor begin anew.
    busy, logged, moved = writer.execute("pragma wal_checkpoint(truncate)").fetchall()[0]
    assert (busy, logged, moved) == (0, 0, 0)
    reader.close()
    writer.close()


def test_an_old_sqlite_is_refused() -> None:
    check_library("3.51.3")
    check_library()
    with pytest.raises(StoreError, match=r"SQLite 3\.51\.2 can corrupt"):
        check_library("3.51.2")
