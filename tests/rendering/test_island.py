"""Islands and skerries."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from reelgate.engines.preview import island
from tests.rendering.test_setting import make_setting

SIZE = (320, 180)
ISLE = island.Isle(x=0.9, reach=0.24, height=0.115, air=0.2, depth=0.2)


@pytest.mark.parametrize("kind", [ISLE, replace(ISLE, palms=True), replace(ISLE, firs=True), replace(ISLE, woods=False)])
def test_an_island_lies_on_the_water_about_its_place(kind: island.Isle) -> None:
    land = make_setting("day", SIZE)
    layer = island.island(land, kind)
    held = layer.alpha.max(axis=0).nonzero()[0]

    assert abs(layer.top + layer.alpha.shape[0] - land.shore) <= 2
    assert abs(float(held.mean()) - land.brief.margin - 0.9 * land.unit) < 0.05 * land.unit
    assert 0.2 * land.unit < held.max() - held.min() < 0.7 * land.unit


def test_palms_and_firs_change_its_outline() -> None:
    plain, palms, firs = (
        island.island(make_setting("day", SIZE), kind).alpha.sum() for kind in (ISLE, replace(ISLE, palms=True), replace(ISLE, firs=True))
    )
    assert plain != palms
    assert plain != firs


def test_one_at_the_edge_of_the_frame_is_cut_off() -> None:
    land = make_setting("day", SIZE)
    layer = island.island(land, replace(ISLE, x=land.wide))
    assert layer.alpha.shape[1] == land.columns
    assert layer.alpha[:, -1].max() > 0.0


def test_a_skerry_is_level_where_something_is_to_stand_on_it() -> None:
    land = make_setting("day", SIZE)
    layer = island.skerry(land, 0.9, reach=0.2, air=0.2, depth=0.2)
    middle = round(0.9 * land.unit) + land.brief.margin
    tops = [int(np.flatnonzero(layer.alpha[:, column] > 0.5)[0]) for column in range(middle - 12, middle + 13)]

    assert max(tops) - min(tops) <= 0.02 * land.unit
    assert abs(layer.alpha.shape[0] - island.SKERRY * 0.2 * land.unit) < 0.03 * land.unit
