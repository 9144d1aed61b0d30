"""What a scene says that it draws is drawn, at every hour and in every shape; what it does not say is not."""

from __future__ import annotations

import numpy as np
import pytest

from reelgate.engines.preview.scenery import found_scenes
from reelgate.engines.preview.stage import Stage
from reelgate.engines.preview.thing import VISIBLE
from tests.painting import SIZES, faults, flattened, make_brief, same

ADDED = ("boats", "bridge", "island", "lighthouse", "palms", "river", "tower", "traffic")
"""Things that stand in a scene only where they are asked for."""

SMALL = (96, 54)
BY_ITSELF = {("city", "river"), ("stage", "people"), ("underwater", "boats")}


def painted(scene: str, palette: str = "night", *, words: str = "", negative: str = "", size: tuple[int, int] = SMALL) -> Stage:
    return found_scenes()[scene].paint(make_brief(palette, size, words=words, negative=negative))


@pytest.mark.parametrize("scene", sorted(found_scenes()))
def test_what_a_scene_claims_it_draws_and_nothing_else(scene: str) -> None:
    plain, claimed = painted(scene), found_scenes()[scene].draws
    assert claimed <= VISIBLE
    for thing in ADDED:
        if (scene, thing) in BY_ITSELF:
            continue
        asked = painted(scene, words=thing)
        changed = len(asked.layers) != len(plain.layers) or not same(asked, plain) or len(asked.alive) != len(plain.alive)
        lane = scene == "road" and thing == "traffic"  # its cars are the lane's
        assert lane or changed == (thing in claimed), f"{thing} in {scene}"


@pytest.mark.parametrize("scene", ["ocean", "mountains", "city"])
@pytest.mark.parametrize("aspect", SIZES)
@pytest.mark.parametrize("palette", ["dawn", "day", "night", "storm"])
def test_all_of_them_at_once_keep_what_a_stage_promises(scene: str, aspect: str, palette: str) -> None:
    brief = make_brief(palette, SIZES[aspect], words=" ".join(ADDED))
    assert faults(brief, found_scenes()[scene].paint(brief)) == []


@pytest.mark.parametrize("scene", ["ocean", "mountains", "city"])
def test_what_is_refused_is_left_out(scene: str) -> None:
    assert same(painted(scene), painted(scene, words=" ".join(ADDED), negative=" ".join(ADDED)))


def test_what_is_added_leaves_everything_else_where_it_was() -> None:
    plain, island = painted("ocean"), painted("ocean", words="island")
    brief = make_brief(size=SMALL)
    gone = np.abs(flattened(plain, brief) - flattened(island, brief)).max(axis=2) > 0.02
    assert 0 < gone.sum() < 0.1 * gone.size
    assert gone[38:].sum() == 0


def test_what_stands_behind_the_water_is_mirrored() -> None:
    for scene in ("ocean", "mountains", "city"):
        asked, plain = painted(scene, words="lighthouse bridge island"), painted(scene)
        assert asked.water_after - plain.water_after == len(asked.layers) - len(plain.layers) == 4
        assert all(layer.reflected for layer in asked.layers)
        assert all(role.after <= asked.water_after for role in asked.alive)
