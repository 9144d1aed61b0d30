"""An event loop whose time passes only when nobody has anything to do: hours go by in milliseconds, and always in the same order."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from datetime import datetime, timedelta
from typing import Any, TypeVar

from tests.clock import BEGINNING

T = TypeVar("T")


class Deadlock(RuntimeError):
    """Everybody waits for something that will never happen."""


class _Instantly(selectors.DefaultSelector):
    """Waits for nothing: the time that it should wait has passed at once."""

    def __init__(self) -> None:
        super().__init__()
        self.passed_s = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout == 0:  # somebody has something to do, and nobody out there hurries
            return []
        ready = super().select(0)
        if ready:
            return ready
        if timeout is None:
            raise Deadlock
        self.passed_s += max(0.0, timeout)
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    """A loop over such time."""

    def __init__(self) -> None:
        self._instantly = _Instantly()
        super().__init__(self._instantly)

    def time(self) -> float:
        return self._instantly.passed_s


class VirtualClock:
    """The `Clock` of whoever lives in a virtual loop."""

    def __init__(self, loop: VirtualLoop) -> None:
        self._loop = loop

    def now(self) -> datetime:
        return BEGINNING + timedelta(seconds=self._loop.time())

    def monotonic_s(self) -> float:
        return self._loop.time()


def run(work: Coroutine[Any, Any, T], loop: VirtualLoop) -> T:
    """Run to the end in virtual time."""
    try:
        return loop.run_until_complete(work)
    finally:
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()
