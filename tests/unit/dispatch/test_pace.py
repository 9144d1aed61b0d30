"""How long a job would wait is told from how long others took, or not at all."""

from __future__ import annotations

import pytest

from reelgate.contracts.dispatch import Forecast
from reelgate.dispatch.pace import Pace


def test_who_finds_a_free_slot_starts_at_once() -> None:
    assert Pace().forecast("a", ahead=0, running=1, slots=2) == Forecast(ahead=0, wait_s=0.0, run_s=None)


def test_before_any_job_nothing_is_promised() -> None:
    assert Pace().forecast("a", ahead=3, running=2, slots=2) == Forecast(ahead=3, wait_s=None, run_s=None)


def test_the_wait_is_that_of_those_ahead_side_by_side() -> None:
    pace = Pace()
    for seconds in (10, 12, 8):
        pace.took("a", seconds)
    pace.took("b", 10)
    told = pace.forecast("a", ahead=3, running=2, slots=2)
    assert told.run_s == pytest.approx(10)
    assert told.wait_s == pytest.approx((3 + 1) / 2 * 10)
    assert pace.forecast("c", ahead=0, running=2, slots=2).wait_s == pytest.approx(5)


def test_only_the_last_few_count() -> None:
    pace = Pace()
    for seconds in [1000] * 20 + [2] * 20:
        pace.took("a", seconds)
    assert pace.forecast("a", ahead=0, running=0, slots=1).run_s == pytest.approx(2)


def test_endless_names_do_not_fill_the_memory() -> None:
    pace = Pace()
    for number in range(2500):
        pace.took(f"endpoint-{number}", 1)
    assert len(pace._of_endpoint) <= 1000  # noqa: SLF001 -- its size is what is promised
