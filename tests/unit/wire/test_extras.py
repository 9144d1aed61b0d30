"""Extras of one wire in the other's words."""

from __future__ import annotations

from typing import Any

import pytest

from reelgate.wire.extras import said_in, translated

WAY = [{"x": 1, "y": 2}, {"x": 3, "y": 4}]
PAIRS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"camera_control": "down_back"}, {"camera_control": {"type": "down_back"}}),
    (
        {"advanced_camera_control": {"movement_type": "zoom", "movement_value": -5}},
        {"camera_control": {"type": "simple", "config": {"zoom": -5}}},
    ),
    ({"static_mask_url": 0}, {"static_mask": 0}),
    ({"dynamic_masks": [{"mask_url": 1, "trajectories": WAY}]}, {"dynamic_masks": [{"mask": 1, "trajectories": WAY}]}),
]


@pytest.mark.parametrize(("fal", "kling"), PAIRS)
def test_each_is_said_in_both_wires(fal: dict[str, Any], kling: dict[str, Any]) -> None:
    assert said_in({"fal": fal}, "kling") == kling
    assert said_in({"kling": kling}, "fal") == fal
    assert said_in({"fal": fal}, "fal") == fal


@pytest.mark.parametrize(
    ("wire", "name", "value"),
    [
        ("kling", "camera_control", {"type": "simple"}),
        ("kling", "camera_control", {"type": "simple", "config": {"pan": 1, "tilt": 2}}),
        ("kling", "camera_control", "odd"),
        ("kling", "element_list", [{"element_id": 1}]),
        ("fal", "advanced_camera_control", {"movement_type": "zoom", "movement_value": 0}),
        ("fal", "camera_control", {"type": "x"}),
        ("fal", "dynamic_masks", None),
    ],
)
def test_what_the_other_has_no_words_for_is_not_said(wire: str, name: str, value: Any) -> None:
    assert translated(wire, name, value, "fal" if wire == "kling" else "kling") == {}


def test_of_two_moves_the_detailed_one_is_said_and_one_s_own_words_come_first() -> None:
    both = {"camera_control": "down_back", "advanced_camera_control": {"movement_type": "pan", "movement_value": 3}}
    assert said_in({"fal": both}, "kling") == {"camera_control": {"type": "simple", "config": {"pan": 3}}}
    assert said_in({"fal": {"static_mask_url": 0}, "kling": {"static_mask": 1}}, "kling") == {"static_mask": 1}
