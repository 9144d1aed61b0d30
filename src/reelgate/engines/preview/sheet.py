"""A layer made ready to be drawn fast, and drawn.

Layers that move are kept a little smaller than they were painted: so they are never drawn at a scale close to one, at which nothing
can be moved by a fraction of a pixel fast (see `lens`).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from reelgate.engines.preview.camera import ZOOM, View
from reelgate.engines.preview.cel import MARGIN, Cel, cels_of, joined
from reelgate.engines.preview.lens import Lens, Matrix, window
from reelgate.engines.preview.plane import Bytes, Floats, Planes, Size, halve, split_colours, split_light
from reelgate.engines.preview.stage import Layer


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A layer as bytes. `left` and `top` say where its first pixel stands in the frame at rest, `scale` how many of its pixels are one
    of the frame's, across and down."""

    cels: tuple[Cel, ...]
    width: int  # pixels of its own
    height: int
    left: float
    top: float
    scale: tuple[float, float]
    depth: float
    drift: float  # pixels a second at this frame size

    @property
    def still(self) -> bool:
        """Whether nothing ever moves it."""
        return self.depth == 0 and self.drift == 0


def make_sheet(layer: Layer, size: Size, rng: np.random.Generator) -> Sheet:
    """The layer as bytes, dithered."""
    left = (size.width - layer.alpha.shape[1]) / 2
    rgb, alpha = _evened(layer.rgb), _evened(layer.alpha)
    height, width = alpha.shape
    moves = layer.depth != 0 or layer.drift != 0
    kept = (_smaller(width), _smaller(height)) if moves else (width, height)
    # Colours are made half as large first and then told apart: it is a quarter of the work. They must not overshoot, for where they do they
    # are no longer those of their cover.
    half = (kept[0] // 2, kept[1] // 2)
    rgb_half, alpha_half = (_resized(halve(plane), half, cv2.INTER_LINEAR) for plane in (rgb, alpha))
    cels = cels_of(_resized(split_light(rgb, alpha), kept), _resized(alpha, kept), (*split_colours(rgb_half, alpha_half), alpha_half), rng)
    return Sheet(
        cels=cels,
        width=kept[0],
        height=kept[1],
        left=left,
        top=float(layer.top),
        scale=(kept[0] / width, kept[1] / height),
        depth=layer.depth,
        drift=layer.drift * size.width / 1280,
    )


def _smaller(length: int) -> int:
    """Even, and never closer to the length than a lens can do."""
    return max(2, 2 * int(length * _SMALLER / 2))


def _evened(plane: Floats) -> Floats:
    """With one row or column more where their number is odd: colours are kept at half the size."""
    down, across = (side % 2 for side in plane.shape[:2])
    if not down and not across:
        return plane
    return np.asarray(cv2.copyMakeBorder(plane, 0, down, 0, across, cv2.BORDER_REPLICATE), np.float32)


def _resized(plane: Floats, kept: tuple[int, int], how: int = cv2.INTER_CUBIC) -> Floats:
    if plane.shape[:2] == kept[::-1]:
        return plane
    return np.asarray(cv2.resize(plane, kept, interpolation=how), np.float32)


class Easel:
    """Draws sheets into frames of one size; owns the scratch memory that this takes."""

    def __init__(self, size: Size) -> None:
        self._size = size
        self._lens = Lens(size, 2)
        self._half = Lens(Size(width=size.width // 2, height=size.height // 2), 3)
        self._joined: dict[int, Cel] = {}

    def draw(self, sheet: Sheet, view: View, planes: Planes, last_row: int) -> None:
        """Lay the sheet over the frame, above `last_row` only (even)."""
        self._lay(sheet, _matrix(view, sheet), planes, last_row)

    def lay(self, sheet: Sheet, matrix: Matrix, planes: Planes) -> None:
        """Lay a sheet over the frame by a matrix of one's own, (2, 3): pixel of the frame to pixel of the sheet."""
        self._lay(sheet, matrix, planes, self._size.height)

    def _lay(self, sheet: Sheet, matrix: Matrix, planes: Planes, last_row: int) -> None:
        for cel, rows, columns in self._seen(sheet, matrix, last_row):
            moved = matrix.copy()
            moved[:, 2] -= (cel.left, cel.top)
            seen = window(_within(moved), rows, columns)
            through = None if cel.through is None else self._lens.show(cel.through, seen, 1)
            _put(planes.y[rows, columns], self._lens.show(cel.y, seen, 0), through)
            if not planes.coloured:
                continue
            seen = window(_within(halved(moved)), _half(rows), _half(columns))
            through = None if cel.through_half is None else self._half.show(cel.through_half, seen, 2)
            for slot, (target, plane) in enumerate(((planes.u, cel.u), (planes.v, cel.v))):
                _put(target[seen.rows, seen.columns], self._half.show(plane, seen, slot), through)

    def _seen(self, sheet: Sheet, matrix: Matrix, last_row: int) -> Iterator[tuple[Cel, slice, slice]]:
        if not matrix[0, 1]:
            yield from _seen(sheet, matrix, self._size, last_row)
        elif sheet.cels:  # turned, cels have no edges that they could share
            if id(sheet) not in self._joined:
                self._joined[id(sheet)] = joined(sheet.cels, sheet.height, sheet.width)
            yield self._joined[id(sheet)], slice(0, last_row), slice(0, self._size.width)


def _within(matrix: Matrix) -> Matrix:
    """The same, for a plane with its margin."""
    inner = matrix.copy()
    inner[:, 2] += MARGIN
    return inner


def _put(target: Bytes, over: Bytes, through: Bytes | None) -> None:
    if through is None:
        np.copyto(target, over)
        return
    cv2.multiply(target, through, dst=target, scale=1 / 255)
    cv2.add(target, over, dst=target)


def hidden_from(sheet: Sheet, view: View, size: Size) -> int:
    """The first row of the frame, even, from which on the sheet hides all that is behind it; the frame's height if there is none."""
    matrix = _matrix(view, sheet)
    last = sheet.cels[-1] if sheet.cels else None
    if last is None or not last.part.solid:
        return size.height
    seen = next((rows for cel, rows, _ in _seen(sheet, matrix, size, size.height) if cel is last), None)
    return seen.start if seen is not None and seen.stop == size.height else size.height


def _matrix(view: View, sheet: Sheet) -> Matrix:
    """(2, 3): pixel of the frame to pixel of the sheet."""
    depth = sheet.depth
    scale = 1 / (1 + ZOOM * view.pose.zoom * depth)
    x = view.focus_x - scale * (view.focus_x - view.pose.x * view.travel * depth) - sheet.left - sheet.drift * view.second
    y = view.focus_y - scale * (view.focus_y - view.pose.y * view.travel * depth) - sheet.top
    across, down = sheet.scale
    return np.array([[scale * across, 0.0, (x + 0.5) * across - 0.5], [0.0, scale * down, (y + 0.5) * down - 0.5]])


def halved(matrix: Matrix) -> Matrix:
    """The same map between planes of half the size.

    A chroma sample stands between two luma samples: sample k at 2k + ½. Without this half pixel colours creep against
    their outlines as the camera moves.
    """
    linear = matrix[:, :2]
    shift = (linear.sum(axis=1) * 0.5 + matrix[:, 2] - 0.5) / 2
    return np.column_stack([linear, shift])


def _seen(sheet: Sheet, matrix: Matrix, size: Size, last_row: int) -> Iterator[tuple[Cel, slice, slice]]:
    """The rows and columns of the frame in which each cel is seen, all even. Neighbours share their edge: nothing is drawn twice."""
    (scale_x, _, shift_x), (_, scale_y, shift_y) = matrix.tolist()
    for cel in sheet.cels:
        part = cel.part
        top, bottom = (_even((row - 0.5 - shift_y) / scale_y) for row in (part.top, part.bottom))
        left, right = (_even((column - 0.5 - shift_x) / scale_x) for column in (part.left, part.right))
        # What touches the edge of its sheet goes on beyond it, should a drift carry it that far.
        left, right = left if part.left else 0, right if part.right < sheet.width else size.width
        rows, columns = slice(max(0, top), min(last_row, bottom)), slice(max(0, left), min(size.width, right))
        if rows.start < rows.stop and columns.start < columns.stop:
            yield cel, rows, columns


def _even(value: float) -> int:
    return 2 * math.ceil(value / 2)


def _half(span: slice) -> slice:
    return slice(span.start // 2, span.stop // 2)


_SMALLER = 0.96
