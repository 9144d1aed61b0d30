"""Jobs that upstreams have: asked, cancelled, brought home, given up."""

from __future__ import annotations

import asyncio

from reelgate.contracts.provider import HttpCall, HttpReply, Powers
from reelgate.dispatch.backends import CallFailed
from reelgate.domain.errors import Garbled, Unavailable
from reelgate.domain.job import AttemptState, Failure, JobState
from reelgate.domain.media import BlobRef, Foreign
from tests.unit.dispatch.channels import PLAIN, says
from tests.unit.dispatch.depot import COST, URL, Depot, tell

TAKEN = says({"id": "7"})
WORKING = says({"state": "working"})
DONE = says({"state": "done", "url": URL})
CANCELS = Powers(cancels="running", poll_s=PLAIN.poll_s)


def test_a_video_is_ours_before_the_job_is_done_and_its_cost_is_booked() -> None:
    async def story(depot: Depot) -> None:
        lease = await depot.lease()
        await depot.carry(lease)
        job = await depot.follow(lease)
        assert job.state is JobState.DONE
        assert job.video is not None
        assert isinstance(job.video.source, BlobRef)
        assert depot.outputs.asked == [Foreign(URL)]
        assert [each.state for each in await depot.attempts(lease)] == [AttemptState.DONE]
        assert (len(depot.follower), depot.health.room(depot.channels[0])) == (0, 20)
        assert _costs(depot) == [("provider_cost", -COST.micros), ("payable", COST.micros)]

    tell(story, TAKEN, WORKING, DONE)


def test_no_answer_is_never_a_failure() -> None:
    async def story(depot: Depot) -> None:
        lease = await depot.lease()
        await depot.carry(lease)
        assert (await depot.follow(lease)).state is JobState.DONE

    odd = (CallFailed("reset", sent=True), says({}, 503), says({"state": "dreaming"}), HttpReply(status=200, body=b"<html>"), says({}, 404))
    tell(story, TAKEN, *odd, *odd, DONE)


def test_a_verdict_of_the_upstream_fails_the_job_and_costs_nothing() -> None:
    async def story(depot: Depot) -> None:
        lease = await depot.lease()
        await depot.carry(lease)
        job = await depot.follow(lease)
        assert (job.state, job.failure) == (JobState.FAILED, Failure(code="upstream_failed", message="it was not made"))
        assert _costs(depot) == []

    tell(story, TAKEN, says({"state": "failed"}))


def test_pauses_grow_with_the_job_s_age() -> None:
    async def story(depot: Depot) -> None:
        lease = await depot.lease()
        await depot.carry(lease)
        await depot.follow(lease, hours=0.5)
        polls = len(depot.wire.calls) - 1
        assert 1800 / 12 <= polls <= 1800 / 7

    tell(story, TAKEN, WORKING)


def test_progress_is_told_when_it_changes_and_not_too_often() -> None:
    async def story(depot: Depot) -> None:
        lease = await depot.lease()
        await depot.carry(lease)
        await depot.follow(lease)
        told = [(each.kind, each.message, each.fraction) for each in await depot.store.events("ada", lease.job.id) if each.kind != "state"]
        assert told == [("log", "step 1", None), ("progress", "", 0.5)]

    lines = [says({"state": "working", "line": "step 1"})] * 4
    tell(story, TAKEN, *lines, says({"state": "working", "fraction": 0.5}), says({"state": "working", "fraction": 0.5}), DONE)


def test_a_call_from_outside_wakes_but_not_more_than_once_in_two_seconds() -> None:
    async def story(depot: Depot) -> None:
        lease = await depot.lease()
        await depot.carry(lease)
        task = asyncio.get_running_loop().create_task(depot.follower.run())
        await asyncio.sleep(600)
        (attempt,) = await depot.attempts(lease)
        before = len(depot.wire.calls)
        for _ in range(20):
            assert depot.follower.hear(attempt.token)
            await asyncio.sleep(0.2)
        assert 1 <= len(depot.wire.calls) - before <= 3
        assert not depot.follower.hear("somebody else's")
        task.cancel()
        await asyncio.wait([task])

    tell(story, TAKEN, WORKING)


