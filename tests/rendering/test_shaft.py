"""Shafts of light."""

from __future__ import annotations

import numpy as np

from reelgate.engines.preview.camera import Pose, View
from reelgate.engines.preview.plane import Planes, new_planes
from reelgate.engines.preview.shaft import Fan, Shafts
from tests.rendering.clip import SMALL

FAN = Fan(x=0.5, y=-0.2, colour=(1.0, 0.9, 0.6), strength=0.6)


def played(second: float, *, seed: int = 1) -> Planes:
    planes = new_planes(SMALL)
    view = View(pose=Pose(), second=second, travel=20.0, focus_x=SMALL.width / 2, focus_y=SMALL.height / 2)
    Shafts(FAN, SMALL, np.random.default_rng(seed)).play(planes, second, view)
    return planes


def test_rays_come_from_above_and_fade_on_their_way_down() -> None:
    light = played(1.0).y.astype(float) - 16
    assert light[: SMALL.height // 3].mean() > 2 * light[-SMALL.height // 5 :].mean()
    assert light.std(axis=1).max() > 4, "there is dark between them"


def test_they_wander_and_the_same_second_looks_the_same() -> None:
    assert np.array_equal(played(1.0).y, played(1.0).y)
    assert not np.array_equal(played(1.0).y, played(2.0).y)
    assert not np.array_equal(played(1.0).y, played(1.0, seed=2).y)


def test_light_is_screened_and_never_goes_beyond_white() -> None:
    planes = new_planes(SMALL)
    planes.y[:] = 230
    view = View(pose=Pose(), second=0.0, travel=20.0, focus_x=SMALL.width / 2, focus_y=SMALL.height / 2)
    Shafts(FAN, SMALL, np.random.default_rng(1)).play(planes, 0.0, view)
    assert planes.y.max() <= 236
