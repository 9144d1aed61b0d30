"""Caustics."""

from __future__ import annotations

import numpy as np

from reelgate.engines.preview.camera import Pose, View
from reelgate.engines.preview.caustic import Caustics, Ground
from reelgate.engines.preview.plane import Planes, new_planes
from tests.rendering.clip import SMALL


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


def test_a_ceiling_is_brightest_at_its_top() -> None:
    planes = new_planes(SMALL)
    ceiling = Ground(top=0.0, foot=0.4, strength=0.8, above=True, fine=2)
    Caustics(ceiling, SMALL, np.random.default_rng(2)).play(planes, 1.0, view(1.0))
    row = round(0.4 * SMALL.height)
    assert planes.y[:8].mean() > planes.y[row - 10 : row].mean() + 10
    assert (planes.y[row + 2 :] == 16).all()


def test_no_light_falls_where_there_is_no_ground_and_the_ground_moves_with_the_camera() -> None:
    left = np.zeros((SMALL.height, SMALL.width), np.float32)
    left[:, : SMALL.width // 2] = 1.0
    lit: list[int] = []
    for pose in (Pose(), Pose(x=-1.0)):
        planes = new_planes(SMALL)
        Caustics(Ground(top=0.5, strength=1.0, depth=1.0, cover=left), SMALL, np.random.default_rng(2)).play(planes, 1.0, view(1.0, pose))
        assert (planes.y[:, -SMALL.width // 4 :] == 16).all()
        lit.append(int(np.flatnonzero(planes.y.max(axis=0) > 30).max()))
    assert 10 < lit[1] - lit[0] < 30


def test_no_ground_is_no_error() -> None:
    assert (played(1.0, top=0.99).y == 16).all()
