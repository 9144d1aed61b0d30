"""The thread that writes: group commit, faults of one, faults of all."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from pathlib import Path

import apsw
import pytest

from reelgate.contracts.store import Accepted
from reelgate.domain.errors import Unready
from reelgate.domain.identity import new_id
from reelgate.domain.money import Money
from reelgate.storage.sqlite import STORE
from reelgate.storage.sqlite.connection import Database, Transaction, open_writer
from reelgate.storage.sqlite.store import SqliteStore
from reelgate.storage.sqlite.writer import Writer
from tests.story import accepted, finish, make_job, started, take, with_accounts


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    opened = await STORE.open(tmp_path, "")
    assert isinstance(opened, SqliteStore)
    await with_accounts(opened)
    yield opened
    assert await opened.breaches() == []
    await opened.close()


class Notebook:
    """A small database with a writer of its own, and what it published."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.told: list[str] = []
        self.opened = 0
        first = open_writer(path, create=True)
        first.execute("create table t (x integer primary key)")
        first.close()
        self.writer = Writer(self._open, self._publish)

    def _open(self) -> Database:
        self.opened += 1
        return open_writer(self.path)

    def _publish(self, job_ids: Iterable[str]) -> None:
        self.told += job_ids

    async def kept(self) -> list[int]:
        return await self.writer.run(lambda write: [x for (x,) in write.rows("select x from t order by x")])

    async def put(self, value: int) -> int:
        def unit(write: Transaction) -> int:
            write.run("insert into t values (?)", (value,))
            write.changed.append(str(value))
            return value

        return await self.writer.run(unit)


@pytest.fixture
async def notebook(tmp_path: Path) -> AsyncIterator[Notebook]:
    made = Notebook(tmp_path / "notebook.sqlite")
    yield made
    await made.writer.close()


async def test_many_callers_share_few_commits(store: SqliteStore) -> None:
    before = store.writer.commits
    outcomes = await asyncio.gather(*(store.accept(make_job()) for _ in range(200)))
    assert all(isinstance(each, Accepted) for each in outcomes)
    assert store.writer.commits - before <= 20


async def test_an_answer_is_handed_out_after_its_commit(notebook: Notebook) -> None:
    await notebook.put(1)
    other = apsw.Connection(str(notebook.path), flags=apsw.SQLITE_OPEN_READONLY)
    assert other.execute("select x from t").fetchall() == [(1,)]
    other.close()


async def test_one_unit_that_fails_does_not_fail_the_others(notebook: Notebook) -> None:
    await notebook.put(5)
    results = await asyncio.gather(*(notebook.put(value) for value in (4, 5, 6)), return_exceptions=True)
    assert [type(each) for each in results] == [int, apsw.ConstraintError, int]
    assert await notebook.kept() == [4, 5, 6]
    assert notebook.told == ["5", "4", "6"]


async def test_what_a_failing_unit_had_written_is_taken_back(notebook: Notebook) -> None:
    def half(write: Transaction) -> None:
        write.run("insert into t values (1)")
        write.changed.append("half")
        raise LookupError("in the middle")

    results = await asyncio.gather(notebook.put(2), notebook.writer.run(half), notebook.put(3), return_exceptions=True)
    assert [type(each) for each in results] == [int, LookupError, int]
    assert await notebook.kept() == [2, 3]
    assert notebook.told == ["2", "3"]


async def test_a_commit_that_fails_is_ambiguous_for_all_and_the_next_one_goes_on(notebook: Notebook) -> None:
    def cut(write: Transaction) -> None:
        write.connection.execute("commit")  # so that the writer's own commit finds nothing to end

    results = await asyncio.gather(notebook.put(1), notebook.writer.run(cut), return_exceptions=True)
    assert [type(each) for each in results] == [Unready, Unready]
    assert notebook.told == []
    await notebook.put(2)
    assert notebook.opened == 2
    assert 2 in await notebook.kept()


async def test_a_caller_that_goes_away_harms_nobody(notebook: Notebook) -> None:
    going, staying = asyncio.gather(notebook.put(1)), asyncio.gather(notebook.put(2))
    await asyncio.sleep(0)
    going.cancel()
    assert await staying == [2]
    await asyncio.gather(going, return_exceptions=True)
    assert await notebook.kept() == [1, 2]
    assert notebook.told == ["1", "2"]


async def test_a_database_that_another_process_keeps_locked_is_unready(tmp_path: Path) -> None:
    notebook = Notebook(tmp_path / "notebook.sqlite")

    def hurry(write: Transaction) -> None:
        write.connection.set_busy_timeout(1)

    await notebook.writer.run(hurry)
    other = apsw.Connection(str(notebook.path))
    other.execute("begin immediate")
    with pytest.raises(Unready):
        await notebook.put(1)
    other.execute("rollback")
    other.close()
    assert await notebook.put(2) == 2
    await notebook.writer.close()


