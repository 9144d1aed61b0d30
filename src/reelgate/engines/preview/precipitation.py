"""Rain and snow, from tiles that repeat: drawn once, then only moved.

A tile is enlarged by the frame's size, so that any place of it can be cut out whole: wrapping around while drawing would
cost more than all the rest.
"""

from __future__ import annotations

import math

import cv2
import numpy as np

from reelgate.engines.preview.plane import Bytes, Floats, Planes, Size, to_bytes


class Rain:
    """Two curtains of rain, one near, one far."""

    def __init__(self, strength: float, size: Size, rng: np.random.Generator) -> None:
        self._size = size
        least = size.least
        self._curtains = [
            (_streaks(size, rng, count=round(420 * strength + 80), length=0.045 * least, light=26), 1.15 * least),
            (_streaks(size, rng, count=round(170 * strength + 30), length=0.10 * least, light=44), 1.9 * least),
        ]

    def fall(self, planes: Planes, second: float) -> None:
        """Draw the rain of that second."""
        for tile, speed in self._curtains:
            down = speed * second
            cv2.add(planes.y, _cut(tile, self._size, -down * _SLANT, -down), dst=planes.y)


class Snow:
    """Three veils of flakes that sway as they fall."""

    def __init__(self, strength: float, size: Size, rng: np.random.Generator) -> None:
        self._size = size
        least = size.least
        self._veils = [
            (_flakes(size, rng, round((80 + 420 * strength) * share), radius * least), speed * least, phase)
            for share, radius, speed, phase in ((1.0, 0.0016, 0.07, 0.0), (0.5, 0.0028, 0.12, 2.1), (0.12, 0.006, 0.2, 4.0))
        ]

    def fall(self, planes: Planes, second: float) -> None:
        """Draw the snow of that second."""
        for tile, speed, phase in self._veils:
            sway = 0.6 * speed * math.sin(second * 0.9 + phase)
            cv2.add(planes.y, _cut_finely(tile, self._size, sway + 0.25 * speed * second, -speed * second), dst=planes.y)


def _streaks(size: Size, rng: np.random.Generator, *, count: int, length: float, light: float) -> Bytes:
    tile = np.zeros((size.height, size.width), np.uint8)
    for _ in range(count):
        x, y = rng.uniform(0, size.width), rng.uniform(0, size.height)
        long = length * rng.uniform(0.6, 1.3)
        value = round(light * rng.uniform(0.4, 1.0))
        for dx in (0, size.width):
            for dy in (0, size.height):
                start = (round((x - dx) * 16), round((y - dy) * 16))
                end = (round((x - dx + long * _SLANT) * 16), round((y - dy + long) * 16))
                cv2.line(tile, start, end, (value,), 1, cv2.LINE_AA, 4)
    return _repeated(np.asarray(cv2.GaussianBlur(tile, (3, 3), 0.5), np.uint8))


def _flakes(size: Size, rng: np.random.Generator, count: int, radius: float) -> Bytes:
    tile = np.zeros((size.height, size.width), np.float32)
    reach = max(2, math.ceil(radius * 2.6))
    around = np.arange(-reach, reach + 1, dtype=np.float32)
    for _ in range(count):
        x, y = rng.uniform(0, size.width), rng.uniform(0, size.height)
        spread = max(0.6, radius * rng.uniform(0.6, 1.2))
        left, top = math.floor(x), math.floor(y)
        flake = np.exp(-((around[:, None] - (y - top)) ** 2 + (around[None, :] - (x - left)) ** 2) / (2 * spread * spread))
        rows = np.arange(top - reach, top + reach + 1) % size.height
        columns = np.arange(left - reach, left + reach + 1) % size.width
        tile[np.ix_(rows, columns)] += flake * np.float32(rng.uniform(60, 150) / max(1.0, radius * 0.5))
    return _repeated(to_bytes(tile))


def _repeated(tile: Floats | Bytes) -> Bytes:
    return np.asarray(np.tile(tile, (2, 2)), np.uint8)


def _cut(tile: Bytes, size: Size, x: float, y: float) -> Bytes:
    """The frame's part of the tile with the tile moved by -x, -y whole pixels."""
    left, top = round(x) % size.width, round(y) % size.height
    return tile[top : top + size.height, left : left + size.width]


def _cut_finely(tile: Bytes, size: Size, x: float, y: float) -> Bytes:
    """The same between pixels, for what moves slowly."""
    left, top = (-x) % size.width, y % size.height
    centre = (left + (size.width - 1) / 2, top + (size.height - 1) / 2)
    return np.asarray(cv2.getRectSubPix(tile, (size.width, size.height), centre), np.uint8)


_SLANT = -0.13
"""How far rain is blown sideways for each pixel that it falls."""
