"""What upstreams' clocks show, by the dates of their answers."""

from __future__ import annotations

from datetime import datetime, timedelta
from email.utils import format_datetime

import pytest
from structlog.testing import capture_logs

from reelgate.contracts.provider import HttpReply
from reelgate.dispatch.skew import Skews
from tests.clock import BEGINNING

MINUTES = timedelta(minutes=10)
NOTHING = timedelta()
MOMENT = timedelta(seconds=0.4)


def dated(at: datetime, status: int = 200, **headers: str) -> HttpReply:
    return HttpReply(status=status, headers={"date": format_datetime(at.replace(microsecond=0), usegmt=True), **headers})


def learned(skews: Skews, reply: HttpReply, asked_at: datetime = BEGINNING) -> bool:
    return skews.learn("acme", reply, asked_at, asked_at + MOMENT)


@pytest.mark.parametrize("skew", [MINUTES, -MINUTES, timedelta(minutes=59)])
def test_a_date_shows_it_to_within_a_second(skew: timedelta) -> None:
    skews = Skews()
    assert skews.of("acme") == NOTHING
    assert learned(skews, dated(BEGINNING + skew))
    assert abs(skews.of("acme") - skew) < timedelta(seconds=1)
    assert skews.of("zeta") == NOTHING


@pytest.mark.parametrize("late", [timedelta(seconds=-1), timedelta(), MOMENT])
def test_a_second_cut_off_and_the_time_on_the_way_are_no_skew(late: timedelta) -> None:
    skews = Skews()
    assert not learned(skews, dated(BEGINNING + late))
    assert skews.of("acme") == NOTHING


def test_it_is_looked_at_once_a_minute_and_whenever_a_key_is_refused() -> None:
    skews = Skews()
    assert not learned(skews, dated(BEGINNING))
    soon, later = BEGINNING + timedelta(seconds=30), BEGINNING + timedelta(seconds=61)
    assert not learned(skews, dated(soon + MINUTES), soon)
    assert skews.of("acme") == NOTHING
    assert learned(skews, dated(soon + MINUTES, 401), soon)
    assert learned(skews, dated(later + timedelta(seconds=30)), later + timedelta(seconds=30))
    assert abs(skews.of("acme")) < timedelta(seconds=1), "it was set right"


def test_once_known_it_is_no_news() -> None:
    skews = Skews()
    assert learned(skews, dated(BEGINNING + MINUTES))
    known, later = skews.of("acme"), BEGINNING + timedelta(minutes=5)
    assert not learned(skews, dated(later + MINUTES), later)
    assert skews.of("acme") == known


@pytest.mark.parametrize("wrong", [timedelta(hours=2), timedelta(days=-3000)])
def test_a_clock_that_is_off_by_hours_is_not_gone_by_and_told_of(wrong: timedelta) -> None:
    skews = Skews()
    with capture_logs() as logs:
        assert not learned(skews, dated(BEGINNING + wrong))
    assert skews.of("acme") == NOTHING
    assert [(line["event"], line["channel"]) for line in logs] == [("clock_off", "acme")]


def test_only_more_than_a_minute_is_told_of() -> None:
    with capture_logs() as logs:
        learned(Skews(), dated(BEGINNING + timedelta(seconds=50)))
    assert logs == []
    with capture_logs() as logs:
        learned(Skews(), dated(BEGINNING + MINUTES))
    assert [line["seconds"] for line in logs] == [600]


@pytest.mark.parametrize(
    "reply",
    [
        HttpReply(status=200),
        HttpReply(status=200, headers={"date": ""}),
        HttpReply(status=200, headers={"date": "yesterday"}),
        HttpReply(status=200, headers={"date": "Thu, 01 Jan 99999 12:00:00 GMT"}),
        HttpReply(status=200, headers={"date": "Thu, 01 Jan 2026 13:00:00 -0000"}),  # in no zone
        dated(BEGINNING - MINUTES, age="600"),
    ],
)
def test_an_answer_without_a_date_of_its_own_shows_nothing(reply: HttpReply) -> None:
    skews = Skews()
    assert not learned(skews, reply)
    assert learned(skews, dated(BEGINNING + MINUTES)), "and does not count as a look"
