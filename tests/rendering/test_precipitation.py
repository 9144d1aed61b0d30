"""Rain and snow."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from reelgate.engines.preview.plane import new_planes
from reelgate.engines.preview.precipitation import Rain, Snow
from tests.rendering.clip import SMALL


def fallen(weather: Rain | Snow, second: float) -> np.ndarray:
    planes = new_planes(SMALL)
    planes.y[:] = 60
    weather.fall(planes, second)
    return planes.y.astype(float) - 60


@pytest.mark.parametrize("kind", [Rain, Snow])
def test_more_of_it_is_seen_where_more_falls(kind: type[Rain | Snow]) -> None:
    light, heavy = (fallen(kind(strength, SMALL, np.random.default_rng(1)), 0.3).mean() for strength in (0.1, 1.0))

    assert heavy > 1.5 * light > 0


@pytest.mark.parametrize("kind", [Rain, Snow])
def test_it_falls_all_the_time_and_without_end(kind: type[Rain | Snow]) -> None:
    weather = kind(0.5, SMALL, np.random.default_rng(1))

    frames = [fallen(weather, second) for second in (0.0, 1 / 24, 9.5, 599.9)]

    assert all(not np.array_equal(one, other) for one, other in pairwise(frames))
    assert max(frame.mean() for frame in frames) < 1.5 * min(frame.mean() for frame in frames)


def test_snow_sinks_and_does_not_rise() -> None:
    snow = Snow(0.02, SMALL, np.random.default_rng(1))
    one, two = fallen(snow, 2.0), fallen(snow, 2.0 + 1 / 24)

    shifts = [np.corrcoef(np.roll(one, down, axis=0)[20:160].ravel(), two[20:160].ravel())[0, 1] for down in range(-4, 5)]
    assert int(np.argmax(shifts)) - 4 >= 0
