"""A client that never heard the answer asks again, and gets the job it has bought; nobody else does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx  # noqa: TID251 -- calls an application in this process; nothing goes out
import pytest

from reelgate.contracts.store import JobFilter, Store
from reelgate.domain.errors import StoreError, Unready
from reelgate.gateway.repeat import KEPT, Repeats
from reelgate.gateway.submit import fingerprint_of
from reelgate.storage.memory import STORE
from tests.clock import FakeClock
from tests.house import Lodger, open_lodging
from tests.story import accepted, finish, later, make_job, take, with_accounts

BODY = b"the same body"


@pytest.fixture
def repeats(clock: FakeClock) -> Repeats:
    return Repeats(clock)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = await with_accounts(await STORE.open(tmp_path, ""))
    yield opened
    await opened.close()


async def lose(repeats: Repeats, store: Store, account: str = "ada", fingerprint: bytes = BODY) -> str:
    """A job whose caller went away before it was answered."""
    job = await accepted(store, make_job(account))
    with repeats.under_way(account, fingerprint, lambda: True) as way:
        way.job_id = job.id
    return job.id


def fail(repeats: Repeats, job_id: str) -> None:
    """A submit whose commit failed, or did not: nobody knows."""
    with repeats.under_way("ada", BODY, lambda: False) as way:
        way.job_id = job_id
        raise Unready


async def ask(repeats: Repeats, store: Store, account: str = "ada", fingerprint: bytes = BODY, *, heard: bool = True) -> str | None:
    """The job that a request is given for a repetition, if it is one; `heard`: and whether its caller was there to hear."""
    with repeats.under_way(account, fingerprint, lambda: not heard) as way:
        job = await repeats.former(account, fingerprint, way, store)
        way.job_id = "" if job is None else job.id
    return None if job is None else job.id


async def test_a_lost_answer_is_given_once(repeats: Repeats, store: Store) -> None:
    job = await lose(repeats, store)
    assert [await ask(repeats, store) for _ in range(2)] == [job, None]


async def test_an_answer_that_is_lost_again_is_given_again(repeats: Repeats, store: Store) -> None:
    job = await lose(repeats, store)
    assert [await ask(repeats, store, heard=heard) for heard in (False, False, True, True)] == [job, job, job, None]


async def test_an_answer_that_was_heard_is_never_given_again(repeats: Repeats, store: Store) -> None:
    job = await accepted(store, make_job())
    with repeats.under_way("ada", BODY, lambda: False) as way:
        way.job_id = job.id
    assert await ask(repeats, store) is None


async def test_two_lost_answers_are_two_jobs(repeats: Repeats, store: Store) -> None:
    jobs = [await lose(repeats, store) for _ in range(2)]
    assert [await ask(repeats, store) for _ in range(3)] == [*jobs, None]


async def test_a_job_that_is_lost_twice_is_given_once(repeats: Repeats, store: Store) -> None:
    """As a direct call is that breaks at its submit and, for that, at its wait."""
    job = await lose(repeats, store)
    with repeats.under_way("ada", BODY, lambda: True, job):
        pass
    assert [await ask(repeats, store) for _ in range(2)] == [job, None]


async def test_another_account_and_another_body_get_nothing(repeats: Repeats, store: Store) -> None:
    await lose(repeats, store)
    assert await ask(repeats, store, "bob") is None
    assert await ask(repeats, store, fingerprint=b"another body") is None


async def test_after_ten_minutes_it_is_a_new_wish(repeats: Repeats, store: Store, clock: FakeClock) -> None:
    await lose(repeats, store)
    clock.tick(seconds=KEPT.total_seconds() + 1)
    assert await ask(repeats, store) is None
    assert repeats.dump() == []


async def test_what_was_cancelled_is_not_wanted_back(repeats: Repeats, store: Store) -> None:
    job = await lose(repeats, store)
    await store.request_cancel("ada", job, later(1))
    assert await ask(repeats, store) is None


async def test_a_refusal_leaves_no_mark(repeats: Repeats, store: Store) -> None:
    with pytest.raises(ValueError, match="refused"), repeats.under_way("ada", BODY, lambda: True):
        raise ValueError("refused")
    assert repeats.dump() == []


async def test_a_failure_that_may_have_bought_is_marked_though_it_was_heard(repeats: Repeats, store: Store) -> None:
    job = await accepted(store, make_job())
    with pytest.raises(Unready):
        fail(repeats, job.id)
    assert await ask(repeats, store) == job.id


async def test_a_failure_that_has_not_bought_after_all_is_a_new_wish(repeats: Repeats, store: Store) -> None:
    with pytest.raises(Unready):
        fail(repeats, make_job().id)
    assert await ask(repeats, store) is None


async def test_an_exchange_that_was_cut_is_marked(repeats: Repeats, store: Store) -> None:
    job = await accepted(store, make_job())
    with pytest.raises(asyncio.CancelledError), repeats.under_way("ada", BODY, lambda: False, job.id):
        raise asyncio.CancelledError
    assert await ask(repeats, store) == job.id


async def test_a_repetition_waits_for_the_lost_submit_that_is_still_under_way(repeats: Repeats, store: Store) -> None:
    job = await accepted(store, make_job())
    async with asyncio.TaskGroup() as tasks:
        with repeats.under_way("ada", BODY, lambda: True) as way:
            again = [tasks.create_task(ask(repeats, store)) for _ in range(2)]
            await asyncio.sleep(0)
            assert not any(each.done() for each in again)
            way.job_id = job.id
    assert sorted(map(str, (each.result() for each in again))) == sorted([job.id, "None"])


async def test_a_wait_whose_caller_has_gone_is_taken_over_at_once(repeats: Repeats, store: Store) -> None:
    job = await accepted(store, make_job())
    with repeats.under_way("ada", BODY, lambda: True, job.id):
        assert await ask(repeats, store) == job.id
    assert await ask(repeats, store) is None


async def test_a_caller_that_waits_beside_another_gets_a_job_of_its_own(repeats: Repeats, store: Store) -> None:
    job = await accepted(store, make_job())
    with repeats.under_way("ada", BODY, lambda: False, job.id):
        assert await ask(repeats, store) is None


async def test_marks_outlive_a_stop(repeats: Repeats, store: Store, clock: FakeClock) -> None:
    job = await lose(repeats, store)
    after = Repeats(clock)
    after.load(repeats.dump())
    assert await ask(after, store) == job


async def test_an_account_has_so_many_marks_and_no_more(repeats: Repeats, store: Store) -> None:
    for number in range(600):
        with repeats.under_way("ada", b"%d" % number, lambda: True, f"job {number}"):
            pass
    assert len(repeats.dump()) == 500
    assert repeats.dump()[0][2] == "job 100"
    assert await lose(repeats, store, "bob")
    assert len(repeats.dump()) == 501


# -- after a crash -------------------------------------------------------------------------------------------------------


async def test_after_a_crash_what_was_accepted_in_the_last_minute_may_be_asked_for_again(store: Store, clock: FakeClock) -> None:
    await accepted(store, make_job(age=0, fingerprint=b"old"))
    fresh = await accepted(store, make_job(age=100, fingerprint=BODY))
    await accepted(store, make_job(age=100))  # it had a key of its own
    clock.tick(seconds=130)
    repeats = Repeats(clock)
    assert await repeats.recover(store) == 1
    assert await ask(repeats, store) == fresh.id
    assert await ask(repeats, store, fingerprint=b"old") is None


async def test_after_a_crash_a_run_that_was_waited_for_is_found_however_old(store: Store, clock: FakeClock) -> None:
    awaited = await accepted(store, make_job(age=0, fingerprint=BODY, names={"awaited": True}))
    over = await accepted(store, make_job(age=0, fingerprint=b"over", names={"awaited": True}))
    leases = {lease.job.id: lease for lease in await take(store, 1)}
    await finish(store, leases[over.id])
    clock.tick(seconds=300)
    repeats = Repeats(clock)
    assert await repeats.recover(store) == 1
    assert await ask(repeats, store) == awaited.id
    assert await ask(repeats, store, fingerprint=b"over") is None


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


@asynccontextmanager
async def caller(lodger: Lodger, headers: Mapping[str, str] | None = None, *, hears: bool) -> AsyncIterator[httpx.AsyncClient]:
    """A caller that is there to hear its answers, or one that has always gone by then."""

    async def faces(scope: Any, receive: Any, send: Any) -> None:
        scope["reelgate.lost"] = lambda: not hears
        await lodger.house.door(scope, receive, send)

    shown = headers or lodger.http.headers
    async with httpx.AsyncClient(transport=httpx.ASGITransport(faces), base_url="http://gateway.test", headers=shown) as http:
        yield http


async def post(http: httpx.AsyncClient, body: object, path: str = "/scripted/text", **headers: str) -> str:
    answer = await http.post(path, json=body, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()["request_id"]


async def test_a_client_that_never_hears_buys_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with (
        open_lodging(tmp_path, monkeypatch, working=False) as lodger,
        caller(lodger, hears=False) as deaf,
        caller(lodger, hears=True) as hearing,
    ):
        assert len({await post(http, {"prompt": "go"}) for http in (deaf, deaf, deaf, hearing)}) == 1
        assert await jobs_of(lodger) == 1


async def test_a_job_that_costs_is_never_given_for_one_that_does_not_nor_the_other_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_lodging(tmp_path, monkeypatch, working=False, preview_price="list") as lodger:
        test = await lodger.key("test")
        async with caller(lodger, hears=False) as live, caller(lodger, test, hears=True) as tester:
            lost = await post(live, {"prompt": "go"})
            assert await post(tester, {"prompt": "go"}) != lost
            by_key = [await http.post("/scripted/text", json={"prompt": "go"}, headers={"Idempotency-Key": "k"}) for http in (live, tester)]
            assert [answer.status_code for answer in by_key] == [200, 422]


@pytest.mark.parametrize("other", [{"X-Reelgate-Strict": "1"}, {"X-Fal-Store-IO": "0"}, {"X-Fal-No-Retry": "1"}])
async def test_a_request_that_asks_for_more_is_no_repetition(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, other: dict[str, str]
) -> None:
    async with (
        open_lodging(tmp_path, monkeypatch, working=False) as lodger,
        caller(lodger, hears=False) as deaf,
        caller(lodger, hears=True) as hearing,
    ):
        lost = await post(deaf, {"prompt": "go"})
        assert await post(hearing, {"prompt": "go"}, **other) != lost
        assert await post(hearing, {"prompt": "go"}, "/scripted/text?fal_webhook=https%3A%2F%2Fexample.com") != lost
        assert await post(hearing, {"prompt": "go"}) == lost


async def test_what_is_kept_of_a_prompt_cannot_be_made_by_who_guesses_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with open_lodging(tmp_path, monkeypatch, working=False) as lodger:
        await post(lodger.http, {"prompt": "go"})
        [job] = await lodger.house.gateway.store.jobs("owner", JobFilter())
        endpoint = lodger.house.gateway.catalog.find("scripted/text")
        assert endpoint is not None
        assert job.fingerprint not in (None, fingerprint_of(endpoint, {"prompt": "go"}))
        assert len(job.fingerprint or b"") == 32


async def test_a_start_that_fails_forgets_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with (
        open_lodging(tmp_path, monkeypatch, working=False, database="sqlite") as lodger,
        caller(lodger, hears=False) as deaf,
    ):
        lost = await post(deaf, {"prompt": "go"})
    with pytest.raises(StoreError):
        async with open_lodging(tmp_path, monkeypatch, working=False, database="sqlite", master_key="11" * 32):
            pass
    async with open_lodging(tmp_path, monkeypatch, working=False, database="sqlite") as lodger:
        assert await post(lodger.http, {"prompt": "go"}) == lost
