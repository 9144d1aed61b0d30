"""A part of a layer as bytes: what is moved over the frame.

Five planes, premultiplied: luma and what shows through it (255 - alpha) at the layer's size, U, V and what shows through them at half
of it. They hold their part and a little around it and nothing else, so that narrow things lie close together in memory. Around each plane
is a margin that goes on as its last pixels: a lens may read there.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from reelgate.engines.preview.part import Part, parts_of
from reelgate.engines.preview.plane import Bytes, Floats, Plane, to_bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Cel:
    """One part. `left` and `top` (even) say where its first pixel within the margin stands in the layer."""

    part: Part
    left: int
    top: int
    y: Bytes  # (h, w) and MARGIN on each side
    u: Bytes  # (h / 2, w / 2), rounded up, and MARGIN on each side
    v: Bytes
    through: Bytes | None  # (h, w); None if nothing is seen through it
    through_half: Bytes | None


def cels_of(light: Floats, alpha: Plane, colours: tuple[Floats, Floats, Plane], rng: np.random.Generator | None = None) -> tuple[Cel, ...]:
    """The cels of a premultiplied picture: Y and alpha (h, w), and U, V and alpha at half of it, rounded up; limited range. With `rng`
    luma is dithered."""
    u, v, alpha_half = colours
    planes = (to_bytes(light, rng), to_bytes(u), to_bytes(v))
    through, through_half = 255 - to_bytes(alpha * np.float32(255)), 255 - to_bytes(alpha_half * np.float32(255))
    return tuple(_cel(part, planes, through, through_half) for part in parts_of(alpha))


def joined(cels: tuple[Cel, ...], height: int, width: int) -> Cel:
    """The whole layer again, (height, width), as one cel."""
    half = (-(-height // 2), -(-width // 2))
    y, through = np.zeros((height, width), np.uint8), np.full((height, width), 255, np.uint8)
    u, v, through_half = np.zeros(half, np.uint8), np.zeros(half, np.uint8), np.full(half, 255, np.uint8)
    for cel in cels:
        # Where they overlap they say the same; but a solid one says nothing of what is seen through the rows above it.
        for whole, own, step in (
            (y, cel.y, 1),
            (u, cel.u, 2),
            (v, cel.v, 2),
            (through, cel.through, 1),
            (through_half, cel.through_half, 2),
        ):
            if own is not None:
                top, left = cel.top // step, cel.left // step
                inner = own[MARGIN:-MARGIN, MARGIN:-MARGIN]
                whole[top : top + inner.shape[0], left : left + inner.shape[1]] = inner
        if cel.part.solid:
            through[cel.part.top :] = 0
            through_half[(cel.part.top + 1) // 2 :] = 0
    part = Part(top=0, bottom=height, left=0, right=width)
    y, u, v, through, through_half = (_with_margin(plane) for plane in (y, u, v, through, through_half))
    return Cel(part=part, left=0, top=0, y=y, u=u, v=v, through=through, through_half=through_half)


def _cel(part: Part, planes: tuple[Bytes, Bytes, Bytes], through: Bytes, through_half: Bytes) -> Cel:
    height, width = through.shape
    top, left = max(0, part.top - _AROUND) & ~1, max(0, part.left - _AROUND) & ~1
    bottom, right = min(height, part.bottom + _AROUND), min(width, part.right + _AROUND)
    whole = (slice(top, bottom), slice(left, right))
    half = (slice(top // 2, -(-bottom // 2)), slice(left // 2, -(-right // 2)))
    y, u, v = planes
    return Cel(
        part=part,
        left=left,
        top=top,
        y=_with_margin(y[whole]),
        u=_with_margin(u[half]),
        v=_with_margin(v[half]),
        through=None if part.solid else _with_margin(through[whole]),
        through_half=None if part.solid else _with_margin(through_half[half]),
    )


def _with_margin(plane: Bytes) -> Bytes:
    return np.asarray(cv2.copyMakeBorder(plane, MARGIN, MARGIN, MARGIN, MARGIN, cv2.BORDER_REPLICATE), np.uint8)


MARGIN = 26
"""Pixels around each plane of a cel: with layers kept a twenty-fifth smaller than they are drawn, a lens reads no further."""

_AROUND = 4  # pixels that interpolation may read beyond a part; even
