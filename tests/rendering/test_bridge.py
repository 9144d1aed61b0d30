"""Bridges."""

from __future__ import annotations

import numpy as np
import pytest

from reelgate.engines.preview import bridge
from tests.rendering.test_setting import make_setting

SPAN = bridge.Span(tall=0.3, deck=0.066, towers=(0.17, 0.83), colour=(0.6, 0.25, 0.2), air=0.1, depth=0.3)


@pytest.mark.parametrize("size", [(320, 180), (180, 320), (180, 180)])
def test_a_hanging_bridge_has_two_towers_and_a_road_from_edge_to_edge(size: tuple[int, int]) -> None:
    land = make_setting("day", size)
    layer = bridge.hanging(land, SPAN)
    rows = np.round(bridge.deck_of(land, SPAN)).astype(int) - layer.top
    across = np.arange(land.brief.width) + land.brief.margin

    assert np.max([layer.alpha[rows + down, across] for down in (0, 1, 2)], axis=0).min() > 0.6
    assert abs(layer.top + layer.alpha.shape[0] - land.shore) <= 2
    above = layer.alpha[: layer.alpha.shape[0] // 2, land.brief.margin : -land.brief.margin].sum(axis=0)
    tallest = np.sort(np.argsort(above)[-4:]) / land.brief.width
    assert np.allclose([tallest[0], tallest[-1]], SPAN.towers, atol=0.06)


def test_by_night_its_lamps_are_lit() -> None:
    day, night = (bridge.hanging(make_setting(palette, (320, 180)), SPAN) for palette in ("day", "night"))
    assert night.rgb.max() > 0.7
    red, green, blue = (float(night.rgb[..., channel].sum()) for channel in range(3))
    assert red > green > blue
    assert day.rgb.max() < 1.0


def test_through_the_arches_of_a_viaduct_one_sees_what_is_behind() -> None:
    land = make_setting("day", (320, 180))
    layer = bridge.viaduct(land, SPAN)
    rows = layer.alpha.shape[0]
    middle = layer.alpha[rows // 2, land.brief.margin : -land.brief.margin]

    assert layer.alpha[rows // 12, land.brief.margin : -land.brief.margin].min() > 0.9
    assert 0.2 < (middle < 0.1).mean() < 0.9
    assert int(np.count_nonzero(np.diff((middle < 0.5).astype(int)) > 0)) >= 4
