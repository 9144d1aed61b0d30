"""The light around a light."""

from __future__ import annotations

import numpy as np

from reelgate.engines.preview.glow import Glow
from reelgate.engines.preview.plane import Planes, new_planes
from tests.rendering.clip import SMALL


def shone(value: int, second: float = 0.0, at: tuple[float, float] = (0.5, 0.5)) -> Planes:
    planes = new_planes(SMALL)
    planes.y[:] = value
    Glow((*at, 0.5, (1.0, 0.7, 0.3)), SMALL).shine(planes, second)
    return planes


def test_it_is_brightest_in_its_middle_and_nothing_at_its_rim() -> None:
    planes = shone(60)

    assert planes.y[90, 160] > planes.y[90, 190] > planes.y[90, 220] > 60
    assert planes.y[90, 20] == 60
    assert planes.v[45, 80] > 140  # warm


def test_it_never_burns_out() -> None:
    assert shone(230).y.max() <= 236


def test_it_breathes() -> None:
    assert not np.array_equal(shone(60, 0.0).y, shone(60, 1.7).y)


def test_it_may_stand_at_the_edge_or_beyond() -> None:
    assert shone(60, at=(0.0, 0.0)).y[2, 2] > 100
    assert (shone(60, at=(4.0, 4.0)).y == 60).all()
