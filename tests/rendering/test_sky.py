"""The sky, its light, clouds and mist."""

from __future__ import annotations

import numpy as np
import pytest

from reelgate.engines.preview import sky
from reelgate.engines.preview.palette import named
from tests.painting import EVERY, SIZES, make_brief

HORIZON = 0.6


@pytest.mark.parametrize(("palette", "aspect"), EVERY)
def test_the_firmament_covers_frame_and_margins(palette: str, aspect: str) -> None:
    brief = make_brief(palette, SIZES[aspect])
    colours = named(palette)
    layer = sky.firmament(brief, colours, HORIZON, sky.light_of(brief, colours, HORIZON, 0.6))
    assert layer.alpha.shape == (brief.height + 20, brief.width + 20)
    assert layer.alpha.min() == 1.0
    assert (layer.top, layer.depth) == (-10, 0.0)
    assert layer.rgb.std() > 0.02


def test_the_sky_is_brightest_where_the_light_stands() -> None:
    brief, colours = make_brief("sunset"), named("sunset")
    light = sky.light_of(brief, colours, HORIZON, 0.7)
    shown = sky.firmament(brief, colours, HORIZON, light).rgb.sum(axis=2)
    row, column = np.unravel_index(int(shown.argmax()), shown.shape)
    assert abs(column - brief.margin - 0.7 * brief.width) < 8
    assert abs(row - brief.margin - light.y * brief.height) < 8


def test_a_low_sun_stands_just_above_the_horizon_and_the_moon_high() -> None:
    brief = make_brief()
    low, high = (sky.light_of(brief, named(name), HORIZON, 0.5).y for name in ("sunset", "night"))
    assert high < low < HORIZON


def test_stars_come_out_at_night_only() -> None:
    brief = make_brief("night", (640, 360))
    night, day = named("night"), named("day")
    light = sky.Light(x=0.2, y=0.5)
    sparkle = [np.abs(np.diff(sky.firmament(brief, each, HORIZON, light).rgb[:120, 300:], axis=1)).max() for each in (night, day)]
    assert sparkle[0] > 0.2 > sparkle[1]


def test_clouds_end_above_the_horizon_and_have_room_to_drift() -> None:
    brief, colours = make_brief("golden", (320, 180)), named("golden")
    layer = sky.clouds(brief, colours, HORIZON, sky.Light(x=0.5, y=0.5), drift=6.0)
    assert layer.top + layer.alpha.shape[0] <= HORIZON * brief.height + 1
    assert (layer.alpha.shape[1] - brief.width) / 2 - brief.margin >= 6.0 * 10 * brief.width / 1280
    assert layer.drift == 6.0


def test_more_cloud_covers_more_sky() -> None:
    light = sky.Light(x=0.5, y=0.5)
    cover = [sky.clouds(make_brief(seed=9), named(name), HORIZON, light).alpha.mean() for name in ("night", "storm")]
    assert cover[1] > 2 * cover[0]


def test_mist_lies_between_its_rows_and_fades_at_both() -> None:
    brief = make_brief(size=(320, 180))
    layer = sky.mist(brief, (0.8, 0.8, 0.8), sky.Bank(top=0.4, bottom=0.6, strength=0.8), depth=0.2, drift=8.0)
    assert layer.top >= 0.4 * brief.height
    assert layer.top + layer.alpha.shape[0] <= 0.6 * brief.height + 1
    assert layer.alpha[0].max() < 0.1
    assert layer.alpha[-1].max() < 0.1
    assert 0.3 < layer.alpha.max() <= 1.0
