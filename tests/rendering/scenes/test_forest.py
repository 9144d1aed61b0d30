"""Forest, painted from every palette in every aspect."""

from __future__ import annotations

import numpy as np
import pytest

from reelgate.engines.preview.scenes.forest import SCENE
from tests.painting import EVERY, SIZES, faults, flattened, make_brief, same


@pytest.mark.parametrize(("palette", "aspect"), EVERY)
def test_every_palette_in_every_aspect_keeps_what_a_stage_promises(palette: str, aspect: str) -> None:
    brief = make_brief(palette, SIZES[aspect])
    assert faults(brief, SCENE.paint(brief)) == []


def test_one_seed_makes_one_picture() -> None:
    one, again, other = (SCENE.paint(make_brief("sunset", seed=seed)) for seed in (3, 3, 4))
    assert same(one, again)
    brief = make_brief("sunset")
    assert np.abs(flattened(one, brief) - flattened(other, brief)).mean() * 255 > 5


def test_two_palettes_make_two_pictures() -> None:
    brief = make_brief()
    day, night = (flattened(SCENE.paint(make_brief(palette)), brief) for palette in ("day", "night"))
    assert day.mean() > 1.2 * night.mean()


def test_trunks_stand_in_four_depths_nearest_darkest() -> None:
    layers = SCENE.paint(make_brief("dawn", (320, 180))).layers
    trunks = [layer for layer in layers if 0.0 < layer.depth < 0.9 and layer.drift == 0.0]
    assert [layer.depth for layer in trunks] == sorted(layer.depth for layer in trunks)
    light = [float(layer.rgb.sum() / max(1.0, layer.alpha.sum())) for layer in trunks]
    assert light == sorted(light, reverse=True)


def test_snow_lies_on_the_ferns() -> None:
    brief = make_brief("day", (320, 180))
    bare, white = (flattened(SCENE.paint(make_brief("day", (320, 180), words=words)), brief)[140:] for words in ("", "snow"))
    assert white.mean() > 1.15 * bare.mean()


def test_nothing_grows_before_a_wood_that_is_to_have_no_trees() -> None:
    brief = make_brief("day", (320, 180))
    usual, bare = (SCENE.paint(make_brief("day", (320, 180), negative=words)).layers[-1].alpha.sum() for words in ("", "trees"))
    assert bare < usual
    assert brief.height == 180
