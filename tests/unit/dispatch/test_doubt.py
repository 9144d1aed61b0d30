"""What came of a call that may have bought: asked by every way there is, and never bought twice."""

from __future__ import annotations

import asyncio
from email.utils import format_datetime

import pytest

from reelgate.contracts.provider import HttpCall, HttpReply, Powers
from reelgate.dispatch.backends import CallFailed
from reelgate.domain.job import AttemptState, JobState
from tests.clock import BEGINNING
from tests.unit.dispatch.channels import PLAIN, Script, says
from tests.unit.dispatch.depot import Depot, tell

LOST = CallFailed("reset", sent=True)
FINDS = Powers(finds=True, poll_s=PLAIN.poll_s, window_s=120)


def test_where_a_repeated_submit_is_answered_as_the_first_it_is_sent_again_under_the_same_token() -> None:
    async def story(depot: Depot) -> None:
        lease = await depot.lease()
        assert (await depot.carry(lease)).state is JobState.RUNNING
        (attempt,) = await depot.attempts(lease)
        assert attempt.state is AttemptState.ACCEPTED
        assert {call.json["token"] for call in depot.wire.calls if call.buys} == {attempt.token}

    tell(story, LOST, says({}, 503), LOST, says({"id": "7"}), powers=Powers(dedupe="replayed"))


def test_what_is_refused_when_it_is_sent_again_was_refused_before() -> None:
    async def story(depot: Depot) -> None:
        assert (await depot.carry(await depot.lease())).state is JobState.FAILED

    tell(story, LOST, says({}, 422), powers=Powers(dedupe="replayed"))


def test_a_job_is_found_by_our_own_token() -> None:
    async def story(depot: Depot) -> None:
        lease = await depot.lease()
        await depot.carry(lease)
        (attempt,) = await depot.attempts(lease)
        assert (attempt.ticket, depot.wire.bought) == ({"id": "7"}, 1)
        assert depot.wire.calls[-1].path == f"/find/{attempt.token}"

    tell(story, LOST, says({}, 503), says({"id": "7"}), powers=FINDS)


def test_two_denials_half_a_minute_apart_are_believed_and_another_attempt_begins() -> None:
    async def story(depot: Depot) -> None:
        lease = await depot.lease()
        began_s = depot.clock.monotonic_s()
        await depot.carry(lease)
        first, *_ = await depot.attempts(lease)
        assert (first.state, first.note) == (AttemptState.FAILED, "not_taken")
        assert depot.clock.monotonic_s() - began_s >= 30
        assert depot.wire.bought == 1  # the next one waits for its turn

    tell(story, LOST, says({"id": None}), powers=FINDS)


def test_where_a_second_one_would_be_refused_the_first_is_sent_once_more() -> None:
    def answer(call: HttpCall) -> HttpReply:
        return says({"id": "7"}) if call.buys else says({"id": None})

    async def story(depot: Depot) -> None:
        lease = await depot.lease()
        await depot.carry(lease)
        (attempt,) = await depot.attempts(lease)
        assert (attempt.state, depot.wire.bought) == (AttemptState.ACCEPTED, 2)
        assert {call.json["token"] for call in depot.wire.calls if call.buys} == {attempt.token}

    tell(story, LOST, answer, powers=Powers(finds=True, dedupe="refused"))


def test_a_callback_is_a_hint_that_is_asked_about() -> None:
    def answer(call: HttpCall) -> HttpReply:
        return says({"state": "working"}) if call.path == "/jobs/8" else says({}, 500)

    async def story(depot: Depot) -> None:
        lease = await depot.lease()
        task = asyncio.get_running_loop().create_task(depot.carry(lease))
        await asyncio.sleep(10)
        (attempt,) = await depot.attempts(lease)
        assert depot.doubts.hear(attempt.token, {"id": "forged"})
        await asyncio.sleep(10)
        assert (await depot.attempts(lease))[0].state is AttemptState.IN_DOUBT
        assert depot.doubts.hear(attempt.token, {"id": "8"})
        await task
        assert (await depot.attempts(lease))[0].ticket == {"id": "8", "model": "acme-1"}
        assert not depot.doubts.hear(attempt.token, {"id": "8"})

    tell(story, LOST, answer)


def test_a_list_gives_the_oldest_that_fits_and_is_nobody_s() -> None:
    def answer(call: HttpCall) -> HttpReply:
        if call.buys:
            return says({"id": "7"})
        return says([{"id": "7", "same": True}, {"id": "8", "same": False}, {"id": "9", "same": True}])

    async def story(depot: Depot) -> None:
        depot.wire.script.rotate(-1)
        await depot.carry(await depot.lease())  # has job 7
        depot.wire.script.rotate(1)
        depot.wire.script.append(answer)
        lease = await depot.lease()
        await depot.carry(lease)
        assert (await depot.attempts(lease))[0].ticket == {"id": "9"}

    tell(story, LOST, answer, powers=Powers(lists=True, window_s=120))


def test_a_list_is_read_by_the_clock_of_whoever_keeps_it() -> None:
    """A vendor whose clock is ten minutes behind took the job ten minutes ago, by that clock."""
    late = format_datetime(BEGINNING, usegmt=True)

    async def story(depot: Depot) -> None:
        await asyncio.sleep(600)
        lease = await depot.lease()
        assert (await depot.carry(lease)).state is JobState.RUNNING
        assert (await depot.attempts(lease))[0].ticket == {"id": "7"}

    tell(story, LOST, says([{"id": "7", "same": True}], date=late), powers=Powers(lists=True, window_s=120))


@pytest.mark.parametrize("met", [says({}, 429), CallFailed("refused", sent=False), says({}, 401)], ids=["429", "refused", "401"])
def test_a_second_sending_that_is_put_off_leaves_the_first_in_doubt(met: Script) -> None:
    def answer(call: HttpCall) -> HttpReply:
        if not call.buys:
            return says({"id": None})  # an index that lags
        if isinstance(met, Exception):
            raise met
        assert isinstance(met, HttpReply)
        return met

    async def story(depot: Depot) -> None:
        lease = await depot.lease()
        job = await depot.carry(lease)
        attempts = await depot.attempts(lease)
        assert (job.state, [each.state for each in attempts]) == (JobState.UNKNOWN, [AttemptState.ABANDONED])

    tell(story, LOST, answer, powers=Powers(finds=True, dedupe="refused"), window_s=300.0)


def test_what_an_upstream_says_before_it_has_answered_is_kept_until_it_is_asked_for() -> None:
    depots: list[Depot] = []

    def answer(call: HttpCall) -> HttpReply:
        if call.buys:
            assert not depots[0].doubts.hear(call.json["token"], {"id": "7"})
            raise LOST
        return says({"state": "working"})

    async def story(depot: Depot) -> None:
        depots.append(depot)
        lease = await depot.lease()
        assert (await depot.carry(lease)).state is JobState.RUNNING
        (attempt,) = await depot.attempts(lease)
        assert (attempt.state, (attempt.ticket or {})["id"]) == (AttemptState.ACCEPTED, "7")

    tell(story, answer, powers=Powers(calls_back=True))
