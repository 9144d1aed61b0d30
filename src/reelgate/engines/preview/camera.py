"""Where the camera is, and where it looks, at each moment of a shot.

A move starts and ends gently but never stands still: half of it is eased, half is linear. Where the camera goes, distances are
measured at the foreground, and a layer of depth d moves d times as far; where it turns or its lens narrows, all moves alike. Words are
those of film: to pan is to look aside, to tilt is to look up or down.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Pose:
    """Where the camera stands, as seen from the foreground plane, and where it looks: all zero is the rest position."""

    x: float = 0.0  # to the right, in units of the travel allowed; -1 to 1
    y: float = 0.0  # downwards, likewise
    zoom: float = 0.0  # inwards, 0 to 1
    pan: float = 0.0  # turned to the right, in units of how far it may turn; -1 to 1
    tilt: float = 0.0  # turned downwards, likewise
    roll: float = 0.0  # clockwise, degrees
    narrow: float = 0.0  # how much its lens narrows the view, 0 to 1
    shake: float = 0.0  # how much a hand trembles, 0 to 1


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """Where the camera looks at one moment: what turns a place in the frame into a place in a layer."""

    pose: Pose
    second: float
    travel: float  # pixels that the foreground moves at pose.x = 1
    focus_x: float  # the point that a zoom leaves where it is
    focus_y: float

    def seen(self, x: float, y: float, depth: float) -> tuple[float, float, float]:
        """Where a place of the frame at rest is seen, at a depth, before the camera turns, and how many times as large."""
        scale = 1 + ZOOM * self.pose.zoom * depth
        return (
            self.focus_x - self.pose.x * self.travel * depth + (x - self.focus_x) * scale,
            self.focus_y - self.pose.y * self.travel * depth + (y - self.focus_y) * scale,
            scale,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """From one pose to another."""

    start: Pose
    end: Pose

    def at(self, moment: float) -> Pose:
        """The pose at a moment of the shot, 0 to 1."""
        part = ease(moment)
        start, end, shake = self.start, self.end, self.end.shake
        return Pose(
            x=_between(start.x, end.x, part),
            y=_between(start.y, end.y, part),
            zoom=_between(start.zoom, end.zoom, part),
            pan=_between(start.pan, end.pan, part) + shake * _tremble(moment, 0.0),
            tilt=_between(start.tilt, end.tilt, part) + shake * _tremble(moment, 1.9),
            roll=_between(start.roll, end.roll, part) + shake * _tremble(moment, 4.1),
            narrow=_between(start.narrow, end.narrow, part),
        )

    @property
    def widest(self) -> Pose:
        """How far it turns at most, in whichever direction, and the narrowest view."""
        trembles = _TREMBLE * 1.6 * self.end.shake
        ends = (self.start, self.end)
        return Pose(
            pan=max(abs(pose.pan) for pose in ends) + trembles,
            tilt=max(abs(pose.tilt) for pose in ends) + trembles,
            roll=max(abs(pose.roll) for pose in ends) + trembles,
            narrow=max(pose.narrow for pose in ends),
        )


def ease(moment: float) -> float:
    """Half smoother step, half straight line: gentle at both ends, dead at neither."""
    smooth = moment**3 * (moment * (6 * moment - 15) + 10)
    return 0.5 * smooth + 0.5 * moment


def move_for(words: frozenset[str], side: float) -> Move:
    """The move that the camera words ask for; without any, a slow push in that drifts to `side` (-1 to 1)."""
    asked = [MOVES[word] for word in sorted(words & MOVES.keys())]
    if not asked:
        return Move(start=Pose(x=-0.35 * side, y=0.15), end=Pose(x=0.35 * side, y=-0.15, zoom=1.0))
    start, end = (_sum([getattr(move, each) for move in asked]) for each in ("start", "end"))
    return Move(start=start, end=end)


def _sum(poses: list[Pose]) -> Pose:
    return Pose(
        x=_limited(sum(pose.x for pose in poses)),
        y=_limited(sum(pose.y for pose in poses)),
        pan=_limited(sum(pose.pan for pose in poses)),
        tilt=_limited(sum(pose.tilt for pose in poses)),
        zoom=max(0.0, _limited(sum(pose.zoom for pose in poses))),
        roll=sum(pose.roll for pose in poses),
        narrow=_limited(sum(pose.narrow for pose in poses)),
        shake=max(pose.shake for pose in poses),
    )


def _between(start: float, end: float, part: float) -> float:
    return start + (end - start) * part


def _limited(value: float) -> float:
    return min(1.0, max(-1.0, value))


def _tremble(moment: float, phase: float) -> float:
    return _TREMBLE * (math.sin(9.1 * moment * math.tau / 2 + phase) + 0.6 * math.sin(17.3 * moment * math.tau / 2 + 2 * phase))


MOVES: Mapping[str, Move] = {
    "push_in": Move(start=Pose(y=0.1), end=Pose(y=-0.1, zoom=1.0)),
    "pull_out": Move(start=Pose(y=-0.1, zoom=1.0), end=Pose(y=0.1)),
    "pan_left": Move(start=Pose(x=0.6, zoom=0.3, pan=0.4), end=Pose(x=-0.6, zoom=0.3, pan=-0.4)),
    "pan_right": Move(start=Pose(x=-0.6, zoom=0.3, pan=-0.4), end=Pose(x=0.6, zoom=0.3, pan=0.4)),
    "tilt_up": Move(start=Pose(y=0.5, zoom=0.3, tilt=0.5), end=Pose(y=-0.5, zoom=0.3, tilt=-0.5)),
    "tilt_down": Move(start=Pose(y=-0.5, zoom=0.3, tilt=-0.5), end=Pose(y=0.5, zoom=0.3, tilt=0.5)),
    "aerial": Move(start=Pose(x=-0.3, y=-0.9, zoom=0.1), end=Pose(x=0.3, y=0.4, zoom=1.0)),
    "orbit": Move(start=Pose(x=-0.8, zoom=0.4), end=Pose(x=0.8, zoom=0.8)),
    "handheld": Move(start=Pose(x=-0.2, zoom=0.3), end=Pose(x=0.2, zoom=0.6, shake=1.0)),
    "static": Move(start=Pose(zoom=0.2), end=Pose(zoom=0.3)),
}

_TREMBLE = 0.05

ZOOM = 0.12
"""How much larger the foreground becomes by a full push in."""
