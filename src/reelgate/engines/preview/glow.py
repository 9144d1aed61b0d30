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
        light = shape * np.float32((luma - 16) / (WHITE - 16))
        half = halve(light) if light.size else light
        self._shares = (to_bytes(255 * light), to_bytes(255 * half))
        self._colours = (to_bytes(light * WHITE), to_bytes(half * u), to_bytes(half * v))

    def shine(self, planes: Planes, second: float) -> None:
        """Screen it over the frame: towards white in luma, towards its colour in chroma."""
        if not self._shares[0].size:
            return
        strength = 1 - _DEPTH * (0.5 + 0.5 * math.sin(second * math.tau / _BREATH_S))
        rest, half_rest = (cv2.convertScaleAbs(share, alpha=-strength, beta=255) for share in self._shares)
        for plane, through, colour, step in zip(
            (planes.y, planes.u, planes.v), (rest, half_rest, half_rest), self._colours, (1, 2, 2), strict=True
        ):
            if step > 1 and not planes.coloured:
                break
            height, width = colour.shape
            part = plane[self._top // step :, self._left // step :][:height, :width]
            cv2.multiply(part, through, dst=part, scale=1 / 255)
            cv2.scaleAdd(colour, strength, part, dst=part)


def _span(centre: float, reach: float, end: int) -> tuple[int, int]:
    first = max(0, math.floor(centre - reach)) & ~1
    return first, max(first, min(end, (math.ceil(centre + reach) + 1) & ~1))


def _disc(rows: tuple[int, int], columns: tuple[int, int], centre: tuple[float, float], reach: float) -> Floats:
    x = (np.arange(*columns, dtype=np.float32)[None, :] - centre[0]) / reach
    y = (np.arange(*rows, dtype=np.float32)[:, None] - centre[1]) / reach
    return np.asarray(np.clip(1 - np.sqrt(x * x + y * y), 0, 1) ** 2.2, np.float32)


_BREATH_S = 7.0
_DEPTH = 0.25
