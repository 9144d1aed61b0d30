"""A deadline that moves with every request and hardly ever costs a timer."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable

_GRAIN_S = 0.002


class Deadline:
    """Calls `due` when it passes.

    Moving it away, or lifting it, only writes a number: the timer that runs already looks at the number when it rings, and
    is set anew. Only a deadline that comes nearer needs another timer.
    """

    __slots__ = ("_at", "_due", "_loop", "_rings_at", "_timer")

    def __init__(self, loop: asyncio.AbstractEventLoop, due: Callable[[], None]) -> None:
        self._loop = loop
        self._due: Callable[[], None] | None = due
        self._timer: asyncio.TimerHandle | None = None
        self._rings_at = math.inf
        self._at = math.inf

    def allow(self, seconds: float) -> None:
        """Let it pass in so many seconds from now, whatever was said before."""
        self._at = self._loop.time() + seconds
        if self._at < self._rings_at and self._due is not None:
            self._set_timer()

    def lift(self) -> None:
        """Let it never pass."""
        self._at = math.inf

    def drop(self) -> None:
        """End it for good, and let go of whom it would have called."""
        self._due = None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _set_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._rings_at = self._at
        self._timer = self._loop.call_at(self._at, self._ring)

    def _ring(self) -> None:
        self._timer, self._rings_at = None, math.inf
        if self._due is None or self._at == math.inf:
            return
        if self._at > self._loop.time() + _GRAIN_S:
            self._set_timer()
        else:
            self._due()
