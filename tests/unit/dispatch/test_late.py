"""Videos that come after their job was given up."""

from __future__ import annotations

import asyncio

import orjson
import pytest

from reelgate.contracts.provider import HttpCall, HttpReply
from reelgate.dispatch.backends import CallFailed
from reelgate.domain.errors import Unauthenticated, Unready
from reelgate.domain.job import JobState
from tests.unit.dispatch.channels import says
from tests.unit.dispatch.depot import URL, Depot, tell

LOST = CallFailed("reset", sent=True)


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
