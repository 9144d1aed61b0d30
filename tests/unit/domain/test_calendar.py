"""Days have no gap and no overlap, whatever the clocks of a zone do."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelgate.domain.calendar import begin_of, day_of, day_of_ms, is_zone, month_of

ZONES = ["UTC", "America/New_York", "Asia/Shanghai", "America/Havana", "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Cairo"]


def test_a_zone_is_known_by_its_name() -> None:
    assert is_zone("Asia/Shanghai")
    assert is_zone("UTC")
    assert not is_zone("Asia/Nowhere")
    assert not is_zone("localtime")  # another one on each machine
    assert not is_zone("Factory")
    assert not is_zone("../etc/passwd")
    assert not is_zone("")


def test_a_day_begins_at_its_midnight_there() -> None:
    began = begin_of(date(2026, 11, 26), "Asia/Shanghai")
    assert began == datetime(2026, 11, 25, 16, tzinfo=UTC)
    assert began.tzinfo is UTC  # whatever this machine's own zone is
    assert day_of(datetime(2026, 11, 25, 16, tzinfo=UTC), "Asia/Shanghai") == "2026-11-26"
    assert day_of(datetime(2026, 11, 25, 15, 59, 59, 999999, tzinfo=UTC), "Asia/Shanghai") == "2026-11-25"


def test_a_day_of_a_change_has_23_or_25_hours() -> None:
    spring = begin_of(date(2026, 3, 9), "America/New_York") - begin_of(date(2026, 3, 8), "America/New_York")
    autumn = begin_of(date(2026, 11, 2), "America/New_York") - begin_of(date(2026, 11, 1), "America/New_York")
    assert (spring, autumn) == (timedelta(hours=23), timedelta(hours=25))


def test_a_day_without_a_midnight_begins_with_its_first_instant() -> None:
    began = begin_of(date(2026, 3, 8), "America/Havana")
    assert day_of(began, "America/Havana") == "2026-03-08"
    assert day_of(began - timedelta(microseconds=1), "America/Havana") == "2026-03-07"


@given(st.dates(date(1990, 1, 1), date(2036, 12, 31)), st.sampled_from(ZONES))
def test_the_first_instant_of_a_day_is_of_that_day_and_the_one_before_it_is_not(day: date, zone: str) -> None:
    began = begin_of(day, zone)
    assert day_of(began, zone) == day.isoformat()
    assert day_of(began - timedelta(microseconds=1), zone) < day.isoformat()


def test_a_month_ends_where_the_next_one_begins() -> None:
    assert month_of("2026-12") == (date(2026, 12, 1), date(2027, 1, 1))
    assert month_of("2026-02") == (date(2026, 2, 1), date(2026, 3, 1))


@pytest.mark.parametrize("text", ["2026-13", "2026-00", "0000-01", "2026", "26-11", "2026-11-01", "", "2026-1"])
def test_what_is_no_month_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="2026-11"):
        month_of(text)


@given(st.integers(157_766_400, 2_114_380_800), st.sampled_from(ZONES))
def test_the_quick_way_to_a_day_is_the_same(second: int, zone: str) -> None:
    assert day_of_ms(second * 1000, zone) == day_of(datetime.fromtimestamp(second, UTC), zone)
