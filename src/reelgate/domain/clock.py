"""Time comes in through one seam, so that a test can own it."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """What the trunk may know of time."""

    def now(self) -> datetime:
        """The instant, UTC-aware."""
        ...

    def monotonic_s(self) -> float:
        """Seconds that only ever go forward; for durations and deadlines inside one process."""
        ...


class SystemClock:
    """The machine's own clocks."""

    def now(self) -> datetime:
        # Whole milliseconds, as instants are stored: what is answered now and read later is the same.
        return from_ms(time.time_ns() // 1_000_000)

    def monotonic_s(self) -> float:
        return time.monotonic()


def in_ms(instant: datetime) -> int:
    """Milliseconds since 1970, the form instants are stored in."""
    return round(instant.timestamp() * 1000)


def from_ms(milliseconds: int) -> datetime:
    """The instant that `in_ms` wrote."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
