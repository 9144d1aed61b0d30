"""Land from a height field: seen in perspective, lit from one side, each ridge hiding what lies behind it.

A field has one row for each step away from the viewer (row 0 nearest) and one column for each column of the layer, so a
mountain, a headland and a rock in the surf are the same thing at different sizes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from reelgate.engines.preview import canvas, noise
from reelgate.engines.preview.plane import Plane


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """Land as it is seen, before it is given colours. All planes have the layer's size."""

    cover: Plane  # 0 to 1: land; soft at the skyline
    away: Plane  # 0 = nearest, 1 = farthest step of the field
    light: Plane  # direct light, 0 to 1, cast shadows in it
    steep: Plane  # 0 = level, 1 = wall
    level: Plane  # height of the land there, in the field's own units
    rim: Plane  # 0 to 1 along skylines, within the field too


@dataclass(frozen=True, slots=True, kw_only=True)
class Peak:
    """A mountain: where it stands and how high."""

    x: float  # from the frame's left edge, short sides of the frame
    away: float  # 0 to 1 into the field
    height: float  # in the field's units
    reach: float  # half its width at the foot, short sides
    depth: float  # half its extent away from the viewer, 0 to 1 of the field


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """Size of a field and the grain of its stone."""

    steps: int
    columns: int
    left: float  # column at which the frame begins
    unit: float  # columns for one short side
    grain: tuple[float, float]  # size of the coarsest roughness: steps, columns
    roughness: float  # of the flanks, share of a peak's height


def carved(rng: np.random.Generator, ground: Ground, peaks: tuple[Peak, ...]) -> Plane:
    """Height field of peaks whose flanks are cut into spurs that run down from the summits."""
    size = 512
    spurs = noise.ridged(rng, (size, size), (70.0, 70.0), octaves=6, gain=0.52)
    rough = np.clip(noise.eroded(rng, (ground.steps, ground.columns), ground.grain, octaves=6, gain=0.55), -1.8, 1.8)
    away = np.linspace(0.0, 1.0, ground.steps, dtype=np.float32)[:, None]
    x = (np.arange(ground.columns, dtype=np.float32)[None, :] - np.float32(ground.left)) / np.float32(ground.unit)
    height = np.zeros((ground.steps, ground.columns), np.float32)
    for peak in peaks:
        turn = np.asarray(rng.uniform(-50.0, 50.0, 2) + size / 2.0, np.float32)
        first, last = _extent(ground, peak)
        aside, along = (x[:, first:last] - peak.x) / peak.reach, (away - peak.away) / peak.depth
        distance = np.hypot(aside, along) + 1e-4
        ring = (80.0 + 70.0 * distance) / distance
        spur = canvas.bent(spurs, turn[0] + aside * ring, turn[1] + along * ring)
        flank = np.clip(1.0 - distance * (1.22 - 0.62 * spur), 0.0, None)
        broken = rough[:, first:last] * np.clip(flank * 1.5, 0.0, 1.0) * np.clip(distance * 3.0, 0.25, 1.0)
        body = flank + ground.roughness * broken
        spot = height[:, first:last]
        np.maximum(spot, np.float32(peak.height) * body, out=spot)
    # A crest that is sharper than the steps of the field would show them as the teeth of a saw.
    return canvas.blurred(height, 0.9, 1.3)


