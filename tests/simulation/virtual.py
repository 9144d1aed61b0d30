"""An event loop whose time passes only when nobody has anything to do: hours go by in milliseconds, and always in the same order."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine
from contextvars import Context, copy_context
from datetime import datetime, timedelta
from heapq import heappop, heappush
from typing import Any, TypeVar

from tests.clock import BEGINNING

T = TypeVar("T")

_SAME_INSTANT_S = 1e-9


class Deadlock(RuntimeError):
    """Everybody waits for something that will never happen."""


class _Call(list[float]):
    """What will be done, and when: a list of that alone, which a heap compares quicker than anything written here."""

    __slots__ = ("arguments", "context", "do")

    arguments: tuple[Any, ...]
    context: Context
    do: Callable[..., object] | None

    def cancel(self) -> None:
        self.do = None

    def cancelled(self) -> bool:
        return self.do is None


class VirtualLoop(asyncio.BaseEventLoop):
    """A loop over such time. It asks no system for anything: most of a life's cost would be these questions, and handles for them."""

    def __init__(self) -> None:
        super().__init__()
        self.passed_s = 0.0
        self._soon = deque[_Call]()
        self._later: list[_Call] = []

    def time(self) -> float:
        return self.passed_s

    def call_soon(self, callback: Callable[..., object], *args: Any, context: Context | None = None) -> Any:
        call = _Call()
        call.do, call.arguments, call.context = callback, args, context or copy_context()
        self._soon.append(call)
        return call

    def call_later(self, delay: float, callback: Callable[..., object], *args: Any, context: Context | None = None) -> Any:
        return self.call_at(self.passed_s + delay, callback, *args, context=context)

    def call_at(self, when: float, callback: Callable[..., object], *args: Any, context: Context | None = None) -> Any:
        call = _Call((when,))
        call.do, call.arguments, call.context = callback, args, context or copy_context()
        heappush(self._later, call)
        return call

    def run_in_executor(self, executor: Any, func: Callable[..., Any], *args: Any) -> Any:
        raise NotImplementedError("a thread would take real time, and no virtual one")

    def _run_once(self) -> None:
        """What `run_forever` repeats."""
        soon, later = self._soon, self._later
        while later and later[0].do is None:
            heappop(later)
        if not soon:
            if not later:
                raise Deadlock
            self.passed_s += max(0.0, later[0][0] - self.passed_s)
        until_s = self.passed_s + _SAME_INSTANT_S
        while later and later[0][0] < until_s:
            soon.append(heappop(later))
        for _ in range(len(soon)):
            call = soon.popleft()
            if call.do is not None:
                call.context.run(call.do, *call.arguments)


class VirtualClock:
    """The `Clock` of whoever lives in a virtual loop."""

    def __init__(self, loop: VirtualLoop) -> None:
        self._loop = loop

    def now(self) -> datetime:
        return BEGINNING + timedelta(seconds=self._loop.passed_s)

    def monotonic_s(self) -> float:
        return self._loop.passed_s


def run(work: Coroutine[Any, Any, T], loop: VirtualLoop) -> T:
    """Run to the end in virtual time."""
    try:
        return loop.run_until_complete(work)
    finally:
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()
