"""Strokes that every scene uses, on float32 planes and pictures: enlarge, blur, bend, blend, cut to size.

Soft things are painted small and enlarged; `enlarged` is the cheapest blur there is.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from reelgate.engines.preview.plane import Colour, Picture, Plane
from reelgate.engines.preview.stage import Layer

Numbers: TypeAlias = npt.NDArray[np.floating[Any] | np.bool_]
"""What a stroke takes: results of arithmetic, of whatever width. What it gives is float32."""


def enlarged(plane: Plane, rows: int, columns: int, *, smooth: bool = False) -> Plane:
    """A plane or picture at another size; bilinear, or cubic where `smooth`."""
    if plane.shape[:2] == (rows, columns):
        return plane
    how = cv2.INTER_CUBIC if smooth else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(plane, (columns, rows), interpolation=how), np.float32)


def reduced(plane: Plane, rows: int, columns: int) -> Plane:
    """A plane or picture made smaller by averaging."""
    return np.asarray(cv2.resize(plane, (columns, rows), interpolation=cv2.INTER_AREA), np.float32)


def blurred(plane: Numbers, across: float, down: float | None = None) -> Plane:
    """Gaussian blur, deviations in pixels. Wide blurs work on a smaller copy."""
    source = np.asarray(plane, np.float32)
    down = across if down is None else down
    shrink = max(1, int(min(across, down) / 3.0))
    if shrink == 1:
        return np.asarray(cv2.GaussianBlur(source, (0, 0), sigmaX=max(across, 0.01), sigmaY=max(down, 0.01)), np.float32)
    rows, columns = source.shape[:2]
    small = reduced(source, max(2, rows // shrink), max(2, columns // shrink))
    soft = cv2.GaussianBlur(small, (0, 0), sigmaX=across / shrink, sigmaY=down / shrink)
    return enlarged(np.asarray(soft, np.float32), rows, columns)


def bent(plane: Plane, columns: Numbers, rows: Numbers) -> Plane:
    """The plane read at other places; what lies outside is the nearest edge."""
    across, down = np.broadcast_arrays(np.asarray(columns, np.float32), np.asarray(rows, np.float32))
    read = cv2.remap(plane, np.ascontiguousarray(across), np.ascontiguousarray(down), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(read, np.float32)


def moved(plane: Plane, right: float, down: float) -> Plane:
    """The plane shifted; edges are repeated."""
    matrix = np.array([[1.0, 0.0, right], [0.0, 1.0, down]], np.float32)
    size = (plane.shape[1], plane.shape[0])
    return np.asarray(cv2.warpAffine(plane, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.float32)


def smoothstep(plane: Numbers, low: float, high: float) -> Plane:
    """0 below `low`, 1 above `high`, an even curve between; `low` may be the greater."""
    share = np.clip((plane - np.float32(low)) * np.float32(1.0 / (high - low)), 0.0, 1.0)
    return np.asarray(share * share * (3.0 - 2.0 * share), np.float32)


def between(first: Colour | Picture, second: Colour | Picture, share: Numbers) -> Picture:
    """A picture that goes from the first colour (or picture) to the second where `share` goes from 0 to 1."""
    start, end, part = np.asarray(first, np.float32), np.asarray(second, np.float32), np.asarray(share, np.float32)
    if start.ndim == end.ndim == 1 and part.ndim == _PLANE:
        return _merged([part * (to - at) + at for at, to in zip(start, end, strict=True)])
    difference = np.asarray(end - start, np.float32)
    if part.shape != difference.shape[:2]:
        return np.asarray(start + difference * part[..., None], np.float32)
    difference *= _merged([part] * 3)
    difference += start
    return difference


def screened(picture: Picture, colour: Colour | Picture, strength: Numbers) -> Picture:
    """Light added the way film adds it: 1 - (1 - a)(1 - b)."""
    light, part = np.asarray(colour, np.float32), np.asarray(strength, np.float32)
    if part.shape != picture.shape[:2]:
        part = np.broadcast_to(part, picture.shape[:2])
    left, top, columns, rows = cv2.boundingRect(np.asarray(part > 0.0, np.uint8))
    spot = (slice(top, top + rows), slice(left, left + columns))  # an edge that is lit is little of a layer
    part, lit = part[spot], np.array(picture, np.float32)
    more = _merged([part * each for each in light]) if light.ndim == 1 else _merged([part] * 3) * light[spot]
    more *= np.subtract(np.float32(1.0), lit[spot], dtype=np.float32)
    lit[spot] += more
    return lit


def times(picture: Picture, share: Numbers) -> Picture:
    """Each pixel as often as `share` says: dimmed, brightened, premultiplied."""
    part = np.asarray(share, np.float32)
    if part.shape != picture.shape[:2]:
        part = np.broadcast_to(part, picture.shape[:2])
    return picture * _merged([part] * 3)


def filled(rows: int, columns: int, colour: Colour) -> Picture:
    """One colour all over."""
    return np.broadcast_to(np.asarray(colour, np.float32), (rows, columns, 3)).copy()


def layer(picture: Picture, alpha: Numbers, *, top: int, depth: float, drift: float = 0.0) -> Layer:
    """A layer from straight (not premultiplied) colour, cut to the rows that hold something."""
    cover = np.asarray(np.clip(alpha, 0.0, 1.0), np.float32)
    first, last = _held(cover)
    return Layer(
        rgb=times(np.clip(picture[first:last], 0.0, 1.0, dtype=np.float32), cover[first:last]),
        alpha=cover[first:last],
        top=top + first,
        depth=depth,
        drift=drift,
    )


def together(front: Layer, back: Layer) -> Layer:
    """Two layers as one that moves as the back one does: for those whose distance from each other nobody sees. The same columns."""
    top, bottom = min(front.top, back.top), max(front.top + front.alpha.shape[0], back.top + back.alpha.shape[0])
    columns = front.alpha.shape[1]
    rgb, alpha = np.zeros((bottom - top, columns, 3), np.float32), np.zeros((bottom - top, columns), np.float32)
    behind, before = (slice(each.top - top, each.top - top + each.alpha.shape[0]) for each in (back, front))
    rgb[behind], alpha[behind] = back.rgb, back.alpha
    rest = np.subtract(np.float32(1.0), front.alpha)
    rgb[before] = front.rgb + times(rgb[before], rest)
    alpha[before] = front.alpha + alpha[before] * rest
    return replace(back, rgb=rgb, alpha=alpha, top=top)


def glowing(shown: Numbers, cover: Plane, glow: Numbers, *, top: int, depth: float) -> Layer:
    """A layer of things and their light: `shown` premultiplied by `cover`, `glow` screened over it and over what is behind."""
    light = np.asarray(glow, np.float32)
    rgb = light + shown * (1.0 - light)
    brightest = cv2.max(cv2.max(light[..., 0], light[..., 1]), light[..., 2])
    alpha = np.asarray(1.0 - (1.0 - cover) * (1.0 - brightest), np.float32)
    first, last = _held(alpha)
    limited = np.minimum(rgb[first:last], _merged([alpha[first:last]] * 3))
    return Layer(rgb=np.asarray(limited, np.float32), alpha=alpha[first:last], top=top + first, depth=depth)


def _merged(planes: list[Plane]) -> Picture:
    """Three planes as a picture: many times as fast as numpy multiplies a plane into three channels."""
    return np.asarray(cv2.merge([np.ascontiguousarray(plane) for plane in planes]), np.float32)


def _held(alpha: Plane) -> tuple[int, int]:
    """First and last row that hold something; one row where none does."""
    held = np.flatnonzero(alpha.max(axis=1) > _NOTHING)
    return (int(held[0]), int(held[-1]) + 1) if held.size else (0, 1)


_PLANE = 2  # dimensions
_NOTHING = 1.0 / 255.0
