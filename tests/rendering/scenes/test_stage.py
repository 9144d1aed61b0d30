"""Stage, painted from every palette in every aspect."""

from __future__ import annotations

import numpy as np
import pytest

from reelgate.engines.preview.camera import Pose, View
from reelgate.engines.preview.plane import Size, new_planes
from reelgate.engines.preview.scenes.stage import SCENE, _people
from reelgate.engines.preview.setting import Setting, settle
from tests.painting import EVERY, SIZES, faults, flattened, make_brief, same


@pytest.mark.parametrize(("palette", "aspect"), EVERY)
def test_every_palette_in_every_aspect_keeps_what_a_stage_promises(palette: str, aspect: str) -> None:
    brief = make_brief(palette, SIZES[aspect])
    assert faults(brief, SCENE.paint(brief)) == []


def test_one_seed_makes_one_picture() -> None:
    one, again, other = (SCENE.paint(make_brief("sunset", seed=seed)) for seed in (3, 3, 4))
    assert same(one, again)
    brief = make_brief("sunset")
    assert np.abs(flattened(one, brief) - flattened(other, brief)).mean() * 255 > 2


def test_two_palettes_make_two_pictures() -> None:
    brief = make_brief()
    day, night = (flattened(SCENE.paint(make_brief(palette)), brief) for palette in ("day", "night"))
    assert day.mean() > 1.15 * night.mean()


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
