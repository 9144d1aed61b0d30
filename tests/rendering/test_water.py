"""Water."""

from __future__ import annotations

import numpy as np
import pytest

from reelgate.engines.preview.plane import Planes, new_planes
from reelgate.engines.preview.stage import Water
from reelgate.engines.preview.water import Mirror
from tests.rendering.clip import SMALL

LINE = 100
CALM = Water(line=LINE / 180, tint=(0.0, 0.2, 0.3), tint_strength=0.0, ripple=0.0)


def pool(water: Water, second: float = 0.0) -> Planes:
    """Water below a sky that is dark above and bright at the line."""
    planes = new_planes(SMALL)
    planes.y[:LINE] = np.linspace(30, 220, LINE)[:, None].astype(np.uint8)
    Mirror(water, SMALL, LINE, np.random.default_rng(2)).reflect(planes, second)
    return planes


def test_glass_is_a_mirror() -> None:
    planes = pool(CALM)

    rows = planes.y[LINE:].mean(axis=1)
    assert np.abs(rows - planes.y[LINE - 80 : LINE][::-1].mean(axis=1)).mean() < 6


def test_ripples_break_it_more_the_nearer_they_are() -> None:
    rough, glass = (
        pool(Water(line=LINE / 180, tint=(0, 0, 0), tint_strength=0.0, ripple=ripple)).y[LINE:].astype(int) for ripple in (1.5, 0.0)
    )

    shift = np.abs(rough - glass)
    assert shift[50:75].mean() > 2 * shift[2:10].mean() > 0


def test_tint_grows_towards_the_viewer() -> None:
    strength = np.abs(pool(Water(line=LINE / 180, tint=(0.0, 0.9, 0.0), tint_strength=0.5, ripple=0.0)).u[LINE // 2 :].astype(float) - 128)

    assert strength[-4:].mean() > 2 * strength[:4].mean() > 0


def test_waves_come_back_changed() -> None:
    rough = Water(line=LINE / 180, tint=(0, 0, 0), ripple=1.0)

    one, two = pool(rough, 0.0).y.astype(int), pool(rough, 0.5).y.astype(int)
    assert np.abs(one - two)[LINE:].mean() > 1
    assert np.array_equal(one, pool(rough, 0.0).y)


@pytest.mark.parametrize("sun_x", [0.25, 0.75])
def test_light_lies_under_the_light(sun_x: float) -> None:
    dull = Water(line=LINE / 180, tint=(0, 0, 0), tint_strength=0.6, ripple=1.0)
    lit = Water(line=LINE / 180, tint=(0, 0, 0), tint_strength=0.6, ripple=1.0, glitter=(1.0, 0.9, 0.6), sun_x=sun_x)

    gain = (pool(lit).y.astype(int) - pool(dull).y)[LINE:].mean(axis=0)
    assert abs(np.average(np.arange(SMALL.width), weights=np.maximum(gain, 0)) / SMALL.width - sun_x) < 0.06
