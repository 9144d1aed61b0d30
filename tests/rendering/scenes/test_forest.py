"""Forest, painted from every palette in every aspect."""

from __future__ import annotations

from reelgate.engines.preview.scenes.forest import SCENE
from tests.painting import flattened, make_brief


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
