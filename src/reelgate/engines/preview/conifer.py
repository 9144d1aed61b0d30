"""Conifers in silhouette: single firs, and whole edges of forest."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from reelgate.engines.preview import canvas, noise
from reelgate.engines.preview.plane import Plane

_Ink: TypeAlias = npt.NDArray[np.uint8]
"""(rows, columns), 0 = nothing, 255 = tree."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """An edge of forest across a layer."""

    ground: Plane  # (columns,): row at which the ground stands in each column
    tall: float  # height of a full-grown tree, pixels
    density: float  # trees for each tree's width; 1 = crowns touch


def forest(rng: np.random.Generator, rows: int, edge: Edge) -> Plane:
    """Cover (rows, columns) of the ground below the edge and of the trees that stand on it, in groups and gaps."""
    columns = edge.ground.shape[0]
    here = np.arange(rows, dtype=np.float32)[:, None]
    cover = np.asarray(np.clip(here - edge.ground[None, :] + 1.0, 0.0, 1.0), np.float32)
    spacing = max(2.0, edge.tall * 0.13 / edge.density)
    count = max(1, round(columns / spacing))
    stand = noise.line(rng, columns, edge.tall * 5.0, octaves=3)
    x = (np.arange(count) + rng.random(count)) * columns / count
    growth = 0.46 + 0.54 * rng.random(count) ** 1.6
    for place, young in zip(x, growth, strict=True):
        column = min(columns - 1, int(place))
        height = edge.tall * float(young) * (0.78 + 0.26 * float(np.clip(stand[column], -1.6, 1.2)))
        if height > _LEAST:
            _plant(cover, fir(rng, height), column, float(edge.ground[column]) + height * 0.06)
    return cover


def fir(rng: np.random.Generator, height: float) -> Plane:
    """One small tree as cover, foot at the bottom centre: whorls of branches, each with a ragged end."""
    rows = max(4, round(height))
    half = max(2, round(height * float(rng.uniform(0.15, 0.23))))
    down = np.linspace(0.0, 1.0, rows, dtype=np.float32)
    whorl = (down * float(rng.uniform(6.0, 9.0)) * (1.0 + 0.5 * (1.0 - down))) % 1.0
    reach = half * (0.07 + 0.93 * down**0.9) * (0.60 + 0.40 * whorl)
    ragged = 1.0 + 0.22 * rng.standard_normal((2, rows)).astype(np.float32)
    left, right = reach * ragged[0], reach * ragged[1]
    across = np.arange(-half, half + 1, dtype=np.float32)[None, :]
    limit = np.where(across < 0.0, left[:, None], right[:, None])
    return np.asarray(np.clip(limit - np.abs(across) + 0.6, 0.0, 1.0), np.float32)


def great_fir(rng: np.random.Generator, shape: tuple[int, int], foot: tuple[float, float], height: float) -> Plane:
    """A near tree drawn branch by branch: cover of that shape (rows, columns). `foot`: column and row of the trunk's base."""
    sheet = np.zeros(shape, np.uint8)
    x, base = foot
    top = base - height
    lean = float(rng.uniform(-0.03, 0.03)) * height
    _strokes(sheet, np.array([[(x, base), (x + lean, top)]]), max(2, round(height * 0.014)))
    whorls = max(16, round(height / 8.0))
    branches: list[_Branch] = []
    for index in range(whorls):
        share = ((index + float(rng.random())) / whorls) ** 1.05
        start = (x + lean * (1.0 - share), top + height * (0.01 + 0.93 * share))
        reach = height * (0.018 + 0.20 * share**0.75)
        sides = (-1.0, 1.0, float(rng.choice((-0.6, 0.6))), float(rng.choice((-0.35, 0.35))))
        branches += [_branch(rng, start, side * reach * float(rng.uniform(0.55, 1.12)), height) for side in sides]
    wood, needles = (np.concatenate([getattr(each, name) for each in branches]) for name in ("wood", "needles"))
    widths = np.maximum(1, np.round(height * np.concatenate([each.thick for each in branches]))).astype(int)
    for width in np.unique(widths):
        _strokes(sheet, wood[widths == width], int(width))
    _strokes(sheet, needles, max(1, round(height * 0.0035)))
    return np.asarray(sheet, np.float32) / np.float32(255.0)


class _Branch(NamedTuple):
    """Lines as (count, 2 ends, x and y), and how thick those of wood are, in heights of the tree."""

    wood: npt.NDArray[np.float64]
    thick: npt.NDArray[np.float64]
    needles: npt.NDArray[np.float64]


def _branch(rng: np.random.Generator, start: tuple[float, float], reach: float, height: float) -> _Branch:
    """A drooping branch, upturned at its tip, with needles hanging along it in uneven tufts."""
    droop = abs(reach) * float(rng.uniform(0.25, 0.55))
    pieces = max(4, round(abs(reach) / max(2.5, height * 0.008)))
    share = np.arange(1, pieces + 1) / pieces
    points = np.column_stack([start[0] + reach * share, start[1] + droop * (1.25 * share - 0.45 * share**3)])
    length = height * 0.020 * (1.25 - share) * rng.uniform(0.3, 1.7, pieces)
    hanging = np.array([(slant + 0.5 * math.copysign(1.0, reach), 1.0) for slant in (-0.8, 0.0, 0.8)])
    tips = points[:, None] + length[:, None, None] * hanging
    return _Branch(
        wood=np.stack([np.vstack([[start], points[:-1]]), points], axis=1),
        thick=0.006 * (1.2 - share),
        needles=np.stack([np.broadcast_to(points[:, None], tips.shape), tips], axis=2).reshape(-1, 2, 2),
    )


def _strokes(sheet: _Ink, lines: npt.NDArray[np.float64], width: int) -> None:
    """Lines of one width, (count, 2 ends, x and y)."""
    ends = [*np.round(lines * 16).astype(np.int32)]
    cv2.polylines(sheet, ends, isClosed=False, color=(255,), thickness=width, lineType=cv2.LINE_AA, shift=4)


def _plant(cover: Plane, tree: Plane, column: int, foot: float) -> None:
    """Set a tree into the cover, cut off at the layer's edges."""
    rows, columns = cover.shape
    height, width = tree.shape
    top, left = round(foot) - height, column - width // 2
    first, last = max(0, top), min(rows, top + height)
    begin, end = max(0, left), min(columns, left + width)
    if first >= last or begin >= end:
        return
    spot = cover[first:last, begin:end]
    np.maximum(spot, tree[first - top : last - top, begin - left : end - left], out=spot)


def edge_light(cover: Plane, sideways: float, down: float) -> Plane:
    """Where a silhouette faces the light: its outermost pixels on that side, 0 to 1."""
    return np.asarray(np.clip(cover - canvas.moved(cover, -sideways, -down), 0.0, 1.0), np.float32)


_LEAST = 3.0
"""Pixels: a tree smaller than this is not drawn."""
