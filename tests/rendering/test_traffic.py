"""Cars far away."""

from __future__ import annotations

import numpy as np

from reelgate.engines.preview.camera import Pose, View
from reelgate.engines.preview.plane import Planes, new_planes
from reelgate.engines.preview.traffic import Road, Traffic, bodies_of
from tests.rendering.clip import SMALL
from tests.rendering.test_setting import make_setting


def driven(second: float, *, lit: bool, many: int = 9) -> Planes:
    planes = new_planes(SMALL)
    planes.y[:] = 130
    road = Road(rows=np.full(SMALL.width, 90.0, np.float32), depth=0.2, many=many, lit=lit, bodies=bodies_of(make_setting("day")))
    view = View(pose=Pose(), second=second, travel=10.0, focus_x=160.0, focus_y=90.0)
    Traffic(road, SMALL, np.random.default_rng(2)).play(planes, second, view)
    return planes


def test_they_keep_to_their_road() -> None:
    changed = (driven(0.0, lit=True).y != 130).any(axis=1).nonzero()[0]
    assert 84 <= changed.min() <= changed.max() <= 94


def test_lights_are_bright_and_bodies_are_of_several_tones() -> None:
    night, day = (driven(0.0, lit=lit).y.astype(int) - 130 for lit in (True, False))
    assert night.max() > 25
    assert day.min() < -8
    assert day.max() > 10


def test_they_drive_and_come_in_again() -> None:
    assert np.array_equal(driven(2.0, lit=True).y, driven(2.0, lit=True).y)
    assert not np.array_equal(driven(2.0, lit=True).y, driven(0.0, lit=True).y)
    assert all((driven(second, lit=True).y != 130).any() for second in (50.0, 500.0))
