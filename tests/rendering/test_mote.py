"""Motes."""

from __future__ import annotations

import numpy as np
import pytest

from reelgate.engines.preview.camera import Pose, View
from reelgate.engines.preview.mote import Motes, Swarm
from reelgate.engines.preview.plane import Planes, new_planes
from tests.rendering.clip import SMALL

DUST = Swarm(count=30, colour=(1.0, 0.9, 0.7), radius=(0.006, 0.02), area=(0.0, 0.0, 0.5, 1.0))


def view(pose: Pose | None = None) -> View:
    return View(pose=pose or Pose(), second=0.0, travel=20.0, focus_x=SMALL.width / 2, focus_y=SMALL.height / 2)


def played(swarm: Swarm, second: float, pose: Pose | None = None) -> Planes:
    planes = new_planes(SMALL)
    Motes(swarm, SMALL, np.random.default_rng(1)).play(planes, second, view(pose))
    return planes


def test_they_are_brighter_than_what_is_behind_and_stay_in_their_area() -> None:
    planes = played(DUST, 1.0)
    assert planes.y.max() > 60
    assert (planes.y[:, SMALL.width // 2 + SMALL.least // 10 :] == 16).all()
    assert planes.v.max() > 128, "their colour is warm"


def test_they_move_and_the_same_second_looks_the_same() -> None:
    assert np.array_equal(played(DUST, 2.0).y, played(DUST, 2.0).y)
    assert not np.array_equal(played(DUST, 2.0).y, played(DUST, 2.1).y)


def test_a_camera_that_goes_right_sends_them_left() -> None:
    def centre(planes: Planes) -> float:
        light = planes.y.astype(float) - 16
        return float((light.sum(axis=0) * np.arange(SMALL.width)).sum() / light.sum())

    one = Swarm(count=1, colour=(1.0, 1.0, 1.0), radius=(0.02, 0.02), twinkle=0.0, drift=(0.0, 0.0), depth=(1.0, 1.0))
    assert centre(played(one, 0.5, Pose(x=0.5))) == pytest.approx(centre(played(one, 0.5)) - 10, abs=0.6)


def test_a_bubble_is_brighter_at_its_rim_than_inside() -> None:
    bubble = Swarm(count=1, colour=(1.0, 1.0, 1.0), radius=(0.12, 0.12), twinkle=0.0, light=1.0, sway=0.0, drift=(0, 0), ring=True)
    planes = played(bubble, 0.0)
    rows, columns = np.nonzero(planes.y > 40)
    middle = planes.y[(rows.min() + rows.max()) // 2, (columns.min() + columns.max()) // 2]
    assert planes.y.max() > middle + 40


def test_none_are_no_error() -> None:
    assert (played(Swarm(count=0, colour=(1, 1, 1), radius=(0.01, 0.02)), 1.0).y == 16).all()
