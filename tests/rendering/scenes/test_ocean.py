"""Ocean, painted from every palette in every aspect."""

from __future__ import annotations

import numpy as np

from reelgate.engines.preview.scenes.ocean import SCENE
from tests.painting import flattened, make_brief


def test_the_horizon_lies_where_the_water_begins() -> None:
    brief = make_brief("sunset", (320, 180))
    stage = SCENE.paint(brief)
    assert stage.water is not None
    line = round(stage.water.line * brief.height)
    sky = stage.layers[0].rgb.sum(axis=2).mean(axis=1)
    assert abs(int(sky.argmax()) - brief.margin - line) <= 12
    headland = stage.layers[2]
    assert abs(headland.top + headland.alpha.shape[0] - line) <= 2


def test_the_light_s_path_lies_under_the_light() -> None:
    stage = SCENE.paint(make_brief("sunset"))
    assert stage.water is not None
    assert stage.glow is not None
    assert stage.water.sun_x == stage.glow[0]


def test_words_change_the_sea() -> None:
    calm, usual, rough = (SCENE.paint(make_brief(words=words)).water for words in ("calm", "", "waves"))
    assert calm is not None
    assert usual is not None
    assert rough is not None
    assert calm.ripple < usual.ripple < rough.ripple


def test_rocks_are_left_out_when_refused_and_more_when_asked_for() -> None:
    usual, more, none = (
        SCENE.paint(make_brief(words=words, negative=negative)) for words, negative in (("", ""), ("rocks", ""), ("", "rocks"))
    )
    assert len(none.layers) == len(usual.layers) - 1 == none.water_after
    assert more.layers[-1].alpha.sum() > usual.layers[-1].alpha.sum()


def test_boats_sail_when_asked_for() -> None:
    brief = make_brief(size=(320, 180))
    without, boats = (flattened(SCENE.paint(make_brief(size=(320, 180), words=words)), brief) for words in ("", "boats"))
    rows = slice(60, 104)
    assert np.abs(without[rows] - boats[rows]).max() > 0.1


def test_fog_swallows_the_headland() -> None:
    clear, foggy = (SCENE.paint(make_brief("day", words=words)) for words in ("", "fog"))
    assert len(foggy.layers) == len(clear.layers) + 1
