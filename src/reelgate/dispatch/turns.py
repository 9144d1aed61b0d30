"""Turns: so many at once of each channel, and the others in a line of their own."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from typing import Generic, TypeVar

T = TypeVar("T")


class Turns(Generic[T]):
    """Whose turn it is at each channel. One that is slow makes nobody wait but its own."""

    def __init__(self, at_once: int) -> None:
        self._at_once = at_once
        self._taken: Counter[str] = Counter()
        self._lines: defaultdict[str, deque[T]] = defaultdict(deque[T])

    def take(self, channel_id: str, who: T) -> bool:
        """Whether it is this one's turn now; if not, `leave` will name it."""
        if self._taken[channel_id] >= self._at_once:
            self._lines[channel_id].append(who)
            return False
        self._taken[channel_id] += 1
        return True

    def leave(self, channel_id: str) -> T | None:
        """A turn is over; whose is next, None if nobody waits."""
        line = self._lines.get(channel_id)
        if line:
            return line.popleft()
        self._lines.pop(channel_id, None)
        self._taken[channel_id] -= 1
        return None
