"""Stage, painted from every palette in every aspect."""

from __future__ import annotations

import numpy as np

from reelgate.engines.preview.camera import Pose, View
from reelgate.engines.preview.plane import Size, new_planes
from reelgate.engines.preview.scenes.stage import SCENE, _people
from reelgate.engines.preview.setting import Setting, settle
from tests.painting import flattened, make_brief


def test_people_stand_before_the_light_and_more_of_them_where_they_are_asked_for() -> None:
    def dark(words: str) -> float:
        people = _people(_hall(words))
        return float(sum(layer.alpha.sum() for layer in people))

    assert dark("people") > 1.1 * dark("")


def test_the_light_is_brightest_where_they_stand() -> None:
    brief = make_brief("night", (320, 180))
    picture = flattened(SCENE.paint(brief), brief).mean(axis=2)
    assert picture[60:110].max() > 2.5 * np.median(picture)


def _hall(words: str) -> Setting:
    return settle(make_brief("day", (320, 180), words=words), line=(0.70, 0.66), light_x=0.58)


def test_nobody_stands_there_where_people_are_refused() -> None:
    def darkest(negative: str) -> int:
        size, planes = Size(width=320, height=180), new_planes(Size(width=320, height=180))
        planes.y[:] = 200
        view = View(pose=Pose(), second=0.0, travel=20.0, focus_x=160, focus_y=90)
        for role in SCENE.paint(make_brief("night", (320, 180), negative=negative)).alive:
            role.cast(size, np.random.default_rng(1)).play(planes, 0.0, view)
        return int(planes.y.min())

    assert darkest("") < 60
    assert darkest("people") > 150, "there is light and dust, and nobody dark"
