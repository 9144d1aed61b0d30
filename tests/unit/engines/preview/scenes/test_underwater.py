"""Underwater, painted from every palette in every aspect."""

from __future__ import annotations

import numpy as np
import pytest

from reelgate.engines.preview.scenes.underwater import SCENE
from tests.painting import EVERY, SIZES, faults, flattened, make_brief, same


@pytest.mark.parametrize(("palette", "aspect"), EVERY)
def test_every_palette_in_every_aspect_keeps_what_a_stage_promises(palette: str, aspect: str) -> None:
    brief = make_brief(palette, SIZES[aspect])
    assert faults(brief, SCENE.paint(brief)) == []


def test_one_seed_makes_one_picture() -> None:
    one, again, other = (SCENE.paint(make_brief("sunset", seed=seed)) for seed in (3, 3, 4))
    assert same(one, again)
    brief = make_brief("sunset")
    assert np.abs(flattened(one, brief) - flattened(other, brief)).mean() * 255 > 4


def test_two_palettes_make_two_pictures() -> None:
    brief = make_brief()
    day, night = (flattened(SCENE.paint(make_brief(palette)), brief) for palette in ("day", "night"))
    assert day.mean() > 1.25 * night.mean()


def test_the_light_comes_from_above() -> None:
    brief = make_brief("day", (320, 180))
    picture = flattened(SCENE.paint(brief), brief)
    assert picture[:30].mean() > 1.4 * picture[-40:].mean()


def test_a_boat_is_seen_from_below_where_one_is_asked_for() -> None:
    brief = make_brief("day", (320, 180))
    none, boat = (flattened(SCENE.paint(make_brief("day", (320, 180), words=words)), brief) for words in ("", "boats"))
    assert (none[:40] - boat[:40]).max() > 0.1


def test_far_reefs_are_paler_than_near_ones() -> None:
    layers = [layer for layer in SCENE.paint(make_brief("day", (320, 180))).layers if layer.depth in (0.08, 0.16, 0.30, 0.85)]
    light = [float(layer.rgb.sum() / layer.alpha.sum()) for layer in layers]
    assert light == sorted(light, reverse=True)
