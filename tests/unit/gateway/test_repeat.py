"""A client that never heard the answer asks again, and gets the job it has bought; nobody else does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from reelgate.contracts.store import JobFilter, Store
from reelgate.gateway.repeat import KEPT, Repeats
from reelgate.storage.memory import STORE
from tests.clock import FakeClock
from tests.house import Lodger, open_lodging
from tests.story import accepted, finish, make_job, take, with_accounts

BODY = b"the same body"


@pytest.fixture
def repeats(clock: FakeClock) -> Repeats:
    return Repeats(clock)


def lose(repeats: Repeats, job_id: str = "job-1", fingerprint: bytes = BODY) -> None:
    """An exchange whose caller went away before it was answered."""
    with repeats.under_way("ada", fingerprint, lambda: True) as way:
        way.job_id = job_id


async def test_a_lost_answer_is_given_once(repeats: Repeats) -> None:
    lose(repeats)
    assert await repeats.take("ada", BODY) == "job-1"
    assert await repeats.take("ada", BODY) is None


async def test_an_answer_that_was_heard_is_never_given_again(repeats: Repeats) -> None:
    with repeats.under_way("ada", BODY, lambda: False) as way:
        way.job_id = "job-1"
    assert await repeats.take("ada", BODY) is None


async def test_two_lost_answers_are_two_jobs(repeats: Repeats) -> None:
    lose(repeats, "job-1")
    lose(repeats, "job-2")
    assert [await repeats.take("ada", BODY) for _ in range(3)] == ["job-1", "job-2", None]


async def test_another_account_and_another_body_get_nothing(repeats: Repeats) -> None:
    lose(repeats)
    assert await repeats.take("bob", BODY) is None
    assert await repeats.take("ada", b"another body") is None


async def test_after_ten_minutes_it_is_a_new_wish(repeats: Repeats, clock: FakeClock) -> None:
    lose(repeats)
    clock.tick(seconds=KEPT.total_seconds() + 1)
    assert await repeats.take("ada", BODY) is None
    assert repeats.dump() == []


async def test_an_exchange_that_failed_leaves_no_mark(repeats: Repeats) -> None:
    with pytest.raises(ValueError, match="refused"), repeats.under_way("ada", BODY, lambda: True):
        raise ValueError("refused")
    assert await repeats.take("ada", BODY) is None


async def test_an_exchange_that_was_cut_is_marked(repeats: Repeats) -> None:
    with pytest.raises(asyncio.CancelledError), repeats.under_way("ada", BODY, lambda: False, "job-1"):
        raise asyncio.CancelledError
    assert await repeats.take("ada", BODY) == "job-1"


async def test_a_repetition_waits_for_the_lost_submit_that_is_still_under_way(repeats: Repeats) -> None:
    async with asyncio.TaskGroup() as tasks:
        with repeats.under_way("ada", BODY, lambda: True) as way:
            again = tasks.create_task(repeats.take("ada", BODY))
            await asyncio.sleep(0)
            assert not again.done()
            way.job_id = "job-1"
    assert again.result() == "job-1"


async def test_a_caller_that_waits_beside_another_gets_a_job_of_its_own(repeats: Repeats) -> None:
    with repeats.under_way("ada", BODY, lambda: False, "job-1"):
        assert await repeats.take("ada", BODY) is None


async def test_marks_outlive_a_stop(repeats: Repeats, clock: FakeClock) -> None:
    lose(repeats)
    after = Repeats(clock)
    after.load(repeats.dump())
    assert await after.take("ada", BODY) == "job-1"


# -- after a crash -------------------------------------------------------------------------------------------------------


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = await with_accounts(await STORE.open(tmp_path, ""))
    yield opened
    await opened.close()


async def test_after_a_crash_what_was_accepted_in_the_last_minute_may_be_asked_for_again(store: Store, clock: FakeClock) -> None:
    await accepted(store, make_job(age=0, fingerprint=b"old"))
    fresh = await accepted(store, make_job(age=100, fingerprint=BODY))
    await accepted(store, make_job(age=100))  # it had a key of its own
    clock.tick(seconds=130)
    repeats = Repeats(clock)
    assert await repeats.recover(store) == 1
    assert await repeats.take("ada", BODY) == fresh.id
    assert await repeats.take("ada", b"old") is None


async def test_after_a_crash_a_run_that_was_waited_for_is_found_however_old(store: Store, clock: FakeClock) -> None:
    awaited = await accepted(store, make_job(age=0, fingerprint=BODY, names={"awaited": True}))
    over = await accepted(store, make_job(age=0, fingerprint=b"over", names={"awaited": True}))
    leases = {lease.job.id: lease for lease in await take(store, 1)}
    await finish(store, leases[over.id])
    clock.tick(seconds=300)
    repeats = Repeats(clock)
    assert await repeats.recover(store) == 1
    assert await repeats.take("ada", BODY) == awaited.id
    assert await repeats.take("ada", b"over") is None


# -- the whole gateway ---------------------------------------------------------------------------------------------------


async def jobs_of(lodger: Lodger) -> int:
    return len(await lodger.house.gateway.store.jobs("owner", JobFilter()))


async def test_two_equal_prompts_make_two_videos(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with open_lodging(tmp_path, monkeypatch, working=False) as lodger:
        answers = [await lodger.http.post("/scripted/text", json={"prompt": "go"}) for _ in range(2)]
        assert len({answer.json()["request_id"] for answer in answers}) == 2
        assert await jobs_of(lodger) == 2


async def test_a_process_that_died_has_its_last_callers_served_by_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with open_lodging(tmp_path, monkeypatch, working=False, database="sqlite") as lodger:
        first = await lodger.http.post("/scripted/text", json={"prompt": "go", "duration": 5})
    (tmp_path / "data" / "repeats.json").unlink()  # written by a process that leaves, never by one that dies
    async with open_lodging(tmp_path, monkeypatch, working=False, database="sqlite") as lodger:
        again = await lodger.http.post("/scripted/text", content=b'{"duration": 5,\n "prompt": "go"}')
        assert again.json()["request_id"] == first.json()["request_id"]
        assert again.headers["x-reelgate-replayed"] == "true"
        other = await lodger.http.post("/scripted/text", json={"prompt": "go", "duration": 5})
        assert other.json()["request_id"] != first.json()["request_id"]
        assert await jobs_of(lodger) == 2


async def test_a_process_that_left_by_itself_merges_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for count in (1, 2):
        async with open_lodging(tmp_path, monkeypatch, working=False, database="sqlite") as lodger:
            await lodger.http.post("/scripted/text", json={"prompt": "go"})
            assert await jobs_of(lodger) == count
