"""Fish: a school that swims one way, turns as one, and never quite keeps its order."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from reelgate.engines.preview.camera import View
from reelgate.engines.preview.plane import Colour, Planes, Size, yuv


@dataclass(frozen=True, slots=True, kw_only=True)
class School:
    """Where it swims. `x` and `y` are fractions of the frame, where its middle is at second 0; lengths in short sides."""

    count: int
    x: float
    y: float
    length: float  # of a fish
    spread: float
    colour: Colour
    pace: float = 0.05  # to the right, short sides a second; negative = to the left
    depth: float = 0.4


class Shoal:
    """Plays a school."""

    def __init__(self, school: School, size: Size, rng: np.random.Generator) -> None:
        self._school, self._size = school, size
        self._colour = yuv(school.colour)
        count = school.count
        self._place = rng.normal(0, 1, (count, 2)) * (school.spread, 0.42 * school.spread)
        self._phase = rng.uniform(0, math.tau, (count, 3))
        self._long = school.length * rng.uniform(0.7, 1.25, count)

    def play(self, planes: Planes, second: float, view: View) -> None:
        """Draw every fish where it is at that second."""
        school, least = self._school, self._size.least
        forward = math.copysign(1.0, school.pace)
        turn = 0.30 * math.sin(second * 0.55 + float(self._phase[0, 0]) if school.count else 0.0)
        y, u, v = self._colour
        phase, place = self._phase, self._place
        right = place[:, 0] + 0.010 * np.sin(second * 0.9 + phase[:, 0]) + school.pace * second
        below = place[:, 1] + 0.010 * np.sin(second * 1.3 + phase[:, 1]) + 0.055 * np.sin(second * 0.55 - 1.2 + 0.4 * place[:, 0])
        beats, turns = np.sin(second * 9.0 + phase[:, 2]), turn + 0.12 * np.sin(phase[:, 1])
        for each, shape in enumerate(_outlines(beats, forward, turns)):
            x, row, scale = view.seen(
                school.x * self._size.width + float(right[each]) * least,
                school.y * self._size.height + float(below[each]) * least,
                school.depth,
            )
            long = float(self._long[each]) * least * scale
            ends = shape * long + (x, row)
            for plane, value, step in ((planes.y, y, 1), (planes.u, u, 2), (planes.v, v, 2)):
                if step > 1 and (long < _COLOURLESS or not planes.coloured):
                    break
                cv2.fillPoly(plane, [(ends * (16 / step) + 0.5).astype(np.int32)], (round(value),), lineType=cv2.LINE_AA, shift=4)


def _outlines(beats: npt.NDArray[np.float64], forward: float, turns: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Fishes of length 1 with their middles at nothing: (fish, points, 2). `beats`: where their tails are, -1 to 1."""
    behind = np.clip(-_FISH[:, 0], 0.0, None)[None, :]
    hard = np.abs(beats)[:, None] * behind
    x = _FISH[None, :, 0] * (1.0 - 0.10 * hard)
    y = _FISH[None, :, 1] * (1.0 - 0.35 * hard) + 0.05 * beats[:, None] * behind
    cos, sin = np.cos(turns * 0.6)[:, None], np.sin(turns * 0.6)[:, None]
    return np.stack([(x * cos - y * sin) * forward, x * sin + y * cos], axis=2)


_COLOURLESS = 24.0  # pixels: of a shorter one nobody sees the colour
_FISH = np.array(
    [
        (0.50, 0.00), (0.40, -0.09), (0.22, -0.155), (0.05, -0.175), (-0.06, -0.225), (-0.14, -0.145), (-0.28, -0.055), (-0.36, -0.045),
        (-0.52, -0.170), (-0.46, 0.00), (-0.52, 0.165), (-0.36, 0.045), (-0.24, 0.075), (-0.05, 0.150), (0.02, 0.195), (0.10, 0.145),
        (0.30, 0.110), (0.43, 0.055),
    ]
)  # fmt: skip
"""Nose to the right, length 1: back with its fin, forked tail, belly."""
