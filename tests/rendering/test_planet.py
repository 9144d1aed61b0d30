"""A planet that turns."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from reelgate.engines.preview import planet
from reelgate.engines.preview.camera import Pose, View
from reelgate.engines.preview.plane import Planes, new_planes
from reelgate.engines.preview.planet import Globe, Planet
from tests.rendering.clip import SMALL

EARTH = Globe(
    x=0.5,
    y=0.5,
    radius=0.35,
    low=(0.1, 0.3, 0.6),
    high=(0.5, 0.5, 0.3),
    cloud=(1, 1, 1),
    air=(0.5, 0.7, 1.0),
    light=(0.9, 0.2, 0.38),
    spin=0.4,
)


def view(second: float = 0.0, pose: Pose | None = None) -> View:
    return View(pose=pose or Pose(), second=second, travel=20.0, focus_x=SMALL.width / 2, focus_y=SMALL.height / 2)


def played(second: float, globe: Globe = EARTH, pose: Pose | None = None) -> Planes:
    planes = new_planes(SMALL)
    planes.y[:] = 40
    Planet(globe, SMALL, np.random.default_rng(2)).play(planes, second, view(second, pose))
    return planes


def test_it_is_round_lit_from_its_star_and_hides_what_is_behind() -> None:
    light = played(0.0).y.astype(int)
    radius = round(0.35 * SMALL.least)
    right, left = light[90, 160 + radius - 18 : 160 + radius - 6], light[90, 160 - radius + 6 : 160 - radius + 18]
    assert right.mean() > 2 * left.mean()
    assert left.mean() < 40, "its night is darker than the gas behind it"
    assert (light[:15, :40] == 40).all()


def test_it_turns_and_the_same_second_looks_the_same() -> None:
    assert np.array_equal(played(1.0).y, played(1.0).y)
    moved = np.abs(played(0.0).y.astype(int) - played(2.0).y)
    assert moved[60:120, 170:215].mean() > 1
    assert moved[:20].max() == 0


def test_one_that_is_half_outside_is_drawn_as_far_as_it_is_seen() -> None:
    for x, y in ((0.0, 0.5), (1.0, 1.0), (-2.0, 0.5)):
        planes = played(
            0.0, Globe(x=x, y=y, radius=0.3, low=(0, 0, 1), high=(0, 1, 0), cloud=(1, 1, 1), air=(1, 1, 1), light=(0.5, 0.5, 0.7))
        )
        assert planes.y.shape == (SMALL.height, SMALL.width)


def test_a_giant_of_gas_has_bands() -> None:
    banded = Globe(
        x=0.5, y=0.5, radius=0.45, low=(0, 0, 0), high=(1, 1, 1), cloud=(1, 1, 1), air=(0, 0, 0), light=(0, 0, 1), tilt=0.0, banded=True
    )
    light = played(0.0, banded).y[40:140, 140:180].astype(float)
    assert light.mean(axis=1).std() > 2 * light.mean(axis=0).std()


def test_it_moves_by_less_than_a_pixel_where_the_camera_does() -> None:
    """It stood still and then leapt by two pixels, in every slow move."""
    dark = replace(EARTH, spin=0.0)
    places = []
    for way in range(9):
        light = played(0.0, dark, Pose(x=way / 40)).y.astype(float) - 40
        places.append(float((np.abs(light) * np.arange(SMALL.width)).sum() / np.abs(light).sum()))
    steps = np.abs(np.diff(places))
    assert steps.sum() > 0.8
    assert steps.max() < 0.4


@pytest.mark.parametrize("right", [0.0, 0.25, 0.5, 1.0, 1.75])
@pytest.mark.parametrize("down", [0.0, 0.125, 1.5])
def test_what_is_moved_by_parts_of_a_pixel_is_what_a_warp_makes_of_it(right: float, down: float) -> None:
    rng = np.random.default_rng(1)
    matrix = np.array([[1, 0, right], [0, 1, down]], np.float32)
    for plane, off in ((rng.integers(0, 256, (40, 60)).astype(np.uint8), 1), (rng.random((40, 60)).astype(np.float32) * 700, 0.2)):
        warped = cv2.warpAffine(plane, matrix, (60, 40), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        moved = planet.shifted(plane, right, down)
        assert moved.dtype == plane.dtype
        assert np.abs(moved.astype(float) - warped.astype(float)).max() <= off
