"""Silk."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from reelgate.engines.preview.camera import Pose, View
from reelgate.engines.preview.plane import Planes, new_planes
from reelgate.engines.preview.silk import Cloth, Silk
from tests.rendering.clip import SMALL

RED = Cloth(shade=(0.1, 0.0, 0.0), body=(0.6, 0.1, 0.1), shine=(1.0, 0.8, 0.8), angle=0.2, across=0.2)


def played(second: float, cloth: Cloth = RED, seed: int = 1) -> Planes:
    planes = new_planes(SMALL)
    view = View(pose=Pose(), second=second, travel=20.0, focus_x=SMALL.width / 2, focus_y=SMALL.height / 2)
    Silk(cloth, SMALL, np.random.default_rng(seed)).play(planes, second, view)
    return planes


def test_it_hangs_where_its_middle_is_and_leaves_the_rest_dark() -> None:
    light = played(1.0).y.astype(float) - 16
    assert light[70:110].mean() > 4 * light[:15].mean()
    assert played(1.0).v[45].mean() > 140, "it is red"


def test_it_is_folded_and_its_folds_wander_without_a_jump() -> None:
    assert played(1.0).y[60:120].std() > 12
    steps = [np.abs(played(at).y.astype(int) - played(at + 1 / 24).y).mean() for at in (0.0, 3.0, 9.9)]
    assert all(0.05 < step < 8 for step in steps)
    assert np.array_equal(played(2.0).y, played(2.0).y)


def test_another_seed_hangs_it_another_way() -> None:
    assert np.abs(played(1.0).y.astype(int) - played(1.0, seed=2).y).mean() > 5


def test_a_wild_one_strays_further_than_a_calm_one() -> None:
    plain = replace(RED, shade=RED.body, shine=RED.body)  # so that no fold is brighter than another

    def strays(wildness: float) -> float:
        light = np.maximum(played(1.0, replace(plain, wildness=wildness)).y.astype(float) - 20, 0)
        middle = (light * np.arange(light.shape[0])[:, None]).sum(axis=0) / light.sum(axis=0)
        return float(middle.std())

    assert strays(1.0) > 1.25 * strays(0.0)


@pytest.mark.parametrize("seed", range(6))
def test_in_a_long_clip_there_is_no_cut_wherever_its_noises_began(seed: int) -> None:
    silk = Silk(replace(RED, pace=1.15), SMALL, np.random.default_rng(seed))
    planes, last, steps = new_planes(SMALL), None, []
    for frame in range(15 * 24):
        planes.y[:] = 16
        view = View(pose=Pose(x=frame / 360), second=frame / 24, travel=20.0, focus_x=SMALL.width / 2, focus_y=SMALL.height / 2)
        silk.play(replace(planes, coloured=False), frame / 24, view)
        if last is not None:
            steps.append(cv2.norm(planes.y, last, cv2.NORM_L1) / last.size)
        last = planes.y.copy()

    assert max(steps) < 2 * float(np.median(steps)) + 0.2
