"""What is built and set into a layer."""

from __future__ import annotations

import numpy as np
import pytest

from reelgate.engines.preview import masonry
from reelgate.engines.preview.tower import blank
from tests.rendering.test_setting import make_setting

RED, WHITE = (1.0, 0.0, 0.0), (1.0, 1.0, 1.0)
SQUARE = [(4.0, 4.0), (12.0, 4.0), (12.0, 12.0), (4.0, 12.0)]


def test_a_shape_covers_what_it_covers_and_puts_out_lamps_behind_it() -> None:
    front = blank(20, 20)
    masonry.shine(front, SQUARE, WHITE)
    masonry.fill(front, SQUARE, RED)

    assert front.cover[8, 8] == front.wall[8, 8, 0] == 1.0
    assert front.lamp[8, 8].max() == front.cover[18, 18] == 0.0


def test_what_reaches_beyond_the_elevation_is_cut_off() -> None:
    front = blank(20, 20)
    masonry.fill(front, [(-9.0, -9.0), (40.0, -9.0), (40.0, 5.0), (-9.0, 5.0)], RED)
    masonry.fill(front, [(50.0, 50.0), (60.0, 50.0), (60.0, 60.0)], RED)

    assert front.cover[:5].min() == 1.0
    assert front.cover[8:].max() == 0.0


def test_a_rope_of_half_a_pixel_is_half_as_dark() -> None:
    thick, thin = blank(20, 20), blank(20, 20)
    for front, width in ((thick, 1.0), (thin, 0.5)):
        masonry.strand(front, [(0.0, 10.0), (19.0, 10.0)], width, RED)

    assert thin.cover.max() == pytest.approx(thick.cover.max() / 2, abs=0.02)


@pytest.mark.parametrize("side", [1.0, -1.0])
def test_a_round_wall_is_bright_towards_the_light_and_narrows_upwards(side: float) -> None:
    front = blank(40, 40)
    masonry.raise_shaft(front, masonry.Shaft(x=20.0, top=2.0, bottom=40.0, half=(5.0, 10.0)), (RED, WHITE), side)

    assert front.cover[4].sum() < front.cover[38].sum()
    left, right = float(front.wall[38, 14, 1]), float(front.wall[38, 26, 1])
    assert (right > left) == (side > 0.0)


def test_a_lamp_glows_beyond_its_wall_and_haze_takes_from_both() -> None:
    land = make_setting("night")
    front = blank(30, 16)
    masonry.fill(front, SQUARE, RED)
    masonry.shine(front, SQUARE, WHITE)
    clear, hazy = (masonry.planted(land, front, masonry.Site(x=80.0, foot=60.0, air=air, depth=0.2)) for air in (0.0, 0.9))

    assert clear.alpha.shape[1] == land.columns
    assert clear.rgb.max() > hazy.rgb.max()
    assert np.count_nonzero(clear.alpha > 0.01) > 1.3 * np.count_nonzero(front.cover)
    assert abs(float(clear.alpha.max(axis=0).nonzero()[0].mean()) - land.brief.margin - 80.0) < 2.0
