"""A road that is driven along."""

from __future__ import annotations

import numpy as np

from reelgate.engines.preview.camera import Pose, View
from reelgate.engines.preview.lane import Lane, Way
from reelgate.engines.preview.plane import Planes, new_planes
from tests.rendering.clip import SMALL

GREY = (0.2, 0.2, 0.2)
WAY = Way(x=0.5, line=0.5, wide=0.6, asphalt=GREY, paint=(1, 1, 1), land=(0.4, 0.5, 0.1), shade=(0.2, 0.3, 0.0), haze=(0.6, 0.6, 0.7))


def view(second: float = 0.0, pose: Pose | None = None) -> View:
    return View(pose=pose or Pose(), second=second, travel=20.0, focus_x=SMALL.width / 2, focus_y=SMALL.height / 2)


def played(second: float, way: Way = WAY, pose: Pose | None = None) -> Planes:
    planes = new_planes(SMALL)
    planes.y[:] = 222
    Lane(way, SMALL, np.random.default_rng(2)).play(planes, second, view(second, pose))
    return planes


def test_the_ground_begins_at_the_horizon_and_hides_what_was_there() -> None:
    planes = played(0.0)
    assert (planes.y[:80] == 222).all()
    assert (planes.y[92:] != 222).mean() > 0.99


def test_edge_lines_run_to_the_vanishing_point() -> None:
    light = played(0.0).y.astype(int)
    wide, narrow = (np.ptp(np.nonzero(light[row] > 150)[0]) for row in (170, 125))
    assert wide > 1.5 * narrow


def test_the_drive_goes_on_without_a_jump_and_the_same_second_looks_the_same() -> None:
    assert np.array_equal(played(3.0).y, played(3.0).y)
    steps = [np.abs(played(at).y[90:].astype(int) - played(at + 1 / 24).y[90:]).mean() for at in (0.0, 2.0, 7.0)]
    assert all(0.2 < step < 12 for step in steps)


def test_a_wet_road_shines_and_cars_ahead_have_lamps() -> None:
    dry, wet = (played(0.0, Way(**{**_facts(), "shine": shine})).y[120:].mean() for shine in (None, (1.0, 1.0, 1.0)))
    assert wet > dry + 3
    lamps = played(0.0, Way(**{**_facts(), "lamps": (1.0, 0.1, 0.1)}))
    assert lamps.v.max() > played(0.0).v.max() + 20


def _facts() -> dict[str, object]:
    return {name: getattr(WAY, name) for name in Way.__dataclass_fields__}
