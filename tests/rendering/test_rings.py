"""Rings of a planet."""

from __future__ import annotations

import numpy as np

from reelgate.engines.preview.plane import Plane
from reelgate.engines.preview.planet import Globe
from reelgate.engines.preview.rings import INNER, OUTER, rings
from reelgate.engines.preview.scenes.space import paint
from reelgate.engines.preview.stage import Brief, Layer

GREY = (0.6, 0.6, 0.6)
RADIUS = 0.25  # of the short side
GLOBE = Globe(
    x=0.5, y=0.5, radius=RADIUS, low=GREY, high=GREY, cloud=GREY, air=GREY, light=(0.76, 0.41, 0.50), tilt=0.0
)  # the star: to the right, above, on this side


def brief(*words: str, negative: frozenset[str] = frozenset()) -> Brief:
    rng = np.random.default_rng(3)
    return Brief(width=320, height=180, margin=10, palette="night", words=frozenset(words), negative=negative, rng=rng)


def whole(layer: Layer, values: Plane) -> Plane:
    """Of the frame and its margin."""
    shown = np.zeros((200, 340), np.float32)
    shown[layer.top + 10 : layer.top + 10 + values.shape[0]] = values
    return shown


def test_they_go_round_the_planet_behind_it_and_before_it() -> None:
    back, front = (whole(each, each.alpha) for each in rings(brief(), GLOBE, GREY))
    middle = 100
    assert back[: middle - 3].max() > 0.3
    assert back[middle + 3 :].max() == 0.0
    assert front[middle + 3 :].max() > 0.3
    assert front[: middle - 3].max() == 0.0
    row = back[middle] + front[middle]
    away = np.abs(np.arange(340) - 170) / (RADIUS * 180)
    assert row[(away < INNER - 0.05) | (away > OUTER + 0.05)].max() == 0.0
    assert row[(away > INNER + 0.2) & (away < OUTER - 0.1)].mean() > 0.3


def test_where_the_halves_meet_nothing_is_seen_of_it() -> None:
    back, front = (whole(each, each.alpha) for each in rings(brief(), GLOBE, GREY))
    together = front + back * (1.0 - front)
    above, below = together[100:89:-1], together[100:111]
    assert np.abs(above - below).max() < 0.02, "as dense above as below"
    columns = np.abs(np.arange(340) - 170) / (RADIUS * 180)
    ring = (columns > INNER + 0.2) & (columns < OUTER - 0.1)
    halves = together[100][ring].mean() * np.ones(5)
    assert np.allclose(halves, [together[row][ring].mean() for row in (95, 96, 97, 98, 99)], rtol=0.08)


def test_the_half_behind_the_planet_lies_in_its_shadow_on_the_far_side_of_the_star() -> None:
    back, front = rings(brief(), GLOBE, GREY)
    light = [whole(each, each.rgb[..., 0] / np.maximum(each.alpha, 1e-3)) * (whole(each, each.alpha) > 0.2) for each in (back, front)]
    left, right = light[0][:, 60:170], light[0][:, 170:280]
    assert 0.0 < left[left > 0].min() < 0.1
    assert right[right > 0].min() > 0.5
    before = light[1][112:]
    assert before[before > 0].min() > 0.5


def test_a_planet_has_them_where_they_are_asked_for() -> None:
    assert len(paint(brief()).layers) + 2 == len(paint(brief("rings")).layers)
    assert len(paint(brief("rings", negative=frozenset({"rings"}))).layers) == len(paint(brief()).layers)
