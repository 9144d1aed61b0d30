"""Planes: BT.709, limited range."""

from __future__ import annotations

import av
import numpy as np
import pytest

from reelgate.engines.preview.plane import Size, halve, new_planes, picture_planes, to_bytes, yuv


@pytest.mark.parametrize(
    ("colour", "expected"),
    [
        ((0, 0, 0), (16, 128, 128)),
        ((1, 1, 1), (235, 128, 128)),
        ((1, 0, 0), (63, 102, 240)),
        ((0, 1, 0), (173, 42, 26)),
        ((0, 0, 1), (32, 240, 118)),
    ],
)
def test_colours_are_those_of_the_standard(colour: tuple[float, float, float], expected: tuple[int, int, int]) -> None:
    assert tuple(round(value) for value in yuv(colour)) == expected


def test_a_picture_comes_back_as_it_went_in() -> None:
    rng = np.random.default_rng(2)
    picture = np.repeat(np.repeat(rng.integers(20, 235, (8, 12, 3), np.uint8), 8, axis=0), 8, axis=1)

    planes = picture_planes(picture)

    frame = av.VideoFrame.from_ndarray(
        np.concatenate([each.reshape(-1) for each in (planes.y, planes.u, planes.v)]).reshape(96, 96), format="yuv420p"
    )
    frame.colorspace, frame.color_range = 1, 1
    again = frame.to_ndarray(format="rgb24")
    assert np.abs(again.astype(int) - picture).mean() < 3


def test_a_new_frame_is_black() -> None:
    planes = new_planes(Size(width=8, height=6))

    assert planes.size == Size(width=8, height=6)
    assert (planes.y.min(), planes.u.min(), planes.v.max()) == (16, 128, 128)


def test_odd_edges_survive_being_halved() -> None:
    assert halve(np.ones((5, 7), np.float32)).shape == (3, 4)
    assert halve(np.ones((5, 7), np.float32)).min() == 1


def test_dither_keeps_the_mean_of_a_gradient() -> None:
    flat = np.full((200, 200), 100.5, np.float32)

    assert abs(to_bytes(flat, np.random.default_rng(1)).mean() - 100.5) < 0.01
    assert set(np.unique(to_bytes(flat, np.random.default_rng(1)))) == {100, 101}
