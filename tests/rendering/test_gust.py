"""What the wind drives along the ground."""

from __future__ import annotations

import numpy as np

from reelgate.engines.preview.camera import Pose, View
from reelgate.engines.preview.gust import Gusts, Wind
from reelgate.engines.preview.plane import Planes, Size, new_planes
from tests.rendering.clip import SMALL

BREEZE = Wind(top=0.5, speed=0.5, light=0.6)


def blown(second: float, wind: Wind = BREEZE, size: Size = SMALL) -> Planes:
    planes = new_planes(size)
    planes.y[:] = 60
    view = View(pose=Pose(), second=second, travel=20.0, focus_x=size.width / 2, focus_y=size.height / 2)
    Gusts(wind, size, np.random.default_rng(2)).play(planes, second, view)
    return planes


def test_it_lights_the_ground_in_streaks_and_nothing_else() -> None:
    light = blown(0.0).y.astype(int)
    assert (light[:90] == 60).all()
    assert light.min() == 60
    ground = light[120:]
    assert 5 < ground.max() - 60 < 0.6 * 256
    across, down = np.abs(np.diff(ground, axis=1)).mean(), np.abs(np.diff(ground, axis=0)).mean()
    assert down > 1.5 * across, "a streak is longer than it is high"


def test_it_goes_with_the_wind_and_the_same_second_looks_the_same() -> None:
    assert np.array_equal(blown(1.0).y, blown(1.0).y)
    row = [blown(second).y[-4].astype(float) for second in (0.0, 0.1)]
    fits = {shift: np.corrcoef(np.roll(row[0], shift)[40:-40], row[1][40:-40])[0, 1] for shift in range(-30, 31)}
    best = max(fits, key=lambda shift: fits[shift])
    assert abs(best - 0.5 * SMALL.least * 0.1) <= 4


def test_any_size_and_place_will_do() -> None:
    for size in (Size(width=180, height=320), Size(width=90, height=90)):
        for top in (0.0, 0.97, 1.0):
            assert blown(3.0, Wind(top=top, speed=-1.0, light=1.0), size).y.shape == (size.height, size.width)
