"""Follows the jobs that upstreams have taken: asks in pauses that grow, wakes up when it is called, and brings home what was made.

A job that is followed is a small record in a heap and no task of its own: there may be ten thousand. Its lease is held here, and the
store is told of nothing but a change.
"""

from __future__ import annotations

import asyncio
import heapq
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator
from datetime import timedelta
from itertools import count

import structlog

from reelgate.contracts.attempt import Attempt, Claim, Cost
from reelgate.contracts.provider import Done, Failed, Pending, Ticket, Verdict
from reelgate.contracts.roster import Offer
from reelgate.dispatch.followed import Followed
from reelgate.dispatch.health import Place
from reelgate.dispatch.homecoming import Homecoming, Lost, NotYet
from reelgate.dispatch.patience import full_jitter_s, until_stored
from reelgate.dispatch.turns import Turns
from reelgate.dispatch.yard import Yard
from reelgate.domain.errors import LeaseLost, Misconfigured, Throttled, Unready, UpstreamError
from reelgate.domain.job import Event, Failure, Job, Lease
from reelgate.metrics import DISCOVERY_S

_log = structlog.get_logger(__name__)
_ASKED_AT_ONCE = 100  # of each channel: one that does not answer must not keep others from being asked
_FETCHED_AT_ONCE = 50  # likewise
_TICK_S = 0.02
_ELAPSED_SHARE = 20  # a job of five minutes is asked every fifteen seconds in the end
_AGAIN_S, _AGAIN_MAX_S = 1.0, 30.0
_WOKEN_AT_MOST_EVERY_S = 2.0
_CANCEL_LOOK_S = 0.5
_CANCEL_AGAIN_S = 10.0
_TELL_EVERY_S = 2.0
_FETCH_AGAIN_S, _FETCH_AGAIN_MAX_S = 2.0, 300.0
_MISSING_TRIES = 12  # in about a quarter of an hour

GIVEN_UP = Failure(
    code="upstream_unknown",
    message="the model did not finish in the time that is waited for it; nothing was charged, and it is safe to submit it again",
)


def _nobody(_claim: Claim, _ticket: Ticket) -> None:
    """Nobody looks after latecomers."""


