"""Underwater, painted from every palette in every aspect."""

from __future__ import annotations

from itertools import pairwise

import pytest

from reelgate.engines.preview.scenes.underwater import SCENE
from tests.painting import SIZES, flattened, make_brief


def test_the_light_comes_from_above() -> None:
    brief = make_brief("day", (320, 180))
    picture = flattened(SCENE.paint(brief), brief)
    assert picture[:30].mean() > 1.4 * picture[-40:].mean()


def test_a_boat_is_seen_from_below_where_one_is_asked_for() -> None:
    brief = make_brief("day", (320, 180))
    none, boat = (flattened(SCENE.paint(make_brief("day", (320, 180), words=words)), brief) for words in ("", "boats"))
    assert (none[:40] - boat[:40]).max() > 0.1


def test_fish_are_there_unless_they_are_refused() -> None:
    usual, none, kelpless = (len(SCENE.paint(make_brief(negative=words)).alive) for words in ("", "fish", "trees"))
    assert usual - none == 2
    assert usual - kelpless == 2


def test_snow_drifts_as_flakes_and_creatures_shine_in_the_dark() -> None:
    day, snow, night = (
        len(SCENE.paint(make_brief(palette, words=words)).alive) for palette, words in (("day", ""), ("day", "snow"), ("night", ""))
    )
    assert snow == day + 1
    assert night == day + 1


def test_fog_is_paler_and_a_storm_greener_than_the_day() -> None:
    brief = make_brief(size=(320, 180))
    day, fog, storm = (flattened(SCENE.paint(make_brief(palette, (320, 180))), brief) for palette in ("day", "fog", "storm"))
    colourful = [float((picture.max(axis=2) - picture.min(axis=2)).mean()) for picture in (day, fog)]
    assert colourful[1] < 0.6 * colourful[0]
    assert storm[..., 1].mean() > storm[..., 2].mean()
    assert storm.mean() < day.mean()


def test_rocks_and_a_higher_scale_grow_more_on_the_reef() -> None:
    def grown(words: str = "", negative: str = "", cfg_scale: float = 0.5) -> float:
        brief = make_brief("day", (320, 180), words=words, negative=negative, cfg_scale=cfg_scale)
        return float(SCENE.paint(brief).layers[-1].alpha.sum())

    assert grown("rocks") > grown() > grown(negative="rocks")
    assert grown(cfg_scale=1.0) > grown(cfg_scale=0.0)


@pytest.mark.parametrize("aspect", SIZES)
def test_no_gap_opens_between_two_reefs_however_the_camera_stands(aspect: str) -> None:
    brief = make_brief("day", SIZES[aspect])
    reefs = SCENE.paint(brief).layers[1:]
    for far, front in pairwise(reefs):
        last = far.top + far.alpha.shape[0]
        strip = front.alpha[max(0, last - round(0.06 * min(SIZES[aspect])) - front.top) :]
        assert strip.size == 0 or strip[0].min() > 0.99


def test_far_reefs_are_paler_than_near_ones() -> None:
    layers = [layer for layer in SCENE.paint(make_brief("day", (320, 180))).layers if layer.depth in (0.08, 0.16, 0.30, 0.85)]
    light = [float(layer.rgb.sum() / layer.alpha.sum()) for layer in layers]
    assert light == sorted(light, reverse=True)
