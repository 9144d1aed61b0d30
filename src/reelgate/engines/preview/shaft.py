"""Shafts of light: a fan of soft rays from a light above, which wander and breathe."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from reelgate.engines.preview import canvas, noise
from reelgate.engines.preview.camera import View
from reelgate.engines.preview.plane import Colour, Floats, Planes, Size, yuv


@dataclass(frozen=True, slots=True, kw_only=True)
class Fan:
    """Rays from one place, which may lie outside the frame. Fractions of the frame's width and height."""

    x: float
    y: float
    colour: Colour
    strength: float = 0.4  # of the brightest ray, 0 to 1
    reach: float = 1.1  # how far down they go, frame heights from the light
    rays: float = 14.0  # about how many stand in the frame
    sway: float = 0.5  # how far they wander: 1 = by their own width
    depth: float = 0.3


class Shafts:
    """A fan of rays, screened over the frame. Its pattern is that of angles, so that it is bent once and then only slides."""

    def __init__(self, fan: Fan, size: Size, rng: np.random.Generator) -> None:
        self._fan, self._size = fan, size
        self._luma, self._u, self._v = yuv(fan.colour)
        self._small = (size.height // _SHRINK, size.width // _SHRINK)
        rows, columns = (np.arange(each, dtype=np.float32) * _SHRINK for each in self._small)
        right, down = (columns[None, :] - fan.x * size.width), np.maximum(rows[:, None] - fan.y * size.height, 1.0)
        angle = np.arctan2(right, down)
        away = np.hypot(right, down) / size.height
        self._column = np.asarray((angle / math.pi + 0.5) * (_ANGLES - 1), np.float32)
        self._fade = np.asarray(canvas.smoothstep(away, fan.reach, 0.05) * fan.strength, np.float32)
        self._wide = _ANGLES * 2 / (fan.rays * math.pi)
        self._patterns = [_pattern(rng, self._wide) for _ in range(2)]
        self._row = np.zeros_like(self._column)
        self._step, self._screens = -1, list[tuple[np.ndarray, np.ndarray]]()

    def play(self, planes: Planes, second: float, view: View) -> None:
        """Screen the rays of that second over the frame."""
        step = int(second * _STEPS_A_SECOND + _HARDLY)
        if step != self._step:
            self._step, self._screens = step, self._screened(self._light(step / _STEPS_A_SECOND, view))
        drawn = (planes.y, planes.u, planes.v) if planes.coloured else (planes.y,)
        for plane, (rest, light) in zip(drawn, self._screens, strict=False):
            cv2.multiply(plane, rest, dst=plane, scale=1 / 255)
            cv2.add(plane, light, dst=plane)

    def _screened(self, light: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
        """What each plane is multiplied with and what is added to it. They wander slowly: one serves for two frames."""
        size = self._size
        full = cv2.resize(light, (size.width, size.height), interpolation=cv2.INTER_LINEAR)
        half = cv2.resize(light, (size.width // 2, size.height // 2), interpolation=cv2.INTER_LINEAR)
        rest, half_rest = cv2.bitwise_not(full), cv2.bitwise_not(half)
        return [
            (rest, cv2.convertScaleAbs(full, alpha=self._luma / 255)),
            (half_rest, cv2.convertScaleAbs(half, alpha=self._u / 255)),
            (half_rest, cv2.convertScaleAbs(half, alpha=self._v / 255)),
        ]

    def _light(self, second: float, view: View) -> np.ndarray:
        """How much of the rays' colour stands where, in bytes, at an eighth of the frame's size."""
        pattern = np.zeros(_ANGLES, np.float32)
        for number, each in enumerate(self._patterns):
            shift = self._fan.sway * self._wide * math.sin(second * (0.31 + 0.13 * number) + 2.1 * number)
            pattern += np.interp(np.arange(_ANGLES) + shift, np.arange(_ANGLES), each)
        seen, _, _ = view.seen(self._fan.x * self._size.width, 0.0, self._fan.depth)
        aside = (seen - self._fan.x * self._size.width) / self._size.width * _ANGLES / math.pi
        strips = np.asarray(pattern[None, :] * 0.5, np.float32)
        bent = cv2.remap(strips, self._column - np.float32(aside), self._row, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        breath = 0.85 + 0.15 * math.sin(second * 0.83)
        return np.clip(bent * self._fade * np.float32(255 * breath), 0, 255).astype(np.uint8)


def _pattern(rng: np.random.Generator, wide: float) -> Floats:
    return np.asarray(canvas.smoothstep(noise.line(rng, _ANGLES, wide, octaves=2), -0.2, 1.6), np.float32)


_SHRINK = 8
_STEPS_A_SECOND = 12
_HARDLY = 1e-6
_ANGLES = 720
