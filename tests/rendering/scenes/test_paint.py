"""What every scene keeps when it is painted, however different they are."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest

from reelgate.engines.preview.scenery import found_scenes
from tests.painting import EVERY, SIZES, faults, flattened, make_brief, same


class Bounds(NamedTuple):
    """How far apart pictures of one scene are at least."""

    other_seed: float  # steps of 255 between two seeds, in the mean of all pixels
    day: float  # how many times as light as a night


BOUNDS = {
    "city": Bounds(other_seed=5, day=1.6),
    "desert": Bounds(other_seed=3, day=1.3),
    "flow": Bounds(other_seed=2, day=1.25),
    "forest": Bounds(other_seed=5, day=1.2),
    "mountains": Bounds(other_seed=5, day=1.6),
    "ocean": Bounds(other_seed=5, day=1.6),
    "road": Bounds(other_seed=2, day=1.25),
    "space": Bounds(other_seed=3, day=1.2),
    "stage": Bounds(other_seed=2, day=1.15),
    "underwater": Bounds(other_seed=4, day=1.25),
}


def test_every_scene_has_its_bounds() -> None:
    assert sorted(BOUNDS) == sorted(found_scenes())


@pytest.mark.parametrize(("palette", "aspect"), EVERY)
@pytest.mark.parametrize("scene", BOUNDS)
def test_every_palette_in_every_aspect_keeps_what_a_stage_promises(scene: str, palette: str, aspect: str) -> None:
    brief = make_brief(palette, SIZES[aspect])
    assert faults(brief, found_scenes()[scene].paint(brief)) == []


@pytest.mark.parametrize("scene", BOUNDS)
def test_one_seed_makes_one_picture(scene: str) -> None:
    one, again, other = (found_scenes()[scene].paint(make_brief("sunset", seed=seed)) for seed in (3, 3, 4))
    assert same(one, again)
    brief = make_brief("sunset")
    assert np.abs(flattened(one, brief) - flattened(other, brief)).mean() * 255 > BOUNDS[scene].other_seed


@pytest.mark.parametrize("scene", BOUNDS)
def test_two_palettes_make_two_pictures(scene: str) -> None:
    brief = make_brief()
    day, night = (flattened(found_scenes()[scene].paint(make_brief(palette)), brief) for palette in ("day", "night"))
    assert day.mean() > BOUNDS[scene].day * night.mean()
