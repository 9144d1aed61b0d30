"""Extras that fal and Kling both have under words of their own: camera moves and the masks of the motion brush.

Extras are kept in the words of the wire that said them. What goes to a channel of the other wire is said in that one's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias, cast

Extras: TypeAlias = Mapping[str, Any]

_FAL, _KLING = "fal", "kling"


def said_in(extras: Mapping[str, Extras], wire: str) -> dict[str, Any]:
    """An input's extras in the words of `wire`: its own, and what can be said of the others'."""
    said: dict[str, Any] = {}
    for other, theirs in extras.items():
        for name, value in theirs.items():
            said |= translated(other, name, value, wire)
    return said | dict(extras.get(wire, {}))


def translated(wire: str, name: str, value: Any, into: str) -> dict[str, Any]:
    """One extra of `wire` as extras of `into`; empty where that has no words for it."""
    turn = _TURNS.get((wire, into), {}).get(name)
    return {} if turn is None else turn(value)


def _kling_preset(value: Any) -> dict[str, Any]:
    return {"camera_control": {"type": value}} if isinstance(value, str) else {}


def _kling_move(value: Any) -> dict[str, Any]:
    match value:
        case {"movement_type": str(axis), "movement_value": int() | float() as amount} if amount:
            return {"camera_control": {"type": "simple", "config": {axis: amount}}}
        case _:
            return {}


def _fal_camera(value: Any) -> dict[str, Any]:
    match value:
        case {"type": "simple", "config": dict()}:
            moves = {str(axis): amount for axis, amount in cast("dict[str, Any]", value["config"]).items() if amount}
            if len(moves) != 1:
                return {}
            ((axis, amount),) = moves.items()
            return {"advanced_camera_control": {"movement_type": axis, "movement_value": amount}}
        case {"type": str(preset)} if preset != "simple":
            return {"camera_control": preset}
        case _:
            return {}


def _masks(mask: str, other: str) -> Callable[[Any], dict[str, Any]]:
    def turn(value: Any) -> dict[str, Any]:
        if not isinstance(value, list):
            return {}
        parts = [dict(each) for each in cast("list[Mapping[str, Any]]", value)]
        return {"dynamic_masks": [{other if name == mask else name: inner for name, inner in part.items()} for part in parts]}

    return turn


_TURNS: Mapping[tuple[str, str], Mapping[str, Callable[[Any], dict[str, Any]]]] = {
    (_FAL, _KLING): {
        "camera_control": _kling_preset,
        "advanced_camera_control": _kling_move,
        "static_mask_url": lambda value: {"static_mask": value},
        "dynamic_masks": _masks("mask_url", "mask"),
    },
    (_KLING, _FAL): {
        "camera_control": _fal_camera,
        "static_mask": lambda value: {"static_mask_url": value},
        "dynamic_masks": _masks("mask", "mask_url"),
    },
}
