"""Which channel next: as a table."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest

from reelgate.contracts.channel import Channel
from reelgate.contracts.provider import Loss
from reelgate.contracts.roster import Offer
from reelgate.dispatch.routing import CLEAR, Later, Obstacle, Ranking, Route, choose
from tests.clock import BEGINNING
from tests.unit.dispatch.channels import make_offer

A, B, C = make_offer("a"), make_offer("b"), make_offer("c", priority=1)
SOON, LATER = BEGINNING + timedelta(seconds=3), BEGINNING + timedelta(seconds=30)


def _choose(
    *offers: Offer,
    losses: dict[str, tuple[Loss, ...]] | None = None,
    obstacles: dict[str, Obstacle] | None = None,
    strict: bool = False,
    tried: tuple[str, ...] = (),
    draw: float = 0.0,
    ranking: Ranking | None = None,
) -> Route | Later:
    def obstacle(channel: Channel) -> Obstacle:
        return (obstacles or {}).get(channel.id, CLEAR)

    return choose(
        offers, lambda offer: (losses or {}).get(offer.channel.id, ()), obstacle, strict=strict, tried=tried, draw=draw, ranking=ranking
    )


def _chosen(found: Route | Later) -> str:
    assert isinstance(found, Route)
    return found.offer.channel.id


def test_the_smallest_priority_comes_first_and_the_others_are_named() -> None:
    found = _choose(C, A)
    assert _chosen(found) == "a"
    assert found.choice == "a: priority 0; c: comes after"


def test_equals_are_drawn_by_weight() -> None:
    heavy = make_offer("heavy", weight=3)
    drawn = Counter(_chosen(_choose(A, heavy, draw=number / 100)) for number in range(100))
    assert drawn == {"a": 25, "heavy": 75}


def test_a_channel_that_cannot_say_content_is_not_considered() -> None:
    found = _choose(A, C, losses={"a": (Loss(part="last_frame", content=True),)})
    assert _chosen(found) == "c"
    assert "a: cannot say last_frame" in found.choice


def test_what_only_tunes_bars_nobody_but_for_the_strict() -> None:
    tuning = {"a": (Loss(part="cfg_scale", content=False),)}
    assert _chosen(_choose(A, C, losses=tuning)) == "a"
    assert _chosen(_choose(A, C, losses=tuning, strict=True)) == "c"


def test_whoever_is_full_is_passed_by() -> None:
    assert _chosen(_choose(A, C, obstacles={"a": Obstacle("full: 2 of 2")})) == "c"


def test_a_channel_that_failed_before_is_asked_when_no_other_is_left() -> None:
    assert _chosen(_choose(A, C, tried=("a",))) == "c"
    assert _chosen(_choose(A, tried=("a",))) == "a"


def test_when_all_are_busy_the_job_waits_for_the_first() -> None:
    found = _choose(A, B, obstacles={"a": Obstacle("it says that it is full", LATER), "b": Obstacle("1 submits a second", SOON)})
    assert found == Later(at=SOON, choice="a: it says that it is full; b: 1 submits a second")


def test_when_all_are_set_aside_the_job_is_stuck() -> None:
    found = _choose(A, obstacles={"a": Obstacle("set aside: upstream_unavailable", LATER, busy=False)})
    assert isinstance(found, Later)
    assert found.stuck
    assert not found.hopeless


def test_an_input_that_nobody_can_say_is_hopeless() -> None:
    found = _choose(A, losses={"a": (Loss(part="references", content=True),)})
    assert isinstance(found, Later)
    assert found.hopeless


def test_without_any_channel_the_job_is_stuck_and_not_hopeless() -> None:
    found = _choose()
    assert found == Later(at=None, choice="no channel offers it", hopeless=False, stuck=True)


def test_a_draw_of_one_takes_the_last() -> None:
    assert _chosen(_choose(A, B, draw=1.0)) == "b"


def test_a_ranking_decides_among_channels_of_one_priority_and_weights_among_equals() -> None:
    cheap = Ranking(lambda offer: {"a": 3.0, "b": 1.0, "c": 0.0}[offer.channel.id], "cheapest")
    found = _choose(A, B, C, ranking=cheap, draw=0.99)
    assert _chosen(found) == "b"
    assert found.choice == "b: priority 0, cheapest of 2; a: comes after; c: comes after"
    drawn = Counter(_chosen(_choose(A, B, ranking=Ranking(lambda _: 1.0, "cheapest"), draw=each)) for each in (0.0, 0.99))
    assert drawn == {"a": 1, "b": 1}


@pytest.mark.parametrize(("starts_in_s", "chosen"), [(5.0, ""), (20.0, ""), (21.0, "c"), (None, "c")])
def test_a_full_channel_is_waited_for_as_long_as_its_patience(starts_in_s: float | None, chosen: str) -> None:
    local = make_offer("local", patience_s=20)
    found = _choose(local, C, obstacles={"local": Obstacle("full: 1 of 1", starts_in_s=starts_in_s)})
    if chosen:
        assert _chosen(found) == chosen
    else:
        assert isinstance(found, Later)
        assert (found.waits_for, found.stuck) == ("local", False)


def test_nobody_waits_for_a_channel_that_is_set_aside_failed_or_comes_later_anyway() -> None:
    local, late = make_offer("local", patience_s=20), make_offer("late", priority=2, patience_s=20)
    assert _chosen(_choose(local, C, obstacles={"local": Obstacle("set aside: x", busy=False, starts_in_s=1)})) == "c"
    assert _chosen(_choose(local, C, obstacles={"local": Obstacle("full", starts_in_s=1)}, tried=("local",))) == "c"
    assert _chosen(_choose(C, late, obstacles={"late": Obstacle("full", starts_in_s=1)})) == "c"
