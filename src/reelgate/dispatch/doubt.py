"""Buys, and finds out what came of a call that may have bought: by sending it again where that is harmless, by our own token, by what
an upstream calls back, by its list. What nobody can tell in time is given up, and never bought a second time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from reelgate.contracts.attempt import Attempt
from reelgate.contracts.provider import Listed, Ticket
from reelgate.contracts.roster import Offer
from reelgate.dispatch.patience import until_stored
from reelgate.dispatch.yard import Yard
from reelgate.domain.errors import LeaseLost, Rejected, UpstreamError
from reelgate.domain.job import Lease

_log = structlog.get_logger(__name__)
_ASK_AFTER_S = (2.0, 5.0, 15.0, 30.0, 60.0)
_ASK_EVERY_S = 60.0
_TWICE_APART = timedelta(seconds=30)  # an index may lag: one "no such job" is not believed
_PATIENCE = timedelta(hours=1)  # with an upstream that could tell and does not answer
_EARLY_MAX = 1000
_LIST_FROM = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Taken:
    """The upstream has the job: here is its ticket, which the store knows by now."""

    ticket: Ticket


@dataclass(frozen=True, slots=True)
class GivenUp:
    """Nobody will know."""


class NotTaken(UpstreamError):
    """The upstream has no such job."""

    code = "not_taken"


Settled = Taken | GivenUp | UpstreamError


class Doubts:
    """Submits and settles for a yard. `hear` is told what upstreams call back."""

    def __init__(self, yard: Yard) -> None:
        self._yard = yard
        self._open: dict[str, _Doubt] = {}
        self._early: dict[str, Ticket] = {}

    async def submit(self, lease: Lease, offer: Offer, token: str, lost: Callable[[], bool], *, again: bool = False) -> Ticket:
        """Send an attempt's call, for the first time or `again`. Raises as `Talks.submit`, and `Refused` for media that cannot be had."""
        yard, job = self._yard, lease.job
        wanted = await yard.enclosures.enclose(job.input, offer.powers.media)
        order = replace(yard.order_of(job, offer, token, wanted), again=again)

        async def before() -> None:
            await until_stored(lambda: yard.store.sent(lease, token, yard.clock.now()), _log, lost)

        return await yard.talks.submit(offer, offer.provider.submit(order), before)

    async def settle(self, lease: Lease, attempt: Attempt, lost: Callable[[], bool]) -> Settled:
        """Ask until it is known or given up. An `UpstreamError` that is returned means that nothing was bought."""
        doubt = self._open[attempt.token] = _Doubt(self, self._yard, lease, attempt, lost)
        early = self._early.pop(attempt.token, None)
        if early is not None:
            doubt.hear(early)
        try:
            return await doubt.settle()
        finally:
            del self._open[attempt.token]

    def hear(self, token: str, hint: Ticket) -> bool:
        """An upstream speaks of an attempt; whether it is one that is asked about here. If it is not yet, what it says is kept for then."""
        doubt = self._open.get(token)
        if doubt is None:
            self._early[token] = hint  # an upstream may call back before it has answered
            if len(self._early) > _EARLY_MAX:
                del self._early[next(iter(self._early))]
            return False
        doubt.hear(hint)
        return True


