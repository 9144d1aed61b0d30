"""Cars far away: lights that move along a road, white to the right and red to the left; by day small bodies."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from reelgate.engines.preview.camera import View
from reelgate.engines.preview.mote import Dot
from reelgate.engines.preview.palette import mixed
from reelgate.engines.preview.plane import Colour, Plane, Planes, Size
from reelgate.engines.preview.setting import Setting


@dataclass(frozen=True, slots=True, kw_only=True)
class Road:
    """A road across the frame."""

    rows: Plane  # (columns of the frame,): the row of the frame at which it lies
    depth: float
    many: int
    lit: bool  # whether the cars have their lights on
    bodies: tuple[Colour, ...]  # of cars by day
    pace: float = 0.035  # short sides a second


def bodies_of(land: Setting) -> tuple[Colour, ...]:
    """The colours of cars in this light."""
    palette = land.palette
    return tuple(mixed(mixed(colour, palette.light, 0.10), palette.haze, 0.15) for colour in _BODIES)


class Traffic:
    """Plays the cars of a road, each at its own pace; one that leaves the frame comes in again on the other side."""

    def __init__(self, road: Road, size: Size, rng: np.random.Generator) -> None:
        self._road, self._size = road, size
        way = np.where(np.arange(road.many) % 2, 1.0, -1.0)
        self._place = (np.arange(road.many) + rng.uniform(-0.35, 0.35, road.many)) / max(1, road.many)
        rng.shuffle(self._place)
        self._pace = way * road.pace * size.least * rng.uniform(0.85, 1.15, road.many)
        colours = (_TAIL, _HEAD) if road.lit else road.bodies
        self._dots = [Dot((_LAMP if road.lit else _BODY) * size.least, colour, ring=False) for colour in colours]
        self._bright = rng.uniform(0.6, 1.0, road.many) if road.lit else np.full(road.many, 0.9)

    def play(self, planes: Planes, second: float, view: View) -> None:
        """Draw every car where it is by then."""
        wide, unit = self._size.width, self._size.least
        room = 0.1 * wide
        for number, at in enumerate(self._place.tolist()):
            x = (at * (wide + 2 * room) + float(self._pace[number]) * second) % (wide + 2 * room) - room
            row = float(self._road.rows[min(max(round(x), 0), wide - 1)]) - _BODY * unit
            seen_x, seen_y, _ = view.seen(x, row, self._road.depth)
            dot, light = self._dots[number % len(self._dots)], float(self._bright[number])
            for aside in (0.0,) if self._road.lit else (-0.8 * _BODY * unit, 0.8 * _BODY * unit):
                dot.lay(planes, seen_x + aside, seen_y, light)


_HEAD, _TAIL = (1.0, 0.93, 0.78), (1.0, 0.24, 0.16)
_LAMP, _BODY = 0.0030, 0.0021  # radius of a lamp and half the height of a car, short sides
_BODIES = ((0.90, 0.90, 0.90), (0.16, 0.17, 0.20), (0.62, 0.14, 0.12), (0.55, 0.58, 0.62), (0.15, 0.28, 0.50))
