"""A river between its meadows."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from reelgate.engines.preview import river
from reelgate.engines.preview.plane import Plane
from reelgate.engines.preview.setting import settle
from tests.painting import make_brief


def open_water(size: tuple[int, int], seed: int = 5) -> Plane:
    land = settle(make_brief("day", size, seed=seed), line=(0.7, 0.6), light_x=0.65)
    layer = river.banks(land, depth=0.5)
    above = land.shore - layer.top
    assert 0 < above <= 0.02 * land.unit + 1
    assert layer.alpha[above - 1].min() > 0.0
    water = layer.alpha[above : size[1] - layer.top, land.brief.margin : -land.brief.margin]
    return np.asarray(1.0 - water, np.float32)


@pytest.mark.parametrize("size", [(320, 180), (180, 320), (180, 180)])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_it_is_seen_in_every_row_and_widens_towards_the_viewer(size: tuple[int, int], seed: int) -> None:
    widths = open_water(size, seed).sum(axis=1)
    assert widths[3:].min() > 0.5
    assert widths[-1] > 3 * widths[len(widths) // 4]
    assert widths[-1] < 0.9 * size[0]


def test_it_winds() -> None:
    water = open_water((320, 180))
    columns = list(range(320))
    middles = [float(np.average(columns, weights=row)) for row in water[4::6]]
    steps = [later - earlier for earlier, later in pairwise(middles)]
    assert max(steps) > 0.0 > min(steps)
