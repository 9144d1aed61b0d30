"""The parts of a layer that hold anything.

A layer reaches from edge to edge even where it is only a tree at one side. Moving its empty rest would cost as much as
moving the tree, in every frame.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from reelgate.engines.preview.plane import Bytes, Plane


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A rectangle of a layer, in its own pixels; `bottom` and `right` are the first that no longer belong to it."""

    top: int
    bottom: int
    left: int
    right: int


def parts_of(alpha: Plane) -> tuple[Part, ...]:
    """Rectangles that do not overlap and hold every pixel that is not empty, with some room around it."""
    height, width = alpha.shape
    around = np.ones((2 * _ROOM + 1, 2 * _ROOM + 1), np.uint8)
    held = np.asarray(cv2.dilate(np.asarray(alpha > _EMPTY, np.uint8), around), np.uint8)
    step = max(_LEAST_ROWS, -(-height // _BANDS))
    parts: list[Part] = []
    for top in range(0, height, step):
        bottom = min(height, top + step)
        for left, right in _runs(held[top:bottom].max(axis=0), max(_LEAST_GAP, width // _GAPS)):
            above = next((part for part in parts if (part.bottom, part.left, part.right) == (top, left, right)), None)
            if above is not None:
                parts.remove(above)
            parts.append(Part(top=top if above is None else above.top, bottom=bottom, left=left, right=right))
    return tuple(parts)


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
_ROOM = 4  # pixels: more than a zoom and the rounding to whole chroma pixels can shift
_BANDS = 6
_LEAST_ROWS = 48
_LEAST_GAP = 24
_GAPS = 10  # a hole must be a tenth of the width to be worth two parts