async def test_a_full_disk_refuses_submits_and_reads_go_on(store: SqliteStore) -> None:
    job = await accepted(store, make_job())

    def fill(write: Transaction) -> None:
        write.connection.pragma("max_page_count", 1)  # SQLite makes it the pages there are: none is free

    def make_room(write: Transaction) -> None:
        write.connection.pragma("max_page_count", 1_000_000)

    await store.writer.run(fill)
    refused = 0
    for _ in range(100):
        outcomes = await asyncio.gather(*(store.accept(make_job()) for _ in range(5)), return_exceptions=True)
        refused += sum(isinstance(each, Unready) for each in outcomes)
    assert refused >= 100
    assert (await store.glance("ada", job.id)) is not None
    assert len(await store.events("ada", job.id)) == 1
    assert await store.breaches() == []
    await store.writer.run(make_room)
    assert isinstance(await store.accept(make_job()), Accepted)


async def test_no_job_is_leased_by_two_stores_on_one_folder(store: SqliteStore, tmp_path: Path) -> None:
    other = await STORE.open(tmp_path, "")
    for second in range(30):
        await accepted(store, make_job(age=second / 1000))
    hands = await asyncio.gather(*(take(each, 1, most=2) for _ in range(10) for each in (store, other)))
    taken = [lease.job.id for hand in hands for lease in hand]
    assert len(taken) == len(set(taken)) == 30
    await other.close()


async def test_what_was_answered_is_there_after_a_new_start(tmp_path: Path) -> None:
    first = await with_accounts(await STORE.open(tmp_path, ""))
    lease = await started(first)
    await finish(first, lease)
    waiting = await accepted(first, make_job("bob"))
    await first.close()
    second = await STORE.open(tmp_path, "")
    assert await second.line(5) == [waiting.id]
    assert (await second.balance("bob")).held == waiting.quote.amount
    assert await second.breaches() == []
    await second.close()


async def test_the_books_cannot_be_changed_behind_the_stores_back(store: SqliteStore) -> None:
    await finish(store, await started(store))
    for sql in (
        "update entry set amount = 0",
        "delete from entry",
        "update txn set note = 'x'",
        "delete from txn",
        "update hold set amount = 0",
        "delete from hold",
        "update settlement set outcome = 'released'",
        "delete from settlement",
    ):
        with pytest.raises(apsw.ConstraintError, match="append-only"):
            await store.writer.run(lambda write, sql=sql: write.run(sql))


@pytest.mark.parametrize(
    ("planted", "words"),
    [
        ("insert into entry (txn_id, account, kind, amount) values (1, null, 'cash', 5)", "sum to zero"),
        ("update balance set available = available + 1", "not the sum of its entries"),
        ("update balance set queued = queued + 1", "held or queued"),
        ("update job set state = 'failed'", "not settled"),
        ("update job set state = 'done'", "events of an end"),
        ("update job set state = 'done'", "no row"),
        ("update job set quote_micros = quote_micros + 1", "another amount than its quote"),
    ],
)
async def test_a_planted_breach_is_found(tmp_path: Path, planted: str, words: str) -> None:
    store = await STORE.open(tmp_path, "")
    assert isinstance(store, SqliteStore)
    await with_accounts(store)
    await started(store)
    await store.writer.run(lambda write: write.run(planted))
    assert any(words in breach for breach in await store.breaches())
    await store.close()


async def test_a_unit_may_fail_before_it_writes_without_a_second_run(notebook: Notebook) -> None:
    runs: list[str] = []

    def refuse(write: Transaction) -> None:
        runs.append("refused")
        raise LookupError

    await asyncio.gather(notebook.put(1), notebook.writer.run(refuse), return_exceptions=True)
    assert runs == ["refused"]
    assert await notebook.kept() == [1]


async def test_a_closed_store_refuses_reads_in_plain_words(tmp_path: Path) -> None:
    store = await STORE.open(tmp_path, "")
    await store.close()
    for read in (store.glance("ada", new_id(0)), store.balance("ada"), store.counts(), store.breaches()):
        with pytest.raises(Unready, match="closed"):
            await read


async def test_ids_and_money_of_any_size_fit(store: SqliteStore) -> None:
    job = make_job(id=new_id((1 << 48) - 1), price=Money(99_999_999))
    assert await accepted(store, job) == await store.job("ada", job.id)
