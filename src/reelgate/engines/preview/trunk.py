"""Trunks: a row of tall trees seen from among them, with roots, a few low branches, and bark that catches the light on one side."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from reelgate.engines.preview import canvas, noise
from reelgate.engines.preview.plane import Plane


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """Trees at one distance. Lengths in pixels."""

    places: tuple[float, ...]  # columns of their middles
    thick: float  # at the height of a man, on average
    ground: float  # row on which they stand, on average


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Trees as they are seen; planes of the layer's size."""

    cover: Plane
    aside: Plane  # -1 at a trunk's left edge, 1 at its right one
    bark: Plane  # relief, about 0 ± 1


def standing(rng: np.random.Generator, shape: tuple[int, int], row: Row) -> Standing:
    """Draw a row of trees into a layer of (rows, columns). Painted column by column at each tree, never over the whole layer."""
    rows, columns = shape
    cover, aside, bark = (np.zeros(shape, np.float32) for _ in range(3))
    here = np.arange(rows, dtype=np.float32)[:, None]
    for place in row.places:
        thick = row.thick * float(rng.uniform(0.62, 1.4))
        foot = row.ground + float(rng.normal()) * row.thick * 0.25
        lean = float(rng.normal()) * 0.018
        waver = noise.line(rng, rows, rows * 0.45, octaves=2)[:, None] * thick * 0.10
        up = np.clip((foot - here) / rows, 0.0, None)
        flare = np.exp(-np.clip(foot - here, 0.0, None) / (thick * 0.75)) * 0.85
        half = thick * 0.5 * (1.0 - 0.34 * up + flare)
        middle = place + lean * (foot - here) + waver
        edge = half * _RAGGED + 1.0
        first, last = max(0, int((middle - edge).min())), min(columns, int((middle + edge).max()) + 1)
        if last - first < _NARROW:
            continue
        across = np.arange(first, last, dtype=np.float32)[None, :] - middle
        if thick > _ROUGH:  # else it would be a fraction of a pixel
            across += noise.fbm(rng, (rows, last - first), (thick * 0.9, thick * 0.22), octaves=3) * np.float32(thick * 0.028)
        inside = np.clip(half - np.abs(across) + 0.5, 0.0, 1.0) * canvas.smoothstep(foot + thick * 0.25 - here, 0.0, thick * 0.7)
        spot = slice(first, last)
        nearer = inside > cover[:, spot]
        aside[:, spot] = np.where(nearer, np.clip(across / np.maximum(half, 1.0), -1.0, 1.0), aside[:, spot])
        if row.thick > _SMOOTH:
            bark[:, spot] = np.where(nearer, _bark(rng, inside.shape, row.thick), bark[:, spot])
        cover[:, spot] = np.maximum(cover[:, spot], inside)
    return Standing(cover=cover, aside=aside, bark=bark)


def _bark(rng: np.random.Generator, shape: tuple[int, int], thick: float) -> Plane:
    bark = noise.ridged(rng, shape, (thick * 1.5, thick * 0.16), octaves=4, gain=0.6)
    return np.asarray(bark - bark.mean(), np.float32)


def lit(trees: Standing, side: float) -> Plane:
    """How much light from `side` (-1 left, 1 right) each bit of bark gets, 0 to 1: a rim on that side, bark that stands out of it."""
    facing = canvas.smoothstep(trees.aside * side, 0.15, 1.0)
    return np.asarray(np.clip(facing * (0.75 + 0.9 * trees.bark), 0.0, 1.0) * trees.cover, np.float32)


_NARROW = 4
_RAGGED = 1.15  # how much wider than smooth a rough trunk may be
_ROUGH = 16.0  # pixels from which on a trunk's edge is seen to be rough
_SMOOTH = 16.0  # and up to which its bark is not seen
