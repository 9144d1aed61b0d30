"""The outbox in SQLite: what an idle gateway costs, and two processes with one store."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import apsw
import pytest

from reelgate.domain.clock import in_ms
from reelgate.storage.sqlite import STORE
from reelgate.storage.sqlite.query import QUERIES
from reelgate.storage.sqlite.store import SqliteStore
from tests.story import EVERY_CHANGE, HOOK, accepted, collect, finish, later, make_job, make_try, take, with_accounts

WHICH = {"now": in_ms(later(1000)), "limit": 200, "per_account": 10, "without": "[]"}


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    opened = await STORE.open(tmp_path, "")
    assert isinstance(opened, SqliteStore)
    await with_accounts(opened)
    yield opened
    assert await opened.breaches() == []
    await opened.close()


async def test_who_looks_and_finds_nothing_writes_nothing(store: SqliteStore) -> None:
    await accepted(store, make_job(callback=HOOK, terms=EVERY_CHANGE))
    (lease,) = await take(store, 1)
    await finish(store, lease, 2)
    before = store.writer.commits
    assert await collect(store, 0.999) == []
    assert store.writer.commits == before
    (start,) = await collect(store, 3)
    assert store.writer.commits == before + 1
    assert await collect(store, 3) == []  # the end waits for the start
    assert store.writer.commits == before + 1
    await store.delivered(start, make_try(1, 4))
    assert len(await collect(store, 4)) == 1
    assert store.writer.commits == before + 3


async def test_what_a_look_costs_depends_on_accounts_and_not_on_what_one_is_owed(store: SqliteStore, tmp_path: Path) -> None:
    steps: list[int] = []
    for second in range(200):
        job = await accepted(store, make_job("ada", age=second, callback=HOOK))
        await store.request_cancel("ada", job.id, later(second))
        if second in {20, 199}:
            steps.append(_steps_of_a_look(tmp_path))
    assert steps[1] < 1.5 * steps[0]


def _steps_of_a_look(folder: Path) -> int:
    """How many steps SQLite's machine takes for one, on any computer."""
    steps: list[None] = []
    connection = apsw.Connection(str(folder / "store.sqlite"))
    connection.set_progress_handler(lambda: bool(steps.append(None)), 1)
    for name, found in (("any_due", 1), ("due_deliveries", WHICH["per_account"])):
        assert len(connection.execute(QUERIES[name], WHICH).fetchall()) == found
    connection.close()
    return len(steps)


async def test_two_processes_send_each_delivery_once(store: SqliteStore, tmp_path: Path) -> None:
    for second in range(10):
        await accepted(store, make_job(age=second, callback=HOOK))
        (lease,) = await take(store, second)
        await finish(store, lease, second)
    other = await STORE.open(tmp_path, "")
    hands = await asyncio.gather(*(collect(each, 20, most=2) for each in (store, other) * 5))
    taken = [each.id for hand in hands for each in hand]
    assert len(taken) == len(set(taken)) == 10
    await other.close()


async def test_two_processes_have_the_same_secret(store: SqliteStore, tmp_path: Path) -> None:
    other = await STORE.open(tmp_path, "")
    stores = (store, other) * 5
    kept = await asyncio.gather(*(each.keep_secret("signing", b"%d" % number, later(0)) for number, each in enumerate(stores)))
    assert {await store.secret("signing"), await other.secret("signing"), *kept} == {kept[0]}
    await other.close()
