"""Birds."""

from __future__ import annotations

import numpy as np

from reelgate.engines.preview.bird import Flock
from reelgate.engines.preview.plane import new_planes
from tests.rendering.clip import SMALL


def place(flock: Flock, second: float) -> tuple[float, float, int]:
    """The middle of the flock and how many pixels it covers."""
    planes = new_planes(SMALL)
    planes.y[:] = 200
    flock.fly(planes, second)
    rows, columns = np.nonzero(planes.y < 190)
    return float(columns.mean()), float(rows.mean()), rows.size


def test_a_flock_is_small_and_high() -> None:
    _, row, pixels = place(Flock(5, (0.1, 0.1, 0.1), SMALL, np.random.default_rng(1)), 1.0)

    assert row < 0.45 * SMALL.height
    assert 10 < pixels < 400


def test_it_flies_one_way_all_the_time() -> None:
    flock = Flock(5, (0.1, 0.1, 0.1), SMALL, np.random.default_rng(1))

    places = [place(flock, second)[0] for second in (0, 1, 2, 3)]

    assert places in (sorted(places), sorted(places, reverse=True))
    assert abs(places[3] - places[0]) > 5


def test_wings_beat() -> None:
    flock = Flock(1, (0.1, 0.1, 0.1), SMALL, np.random.default_rng(1))

    assert len({place(flock, second / 24)[2] for second in range(12)}) > 2
