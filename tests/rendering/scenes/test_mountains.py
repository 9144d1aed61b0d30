"""Mountains, painted from every palette in every aspect."""

from __future__ import annotations

import pytest

from reelgate.engines.preview.scenes.mountains import SCENE
from tests.painting import SIZES, faults, make_brief


@pytest.mark.parametrize("aspect", SIZES)
def test_the_shore_lies_where_the_water_begins(aspect: str) -> None:
    brief = make_brief("day", SIZES[aspect])
    stage = SCENE.paint(brief)
    assert stage.water is not None
    line = round(stage.water.line * brief.height)
    shore = stage.layers[stage.water_after - 1]
    assert (shore.alpha[line - 1 - shore.top] == 1.0).all()
    assert shore.top < line < shore.top + shore.alpha.shape[0]


def test_mountains_in_a_tall_frame_are_no_needles() -> None:
    brief = make_brief("day", SIZES["tall"])
    massif = SCENE.paint(brief).layers[3]
    assert massif.alpha.shape[0] < 0.85 * brief.width
    half = massif.alpha[round(0.5 * massif.alpha.shape[0])]
    assert half.mean() > 0.3


def test_snow_on_request_comes_further_down() -> None:
    usual, snowy = (SCENE.paint(make_brief("day", words=words)) for words in ("", "snow"))
    assert snowy.snow > 0.0
    assert snowy.layers[3].rgb.mean() > usual.layers[3].rgb.mean()


def test_without_a_lake_there_are_woods() -> None:
    brief = make_brief("dawn", negative="lake")
    stage = SCENE.paint(brief)
    assert stage.water is None
    assert faults(brief, stage) == []
    assert len(stage.layers) == len(SCENE.paint(make_brief("dawn")).layers) + 2


def test_trees_are_left_out_of_the_foreground_when_refused() -> None:
    usual, bare = (SCENE.paint(make_brief(negative=negative)).layers[-1] for negative in ("", "trees"))
    assert bare.alpha.sum() < usual.alpha.sum()
