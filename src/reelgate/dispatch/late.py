"""Videos that come after their job was given up: kept for the caller at no charge, since the house has to pay for them."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import structlog

from reelgate.contracts.attempt import Claim, Cost
from reelgate.contracts.provider import Done, Failed, Ticket, Verdict
from reelgate.contracts.roster import Offer
from reelgate.dispatch.homecoming import Here, Homecoming
from reelgate.dispatch.yard import Yard
from reelgate.domain.errors import Unready, UpstreamError
from reelgate.domain.job import Job

_log = structlog.get_logger(__name__)
_WAITING = 1000
_FETCHED_AT_ONCE = 4
_PAUSE_S, _PAUSE_MAX_S = 15.0, 900.0
_ELAPSED_SHARE = 20  # as long as it was waited for already, divided by this
_LIMIT_S = 24 * 3600.0


class Latecomers:
    """Looks after attempts whose job is over and of which a video may still come: for a day, in pauses that grow, and at once when an
    upstream speaks of one. A hint is asked, never believed. They are forgotten when the process ends; then an upstream has to call."""

    def __init__(self, yard: Yard, homecoming: Homecoming) -> None:
        self._yard, self._homecoming = yard, homecoming
        self._expected: dict[str, asyncio.Event] = {}
        self._new: list[tuple[Claim, Ticket]] = []
        self._news = asyncio.Event()
        self._dock = asyncio.Semaphore(_FETCHED_AT_ONCE)

    def expect(self, claim: Claim, hint: Ticket) -> None:
        """A video may come of this attempt, whose job ended as unknown."""
        spoken_of = self._expected.get(claim.attempt.token)
        if spoken_of is not None:
            spoken_of.set()
        elif len(self._expected) < _WAITING:
            self._expected[claim.attempt.token] = asyncio.Event()
            self._new.append((claim, hint))
            self._news.set()

    async def run(self) -> None:
        """Look after them until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            while True:
                self._news.clear()
                while self._new:
                    tasks.create_task(self._look_after(*self._new.pop()))
                await self._news.wait()

    async def _look_after(self, claim: Claim, hint: Ticket) -> None:
        token, clock = claim.attempt.token, self._yard.clock
        began_s, spoken_of = clock.monotonic_s(), self._expected[token]
        try:
            while (elapsed_s := clock.monotonic_s() - began_s) < _LIMIT_S:
                spoken_of.clear()
                try:
                    if await self._ask(claim, hint):
                        return
                except Unready as error:
                    _log.warning("store_unready", why=error.message)
                pause_s = min(_PAUSE_MAX_S, max(_PAUSE_S, elapsed_s / _ELAPSED_SHARE))
                with suppress(TimeoutError):
                    async with asyncio.timeout(pause_s):
                        await spoken_of.wait()
        except Exception:  # noqa: BLE001 -- one that cannot be had must not stop the others
            _log.exception("late_bug", job=claim.attempt.job_id)
        finally:
            del self._expected[token]

    async def _ask(self, claim: Claim, hint: Ticket) -> bool:
        """Ask once; whether there is nothing more to ask."""
        yard, attempt = self._yard, claim.attempt
        ticket = {"model": attempt.model, **(attempt.ticket or hint)}
        job = await yard.store.job(claim.account, attempt.job_id)
        other = await yard.store.attempt_at(attempt.channel, ticket["id"])
        offer = await yard.offer_of(attempt)
        if job is None or offer is None or job.late_video is not None or (other is not None and other.attempt.token != attempt.token):
            return True
        try:
            verdict = await yard.talks.hold(offer, offer.provider.poll(ticket))
        except UpstreamError as error:
            _log.info("late_not_known", job=job.id, why=error.said or error.code)
            return False
        return isinstance(verdict, Failed) or await self._came(claim, job, offer, verdict)

    async def _came(self, claim: Claim, job: Job, offer: Offer, verdict: Verdict) -> bool:
        """Whether it was done and is the caller's now, or was so before."""
        if not isinstance(verdict, Done):
            return False
        async with self._dock:
            here = await self._homecoming.fetch(job, offer, verdict)
            if not isinstance(here, Here):
                return False
            cost = Cost(expected=self._yard.cost_of(job, claim.attempt.channel), told=verdict.cost)
            if await self._homecoming.settle_late(claim.attempt.token, job, here, cost):
                _log.info("late_video", job=job.id, channel=claim.attempt.channel)
        return True