class _Doubt:
    """One attempt in doubt."""

    def __init__(self, doubts: Doubts, yard: Yard, lease: Lease, attempt: Attempt, lost: Callable[[], bool]) -> None:
        self._doubts, self._yard, self._lease, self._attempt, self._lost = doubts, yard, lease, attempt, lost
        self._since = attempt.sent_at or yard.clock.now()
        self._denied_at: datetime | None = None
        self._heard = asyncio.Event()
        self._hint: Ticket | None = None
        self._log = _log.bind(job=lease.job.id, channel=attempt.channel)

    def hear(self, hint: Ticket) -> None:
        """A callback named this upstream job; it is believed once the upstream itself says so."""
        self._hint = {**hint, "model": self._attempt.model}
        self._heard.set()

    async def settle(self) -> Settled:
        asked = 0
        while True:
            offer = await self._yard.offer_of(self._attempt)
            if offer is not None:
                found = await self._ask(offer)
                if found is not None:
                    return found
            if self._yard.clock.now() >= self._since + self._window(offer):
                return GivenUp()
            if self._lost():
                raise LeaseLost
            await self._rest(_ASK_AFTER_S[asked] if asked < len(_ASK_AFTER_S) else _ASK_EVERY_S)
            asked += 1

    async def _ask(self, offer: Offer) -> Settled | None:
        """Ask by every way there is, the surest first; None if it is still not known."""
        powers = offer.powers
        if powers.dedupe == "replayed":
            return await self._send_again(offer)
        if powers.finds:
            found = await self._find(offer)
            if found is not None:
                return found
        if self._hint is not None:
            found = await self._try_hint(offer, self._hint)
            if found is not None:
                return found
        return await self._list(offer) if powers.lists else None

    async def _send_again(self, offer: Offer) -> Settled | None:
        """The same submit under the same token. Where it was taken before it is answered as then; where it was not, it is taken now."""
        try:
            return await self._attach(await self._doubts.submit(self._lease, offer, self._attempt.token, self._lost, again=True))
        except Rejected as error:
            return error  # what it refuses now it refused then
        except UpstreamError as error:
            self._log.info("still_in_doubt", why=error.said)
            return None

    async def _find(self, offer: Offer) -> Settled | None:
        yard = self._yard
        order = yard.order_of(self._lease.job, offer, self._attempt.token)
        try:
            ticket = await yard.talks.hold(offer, offer.provider.find(order))
        except UpstreamError as error:
            self._log.info("still_in_doubt", why=error.said)
            return None
        if ticket is not None:
            return await self._attach(ticket)
        now = yard.clock.now()
        if self._denied_at is None or now < self._denied_at + _TWICE_APART:
            self._denied_at = self._denied_at or now
            return None
        # It was asked twice and knows nothing of it.  Where a second one would be refused, the first can be sent once more.
        return await self._send_once_more(offer) if offer.powers.dedupe == "refused" else NotTaken()

    async def _send_once_more(self, offer: Offer) -> Settled | None:
        self._denied_at = None
        try:
            return await self._attach(await self._doubts.submit(self._lease, offer, self._attempt.token, self._lost, again=True))
        except Rejected as error:
            return error  # what it refuses now it refused then
        except UpstreamError as error:
            # That it does not take a second one now says nothing of the first, which may be there and not be found yet.
            self._log.info("still_in_doubt", why=error.said)
            return None

    async def _try_hint(self, offer: Offer, hint: Ticket) -> Settled | None:
        try:
            await self._yard.talks.hold(offer, offer.provider.poll(hint))
        except UpstreamError as error:
            self._log.info("hint_not_believed", why=error.said)
            return None
        return await self._attach(hint)

    async def _list(self, offer: Offer) -> Settled | None:
        yard = self._yard
        order = yard.order_of(self._lease.job, offer, self._attempt.token)
        since = self._since + yard.talks.skew(offer.channel.id) - _LIST_FROM  # by the clock of whoever lists
        try:
            listed = await yard.talks.hold(offer, offer.provider.recent(order, since))
        except UpstreamError as error:
            self._log.info("still_in_doubt", why=error.said)
            return None
        for each in _in_order(listed, since):
            if await yard.store.attempt_at(offer.channel.id, each.ticket["id"]) is None:
                found = await self._attach(each.ticket)
                if found is not None:
                    return found
        return None

    async def _attach(self, ticket: Ticket) -> Taken | None:
        yard = self._yard
        noted = await until_stored(
            lambda: yard.store.note_ticket(self._lease, self._attempt.token, ticket, yard.clock.now()), self._log, self._lost
        )
        return Taken(ticket) if noted else None

    def _window(self, offer: Offer | None) -> timedelta:
        if offer is None:
            return _PATIENCE
        if offer.channel.window_s is not None:
            return timedelta(seconds=offer.channel.window_s)
        sure = offer.powers.finds or offer.powers.dedupe == "replayed"
        window = timedelta(seconds=offer.powers.window_s)
        return max(window, _PATIENCE) if sure else window

    async def _rest(self, pause_s: float) -> None:
        self._heard.clear()
        if self._hint is not None:
            pause_s = min(pause_s, _ASK_AFTER_S[1])
        try:
            async with asyncio.timeout(pause_s * self._yard.chance.uniform(0.8, 1.2)):
                await self._heard.wait()
        except TimeoutError:
            return


def _in_order(listed: Sequence[Listed], since: datetime) -> list[Listed]:
    """Those that may be ours, the oldest first: equal ones are interchangeable."""
    fitting = [each for each in listed if each.matches and each.created_at >= since]
    return sorted(fitting, key=lambda each: each.created_at)