def _extent(ground: Ground, peak: Peak) -> tuple[int, int]:
    """The columns that a peak can reach."""
    half = peak.reach * 1.75
    first, last = (int((peak.x + side) * ground.unit + ground.left) for side in (-half, half))
    return min(max(0, first), ground.columns - 2), max(min(ground.columns, last), 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stand:
    """From where land is seen and how it is lit."""

    rows: int  # of the layer
    foot: tuple[float, float]  # rows where level 0 stands at the nearest and at the farthest step
    scale: tuple[float, float]  # pixels for one unit of height there
    sun: tuple[float, float, float]  # direction to the light: right, up, towards the viewer
    relief: float  # how strongly slopes are modelled, pixels for one unit of height


def seen(height: Plane, stand: Stand) -> View:
    """Project a field of shape (steps, columns)."""
    steps = height.shape[0]
    share = np.linspace(0.0, 1.0, steps, dtype=np.float32)[:, None]
    base = stand.foot[0] + (stand.foot[1] - stand.foot[0]) * share
    size = stand.scale[0] + (stand.scale[1] - stand.scale[0]) * share
    skyline = np.asarray(np.minimum.accumulate(base - height * size, axis=0), np.float32)
    place = _places(skyline, stand.rows)
    light, steep = _shading(height, stand)
    columns = np.arange(height.shape[1], dtype=np.float32)[None, :]
    away = np.clip(place, 0.0, steps - 1.0)
    below = np.arange(stand.rows, dtype=np.float32)[:, None] + 1.0 - skyline[-1][None, :]
    return View(
        cover=np.asarray(np.clip(below, 0.0, 1.0), np.float32),
        away=np.asarray(away / max(1, steps - 1), np.float32),
        light=canvas.bent(light, columns, away),
        steep=canvas.bent(steep, columns, away),
        level=canvas.bent(height, columns, away),
        rim=_rim(place, steps),
    )


def _places(skyline: Plane, rows: int) -> Plane:
    """For each pixel the step of the field that is seen there, with its fraction: shape (rows, columns).

    `skyline` falls from near to far; a step is seen where it stands above all nearer ones. Marking each step at its own
    row and carrying the marks downwards gives the rows between.
    """
    steps, columns = skyline.shape
    mark = np.full((rows + 1, columns), steps, np.int32)
    row = np.clip(np.floor(skyline), 0, rows).astype(np.int32)
    column = np.broadcast_to(np.arange(columns)[None, :], row.shape)
    for step in range(steps - 1, -1, -1):
        mark[row[step], column[step]] = step
    whole = np.minimum.accumulate(mark[:rows], axis=0)
    inside = np.clip(whole, 0, steps - 1)
    everywhere = np.broadcast_to(np.arange(columns)[None, :], whole.shape)
    upper = skyline[inside, everywhere]
    lower = skyline[np.maximum(inside - 1, 0), everywhere]
    here = np.arange(rows, dtype=np.float32)[:, None]
    fraction = np.clip((lower - here) / np.maximum(lower - upper, 1e-3), 0.0, 1.0)
    return np.asarray(whole - 1.0 + fraction, np.float32)


def _shading(height: Plane, stand: Stand) -> tuple[Plane, Plane]:
    """Direct light and steepness of every point of the field."""
    sun, relief = stand.sun, stand.relief
    away, right = np.gradient(height * np.float32(relief))
    length = np.sqrt(1.0 + away * away + right * right)
    facing = (-right * sun[0] + sun[1] + away * sun[2]) / length
    across, up = abs(sun[0]), max(sun[1], 0.05)
    slope = np.float32(0.55 * up / max(across, 0.05) / relief)
    ramp = np.arange(height.shape[1], dtype=np.float32)[None, :] * slope
    if sun[0] < 0.0:
        shadow = np.maximum.accumulate(height + ramp, axis=1) - ramp
    else:
        shadow = (np.maximum.accumulate((height - ramp)[:, ::-1], axis=1)[:, ::-1]) + ramp
    open_sky = np.clip(1.0 - (shadow - height) * np.float32(relief * 0.12), 0.0, 1.0)
    light = np.clip(facing, 0.0, 1.0) * (0.12 + 0.88 * open_sky)
    return np.asarray(light, np.float32), np.asarray(1.0 - 1.0 / length, np.float32)


def _rim(place: Plane, steps: int) -> Plane:
    """Light that creeps over an edge: strong on the topmost pixels of every ridge that stands before something farther."""
    above = canvas.moved(place, 0.0, 2.0)
    jump = np.clip((above - place) / np.float32(steps * 0.06), 0.0, 1.0)
    return canvas.blurred(np.asarray(jump, np.float32), 0.7)
