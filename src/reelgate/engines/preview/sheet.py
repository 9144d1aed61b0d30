"""A layer made ready to be drawn fast, and drawn.

A layer is kept as two pictures of four bytes a pixel: (luma, 255 - alpha, 0, 0) at full size and (U, V, 255 - alpha, 0) at
half size, premultiplied. OpenCV moves four channels together for the price of one, so a layer costs two warps a frame.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from reelgate.engines.preview.camera import ZOOM, View
from reelgate.engines.preview.part import Part, parts_of
from reelgate.engines.preview.plane import Bytes, Planes, Size, halve, split_yuv, to_bytes
from reelgate.engines.preview.stage import Layer


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A layer as bytes. `left` and `top` say where its first pixel stands in the frame at rest."""

    full: Bytes  # (h, w, 4)
    half: Bytes  # (h / 2, w / 2, 4)
    left: float
    top: float
    depth: float
    drift: float  # pixels a second at this frame size
    opaque: bool  # covers whatever is behind it, edge to edge
    parts: tuple[Part, ...]  # what of it holds anything

    @property
    def still(self) -> bool:
        """Whether nothing ever moves it."""
        return self.depth == 0 and self.drift == 0


def make_sheet(layer: Layer, size: Size, rng: np.random.Generator) -> Sheet:
    """The layer as bytes, dithered."""
    height, width = layer.alpha.shape
    y, u, v = split_yuv(layer.rgb, layer.alpha)
    full = np.zeros((height, width, 4), np.uint8)
    full[..., 0] = to_bytes(y, rng)
    full[..., 1] = 255 - to_bytes(layer.alpha * np.float32(255))
    small = [to_bytes(halve(u)), to_bytes(halve(v)), 255 - to_bytes(halve(layer.alpha) * np.float32(255))]
    return Sheet(
        full=full,
        half=np.dstack([*small, np.zeros_like(small[0])]),
        left=(size.width - width) / 2,
        top=float(layer.top),
        depth=layer.depth,
        drift=layer.drift * size.width / 1280,
        opaque=not full[..., 1].any(),
        parts=parts_of(layer.alpha),
    )


class Easel:
    """Draws sheets into frames of one size; owns the scratch memory that this takes."""

    def __init__(self, size: Size) -> None:
        self._size = size
        self._full = np.empty((size.height, size.width, 4), np.uint8)
        self._half = np.empty((size.height // 2, size.width // 2, 4), np.uint8)
        self._ones = [np.empty((size.height, size.width), np.uint8) for _ in range(2)]
        self._twos = [np.empty((size.height // 2, size.width // 2), np.uint8) for _ in range(3)]

    def draw(self, sheet: Sheet, view: View, planes: Planes, last_row: int) -> None:
        """Lay the sheet over the frame, above `last_row` only (even)."""
        matrix = _matrix(view, sheet)
        half = halved(matrix)
        for rows, columns in _seen(sheet, matrix, self._size, last_row):
            self._draw_luma(sheet, matrix, planes, rows, columns)
            self._draw_chroma(sheet, half, planes, _half(rows), _half(columns))

    def lay(self, sheet: Sheet, matrix: npt.NDArray[np.float64], planes: Planes) -> None:
        """Lay a sheet over the frame by a matrix of one's own, (2, 3): pixel of the frame to pixel of the sheet."""
        for rows, columns in _seen(sheet, matrix, self._size, self._size.height):
            self._draw_luma(sheet, matrix, planes, rows, columns)
            self._draw_chroma(sheet, halved(matrix), planes, _half(rows), _half(columns))

    def _draw_luma(self, sheet: Sheet, matrix: npt.NDArray[np.float64], planes: Planes, rows: slice, columns: slice) -> None:
        warped = _warp(sheet.full, matrix, self._full[rows, columns], rows.start, columns.start)
        target = planes.y[rows, columns]
        if sheet.opaque:
            cv2.extractChannel(warped, 0, target)
            return
        light, rest = (plane[rows, columns] for plane in self._ones)
        cv2.mixChannels([warped], [light, rest], [0, 0, 1, 1])
        cv2.multiply(target, rest, dst=target, scale=1 / 255)
        cv2.add(target, light, dst=target)

    def _draw_chroma(self, sheet: Sheet, matrix: npt.NDArray[np.float64], planes: Planes, rows: slice, columns: slice) -> None:
        warped = _warp(sheet.half, matrix, self._half[rows, columns], rows.start, columns.start)
        u, v, rest = (plane[rows, columns] for plane in self._twos)
        cv2.mixChannels([warped], [u, v, rest], [0, 0, 1, 1, 2, 2])
        for target, colour in ((planes.u[rows, columns], u), (planes.v[rows, columns], v)):
            cv2.multiply(target, rest, dst=target, scale=1 / 255)
            cv2.add(target, colour, dst=target)


def _matrix(view: View, sheet: Sheet) -> npt.NDArray[np.float64]:
    """(2, 3): pixel of the frame to pixel of the sheet."""
    depth = sheet.depth
    scale = 1 / (1 + ZOOM * view.pose.zoom * depth)
    turn = math.radians(view.pose.roll * depth)
    cos, sin = math.cos(turn) * scale, math.sin(turn) * scale
    seen_x = view.focus_x - view.pose.x * view.travel * depth
    seen_y = view.focus_y - view.pose.y * view.travel * depth
    x = view.focus_x - cos * seen_x + sin * seen_y - sheet.left - sheet.drift * view.second
    y = view.focus_y - sin * seen_x - cos * seen_y - sheet.top
    return np.array([[cos, -sin, x], [sin, cos, y]])


def halved(matrix: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The same map between planes of half the size.

    A chroma sample stands between two luma samples: sample k at 2k + ½. Without this half pixel colours creep against
    their outlines as the camera moves.
    """
    linear = matrix[:, :2]
    shift = (linear.sum(axis=1) * 0.5 + matrix[:, 2] - 0.5) / 2
    return np.column_stack([linear, shift])


def _warp(source: Bytes, matrix: npt.NDArray[np.float64], target: Bytes, top: int, left: int) -> Bytes:
    moved = matrix.copy()
    moved[:, 2] += matrix[:, 0] * left + matrix[:, 1] * top
    height, width = target.shape[:2]
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    cv2.warpAffine(source, moved, (width, height), dst=target, flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return target


def _seen(sheet: Sheet, matrix: npt.NDArray[np.float64], size: Size, last_row: int) -> Iterator[tuple[slice, slice]]:
    """The rows and columns of the frame in which a sheet is seen, all even. Neighbours share their edge: nothing is drawn twice."""
    (scale, _, shift_x), (slant, _, shift_y) = matrix
    if slant:
        yield slice(0, last_row), slice(0, size.width)
        return
    for part in sheet.parts:
        top, bottom = (_even((row - 0.5 - shift_y) / scale) for row in (part.top, part.bottom))
        left, right = (_even((column - 0.5 - shift_x) / scale) for column in (part.left, part.right))
        # What touches the edge of its sheet goes on beyond it, should a drift carry it that far.
        left, right = left if part.left else 0, right if part.right < sheet.full.shape[1] else size.width
        rows, columns = slice(max(0, top), min(last_row, bottom)), slice(max(0, left), min(size.width, right))
        if rows.start < rows.stop and columns.start < columns.stop:
            yield rows, columns


def _even(value: float) -> int:
    return 2 * math.ceil(value / 2)


def _half(span: slice) -> slice:
    return slice(span.start // 2, span.stop // 2)
