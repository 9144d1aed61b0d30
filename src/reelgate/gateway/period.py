"""Days, months and instants as people name them, in a time zone: what a report is of, and when a price begins."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from reelgate.domain.calendar import begin_of, month_of
from reelgate.domain.errors import Fault, InvalidInput

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_FIRST_DAY, _LAST_DAY = date(1970, 1, 2), date(9998, 12, 31)  # a day beyond them has no instants in every zone


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """Whole days of a time zone, the last one included."""

    first: date
    last: date
    zone: str

    @property
    def since(self) -> datetime:
        """Its first instant."""
        return begin_of(self.first, self.zone)

    @property
    def until(self) -> datetime:
        """The first instant that is no longer in it."""
        return begin_of(self.last + timedelta(days=1), self.zone)

    @property
    def words(self) -> str:
        """For people: the days, and whose they are."""
        days = self.first.isoformat() if self.first == self.last else f"{self.first.isoformat()} to {self.last.isoformat()}"
        return f"{days} ({self.zone})"


def read_period(zone: str, today: date, *, month: str = "", first: str = "", last: str = "") -> Period:
    """A month ("2026-11"), or days from `first` to `last`; without any of them the month of today. `InvalidInput` says what is wrong.

    `first` alone goes on to today, `last` alone begins with its month.
    """
    if month and (first or last):
        raise InvalidInput([Fault(path=("month",), message="either a month, or from and to")])
    if month or not (first or last):
        return _month(month or today.isoformat()[:7], zone)
    end = _read_day(last, "to") if last else today
    begin = _read_day(first, "from") if first else end.replace(day=1)
    if end < begin:
        raise InvalidInput([Fault(path=("to",), message="a period ends on the day on which it begins, or later")])
    return Period(first=begin, last=end, zone=zone)


def read_instant(text: str, zone: str, field: str) -> datetime:
    """When something begins: a day, which is its first instant in this zone, or an instant with its distance from UTC."""
    if _DAY.fullmatch(text):
        return begin_of(_read_day(text, field), zone)
    try:
        at = datetime.fromisoformat(text)
        if at.tzinfo is not None and _FIRST_DAY <= at.date() <= _LAST_DAY:
            return at.astimezone(UTC)
    except ValueError:
        pass  # it is told below what can be read
    message = f"a day like 2026-12-01, which begins at midnight of {zone}, or an instant like 2026-12-01T09:00:00+08:00"
    raise InvalidInput([Fault(path=(field,), message=message)])


def _read_day(text: str, field: str) -> date:
    try:
        day = date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        day = None
    if day is None or not _FIRST_DAY <= day <= _LAST_DAY:
        raise InvalidInput([Fault(path=(field,), message="a day like 2026-11-26")])
    return day


def _month(text: str, zone: str) -> Period:
    try:
        first, following = month_of(text)
    except (ValueError, OverflowError):
        first = following = date.max
    if not _FIRST_DAY <= first <= following <= _LAST_DAY:
        raise InvalidInput([Fault(path=("month",), message="a month like 2026-11")])
    return Period(first=first, last=following - timedelta(days=1), zone=zone)
