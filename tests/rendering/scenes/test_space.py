"""Space, painted from every palette in every aspect."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from reelgate.engines.preview.plane import luma
from reelgate.engines.preview.scenes.space import SCENE
from tests.painting import EVERY, SIZES, faults, flattened, make_brief, same


@pytest.mark.parametrize(("palette", "aspect"), EVERY)
def test_every_palette_in_every_aspect_keeps_what_a_stage_promises(palette: str, aspect: str) -> None:
    brief = make_brief(palette, SIZES[aspect])
    assert faults(brief, SCENE.paint(brief)) == []


def test_one_seed_makes_one_picture() -> None:
    one, again, other = (SCENE.paint(make_brief("sunset", seed=seed)) for seed in (3, 3, 4))
    assert same(one, again)
    brief = make_brief("sunset")
    assert np.abs(flattened(one, brief) - flattened(other, brief)).mean() * 255 > 3


def test_two_palettes_make_two_pictures() -> None:
    brief = make_brief()
    day, night = (flattened(SCENE.paint(make_brief(palette)), brief) for palette in ("day", "night"))
    assert day.mean() > 1.2 * night.mean()


def test_a_planet_and_its_moon_live_before_the_stars() -> None:
    stage = SCENE.paint(make_brief("night"))
    assert len(stage.alive) == 3
    assert len(SCENE.paint(make_brief("night", negative="moon")).alive) == 2


def test_stars_are_points_in_two_depths() -> None:
    far, near = SCENE.paint(make_brief("night", (320, 180))).layers
    assert (far.depth, far.drift) == (0.0, 0.0), "the farthest stand still"
    assert near.depth > 0
    for layer in (far, near):
        # What is soft is equal to its own blur; stars are what is not.
        light = luma(layer.rgb)
        stars = np.abs(light - cv2.GaussianBlur(light, (0, 0), 3)) > 0.05
        assert 0.0003 < stars.mean() < 0.05


def test_refused_stars_are_not_there() -> None:
    def points(negative: str) -> int:
        layers = SCENE.paint(make_brief("night", (320, 180), negative=negative)).layers
        lights = [luma(layer.rgb) for layer in layers]
        return sum(int((np.abs(light - cv2.GaussianBlur(light, (0, 0), 3)) > 0.08).sum()) for light in lights)

    assert points("") > 50
    assert points("stars") < points("") / 50, "an edge of the gas may count as one"


def test_fog_is_a_thicker_nebula() -> None:
    brief = make_brief("day")
    thin, thick = (flattened(SCENE.paint(make_brief("day", words=words)), brief).mean() for words in ("", "fog"))
    assert thick > thin
