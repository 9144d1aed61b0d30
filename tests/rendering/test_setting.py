"""A brief, settled."""

from __future__ import annotations

import pytest

from reelgate.engines.preview.setting import Setting, settle
from tests.painting import SIZES, make_brief


def make_setting(palette: str = "golden", size: tuple[int, int] = SIZES["wide"], *, seed: int = 5, words: str = "") -> Setting:
    return settle(make_brief(palette, size, seed=seed, words=words), line=(0.7, 0.6), light_x=0.65)


@pytest.mark.parametrize(("aspect", "line"), [("wide", 0.7), ("square", 0.7), ("tall", 0.6)])
def test_the_shore_lies_on_an_even_row_near_the_line_of_its_aspect(aspect: str, line: float) -> None:
    setting = make_setting(size=SIZES[aspect])
    assert setting.shore % 2 == 0
    assert setting.line == pytest.approx(line, abs=0.02)


def test_the_light_stands_now_on_one_side_now_on_the_other() -> None:
    settings = [make_setting(seed=seed) for seed in range(20)]
    assert {setting.side for setting in settings} == {1.0, -1.0}
    assert all((setting.light.x > 0.5) == (setting.side > 0.0) for setting in settings)
    assert all(setting.aside(setting.light.x) == pytest.approx(0.65) for setting in settings)


def test_measures_follow_the_short_side() -> None:
    wide, tall = make_setting(size=SIZES["wide"]), make_setting(size=SIZES["tall"])
    assert wide.unit == tall.unit == 90.0
    assert wide.columns == 180
    assert wide.wide > 1.0 >= tall.wide


def test_air_is_brightest_towards_the_light() -> None:
    setting = make_setting("sunset")
    air = setting.air(3, warmth=0.6)
    column = setting.brief.margin + round(setting.light.x * setting.brief.width)
    far = 0 if setting.side > 0.0 else -1
    assert air.shape == (3, 180, 3)
    assert air[0, column].sum() > air[0, far].sum()


def test_murk_is_for_fog() -> None:
    assert make_setting("day").murk == 0.0
    assert make_setting("fog").murk > 0.0


def test_no_light_no_path_on_the_water() -> None:
    assert make_setting("storm").water(tint_strength=0.3, ripple=1.0).glitter is None
    sunny = make_setting("sunset").water(tint_strength=0.3, ripple=1.0)
    assert sunny.glitter is not None
    assert sunny.sun_x == make_setting("sunset").light.x


def test_the_stage_carries_the_weather_of_the_brief() -> None:
    setting = make_setting(words="rain birds")
    stage = setting.staged([], [], water=None, birds=3, ambience="sea")
    assert stage.rain > 0.0
    assert stage.birds >= 5
    assert (stage.margin, stage.ambience, stage.snow) == (10, "sea", 0.0)
