"""The parts of a layer that hold anything, and the one that hides everything.

A layer reaches from edge to edge even where it is only a tree at one side. Moving its empty rest would cost as much as
moving the tree, in every frame; and so would blending it with what nobody sees through it.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from reelgate.engines.preview.plane import Bytes, Plane


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A rectangle of a layer, in its own pixels; `bottom` and `right` are the first that no longer belong to it. A solid one reaches
    from edge to edge and down to the last row, and nothing is seen through it."""

    top: int
    bottom: int
    left: int
    right: int
    solid: bool = False


def parts_of(alpha: Plane) -> tuple[Part, ...]:
    """Rectangles that do not overlap and hold every pixel that is not empty, with some room around it; a solid one is the last."""
    height, width = alpha.shape
    floor = _floor(alpha)
    around = np.ones((2 * _ROOM + 1, 2 * _ROOM + 1), np.uint8)
    held = np.asarray(alpha[:floor] > _EMPTY, np.uint8)
    if floor:
        held = np.asarray(cv2.dilate(held, around), np.uint8)
    parts = min((_cut(held, bands) for bands in _BANDS), key=_cost)
    if floor < height:
        parts.append(Part(top=floor, bottom=height, left=0, right=width, solid=True))
    return tuple(parts)


def _cut(held: Bytes, bands: int) -> list[Part]:
    """Cut into so many bands, and each of those where it is empty for long enough to be worth a cut."""
    height = held.shape[0]
    step = max(_LEAST_ROWS, -(-height // bands))
    parts: list[Part] = []
    for top in range(0, height, step):
        bottom = min(height, top + step)
        for left, right in _runs(held[top:bottom].max(axis=0), _PRICE // (bottom - top)):
            above = next((part for part in parts if (part.bottom, part.left, part.right) == (top, left, right)), None)
            if above is not None:
                parts.remove(above)
            parts.append(Part(top=top if above is None else above.top, bottom=bottom, left=left, right=right))
    return parts


def _cost(parts: list[Part]) -> int:
    """What drawing them takes, in pixels."""
    return sum(_PRICE + (part.bottom - part.top + _WASTE) * (part.right - part.left + _WASTE) for part in parts)


def _floor(alpha: Plane) -> int:
    """The first row that shows nothing from behind, as none below it does; the height if those are too few to be worth it."""
    height = alpha.shape[0]
    open_rows = np.flatnonzero((alpha <= _OPAQUE).any(axis=1))
    if not open_rows.size:
        return 0
    floor = int(open_rows[-1]) + 2  # the row above must not shine into it
    return floor if height - floor >= _LEAST_GAP else height


def _runs(held: Bytes, gap: int) -> list[tuple[int, int]]:
    """First and last-but-one column of each run that holds something; holes smaller than the gap do not count."""
    columns = np.flatnonzero(held)
    if not columns.size:
        return []
    breaks = np.flatnonzero(np.diff(columns) > gap)
    starts = [int(columns[0]), *(int(columns[at + 1]) for at in breaks)]
    ends = [*(int(columns[at]) + 1 for at in breaks), int(columns[-1]) + 1]
    return list(zip(starts, ends, strict=True))


_EMPTY = 1 / 512  # what no byte of alpha shows
_OPAQUE = 1 - 1 / 512  # what no byte of alpha tells from one
_ROOM = 4  # pixels: more than a zoom and the rounding to whole chroma pixels can shift
_BANDS = (1, 2, 3, 6)
_LEAST_ROWS = 48
_LEAST_GAP = 24
_PRICE = 24_000  # pixels that could be drawn in the time that one more part takes
_WASTE = 24  # rows and columns of a part that are made and not shown (`lens`)
