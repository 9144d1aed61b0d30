"""Videos that come after their job was given up: kept for the caller at no charge, since the house has to pay for them."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import timedelta
from typing import NamedTuple

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
_LOOK_EVERY_S = 600.0
_PAGE = 100


class _Latecomer(NamedTuple):
    """One that may come: whose it is, the ticket if its attempt has none, since when it is waited for, how soon it is asked for."""

    claim: Claim
    hint: Ticket
    since_s: float
    soon_s: float


class Latecomers:
    """Looks after attempts whose job is over and of which a video may still come: for a day, in pauses that grow, and at once when an
    upstream speaks of one. A hint is asked, never believed.

    Which these are is read from the store, at the start and every ten minutes: a process before may have given them up, or another
    one. Two processes may ask for the same one; a question costs nothing, and the store keeps one video of one attempt.
    """

    def __init__(self, yard: Yard, homecoming: Homecoming) -> None:
        self._yard, self._homecoming = yard, homecoming
        self._expected: dict[str, asyncio.Event] = {}
        self._over: set[str] = set()  # what the store still names, and nothing more will come of
        self._new: list[_Latecomer] = []
        self._news = asyncio.Event()
        self._dock = asyncio.Semaphore(_FETCHED_AT_ONCE)

    def expect(self, claim: Claim, hint: Ticket) -> bool:
        """A video may come of this attempt, whose job ended as unknown. False if too many are waited for."""
        return self._add(_Latecomer(claim, hint, self._yard.clock.monotonic_s(), 0.0))

    async def run(self) -> None:
        """Look after them until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._look_for_more())
            while True:
                self._news.clear()
                while self._new:
                    tasks.create_task(self._look_after(self._new.pop()))
                await self._news.wait()

    def _add(self, late: _Latecomer) -> bool:
        spoken_of = self._expected.get(late.claim.attempt.token)
        if spoken_of is not None:
            spoken_of.set()
        elif len(self._expected) >= _WAITING:
            return False
        else:
            self._expected[late.claim.attempt.token] = asyncio.Event()
            self._new.append(late)
            self._news.set()
        return True

    # -- which ones --------------------------------------------------------------------------------------------------
    async def _look_for_more(self) -> None:
        while True:
            pause_s = _LOOK_EVERY_S
            try:
                await self._take_up()
            except Unready as error:
                _log.warning("store_unready", why=error.message)
                pause_s = _PAUSE_S
            except Exception:  # noqa: BLE001 -- those that are known must not be forgotten over it
                _log.exception("late_bug")
            await asyncio.sleep(pause_s)

    async def _take_up(self) -> None:
        """Those that this process does not know, as many as there is room for."""
        since = self._yard.clock.now() - timedelta(seconds=_LIMIT_S)
        named, before = set[str](), ""
        while len(self._expected) < _WAITING:
            page = await self._yard.store.given_up(since, _PAGE, before)
            for claim in page:
                token = claim.attempt.token
                named.add(token)
                if token not in self._over and token not in self._expected:
                    self._add(self._found(claim))
            if len(page) < _PAGE:
                self._over &= named
                return
            before = page[-1].attempt.job_id

    def _found(self, claim: Claim) -> _Latecomer:
        """It has been waited for since its end. A thousand that are found at once are not all asked in the same second."""
        ended_at, clock = claim.attempt.closed_at, self._yard.clock
        elapsed_s = 0.0 if ended_at is None else max(0.0, (clock.now() - ended_at).total_seconds())
        return _Latecomer(claim, {}, clock.monotonic_s() - elapsed_s, self._yard.chance.uniform(0.0, _pause_s(elapsed_s)))

    # -- one of them -------------------------------------------------------------------------------------------------
    async def _look_after(self, late: _Latecomer) -> None:
        token = late.claim.attempt.token
        spoken_of = self._expected[token]
        try:
            await _rest(spoken_of, late.soon_s)
            while not await self._asked(late):
                elapsed_s = self._yard.clock.monotonic_s() - late.since_s
                if elapsed_s >= _LIMIT_S:
                    return
                await _rest(spoken_of, _pause_s(elapsed_s))
            self._over.add(token)
        except Exception:  # noqa: BLE001 -- one that cannot be had must not stop the others
            _log.exception("late_bug", job=late.claim.attempt.job_id)
        finally:
            del self._expected[token]

    async def _asked(self, late: _Latecomer) -> bool:
        try:
            return await self._ask(late.claim, late.hint)
        except Unready as error:
            _log.warning("store_unready", why=error.message)
            return False

    async def _ask(self, claim: Claim, hint: Ticket) -> bool:
        """Ask once; whether there is nothing more to ask."""
        yard, attempt = self._yard, claim.attempt
        ticket = {"model": attempt.model, **(attempt.ticket or hint)}
        job = await yard.store.job(claim.account, attempt.job_id)
        other = await yard.store.attempt_at(attempt.channel, ticket["id"])
        if job is None or job.late_video is not None or (other is not None and other.attempt.token != attempt.token):
            return True
        offer = await yard.offer_of(attempt)
        if offer is None:
            return False  # a channel that was taken away may come back
        try:
            verdict = await yard.talks.hold(offer, offer.provider.poll(ticket))
        except UpstreamError as error:
            _log.info("late_not_known", job=job.id, why=error.said or error.code)
            return False
        if isinstance(verdict, Failed):
            await self._ruled_out(claim, job, verdict)
            return True
        return await self._came(claim, job, offer, verdict)

    async def _ruled_out(self, claim: Claim, job: Job, failed: Failed) -> None:
        """What may have been spent on it was not, or as much as the upstream says."""
        yard, attempt = self._yard, claim.attempt
        cost = None if failed.cost is None else Cost(expected=yard.cost_of(job, attempt.channel), told=failed.cost)
        if await yard.store.rule_out(attempt.token, failed.said, cost, yard.clock.now()):
            _log.info("late_failure", job=job.id, channel=attempt.channel, said=failed.said)

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


async def _rest(spoken_of: asyncio.Event, pause_s: float) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(pause_s):
            await spoken_of.wait()
    spoken_of.clear()


def _pause_s(elapsed_s: float) -> float:
    return min(_PAUSE_MAX_S, max(_PAUSE_S, elapsed_s / _ELAPSED_SHARE))
