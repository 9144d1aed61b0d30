"""The schedule of webhooks."""

from __future__ import annotations

from datetime import timedelta

import pytest

from reelgate.domain.schedule import TRIES, Verdict, next_try, verdict
from tests.clock import BEGINNING

PAUSES_S = [0, 5, 30, 120, 300, 600, 1200, 1800, 1800, 3600, 7200, 18_000, 36_000]


def pause_s(step: int, chance: float) -> float:
    at = next_try(step, BEGINNING, chance)
    assert at is not None
    return (at - BEGINNING).total_seconds()


def test_the_pauses_are_those_that_were_settled() -> None:
    assert [pause_s(step, 0.5) for step in range(TRIES)] == pytest.approx(PAUSES_S)


def test_chance_spreads_each_pause_by_a_fifth_to_both_sides() -> None:
    assert [pause_s(step, 0.0) for step in range(TRIES)] == pytest.approx([0.8 * each for each in PAUSES_S])
    assert [pause_s(step, 1.0) for step in range(TRIES)] == pytest.approx([1.2 * each for each in PAUSES_S])


def test_after_the_last_try_there_is_none() -> None:
    assert next_try(TRIES, BEGINNING, 0.5) is None
    assert next_try(TRIES + 1, BEGINNING, 0.5) is None
    assert next_try(TRIES - 1, BEGINNING, 0.5) is not None


def test_a_receiver_that_is_down_for_eight_hours_is_tried_afterwards_however_chance_falls() -> None:
    for chance in (0.0, 0.5, 1.0):
        total_s = sum(pause_s(step, chance) for step in range(TRIES))
        assert total_s > timedelta(hours=8).total_seconds()


@pytest.mark.parametrize(
    ("statuses", "means"),
    [
        ([200, 201, 202, 204, 299], Verdict.DELIVERED),
        ([300, 301, 302, 304, 307, 308, 399, 410], Verdict.ENDED),
        ([None, 400, 401, 404, 408, 409, 411, 422, 429, 500, 502, 503, 504, 599, 100, 199, 999], Verdict.AGAIN),
    ],
)
def test_only_a_status_from_200_on_delivers_and_only_redirects_and_410_end(statuses: list[int | None], means: Verdict) -> None:
    assert {verdict(each) for each in statuses} == {means}
