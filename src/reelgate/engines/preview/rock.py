"""Rocks: flat faces that meet in edges, broken and weathered. A height field for `terrain.seen`."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from reelgate.engines.preview import canvas, noise
from reelgate.engines.preview.palette import mixed
from reelgate.engines.preview.plane import Picture, Plane
from reelgate.engines.preview.setting import Setting
from reelgate.engines.preview.terrain import View


@dataclass(frozen=True, slots=True, kw_only=True)
class Stone:
    """A rock. Lengths in short sides of the frame, from its left edge; depths 0 to 1 of the field."""

    x: float
    away: float
    height: float
    reach: float  # half its width at the foot
    depth: float  # half its extent away from the viewer


@dataclass(frozen=True, slots=True, kw_only=True)
class Bed:
    """The field that the rocks stand in."""

    steps: int
    columns: int
    left: float  # column at which the frame begins
    unit: float  # columns for one short side


def field(rng: np.random.Generator, bed: Bed, stones: tuple[Stone, ...]) -> Plane:
    """Heights in short sides, shape (steps, columns); 0 where there is no rock."""
    shape = (bed.steps, bed.columns)
    crag = noise.ridged(rng, shape, (bed.steps * 0.22, 0.050 * bed.unit), octaves=5, gain=0.55)
    bend = noise.fbm(rng, shape, (bed.steps * 0.25, 0.060 * bed.unit), octaves=4, gain=0.55)
    height = np.zeros(shape, np.float32)
    x = (np.arange(bed.columns, dtype=np.float32)[None, :] - np.float32(bed.left)) / np.float32(bed.unit)
    away = np.linspace(0.0, 1.0, bed.steps, dtype=np.float32)[:, None]
    for stone in stones:
        first, last = _extent(bed, stone)
        turned = bend[:, first:last]
        aside = (x[:, first:last] - np.float32(stone.x)) / np.float32(stone.reach) + 0.13 * turned
        along = (away - np.float32(stone.away)) / np.float32(stone.depth) - 0.10 * turned
        spot = height[:, first:last]
        np.maximum(spot, np.float32(stone.height) * _faces(rng, aside, along, crag[:, first:last]), out=spot)
    return height


def faced(land: Setting, rng: np.random.Generator, view: View, *, near: bool = False) -> Picture:
    """Dark stone; the light on its flanks, the sky on its level parts, a bright rim on its edges."""
    palette, unit = land.palette, land.unit
    shape = (view.cover.shape[0], view.cover.shape[1])
    grain = noise.fbm(rng, shape, (0.03 * unit, 0.04 * unit), octaves=5, gain=0.65)
    dark = mixed(palette.ground, palette.shade, 0.05 if near else 0.22)
    bright = mixed(palette.ground, palette.light, 0.34 if near else 0.42)
    picture = canvas.between(dark, bright, canvas.smoothstep(view.light + 0.05 * grain, 0.12, 0.85))
    wet = np.clip((1.0 - view.steep) * (0.16 + 0.05 * grain), 0.0, 1.0) * (0.6 if near else 0.3)
    picture = canvas.screened(picture, mixed(palette.middle, palette.horizon, 0.4), wet)
    return canvas.screened(picture, palette.light, view.rim * (0.42 if near else 0.22))


def _extent(bed: Bed, stone: Stone) -> tuple[int, int]:
    """The columns that a stone can reach."""
    first, last = (int((stone.x + side * 2.2 * stone.reach) * bed.unit + bed.left) for side in (-1.0, 1.0))
    return min(max(0, first), bed.columns - 2), max(min(bed.columns, last), 2)


def _faces(rng: np.random.Generator, aside: canvas.Numbers, along: canvas.Numbers, crag: Plane) -> Plane:
    """One stone of height about 1 in its own coordinates: six steep faces, two slanting tops, edges broken off."""
    start = float(rng.uniform(0.0, math.tau))
    body = np.full(aside.shape, 9.0, np.float32)
    for face in range(6):
        angle = start + face * math.tau / 6.0 + float(rng.uniform(-0.4, 0.4))
        steep = float(rng.uniform(0.9, 2.8))
        body = np.minimum(body, steep * (1.0 - aside * math.cos(angle) - along * math.sin(angle)))
    for _ in range(2):
        tilt = rng.uniform(-0.6, 0.6, 2)
        body = np.minimum(body, float(rng.uniform(0.80, 1.05)) + tilt[0] * aside + tilt[1] * along)
    broken = (crag - 0.5) * 0.46 * np.clip(body + 0.2, 0.0, 0.8)
    return np.asarray(np.clip(body + broken, 0.0, None), np.float32)
