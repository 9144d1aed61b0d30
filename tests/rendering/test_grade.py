"""The last touch."""

from __future__ import annotations

from reelgate.engines.preview.grade import Grade
from reelgate.engines.preview.plane import Planes, new_planes
from tests.rendering.clip import SMALL


def graded(value: int, index: int = 0, **look: bool) -> Planes:
    planes = new_planes(SMALL)
    planes.y[:] = value
    Grade(SMALL, **look).apply(planes, index)
    return planes


def test_grain_changes_from_frame_to_frame_and_keeps_the_light() -> None:
    one, two = graded(120, 0, vignette=False).y.astype(float), graded(120, 1, vignette=False).y.astype(float)

    assert 2 < (one - two).std() < 5
    assert abs(one.mean() - 120) < 0.6


def test_corners_are_darker_than_the_middle() -> None:
    frame = graded(150, grain=False).y.astype(float)

    assert frame[:6, :6].mean() < 0.75 * frame[80:100, 150:170].mean()


def test_black_stays_black_and_does_not_sink_below_it() -> None:
    assert abs(graded(16, grain=False).y.astype(float).mean() - 16) < 0.7


def test_colours_are_left_alone() -> None:
    assert (graded(120).u == 128).all()
