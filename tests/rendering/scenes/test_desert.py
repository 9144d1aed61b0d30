"""Desert, painted from every palette in every aspect."""

from __future__ import annotations

import numpy as np
import pytest

from reelgate.engines.preview.scenes.desert import SCENE
from tests.painting import flattened, make_brief


def test_wind_blows_more_sand() -> None:
    brief = make_brief("golden")
    calm, windy = (flattened(SCENE.paint(make_brief("golden", words=words)), brief) for words in ("", "wind"))
    assert np.abs(calm - windy).mean() * 255 > 0.5


def test_palms_stand_where_they_are_asked_for() -> None:
    bare, oasis = (SCENE.paint(make_brief("day", (320, 180), words=words)) for words in ("", "palms"))
    assert len(oasis.layers) == len(bare.layers) + 1


def test_crests_catch_the_light_from_one_side() -> None:
    brief = make_brief("day", (320, 180), seed=2)
    ground = flattened(SCENE.paint(brief), brief)[120:]
    assert ground.std() * 255 > 8


@pytest.mark.parametrize("seed", range(4))
def test_no_gap_opens_before_the_nearest_dunes_of_a_tall_frame(seed: int) -> None:
    brief = make_brief("day", (180, 320), seed=seed)
    stage = SCENE.paint(brief)
    ground = np.zeros((brief.height, brief.width), np.float32)
    for layer in stage.layers[2:]:
        left = (layer.alpha.shape[1] - brief.width) // 2
        last = min(brief.height, layer.top + layer.alpha.shape[0])
        cover = layer.alpha[: last - layer.top, left : left + brief.width]
        ground[layer.top : last] = np.maximum(ground[layer.top : last], cover)
    assert ground[220:].min() > 0.9
