"""Space, painted from every palette in every aspect."""

from __future__ import annotations

import cv2
import numpy as np

from reelgate.engines.preview.plane import luma
from reelgate.engines.preview.scenes.space import SCENE
from tests.painting import flattened, make_brief


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
