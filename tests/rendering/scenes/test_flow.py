"""Flow, painted from every palette in every aspect."""

from __future__ import annotations

import numpy as np
import pytest

from reelgate.engines.preview.scenes.flow import SCENE
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
    assert day.mean() > 1.25 * night.mean()


def test_cloths_live_before_the_room_and_more_of_them_where_more_is_asked_for() -> None:
    few, many = (SCENE.paint(make_brief(cfg_scale=scale)).alive for scale in (0.2, 0.8))
    assert len(many) == len(few) + 1
    assert {role.after for role in many} == {1}
