"""Videos that come after their job was given up."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import datetime

import orjson
import pytest

from reelgate.contracts.attempt import Claim
from reelgate.contracts.provider import HttpCall, HttpReply
from reelgate.contracts.roster import Roster
from reelgate.dispatch import late
from reelgate.dispatch.backends import CallFailed
from reelgate.dispatch.fleet import Fleet
from reelgate.domain.errors import Unauthenticated, Unready
from reelgate.domain.job import AttemptState, JobState, Lease
from reelgate.domain.media import Foreign
from tests.unit.dispatch.channels import says
from tests.unit.dispatch.depot import URL, Depot, tell

LOST = CallFailed("reset", sent=True)
TAKEN, WORKING, DONE = says({"id": "7"}), says({"state": "working"}), says({"state": "done", "url": URL})


def test_a_video_that_comes_late_is_the_caller_s_at_no_charge() -> None:
    polls = iter(({"state": "working"}, {"state": "done", "url": URL}))

    async def story(depot: Depot) -> None:
        lease = await depot.lease()
        assert (await depot.carry(lease)).state is JobState.UNKNOWN
        (attempt,) = await depot.attempts(lease)
        fleet = depot.fleet()
        task = asyncio.get_running_loop().create_task(fleet.run())
        assert await fleet.hear(attempt.token, {}, orjson.dumps({"id": "7"}))
        await asyncio.sleep(60)
        job = await depot.job(lease)
        assert job.state is JobState.UNKNOWN
        assert job.late_video is not None
        receipt = await depot.store.receipt("ada", job.id)
        assert receipt is not None
        assert (receipt.outcome, receipt.charged.micros) == ("released", 0)
        task.cancel()
        await asyncio.wait([task])

    tell(story, LOST, lambda _: says(next(polls)))


def test_a_job_of_which_its_vendor_says_that_it_failed_is_in_doubt_no_more() -> None:
    async def story(depot: Depot) -> None:
        lease = await depot.lease()
        assert (await depot.carry(lease)).state is JobState.UNKNOWN
        (attempt,) = await depot.attempts(lease)
        async with running(depot.fleet()) as fleet:
            assert await fleet.hear(attempt.token, {}, orjson.dumps({"id": "7"}))
            await asyncio.sleep(60)
        assert [each.state for each in await depot.attempts(lease)] == [AttemptState.FAILED]
        assert (await depot.job(lease)).state is JobState.UNKNOWN

    tell(story, LOST, says({"state": "failed"}))


def test_a_call_that_its_vendor_has_not_signed_is_refused() -> None:
    async def story(depot: Depot) -> None:
        lease = await depot.lease()
        await depot.carry(lease)
        (attempt,) = await depot.attempts(lease)
        fleet = depot.fleet()

        with pytest.raises(Unready):
            await fleet.hear(attempt.token, {"word": "acme"}, b'{"id": "7"}')
        with pytest.raises(Unauthenticated):
            await fleet.hear(attempt.token, {}, b'{"id": "7"}')
        assert await fleet.hear(attempt.token, {"word": "acme"}, b'{"id": "7"}')

    tell(story, LOST, says({}, 503), says({"word": "acme"}), signs=True)


def test_a_forged_hint_makes_nothing_of_it() -> None:
    def answer(_: HttpCall) -> HttpReply:
        return says({"detail": "not found"}, 404)

    async def story(depot: Depot) -> None:
        lease = await depot.lease()
        await depot.carry(lease)
        (attempt,) = await depot.attempts(lease)
        fleet = depot.fleet()
        task = asyncio.get_running_loop().create_task(fleet.run())
        assert await fleet.hear(attempt.token, {}, orjson.dumps({"id": "7"}))
        assert not await fleet.hear("0" * 32, {}, b"{}")
        await asyncio.sleep(3600)
        assert (await depot.job(lease)).late_video is None
        task.cancel()
        await asyncio.wait([task])

    tell(story, LOST, answer)


# -- after a restart -----------------------------------------------------------------------------------------------------


@asynccontextmanager
async def running(fleet: Fleet) -> AsyncGenerator[Fleet]:
    """A process with this fleet, which ends with the block."""
    task = asyncio.get_running_loop().create_task(fleet.run())
    try:
        yield fleet
    finally:
        task.cancel()
        await asyncio.wait([task])


async def given_up(depot: Depot) -> Lease:
    """A job that an upstream has, and that a process which is gone by now has given up."""
    async with running(depot.fleet()) as fleet:
        lease = await depot.lease()
        await fleet.carry(lease, lost=bool)
        await asyncio.sleep(700)
    assert (await depot.job(lease)).state is JobState.UNKNOWN
    return lease


def test_a_process_takes_up_what_one_before_it_gave_up() -> None:
    async def story(depot: Depot) -> None:
        lease = await given_up(depot)
        depot.wire.script.append(DONE)
        depot.wire.script.popleft()
        async with running(depot.fleet()):
            await asyncio.sleep(60)
        assert (await depot.job(lease)).late_video is not None

    tell(story, TAKEN, WORKING, job_limit_s=600.0)


def test_a_late_video_that_stays_with_its_vendor_is_the_caller_s_as_well() -> None:
    async def story(depot: Depot) -> None:
        lease = await given_up(depot)
        depot.wire.script.append(DONE)
        depot.wire.script.popleft()
        async with running(depot.fleet()):
            await asyncio.sleep(60)
        video = (await depot.job(lease)).late_video
        assert video is not None
        assert video.source == Foreign(URL)

    tell(story, TAKEN, WORKING, job_limit_s=600.0, store_outputs=False)


def test_a_process_takes_up_what_another_gives_up_while_it_runs() -> None:
    async def story(depot: Depot) -> None:
        async with running(depot.fleet()):
            lease = await given_up(depot)
            depot.wire.script.append(DONE)
            depot.wire.script.popleft()
            await asyncio.sleep(1200)
        assert (await depot.job(lease)).late_video is not None

    tell(story, TAKEN, WORKING, job_limit_s=600.0)


def test_two_processes_that_ask_for_the_same_one_keep_one_video() -> None:
    async def story(depot: Depot) -> None:
        lease = await given_up(depot)
        depot.wire.script.append(DONE)
        depot.wire.script.popleft()
        async with running(depot.fleet()), running(depot.fleet()):
            await asyncio.sleep(60)
        assert (await depot.job(lease)).late_video is not None
        assert [event.kind for event in await depot.store.events("ada", lease.job.id)].count("late") == 1

    tell(story, TAKEN, WORKING, job_limit_s=600.0)


def test_what_will_not_come_is_asked_for_once_and_costs_nothing() -> None:
    async def story(depot: Depot) -> None:
        lease = await given_up(depot)
        depot.wire.script.append(says({"state": "failed"}))
        depot.wire.script.popleft()
        asked = len(depot.wire.calls)
        for _ in range(2):
            async with running(depot.fleet()):
                await asyncio.sleep(5000)
            assert len(depot.wire.calls) == asked + 1
        (attempt,) = await depot.attempts(lease)
        assert (attempt.state, attempt.note) == (AttemptState.FAILED, "7")
        assert "no video" in (await depot.store.events("ada", lease.job.id))[-1].message
        ledger = depot.store.shelf.ledger  # type: ignore[attr-defined]
        assert [each.kind for each in ledger.txns if each.kind.endswith("cost")] == ["possible_cost", "late_cost"]
        assert ledger.possible_cost(lease.job.id) > 0
        for sort in ("possible_cost", "payable", "provider_cost"):
            assert sum(each.amount for each in ledger.entries if each.kind == sort) == 0

    tell(story, TAKEN, WORKING, job_limit_s=600.0)


def test_a_day_after_its_end_a_job_is_asked_for_no_more() -> None:
    async def story(depot: Depot) -> None:
        await given_up(depot)
        await asyncio.sleep(23 * 3600)
        async with running(depot.fleet()):
            before = len(depot.wire.calls)
            await asyncio.sleep(2 * 3600)
            asked = len(depot.wire.calls)
            assert asked > before
            await asyncio.sleep(2 * 3600)
            assert len(depot.wire.calls) == asked
        async with running(depot.fleet()):
            await asyncio.sleep(3600)
            assert len(depot.wire.calls) == asked

    tell(story, TAKEN, WORKING, job_limit_s=600.0)


def test_a_channel_that_is_away_is_waited_for() -> None:
    async def story(depot: Depot) -> None:
        lease = await given_up(depot)
        depot.wire.script.append(DONE)
        depot.wire.script.popleft()
        depot.rolls.roster, there = Roster([], {}), depot.rolls.roster
        async with running(depot.fleet()):
            await asyncio.sleep(600)
            depot.rolls.roster = there
            await asyncio.sleep(600)
        assert (await depot.job(lease)).late_video is not None

    tell(story, TAKEN, WORKING, job_limit_s=600.0)


def test_more_than_can_be_waited_for_are_found_when_there_is_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(late, "_WAITING", 2)
    monkeypatch.setattr(late, "_PAGE", 2)

    async def story(depot: Depot) -> None:
        leases = [await depot.lease() for _ in range(5)]
        async with running(depot.fleet()) as fleet:
            for number, lease in enumerate(leases):
                depot.wire.script.appendleft(says({"id": f"{number}"}))
                await fleet.carry(lease, lost=bool)
            await asyncio.sleep(700)
        depot.wire.script.append(DONE)
        depot.wire.script.popleft()
        async with running(depot.fleet()) as fleet:
            await asyncio.sleep(3600)
        assert [lease.job.id for lease in leases if (await depot.job(lease)).late_video is None] == []

    tell(story, WORKING, job_limit_s=600.0)


def test_a_call_that_there_is_no_room_for_is_not_taken_for_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(late, "_WAITING", 0)

    async def story(depot: Depot) -> None:
        lease = await given_up(depot)
        (attempt,) = await depot.attempts(lease)
        with pytest.raises(Unready, match="call again"):
            await depot.fleet().hear(attempt.token, {}, orjson.dumps({"id": "7"}))

    tell(story, TAKEN, WORKING, job_limit_s=600.0)


def test_a_store_that_cannot_say_is_asked_again() -> None:
    async def story(depot: Depot) -> None:
        lease = await given_up(depot)
        depot.wire.script.append(DONE)
        depot.wire.script.popleft()
        answer, troubles = depot.store.given_up, [Unready("disk"), RuntimeError("a bug")]

        async def given(since: datetime, limit: int, before: str = "") -> list[Claim]:
            if troubles:
                raise troubles.pop(0)
            return await answer(since, limit, before)

        depot.store.given_up = given
        async with running(depot.fleet()):
            await asyncio.sleep(1200)
        assert (await depot.job(lease)).late_video is not None

    tell(story, TAKEN, WORKING, job_limit_s=600.0)
