"""A stage, filmed."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import cv2
import numpy as np
import pytest

from reelgate.engines.preview.camera import Move, Pose, View, move_for
from reelgate.engines.preview.control import PRESETS, axis_move
from reelgate.engines.preview.film import Film, make_set
from reelgate.engines.preview.grade import Grade
from reelgate.engines.preview.plane import Planes, new_planes
from reelgate.engines.preview.stage import Layer, Role, Stage
from tests.rendering.clip import SMALL, drawn, noise

PUSH = move_for(frozenset({"push_in"}), 1.0)
STILL = Move(start=Pose(), end=Pose())
CLEAN = {"grain": False, "vignette": False}


def film(stage: Stage, move: Move = PUSH, *, frames: int = 24, **look: bool) -> Film:
    return Film(make_set(stage, SMALL, np.random.default_rng(4)), move, frames, Grade(SMALL, **look))


def difference(one: Planes, other: Planes) -> float:
    return float(np.abs(one.y.astype(int) - other.y).mean())


def test_a_frame_is_drawn_wholly_whatever_was_there(stage: Stage) -> None:
    shot = film(stage)

    dirty, clean = drawn(shot.draw, 3), drawn(shot.draw, 3)

    clean.y[:] = 0
    shot.draw(3, clean)
    assert difference(dirty, clean) == 0


def test_frames_do_not_depend_on_those_before(stage: Stage) -> None:
    in_order, alone = film(stage), film(stage)
    for index in range(6):
        last = drawn(in_order.draw, index)

    assert difference(last, drawn(alone.draw, 5)) == 0


def test_it_moves_even_where_the_camera_stands(stage: Stage) -> None:
    shot = film(stage, STILL, **CLEAN)

    first, later = drawn(shot.draw, 0), drawn(shot.draw, 12)

    assert np.array_equal(first.y[:76], later.y[:76])
    assert not np.array_equal(first.y[110:150], later.y[110:150])  # the water


def test_water_shows_the_sky_upside_down(stage: Stage) -> None:
    assert stage.water is not None
    glass = replace(stage, water=replace(stage.water, ripple=0.0, tint_strength=0.0), layers=stage.layers[:2])
    frame = drawn(film(glass, STILL, **CLEAN).draw, 0)

    above, below = frame.y[88:104].astype(float), frame.y[112:128][::-1].astype(float)
    assert np.corrcoef(above.ravel(), below.ravel())[0, 1] > 0.6


def test_what_is_not_to_be_mirrored_is_not(stage: Stage) -> None:
    plain = film(stage, STILL, **CLEAN)
    shy = film(replace(stage, layers=(stage.layers[0], replace(stage.layers[1], reflected=False), stage.layers[2])), STILL, **CLEAN)

    one, other = drawn(plain.draw, 0), drawn(shy.draw, 0)

    assert np.abs(one.y[:104].astype(int) - other.y[:104]).mean() < 2
    assert np.abs(one.y[110:126].astype(int) - other.y[110:126]).mean() > 8


def test_weather_birds_and_glow_are_seen(stage: Stage) -> None:
    bare = drawn(film(stage, STILL, **CLEAN).draw, 2)

    for change in ({"rain": 1.0}, {"snow": 1.0}, {"birds": 4}, {"glow": (0.5, 0.3, 0.6, (0.9, 0.6, 0.2))}):
        assert difference(bare, drawn(film(replace(stage, **change), STILL, **CLEAN).draw, 2)) > 0.02, change


def test_grain_and_vignette_can_be_refused(stage: Stage) -> None:
    plain, graded = drawn(film(stage, STILL, **CLEAN).draw, 0), drawn(film(stage, STILL).draw, 0)

    assert graded.y[:8, :8].mean() < plain.y[:8, :8].mean() - 8
    assert difference(plain, graded) > 1.5


def test_a_stage_without_water_is_drawn_to_its_foot(stage: Stage) -> None:
    dry = replace(stage, water=None, water_after=0)

    assert drawn(film(dry, STILL, **CLEAN).draw, 0).y[130:150].mean() > 80  # the sky's light, not water


class Lamp:
    """Lives at the left edge, above the water, and remembers when it was seen before what."""

    def __init__(self, seen: list[tuple[float, int]]) -> None:
        self.seen = seen

    def play(self, planes: Planes, second: float, view: View) -> None:
        x, y, _ = view.seen(5.0, 75.0, 0.0)
        self.seen.append((second, int(planes.y[int(y), int(x)])))
        planes.y[70:80, :20] = 200


def test_what_is_alive_is_drawn_between_its_layers_and_mirrored_like_them(stage: Stage) -> None:
    seen: list[tuple[float, int]] = []
    behind = replace(stage, alive=(Role(after=1, cast=lambda *_: Lamp(seen)),))
    planes, plain = new_planes(SMALL), new_planes(SMALL)
    film(behind, STILL, **CLEAN).draw(12, planes)
    film(stage, STILL, **CLEAN).draw(12, plain)
    assert [second for second, _ in seen] == [0.5]
    assert planes.y[75, 5] == 200
    assert not np.array_equal(planes.y[SMALL.height // 2 :], plain.y[SMALL.height // 2 :]), "water mirrors it"
    covered = replace(stage, alive=(Role(after=0, cast=lambda *_: Lamp(seen)),))
    film(covered, STILL, **CLEAN).draw(12, planes)
    assert np.array_equal(planes.y, plain.y), "the sky stands before it"
    last = replace(stage, alive=(Role(after=len(stage.layers), cast=lambda *_: Lamp(seen)),))
    film(last, STILL, **CLEAN).draw(12, planes)
    assert planes.y[75, 5] == 200


def wall() -> Stage:
    """A textured wall near the camera, full of detail, before a sky."""
    margin = 40
    rows, columns = SMALL.height + 2 * margin, SMALL.width + 2 * margin
    detail = np.asarray(noise(rows, columns), np.float32) / 255
    sky = Layer(rgb=np.full((rows, columns, 3), 0.5, np.float32), alpha=np.ones((rows, columns), np.float32), top=-margin, depth=0.0)
    near = Layer(rgb=detail, alpha=np.ones((rows, columns), np.float32), top=-margin, depth=1.0)
    return Stage(layers=(sky, near), margin=margin, water_after=2)


def flow(move: Move) -> np.ndarray:
    """How the wall goes by in the first third of the shot, (height, width, 2) pixels."""
    shot = film(wall(), move, **CLEAN)
    first, later = (new_planes(SMALL) for _ in range(2))
    shot.draw(0, first)
    shot.draw(8, later)
    return cv2.calcOpticalFlowFarneback(first.y, later.y, None, 0.5, 5, 41, 5, 7, 1.5, 0)


@pytest.mark.parametrize(
    ("axis", "value", "x", "y"),
    [
        ("horizontal", 8, -1, 0),  # the camera goes right, so all else goes left
        ("horizontal", -8, 1, 0),
        ("vertical", 8, 0, 1),
        ("vertical", -8, 0, -1),
        ("pan", 8, 0, 1),  # Kling's pan looks up
        ("pan", -8, 0, -1),
        ("tilt", 8, -1, 0),  # Kling's tilt looks right
        ("tilt", -8, 1, 0),
    ],
)
def test_each_axis_moves_a_painted_scene_the_documented_way(axis: str, value: float, x: int, y: int) -> None:
    move = axis_move(axis, value)
    assert move is not None
    across, down = np.median(flow(move)[30:-30, 50:-50], axis=(0, 1))
    assert (round(np.sign(across)) if abs(across) > 1.5 else 0, round(np.sign(down)) if abs(down) > 1.5 else 0) == (x, y)


@pytest.mark.parametrize(("value", "grows"), [(-8, True), (8, False)])
def test_a_negative_zoom_moves_into_a_painted_scene(value: float, grows: bool) -> None:
    move = axis_move("zoom", value)
    assert move is not None
    seen = flow(move)
    across = np.median(seen[40:-40, 250:290, 0]) - np.median(seen[40:-40, 30:70, 0])
    assert (across > 1) == grows
    assert abs(across) > 1


@pytest.mark.parametrize("value", [-10, 10])
def test_a_positive_roll_turns_a_painted_scene_s_camera_clockwise(value: float) -> None:
    move = axis_move("roll", value)
    assert move is not None
    seen = flow(move)
    turned = np.median(seen[40:-40, 250:290, 1]) - np.median(seen[40:-40, 30:70, 1])
    assert (turned < 0) == (value > 0)
    assert abs(turned) > 1


@pytest.mark.parametrize(
    ("preset", "x", "y", "grows"),
    [
        ("down_back", 0, -1, False),  # it sinks and draws back
        ("forward_up", 0, 1, True),
        ("right_turn_forward", -1, 0, True),
        ("left_turn_forward", 1, 0, True),
    ],
)
def test_each_preset_goes_where_its_name_says(preset: str, x: int, y: int, grows: bool) -> None:
    seen = flow(PRESETS[preset])
    across, down = np.median(seen[50:-50, 80:-80], axis=(0, 1))
    assert (round(np.sign(across)) if abs(across) > 1 else 0, round(np.sign(down)) if abs(down) > 1 else 0) == (x, y)
    wider = np.median(seen[60:-60, 230:270, 0]) - np.median(seen[60:-60, 50:90, 0])
    assert (wider > 0.5) == grows
    assert abs(wider) > 0.5


def coloured() -> Stage:
    """Detail in every colour, a part of it near."""
    rows, columns = SMALL.height + 32, SMALL.width + 32
    far, near = (np.asarray(noise(rows, columns, seed), np.float32) / 255 for seed in (1, 2))
    cover = np.zeros((rows, columns), np.float32)
    cover[:, columns // 2 :] = 1.0
    whole = Layer(rgb=far, alpha=np.ones((rows, columns), np.float32), top=-16, depth=0.0)
    half = Layer(rgb=np.asarray(near * cover[..., None], np.float32), alpha=cover, top=-16, depth=0.8)
    return Stage(layers=(whole, half), margin=16, water_after=2)


def test_light_moves_in_every_frame_and_colours_in_every_second_one() -> None:
    stage = coloured()
    reel = film(stage, **CLEAN)
    frames = [new_planes(SMALL) for _ in range(4)]
    for index, planes in enumerate(frames):
        reel.draw(index, planes)

    assert all(not np.array_equal(one.y, other.y) for one, other in pairwise(frames))
    assert [np.array_equal(one.u, other.u) for one, other in pairwise(frames)] == [True, False, True]


def test_a_frame_is_the_same_in_whatever_order_frames_are_drawn() -> None:
    stage = coloured()
    forwards, backwards = film(stage), film(stage)
    one = {index: new_planes(SMALL) for index in range(6)}
    other = {index: new_planes(SMALL) for index in range(6)}
    for index in range(6):
        forwards.draw(index, one[index])
    for index in (5, 2, 3, 0, 4, 1):
        backwards.draw(index, other[index])

    for index in range(6):
        assert all(np.array_equal(getattr(one[index], plane), getattr(other[index], plane)) for plane in ("y", "u", "v")), index


@pytest.mark.parametrize("move", [PUSH, Move(start=Pose(y=0.9), end=Pose(y=-0.9)), Move(start=Pose(y=-0.9), end=Pose(y=0.9, zoom=1.0))])
def test_what_is_hidden_and_left_out_was_not_seen(move: Move, monkeypatch: pytest.MonkeyPatch) -> None:
    rows, columns = SMALL.height + 32, SMALL.width + 32
    layers = [
        Layer(rgb=np.asarray(noise(rows, columns, 9), np.float32) / 255, alpha=np.ones((rows, columns), np.float32), top=-16, depth=0.0)
    ]
    for number, (depth, top) in enumerate(((0.1, 50), (0.3, 60), (0.6, 150), (0.9, 80))):
        cover = np.zeros((rows, columns), np.float32)
        cover[top:] = 1.0  # each hides what is behind its lower rows, the nearest more than the one behind it
        picture = np.asarray(noise(rows, columns, number), np.float32) / 255 * cover[..., None]
        layers.append(Layer(rgb=np.asarray(picture, np.float32), alpha=cover, top=-16, depth=depth))
    stage = Stage(layers=tuple(layers), margin=16, water_after=len(layers))
    quick, thorough = film(stage, move), film(stage, move)
    for index in range(24):
        one, other = new_planes(SMALL), new_planes(SMALL)
        quick.draw(index, one)
        with monkeypatch.context() as patch:
            patch.setattr("reelgate.engines.preview.film.hidden_from", lambda *_: SMALL.height)
            thorough.draw(index, other)
        # A window of other rows is resized by another ratio, which no eye sees; a hole would be tens of levels deep.
        assert max(np.abs(getattr(one, plane).astype(int) - getattr(other, plane)).max() for plane in ("y", "u", "v")) <= 4, index
