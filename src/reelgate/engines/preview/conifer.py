"""Conifers in silhouette: single firs, and whole edges of forest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from reelgate.engines.preview import canvas, noise
from reelgate.engines.preview.plane import Plane

_Ink: TypeAlias = npt.NDArray[np.uint8]
"""(rows, columns), 0 = nothing, 255 = tree."""

_Numbers: TypeAlias = npt.NDArray[np.float64]


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
    places = np.minimum(columns - 1, x.astype(int))
    heights = edge.tall * growth * (0.78 + 0.26 * np.clip(stand[places], -1.6, 1.2))
    seen = heights > _LEAST
    for place, height, tree in zip(places[seen], heights[seen], firs(rng, heights[seen]), strict=True):
        _plant(cover, tree, int(place), float(edge.ground[place] + height * 0.06))
    return cover


def firs(rng: np.random.Generator, heights: npt.NDArray[np.floating[Any]]) -> list[Plane]:
    """Small trees of these heights in pixels, as cover, foot at the bottom centre: whorls of branches, each with a ragged end."""
    if not heights.size:
        return []
    # All at once, each in the corner of a plane for the largest: one by one they take five times as long.
    heights = np.asarray(heights, np.float32)[:, None]
    rows, halves = np.maximum(4, np.rint(heights)), np.maximum(2, np.rint(heights * _uniform(rng, 0.15, 0.23, heights.shape)))
    most, widest = int(rows.max()), int(halves.max())
    down = np.minimum(1, np.arange(most, dtype=np.float32) / (rows - 1))
    whorl = (down * _uniform(rng, 6.0, 9.0, heights.shape) * (1.5 - 0.5 * down)) % 1
    reach = halves * (0.07 + 0.93 * down**0.9) * (0.60 + 0.40 * whorl)
    ragged = reach * (1 + np.float32(0.22) * rng.standard_normal((2, *reach.shape), np.float32))
    across = np.arange(-widest, widest + 1, dtype=np.float32)
    limit = np.where(across < 0, ragged[0][..., None], ragged[1][..., None])
    limit -= np.abs(across) - np.float32(0.6)
    np.clip(limit, 0, 1, out=limit)
    sizes = zip(limit, rows[:, 0].astype(int), halves[:, 0].astype(int), strict=True)
    return [tree[:row, widest - half : widest + half + 1] for tree, row, half in sizes]


def _uniform(rng: np.random.Generator, low: float, high: float, shape: tuple[int, ...]) -> Plane:
    return rng.random(shape, np.float32) * np.float32(high - low) + np.float32(low)


def great_fir(rng: np.random.Generator, shape: tuple[int, int], foot: tuple[float, float], height: float) -> Plane:
    """A near tree drawn branch by branch: cover of that shape (rows, columns). `foot`: column and row of the trunk's base."""
    sheet = np.zeros(shape, np.uint8)
    x, base = foot
    top = base - height
    lean = float(rng.uniform(-0.03, 0.03)) * height
    _strokes(sheet, np.array([[(x, base), (x + lean, top)]]), max(2, round(height * 0.014)))
    whorls = max(16, round(height / 8.0))
    share = ((np.arange(whorls) + rng.random(whorls)) / whorls) ** 1.05
    starts = np.column_stack([x + lean * (1.0 - share), top + height * (0.01 + 0.93 * share)])
    sides = np.column_stack([np.full(whorls, -1.0), np.ones(whorls), *(rng.choice((-each, each), whorls) for each in (0.6, 0.35))])
    reach = sides * (height * (0.018 + 0.20 * share**0.75))[:, None] * rng.uniform(0.55, 1.12, sides.shape)
    branches = _branches(rng, np.repeat(starts, sides.shape[1], axis=0), reach.ravel(), height)
    widths = np.maximum(1, np.rint(height * branches.thick)).astype(int)
    for width in np.unique(widths):
        _strokes(sheet, branches.wood[widths == width], int(width))
    _strokes(sheet, branches.needles, max(1, round(height * 0.0035)))
    return np.asarray(sheet, np.float32) / np.float32(255.0)


class _Branches(NamedTuple):
    """Lines as (count, 2 ends, x and y), and how thick those of wood are, in heights of the tree."""

    wood: _Numbers
    thick: _Numbers
    needles: _Numbers


def _branches(rng: np.random.Generator, starts: _Numbers, reach: _Numbers, height: float) -> _Branches:
    """Drooping branches, upturned at their tips, with needles hanging along them in uneven tufts. `starts` (count, x and y), `reach`
    (count,): pixels to the right."""
    droop = np.abs(reach) * rng.uniform(0.25, 0.55, reach.shape)
    pieces = np.maximum(4, np.rint(np.abs(reach) / max(2.5, height * 0.008))).astype(int)
    last = np.cumsum(pieces)
    of = np.repeat(np.arange(reach.size), pieces)
    share = (np.arange(last[-1]) - (last - pieces)[of] + 1) / pieces[of]
    points = starts[of] + np.column_stack([reach[of] * share, droop[of] * (1.25 * share - 0.45 * share**3)])
    before = np.roll(points, 1, axis=0)
    before[last - pieces] = starts
    length = height * 0.020 * (1.25 - share) * rng.uniform(0.3, 1.7, share.shape)
    slants = np.array([-0.8, 0.0, 0.8]) + 0.5 * np.copysign(1.0, reach)[of, None]
    tips = points[:, None] + length[:, None, None] * np.stack([slants, np.ones_like(slants)], axis=2)
    return _Branches(
        wood=np.stack([before, points], axis=1),
        thick=0.006 * (1.2 - share),
        needles=np.stack([np.broadcast_to(points[:, None], tips.shape), tips], axis=2).reshape(-1, 2, 2),
    )


def _strokes(sheet: _Ink, lines: _Numbers, width: int) -> None:
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
