"""Fish."""

from __future__ import annotations

import numpy as np

from reelgate.engines.preview.camera import Pose, View
from reelgate.engines.preview.fish import School, Shoal
from reelgate.engines.preview.plane import Planes, new_planes
from tests.rendering.clip import SMALL

WHITE = School(count=6, x=0.5, y=0.5, length=0.12, spread=0.15, colour=(1.0, 1.0, 1.0), pace=0.1)


def view(second: float = 0.0, pose: Pose | None = None) -> View:
    return View(pose=pose or Pose(), second=second, travel=20.0, focus_x=SMALL.width / 2, focus_y=SMALL.height / 2)


def played(second: float, school: School = WHITE) -> Planes:
    planes = new_planes(SMALL)
    Shoal(school, SMALL, np.random.default_rng(2)).play(planes, second, view(second))
    return planes


def centre(planes: Planes) -> float:
    return float(np.nonzero(planes.y > 128)[1].mean())


def test_a_school_swims_the_way_it_goes() -> None:
    assert centre(played(2.0)) > centre(played(0.0)) + 20
    assert np.array_equal(played(1.0).y, played(1.0).y)


def test_tails_beat() -> None:
    assert not np.array_equal(played(1.0).y, played(1.05).y)


def test_none_are_no_error() -> None:
    none = School(count=0, x=0.5, y=0.5, length=0.1, spread=0.1, colour=(1, 1, 1))
    assert (played(1.0, none).y == 16).all()
