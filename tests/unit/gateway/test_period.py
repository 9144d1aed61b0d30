"""Days and months, whole ones, whatever the clocks of a zone do."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelgate.domain.calendar import day_of
from reelgate.domain.errors import InvalidInput
from reelgate.gateway.period import Period, read_instant, read_period

TODAY = date(2026, 11, 26)
ZONES = ["UTC", "America/New_York", "Asia/Shanghai", "Asia/Kathmandu", "Australia/Lord_Howe", "Africa/Cairo"]


@pytest.mark.parametrize(
    ("said", "first", "last"),
    [
        ({}, "2026-11-01", "2026-11-30"),
        ({"month": "2026-02"}, "2026-02-01", "2026-02-28"),
        ({"month": "2028-02"}, "2028-02-01", "2028-02-29"),
        ({"month": "2026-12"}, "2026-12-01", "2026-12-31"),
        ({"first": "2026-11-03"}, "2026-11-03", "2026-11-26"),
        ({"last": "2026-10-15"}, "2026-10-01", "2026-10-15"),
        ({"first": "2026-01-31", "last": "2026-02-01"}, "2026-01-31", "2026-02-01"),
        ({"first": "2026-11-26", "last": "2026-11-26"}, "2026-11-26", "2026-11-26"),
        ({"first": "1970-01-02", "last": "9998-12-31"}, "1970-01-02", "9998-12-31"),
    ],
)
def test_a_period_is_a_month_or_days(said: dict[str, str], first: str, last: str) -> None:
    period = read_period("Asia/Shanghai", TODAY, **said)
    assert (period.first.isoformat(), period.last.isoformat(), period.zone) == (first, last, "Asia/Shanghai")


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"month": "2026-13"}, "month"),
        ({"month": "2026-1"}, "month"),
        ({"month": "9999-12"}, "month"),
        ({"month": "0001-01"}, "month"),
        ({"month": "2026-11", "first": "2026-11-01"}, "month"),
        ({"first": "2026-02-30"}, "from"),
        ({"first": "20261101"}, "from"),
        ({"first": "0001-01-01"}, "from"),
        ({"last": "9999-12-31"}, "to"),
        ({"last": "tomorrow"}, "to"),
        ({"first": "2026-11-02", "last": "2026-11-01"}, "to"),
        ({"first": "2026-11-27"}, "to"),
    ],
)
def test_what_is_no_period_is_named(said: dict[str, str], field: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        read_period("Asia/Shanghai", TODAY, **said)
    assert [fault.path for fault in refusal.value.faults] == [(field,)]


@pytest.mark.parametrize(
    ("day", "zone", "hours"),
    [
        (date(2026, 3, 8), "America/New_York", 23),
        (date(2026, 11, 1), "America/New_York", 25),
        (date(2026, 11, 1), "Asia/Shanghai", 24),
        (date(2026, 4, 24), "Africa/Cairo", 23),  # midnight itself is left out there
        (date(2026, 10, 4), "Australia/Lord_Howe", 23.5),
    ],
)
def test_a_day_has_the_hours_that_its_clocks_give_it(day: date, zone: str, hours: float) -> None:
    period = Period(first=day, last=day, zone=zone)
    assert period.until - period.since == timedelta(hours=hours)


@given(st.sampled_from(ZONES), st.dates(date(2026, 1, 1), date(2028, 12, 31)), st.integers(0, 40))
def test_days_follow_each_other_without_a_gap_and_an_instant_is_in_its_own(zone: str, first: date, more: int) -> None:
    period = Period(first=first, last=first + timedelta(days=more), zone=zone)
    after = Period(first=period.last + timedelta(days=1), last=period.last + timedelta(days=1), zone=zone)
    assert period.until == after.since
    assert day_of(period.since, zone) == period.first.isoformat()
    assert day_of(period.until - timedelta(milliseconds=1), zone) == period.last.isoformat()


def test_a_period_says_whose_days_it_is_of() -> None:
    assert Period(first=TODAY, last=TODAY, zone="Asia/Shanghai").words == "2026-11-26 (Asia/Shanghai)"
    assert read_period("UTC", TODAY).words == "2026-11-01 to 2026-11-30 (UTC)"


def test_an_instant_is_a_day_of_the_zone_or_says_its_own_distance() -> None:
    assert read_instant("2026-12-01", "Asia/Shanghai", "since") == datetime(2026, 11, 30, 16, tzinfo=UTC)
    assert read_instant("2026-12-01T09:00:00-05:00", "Asia/Shanghai", "since") == datetime(2026, 12, 1, 14, tzinfo=UTC)


@pytest.mark.parametrize("text", ["1970-01-02T00:00:00+00:00", "9998-12-31T00:00:00+00:00", "2026-12-01T09:00:00+08:00"])
def test_an_instant_is_told_in_utc_wherever_it_is_of(text: str) -> None:
    at = read_instant(text, "Asia/Shanghai", "since")
    assert at == datetime.fromisoformat(text)
    assert at.tzinfo is UTC  # whatever this machine's own zone is


@pytest.mark.parametrize("text", ["", "now", "2026-12-01T09:00:00", "2026-12-32", "0001-01-01T00:00:00+14:00", "9999-12-31T23:00:00-12:00"])
def test_an_instant_without_its_place_is_none(text: str) -> None:
    with pytest.raises(InvalidInput, match="since: a day like"):
        read_instant(text, "UTC", "since")