def test_an_upstream_that_can_stop_is_asked_until_it_does() -> None:
    stops = iter((False, False, True))

    def answer(call: HttpCall) -> HttpReply:
        return says({"stopped": next(stops)}) if str(call.path).endswith("/cancel") else says({"state": "working"})

    async def story(depot: Depot) -> None:
        lease = await depot.lease()
        await depot.carry(lease)
        await depot.store.request_cancel("ada", lease.job.id, depot.clock.now())
        assert (await depot.follow(lease)).state is JobState.CANCELLED
        assert _costs(depot) == []

    tell(story, TAKEN, answer, powers=CANCELS)


def test_one_that_cannot_runs_on_and_is_paid() -> None:
    async def story(depot: Depot) -> None:
        lease = await depot.lease()
        await depot.carry(lease)
        await depot.store.request_cancel("ada", lease.job.id, depot.clock.now())
        assert (await depot.follow(lease)).state is JobState.DONE

    tell(story, TAKEN, WORKING, DONE)


def test_or_is_let_go_where_the_operator_pays() -> None:
    async def story(depot: Depot) -> None:
        lease = await depot.lease()
        await depot.carry(lease)
        await depot.store.request_cancel("ada", lease.job.id, depot.clock.now())
        assert (await depot.follow(lease)).state is JobState.CANCELLED
        assert _costs(depot) == [("provider_cost", -COST.micros), ("payable", COST.micros)]

    tell(story, TAKEN, WORKING, on_cancel="release")


def test_after_its_time_a_job_is_given_up_and_what_it_may_have_cost_is_booked() -> None:
    async def story(depot: Depot) -> None:
        lease = await depot.lease()
        await depot.carry(lease)
        job = await depot.follow(lease)
        assert job.state is JobState.UNKNOWN
        assert _costs(depot) == [("possible_cost", -COST.micros), ("payable", COST.micros)]

    tell(story, TAKEN, WORKING, job_limit_s=600.0)


def test_an_output_that_is_not_there_is_asked_for_again_and_lost_in_the_end() -> None:
    async def found(depot: Depot) -> None:
        depot.outputs.troubles = [Unavailable(said="output: http 403"), Garbled(said="output: a page")]
        lease = await depot.lease()
        await depot.carry(lease)
        assert (await depot.follow(lease)).state is JobState.DONE
        assert len(depot.outputs.asked) == 3

    async def lost(depot: Depot) -> None:
        depot.outputs.troubles = [Unavailable(said="output: http 404") for _ in range(99)]
        lease = await depot.lease()
        await depot.carry(lease)
        job = await depot.follow(lease)
        assert (job.state, job.failure and job.failure.code) == (JobState.FAILED, "output_lost")
        assert _costs(depot) == [("provider_cost", -COST.micros), ("payable", COST.micros)]

    tell(found, TAKEN, DONE)
    tell(lost, TAKEN, DONE)


def test_a_video_that_stays_where_it_is_is_passed_on_as_it_is() -> None:
    async def story(depot: Depot) -> None:
        lease = await depot.lease()
        await depot.carry(lease)
        job = await depot.follow(lease)
        assert job.video is not None
        assert (job.state, job.video.source, depot.outputs.asked) == (JobState.DONE, Foreign(URL), [])

    tell(story, TAKEN, DONE, keeps_outputs=False)


def test_a_lease_that_was_lost_is_let_go() -> None:
    async def story(depot: Depot) -> None:
        lease = await depot.lease()
        await depot.carry(lease)
        assert [each.job.id for each in depot.follower.held()] == [lease.job.id]
        depot.follower.let_go(lease)
        assert list(depot.follower.held()) == []

    tell(story, TAKEN, WORKING)


def _costs(depot: Depot) -> list[tuple[str, int]]:
    ledger = depot.store.shelf.ledger  # type: ignore[attr-defined]
    booked = {txn.id for txn in ledger.txns if txn.kind.endswith("cost")}
    return [(entry.kind, entry.amount) for entry in ledger.entries if entry.txn in booked]
