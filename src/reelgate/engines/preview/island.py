"""Land in the water: a skerry to stand something on, an island with woods or palms."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from reelgate.engines.preview import canvas, conifer, noise, palm, rock, terrain
from reelgate.engines.preview.palette import mixed
from reelgate.engines.preview.plane import Picture, Plane
from reelgate.engines.preview.setting import Setting
from reelgate.engines.preview.stage import Layer


@dataclass(frozen=True, slots=True, kw_only=True)
class Isle:
    """Where an island lies and what grows on it. Lengths in short sides."""

    x: float  # from the frame's left edge
    reach: float  # half its width
    height: float  # of its summit
    air: float  # share of haze, 0 to 1
    depth: float
    palms: bool = False
    firs: bool = False
    woods: bool = True


def skerry(land: Setting, x: float, *, reach: float, air: float, depth: float) -> Layer:
    """Low rocks, the highest of them level enough to build on, at `SKERRY` of their reach above the water. `x` in short sides."""
    rng, unit = land.brief.own("skerry"), land.unit
    stones = tuple(
        rock.Stone(x=x + aside * reach, away=away, height=height * reach, reach=wide * reach, depth=0.5)
        for aside, away, height, wide in _SKERRY
    )
    height = rock.field(rng, rock.Bed(steps=70, columns=land.columns, left=land.brief.margin, unit=unit), stones)
    worn = 1.0 - 0.10 * np.abs(noise.fbm(rng, (70, land.columns), (24.0, 0.04 * unit), octaves=4))
    height = np.asarray(np.minimum(height, SKERRY * reach * worn), np.float32)
    rows = round(SKERRY * reach * unit) + 6
    stand = terrain.Stand(
        rows=rows, foot=(rows - 1.0, rows - 3.0), scale=(unit, unit), sun=(0.85 * land.side, 0.42, -0.12), relief=300.0 * unit / 720.0
    )
    view = terrain.seen(height, stand)
    cover = np.asarray(view.cover * (view.level > _WET), np.float32)
    picture = canvas.between(rock.faced(land, rng, view), land.air(rows, warmth=0.7, paleness=0.4), np.full(cover.shape, air, np.float32))
    return canvas.layer(picture, cover, top=land.shore - rows + 1, depth=depth)


def island(land: Setting, isle: Isle) -> Layer:
    """A hill with a lesser one beside it, green where it is not steep, sand and trees about its foot."""
    rng, unit = land.brief.own("island"), land.unit
    half = isle.reach * _ROOM
    columns, left = 2 * round(half * unit), round((isle.x - half) * unit) + land.brief.margin
    height = _hills(land, rng, isle, columns)
    tallest = isle.height * unit
    tree = (0.060 if isle.palms else 0.050 if isle.firs else 0.026) * unit
    rows = round(tallest * float(height.max()) + tree) + 6
    stand = terrain.Stand(
        rows=rows,
        foot=(rows - 1.0, rows - 3.0),
        scale=(tallest, tallest * 0.95),
        sun=(0.84 * land.side, 0.36, 0.16),
        relief=60.0 * unit / 720.0,
    )
    view = terrain.seen(height, stand)
    cover = np.asarray(view.cover * (view.level > _SHORE), np.float32)
    picture = _coloured(land, rng, view)
    if isle.firs and isle.woods:
        ground = np.asarray(rows - 1.0 - height.max(axis=0) * tallest, np.float32)
        wooded = conifer.forest(rng, rows, conifer.Edge(ground=ground, tall=0.045 * unit, density=1.0))
        picture, cover = _grown(land, picture, cover, np.asarray(wooded * canvas.smoothstep(height.max(axis=0), 0.10, 0.24), np.float32))
    elif isle.woods or isle.palms:
        picture, cover = _grown(land, picture, cover, _crowns(rng, height, cover.shape, unit))
    if isle.palms:
        picture, cover = _palms(land, rng, picture, cover, tree)
    first, last = max(0, left), max(0, min(land.columns, left + columns))
    inside = slice(first - left, last - left)
    air = land.air(rows, warmth=0.7, paleness=0.4)[:, first:last]
    down = np.linspace(0.0, 1.0, rows, dtype=np.float32)[:, None]
    share = np.clip(isle.air + 0.18 * land.palette.haziness * down**3, 0.0, 0.95) + np.zeros_like(cover[:, inside])
    whole, alpha = np.zeros((rows, land.columns, 3), np.float32), np.zeros((rows, land.columns), np.float32)
    whole[:, first:last] = canvas.between(np.asarray(picture[:, inside], np.float32), air, share)
    alpha[:, first:last] = cover[:, inside]
    return canvas.layer(whole, alpha, top=land.shore - rows + 1, depth=isle.depth)


def _hills(land: Setting, rng: np.random.Generator, isle: Isle, columns: int) -> Plane:
    """Heights (steps, columns), 0 to about 1: they end in a beach, not in a cliff."""
    steps, half, side, unit = 60, _ROOM * isle.reach, land.side, land.unit
    x = (np.linspace(-half, half, columns, dtype=np.float32) / np.float32(isle.reach))[None, :]
    away = np.linspace(-1.0, 1.0, steps, dtype=np.float32)[:, None]
    rough = noise.eroded(rng, (steps, columns), (26.0, 0.10 * unit), octaves=6, gain=0.55)
    body = np.zeros((steps, columns), np.float32)
    for aside, height, wide in ((-0.12 * side, 1.0, 0.40), (0.36 * side, 0.52, 0.34), (-0.58 * side, 0.30, 0.30)):
        distance = np.hypot((x - aside) / wide, away / 0.8)
        body = np.maximum(body, np.float32(height) * np.exp(-(distance**2.1)))
    lowland = 0.16 * canvas.smoothstep(np.hypot(x, away / 1.1), 1.0, 0.62)
    return np.asarray(
        np.clip(
            np.maximum(body * (0.86 + 0.22 * rough), lowland * (1.0 + 0.3 * rough)) * canvas.smoothstep(np.abs(x), 1.02, 0.72), 0.0, None
        ),
        np.float32,
    )


def _coloured(land: Setting, rng: np.random.Generator, view: terrain.View) -> Picture:
    palette, unit = land.palette, land.unit
    shape = (view.cover.shape[0], view.cover.shape[1])
    grain = noise.fbm(rng, shape, (0.012 * unit, 0.02 * unit), octaves=4, gain=0.65)
    night = 0.6 if palette.moon or palette.lamps > _DARK else 0.12
    green, sand = (mixed(mixed(colour, palette.light, 0.16), palette.shade, night) for colour in (_GREEN, _SAND))
    stone = mixed(palette.shade, palette.ground, 0.35)
    own = canvas.between(stone, green, canvas.smoothstep(view.steep + 0.10 * grain, 0.72, 0.40))
    own = canvas.between(own, sand, canvas.smoothstep(view.level, 0.085, 0.055))
    dark = canvas.between(own, mixed(palette.ground, palette.shade, 0.30), np.full(shape, 0.66, np.float32))
    bright = canvas.between(own, palette.light, np.full(shape, 0.30, np.float32))
    picture = canvas.between(dark, bright, canvas.smoothstep(view.light + 0.06 * grain, 0.14, 0.80))
    return canvas.screened(picture, palette.light, view.rim * np.float32(0.16))


def _crowns(rng: np.random.Generator, height: Plane, shape: tuple[int, ...], unit: float) -> Plane:
    """How much of each place is hidden by the trees along the shore."""
    rows, columns = shape
    bumps = np.abs(noise.line(rng, columns, 0.022 * unit, octaves=3, gain=0.6)) + 0.25 * noise.line(rng, columns, 0.12 * unit, octaves=2)
    ashore = canvas.smoothstep(height.max(axis=0), 0.05, 0.15)
    level = (0.006 + 0.014 * np.clip(0.35 + 0.6 * bumps, 0.0, 1.5)) * unit * ashore
    down = rows - 1.0 - 0.003 * unit - np.arange(rows, dtype=np.float32)[:, None]  # above the beach
    return np.asarray(np.clip(level[None, :] - down, 0.0, 1.0) * np.clip(down + 1.0, 0.0, 1.0) * ashore[None, :], np.float32)


def _grown(land: Setting, picture: Picture, cover: Plane, crowns: Plane) -> tuple[Picture, Plane]:
    leaves = mixed(mixed(_GREEN, land.palette.ground, 0.72), land.palette.shade, 0.10)
    picture = canvas.between(picture, leaves, crowns)
    rim = np.clip(crowns - canvas.moved(crowns, -1.4 * land.side, 1.2), 0.0, 1.0)
    return canvas.screened(picture, land.palette.light, rim * np.float32(0.22)), np.maximum(cover, crowns)


def _palms(land: Setting, rng: np.random.Generator, picture: Picture, cover: Plane, tall: float) -> tuple[Picture, Plane]:
    """A few palms on the beach at each end."""
    rows, columns = cover.shape
    ink = np.zeros((rows, columns), np.uint8)
    for place in (0.18, 0.21, 0.25, 0.27, 0.73, 0.76, 0.80):
        foot = ((place + float(rng.normal()) * 0.012) * columns, rows - 3.0)
        palm.grow(ink, rng, foot, tall * float(rng.uniform(0.62, 1.0)))
    share = canvas.blurred(ink / np.float32(255.0), 0.0007 * land.unit)
    return canvas.between(picture, mixed(land.palette.ground, _GREEN, 0.10), share), np.maximum(cover, share)


SKERRY = 0.34
_SKERRY = (
    (0.0, 0.5, 0.60, 0.90),
    (-0.75, 0.5, 0.50, 0.55),
    (0.75, 0.5, 0.50, 0.55),
    (1.25, 0.4, 0.14, 0.28),
    (-1.28, 0.5, 0.12, 0.26),
    (0.25, 0.15, 0.22, 0.45),
)
"""Stones of a skerry of reach 1: place aside, away, height, half width."""

_ROOM = 1.25  # half the width that is painted, to that of the island
_WET = 0.004
_SHORE = 0.012
_GREEN = (0.30, 0.42, 0.20)
_SAND = (0.86, 0.77, 0.60)
_DARK = 0.5  # lamps of a palette from which on it is night
