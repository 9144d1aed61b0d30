"""Birds: a small flock that crosses the sky."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from reelgate.engines.preview.plane import Colour, Planes, Size, yuv


@dataclass(frozen=True, slots=True, kw_only=True)
class _Bird:
    x: float  # where it is at second 0, pixels
    y: float
    span: float  # from the body to a wing's tip, pixels
    beat_hz: float
    phase: float
    speed: float  # pixels a second


class Flock:
    """Birds that fly one way."""

    def __init__(self, count: int, colour: Colour, size: Size, rng: np.random.Generator) -> None:
        self._size = size
        self._colour = yuv(colour)
        way = float(rng.choice([-1.0, 1.0]))
        centre = rng.uniform(0.2, 0.45) if way > 0 else rng.uniform(0.55, 0.8)
        height = rng.uniform(0.14, 0.26)
        self._birds = [_bird(centre, height, way, size, rng) for _ in range(count)]

    def fly(self, planes: Planes, second: float) -> None:
        """Draw every bird where it is at that second."""
        y, u, v = self._colour
        for bird in self._birds:
            shape = _wings(bird, second)
            for plane, value, step in ((planes.y, y, 1), (planes.u, u, 2), (planes.v, v, 2)):
                points = np.round((shape / step) * 16).astype(np.int32)
                cv2.fillPoly(plane, [points], (round(value),), lineType=cv2.LINE_AA, shift=4)


def _bird(centre: float, height: float, way: float, size: Size, rng: np.random.Generator) -> _Bird:
    return _Bird(
        x=size.width * (centre + rng.normal(0, 0.07)),
        y=size.height * (height + rng.normal(0, 0.035)),
        span=size.least * rng.uniform(0.010, 0.019),
        beat_hz=rng.uniform(1.5, 2.4),
        phase=rng.uniform(0, math.tau),
        speed=way * size.least * rng.uniform(0.026, 0.036),
    )


def _wings(bird: _Bird, second: float) -> npt.NDArray[np.float64]:
    """The outline of a bird seen from far: wings bent at the wrist, thick at the body, thin at the tips. (n, 2) pixels."""
    turn = math.tau * bird.beat_hz * second + bird.phase
    effort = 0.6 + 0.4 * math.sin(math.tau * second / 4.3 + bird.phase)  # birds glide between beats
    inner = 0.42 + 0.36 * effort * math.sin(turn)
    outer = inner - 0.62 + 0.34 * effort * math.sin(turn - 1.0)
    wrist = (0.46 * math.cos(inner), -0.46 * math.sin(inner))
    tip = (wrist[0] + 0.56 * math.cos(outer), wrist[1] - 0.56 * math.sin(outer))
    thick = max(0.12, 1.3 / bird.span)
    right = [wrist, tip, (wrist[0] * 0.96, wrist[1] + 0.85 * thick), (0.0, 1.25 * thick)]
    left = [(-x, y) for x, y in reversed(right[:-1])]
    x = bird.x + bird.speed * second
    y = bird.y + 0.1 * bird.span * math.sin(math.tau * second / 2.9 + bird.phase) - 0.12 * bird.span * math.sin(turn)
    return np.array([(x + bird.span * px, y + bird.span * py) for px, py in [(0.0, 0.0), *right, *left]])
