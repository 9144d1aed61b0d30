"""Camera moves asked for in numbers: the `camera_control` of Kling and fal.

Three of its words do not mean what film people mean: `pan` turns up and down, `tilt` turns left and right, and a
negative `zoom` narrows the view, so it moves in.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reelgate.engines.preview.camera import Move, Pose

LARGEST = 10.0
"""Values go from -10 to 10."""


def asked_move(extras: Mapping[str, Mapping[str, Any]]) -> Move | None:
    """The move that one of the wires' extras asks for; None if none does or it says nothing we can read."""
    for extra in extras.values():
        for move in (_advanced(extra.get("advanced_camera_control")), _control(extra.get("camera_control"))):
            if move is not None:
                return move
    return None


def axis_move(axis: str, value: float) -> Move | None:
    """The move along one axis, named as Kling names it; None for an axis that there is not, or no movement."""
    part = min(LARGEST, max(-LARGEST, value)) / LARGEST
    # What it does, and a little of its kin: a camera that only went would leave what is far where it is, and one that only turned or
    # narrowed its lens would show no depth.
    goes, turns = _GOES * part, (1 - _GOES) * part
    poses = {
        "horizontal": Pose(x=goes, zoom=0.3, pan=turns),  # the camera goes right
        "vertical": Pose(y=-goes, zoom=0.3, tilt=-turns),  # the camera goes up
        "pan": Pose(y=-turns, zoom=0.3, tilt=-goes),  # it looks up
        "tilt": Pose(x=turns, zoom=0.3, pan=goes),  # it looks right
        "roll": Pose(roll=_ROLL_DEGREES * part, zoom=0.3),  # clockwise
        "zoom": Pose(zoom=abs(goes), narrow=abs(turns)),
    }
    if axis not in poses or not part:
        return None
    end = poses[axis]
    if axis == "zoom":
        return Move(start=Pose(), end=end) if part < 0 else Move(start=end, end=Pose())
    start = Pose(x=-end.x, y=-end.y, zoom=end.zoom, pan=-end.pan, tilt=-end.tilt, roll=-end.roll)
    return Move(start=start, end=end)


def _advanced(control: object) -> Move | None:
    """fal's shape: {"movement_type": "zoom", "movement_value": -5}."""
    match control:
        case {"movement_type": str(axis), "movement_value": int() | float() as value}:
            return axis_move(axis, value)
        case _:
            return None


def _control(control: object) -> Move | None:
    """A preset by name, Kling's {"type": preset}, or its {"type": "simple", "config": {axis: value}}."""
    match control:
        case str(preset) | {"type": str(preset)} if preset in PRESETS:
            return PRESETS[preset]
        case {"config": Mapping() as config}:
            moves = (axis_move(str(axis), value) for axis, value in config.items() if isinstance(value, int | float))
            return next((move for move in moves if move is not None), None)
        case _:
            return None


PRESETS: Mapping[str, Move] = {
    "down_back": Move(start=Pose(y=-0.5, zoom=0.7, tilt=-0.2, narrow=0.3), end=Pose(y=0.5, zoom=0.1, tilt=0.2)),
    "forward_up": Move(start=Pose(y=0.5, zoom=0.1, tilt=0.2), end=Pose(y=-0.5, zoom=0.7, tilt=-0.2, narrow=0.3)),
    "right_turn_forward": Move(start=Pose(x=-0.4, zoom=0.1, pan=-0.4), end=Pose(x=0.4, zoom=0.7, pan=0.4, narrow=0.3)),
    "left_turn_forward": Move(start=Pose(x=0.4, zoom=0.1, pan=0.4), end=Pose(x=-0.4, zoom=0.7, pan=-0.4, narrow=0.3)),
}

_ROLL_DEGREES = 2.0
_GOES = 0.65  # of a move along an axis
