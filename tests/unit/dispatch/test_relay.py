"""One job on its way to a channel: routed, bought at most once, or told why not."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from reelgate.contracts.provider import Loss
from reelgate.contracts.roster import Roster
from reelgate.dispatch.backends import CallFailed
from reelgate.domain.errors import Garbled, LeaseLost, Misconfigured
from reelgate.domain.job import ONLY_AT, AttemptState, JobState, Terms
from tests.unit.dispatch.channels import Script, make_channel, says
from tests.unit.dispatch.depot import Depot, tell

TAKEN = says({"id": "7"})


def test_a_job_that_is_taken_has_a_ticket_and_is_followed() -> None:
    async def story(depot: Depot) -> None:
        lease = await depot.lease()
        job = await depot.carry(lease)
        (attempt,) = await depot.attempts(lease)
        assert (job.state, job.channel, len(depot.follower)) == (JobState.RUNNING, "acme-main", 1)
        assert (attempt.state, attempt.ticket, attempt.model) == (AttemptState.ACCEPTED, {"id": "7"}, "acme-1")
        assert attempt.choice == "acme-main: priority 0"
        assert depot.wire.calls[0].json["token"] == attempt.token

    tell(story, TAKEN)


def test_an_input_that_is_refused_fails_the_job_and_goes_nowhere_else() -> None:
    async def story(depot: Depot) -> None:
        lease = await depot.lease()
        job = await depot.carry(lease)
        assert (job.state, job.failure and job.failure.code, depot.wire.bought) == (JobState.FAILED, "rejected", 1)
        assert [each.note for each in await depot.attempts(lease)] == ["rejected: 422"]

    tell(story, says({}, 422), channels=[make_channel("a"), make_channel("b")])


def test_where_nothing_was_bought_the_next_channel_is_asked() -> None:
    async def story(depot: Depot) -> None:
        lease = await depot.lease()
        job = await depot.carry(lease)
        assert job.channel == "b"
        first, second = await depot.attempts(lease)
        assert (first.state, first.note, second.state) == (AttemptState.FAILED, "upstream_unavailable: refused", AttemptState.ACCEPTED)
        assert first.token != second.token
        assert second.choice == "b: priority 1; a: failed just now"

    tell(story, CallFailed("refused", sent=False), TAKEN, channels=[make_channel("a"), make_channel("b", priority=1)])


def test_what_may_have_arrived_is_asked_nowhere_else() -> None:
    async def story(depot: Depot) -> None:
        lease = await depot.lease()
        job = await depot.carry(lease)
        assert (job.state, depot.wire.bought) == (JobState.UNKNOWN, 1)
        assert job.failure is not None
        assert job.failure.code == "upstream_unknown"
        assert depot.clock.now() >= job.created_at + timedelta(seconds=120)
        (attempt,) = await depot.attempts(lease)
        assert (attempt.channel, attempt.state) == ("a", AttemptState.ABANDONED)

    tell(story, CallFailed("reset", sent=True), channels=[make_channel("a"), make_channel("b", priority=1)])


def test_when_all_have_failed_the_job_waits_and_is_given_up_after_a_quarter_of_an_hour() -> None:
    async def story(depot: Depot) -> None:
        lease = await depot.lease()
        began = depot.clock.now()
        assert (await depot.carry(lease)).state is JobState.QUEUED
        rounds = 1
        while not (await depot.job(lease)).over:
            await _later(depot, 400)  # longer than any pause
            rounds += 1
            await depot.carry(await depot.again())
        job = await depot.job(lease)
        assert job.failure is not None
        assert job.failure.code == "upstream_unavailable"
        assert timedelta(minutes=15) <= depot.clock.now() - began < timedelta(minutes=25)
        assert rounds > 2

    tell(story, CallFailed("refused", sent=False))


def test_a_channel_that_is_full_is_waited_for() -> None:
    async def story(depot: Depot) -> None:
        place = depot.health.place("acme-main")
        lease = await depot.lease()
        assert (await depot.carry(lease)).state is JobState.QUEUED
        assert await depot.attempts(lease) == []
        place.leave()
        await _later(depot, 2)
        assert (await depot.carry(await depot.again())).state is JobState.RUNNING

    tell(story, TAKEN, concurrency=1)


def test_a_channel_that_says_it_is_full_is_no_failure() -> None:
    async def story(depot: Depot) -> None:
        lease = await depot.lease()
        assert (await depot.carry(lease)).state is JobState.QUEUED
        assert [each.state for each in await depot.attempts(lease)] == [AttemptState.ABANDONED]
        await _later(depot, 5)
        assert (await depot.carry(await depot.again())).state is JobState.RUNNING

    tell(story, says({}, 429), TAKEN)


def test_a_place_of_a_channel_that_said_it_is_full_is_taken_as_soon_as_it_is_left() -> None:
    async def story(depot: Depot) -> None:
        place = depot.health.place("acme-main")
        lease = await depot.lease()
        assert (await depot.carry(lease)).state is JobState.QUEUED
        await _later(depot, 5)
        assert (await depot.carry(await depot.again())).state is JobState.QUEUED
        assert depot.wire.bought == 1, "it took one, and has one: another is not tried so soon"
        place.leave()
        await _later(depot, 2)
        assert (await depot.carry(await depot.again())).state is JobState.RUNNING

    tell(story, says({}, 429), TAKEN, concurrency=20)


@pytest.mark.parametrize("trouble", [says({}, 429), CallFailed("refused", sent=False)])
def test_a_job_that_has_waited_long_does_not_fail_at_the_first_trouble(trouble: Script) -> None:
    async def story(depot: Depot) -> None:
        place = depot.health.place("acme-main")
        lease = await depot.lease()
        assert (await depot.carry(lease)).state is JobState.QUEUED
        await _later(depot, 16 * 60)
        place.leave()
        assert (await depot.carry(await depot.again())).state is JobState.QUEUED
        await _later(depot, 60)
        assert (await depot.carry(await depot.again())).state is JobState.RUNNING

    tell(story, trouble, TAKEN, concurrency=1)


def test_a_job_waits_while_its_channel_says_that_it_is_full_however_long_that_is() -> None:
    async def story(depot: Depot) -> None:
        lease = await depot.lease()
        await depot.carry(lease)
        for _ in range(30):
            await _later(depot, 60)
            lease = await depot.again()
            assert (await depot.carry(lease)).state is JobState.QUEUED
        (attempt,) = await depot.attempts(lease)
        assert (attempt.state, attempt.note, attempt.tries) == (AttemptState.ABANDONED, "upstream_busy: 429", depot.wire.bought)
        assert attempt.closed_at is not None
        assert attempt.again_at is not None
        assert attempt.again_at - attempt.closed_at > timedelta(minutes=28)
        tokens = [call.json["token"] for call in depot.wire.calls if call.buys]
        assert len({*tokens}) == depot.wire.bought, "each try has a token of its own"
        assert attempt.token == tokens[-1]

    tell(story, says({}, 429))


def test_jobs_that_waited_long_wait_on_while_one_of_them_tries_a_channel_that_was_set_aside() -> None:
    async def story(depot: Depot) -> None:
        lease = await depot.lease()
        await _later(depot, 16 * 60)
        depot.health.ill("acme-main", Misconfigured(said="401"))
        assert (await depot.carry(lease)).state is JobState.QUEUED
        assert await depot.attempts(lease) == []
        await _later(depot, 60)
        with depot.health.place("acme-main") as probe:
            probe.ask()
            assert (await depot.carry(await depot.again())).state is JobState.QUEUED

    tell(story, TAKEN)


def test_content_that_no_channel_can_say_fails_and_what_tunes_is_told() -> None:
    async def barred(depot: Depot) -> None:
        job = await depot.carry(await depot.lease())
        assert (job.state, job.failure and job.failure.code, depot.wire.calls) == (JobState.FAILED, "rejected", [])

    async def told(depot: Depot) -> None:
        assert (await depot.carry(await depot.lease())).state is JobState.RUNNING
        strict = await depot.carry(await depot.lease(terms=Terms(strict=True)))
        assert strict.state is JobState.FAILED

    tell(barred, TAKEN, lost=(Loss(part="last_frame", content=True),))
    tell(told, TAKEN, lost=(Loss(part="cfg_scale", content=False),))


def test_a_job_that_was_taken_back_is_not_bought() -> None:
    async def story(depot: Depot) -> None:
        lease = await depot.lease()
        await depot.store.request_cancel(lease.job.account, lease.job.id, depot.clock.now())
        assert (await depot.carry(lease)).state is JobState.CANCELLED
        assert depot.wire.calls == []

    tell(story, TAKEN)


def test_after_a_death_what_was_only_planned_is_planned_anew() -> None:
    async def story(depot: Depot) -> None:
        lease = await depot.lease()
        await depot.store.open_attempt(lease, "t1", depot.clock.now(), channel="acme-main", model="acme-1")
        assert (await depot.carry(lease)).state is JobState.RUNNING
        assert [each.state for each in await depot.attempts(lease)] == [AttemptState.ABANDONED, AttemptState.ACCEPTED]

    tell(story, TAKEN)


def test_after_a_death_what_may_have_been_sent_is_not_sent_again() -> None:
    async def story(depot: Depot) -> None:
        lease = await depot.lease()
        await depot.store.open_attempt(lease, "t1", depot.clock.now(), channel="acme-main", model="acme-1")
        await depot.store.sent(lease, "t1", depot.clock.now())
        assert (await depot.carry(lease)).state is JobState.UNKNOWN
        assert depot.wire.bought == 0

    tell(story, TAKEN)


def test_after_a_death_what_was_taken_is_followed() -> None:
    async def story(depot: Depot) -> None:
        lease = await depot.lease()
        await depot.store.open_attempt(lease, "t1", depot.clock.now(), channel="acme-main", model="acme-1")
        await depot.store.sent(lease, "t1", depot.clock.now())
        assert await depot.store.note_ticket(lease, "t1", {"id": "9"}, depot.clock.now())
        await depot.carry(lease)
        assert (len(depot.follower), depot.wire.calls) == (1, [])

    tell(story, TAKEN)


def test_a_ticket_of_another_attempt_is_believed_by_neither() -> None:
    async def story(depot: Depot) -> None:
        await depot.carry(await depot.lease())
        second = await depot.carry(await depot.lease())
        assert second.state is JobState.UNKNOWN

    tell(story, TAKEN)


def test_a_bug_before_anything_was_bought_fails_the_job() -> None:
    async def story(depot: Depot) -> None:
        lease = await depot.lease(endpoint="fal-ai/of-another-version")
        job = await depot.carry(lease)
        assert (job.state, job.failure and job.failure.code) == (JobState.FAILED, "internal_error")

    tell(story, Garbled())


def test_a_channel_that_is_gone_is_waited_for_as_if_it_were_set_aside() -> None:
    async def story(depot: Depot) -> None:
        lease = await depot.lease()
        depot.rolls.roster = Roster([], {})
        assert (await depot.carry(lease)).state is JobState.QUEUED
        await _later(depot, 16 * 60)
        assert (await depot.carry(replace(await depot.again()))).state is JobState.FAILED

    tell(story, TAKEN)


@pytest.mark.parametrize("verb", ["open_attempt", "sent", "note_ticket", "doubt", "close_attempt", "give_up", "fail"])
@pytest.mark.parametrize("reply", [TAKEN, says({}, 422), says({}, 503), CallFailed("reset", sent=True), CallFailed("refused", sent=False)])
def test_a_lease_that_is_lost_at_any_verb_takes_no_place_away(verb: str, reply: Script) -> None:
    async def lost(*_: Any, **__: Any) -> None:
        raise LeaseLost

    async def story(depot: Depot) -> None:
        lease = await depot.lease()
        setattr(depot.store, verb, lost)
        await depot.carry(lease)
        assert depot.health.room(depot.channels[0]) == depot.channels[0].concurrency - len(depot.follower)

    tell(story, reply)


@pytest.mark.parametrize("verb", ["note_ticket", "doubt", "close_attempt", "give_up"])
@pytest.mark.parametrize("state", [AttemptState.PLANNED, AttemptState.SUBMITTING, AttemptState.IN_DOUBT])
def test_nor_where_an_attempt_is_taken_up_again(verb: str, state: AttemptState) -> None:
    async def lost(*_: Any, **__: Any) -> None:
        raise LeaseLost

    async def story(depot: Depot) -> None:
        lease = await depot.lease()
        now = depot.clock.now()
        await depot.store.open_attempt(lease, "t1", now, channel="acme-main", model="acme-1")
        if state is not AttemptState.PLANNED:
            await depot.store.sent(lease, "t1", now)
        if state is AttemptState.IN_DOUBT:
            await depot.store.doubt(lease, "t1", "reset", now)
        setattr(depot.store, verb, lost)
        await depot.carry(lease)
        assert depot.health.room(depot.channels[0]) == depot.channels[0].concurrency - len(depot.follower)

    tell(story, TAKEN)


async def _later(depot: Depot, seconds: float) -> None:
    await asyncio.sleep(seconds)
    assert depot.clock.monotonic_s() >= seconds


def test_the_local_channel_first_and_the_other_when_it_would_take_too_long() -> None:
    channels = [make_channel("gpu", concurrency=1, patience_s=40), make_channel("cloud", priority=1)]

    async def story(depot: Depot) -> None:
        depot.health.took("gpu", 30)
        first = await depot.lease()
        await depot.carry(first)
        second = await depot.lease()
        assert (await depot.carry(second)).state is JobState.QUEUED, "a video takes 30 s there: it waits"
        third = await depot.lease()
        await depot.carry(third)
        assert [each.channel for each in await depot.attempts(first)] == ["gpu"]
        assert await depot.attempts(second) == []
        (attempt,) = await depot.attempts(third)
        assert attempt.channel == "cloud", "one waits already: it would be a minute"
        assert "gpu: full: 1 of 1" in attempt.choice
        await _later(depot, 2)
        depot.follower.let_go(first)
        again = await depot.again()
        assert again.job.id == second.job.id
        await depot.carry(again)
        assert [each.channel for each in await depot.attempts(second)] == ["gpu"]

    tell(story, says({"id": "1"}), says({"id": "2"}), says({"id": "3"}), channels=channels)


def test_second_tries_are_budgeted() -> None:
    async def story(depot: Depot) -> None:
        while depot.health.retries.spend():
            pass
        lease = await depot.lease()
        job = await depot.carry(lease)
        assert job.state is JobState.QUEUED
        assert [each.channel for each in await depot.attempts(lease)] == ["acme-main"], "the other one is asked later"

    tell(story, says({}, 401), TAKEN, channels=[make_channel(), make_channel("b", priority=1)])


def test_a_trial_goes_to_its_channel_and_to_no_other() -> None:
    async def story(depot: Depot) -> None:
        lease = await depot.lease(names={ONLY_AT: "b"})
        await depot.carry(lease)
        assert [each.channel for each in await depot.attempts(lease)] == ["b"]
        refused = await depot.lease(names={ONLY_AT: "b"})
        assert (await depot.carry(refused)).state is JobState.QUEUED
        assert {each.channel for each in await depot.attempts(refused)} == {"b"}

    tell(story, TAKEN, says({}, 401), channels=[make_channel(), make_channel("b", priority=1)])


def test_a_model_that_a_channel_does_not_have_sends_that_model_s_jobs_elsewhere_and_no_others() -> None:
    async def story(depot: Depot) -> None:
        assert (await depot.carry(await depot.lease())).channel == "b"
        second = await depot.lease()
        assert (await depot.carry(second)).channel == "b"
        (attempt,) = await depot.attempts(second)
        assert attempt.choice == "b: priority 1; a: it does not have this model"
        assert depot.health.obstacle(depot.channels[0]).words == "", "the channel is well"

    tell(story, says({}, 404), TAKEN, says({"id": "8"}), channels=[make_channel("a"), make_channel("b", priority=1)])
