"""Kelp."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from reelgate.engines.preview.camera import Pose, View
from reelgate.engines.preview.kelp import Bed, Kelp
from reelgate.engines.preview.plane import Planes, new_planes
from tests.rendering.clip import SMALL

BED = Bed(x=0.5, wide=0.4, tall=0.8, count=3, dark=(1.0, 1.0, 1.0), lit=(1.0, 1.0, 1.0), sway=0.06, depth=1.0)


def played(second: float, pose: Pose | None = None, bed: Bed = BED) -> Planes:
    planes = new_planes(SMALL)
    view = View(pose=pose or Pose(), second=second, travel=20.0, focus_x=SMALL.width / 2, focus_y=SMALL.height / 2)
    Kelp(bed, SMALL, np.random.default_rng(2)).play(planes, second, view)
    return planes


def places(planes: Planes) -> tuple[np.ndarray, np.ndarray]:
    rows, columns = np.nonzero(planes.y > 128)
    return rows, columns


def test_it_rises_from_the_foot_of_the_frame_where_it_stands() -> None:
    rows, columns = places(played(0.0))
    assert rows.max() == SMALL.height - 1
    assert SMALL.height * 0.15 < rows.min() < SMALL.height * 0.6
    assert abs(columns.mean() - SMALL.width / 2) < 0.1 * SMALL.least
    assert np.abs(played(0.0).u.astype(int) - 128).max() <= 3, "white kelp has no colour at its edges either"


def test_no_blade_is_cut_by_the_edge_of_its_bed() -> None:
    planes = played(0.0, bed=replace(BED, count=6, sway=0.0))
    half = round(BED.wide * SMALL.least / 2)
    for edge in (SMALL.width // 2 - half, SMALL.width // 2 + half):
        assert planes.y[:, edge - 3 : edge + 3].max() < 60


def test_tips_sway_and_roots_stand() -> None:
    alone = replace(BED, count=1)
    tips: list[float] = []
    roots: list[float] = []
    for second in (0.4 * step for step in range(13)):
        rows, columns = places(played(second, bed=alone))
        tips.append(float(columns[rows < rows.min() + 12].mean()))
        roots.append(float(columns[rows > SMALL.height - 12].mean()))
    assert np.ptp(tips) > 0.06 * SMALL.least
    assert np.ptp(roots) < 0.2 * np.ptp(tips)
    assert np.array_equal(played(1.3).y, played(1.3).y)


def test_it_goes_with_the_camera() -> None:
    still, moved = (places(played(0.0, pose))[1].mean() for pose in (Pose(), Pose(x=1.0)))
    assert abs(still - moved - 20.0) < 1.0


def test_what_the_camera_does_not_see_is_no_error() -> None:
    aside = Bed(x=3.0, wide=0.3, tall=0.8, count=3, dark=(1.0, 1.0, 1.0), lit=(1.0, 1.0, 1.0))
    assert (played(0.0, bed=aside).y == 16).all()