class Follower:
    """Follows jobs until they end. `held` are the leases that whoever renews must renew."""

    def __init__(self, yard: Yard, homecoming: Homecoming, late: Callable[[Claim, Ticket], object] = _nobody) -> None:
        """`late` is told of what is given up and may still come."""
        self._yard, self._homecoming, self._late = yard, homecoming, late
        self._by_job: dict[str, Followed] = {}
        self._by_token: dict[str, Followed] = {}
        self._heap: list[tuple[float, int, Followed]] = []
        self._order = count()
        self._news = asyncio.Event()
        self._turns: Turns[Followed] = Turns(_ASKED_AT_ONCE)
        self._docks: defaultdict[str, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(_FETCHED_AT_ONCE))

    def __len__(self) -> int:
        return len(self._by_job)

    def held(self) -> Iterator[Lease]:
        """The leases of all that are followed."""
        return (each.lease for each in self._by_job.values())

    def take(self, lease: Lease, attempt: Attempt, place: Place) -> None:
        """Follow an accepted attempt from now on, and leave its place at the channel in the end."""
        under_an_older_lease = self._by_job.get(lease.job.id)
        if under_an_older_lease is not None:
            self._drop(under_an_older_lease)
        now_s = self._yard.clock.monotonic_s()
        shortest, longest = _POLLS_AT_FIRST
        since = attempt.sent_at or attempt.opened_at
        elapsed_s = max(0.0, (self._yard.clock.now() - since).total_seconds())
        # Ten thousand that a process takes over are not all asked in its first second.
        spread_s = shortest if elapsed_s < longest else longest
        followed = Followed(lease, attempt, place, now_s - elapsed_s, now_s + self._yard.chance.uniform(shortest / 2, spread_s))
        followed.cancel = lease.job.cancel_requested_at is not None
        followed.watched = elapsed_s < longest
        self._by_job[lease.job.id] = self._by_token[attempt.token] = followed
        self._push(followed)

    def renewed(self, job_id: str, lease: Lease) -> None:
        """Its lease is good for longer."""
        followed = self._by_job.get(job_id)
        if followed is not None and followed.lease.token == lease.token:
            followed.lease = lease

    def let_go(self, lease: Lease) -> None:
        """Somebody else has the job: ask no more. Nothing is done if it is followed under a newer lease by now."""
        followed = self._by_job.get(lease.job.id)
        if followed is not None and followed.lease.token == lease.token:
            self._drop(followed)

    def hear(self, token: str) -> bool:
        """An upstream has called for this attempt; whether it is followed here. At most one question in two seconds comes of it."""
        followed = self._by_token.get(token)
        if followed is None:
            return False
        self._sooner(followed, followed.asked_s + _WOKEN_AT_MOST_EVERY_S)
        return True

    async def run(self) -> None:
        """Follow until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._watch_cancels())
            while True:
                followed = await self._next()
                followed.busy = True
                if self._turns.take(followed.attempt.channel, followed):
                    tasks.create_task(self._visit(followed, tasks))

    # -- whose turn it is --------------------------------------------------------------------------------------------
    async def _next(self) -> Followed:
        while True:
            self._news.clear()
            wait_s = None
            while self._heap:
                due_s, _, followed = self._heap[0]
                if followed.gone or followed.busy or due_s != followed.next_s:
                    heapq.heappop(self._heap)  # it was dropped, or has another turn
                    continue
                wait_s = due_s - self._yard.clock.monotonic_s()
                if wait_s <= 0:
                    heapq.heappop(self._heap)
                    return followed
                break
            try:
                # Nobody minds two hundredths of a second; a thousand questions a second, asked in fifty goes, take two fifths less CPU.
                async with asyncio.timeout(None if wait_s is None else max(wait_s, _TICK_S)):
                    await self._news.wait()
            except TimeoutError:
                continue

    def _push(self, followed: Followed) -> None:
        heapq.heappush(self._heap, (followed.next_s, next(self._order), followed))
        if self._heap[0][2] is followed:
            self._news.set()

    def _sooner(self, followed: Followed, at_s: float) -> None:
        at_s = max(at_s, self._yard.clock.monotonic_s())
        if at_s < followed.next_s:
            followed.next_s = at_s
            if not followed.busy:
                self._push(followed)

    def _later(self, followed: Followed, pause_s: float) -> None:
        followed.busy = False
        if not followed.gone:
            followed.next_s = self._yard.clock.monotonic_s() + pause_s
            self._push(followed)

    def _drop(self, followed: Followed) -> None:
        if not followed.gone:
            followed.gone = True
            self._by_job.pop(followed.lease.job.id, None)
            self._by_token.pop(followed.attempt.token, None)
            followed.place.leave()

    # -- one visit ---------------------------------------------------------------------------------------------------
    async def _visit(self, followed: Followed, tasks: asyncio.TaskGroup) -> None:
        pause_s = _AGAIN_MAX_S
        try:
            found = await self._turn(followed, tasks)
            pause_s = await self._bring_home(followed, *found) if isinstance(found, tuple) else found
        except LeaseLost:
            _log.warning("lease_lost", job=followed.lease.job.id)
            self._drop(followed)
        except Unready as error:
            _log.warning("store_unready", why=error.message)
            pause_s = _AGAIN_S if followed.done_s is None else _AGAIN_MAX_S  # a full disk is not filled again each second
        except Exception:  # noqa: BLE001 -- one job's trouble must not stop the others
            _log.exception("follower_bug", job=followed.lease.job.id)
        finally:
            self._later(followed, pause_s)

    async def _turn(self, followed: Followed, tasks: asyncio.TaskGroup | None) -> float | tuple[Offer, Done]:
        """Ask once, and let the next one of the channel ask: but not where everything is being stopped."""
        try:
            return await self._ask(followed)
        except asyncio.CancelledError:
            tasks = None
            raise
        finally:
            while tasks is not None and (waiting := self._turns.leave(followed.attempt.channel)) is not None:
                if not waiting.gone:  # it may be somebody else's job by now
                    tasks.create_task(self._visit(waiting, tasks))
                    break

    async def _ask(self, followed: Followed) -> float | tuple[Offer, Done]:
        """Ask once; seconds until the next time, or what was made and by whom."""
        now_s = followed.asked_s = self._yard.clock.monotonic_s()
        offer = await self._yard.offer_of(followed.attempt)
        if offer is None:
            return await self._without_channel(followed, now_s)
        if followed.cancel and await self._cancelled(followed, offer, now_s):
            return 0.0
        verdict: Verdict | UpstreamError
        try:
            verdict = await self._yard.talks.hold(offer, offer.provider.poll(followed.ticket))
        except UpstreamError as error:
            verdict = error
        if isinstance(verdict, Pending | UpstreamError) and followed.overdue(offer, now_s):
            await self._give_up(followed, offer)
            return 0.0
        if isinstance(verdict, UpstreamError):
            return self._missed(followed, offer, verdict)
        followed.misses = 0
        return await self._judge(followed, offer, verdict)

    async def _judge(self, followed: Followed, offer: Offer, verdict: Verdict) -> float | tuple[Offer, Done]:
        match verdict:
            case Pending():
                followed.goes_on_s = followed.asked_s
                if not verdict.queued:
                    self._began(followed)
                await self._tell(followed, verdict, followed.asked_s)
                return self._pause_s(followed, offer, followed.asked_s)
            case Done():
                if followed.done_s is None:
                    followed.done_s = followed.asked_s
                    self._discovered(followed)
                return offer, verdict
            case Failed():
                self._discovered(followed)
                await self._failed(followed, offer, verdict)
                return 0.0

    def _discovered(self, followed: Followed) -> None:
        DISCOVERY_S.labels(followed.attempt.channel).observe(max(0.0, followed.asked_s - (followed.goes_on_s or followed.began_s)))

    def _began(self, followed: Followed) -> None:
        """It is seen at work for the first time. One that was followed before this process began tells nothing of the queue there."""
        if not followed.at_work:
            followed.at_work = True
            if followed.watched:
                self._yard.health.began(followed.attempt.channel, max(0.0, followed.asked_s - followed.began_s))

    def _missed(self, followed: Followed, offer: Offer, error: UpstreamError) -> float:
        """No answer, or none that can be read: ask again. It is never the job's failure."""
        followed.misses += 1
        shortest, _ = offer.powers.poll_s
        level = _log.warning if followed.misses in _LOUD or isinstance(error, Misconfigured) else _log.info
        level("poll_failed", job=followed.lease.job.id, channel=offer.channel.id, why=error.said or error.code, misses=followed.misses)
        if isinstance(error, Throttled) and error.retry_after_s is not None:
            return min(error.retry_after_s, 600.0) * self._yard.chance.uniform(1.0, 1.25)
        return shortest + full_jitter_s(followed.misses, self._yard.chance, base_s=_AGAIN_S, cap_s=_AGAIN_MAX_S)

    def _pause_s(self, followed: Followed, offer: Offer, now_s: float) -> float:
        shortest, longest = offer.powers.poll_s
        pause_s = min(longest, max(shortest, (now_s - followed.began_s) / _ELAPSED_SHARE))
        return pause_s * self._yard.chance.uniform(0.8, 1.2)

    async def _tell(self, followed: Followed, pending: Pending, now_s: float) -> None:
        news = (pending.fraction, pending.line)
        if news in (followed.told, (None, "")) or now_s - followed.told_s < _TELL_EVERY_S:
            return
        followed.told, followed.told_s = news, now_s
        kind = "progress" if pending.fraction is not None else "log"
        event = Event(job_id=followed.lease.job.id, kind=kind, message=pending.line, at=self._yard.clock.now(), fraction=pending.fraction)
        try:
            await self._yard.store.note(followed.lease, [event])
        except Unready:
            _log.warning("progress_lost", job=followed.lease.job.id)

    # -- ends --------------------------------------------------------------------------------------------------------
    async def _bring_home(self, followed: Followed, offer: Offer, done: Done) -> float:
        job = await self._job(followed)
        async with self._docks[offer.channel.id]:
            came = await self._homecoming.fetch(job, offer, done)
        if isinstance(came, NotYet):
            followed.fetches += 1
            followed.missing += came.missing
            made_s = self._yard.clock.monotonic_s() - (followed.done_s or followed.asked_s)
            if followed.missing < _MISSING_TRIES and made_s < offer.powers.outputs_s:
                level = _log.warning if followed.fetches in _LOUD else _log.info
                level("output_not_there", job=job.id, channel=offer.channel.id, why=came.said, tries=followed.fetches)
                return 1.0 + full_jitter_s(followed.fetches, self._yard.chance, base_s=_FETCH_AGAIN_S, cap_s=_FETCH_AGAIN_MAX_S)
            came = Lost(came.said)
        cost = self._cost(job, offer, done)
        if isinstance(came, Lost):
            _log.error("output_lost", job=job.id, channel=offer.channel.id, why=came.said)
            failure = Failure(code="output_lost", message="the model made a video that could not be fetched; nothing was charged")
            await self._stored(followed, lambda: self._fail(followed, failure, cost))
        else:
            render_s = followed.age_s(self._yard.clock.monotonic_s())
            self._yard.health.took(followed.attempt.channel, render_s)
            await self._homecoming.settle(followed.lease, job, offer, came, cost=cost, render_s=render_s, lost=lambda: followed.gone)
        self._ended(followed)
        return 0.0

    async def _failed(self, followed: Followed, offer: Offer, failed: Failed) -> None:
        yard = self._yard
        job = await self._job(followed)
        cost = None if failed.cost is None else Cost(expected=yard.cost_of(job, offer.channel.id), told=failed.cost)
        if failed.failure.code == "cancelled" or (followed.cancel and followed.cancel_asked_s > 0):
            await self._stored(followed, lambda: yard.store.cancel(followed.lease, yard.clock.now(), cost=cost))
        else:
            await self._stored(followed, lambda: self._fail(followed, failed.failure, cost, failed.said))
        self._ended(followed, failed.said)

    async def _fail(self, followed: Followed, failure: Failure, cost: Cost | None, said: str = "") -> None:
        now, age_s = self._yard.clock.now(), followed.age_s(self._yard.clock.monotonic_s())
        await self._yard.store.fail(followed.lease, failure, render_s=age_s, at=now, cost=cost, said=said)

    async def _give_up(self, followed: Followed, offer: Offer | None = None) -> None:
        """It took too long: once that is written, the upstream is told to stop. A video may still come; it is nobody's loss but ours."""
        yard, job = self._yard, await self._job(followed)
        possible = yard.cost_of(job, followed.attempt.channel)
        await self._stored(followed, lambda: yard.store.give_up(followed.lease, GIVEN_UP, possible, yard.clock.now()))
        self._ended(followed)
        if offer is not None and offer.powers.cancels != "no":
            await self._stopped(followed, offer)
        self._late(Claim(account=job.account, attempt=followed.attempt), followed.ticket)

    async def _without_channel(self, followed: Followed, now_s: float) -> float:
        _log.warning("channel_gone", job=followed.lease.job.id, channel=followed.attempt.channel)
        if now_s - followed.began_s > _LIMIT_WITHOUT_CHANNEL_S:
            await self._give_up(followed)
        return _AGAIN_MAX_S

    def _ended(self, followed: Followed, said: str = "") -> None:
        if said:
            _log.info("upstream_failed", job=followed.lease.job.id, channel=followed.attempt.channel, said=said)
        self._drop(followed)

    # -- cancel ------------------------------------------------------------------------------------------------------
    async def _watch_cancels(self) -> None:
        while True:
            try:
                for job_id in await self._yard.store.asked_to_cancel() if self._by_job else ():
                    followed = self._by_job.get(job_id)
                    if followed is not None and not followed.cancel:
                        followed.cancel = True
                        self._sooner(followed, 0.0)
            except Unready as error:
                _log.warning("store_unready", why=error.message)
            await asyncio.sleep(_CANCEL_LOOK_S)

    async def _cancelled(self, followed: Followed, offer: Offer, now_s: float) -> bool:
        """Ask the upstream to stop, again and again; whether the job is cancelled by now."""
        yard = self._yard
        releases = offer.channel.on_cancel == "release"
        if offer.powers.cancels == "no":
            if releases:
                await self._release(followed, offer)
            return releases
        if now_s - followed.cancel_asked_s < _CANCEL_AGAIN_S:
            return False
        followed.cancel_asked_s = now_s
        if await self._stopped(followed, offer):
            await self._stored(followed, lambda: yard.store.cancel(followed.lease, yard.clock.now()))
            self._ended(followed)
            return True
        if releases and followed.at_work and offer.powers.cancels == "queued":  # it is past stopping
            await self._release(followed, offer)
            return True
        return False

    async def _stopped(self, followed: Followed, offer: Offer) -> bool:
        """Ask the upstream to stop; whether it says that it has."""
        try:
            return await self._yard.talks.hold(offer, offer.provider.cancel(followed.ticket))
        except UpstreamError as error:
            _log.info("cancel_failed", job=followed.lease.job.id, channel=offer.channel.id, why=error.said or error.code)
            return False

    async def _release(self, followed: Followed, offer: Offer) -> None:
        """Let the caller go at no charge, though it has to be paid for."""
        yard, job = self._yard, await self._job(followed)
        cost = Cost(expected=yard.cost_of(job, offer.channel.id))
        await self._stored(followed, lambda: yard.store.cancel(followed.lease, yard.clock.now(), cost=cost))
        self._ended(followed)

    # -- small parts -------------------------------------------------------------------------------------------------
    async def _job(self, followed: Followed) -> Job:
        job = await self._yard.store.job(followed.lease.job.account, followed.lease.job.id)
        if job is None:
            raise LeaseLost
        return job

    def _cost(self, job: Job, offer: Offer, done: Done) -> Cost:
        return Cost(expected=self._yard.cost_of(job, offer.channel.id), told=done.cost)

    async def _stored(self, followed: Followed, verb: Callable[[], Awaitable[object]]) -> None:
        await until_stored(verb, _log, lambda: followed.gone)


_POLLS_AT_FIRST = (1.0, 10.0)
_LOUD = frozenset({3, 10, 30, 100, 300, 1000})
_LIMIT_WITHOUT_CHANNEL_S = timedelta(hours=24).total_seconds()
