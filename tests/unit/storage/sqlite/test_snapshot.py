"""A copy is of one moment, is checked whole, and nothing of ours is written beside it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import apsw
import pytest

from reelgate.domain.errors import StoreError
from reelgate.storage.sqlite import STORE, snapshot
from reelgate.storage.sqlite.connection import open_reader
from reelgate.storage.sqlite.folder import DATABASE
from reelgate.storage.sqlite.snapshot import copy_database, find_damage, survey
from tests.story import accepted, make_job, with_accounts


async def fill(folder: Path, jobs: int = 20) -> None:
    store = await with_accounts(await STORE.open(folder, ""))
    for _ in range(jobs):
        await accepted(store, make_job())
    await store.close()


def spoil(folder: Path, statement: str) -> None:
    """What nobody could do by the verbs of a store."""
    connection = apsw.Connection(str(folder / DATABASE))
    connection.execute(statement)
    connection.close()


async def test_what_is_committed_while_pages_are_copied_is_not_in_the_copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshot, "_PAGES_AT_ONCE", 5)
    (tmp_path / "to").mkdir()
    store = await with_accounts(await STORE.open(tmp_path, ""))
    for _ in range(50):
        await accepted(store, make_job())
    later = 0
    async with asyncio.TaskGroup() as tasks:
        copied = tasks.create_task(asyncio.to_thread(copy_database, tmp_path, tmp_path / "to"))
        while not copied.done():
            await accepted(store, make_job())
            later += 1
    assert later > 1, "nothing was committed meanwhile"
    assert find_damage(tmp_path / "to") == []
    assert 50 <= survey(tmp_path / "to").jobs < 50 + later
    assert survey(tmp_path).jobs == 50 + later
    await store.close()


async def test_a_database_that_was_left_by_a_crash_is_copied_with_all_that_was_committed(tmp_path: Path) -> None:
    store = await with_accounts(await STORE.open(tmp_path / "crashed", ""))
    await accepted(store, make_job())
    for folder in ("left", "to"):
        (tmp_path / folder).mkdir()
    for name in ("store.sqlite", "store.sqlite-wal", "store.json"):  # as the disk is when its process dies
        (tmp_path / "left" / name).write_bytes((tmp_path / "crashed" / name).read_bytes())
    await store.close()
    copy_database(tmp_path / "left", tmp_path / "to")
    assert survey(tmp_path / "to").jobs == 1


async def test_a_copy_is_for_this_user_alone_and_one_file(tmp_path: Path) -> None:
    (tmp_path / "to").mkdir()
    await fill(tmp_path / "data")
    copy_database(tmp_path / "data", tmp_path / "to")
    find_damage(tmp_path / "to")
    assert sorted(path.name for path in (tmp_path / "to").iterdir()) == ["store.json", "store.sqlite"]
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "to").iterdir()} == {0o600}


async def test_a_page_that_was_damaged_is_found(tmp_path: Path) -> None:
    await fill(tmp_path, jobs=200)
    spoil(tmp_path, "pragma wal_checkpoint(truncate)")
    content = bytearray((tmp_path / DATABASE).read_bytes())
    for page in range(10, 40):
        content[4096 * page + 1 : 4096 * page + 8] = b"\xff" * 7
    (tmp_path / DATABASE).write_bytes(content)
    assert find_damage(tmp_path) != []


async def test_a_file_that_is_no_database_is_found(tmp_path: Path) -> None:
    (tmp_path / DATABASE).write_bytes(b"no database at all" * 500)
    (told,) = find_damage(tmp_path)
    assert "cannot be read" in told
    with pytest.raises(StoreError, match="cannot be read"):
        survey(tmp_path)


async def test_a_row_that_refers_to_one_that_is_gone_is_found(tmp_path: Path) -> None:
    await fill(tmp_path)
    spoil(tmp_path, "pragma foreign_keys = off; update job set account = 'nobody'")
    assert find_damage(tmp_path)[0] == "a row of the table job refers to one of account that is gone"


async def test_books_that_do_not_agree_are_found_and_told_up_to_a_number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    await fill(tmp_path)
    spoil(tmp_path, "update balance set available = available + 1")
    found = find_damage(tmp_path)
    assert len(found) >= 2
    monkeypatch.setattr(snapshot, "_LONGEST", 1)
    assert find_damage(tmp_path) == [found[0], f"and {len(found) - 1} more"]


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("delete from schema_version where version > 1", "has schema 1, of an older Reelgate"),
        ("update schema_version set version = 99 where version = 1", "has schema 99, of a newer Reelgate"),
    ],
)
async def test_a_database_of_another_version_is_refused(tmp_path: Path, statement: str, words: str) -> None:
    (tmp_path / "to").mkdir()
    await fill(tmp_path)
    spoil(tmp_path, statement)
    for look in (survey, lambda folder: copy_database(folder, tmp_path / "to")):
        with pytest.raises(StoreError, match=words):
            look(tmp_path)


async def test_a_disk_that_is_full_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Full:
        def __getattr__(self, name: str) -> Any:
            raise apsw.FullError("database or disk is full")

        def close(self) -> None:
            pass

    (tmp_path / "to").mkdir()
    await fill(tmp_path)
    reader = open_reader(tmp_path / DATABASE)
    monkeypatch.setattr(snapshot, "open_reader", lambda _: reader)
    monkeypatch.setattr(snapshot.apsw, "Connection", lambda _: Full())
    with pytest.raises(StoreError, match="the database cannot be copied to"):
        copy_database(tmp_path, tmp_path / "to")


async def test_a_folder_without_its_mark_is_refused(tmp_path: Path) -> None:
    (tmp_path / "to").mkdir()
    await fill(tmp_path)
    (tmp_path / "store.json").unlink()
    with pytest.raises(StoreError, match="the mark of a database that is in use"):
        copy_database(tmp_path, tmp_path / "to")
