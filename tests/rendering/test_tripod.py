"""A finished frame, turned."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
import pytest

from reelgate.engines.preview.camera import MOVES, Move, Pose
from reelgate.engines.preview.control import PRESETS, axis_move
from reelgate.engines.preview.plane import Planes, Size, picture_planes
from reelgate.engines.preview.tripod import Tripod
from tests.rendering.clip import SMALL, noise

UPRIGHT = Size(width=180, height=320)


def both_ways(pose: Pose) -> Move:
    return Move(start=Pose(pan=-pose.pan, tilt=-pose.tilt, roll=-pose.roll), end=pose)


def turned(picture: np.ndarray, pose: Pose, *, coloured: bool = True) -> Planes:
    planes = picture_planes(picture)
    size = planes.size
    Tripod(size, both_ways(pose)).turn(Planes(y=planes.y, u=planes.u, v=planes.v, coloured=coloured), pose)
    return planes


def dot(column: int, row: int) -> np.ndarray:
    picture = np.zeros((SMALL.height, SMALL.width, 3), np.uint8)
    picture[row - 6 : row + 6, column - 6 : column + 6] = (255, 40, 40)
    return picture


def place(plane: np.ndarray, ground: int) -> tuple[float, float]:
    much = np.abs(plane.astype(float) - ground)
    rows, columns = np.indices(plane.shape)
    return float((much * columns).sum() / much.sum() + 0.5), float((much * rows).sum() / much.sum() + 0.5)


def test_a_camera_that_only_goes_leaves_the_frame_as_it_is() -> None:
    picture = noise(SMALL.height, SMALL.width)
    planes, tripod = picture_planes(picture), Tripod(SMALL, Move(start=Pose(x=-1, y=1), end=Pose(x=1, zoom=1)))
    tripod.turn(planes, Pose(x=1, zoom=1))

    assert not tripod.turns
    assert np.array_equal(planes.y, picture_planes(picture).y)


@pytest.mark.parametrize(
    ("pose", "right", "down"),
    [(Pose(pan=0.5), -1, 0), (Pose(pan=-0.5), 1, 0), (Pose(tilt=0.5), 0, -1), (Pose(tilt=-0.5), 0, 1)],
)
def test_all_goes_the_other_way_by_a_share_of_the_shorter_side(pose: Pose, right: int, down: int) -> None:
    planes = turned(dot(160, 90), pose)
    far = 0.5 * 0.07 * SMALL.height * Tripod(SMALL, both_ways(pose)).enlarged
    expected = (160 + right * far, 90 + down * far)

    assert place(planes.y, 16) == (pytest.approx(expected[0], abs=0.25), pytest.approx(expected[1], abs=0.25))
    assert place(planes.v, 128) == (pytest.approx(expected[0] / 2, abs=0.25), pytest.approx(expected[1] / 2, abs=0.25))


def test_clockwise_turned_it_sees_the_right_side_rise() -> None:
    (_, right), (_, left) = (place(turned(dot(column, 90), Pose(roll=3.0)).y, 16) for column in (260, 60))

    rise = 100 * Tripod(SMALL, both_ways(Pose(roll=3.0))).enlarged * np.sin(np.deg2rad(3.0))
    assert (90 - right, left - 90) == (pytest.approx(rise, abs=0.3), pytest.approx(rise, abs=0.3))


def test_a_narrow_view_shows_less_and_larger() -> None:
    wide, narrow = (
        place(turned(dot(260, 90), Pose(narrow=each, pan=0.01)).y, 16)[0] - place(turned(dot(60, 90), Pose(narrow=each, pan=0.01)).y, 16)[0]
        for each in (0.0, 1.0)
    )
    assert narrow / wide == pytest.approx(1.12, abs=0.004)


def asked() -> Iterator[Move]:
    yield from MOVES.values()
    yield from PRESETS.values()
    for axis in ("horizontal", "vertical", "pan", "tilt", "roll", "zoom"):
        for value in (-10, 10):
            move = axis_move(axis, value)
            assert move is not None
            yield move


@pytest.mark.parametrize("size", [SMALL, UPRIGHT])
def test_no_move_ever_shows_what_is_beyond_the_frame(size: Size) -> None:
    seen: list[bool] = []
    for move in asked():
        tripod = Tripod(size, move, edge=cv2.BORDER_CONSTANT)
        for step in range(49):
            planes = picture_planes(np.full((size.height, size.width, 3), 255, np.uint8))
            tripod.turn(planes, move.at(step / 48))
            assert planes.y.min() > 210, (move, step, "more than a tenth of a pixel")
        seen.append(tripod.turns)
        assert tripod.enlarged <= 1.11
    assert any(seen)
    assert not all(seen), "what only goes costs nothing"


def test_an_edge_would_be_noticed() -> None:
    tripod = Tripod(SMALL, both_ways(Pose(pan=0.4)), edge=cv2.BORDER_CONSTANT)
    planes = picture_planes(np.full((SMALL.height, SMALL.width, 3), 255, np.uint8))
    tripod.turn(planes, Pose(pan=0.6))

    assert planes.y.min() < 20


def test_colours_that_nobody_looks_at_are_left() -> None:
    picture = noise(SMALL.height, SMALL.width)
    plain, planes = picture_planes(picture), turned(picture, Pose(pan=0.5), coloured=False)

    assert np.array_equal(planes.u, plain.u)
    assert not np.array_equal(planes.y, plain.y)
