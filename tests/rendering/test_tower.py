"""Towers, windows, signs."""

from __future__ import annotations

import numpy as np
import pytest

from reelgate.engines.preview import tower
from reelgate.engines.preview.palette import named


def make_site(*, lit: float = 0.6, neon: float = 0.0, side: float = 1.0, seed: int = 1, plain: bool = False) -> tower.Site:
    style = tower.Style(palette=named("golden"), side=side, pitch=5, neon=neon, lit=lit, plain=plain)
    return tower.Site(front=tower.blank(120, 100), style=style, rng=np.random.default_rng(seed))


def test_a_tower_stands_on_the_last_row_as_high_as_asked() -> None:
    site = make_site()
    tower.build(site, 30, 24, 80)
    cover = site.front.cover
    assert (cover[-1, 30:54] == 1.0).all()
    assert cover[60:, :29].max() == 0.0
    assert cover[42].max() == 1.0


def test_windows_are_dark_by_day_and_lit_at_night() -> None:
    day, night = make_site(lit=0.0), make_site(lit=0.7)
    for site in (day, night):
        tower.build(site, 20, 50, 100)
    assert day.front.lamp.max() == 0.0
    assert night.front.lamp.mean() > 0.02


@pytest.mark.parametrize("side", [1.0, -1.0])
def test_the_side_towards_the_light_is_brighter(side: float) -> None:
    site = make_site(lit=0.0, side=side, plain=True)
    tower.build(site, 10, 60, 60)
    wall = site.front.wall[80:118].sum(axis=(0, 2))
    left, right = wall[11:16].mean(), wall[64:69].mean()
    assert (right > left) == (side > 0.0)


def test_neon_shines_in_its_own_colours() -> None:
    plain, gaudy = make_site(lit=0.3), make_site(lit=0.3, neon=1.0)
    for site in (plain, gaudy):
        for left in (0, 30, 60):
            tower.build(site, left, 26, 100)
    blue = [float((site.front.lamp[..., 2] - site.front.lamp[..., 0]).clip(0.0).sum()) for site in (plain, gaudy)]
    assert blue[1] > blue[0]


def test_a_tower_at_the_edge_is_cut_off() -> None:
    site = make_site(neon=1.0)
    tower.build(site, -15, 30, 400)
    tower.build(site, 92, 30, 400)
    tower.build(site, 140, 30, 50)
    assert site.front.cover[:, 40:60].max() == 0.0


def test_the_landmark_grows_narrower_upwards_and_ends_in_a_beacon() -> None:
    site = make_site()
    tower.landmark(site, 50, 30, 110)
    widths = site.front.cover.sum(axis=1)
    assert widths[110] > widths[50] > widths[20] > 0.0
    red, _, blue = site.front.lamp[10, 50]
    assert red > 0.9 > blue
