"""Caustics."""

from __future__ import annotations

import numpy as np

from reelgate.engines.preview.camera import Pose, View
from reelgate.engines.preview.caustic import Caustics, Ground
from reelgate.engines.preview.plane import Planes, new_planes
from tests.unit.engines.preview.clip import SMALL


def view(second: float = 0.0, pose: Pose | None = None) -> View:
    return View(pose=pose or Pose(), second=second, travel=20.0, focus_x=SMALL.width / 2, focus_y=SMALL.height / 2)


def played(second: float, top: float = 0.6) -> Planes:
    planes = new_planes(SMALL)
    Caustics(Ground(top=top, strength=0.8), SMALL, np.random.default_rng(2)).play(planes, second, view(second))
    return planes


def test_light_falls_on_the_ground_alone_and_wanders() -> None:
    light = played(1.0).y
    assert (light[: round(0.6 * SMALL.height) - 2] == 16).all()
    assert light[-20:].max() > 60
    assert not np.array_equal(light, played(1.2).y)
    assert np.array_equal(light, played(1.0).y)


def test_no_ground_is_no_error() -> None:
    assert (played(1.0, top=0.99).y == 16).all()
