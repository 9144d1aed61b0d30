"""Which channel next: as a table."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from reelgate.contracts.channel import Channel
from reelgate.contracts.provider import Loss
from reelgate.contracts.roster import Offer
from reelgate.dispatch.routing import CLEAR, Later, Obstacle, Route, choose
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
) -> Route | Later:
    def obstacle(channel: Channel) -> Obstacle:
        return (obstacles or {}).get(channel.id, CLEAR)

    return choose(offers, lambda offer: (losses or {}).get(offer.channel.id, ()), obstacle, strict=strict, tried=tried, draw=draw)


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
