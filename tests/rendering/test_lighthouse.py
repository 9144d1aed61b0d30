"""A lighthouse and its beam."""

from __future__ import annotations

import numpy as np
import pytest

from reelgate.engines.preview import lighthouse
from reelgate.engines.preview.camera import Pose, View
from reelgate.engines.preview.plane import Planes, new_planes
from tests.rendering.clip import SMALL
from tests.rendering.test_setting import make_setting


def lit(second: float) -> Planes:
    planes = new_planes(SMALL)
    planes.y[:] = 40
    beam = lighthouse.Beam(x=160.0, y=80.0, depth=0.2, light=0.7, reach=150.0, unit=180.0)
    view = View(pose=Pose(), second=second, travel=10.0, focus_x=160.0, focus_y=90.0)
    lighthouse.Turning(beam, SMALL).play(planes, second, view)
    return planes


def test_its_lamp_is_lit_by_night_and_not_by_day() -> None:
    night, day = (lighthouse.lighthouse(make_setting(palette), 80.0) for palette in ("night", "day"))
    row = round(night.cover.shape[0] - lighthouse.LAMP * 80.0)

    assert night.lamp[row - 2 : row + 3].max() > 0.6
    assert day.lamp.max() == 0.0
    assert night.cover[row].sum() < night.cover[-1].sum()


def test_only_in_the_dark_and_in_fog_is_there_a_beam() -> None:
    beams = {name: lighthouse.beam_of(make_setting(name), (10.0, 10.0), 0.2) for name in ("day", "night", "fog")}

    assert beams["day"] is None
    assert beams["night"] is not None
    assert beams["fog"] is not None


def test_the_beam_reaches_to_both_sides_of_the_lamp_and_no_further_up_or_down_than_its_strip() -> None:
    light = lit(0.0).y.astype(int) - 40
    assert light[80, 160] > 50
    assert min(light[:, 60].max(), light[:, 260].max()) > 2
    assert light.min() >= -1
    assert light[150:].max() <= 0


def test_it_turns() -> None:
    one, other = lit(0.0), lit(1.5)
    assert np.array_equal(one.y, lit(0.0).y)
    assert np.abs(one.y.astype(int) - other.y).max() > 8


@pytest.mark.parametrize("second", [0.0, 1.4, 2.25, 4.5, 8.0])
def test_at_no_angle_does_it_fill_the_frame(second: float) -> None:
    light = lit(second).y.astype(int) - 40
    assert (light > 8).mean() < 0.25
