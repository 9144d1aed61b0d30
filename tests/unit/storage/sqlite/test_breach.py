"""The checker of the books in SQLite: who wants a list, a report or a submit does not wait for it."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import apsw
import pytest

from reelgate.contracts.store import Accepted, JobFilter
from reelgate.domain.errors import Unready
from reelgate.storage.sqlite import STORE
from reelgate.storage.sqlite import store as module
from reelgate.storage.sqlite.breach import find_breaches
from reelgate.storage.sqlite.connection import Reader, open_reader
from tests.story import accepted, deed, later, make_job, with_accounts


async def test_nobody_waits_for_the_checker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    going, go_on = threading.Event(), threading.Event()

    def slow(read: Reader) -> list[str]:
        going.set()
        assert go_on.wait(60)
        return find_breaches(read)

    monkeypatch.setattr(module, "find_breaches", slow)
    store = await with_accounts(await STORE.open(tmp_path, ""))
    async with asyncio.TaskGroup() as group:
        check = group.create_task(store.breaches())
        await asyncio.to_thread(going.wait, 60)
        job = await accepted(store, make_job())
        assert isinstance(await store.accept(make_job()), Accepted)
        assert (await store.jobs("ada", JobFilter()))[-1] == job
        assert len((await store.statement("ada", later(0), later(1))).lines) == 1
        assert len(await store.audit(limit=1)) == 1
        assert await store.glance("ada", job.id) is not None
        assert not check.done()
        go_on.set()
    assert check.result() == []
    await store.close()


async def test_a_store_that_closes_does_not_wait_for_the_checker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    going = threading.Event()

    def endless(read: Reader) -> list[str]:
        going.set()
        with read.snapshot():
            return [str(row) for row in read.rows("with recursive n (x) as (select 1 union all select x + 1 from n) select max(x) from n")]

    monkeypatch.setattr(module, "find_breaches", endless)
    store = await STORE.open(tmp_path, "")
    checks = [asyncio.gather(store.breaches()) for _ in range(3)]
    await asyncio.to_thread(going.wait, 60)
    await store.close()
    for check in checks:
        with pytest.raises(Unready, match="clos"):
            await check


async def test_one_state_is_looked_at_whatever_goes_on(tmp_path: Path) -> None:
    store = await with_accounts(await STORE.open(tmp_path, ""))
    reader = open_reader(tmp_path / "store.sqlite")
    asked: list[str] = []
    other = apsw.Connection(str(tmp_path / "store.sqlite"))

    class Disturbed(Reader):
        """Between two questions somebody takes money out of the books."""

        def rows(self, sql: str, bindings: object = ()) -> list[tuple[object, ...]]:
            asked.append(sql)
            if len(asked) == 4:
                other.execute("update balance set available = 0").fetchall()
            return super().rows(sql, bindings)  # pyright: ignore[reportArgumentType]

    disturbed = Disturbed(reader.connection)
    assert find_breaches(disturbed) == []
    assert [words[:2] for words in find_breaches(disturbed)] == ["I3", "I3"]
    other.close()
    reader.close()
    await store.credit("ada", (await store.balance("ada")).available, deed())
    await store.close()
