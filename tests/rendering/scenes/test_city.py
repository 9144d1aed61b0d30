"""City, painted from every palette in every aspect."""

from __future__ import annotations

import numpy as np
import pytest

from reelgate.engines.preview.scenes.city import SCENE
from tests.painting import SIZES, flattened, make_brief


@pytest.mark.parametrize("aspect", SIZES)
def test_the_embankment_lies_where_the_water_begins(aspect: str) -> None:
    brief = make_brief("day", SIZES[aspect])
    stage = SCENE.paint(brief)
    assert stage.water is not None
    line = round(stage.water.line * brief.height)
    near = stage.layers[stage.water_after - 1]
    assert (near.alpha[line - 1 - near.top] > 0.99).all()


def test_windows_are_lit_at_night() -> None:
    brief = make_brief("night", (320, 180))
    lit = flattened(SCENE.paint(brief), brief)[20:130]
    assert lit.max() > 0.75
    assert np.median(lit) < 0.35


def test_neon_brings_colours_that_the_night_has_not() -> None:
    size = (320, 180)
    night, neon = (flattened(SCENE.paint(make_brief("night", size, words=words)), make_brief(size=size)) for words in ("", "neon"))
    colourful = [float((picture.max(axis=2) - picture.min(axis=2)).mean()) for picture in (night, neon)]
    assert colourful[1] > colourful[0]


def test_still_water_is_asked_for_by_its_reflections() -> None:
    usual, still = (SCENE.paint(make_brief(words=words)).water for words in ("", "reflections"))
    assert usual is not None
    assert still is not None
    assert still.ripple < usual.ripple


def test_no_tower_rises_out_of_a_tall_frame() -> None:
    brief = make_brief("day", SIZES["tall"])
    assert all(layer.top > 0 for layer in SCENE.paint(brief).layers[2:])
