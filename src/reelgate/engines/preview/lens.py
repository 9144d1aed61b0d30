"""A plane seen through the camera: moved and enlarged by any fraction of a pixel.

OpenCV resizes four times as fast as it warps, but only by a ratio of whole numbers and from a whole pixel on. Where the scale is not
close to one, both can be had to within a few hundredths of a pixel: the source begins at a pixel from which some column of what is
made falls where the first one is wanted, and it ends where a column ends.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from reelgate.engines.preview.plane import Bytes, Size

Matrix = npt.NDArray[np.float64]
"""(2, 3): a pixel of what is seen to the place in the plane that it shows."""


@dataclass(frozen=True, slots=True)
class _Axis:
    """`taken` pixels of the plane from `origin` on become `made`, of which the first `skipped` are not shown."""

    origin: int
    taken: int
    made: int
    skipped: int


@dataclass(frozen=True, slots=True)
class Window:
    """What a rectangle of the frame shows of a plane; of any plane of the same scale."""

    rows: slice
    columns: slice
    matrix: Matrix
    across: _Axis | None
    down: _Axis | None


def window(matrix: Matrix, rows: slice, columns: slice) -> Window:
    """The window of these rows and columns of the frame."""
    (scale_x, slant, x), (lean, scale_y, y) = matrix.tolist()
    if slant or lean:
        return Window(rows, columns, matrix, None, None)
    across = _axis(scale_x, x + scale_x * columns.start, columns.stop - columns.start)
    down = _axis(scale_y, y + scale_y * rows.start, rows.stop - rows.start)
    return Window(rows, columns, matrix, across, down)


class Lens:
    """Looks at planes; owns the memory for as many at once as it has `slots`. What it shows is good until its slot is used again. `edge`:
    how a plane goes on beyond its edges, as OpenCV names it; by its last pixels if nothing is said."""

    def __init__(self, size: Size, slots: int, *, edge: int = cv2.BORDER_REPLICATE) -> None:
        self._edge = edge
        self._scratch = [np.empty((size.height + _ROOM, size.width + _ROOM), np.uint8) for _ in range(slots)]

    def show(self, plane: Bytes, seen: Window, slot: int = 0) -> Bytes:
        """The plane in that window, in between linearly."""
        scratch, height, width = self._scratch[slot], seen.rows.stop - seen.rows.start, seen.columns.stop - seen.columns.start
        if seen.across is None or seen.down is None:
            return self._warped(plane, seen, scratch[:height, :width])
        source = self._taken(plane, seen.down, seen.across)
        made = cv2.resize(
            source,
            (seen.across.made, seen.down.made),
            dst=scratch[: seen.down.made, : seen.across.made],
            interpolation=cv2.INTER_LINEAR,
        )
        top, left = seen.down.skipped, seen.across.skipped
        return np.asarray(made[top : top + height, left : left + width], np.uint8)

    def _taken(self, plane: Bytes, down: _Axis, across: _Axis) -> Bytes:
        height, width = plane.shape
        top, left, bottom, right = down.origin, across.origin, down.origin + down.taken, across.origin + across.taken
        if top >= 0 and left >= 0 and bottom <= height and right <= width:
            return plane[top:bottom, left:right]
        kept_top, kept_left = min(max(0, top), height - 1), min(max(0, left), width - 1)
        kept_bottom, kept_right = max(kept_top + 1, min(height, bottom)), max(kept_left + 1, min(width, right))
        kept = plane[kept_top:kept_bottom, kept_left:kept_right]
        above, below, before, after = (
            max(0, each) for each in (kept_top - top, bottom - kept_bottom, kept_left - left, right - kept_right)
        )
        return np.asarray(cv2.copyMakeBorder(kept, above, below, before, after, self._edge), np.uint8)

    def _warped(self, plane: Bytes, seen: Window, target: Bytes) -> Bytes:
        moved = seen.matrix.copy()
        moved[:, 2] += moved[:, 0] * seen.columns.start + moved[:, 1] * seen.rows.start
        height, width = target.shape
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        cv2.warpAffine(plane, moved, (width, height), dst=target, flags=flags, borderMode=self._edge)
        return target


def _axis(step: float, start: float, count: int) -> _Axis | None:
    """Pixels that show `start`, `start + step`, …, to within half of what `step` differs from one; None if that is too little."""
    off = abs(1 - step)
    if off < _LEAST:
        return None
    place = start + 0.5 - 0.5 * step  # where the first one's edge is
    to_whole = math.ceil(place) - place if step < 1 else place - math.floor(place)
    skipped = round(to_whole / off)
    made = round(math.ceil((skipped + count) * off) / off)
    return _Axis(origin=round(place - skipped * step), taken=round(made * step), made=made, skipped=skipped)


_LEAST = 1 / 48  # of the scale; so at most 48 pixels are made for nothing before what is shown, and as many after
_ROOM = 100
