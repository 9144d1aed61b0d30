"""Ferns and grass in silhouette: what grows in front of a forest."""

from __future__ import annotations

import math
from collections import defaultdict
from typing import TypeAlias

import cv2
import numpy as np

from reelgate.engines.preview.plane import Plane

_Lines: TypeAlias = defaultdict[int, list[tuple[tuple[float, float], tuple[float, float]]]]
"""Lines from point to point, in pixels, by their thickness."""


def undergrowth(rng: np.random.Generator, shape: tuple[int, int], ground: Plane, tall: float, count: int) -> Plane:
    """Cover (rows, columns) of the ground below `ground` (a row for each column) and of what grows on it, `tall` pixels at most."""
    rows, columns = shape
    ink = np.zeros(shape, np.uint8)
    ink[np.arange(rows)[:, None] >= ground[None, :]] = 255
    lines: _Lines = defaultdict(list)
    for place in rng.random(count) * columns:
        column = min(columns - 1, int(place))
        height = tall * float(rng.uniform(0.35, 1.0))
        if rng.random() < _FERNS:
            _fern(lines, rng, (place, float(ground[column])), height)
        else:
            _grass(lines, rng, (place, float(ground[column])), height * 0.7)
    for thick, ends in lines.items():
        drawn = [*np.round(np.array(ends) * 16).astype(np.int32)]
        cv2.polylines(ink, drawn, isClosed=False, color=(255,), thickness=thick, lineType=cv2.LINE_AA, shift=4)
    return np.asarray(cv2.GaussianBlur(ink, (3, 3), 0.6), np.float32) / np.float32(255)


def _fern(lines: _Lines, rng: np.random.Generator, foot: tuple[float, float], height: float) -> None:
    """Fronds that rise from one foot and arch outwards, each with leaflets."""
    for turn in np.linspace(-1.15, 1.15, int(rng.integers(5, 9))) + rng.normal(0, 0.1):
        reach = height * float(rng.uniform(0.75, 1.1))
        points = [
            (
                foot[0] + math.sin(turn) * reach * part,
                foot[1] + 3 - math.cos(turn * 0.7) * reach * part + abs(turn) * 0.42 * reach * part**2,
            )
            for part in np.linspace(0.0, 1.0, 10)
        ]
        for number in range(1, len(points)):
            first, second = points[number - 1], points[number]
            lines[max(1, round(height * 0.016))].append((first, second))
            leaf = reach * 0.22 * math.sin(math.pi * min(1.0, number / 10 + 0.12))
            along = math.atan2(second[1] - first[1], second[0] - first[0])
            for side in (-1.0, 1.0):
                tip = (second[0] + math.cos(along + side * 1.15) * leaf, second[1] + math.sin(along + side * 1.15) * leaf)
                lines[max(1, round(height * 0.020))].append((second, tip))


def _grass(lines: _Lines, rng: np.random.Generator, foot: tuple[float, float], height: float) -> None:
    for _ in range(7):
        lean, tall = float(rng.normal()) * 0.35, height * float(rng.uniform(0.5, 1.0))
        start = (foot[0] + float(rng.normal()) * height * 0.12, foot[1] + 3)
        middle = (start[0] + lean * tall * 0.4, start[1] - tall * 0.6)
        lines[max(1, round(height * 0.018))].append((start, middle))
        lines[1].append((middle, (start[0] + lean * tall * 1.2, start[1] - tall)))


_FERNS = 0.6
