"""Layers that sway."""

from __future__ import annotations

import numpy as np
import pytest

from reelgate.engines.preview.camera import Pose, View
from reelgate.engines.preview.plane import Planes, new_planes
from reelgate.engines.preview.stage import Layer
from reelgate.engines.preview.sway import Rhythm, Swaying
from tests.rendering.clip import SMALL


def view(second: float = 0.0, pose: Pose | None = None) -> View:
    return View(pose=pose or Pose(), second=second, travel=20.0, focus_x=SMALL.width / 2, focus_y=SMALL.height / 2)


def played(second: float, aside: float = 0.05) -> Planes:
    alpha = np.zeros((60, SMALL.width + 32), np.float32)
    alpha[10:50, 160:190] = 1
    dot = Layer(rgb=np.repeat(alpha[..., None], 3, axis=2), alpha=alpha, top=60, depth=0.5)
    planes = new_planes(SMALL)
    Swaying([dot], Rhythm(aside=aside, up=0.0, period_s=4.0), SMALL, np.random.default_rng(1)).play(planes, second, view(second))
    return planes


def centre(planes: Planes) -> float:
    return float(np.nonzero(planes.y > 128)[1].mean())


def test_a_layer_sways_as_far_as_its_rhythm_says_and_comes_back() -> None:
    places = [centre(played(at)) for at in np.linspace(0.0, 6.0, 40)]
    assert np.ptp(places) == pytest.approx(2 * 0.05 * SMALL.least, rel=0.15)


def test_without_a_rhythm_it_stands() -> None:
    assert np.array_equal(played(0.0, aside=0.0).y, played(1.7, aside=0.0).y)
