"""Whose turn it is: deliveries that were taken from the store wait in a lane for each account and receiver, so that a receiver that
answers slowly, or never, is waited for by its own letters only.

Pure bookkeeping, without I/O. What finds no room here, or waits too long, is let go; the store gives it again when the time for
which it was taken is over.
"""

from __future__ import annotations

from collections import Counter, deque
from datetime import datetime, timedelta
from typing import NamedTuple

from reelgate.contracts.outbox import Delivery
from reelgate.domain.address import NotAllowed, read_address

AT_ONCE = 50
AT_ONCE_PER_ACCOUNT = 25  # names cost nothing: one account with a hundred of them still leaves others half
AT_ONCE_PER_RECEIVER = 10
WAITING_PER_ACCOUNT = 4000
WAITING_PER_LANE = 1000
_LEFT_AT_LEAST = timedelta(seconds=20)  # a try takes up to 15 s, and must end before somebody else may begin one


class _Lane(NamedTuple):
    account: str
    receiver: str


class Lanes:
    """Deliveries that wait and deliveries under way. `begin` gives the next one, `end` makes room again."""

    def __init__(self) -> None:
        self._waiting: dict[_Lane, deque[Delivery]] = {}
        self._waiting_of: Counter[str] = Counter()
        self._sent_of: Counter[str] = Counter()
        self._sent_to: Counter[str] = Counter()
        self._under_way = 0

    def join(self, delivery: Delivery, now: datetime) -> bool:
        """Wait for its turn; False if there is no room left for its lane or its account."""
        lane = _lane(delivery)
        self._let_go(lane, now)
        waiting = self._waiting.get(lane, ())
        if len(waiting) >= WAITING_PER_LANE or self._waiting_of[lane.account] >= WAITING_PER_ACCOUNT:
            return False
        self._waiting.setdefault(lane, deque()).append(delivery)
        self._waiting_of[lane.account] += 1
        return True

    def begin(self, now: datetime) -> Delivery | None:
        """The next delivery that may be sent, from then on under way; None if all that wait have to wait on. Lanes take turns."""
        if self._under_way >= AT_ONCE:
            return None
        for lane in list(self._waiting):
            self._let_go(lane, now)
            if lane in self._waiting and self._may_begin(lane):
                delivery = self._take_first(lane)
                if lane in self._waiting:
                    self._waiting[lane] = self._waiting.pop(lane)  # to the end: the others' turn first
                self._count(lane, 1)
                return delivery
        return None

    def end(self, delivery: Delivery) -> None:
        """It is not under way any more."""
        self._count(_lane(delivery), -1)

    def _may_begin(self, lane: _Lane) -> bool:
        return self._sent_to[lane.receiver] < AT_ONCE_PER_RECEIVER and self._sent_of[lane.account] < AT_ONCE_PER_ACCOUNT

    def _let_go(self, lane: _Lane, now: datetime) -> None:
        while lane in self._waiting and _stale(self._waiting[lane][0], now):
            self._take_first(lane)

    def _take_first(self, lane: _Lane) -> Delivery:
        waiting = self._waiting[lane]
        delivery = waiting.popleft()
        if not waiting:
            del self._waiting[lane]
        _add(self._waiting_of, lane.account, -1)
        return delivery

    def _count(self, lane: _Lane, change: int) -> None:
        self._under_way += change
        _add(self._sent_of, lane.account, change)
        _add(self._sent_to, lane.receiver, change)


def _lane(delivery: Delivery) -> _Lane:
    try:
        return _Lane(delivery.account, read_address(delivery.url).host)
    except NotAllowed:
        return _Lane(delivery.account, "")  # the guard will say so


def _stale(delivery: Delivery, now: datetime) -> bool:
    return delivery.next_at is not None and now > delivery.next_at - _LEFT_AT_LEAST


def _add(counter: Counter[str], name: str, change: int) -> None:
    counter[name] += change
    if not counter[name]:
        del counter[name]  # or names of strangers would gather here
