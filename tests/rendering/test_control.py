"""Camera moves in numbers; that they go the right way is seen in test_move.py."""

from __future__ import annotations

import pytest

from reelgate.engines.preview.control import PRESETS, asked_move, axis_move


@pytest.mark.parametrize("preset", sorted(PRESETS))
def test_a_preset_is_read_in_both_wires_shapes(preset: str) -> None:
    assert asked_move({"fal": {"camera_control": preset}}) == PRESETS[preset]
    assert asked_move({"kling": {"camera_control": {"type": preset}}}) == PRESETS[preset]


def test_a_single_axis_is_read_in_both_wires_shapes() -> None:
    config = {"horizontal": 0, "vertical": 0, "pan": 0, "tilt": 0, "roll": 0, "zoom": -5}

    expected = axis_move("zoom", -5)
    assert expected is not None
    assert asked_move({"kling": {"camera_control": {"type": "simple", "config": config}}}) == expected
    assert asked_move({"fal": {"advanced_camera_control": {"movement_type": "zoom", "movement_value": -5}}}) == expected


@pytest.mark.parametrize("control", [None, "", "spin", {}, {"type": "simple"}, {"type": "simple", "config": {"zoom": "much"}}, 7, ["zoom"]])
def test_what_cannot_be_read_asks_for_nothing(control: object) -> None:
    assert asked_move({"kling": {"camera_control": control}}) is None


def test_too_much_is_as_much_as_there_is() -> None:
    assert axis_move("horizontal", 1e9) == axis_move("horizontal", 10)
    assert axis_move("horizontal", 0) is None
    assert axis_move("sideways", 5) is None
