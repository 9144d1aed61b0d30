"""Whose turn it is: deliveries that were taken from the store wait in a lane for each account and receiver. Accounts take turns, and
inside each its receivers, so that a receiver that answers slowly, or never, is waited for by its own letters only, and an account
with ten thousand names for one has no more turns than any other.

Pure bookkeeping, without I/O. What waits too long is let go; the store gives it again when the time for which it was taken is over.
"""

from __future__ import annotations

from collections import Counter, OrderedDict, deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from reelgate.contracts.outbox import Delivery
from reelgate.domain.address import NotAllowed, read_address

# Of the first and the third an account has at most as much as all together leave free: alone it has half of it, three have a quarter
# each, and whoever comes next always finds room.
AT_ONCE = 50
AT_ONCE_PER_RECEIVER = 10
WAITING = 8000
_LEFT_AT_LEAST = timedelta(seconds=20)  # a try takes up to 15 s, and must end before somebody else may begin one


@dataclass(slots=True)
class _Waiting:
    """What waits of one account: lanes by receiver, the one whose turn is next first, and the receivers of all in the order of coming."""

    lanes: OrderedDict[str, deque[Delivery]] = field(default_factory=OrderedDict[str, deque[Delivery]])
    came: OrderedDict[tuple[str, int], str] = field(default_factory=OrderedDict[tuple[str, int], str])

    def add(self, delivery: Delivery) -> None:
        receiver = _receiver(delivery)
        self.lanes.setdefault(receiver, deque()).append(delivery)
        self.came[delivery.id, delivery.token] = receiver

    def take(self, receiver: str) -> Delivery:
        lane = self.lanes[receiver]
        delivery = lane.popleft()
        self.came.pop((delivery.id, delivery.token), None)
        if lane:
            self.lanes.move_to_end(receiver)
        else:
            del self.lanes[receiver]
        return delivery

    def oldest(self) -> tuple[str, Delivery]:
        receiver = next(iter(self.came.values()))
        return receiver, self.lanes[receiver][0]


class Lanes:
    """Deliveries that wait and deliveries under way. `begin` gives the next one, `end` makes room again."""

    def __init__(self) -> None:
        self._waiting: OrderedDict[str, _Waiting] = OrderedDict()
        self._sent_of: Counter[str] = Counter()
        self._sent_to: Counter[str] = Counter()
        self._under_way = 0

    def full(self, now: datetime) -> frozenset[str]:
        """The accounts that have their share of what may wait: of these no more is to be taken yet."""
        for account in list(self._waiting):
            self._let_go(account, now)
        lengths = {account: len(waiting.came) for account, waiting in self._waiting.items()}
        left = WAITING - sum(lengths.values())
        return frozenset(account for account, length in lengths.items() if length >= left)

    def join(self, delivery: Delivery) -> None:
        """Wait for its turn."""
        self._waiting.setdefault(delivery.account, _Waiting()).add(delivery)

    def begin(self, now: datetime) -> Delivery | None:
        """The next delivery that may be sent, from then on under way; None if all that wait have to wait on."""
        for account in list(self._waiting):
            if self._sent_of[account] >= AT_ONCE - self._under_way:
                continue
            if delivery := self._next_of(account, now):
                self._count(delivery, 1)
                return delivery
        return None

    def end(self, delivery: Delivery) -> None:
        """It is not under way any more."""
        self._count(delivery, -1)

    def _next_of(self, account: str, now: datetime) -> Delivery | None:
        waiting = self._waiting[account]
        found: Delivery | None = None
        while found is None and (receiver := self._free_receiver(waiting)) is not None:
            delivery = waiting.take(receiver)
            found = None if _stale(delivery, now) else delivery
        if not waiting.came:
            del self._waiting[account]
        elif found is not None:
            self._waiting.move_to_end(account)
        return found

    def _free_receiver(self, waiting: _Waiting) -> str | None:
        return next((each for each in waiting.lanes if self._sent_to[each] < AT_ONCE_PER_RECEIVER), None)

    def _let_go(self, account: str, now: datetime) -> None:
        waiting = self._waiting[account]
        while waiting.came:
            receiver, oldest = waiting.oldest()
            if not _stale(oldest, now):
                return
            waiting.take(receiver)
        del self._waiting[account]

    def _count(self, delivery: Delivery, change: int) -> None:
        self._under_way += change
        _add(self._sent_of, delivery.account, change)
        _add(self._sent_to, _receiver(delivery), change)


def _receiver(delivery: Delivery) -> str:
    try:
        return read_address(delivery.url).host
    except NotAllowed:
        return ""  # the guard will say so


def _stale(delivery: Delivery, now: datetime) -> bool:
    return delivery.next_at is not None and now > delivery.next_at - _LEFT_AT_LEAST


def _add(counter: Counter[str], name: str, change: int) -> None:
    counter[name] += change
    if not counter[name]:
        del counter[name]  # or names of strangers would gather here
