"""Carries one leased job that goes to a channel as far as its ticket: routes it, writes the intent, buys at most once, tells what failed.

An attempt's row is the memory of it all. What it says after a crash is where this goes on: "planned" means that nothing was sent,
"submitting" that the call may have arrived, "in_doubt" that somebody has begun to ask, "accepted" that there is a ticket.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeVar

import structlog

from reelgate.contracts.attempt import Attempt
from reelgate.contracts.channel import Channel
from reelgate.contracts.provider import Ticket
from reelgate.dispatch.doubt import Doubts, GivenUp, Taken
from reelgate.dispatch.follower import Follower
from reelgate.dispatch.health import Place
from reelgate.dispatch.patience import full_jitter_s, until_stored
from reelgate.dispatch.routing import Later, Obstacle, Ranking, Route, choose
from reelgate.dispatch.yard import Yard
from reelgate.domain.errors import LeaseLost, Next, Refused, Rejected, Uncertain, UpstreamError
from reelgate.domain.identity import unguessable
from reelgate.domain.job import ONLY_AT, AttemptState, Failure, Lease

_log = structlog.get_logger(__name__)
T = TypeVar("T")
_PATIENCE = timedelta(minutes=15)  # since all channels are out of service, none of them merely busy
_AGAIN_S, _AGAIN_MAX_S = 2.0, 60.0
_LOOK_AGAIN_S = 1.0

UNAVAILABLE = Failure(code="upstream_unavailable", message="the model is not available at the moment; nothing was charged")
UNKNOWN = Failure(
    code="upstream_unknown",
    message="it could not be found out whether the model took the work; nothing was charged, and it is safe to submit it again",
)
BUG = Failure(code="internal_error", message="the gateway failed at this job")


class Relay:
    """Carries jobs of the class `paid`."""

    def __init__(self, yard: Yard, follower: Follower, doubts: Doubts) -> None:
        self._yard, self._follower, self._doubts = yard, follower, doubts

    async def carry(self, lease: Lease, *, lost: Callable[[], bool]) -> None:
        """Work on a leased job until it has ended, waits in the queue again, or is followed; or until the lease is lost."""
        try:
            await _Carrying(self._yard, self._follower, self._doubts, lease, lost).run()
        except LeaseLost:
            _log.warning("lease_lost", job=lease.job.id)
        except Exception:
            # What may have been bought is left to the next one who takes it up; what was not must not wait for a bug to go away.
            if not await self._fail_unbought(lease):
                raise
            _log.exception("relay_bug", job=lease.job.id)

    async def _fail_unbought(self, lease: Lease) -> bool:
        store, job, now = self._yard.store, lease.job, self._yard.clock.now()
        attempts = await store.attempts(job.account, job.id)
        if any(each.closed_at is None and each.state is not AttemptState.PLANNED for each in attempts):
            return False
        await store.fail(lease, BUG, render_s=None, at=now)
        return True


class _Carrying:
    """One job under way."""

    def __init__(self, yard: Yard, follower: Follower, doubts: Doubts, lease: Lease, lost: Callable[[], bool]) -> None:
        self._yard, self._follower, self._doubts = yard, follower, doubts
        self._lease, self._lost = lease, lost
        self._failed_now: set[str] = set()
        self._log = _log.bind(job=lease.job.id)

    async def run(self) -> None:
        job, yard = self._lease.job, self._yard
        attempts = await yard.store.attempts(job.account, job.id)
        under_way = next((each for each in attempts if each.closed_at is None), None)
        if under_way is not None and await self._go_on(under_way):
            return
        while await self._begin_another():
            pass

    # -- what a process before has begun -----------------------------------------------------------------------------
    async def _go_on(self, attempt: Attempt) -> bool:
        """Take up an attempt as its row says; False if nothing can have come of it and another one may begin."""
        yard = self._yard
        with yard.health.place(attempt.channel) as place:
            match attempt.state:
                case AttemptState.ACCEPTED:
                    self._follow(attempt, place)
                    return True
                case AttemptState.SUBMITTING | AttemptState.IN_DOUBT:
                    if attempt.state is AttemptState.SUBMITTING:
                        await self._doubt(attempt, "the gateway stopped")
                    return not await self._settle(attempt, place)
                case _:
                    await self._close(attempt, AttemptState.ABANDONED, "stopped before anything was sent")
                    return False

    # -- a new attempt -----------------------------------------------------------------------------------------------
    async def _begin_another(self) -> bool:
        """Route the job and try one channel; True if another one may be tried at once."""
        yard, job = self._yard, self._lease.job
        now = await yard.store.job(job.account, job.id)
        if now is not None and now.cancel_requested_at is not None:
            await self._stored(lambda: yard.store.cancel(self._lease, yard.clock.now()))
            return False
        attempts = await yard.store.attempts(job.account, job.id)
        tried = [each.channel for each in attempts if each.state is AttemptState.FAILED]
        failed_at = {each.channel: each.closed_at for each in reversed(attempts) if each.state is AttemptState.FAILED}
        found = await self._route(tried, failed_at)
        if isinstance(found, Route):
            if not tried:
                yard.health.retries.earn()
            elif not yard.health.retries.spend():
                found = Later(at=None, choice=f"too many second tries just now; {found.choice}")
        if isinstance(found, Later):
            await self._wait(found, attempts)
            return False
        return await self._attempt(found)

    async def _route(self, tried: list[str], failed_at: Mapping[str, datetime | None]) -> Route | Later:
        yard, job = self._yard, self._lease.job
        roster = await yard.rolls.current()
        only = (job.names or {}).get(ONLY_AT)
        offers = [each for each in roster.offers(yard.endpoint_of(job)) if only in (None, each.channel.id)]
        models = {each.channel.id: each.model for each in offers}
        return choose(
            offers,
            lambda offer: yard.losses(job, offer),
            lambda channel: self._obstacle(channel, models[channel.id], failed_at.get(channel.id)),
            strict=job.terms.strict,
            tried=tried,
            draw=yard.chance.random(),
            ranking=self._ranking(),
        )

    def _ranking(self) -> Ranking | None:
        yard, job = self._yard, self._lease.job
        match yard.settings.route_by:
            case "price":
                return Ranking(lambda offer: yard.cost_of(job, offer.channel.id).micros, "cheapest")
            case "start":
                return Ranking(lambda offer: yard.health.queue_s(offer.channel.id), "soonest")
            case "weight":
                return None

    def _obstacle(self, channel: Channel, model: str, failed_at: datetime | None) -> Obstacle:
        """A channel that has just failed this job, the first time at `failed_at`, is not asked again at once."""
        found = self._yard.health.obstacle(channel, model)
        if channel.id in self._failed_now and found.busy:
            return Obstacle("failed just now", busy=False, since=failed_at)
        if found.words and found.busy and channel.patience_s:
            return found._replace(starts_in_s=self._yard.health.starts_in_s(channel, self._lease.job.id))
        return found

    async def _wait(self, later: Later, attempts: list[Attempt]) -> None:
        yard, job = self._yard, self._lease.job
        now = yard.clock.now()
        if later.hopeless:
            await self._fail(Failure(code="rejected", message="no channel that serves this model can take this input"))
            return
        failed = [each for each in attempts if each.state is AttemptState.FAILED]
        if later.stuck and max(job.created_at, later.since or (await yard.rolls.current()).since or job.created_at) + _PATIENCE <= now:
            self._log.warning("no_channel", why=later.choice)
            await self._fail(UNAVAILABLE)
            return
        if later.waits_for:
            yard.health.waits(later.waits_for, job.id)
        soonest = now + timedelta(seconds=_LOOK_AGAIN_S)
        if self._failed_now:
            rounds = sum(each.tries for each in failed) // len(self._failed_now)
            soonest += timedelta(seconds=full_jitter_s(rounds, yard.chance, base_s=_AGAIN_S, cap_s=_AGAIN_MAX_S))
        not_before = max(later.at or soonest, soonest)
        self._log.info("waits_for_a_channel", why=later.choice, until=not_before.isoformat())
        await self._stored(lambda: yard.store.requeue(self._lease, not_before, now))

    async def _attempt(self, route: Route) -> bool:
        """Try one channel; True if another one may be tried at once."""
        yard, offer, token = self._yard, route.offer, unguessable()
        attempt = await self._stored(
            lambda: yard.store.open_attempt(
                self._lease, token, yard.clock.now(), channel=offer.channel.id, model=offer.model, choice=route.choice
            )
        )
        with yard.health.place(offer.channel.id) as place:
            place.ask()
            self._log.info("submitting", channel=offer.channel.id, attempt=attempt.number, why=route.choice)
            try:
                ticket = await self._doubts.submit(self._lease, offer, token, self._lost)
            except Refused as error:
                await self._close(attempt, AttemptState.FAILED, error.code)
                await self._fail(Failure(code=error.code, message=error.message, fault=error.fault))
                return False
            except Uncertain as error:
                yard.health.ill(offer.channel.id, error, offer.model)
                await self._doubt(attempt, error.said)
                return await self._settle(replace(attempt, sent_at=attempt.sent_at or yard.clock.now()), place)
            except UpstreamError as error:
                yard.health.ill(offer.channel.id, error, offer.model)
                return await self._refused(attempt, error)
            return await self._take(attempt, ticket, place)

    async def _take(self, attempt: Attempt, ticket: Ticket, place: Place) -> bool:
        yard = self._yard
        if await self._stored(lambda: yard.store.note_ticket(self._lease, attempt.token, ticket, yard.clock.now())):
            yard.health.well(attempt.channel, attempt.model)
            self._log.info("accepted", channel=attempt.channel, attempt=attempt.number)
            self._follow(replace(attempt, ticket=ticket, sent_at=attempt.sent_at or yard.clock.now()), place)
            return False
        # It names a job that another attempt has: whatever this one bought, nobody knows.
        self._log.error("ticket_of_another", channel=attempt.channel)
        await self._doubt(attempt, "a ticket of another attempt")
        return await self._settle(attempt, place)

    async def _refused(self, attempt: Attempt, error: UpstreamError) -> bool:
        """Nothing was bought."""
        waits = error.next is Next.WAIT
        if not waits:  # one that is full says itself until when
            self._failed_now.add(attempt.channel)
        note = f"{error.code}: {error.said}" if error.said else error.code
        await self._close(attempt, AttemptState.ABANDONED if waits else AttemptState.FAILED, note)
        self._log.info("refused", channel=attempt.channel, why=note)
        if error.next is Next.GIVE_UP:
            fault = error.fault if isinstance(error, Rejected) else None
            await self._fail(Failure(code=error.code, message=error.message, fault=fault))
            return False
        return True

    # -- doubt -------------------------------------------------------------------------------------------------------
    async def _doubt(self, attempt: Attempt, why: str) -> None:
        yard = self._yard
        await self._stored(lambda: yard.store.doubt(self._lease, attempt.token, why, yard.clock.now()))

    async def _settle(self, attempt: Attempt, place: Place) -> bool:
        """Find out what came of a call that may have bought; True if that is nothing and another attempt may begin."""
        yard, job = self._yard, self._lease.job
        self._log.warning("in_doubt", channel=attempt.channel, attempt=attempt.number)
        match await self._doubts.settle(self._lease, attempt, self._lost):
            case Taken(ticket=ticket):
                yard.health.well(attempt.channel, attempt.model)
                self._log.info("found", channel=attempt.channel, attempt=attempt.number)
                self._follow(replace(attempt, ticket=ticket), place)
                return False
            case GivenUp():
                possible = yard.cost_of(job, attempt.channel)
                self._log.error("given_up", channel=attempt.channel, possible=possible.decimal)
                await self._stored(lambda: yard.store.give_up(self._lease, UNKNOWN, possible, yard.clock.now()))
                return False
            case UpstreamError() as error:
                return await self._refused(attempt, error)

    # -- small parts -------------------------------------------------------------------------------------------------
    def _follow(self, attempt: Attempt, place: Place) -> None:
        self._follower.take(self._lease, attempt, place.hand_on())

    async def _close(self, attempt: Attempt, state: AttemptState, note: str) -> None:
        yard = self._yard
        await self._stored(lambda: yard.store.close_attempt(self._lease, attempt.token, state, note, yard.clock.now()))

    async def _fail(self, failure: Failure) -> None:
        yard = self._yard
        await self._stored(lambda: yard.store.fail(self._lease, failure, render_s=None, at=yard.clock.now()))

    async def _stored(self, verb: Callable[[], Awaitable[T]]) -> T:
        return await until_stored(verb, self._log, self._lost)
