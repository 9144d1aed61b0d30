"""Frames as the encoder wants them: three planes, 4:2:0, BT.709, limited range.

Everything is drawn in these planes. No frame is ever RGB, so none is ever converted: that conversion would cost more
than drawing does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

Picture: TypeAlias = npt.NDArray[np.float32]
"""(h, w, 3), sRGB as it is shown, 0 to 1."""

Plane: TypeAlias = npt.NDArray[np.float32]
"""(h, w), 0 to 1."""

Colour: TypeAlias = tuple[float, float, float]
"""sRGB, 0 to 1."""

Bytes: TypeAlias = npt.NDArray[np.uint8]
Floats: TypeAlias = npt.NDArray[np.float32]

BLACK = 16.0
WHITE = 235.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """A frame's size in pixels, both even."""

    width: int
    height: int

    @property
    def least(self) -> int:
        """The shorter side: what amplitudes are measured in."""
        return min(self.width, self.height)


@dataclass(frozen=True, slots=True, kw_only=True)
class Planes:
    """One frame. `y` is (height, width), `u` and `v` are (height / 2, width / 2); all may be views into a larger buffer. Where it is not
    `coloured`, nobody looks at what is drawn into `u` and `v`: whoever draws may leave them as they are."""

    y: Bytes
    u: Bytes
    v: Bytes
    coloured: bool = True

    @property
    def size(self) -> Size:
        """The size of the frame."""
        height, width = self.y.shape
        return Size(width=width, height=height)

    def copy_from(self, other: Planes) -> None:
        """Take over another frame of the same size."""
        np.copyto(self.y, other.y)
        if self.coloured:
            np.copyto(self.u, other.u)
            np.copyto(self.v, other.v)


def new_planes(size: Size) -> Planes:
    """A black frame."""
    half = (size.height // 2, size.width // 2)
    return Planes(
        y=np.full((size.height, size.width), 16, np.uint8),
        u=np.full(half, 128, np.uint8),
        v=np.full(half, 128, np.uint8),
    )


def luma(rgb: Picture) -> Plane:
    """Relative luma of sRGB values, 0 to 1."""
    return np.asarray(cv2.transform(rgb, _LUMA), np.float32).reshape(rgb.shape[:2])


def yuv(colour: Colour) -> tuple[float, float, float]:
    """One colour as limited-range values."""
    red, green, blue = colour
    light = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    return 16 + 219 * light, 128 + 224 * (blue - light) / 1.8556, 128 + 224 * (red - light) / 1.5748


def split_yuv(rgb: Picture, cover: Plane | float = 1.0) -> tuple[Plane, Plane, Plane]:
    """Limited-range Y, U, V as floats, all at the picture's size.

    With `rgb` premultiplied and `cover` its alpha the results are premultiplied too: the offsets of 16 and 128 weigh
    as much as the pixel does.
    """
    return split_light(rgb, cover), *split_colours(rgb, cover)


def split_light(rgb: Picture, cover: Plane | float = 1.0) -> Plane:
    """Y alone, likewise."""
    return luma(rgb) * np.float32(219) + 16 * np.asarray(cover, np.float32)


def split_colours(rgb: Picture, cover: Plane | float = 1.0) -> tuple[Plane, Plane]:
    """U and V alone, likewise."""
    light, offset = luma(rgb), 128 * np.asarray(cover, np.float32)
    u = (rgb[..., 2] - light) * np.float32(224 / 1.8556) + offset
    v = (rgb[..., 0] - light) * np.float32(224 / 1.5748) + offset
    return u, v


def halve(plane: Floats) -> Floats:
    """A plane or picture at half size, averaged; odd edges are repeated."""
    height, width = plane.shape[:2]
    if height % 2 or width % 2:
        plane = np.asarray(cv2.copyMakeBorder(plane, 0, height % 2, 0, width % 2, cv2.BORDER_REPLICATE), np.float32)
    half = cv2.resize(plane, ((width + 1) // 2, (height + 1) // 2), interpolation=cv2.INTER_AREA)
    return np.asarray(half, np.float32)


def to_bytes(plane: Floats, rng: np.random.Generator | None = None) -> Bytes:
    """Rounded to bytes; with `rng`, dithered by half a step so that gradients show no bands."""
    if rng is None:
        return np.clip(plane + np.float32(0.5), 0, 255).astype(np.uint8)
    rows = plane.shape[0]
    steps = rng.random((min(rows, _DITHER), *plane.shape[1:]), np.float32)
    dithered = np.empty(plane.shape, np.float32)
    for top in range(0, rows, _DITHER):
        np.add(plane[top : top + _DITHER], steps[: rows - top], out=dithered[top : top + _DITHER])
    return np.clip(dithered, 0, 255, out=dithered).astype(np.uint8)


def picture_planes(rgb: Bytes) -> Planes:
    """A whole picture of bytes, (height, width, 3) RGB with both sides even, as planes."""
    scaled = np.asarray(rgb, np.float32) * np.float32(1 / 255)
    y, u, v = split_yuv(scaled)
    return Planes(y=to_bytes(y), u=to_bytes(halve(u)), v=to_bytes(halve(v)))


_DITHER = 64  # rows after which it repeats: half a step of light is not seen to do so
_LUMA = np.array([[0.2126, 0.7152, 0.0722]], np.float32)
