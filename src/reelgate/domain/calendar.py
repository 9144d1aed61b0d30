"""Days and months of a time zone. An account's limits and reports follow its own, so no day is ever split or counted twice."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

QUARTER_MS = 900_000
"""A quarter of an hour: the days of every zone are made of these."""

_MONTH = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])")


def is_zone(name: str) -> bool:
    """Whether this is the name of a time zone, such as "Asia/Shanghai"."""
    return name == "UTC" or name in _zones()


def day_of(at: datetime, zone: str) -> str:
    """The day on which an instant falls there: "2026-11-26"."""
    return at.astimezone(_zone(zone)).date().isoformat()


def day_of_ms(at_ms: int, zone: str) -> str:
    """The same for milliseconds since 1970, quickly: it is asked with every submit."""
    # A day begins with a quarter of an hour in every zone: none has been off UTC by anything else since 1972.
    return _day_of_quarter(at_ms // QUARTER_MS, zone)


def begin_of(day: date, zone: str) -> datetime:
    """The instant at which a day begins there. Where midnight is skipped that day it is the first instant after it."""
    # A local time that does not exist, or exists twice, is taken with the offset before the change: never later than the day begins.
    return datetime.combine(day, time(), _zone(zone)).astimezone(UTC)


def month_of(text: str) -> tuple[date, date]:
    """The first day of a month such as "2026-11", and the first one after it; `ValueError` for any other text."""
    match = _MONTH.fullmatch(text)
    if match is None or match[1] == "0000":
        message = "a month is written like 2026-11"
        raise ValueError(message)
    first = date(int(match[1]), int(match[2]), 1)
    return first, (first + timedelta(days=32)).replace(day=1)


@lru_cache(maxsize=4096)
def _day_of_quarter(quarter: int, zone: str) -> str:
    return datetime.fromtimestamp(quarter * QUARTER_MS // 1000, UTC).astimezone(_zone(zone)).date().isoformat()


@lru_cache(maxsize=1024)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


@lru_cache(maxsize=1)
def _zones() -> frozenset[str]:
    """IANA names. The list is read from hundreds of files, so it is made once, when it is first asked for."""
    return frozenset(available_timezones() - {"localtime", "Factory"})
