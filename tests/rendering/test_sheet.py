"""Layers, drawn fast."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from reelgate.engines.preview.camera import Pose, View
from reelgate.engines.preview.cel import joined
from reelgate.engines.preview.plane import Bytes, Planes, new_planes, yuv
from reelgate.engines.preview.sheet import Easel, make_sheet
from reelgate.engines.preview.stage import Layer
from tests.rendering.clip import SMALL

RNG = np.random.default_rng(1)


def view(*, x: float = 0, y: float = 0, zoom: float = 0, second: float = 0) -> View:
    pose = Pose(x=x, y=y, zoom=zoom)
    return View(pose=pose, second=second, travel=12, focus_x=SMALL.width / 2, focus_y=SMALL.height / 2)


def square(*, left: int, top: int, side: int = 20, depth: float = 1.0, drift: float = 0.0, alpha: float = 1.0) -> Layer:
    """A red square in an otherwise empty layer, at a place of the frame."""
    cover = np.zeros((SMALL.height + 32, SMALL.width + 32), np.float32)
    cover[top + 16 : top + 16 + side, left + 16 : left + 16 + side] = alpha
    return Layer(rgb=cover[..., None] * np.asarray([1, 0, 0], np.float32), alpha=cover, top=-16, depth=depth, drift=drift)


def laid(layer: Layer, at: View, last_row: int = SMALL.height) -> Planes:
    planes = new_planes(SMALL)
    planes.y[:] = 100
    Easel(SMALL).draw(make_sheet(layer, SMALL, RNG), at, planes, last_row)
    return planes


def place(planes: Planes) -> tuple[float, float]:
    """The middle of what is not ground, (x, y)."""
    rows, columns = np.nonzero(np.abs(planes.y.astype(int) - 100) > 5)
    return float(columns.mean()), float(rows.mean())


def weighed(plane: Bytes, ground: int) -> tuple[float, float]:
    """The middle of what is not ground, each pixel by how much it is not, (x, y)."""
    much = np.abs(plane.astype(float) - ground)
    much[much < 3] = 0
    rows, columns = np.indices(plane.shape)
    return float((much * columns).sum() / much.sum()), float((much * rows).sum() / much.sum())


@pytest.mark.parametrize("at", [{"x": 0.4}, {"x": 0.41}, {"y": -0.7}, {"zoom": 0.02}, {"zoom": 0.5, "x": -1, "y": 1}, {"second": 1.7}])
def test_a_layer_stands_where_the_camera_sees_it_to_a_tenth_of_a_pixel(at: dict[str, float]) -> None:
    layer = square(left=120, top=70, side=30, drift=20)
    x, y = weighed(laid(layer, view(**at)).y, 100)

    seen_x, seen_y, _ = view(**at).seen(120 + 14.5 + 0.5 + 20 * SMALL.width / 1280 * at.get("second", 0), 70 + 14.5 + 0.5, 1.0)
    assert (x + 0.5, y + 0.5) == (pytest.approx(seen_x, abs=0.1), pytest.approx(seen_y, abs=0.1))


def test_at_rest_a_layer_stands_where_it_was_painted() -> None:
    planes = laid(square(left=60, top=40), view())

    y, u, v = yuv((1, 0, 0))
    assert place(planes) == pytest.approx((69.5, 49.5))
    assert np.abs(planes.y[42:58, 62:78].astype(float) - y).max() <= 1
    assert np.abs(planes.u[22:28, 32:38].astype(float) - u).max() <= 1
    assert np.abs(planes.v[22:28, 32:38].astype(float) - v).max() <= 1
    assert (planes.y[:39] == 100).all()


def test_half_transparent_is_half_of_both() -> None:
    planes = laid(square(left=60, top=40, alpha=0.5), view())

    assert planes.y[50, 70] == pytest.approx((yuv((1, 0, 0))[0] + 100) / 2, abs=2)


def test_a_camera_that_goes_right_sends_the_near_further_left_than_the_far() -> None:
    near, far, sky = (place(laid(square(left=150, top=80, depth=depth), view(x=1)))[0] for depth in (1.0, 0.5, 0.0))

    assert near == pytest.approx(159.5 - 12, abs=0.3)
    assert far == pytest.approx(159.5 - 6, abs=0.3)
    assert sky == pytest.approx(159.5)


def test_a_camera_that_sinks_lifts_what_it_sees() -> None:
    assert place(laid(square(left=150, top=80), view(y=1)))[1] == pytest.approx(89.5 - 12, abs=0.3)


def test_pushing_in_enlarges_the_near_and_leaves_the_sky() -> None:
    def pixels(depth: float) -> int:
        return int((laid(square(left=150, top=80, depth=depth), view(zoom=1)).y < 82).sum())

    assert pixels(1.0) == pytest.approx(20 * 20 * 1.12**2, rel=0.1)
    assert pixels(0.0) == 400


def test_clouds_drift_by_themselves() -> None:
    layer = square(left=60, top=40, depth=0.0, drift=40)

    assert place(laid(layer, view(second=2)))[0] == pytest.approx(69.5 + 2 * 40 * SMALL.width / 1280, abs=0.3)


def test_nothing_is_drawn_below_the_last_row() -> None:
    assert (laid(square(left=60, top=40, side=60), view(), last_row=60).y[60:] == 100).all()


def test_colours_stay_with_their_outline_while_the_camera_moves() -> None:
    planes = laid(square(left=60, top=40, side=60), view(x=0.43, y=-0.31, zoom=0.7))

    x, y = weighed(planes.y, 100)
    half_x, half_y = weighed(planes.v, 128)
    assert (2 * half_x + 0.5, 2 * half_y + 0.5) == (pytest.approx(x, abs=0.15), pytest.approx(y, abs=0.15))


def test_an_outline_has_no_colour_of_its_own() -> None:
    red = square(left=60, top=41, side=61)
    planes = laid(replace(red, rgb=np.repeat(red.rgb[..., :1] * np.float32(0.6), 3, axis=2)), view(x=0.43, y=-0.31, zoom=0.7))

    assert np.abs(planes.y.astype(int) - 100).max() > 30
    assert max(np.abs(plane.astype(int) - 128).max() for plane in (planes.u, planes.v)) <= 1, "grey on grey is not grey"


@pytest.mark.parametrize("at", [{}, {"x": 0.37, "y": -0.6, "zoom": 0.8}, {"x": -1, "second": 3.3}])
def test_a_layer_in_parts_looks_like_one_that_is_whole(at: dict[str, float]) -> None:
    parted = np.zeros((SMALL.height + 32, SMALL.width + 32), np.float32)
    parted[30:, 10:40] = 0.7
    parted[120:, 200:330] = 0.4
    colours = cv2.GaussianBlur(np.random.default_rng(5).uniform(0, 1, (*parted.shape, 3)).astype(np.float32), (0, 0), 2)
    sheet = make_sheet(Layer(rgb=colours * parted[..., None], alpha=parted, top=-16, depth=1.0, drift=30), SMALL, np.random.default_rng(1))
    whole = replace(sheet, cels=(joined(sheet.cels, sheet.height, sheet.width),))
    assert len(sheet.cels) > 1

    drawn = []
    for each in (sheet, whole):
        planes = new_planes(SMALL)
        planes.y[:] = 100
        Easel(SMALL).draw(each, view(**at), planes, SMALL.height)
        drawn.append(planes)

    for plane in ("y", "u", "v"):
        assert np.abs(getattr(drawn[0], plane).astype(int) - getattr(drawn[1], plane)).max() <= 2, plane


def test_turned_by_a_matrix_of_its_own_a_sheet_in_parts_looks_like_one_that_is_whole() -> None:
    parted = np.zeros((SMALL.height, SMALL.width), np.float32)
    parted[30:, 10:40] = 0.7
    parted[120:, 200:310] = 1.0
    sheet = make_sheet(
        Layer(rgb=np.repeat(parted[..., None] * np.float32(0.8), 3, axis=2), alpha=parted, top=0, depth=0.0),
        SMALL,
        np.random.default_rng(1),
    )
    whole = replace(sheet, cels=(joined(sheet.cels, sheet.height, sheet.width),))
    assert len(sheet.cels) > 1
    drawn = []
    for each in (sheet, whole):
        planes = new_planes(SMALL)
        Easel(SMALL).lay(each, np.array([[0.99, -0.03, 4.2], [0.03, 0.99, -3.1]]), planes)
        drawn.append(planes)

    assert drawn[0].y.max() > 150
    for plane in ("y", "u", "v"):
        assert np.array_equal(getattr(drawn[0], plane), getattr(drawn[1], plane)), plane
