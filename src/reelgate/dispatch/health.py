"""How channels do: what each has under way, which are full, which are set aside for a while and why."""

from __future__ import annotations

import random
from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Self

import structlog

from reelgate.contracts.channel import Channel
from reelgate.contracts.dispatch import ChannelHealth
from reelgate.dispatch.budget import RetryBudget
from reelgate.dispatch.routing import CLEAR, Obstacle
from reelgate.domain.clock import Clock
from reelgate.domain.errors import Misconfigured, Next, Throttled, Unserved, UpstreamError

_log = structlog.get_logger(__name__)
_FAILURES_IN_A_ROW = 5
_LAST = 20
_FAILURES_OF_LAST = 10
_ASIDE = timedelta(seconds=30)
_ASIDE_MAX = timedelta(minutes=10)
_THROTTLED = timedelta(seconds=2)
_THROTTLED_MAX = timedelta(minutes=10)
_ONE_MORE = timedelta(seconds=15)
_SECOND = timedelta(seconds=1)
_WAITS_ON = timedelta(seconds=10)  # a job that waits says so every second or two
_NEWEST_SHARE = 0.2
_MODELS_MAX = 1000  # of one channel; callers may name models as they like


@dataclass(slots=True)
class _Absence:
    """A model that a channel was found not to have: since when, how often it was asked for in vain, until when it is not asked again."""

    since: datetime
    until: datetime
    times: int = 0


@dataclass(slots=True)
class _State:
    """One channel's. `until` is when it is asked again, by one job at first; `since` when it was set aside."""

    running: int = 0
    in_a_row: int = 0
    ejected: int = 0
    last: deque[bool] = field(default_factory=lambda: deque[bool](maxlen=_LAST))
    since: datetime | None = None
    until: datetime | None = None
    reason: str = ""
    probe: Place | None = None
    throttled: int = 0
    full_until: datetime | None = None
    took: int = 0  # how many jobs it had when it last said that it was full
    full_before: datetime | None = None  # until when it was full then
    submits: deque[datetime] = field(default_factory=deque[datetime])
    run_s: float | None = None  # how long its jobs take, the newest counting most
    queue_s: float | None = None  # and how long it lets them wait before it begins
    waiting: dict[str, datetime] = field(default_factory=dict[str, datetime])  # jobs that wait for it, since they last said so
    absent: dict[str, _Absence] = field(default_factory=dict[str, _Absence])  # models that it does not have, by the vendor's names


class Place:
    """One of the places that a channel has for jobs. It is left once, however its job's work ends: as a context manager at the end of
    the block, unless it was handed on to somebody who leaves it later."""

    def __init__(self, state: _State, clock: Clock) -> None:
        self._state, self._clock = state, clock
        self._left = self._handed_on = False

    def ask(self) -> None:
        """A submit is about to be sent. The first one after a time aside is a probe: until it has ended there is no second."""
        self._state.submits.append(self._clock.now())
        if self._state.until is not None:
            self._state.probe = self

    def hand_on(self) -> Self:
        """Itself, which the block does not leave."""
        self._handed_on = True
        return self

    def leave(self) -> None:
        """The channel has one job fewer. A probe that told nothing of the channel may be sent again."""
        if not self._left:
            self._left = True
            self._state.running -= 1
            if self._state.probe is self:
                self._state.probe = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if not self._handed_on:
            self.leave()


