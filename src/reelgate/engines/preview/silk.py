"""Silk: a cloth of light whose folds wander over the frame.

Its folds are lines of one field, which two noises bend; the noises only slide over each other, at an eighth of the frame's size, so that a
frame costs some look-ups at half size and no arithmetic on every pixel of it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from reelgate.engines.preview import noise
from reelgate.engines.preview.camera import View
from reelgate.engines.preview.plane import Bytes, Colour, Floats, Planes, Size, to_bytes, yuv


@dataclass(frozen=True, slots=True, kw_only=True)
class Cloth:
    """What it is made of and how it lies. Fractions of the frame, and of its short side."""

    shade: Colour  # in the depth of a fold
    body: Colour
    shine: Colour  # on its crest
    angle: float  # of the folds, radians from the horizontal
    folds: float = 5.0  # along a short side
    across: float = 0.34  # how wide the cloth is
    place: float = 0.5  # where its middle lies: 0 = above, 1 = below
    wildness: float = 0.5  # 0 = hangs straight, 1 = blown about
    threads: int = 7  # in each fold
    pace: float = 1.0


class Silk:
    """Plays a cloth."""

    def __init__(self, cloth: Cloth, size: Size, rng: np.random.Generator) -> None:
        self._cloth, self._size = cloth, size
        self._half = (size.height // 2, size.width // 2)
        self._small = (size.height // _SHRINK, size.width // _SHRINK)
        rows, columns = self._half
        y, x = np.mgrid[:rows, :columns].astype(np.float32)
        least = size.least / 2
        along = (np.cos(cloth.angle) * y - np.sin(cloth.angle) * x) / least
        self._straight = np.asarray(along * cloth.folds * _STEPS, np.float32)
        down = np.linspace(0.0, 1.0, self._small[0], dtype=np.float32)[:, None]
        self._off = np.asarray((down - cloth.place) * rows / least, np.float32)
        self._span = 2 * max(self._small)
        self._bends = [
            self._repeated(noise.tile(rng, (self._span, self._span), slope=slope, stretch=stretch))
            for slope, stretch in ((2.6, 1.6), (2.3, 1.0), (2.9, 2.4))
        ]
        self._starts = rng.random((3, 2)) * self._span / 2
        self._tables = _tables(cloth)

    def play(self, planes: Planes, second: float, view: View) -> None:
        """Lay the cloth over the frame as it is at that second."""
        cloth = self._cloth
        first, second_bend, sway = (self._bend(number, second * cloth.pace, view) for number in range(3))
        wild = (0.35 + 0.9 * cloth.wildness) * _STEPS
        full, half = (self._size.width, self._size.height), (self._half[1], self._half[0])
        bend = cv2.addWeighted(first, wild, second_bend, 0.45 * wild, second * cloth.pace * 9.0)
        field = np.asarray(cv2.add(self._straight, cv2.resize(bend, half, interpolation=cv2.INTER_CUBIC)), np.float32)
        step = field.astype(np.int32).astype(np.uint8)
        off = self._off + sway * np.float32(0.16 + 0.22 * cloth.wildness)
        wide = cv2.resize(to_bytes(np.exp(-((off / np.float32(cloth.across)) ** 2)) * np.float32(255)), half, interpolation=cv2.INTER_CUBIC)
        lit, rest = cv2.multiply(cv2.LUT(step, self._tables[0]), wide, scale=1 / 255), cv2.bitwise_not(wide)
        cv2.multiply(planes.y, cv2.resize(rest, full, interpolation=cv2.INTER_LINEAR), dst=planes.y, scale=1 / 255)
        cv2.add(planes.y, cv2.resize(lit, full, interpolation=cv2.INTER_LINEAR), dst=planes.y)
        if not planes.coloured:
            return
        for plane, table in ((planes.u, self._tables[1]), (planes.v, self._tables[2])):
            cv2.multiply(plane, rest, dst=plane, scale=1 / 255)
            cv2.add(plane, cv2.multiply(cv2.LUT(step, table), wide, scale=1 / 255), dst=plane)

    def _repeated(self, tile: Floats) -> Floats:
        """A tile and as much of the next ones as is seen from its last pixel on: so it can slide by its whole period."""
        rows, columns = self._small
        return np.asarray(cv2.copyMakeBorder(tile, 0, rows + 1, 0, columns + 1, cv2.BORDER_WRAP), np.float32)

    def _bend(self, number: int, second: float, view: View) -> Floats:
        """One of the noises, as far as it has slid by then, at an eighth of the frame's size."""
        rows, columns = self._small
        tile = self._bends[number]
        angle = _WAYS[number]
        went = second * _SPEED[number] * min(self._small)
        top = (self._starts[number][0] + math.sin(angle) * went - view.pose.y * 0.04 * rows) % self._span
        left = (self._starts[number][1] + math.cos(angle) * went + view.pose.x * 0.04 * columns) % self._span
        seen = cv2.getRectSubPix(tile, (columns, rows), (left + (columns - 1) / 2, top + (rows - 1) / 2))
        return np.asarray(seen, np.float32)


def _tables(cloth: Cloth) -> tuple[Bytes, Bytes, Bytes]:
    """Luma and chroma of each of 256 steps through a fold: depth, body and crest, and the threads between."""
    turn = np.arange(256) / 256 * math.tau
    crest = (0.5 + 0.5 * np.sin(turn)) ** 2.2
    shine = np.clip((np.sin(turn) - 0.55) / 0.45, 0, 1) ** 2
    thread = 1.0 + 0.10 * np.sin(turn * cloth.threads) * (0.3 + crest)
    colours = [np.asarray(yuv(colour)) for colour in (cloth.shade, cloth.body, cloth.shine)]
    tables: list[Bytes] = []
    for channel in range(3):
        deep, body, bright = (colour[channel] for colour in colours)
        mixed = deep + (body - deep) * crest + (bright - body) * shine * 0.85
        mixed = 16 + (mixed - 16) * thread if channel == 0 else mixed
        tables.append(to_bytes(np.asarray(mixed, np.float32)))
    return tables[0], tables[1], tables[2]


_SHRINK = 8
_STEPS = 110.0  # of a fold's 256, for one fold's length and one unit of bending
_WAYS = (0.4, 2.5, 4.4)
_SPEED = (0.030, 0.045, 0.022)  # short sides a second
