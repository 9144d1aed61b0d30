"""Every scene under every camera: what is far moves as well as what is near, and the way that it was asked to."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from reelgate.engines.preview.camera import MOVES, Move, Pose
from reelgate.engines.preview.control import PRESETS, axis_move
from reelgate.engines.preview.plane import Planes, Size, new_planes
from reelgate.engines.preview.scenery import found_scenes
from reelgate.engines.preview.take import Script, make_take
from reelgate.engines.preview.tripod import Tripod
from tests.rendering.scenes.test_every import ASKED

SIZE = Size(width=384, height=216)
MOST = 0.85  # of the picture: things have edges, at which no flow can be told
EDGE = 32  # pixels that may have come into the frame
NAMES = sorted(found_scenes())

Plane = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """How far each place of the picture goes, seen from its middle: pixels, (height, width)."""

    x: Plane
    y: Plane
    right: Plane  # to the right of the middle
    down: Plane

    def median(self) -> tuple[float, float]:
        return float(np.median(self.x)), float(np.median(self.y))

    def growth(self) -> float:
        """How much larger all becomes, as a share; what a row goes by as a whole is no growth."""
        within = self.x - np.median(self.x, axis=1, keepdims=True)
        return float(np.median((within / self.right)[np.abs(self.right) > 40]))

    def turn(self) -> float:
        """Degrees, clockwise."""
        away = self.right**2 + self.down**2
        return float(np.degrees(np.median(((self.y * self.right - self.x * self.down) / away)[away > 50**2])))


def first_frame(name: str, move: Move) -> npt.NDArray[np.uint8]:
    script = Script(prompt=ASKED[name], negative_prompt="grain, vignette", seconds=5, seed=3, cfg_scale=0.5, move=move, captioned=False)
    planes = new_planes(SIZE)
    make_take(script, SIZE).draw(0, planes)
    return planes.y


def flow(name: str, start: Move, end: Move) -> Flow:
    """What goes by between the first frames of two moves: at the same second, so that nothing but the camera differs."""
    found = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM).calc(
        _evened(first_frame(name, start)), _evened(first_frame(name, end)), np.zeros((SIZE.height, SIZE.width, 2), np.float32)
    )
    inner = np.asarray(found, np.float32)[EDGE:-EDGE, EDGE:-EDGE]  # the pill is below it
    down, right = np.indices(inner.shape[:2]).astype(np.float32)
    return Flow(x=inner[..., 0], y=inner[..., 1], right=right - right.mean(), down=down - down.mean())


def _evened(luma: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """The same contrast everywhere: a sky's is a hundredth of a skyline's, and it has to move as well."""
    light = luma.astype(np.float32)
    detail = light - cv2.GaussianBlur(light, (0, 0), 10)
    contrast = np.sqrt(cv2.GaussianBlur(detail * detail, (0, 0), 13)) + np.float32(0.7)
    return np.clip(128 + 48 * detail / contrast, 0, 255).astype(np.uint8)


def along(name: str, axis: str, value: float) -> Flow:
    """A whole move: the one in the other direction starts where it ends."""
    move, back = axis_move(axis, value), axis_move(axis, -value)
    assert move is not None
    assert back is not None
    return flow(name, move, back)


@pytest.mark.parametrize("name", NAMES)
def test_each_axis_moves_all_of_a_scene_the_documented_way(name: str) -> None:
    for axis, x, y in (("horizontal", -1, 0), ("tilt", -1, 0), ("vertical", 0, 1), ("pan", 0, 1)):
        for value in (8, -8):
            seen = along(name, axis, value)
            way = seen.x * x + seen.y * y if value > 0 else -seen.x * x - seen.y * y
            assert np.median(way) > 5, (axis, value, seen.median())
            assert (way > 2).mean() > MOST, (axis, value, "some of it stays where it is")
    for value in (8, -8):
        assert along(name, "roll", value).turn() / value == pytest.approx(-0.4, abs=0.05), "a camera turned clockwise sees all turn back"
        assert along(name, "zoom", value).growth() * value < -0.02 * 8, "positive widens the view"


@pytest.mark.parametrize("name", NAMES)
def test_each_preset_takes_all_of_a_scene_where_its_name_says(name: str) -> None:
    for preset, x, y, grows in (
        ("down_back", 0, -1, False),
        ("forward_up", 0, 1, True),
        ("right_turn_forward", -1, 0, True),
        ("left_turn_forward", 1, 0, True),
    ):
        move = PRESETS[preset]
        seen = flow(name, move, Move(start=move.end, end=move.start))
        assert np.median(seen.x * x + seen.y * y) > 3, (preset, seen.median())
        assert (seen.growth() > 0) == grows, (preset, seen.growth())
        assert abs(seen.growth()) > 0.01, (preset, seen.growth())


@pytest.mark.parametrize("name", NAMES)
def test_a_head_that_turns_in_a_prompt_turns_all_of_a_scene(name: str) -> None:
    for words, x, y in (("pan_right", -1, 0), ("pan_left", 1, 0), ("tilt_up", 0, 1), ("tilt_down", 0, -1)):
        move = MOVES[words]
        seen = flow(name, move, Move(start=move.end, end=move.start))
        assert (seen.x * x + seen.y * y > 2).mean() > MOST, (words, seen.median())


def test_a_shore_that_stayed_where_it_is_would_be_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    def left(_tripod: Tripod, _planes: Planes, _pose: Pose) -> None:
        """Nothing is turned."""

    monkeypatch.setattr(Tripod, "turn", left)
    seen = along("mountains", "vertical", 8)
    assert (seen.y > 2).mean() < MOST / 2
    assert np.median(seen.y) < 1


def test_what_stands_still_is_not_seen_to_move() -> None:
    move = MOVES["static"]
    assert flow("mountains", move, move).median() == (0, 0)
