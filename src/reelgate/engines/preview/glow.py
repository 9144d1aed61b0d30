"""The light around a light: screened over what is there, slowly breathing.

Screened, never added: added light turns a red sky yellow and then green.
"""

from __future__ import annotations

import math

import cv2
import numpy as np

from reelgate.engines.preview.plane import WHITE, Colour, Floats, Planes, Size, halve, to_bytes, yuv


class Glow:
    """A round glow at a fixed place."""

    def __init__(self, glow: tuple[float, float, float, Colour], size: Size) -> None:
        x, y, radius, colour = glow
        reach = radius * size.least
        self._left, right = _span(x * size.width, reach, size.width)
        self._top, bottom = _span(y * size.height, reach, size.height)
        shape = _disc((self._top, bottom), (self._left, right), (x * size.width, y * size.height), reach)
        luma, u, v = yuv(colour)
        self._light = shape * np.float32((luma - 16) / (WHITE - 16))
        self._levels: dict[int, tuple[np.ndarray, ...]] = {}
        self._shape = shape
        self._colour = (u, v)

    def shine(self, planes: Planes, second: float) -> None:
        """Screen it over the frame."""
        if not self._shape.size:
            return
        breath = 0.5 + 0.5 * math.sin(second * math.tau / _BREATH_S)
        level = round(breath * _LEVELS)
        if level not in self._levels:
            self._levels[level] = self._at(1 - _DEPTH * level / _LEVELS)
        rest, light, half_rest, u, v = self._levels[level]
        height, width = self._shape.shape
        y = planes.y[self._top : self._top + height, self._left : self._left + width]
        cv2.multiply(y, rest, dst=y, scale=1 / 255)
        cv2.add(y, light, dst=y)
        for plane, tint in ((planes.u, u), (planes.v, v)):
            part = plane[self._top // 2 : (self._top + height) // 2, self._left // 2 : (self._left + width) // 2]
            cv2.multiply(part, half_rest, dst=part, scale=1 / 255)
            cv2.add(part, tint, dst=part)

    def _at(self, strength: float) -> tuple[np.ndarray, ...]:
        """Screening towards white in luma and towards the glow's colour in chroma, as multiply-and-add."""
        light = self._light * np.float32(strength)
        half = halve(light)
        u, v = self._colour
        return to_bytes(255 - 255 * light), to_bytes(light * WHITE), to_bytes(255 - 255 * half), to_bytes(half * u), to_bytes(half * v)


def _span(centre: float, reach: float, end: int) -> tuple[int, int]:
    first = max(0, math.floor(centre - reach)) & ~1
    return first, max(first, min(end, (math.ceil(centre + reach) + 1) & ~1))


def _disc(rows: tuple[int, int], columns: tuple[int, int], centre: tuple[float, float], reach: float) -> Floats:
    x = (np.arange(*columns, dtype=np.float32)[None, :] - centre[0]) / reach
    y = (np.arange(*rows, dtype=np.float32)[:, None] - centre[1]) / reach
    return np.asarray(np.clip(1 - np.sqrt(x * x + y * y), 0, 1) ** 2.2, np.float32)


_BREATH_S = 7.0
_DEPTH = 0.25
_LEVELS = 24
