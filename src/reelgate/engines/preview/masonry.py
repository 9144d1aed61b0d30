"""What is built by people and stands in a landscape: shapes painted into an elevation of its own, then set into a layer.

An elevation holds the building alone, a few hundred columns; the layer that it becomes is as wide as any other.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from reelgate.engines.preview import canvas
from reelgate.engines.preview.palette import mixed
from reelgate.engines.preview.plane import Colour, Plane
from reelgate.engines.preview.setting import Setting
from reelgate.engines.preview.stage import Layer
from reelgate.engines.preview.tower import Elevation

Points = Sequence[tuple[float, float]]
"""Corners of a shape: column, row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shaft:
    """A round wall that may narrow upwards. Pixels."""

    x: float  # of its axis
    top: float
    bottom: float
    half: tuple[float, float]  # half its width at the top and at the bottom


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Where an elevation is set into the frame."""

    x: float  # column of the frame under the elevation's middle
    foot: float  # row of the frame under its last row
    air: float  # share of haze before it, 0 to 1
    depth: float


def fill(front: Elevation, points: Points, colour: Colour, share: float = 1.0) -> None:
    """A plain shape over what is there; lamps behind it go out."""
    spot, ink = _ink(front, points)
    if not ink.size:
        return
    ink *= np.float32(share)
    front.wall[spot] = canvas.between(front.wall[spot], colour, ink)
    front.lamp[spot] = canvas.times(front.lamp[spot], 1.0 - ink)
    np.maximum(front.cover[spot], ink, out=front.cover[spot])


def shine(front: Elevation, points: Points, colour: Colour) -> None:
    """A shape that is a light."""
    spot, ink = _ink(front, points)
    if not ink.size:
        return
    front.lamp[spot] = np.maximum(front.lamp[spot], canvas.between((0.0, 0.0, 0.0), colour, ink))


def strand(front: Elevation, points: Points, thick: float, colour: Colour) -> None:
    """A line as thick as told, in fractions of a pixel too: a rope far away is a faint one."""
    spot, ink = _ink(front, points, max(1, round(thick)))
    if not ink.size:
        return
    ink *= np.float32(min(1.0, thick))
    front.wall[spot] = canvas.between(front.wall[spot], colour, ink)
    np.maximum(front.cover[spot], ink, out=front.cover[spot])


def raise_shaft(front: Elevation, shaft: Shaft, tones: tuple[Colour, Colour], side: float) -> None:
    """A round wall: the first tone where it is turned away from the light, the second towards it."""
    first, last = max(0, round(shaft.top)), min(front.cover.shape[0], round(shaft.bottom))
    if first >= last:
        return
    down = (np.arange(first, last, dtype=np.float32)[:, None] + 0.5 - shaft.top) / max(1.0, shaft.bottom - shaft.top)
    half = shaft.half[0] + (shaft.half[1] - shaft.half[0]) * down
    aside = np.arange(front.cover.shape[1], dtype=np.float32)[None, :] + 0.5 - shaft.x
    ink = np.asarray(np.clip(half + 0.5 - np.abs(aside), 0.0, 1.0), np.float32)
    turned = np.clip(aside / half, -1.0, 1.0) * side
    lit = canvas.smoothstep(turned, -0.75, 0.85) * (1.0 - 0.25 * canvas.smoothstep(turned, 0.7, 1.0))
    rows = slice(first, last)
    front.wall[rows] = canvas.between(front.wall[rows], canvas.between(*tones, lit), ink)
    front.lamp[rows] = canvas.times(front.lamp[rows], 1.0 - ink)
    np.maximum(front.cover[rows], ink, out=front.cover[rows])


def tones_of(land: Setting, colour: Colour) -> tuple[Colour, Colour]:
    """A wall of that colour in this light: turned away from it, and towards it."""
    palette = land.palette
    night = 0.55 if palette.moon else 0.30 * min(1.0, palette.lamps * 1.6)
    own = mixed(colour, palette.ground, night)
    return mixed(mixed(own, palette.shade, 0.45), palette.ground, 0.34), mixed(own, palette.light, 0.42)


def planted(land: Setting, front: Elevation, site: Site) -> Layer:
    """The elevation as a layer: air over its walls, then its lamps and their glow."""
    rows, wide = front.cover.shape
    room = round(_ROOM * land.unit)  # for the glow
    first = round(site.x + land.brief.margin - wide / 2.0) - room
    shape = (rows + room, wide + 2 * room)
    wall, lamp, cover = (np.pad(each, ((room, 0), (room, room), (0, 0))[: each.ndim]) for each in (front.wall, front.lamp, front.cover))
    left, right = max(0, first), max(0, min(land.columns, first + shape[1]))
    inside = slice(left - first, right - first)
    wall, lamp, cover = wall[:, inside], lamp[:, inside], cover[:, inside]
    wall = canvas.between(wall, land.air(shape[0], warmth=0.6, paleness=0.4)[:, left:right], np.full(cover.shape, site.air, np.float32))
    lamp = lamp * np.float32(1.0 - 0.55 * site.air)
    shown = canvas.times(np.asarray(lamp + wall * (1.0 - lamp), np.float32), cover)
    glow = np.add.reduce([np.float32(weight) * canvas.blurred(lamp, reach * land.unit) for reach, weight in _HALO])
    full = [np.zeros((shape[0], land.columns, *each.shape[2:]), np.float32) for each in (shown, cover, glow)]
    for whole, part in zip(full, (shown, cover, np.clip(glow, 0.0, 0.85)), strict=True):
        whole[:, left:right] = part
    return canvas.glowing(full[0], full[1], full[2], top=round(site.foot) - shape[0], depth=site.depth)


def _ink(front: Elevation, points: Points, thick: int = 0) -> tuple[tuple[slice, slice], Plane]:
    """Where a shape is, or a line of that thickness, and how much of each pixel there it takes."""
    corners, around = np.asarray(points, np.float64), thick + 2
    rows, columns = front.cover.shape
    left, top = (max(0, math.floor(least) - around) for least in corners.min(axis=0).tolist())
    right, bottom = (math.ceil(most) + around for most in corners.max(axis=0).tolist())
    spot = (
        slice(min(top, rows), max(min(top, rows), min(bottom, rows))),
        slice(min(left, columns), max(min(left, columns), min(right, columns))),
    )
    ink = np.zeros((spot[0].stop - spot[0].start, spot[1].stop - spot[1].start), np.uint8)
    places = np.round((corners - (left, top)) * 16.0).astype(np.int32)
    if ink.size and thick:
        cv2.polylines(ink, [places], isClosed=False, color=(255,), thickness=thick, lineType=cv2.LINE_AA, shift=4)
    elif ink.size:
        cv2.fillPoly(ink, [places], (255,), cv2.LINE_AA, 4)
    return spot, np.asarray(ink * np.float32(1.0 / 255.0), np.float32)


_ROOM = 0.05  # short sides
_HALO = ((0.0022, 0.50), (0.010, 0.45), (0.030, 0.40))
"""Glow around a lamp: reach in short sides, strength."""
