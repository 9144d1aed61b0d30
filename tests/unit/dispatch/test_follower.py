"""Jobs that upstreams have: asked, cancelled, brought home, given up."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from reelgate.contracts.channel import Channel
from reelgate.contracts.provider import HttpCall, HttpReply, Powers
from reelgate.contracts.roster import Offer
from reelgate.dispatch.backends import CallFailed
from reelgate.dispatch.doubt import Doubts
from reelgate.dispatch.follower import Follower
from reelgate.dispatch.homecoming import Homecoming
from reelgate.dispatch.outputs import Fetched, Gone
from reelgate.dispatch.relay import Relay
from reelgate.dispatch.talks import Talks
from reelgate.domain.errors import Garbled, Unavailable, Unready
from reelgate.domain.job import ONLY_AT, AttemptState, Failure, Job, JobState, Lease
from reelgate.domain.media import BlobRef, Foreign, VideoInput
from reelgate.domain.money import Money
from reelgate.domain.pricing import Quote
from tests.unit.dispatch.channels import PLAIN, Purse, Wire, make_channel, says
from tests.unit.dispatch.depot import COST, URL, Depot, Outputs, tell

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
        assert [each.note for each in await depot.attempts(lease)] == ["upstream_failed: 7"]
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


def test_and_where_what_only_a_queued_job_could_have_been_stopped_is_at_work() -> None:
    def answer(call: HttpCall) -> HttpReply:
        return says({"stopped": False} if str(call.path).endswith("/cancel") else {"state": "working"})

    async def story(depot: Depot) -> None:
        lease = await depot.lease()
        await depot.carry(lease)
        await depot.store.request_cancel("ada", lease.job.id, depot.clock.now())
        state = (await depot.follow(lease, hours=0.5)).state
        assert state is (JobState.CANCELLED if depot.channels[0].on_cancel == "release" else JobState.RUNNING)
        assert bool(_costs(depot)) == (state is JobState.CANCELLED)

    for on_cancel in ("release", "finish"):
        tell(story, TAKEN, answer, powers=replace(CANCELS, cancels="queued"), on_cancel=on_cancel)


def test_a_job_that_is_given_up_is_stopped_and_looked_after_for_a_day() -> None:
    stops: list[HttpCall] = []

    def answer(call: HttpCall) -> HttpReply:
        if str(call.path).endswith("/cancel"):
            stops.append(call)
            return says({"stopped": False})
        return says({"state": "done", "url": URL} if done else {"state": "working"})

    done: list[bool] = []

    async def story(depot: Depot) -> None:
        lease = await depot.lease()
        fleet = depot.fleet()
        worker = asyncio.get_running_loop().create_task(fleet.run())
        await fleet.carry(lease, lost=bool)
        await asyncio.sleep(700)
        assert (await depot.job(lease)).state is JobState.UNKNOWN
        assert len(stops) == 1
        await asyncio.sleep(3600)
        done.append(True)
        await asyncio.sleep(900)
        job = await depot.job(lease)
        assert (job.state, job.late_video is not None) == (JobState.UNKNOWN, True)
        worker.cancel()
        await asyncio.wait([worker])

    tell(story, TAKEN, answer, powers=CANCELS, job_limit_s=600.0)


def test_an_upstream_is_told_to_stop_only_once_the_giving_up_is_stored() -> None:
    stops: list[HttpCall] = []

    def answer(call: HttpCall) -> HttpReply:
        if str(call.path).endswith("/cancel"):
            stops.append(call)
            return says({"stopped": True})
        return says({"state": "working"})

    async def story(depot: Depot) -> None:
        give_up, full, tried = depot.store.give_up, [True], list[Job]()

        async def given_up(lease: Lease, failure: Failure, possible: Money, at: datetime) -> None:
            tried.append(lease.job)
            if full:
                raise Unready("the disk is full")
            await give_up(lease, failure, possible, at)

        depot.store.give_up = given_up
        lease = await depot.lease()
        await depot.carry(lease)
        assert (await depot.follow(lease, hours=0.5)).state is JobState.RUNNING
        assert (len(tried) > 1, stops) == (True, [])
        full.clear()
        assert (await depot.follow(lease)).state is JobState.UNKNOWN
        assert len(stops) == 1

    tell(story, TAKEN, answer, powers=CANCELS, job_limit_s=600.0)


def test_with_a_full_disk_what_was_made_is_fetched_twice_a_minute() -> None:
    class Full(Outputs):
        """There is no room for anything."""

        full = True

        async def fetch(self, offer: Offer, source: Foreign | HttpCall, *, wanted: VideoInput) -> Fetched:
            fetched = await super().fetch(offer, source, wanted=wanted)
            if self.full:
                raise Unready("the disk is full")
            return fetched

    async def story(depot: Depot) -> None:
        outputs = Full()
        yard = replace(depot.yard, outputs=outputs)
        depot.follower = Follower(yard, Homecoming(yard))
        depot.relay = Relay(yard, depot.follower, depot.doubts)
        lease = await depot.lease()
        await depot.carry(lease)
        assert (await depot.follow(lease, hours=1)).state is JobState.RUNNING
        assert 100 <= len(outputs.asked) <= 121
        outputs.full = False
        assert (await depot.follow(lease, hours=0.1)).state is JobState.DONE

    tell(story, TAKEN, DONE)


def test_a_channel_that_does_not_answer_keeps_no_other_from_being_asked_or_fetched_from() -> None:
    class Deaf(Wire):
        """One channel answers no question for half a minute, again and again; the others at once."""

        async def exchange(self, channel: Channel, call: HttpCall, headers: Mapping[str, str], *, timeout_s: float) -> HttpReply:
            if channel.id == "deaf" and not call.buys:
                await asyncio.sleep(30)
                raise CallFailed("timeout", sent=True)
            self.calls.append(call)
            return says({"id": f"{len(self.calls)}"} if call.buys else {"state": "done", "url": URL})

    class Dripping(Outputs):
        """What one channel has made comes so slowly that it never comes."""

        async def fetch(self, offer: Offer, source: Foreign | HttpCall, *, wanted: VideoInput) -> Fetched:
            if offer.channel.id == "drips":
                await asyncio.sleep(36_000)
            return await super().fetch(offer, source, wanted=wanted)

    async def story(depot: Depot) -> None:
        yard = replace(depot.yard, talks=Talks(Deaf(), Purse(), depot.clock), outputs=Dripping())
        follower = Follower(yard, Homecoming(yard))
        relay = Relay(yard, follower, Doubts(yard))
        task = asyncio.get_running_loop().create_task(follower.run())
        for name in [*["deaf", "drips"] * 150, "well"]:
            lease = await depot.lease(names={ONLY_AT: name}, quote=Quote(Money.dollars("0.01"), "cheap"))
            await relay.carry(lease, lost=bool)
            if name == "deaf":
                await asyncio.sleep(0.1)
        began_s = depot.clock.monotonic_s()
        while not (await depot.job(lease)).over:  # noqa: ASYNC110 -- time is virtual
            await asyncio.sleep(1)
        assert depot.clock.monotonic_s() - began_s < 10
        task.cancel()
        await asyncio.wait([task])

    tell(story, DONE, channels=[make_channel(name, concurrency=1000) for name in ("deaf", "drips", "well")])


def test_after_its_time_a_job_is_given_up_and_what_it_may_have_cost_is_booked() -> None:
    async def story(depot: Depot) -> None:
        lease = await depot.lease()
        await depot.carry(lease)
        job = await depot.follow(lease)
        assert job.state is JobState.UNKNOWN
        assert _costs(depot) == [("possible_cost", -COST.micros), ("payable", COST.micros)]

    tell(story, TAKEN, WORKING, job_limit_s=600.0)


def test_a_job_that_was_done_while_nobody_looked_is_not_given_up_however_late_it_is() -> None:
    async def story(depot: Depot) -> None:
        lease = await depot.lease()
        await depot.carry(lease)
        await asyncio.sleep(2000)
        assert (await depot.follow(lease)).state is JobState.DONE

    tell(story, TAKEN, DONE, job_limit_s=600.0)


def test_an_upstream_that_forgets_what_it_said_was_made_is_not_asked_for_ever() -> None:
    async def story(depot: Depot) -> None:
        depot.outputs.troubles = [Unavailable(said="output: http 503")]
        lease = await depot.lease()
        await depot.carry(lease)
        assert (await depot.follow(lease, hours=3)).state is JobState.UNKNOWN

    for answer in (WORKING, says({}, 503)):
        tell(story, TAKEN, DONE, answer, powers=replace(PLAIN, outputs_s=3600.0))


def test_who_waits_for_a_turn_and_is_somebody_else_s_by_then_is_not_asked_for() -> None:
    asked: list[str] = []

    class Slow(Wire):
        """Answers questions after a while."""

        async def exchange(self, channel: Channel, call: HttpCall, headers: Mapping[str, str], *, timeout_s: float) -> HttpReply:
            self.calls.append(call)
            if call.buys:
                return says({"id": f"{len(self.calls)}"})
            asked.append(str(call.path))
            await asyncio.sleep(30)
            return says({"state": "working"})

    async def story(depot: Depot) -> None:
        yard = replace(depot.yard, talks=Talks(Slow(), Purse(), depot.clock))
        follower = Follower(yard, Homecoming(yard))
        relay = Relay(yard, follower, Doubts(yard))
        leases = [await depot.lease(quote=Quote(Money.dollars("0.01"), "cheap")) for _ in range(150)]
        for lease in leases:
            await relay.carry(lease, lost=bool)
        task = asyncio.get_running_loop().create_task(follower.run())
        await asyncio.sleep(20)  # all are due, and a hundred have a turn
        assert len(asked) == 100
        for lease in leases:
            follower.let_go(lease)
        await asyncio.sleep(100)
        assert len(asked) == 100
        task.cancel()
        await asyncio.wait([task])

    tell(story, WORKING, concurrency=1000)


def test_an_output_that_is_not_there_is_asked_for_again_and_lost_in_the_end() -> None:
    async def found(depot: Depot) -> None:
        depot.outputs.troubles = [Gone(said="output: http 403"), Garbled(said="output: a page")]
        lease = await depot.lease()
        await depot.carry(lease)
        assert (await depot.follow(lease)).state is JobState.DONE
        assert len(depot.outputs.asked) == 3

    async def lost(depot: Depot) -> None:
        depot.outputs.troubles = [Gone(said="output: http 404") for _ in range(99)]
        lease = await depot.lease()
        await depot.carry(lease)
        job = await depot.follow(lease)
        assert (job.state, job.failure and job.failure.code) == (JobState.FAILED, "output_lost")
        assert _costs(depot) == [("provider_cost", -COST.micros), ("payable", COST.micros)]

    tell(found, TAKEN, DONE)
    tell(lost, TAKEN, DONE)


def test_an_outage_where_outputs_lie_loses_no_video_that_was_paid_for() -> None:
    async def story(depot: Depot) -> None:
        depot.outputs.troubles = [Unavailable(said="output: http 503") for _ in range(60)]
        lease = await depot.lease()
        await depot.carry(lease)
        assert (await depot.follow(lease, hours=1)).state is JobState.RUNNING
        assert (await depot.follow(lease, hours=8)).state is JobState.DONE
        assert len(depot.outputs.asked) == 61

    async def too_long(depot: Depot) -> None:
        depot.outputs.troubles = [Unavailable(said="output: http 503") for _ in range(999)]
        lease = await depot.lease()
        await depot.carry(lease)
        assert (await depot.follow(lease, hours=3)).state is JobState.FAILED

    tell(story, TAKEN, DONE, job_limit_s=1800.0)
    tell(too_long, TAKEN, DONE, powers=replace(PLAIN, outputs_s=7200.0))


def test_a_video_that_stays_where_it_is_is_passed_on_as_it_is() -> None:
    async def story(depot: Depot) -> None:
        lease = await depot.lease()
        await depot.carry(lease)
        job = await depot.follow(lease)
        assert job.video is not None
        assert (job.state, job.video.source, depot.outputs.asked) == (JobState.DONE, Foreign(URL), [])

    tell(story, TAKEN, DONE, store_outputs=False)


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
