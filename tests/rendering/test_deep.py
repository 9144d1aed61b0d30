"""The light under water."""

from __future__ import annotations

import numpy as np
import pytest

from reelgate.engines.preview.deep import Deep, sounded
from reelgate.engines.preview.palette import PALETTES
from reelgate.engines.preview.setting import settle
from tests.painting import make_brief


def deep(palette: str, words: str = "", negative: str = "") -> Deep:
    return sounded(settle(make_brief(palette, words=words, negative=negative), line=(0.66, 0.66), light_x=0.66))


@pytest.mark.parametrize("palette", PALETTES)
def test_it_is_lighter_near_the_light_than_away_from_it(palette: str) -> None:
    water = deep(palette)
    assert sum(water.surface) > 1.3 * sum(water.deep)
    near = water.near(0, 90)
    column = round(water.setting.light.x * 160) + 10
    assert near.shape == (90, water.setting.columns)
    assert near[0, column] > 1.5 * near[-1, column]
    assert near[0, column] > near[0, 0]


def test_each_palette_has_water_of_its_own() -> None:
    colours = np.array([(*deep(palette).surface, *deep(palette).deep) for palette in PALETTES])
    apart = np.abs(colours[:, None] - colours[None]).max(axis=2) + np.eye(len(colours))
    assert apart.min() > 0.04


def test_a_storm_is_green_and_dim_neon_is_magenta_and_fog_is_milk() -> None:
    storm, neon, fog, day = (deep(palette) for palette in ("storm", "neon", "fog", "day"))
    assert storm.surface[1] == max(storm.surface)
    assert storm.dim < day.dim
    assert neon.surface[0] > neon.surface[1]
    assert fog.milk > 0.9
    assert max(fog.surface) - min(fog.surface) < 0.5 * (max(day.surface) - min(day.surface))


def test_words_of_the_weather_reach_the_water() -> None:
    assert deep("day", "storm").dim < deep("day").dim
    assert deep("day", "fog").milk > deep("day").milk
    assert deep("fog", negative="fog").milk < deep("fog").milk
    assert deep("day", "storm", "storm").dim == deep("day").dim


def test_something_shines_by_itself_only_where_it_is_dark() -> None:
    assert [palette for palette in PALETTES if deep(palette).shining] == ["night", "neon"]
