"""Boats."""

from __future__ import annotations

from reelgate.engines.preview import boat
from tests.rendering.test_setting import make_setting


def test_boats_stand_on_the_line_of_the_water_with_bright_sails() -> None:
    land = make_setting("day", (960, 540))
    layer = boat.boats(land, depth=0.4)

    assert abs(layer.top + layer.alpha.shape[0] - land.shore) <= 2
    hull, sails = layer.rgb[-2], layer.rgb[: layer.alpha.shape[0] // 2]
    assert sails.max() > 1.5 * hull.max()
    assert (layer.alpha > 0.0).mean() < 0.2
