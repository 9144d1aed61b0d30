"""Sailing boats far out on the water."""

from __future__ import annotations

import cv2
import numpy as np

from reelgate.engines.preview import canvas
from reelgate.engines.preview.palette import mixed
from reelgate.engines.preview.plane import Picture, Plane
from reelgate.engines.preview.setting import Setting
from reelgate.engines.preview.stage import Layer


def set_sail(land: Setting, rng: np.random.Generator, picture: Picture, cover: Plane, *, white: float = 1.0) -> None:
    """Paint boats near the light into a picture of the layer's size and its cover, standing on its last row. `white`: how much brighter
    sails are than before an open sky."""
    unit, palette = land.unit, land.palette
    base = cover.shape[0] - 1.0
    for aside, size in _BOATS[: 1 + round(2 * land.brief.cfg_scale)]:
        column = land.aside(aside + float(rng.uniform(-0.03, 0.03))) * land.brief.width + land.brief.margin
        for outline, light in _BOAT:
            points = [(column + land.side * x * size * unit, base - y * size * unit) for x, y in outline]
            ink = np.zeros(cover.shape, np.uint8)
            cv2.fillPoly(ink, [np.asarray(np.multiply(points, 16.0), np.int32)], (255,), cv2.LINE_AA, 4)
            share = ink / np.float32(255.0)
            picture[:] = canvas.between(picture, mixed(mixed(palette.ground, palette.light, light * white), palette.haze, 0.22), share)
            np.maximum(cover, share, out=cover)


def boats(land: Setting, *, depth: float) -> Layer:
    """Boats as a layer of their own, on the shore's line, before land that is dark."""
    rows = round(0.075 * land.unit)
    picture, cover = np.zeros((rows, land.columns, 3), np.float32), np.zeros((rows, land.columns), np.float32)
    set_sail(land, land.brief.own("boats"), picture, cover, white=_BEFORE_LAND)
    air = land.air(rows, warmth=0.7, paleness=0.4)
    picture = canvas.between(picture, air, np.full(cover.shape, min(0.9, 0.8 * land.murk), np.float32))
    return canvas.layer(picture, cover, top=land.shore - rows + 1, depth=depth)


_BEFORE_LAND = 2.0
_BOATS = ((0.50, 0.060), (0.72, 0.030), (0.44, 0.022))
"""Place from the edge away from the light, height."""

_BOAT: tuple[tuple[tuple[tuple[float, float], ...], float], ...] = (
    (((-0.42, 0.12), (0.46, 0.14), (0.34, 0.0), (-0.34, 0.0)), 0.04),
    (((0.03, 0.17), (0.03, 1.0), (0.07, 0.60), (0.40, 0.18)), 0.42),
    (((-0.01, 0.16), (-0.01, 0.95), (-0.12, 0.55), (-0.38, 0.17)), 0.30),
)
"""Hull, jib and mainsail of a boat of height 1: outline, and how much of the light it catches."""
