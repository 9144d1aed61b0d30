"""A picture, filmed."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from reelgate.engines.preview.camera import Move, Pose, move_for
from reelgate.engines.preview.control import axis_move
from reelgate.engines.preview.move import Cut, Dissolve, LayeredMove, PictureMove
from reelgate.engines.preview.plane import Planes, Size, picture_planes
from tests.rendering.clip import SMALL, drawn, noise

FRAMES = 24
STILL = Move(start=Pose(), end=Pose())


def filmed(move: Move, index: int, picture: np.ndarray | None = None, size: Size = SMALL) -> Planes:
    shot = PictureMove(noise(270, 480) if picture is None else picture, size, move, FRAMES)
    return drawn(shot.draw, index, size)


def flow(move: Move) -> np.ndarray:
    """How the picture moves in the first third of the shot, (height, width, 2) pixels."""
    first, last = filmed(move, 0), filmed(move, FRAMES // 3)
    return cv2.calcOpticalFlowFarneback(first.y, last.y, None, 0.5, 5, 41, 5, 7, 1.5, 0)


def test_a_push_in_starts_with_the_whole_picture() -> None:
    whole = picture_planes(cv2.resize(noise(270, 480), (SMALL.width, SMALL.height), interpolation=cv2.INTER_AREA))

    assert np.abs(filmed(move_for(frozenset(), 1.0), 0).y.astype(int) - whole.y).mean() < 3


@pytest.mark.parametrize(
    ("axis", "value", "x", "y"),
    [
        ("horizontal", 8, -1, 0),  # the camera goes right, so the picture goes left
        ("horizontal", -8, 1, 0),
        ("vertical", 8, 0, 1),  # the camera goes up, so the picture goes down
        ("vertical", -8, 0, -1),
        ("pan", 8, 0, 1),  # Kling's pan looks up
        ("pan", -8, 0, -1),
        ("tilt", 8, -1, 0),  # Kling's tilt looks right
        ("tilt", -8, 1, 0),
    ],
)
def test_each_axis_moves_the_documented_way(axis: str, value: float, x: int, y: int) -> None:
    move = axis_move(axis, value)
    assert move is not None

    mean_x, mean_y = np.median(flow(move)[30:-30, 50:-50], axis=(0, 1))
    assert (round(np.sign(mean_x)) if abs(mean_x) > 1.5 else 0, round(np.sign(mean_y)) if abs(mean_y) > 1.5 else 0) == (x, y)


@pytest.mark.parametrize(("value", "grows"), [(-8, True), (8, False)])
def test_a_negative_zoom_moves_in(value: float, grows: bool) -> None:
    move = axis_move("zoom", value)
    assert move is not None

    across = np.median(flow(move)[40:-40, 240:280, 0]) - np.median(flow(move)[40:-40, 40:80, 0])
    assert (across > 1) == grows
    assert abs(across) > 1


@pytest.mark.parametrize("value", [-10, 10])
def test_a_positive_roll_turns_the_camera_clockwise(value: float) -> None:
    move = axis_move("roll", value)
    assert move is not None

    turned = np.median(flow(move)[40:-40, 250:290, 1]) - np.median(flow(move)[40:-40, 30:70, 1])
    assert (turned < 0) == (value > 0)  # a camera that turns clockwise sees the right side rise
    assert abs(turned) > 2


def test_another_shape_is_shown_whole_on_an_extension_of_itself() -> None:
    picture = np.full((400, 400, 3), 200, np.uint8)
    picture[:, :8] = picture[:, -8:] = (255, 0, 0)

    frame = filmed(Move(start=Pose(), end=Pose()), 0, picture)

    row = frame.y[90].astype(int)
    assert row[160] > 150  # the picture
    assert 16 < row[10] < 110  # its darkened extension
    assert frame.v[45, 30:40].max() > 170 < frame.v[45, 120:130].max()  # its red edges are both inside the frame


def test_a_dissolve_begins_with_one_picture_and_ends_with_the_other() -> None:
    one, other = noise(180, 320, seed=1), noise(180, 320, seed=2)
    shot = Dissolve(one, other, SMALL, FRAMES)

    first, last = drawn(shot.draw, 0), drawn(shot.draw, FRAMES - 1)

    assert np.abs(first.y.astype(int) - picture_planes(one).y).mean() < 5
    assert np.abs(last.y.astype(int) - picture_planes(other).y).mean() < 5


def test_colours_stay_with_their_outline() -> None:
    picture = np.zeros((360, 640, 3), np.uint8)
    picture[100:260, 200:440] = (255, 0, 0)

    frame = filmed(move_for(frozenset({"push_in"}), 1.0), 15, picture)

    columns = np.nonzero(frame.y[90] > 40)[0]
    half_columns = np.nonzero(frame.v[45] > 180)[0]
    assert 2 * half_columns.mean() + 0.5 == pytest.approx(columns.mean(), abs=0.6)


def centre_of(planes: Planes, level: int = 200) -> tuple[float, float]:
    """Where the bright part of a frame is, (x, y)."""
    rows, columns = np.nonzero(planes.y > level)
    return float(columns.mean()), float(rows.mean())


def dotted() -> tuple[np.ndarray, np.ndarray]:
    """A grey picture with a white dot in the middle, and the mask of the dot."""
    rows, columns = np.mgrid[:360, :640]
    dot = np.hypot(rows - 180, columns - 320) < 40
    picture = np.full((360, 640, 3), 90, np.uint8)
    picture[dot] = 255
    return picture, dot.astype(np.float32)


def layered(cut: Cut, move: Move, index: int) -> Planes:
    picture, _ = dotted()
    return drawn(LayeredMove(picture, SMALL, move, FRAMES, [cut]).draw, index)


def test_what_is_masked_goes_its_way_and_leaves_nothing_behind() -> None:
    _, mask = dotted()
    way = Cut(mask=mask, way=((0.5, 0.5), (0.75, 0.5), (0.75, 0.25)))
    first, last = (layered(way, STILL, index) for index in (0, FRAMES - 1))
    assert centre_of(first) == pytest.approx((159.5, 89.5), abs=1)
    assert centre_of(last) == pytest.approx((159.5 + 0.25 * 320 * 1.09, 89.5 - 0.25 * 180 * 1.09), abs=8)
    assert last.y[80:100, 150:170].max() < 120


def test_what_is_masked_to_stay_stays_while_the_rest_moves() -> None:
    _, mask = dotted()
    push = move_for(frozenset({"push_in"}), 1.0)
    first, last = (layered(Cut(mask=mask, way=((0.0, 0.0),)), push, index) for index in (0, FRAMES - 1))
    assert (first.y > 200).sum() == pytest.approx((last.y > 200).sum(), rel=0.03)
    grown = filmed(push, FRAMES - 1, dotted()[0])
    assert (grown.y > 200).sum() > 1.1 * (first.y > 200).sum(), "without the mask it grows"


def test_a_person_comes_nearer_faster_than_what_is_behind() -> None:
    _, mask = dotted()
    push = move_for(frozenset({"push_in"}), 1.0)
    near, flat = layered(Cut(mask=mask), push, FRAMES - 1), filmed(push, FRAMES - 1, dotted()[0])
    assert (near.y > 200).sum() > 1.02 * (flat.y > 200).sum()


@pytest.mark.parametrize("size", [SMALL, Size(width=180, height=320), Size(width=240, height=240)])
def test_the_first_frame_shows_the_picture_as_it_is(size: Size) -> None:
    picture = noise(270, 480)
    mask = np.zeros((270, 480), np.float32)
    mask[60:240, 200:300] = 1
    move = move_for(frozenset({"pan_right"}), 1.0)
    cut = drawn(LayeredMove(picture, size, move, FRAMES, [Cut(mask=mask)]).draw, 0, size)
    flat = drawn(PictureMove(picture, size, move, FRAMES).draw, 0, size)
    assert np.abs(cut.y.astype(int) - flat.y).mean() < 2.5


def test_shapes_that_do_not_fit_take_their_mask_along() -> None:
    picture, mask = dotted()
    tall = Size(width=180, height=320)
    shot = LayeredMove(picture, tall, STILL, FRAMES, [Cut(mask=mask, way=((0.0, 0.0), (0.0, 0.3)))])
    assert centre_of(drawn(shot.draw, 0, tall)) == pytest.approx((89.5, 159.5), abs=1)
    moved = centre_of(drawn(shot.draw, FRAMES - 1, tall))[1] - 159.5
    assert moved == pytest.approx(0.3 * 180 * 180 / 320 * 1.09, abs=7), "a way is measured on the picture, not on its frame"


@pytest.mark.parametrize("size", [Size(width=180, height=320), Size(width=320, height=90)])
def test_what_moves_in_a_picture_stays_within_its_edges(size: Size) -> None:
    picture, mask = dotted()
    sideways = size.width > size.height
    way = ((0.5, 0.5), (1.0, 0.5)) if sideways else ((0.5, 0.5), (0.5, 1.0))
    shot = LayeredMove(picture, size, STILL, FRAMES, [Cut(mask=mask, way=way)])
    last = drawn(shot.draw, FRAMES - 1, size).y
    assert (last > 200).sum() > 20, "half of it is still there"
    beyond = last[:, 160 + 90 :] if sideways else last[160 + 57 :]
    assert beyond.max() < 120


@pytest.mark.parametrize("size", [Size(width=180, height=320), Size(width=320, height=90)])
@pytest.mark.parametrize("word", ["push_in", "pan_right", "orbit", "aerial"])
def test_a_person_at_the_edge_of_a_picture_does_not_slide_over_it(size: Size, word: str) -> None:
    white, move = np.full((360, 640, 3), 255, np.uint8), move_for(frozenset({word}), 1.0)
    everybody = Cut(mask=np.ones((360, 640), np.float32))
    cut, flat = LayeredMove(white, size, move, FRAMES, [everybody]), PictureMove(white, size, move, FRAMES)
    seen, whole = (drawn(shot.draw, FRAMES - 1, size).y > 200 for shot in (cut, flat))
    assert not (seen & ~whole).any()