class Health:
    """Keeps the state of every channel of this process. Pure bookkeeping."""

    def __init__(self, clock: Clock, chance: random.Random) -> None:
        self._clock, self._chance = clock, chance
        self._states: dict[str, _State] = {}
        self.retries = RetryBudget()

    # -- what may be asked -----------------------------------------------------------------------------------------
    def obstacle(self, channel: Channel, model: str = "") -> Obstacle:
        """Why this channel is given no submit now; with the vendor's name of a model, none for that model."""
        state, now = self._of(channel.id), self._clock.now()
        if state.until is not None and (now < state.until or state.probe is not None):
            return Obstacle(f"set aside: {state.reason}", max(state.until, now + _SECOND), busy=False, since=state.since)
        absence = state.absent.get(model)
        if absence is not None and now < absence.until:
            return Obstacle("it does not have this model", absence.until, busy=False, since=absence.since)
        if state.full_until is not None and now < state.full_until:
            return Obstacle("it says that it is full", state.full_until)
        places = _places(channel, state, now)
        if state.running >= places:
            # Until when is not known: a place is free as soon as a job has ended, which may be long before there is one more.
            return Obstacle(f"full: {state.running} of {places}" + (" by its own word" if places < channel.concurrency else ""))
        if channel.per_second is not None:
            _forget(state.submits, now - _SECOND)
            if len(state.submits) >= max(1, channel.per_second):
                return Obstacle(f"{channel.per_second:g} submits a second", state.submits[0] + _SECOND)
        return CLEAR

    def starts_in_s(self, channel: Channel, job_id: str) -> float | None:
        """In how many seconds this job can expect to begin at a channel that is full; None while nobody knows how long its jobs take."""
        state = self._of(channel.id)
        if state.run_s is None:
            return None
        alive = self._clock.now() - _WAITS_ON
        ahead = sum(since > alive for waiter, since in state.waiting.items() if waiter < job_id)  # ids grow with time
        return state.run_s * (ahead + 1) / _places(channel, state, self._clock.now())

    def waits(self, channel_id: str, job_id: str) -> None:
        """A job waits for it."""
        state, now = self._of(channel_id), self._clock.now()
        state.waiting = {waiter: since for waiter, since in state.waiting.items() if since > now - _WAITS_ON}
        state.waiting[job_id] = now

    def queue_s(self, channel_id: str) -> float:
        """How long it lets jobs wait before it begins; nothing, as long as it has shown nothing else."""
        return self._of(channel_id).queue_s or 0.0

    def room(self, channel: Channel) -> int:
        """How many more jobs it may have now."""
        state = self._of(channel.id)
        return 0 if self.obstacle(channel).words else _places(channel, state, self._clock.now()) - state.running

    def report(self) -> Mapping[str, ChannelHealth]:
        """Every channel that was ever used here."""
        nothing = self._clock.now()
        return {
            name: ChannelHealth(
                reason=state.reason if state.until is not None else "",
                since=state.since or nothing,
                next_at=state.until,
                running=state.running,
            )
            for name, state in self._states.items()
        }

    # -- what happens ----------------------------------------------------------------------------------------------
    def place(self, channel_id: str) -> Place:
        """It is given a job, or one that it has is taken up again: one of its places is taken until it is left."""
        state = self._of(channel_id)
        state.running += 1
        return Place(state, self._clock)

    def took(self, channel_id: str, seconds: float) -> None:
        """It has made a video in so long."""
        state = self._of(channel_id)
        state.run_s = _smoothed(state.run_s, seconds)

    def began(self, channel_id: str, seconds: float) -> None:
        """It let a job wait so long before it began."""
        state = self._of(channel_id)
        state.queue_s = _smoothed(state.queue_s, seconds)

    def well(self, channel_id: str, model: str = "") -> None:
        """It took a job, for this model."""
        state = self._of(channel_id)
        state.absent.pop(model, None)
        if state.until is not None:
            _log.info("channel_back", channel=channel_id)
        state.in_a_row = state.ejected = state.throttled = 0
        state.last.append(True)
        state.since = state.until = state.full_until = None
        state.reason, state.probe = "", None

    def ill(self, channel_id: str, error: UpstreamError, model: str = "") -> None:
        """A submit failed there. That this model is not to be had tells nothing of the others, nor of the channel."""
        state, now = self._of(channel_id), self._clock.now()
        if isinstance(error, Throttled):
            self._throttle(state, error, now)
            return
        state.probe = None
        if error.next is Next.GIVE_UP:  # the input's fault, not the channel's
            return
        if isinstance(error, Unserved):
            self._miss(channel_id, state, model, now)
            return
        state.in_a_row += 1
        state.last.append(False)
        failures = Counter(state.last)[False]
        tired = state.in_a_row >= _FAILURES_IN_A_ROW or (len(state.last) == _LAST and failures >= _FAILURES_OF_LAST)
        if isinstance(error, Misconfigured) or tired or state.until is not None:
            self._set_aside(channel_id, state, f"{error.code} ({error.said})" if error.said else error.code, now)

    def _throttle(self, state: _State, error: Throttled, now: datetime) -> None:
        state.throttled += 1
        state.probe = None
        told = timedelta(seconds=error.retry_after_s) if error.retry_after_s is not None else _THROTTLED * 2 ** min(state.throttled - 1, 8)
        # Not before it said, and not every gateway at the same moment.
        state.full_until = state.full_before = now + min(told, _THROTTLED_MAX) * (1 + self._chance.random() / 4)
        state.took = max(1, state.running - 1)  # without the one that it has refused

    def _miss(self, channel_id: str, state: _State, model: str, now: datetime) -> None:
        """Ask no more for this model for a while, longer each time. What is found out by several jobs at once counts once."""
        state.absent = {name: each for name, each in state.absent.items() if now < each.until + _ASIDE_MAX}
        known = state.absent.get(model)
        if known is None and model and len(state.absent) < _MODELS_MAX:
            known = state.absent[model] = _Absence(since=now, until=now)
        if known is None or now < known.until:
            return
        known.times += 1
        known.until = now + min(_ASIDE * known.times, _ASIDE_MAX)
        _log.warning("model_set_aside", channel=channel_id, model=model, next_at=known.until.isoformat())

    def _set_aside(self, channel_id: str, state: _State, reason: str, now: datetime) -> None:
        state.ejected += 1
        if state.since is None:
            state.since = now
        state.reason = reason
        state.until = now + min(_ASIDE * state.ejected, _ASIDE_MAX)
        state.last.clear()
        _log.warning("channel_set_aside", channel=channel_id, why=reason, next_at=state.until.isoformat())

    def _of(self, channel_id: str) -> _State:
        found = self._states.get(channel_id)
        if found is None:
            found = self._states[channel_id] = _State()
        return found


def _places(channel: Channel, state: _State, now: datetime) -> int:
    """How many jobs it may have: once it has said that it is full no more than it had then, and one more every quarter of a minute. Else
    all that wait would be sent at once when its time is over, and all but one or two be refused again."""
    if state.full_before is None:
        return channel.concurrency
    return min(channel.concurrency, state.took + max(0, (now - state.full_before) // _ONE_MORE))


def _smoothed(before: float | None, seconds: float) -> float:
    return seconds if before is None else before + (seconds - before) * _NEWEST_SHARE


def _forget(instants: deque[datetime], before: datetime) -> None:
    while instants and instants[0] <= before:
        instants.popleft()
