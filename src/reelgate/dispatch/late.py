"""Videos that come after their job was given up: kept for the caller at no charge, since the house has to pay for them."""

from __future__ import annotations

import asyncio

import structlog

from reelgate.contracts.attempt import Claim, Cost
from reelgate.contracts.provider import Done, Failed, Ticket
from reelgate.dispatch.homecoming import Here, Homecoming
from reelgate.dispatch.yard import Yard
from reelgate.domain.errors import Unready, UpstreamError

_log = structlog.get_logger(__name__)
_WAITING = 1000
_ASKS = 60
_PAUSE_S = 15.0


class Latecomers:
    """Looks after attempts of which an upstream speaks when their job is over. A hint is asked, never believed."""

    def __init__(self, yard: Yard, homecoming: Homecoming) -> None:
        self._yard, self._homecoming = yard, homecoming
        self._expected: dict[str, tuple[Claim, Ticket]] = {}
        self._news = asyncio.Event()

    def expect(self, claim: Claim, hint: Ticket) -> None:
        """An upstream speaks of this attempt, whose job ended as unknown."""
        if len(self._expected) < _WAITING:
            self._expected.setdefault(claim.attempt.token, (claim, hint))
            self._news.set()

    async def run(self) -> None:
        """Look after them, one after the other, until cancelled: there are few, or something is very wrong elsewhere."""
        while True:
            self._news.clear()
            for token in list(self._expected):
                claim, hint = self._expected[token]
                try:
                    await self._look_after(claim, hint)
                except Unready as error:
                    _log.warning("store_unready", why=error.message)
                except Exception:  # noqa: BLE001 -- one that cannot be had must not stop the others
                    _log.exception("late_bug", job=claim.attempt.job_id)
                finally:
                    del self._expected[token]
            await self._news.wait()

    async def _look_after(self, claim: Claim, hint: Ticket) -> None:
        yard, attempt = self._yard, claim.attempt
        ticket = {"model": attempt.model, **(attempt.ticket or hint)}
        job = await yard.store.job(claim.account, attempt.job_id)
        other = await yard.store.attempt_at(attempt.channel, ticket["id"])
        if job is None or (other is not None and other.attempt.token != attempt.token):
            return
        for _ in range(_ASKS):
            offer = await yard.offer_of(attempt)
            if offer is None:
                return
            try:
                verdict = await yard.talks.hold(offer, offer.provider.poll(ticket))
            except UpstreamError as error:
                _log.info("late_not_known", job=job.id, why=error.said or error.code)
            else:
                if isinstance(verdict, Failed):
                    return
                if isinstance(verdict, Done):
                    here = await self._homecoming.fetch(job, offer, verdict)
                    if isinstance(here, Here):
                        cost = Cost(expected=yard.cost_of(job, attempt.channel), told=verdict.cost)
                        if await self._homecoming.settle_late(attempt.token, job, here, cost):
                            _log.info("late_video", job=job.id, channel=attempt.channel)
                        return
            await asyncio.sleep(_PAUSE_S)
