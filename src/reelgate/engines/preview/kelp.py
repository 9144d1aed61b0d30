"""Kelp: a bed of long strands with blades, which bend in the swell from their tips down."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from reelgate.engines.preview import canvas
from reelgate.engines.preview.camera import View
from reelgate.engines.preview.plane import Bytes, Colour, Plane, Planes, Size, halve, split_yuv, to_bytes

_Curve = npt.NDArray[np.float64]
"""(n, 2): columns and rows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bed:
    """Where kelp stands: `x` is a fraction of the frame's width, lengths are in short sides. It is rooted below the frame's foot."""

    x: float
    wide: float
    tall: float  # above the foot of the frame
    count: int
    dark: Colour  # at the root
    lit: Colour  # at the tips, where light comes through
    sway: float = 0.022  # how far a tip swings
    period_s: float = 5.2
    depth: float = 0.6


class Kelp:
    """Plays a bed: it is painted once, and read again for every frame with its rows pushed aside, the tips last."""

    def __init__(self, bed: Bed, size: Size, rng: np.random.Generator) -> None:
        self._bed, self._size = bed, size
        least, root = size.least, round(_ROOT * size.least)
        rows, columns = 2 * round(bed.tall * least / 2) + root, 2 * round(bed.wide * least / 2)
        self._left, self._top = bed.x * size.width - columns / 2, float(size.height + root - rows)
        self._phase = float(rng.uniform(0, math.tau))
        cover = _painted(rng, (rows, columns), bed.count, least)
        up = np.linspace(1.0, 0.0, rows, dtype=np.float32)[:, None]
        picture = canvas.times(canvas.between(bed.dark, bed.lit, np.broadcast_to(up**1.4, cover.shape)), cover)
        y, u, v = split_yuv(np.asarray(picture, np.float32), cover)
        luma, rest = to_bytes(y, rng), 255 - to_bytes(cover * np.float32(255))
        half = [to_bytes(halve(u)), to_bytes(halve(v)), 255 - to_bytes(halve(cover) * np.float32(255))]
        # Four bytes a pixel are read faster than two or three.
        self._full = np.dstack([luma, rest, np.zeros_like(luma), np.zeros_like(luma)])
        self._half = np.dstack([*half, np.zeros_like(half[0])])

    def play(self, planes: Planes, second: float, view: View) -> None:
        """Draw it as it is bent at that second."""
        height, width = self._full.shape[:2]
        reach = self._bed.sway * self._size.least * _SURGE
        corners = [
            view.seen(self._left + x, self._top + y, self._bed.depth)
            for x, y in ((-reach, 0), (width + reach, 0), (-reach, height), (width + reach, height))
        ]
        left, right = (_even(edge, self._size.width) for edge in (min(each[0] for each in corners), max(each[0] for each in corners)))
        top, bottom = (_even(edge, self._size.height) for edge in (min(each[1] for each in corners), max(each[1] for each in corners)))
        if left >= right or top >= bottom:
            return
        rows, columns = np.arange(top, bottom, dtype=np.float64), np.arange(left, right, dtype=np.float64)
        across, down = self._read(rows, columns, second, view)
        light, rest, _, _ = cv2.split(cv2.remap(self._full, across, down, cv2.INTER_LINEAR, borderValue=(0, 255, 0, 0)))
        _lay(planes.y[top:bottom, left:right], light, rest)
        if not planes.coloured:
            return
        across, down = self._read(rows[::2] + 0.5, columns[::2] + 0.5, second, view)
        u, v, rest, _ = cv2.split(
            cv2.remap(self._half, (across - 0.5) * 0.5, (down - 0.5) * 0.5, cv2.INTER_LINEAR, borderValue=(0, 0, 255, 0))
        )
        for plane, colour in ((planes.u, u), (planes.v, v)):
            _lay(plane[top // 2 : bottom // 2, left // 2 : right // 2], colour, rest)

    def _read(
        self, rows: npt.NDArray[np.float64], columns: npt.NDArray[np.float64], second: float, view: View
    ) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        """Which column and row of the painting stands at each place of the frame."""
        depth = self._bed.depth
        start, aside, below = (np.array(view.seen(x, y, depth)[:2]) for x, y in ((0.0, 0.0), (1.0, 0.0), (0.0, 1.0)))
        back = np.linalg.inv(np.column_stack([aside - start, below - start]))
        across, down = back[:, :1] * (columns - start[0]), back[:, 1:] * (rows - start[1])
        tall = self._full.shape[0]
        up = np.clip(1.0 - (down[1] - self._top) / tall, 0.0, 1.2)
        turn = math.tau * second / self._bed.period_s + self._phase
        bend = np.sin(turn - 1.9 * up) + 0.35 * np.sin(2.3 * turn - 5.0 * up)
        pushed = down[0] - self._left - self._bed.sway * self._size.least * up**1.4 * bend
        column = across[0].astype(np.float32)[None, :] + pushed.astype(np.float32)[:, None]
        row = across[1].astype(np.float32)[None, :] + (down[1] - self._top).astype(np.float32)[:, None]
        return column, row


def _lay(target: Bytes, light: npt.NDArray[np.generic], rest: npt.NDArray[np.generic]) -> None:
    cv2.multiply(target, np.asarray(rest, np.uint8), dst=target, scale=1 / 255)
    cv2.add(target, np.asarray(light, np.uint8), dst=target)


def _even(value: float, last: int) -> int:
    return min(last, max(0, 2 * round(value / 2)))


def _painted(rng: np.random.Generator, shape: tuple[int, int], count: int, least: int) -> Plane:
    """Cover of a bed. Its strands lean to one another like grass, the middle ones are the tallest."""
    rows, columns = shape
    ink = np.zeros(shape, np.uint8)
    for place in np.linspace(0.2 * columns, 0.8 * columns, max(1, count)):
        middle = 1.0 - abs(place / columns - 0.5)
        tall = rows * float(rng.uniform(0.66, 0.97)) * (0.55 + 0.45 * middle)
        strand = _strand(rng, (float(place) + float(rng.normal()) * 0.04 * columns, float(rows)), tall, 0.035 * columns)
        _ribbon(ink, strand, np.linspace(0.0042, 0.0014, len(strand)) * least)
        for number in range(2, len(strand)):
            part = number / len(strand)
            long = least * float(rng.uniform(0.060, 0.100)) * (1.05 - 0.55 * part)
            side = 1.0 if number % 2 else -1.0
            room = (columns - strand[number, 0] if side > 0.0 else strand[number, 0]) - _EDGE
            _blade(ink, rng, strand[number], max(0.0, min(long, room / _WIDEST)), side)
    return np.asarray(cv2.GaussianBlur(ink, (3, 3), 0.7), np.float32) / np.float32(255)


def _strand(rng: np.random.Generator, root: tuple[float, float], tall: float, reach: float) -> _Curve:
    """From the root up."""
    part = np.linspace(0.0, 1.0, 26)
    phase, lean = float(rng.uniform(0, math.tau)), float(rng.normal()) * 0.9
    column = root[0] + reach * part * (lean + 1.3 * np.sin(phase + 4.2 * part))
    column = np.clip(column, root[0] - 1.8 * reach, root[0] + 1.8 * reach)
    return np.column_stack([column, root[1] - tall * part])


def _blade(ink: Bytes, rng: np.random.Generator, foot: npt.NDArray[np.float64], long: float, side: float) -> None:
    """A leaf that leaves the strand upwards, bows over and ends in a wavy point."""
    part = np.linspace(0.0, 1.0, 9)
    rise, wave = float(rng.uniform(0.45, 1.10)), float(rng.uniform(0, math.tau))
    column = foot[0] + side * long * (0.9 * part - 0.20 * part**3)
    row = foot[1] - long * (rise * part - 0.50 * part**2.4) + 0.05 * long * np.sin(wave + 6.0 * part) * part
    _ribbon(ink, np.column_stack([column, row]), 0.085 * long * np.sin(math.pi * np.clip(0.06 + 0.94 * part, 0, 1)) ** 0.8)


def _ribbon(ink: Bytes, curve: _Curve, thick: npt.NDArray[np.float64]) -> None:
    """A curve with a thickness of its own at each point, half of it to each side."""
    along = np.gradient(curve, axis=0)
    normal = np.column_stack([-along[:, 1], along[:, 0]]) / (np.hypot(along[:, 0], along[:, 1])[:, None] + 1e-6)
    outline = np.vstack([curve + normal * thick[:, None], (curve - normal * thick[:, None])[::-1]])
    cv2.fillPoly(ink, [np.round(outline * 16).astype(np.int32)], (255,), cv2.LINE_AA, 4)


_ROOT = 0.08  # short sides that the root lies below the frame: more than the camera rises
_EDGE = 4.0  # pixels of a bed's edge that stay empty, so that no blade is cut
_WIDEST = 0.85  # how far aside a blade reaches, of its length
_SURGE = 1.35  # how much farther than its sway a tip goes where both swings meet
