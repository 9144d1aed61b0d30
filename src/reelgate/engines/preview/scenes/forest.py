"""Forest: old trunks in four depths of mist, light that falls between them from one side, ferns before, pollen in the light."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from reelgate.engines.preview import canvas, fern, noise, sky, trunk, weather
from reelgate.engines.preview.mote import Motes, Swarm
from reelgate.engines.preview.palette import mixed
from reelgate.engines.preview.plane import Colour
from reelgate.engines.preview.setting import Setting, settle
from reelgate.engines.preview.shaft import Fan, Shafts
from reelgate.engines.preview.stage import Brief, Layer, Role, Scene, Stage


def paint(brief: Brief) -> Stage:
    """The scene for a brief."""
    wood = settle(brief, line=(0.66, 0.62), light_x=0.68)
    far, less_far, *near = (_row(wood, row) for row in _ROWS)
    layers = [_depth_of_wood(wood), canvas.together(less_far, far), _mist(wood), *near]
    layers.append(_undergrowth(wood))
    stage = wood.staged(layers, (), water=None, birds=0, ambience="forest")
    bright = 0.62 * (0.35 if weather.asked(brief, "rain", "storm") or brief.palette in {"storm", "night"} else 1.0)
    fan = Fan(
        x=wood.light.x - wood.side * 0.06,
        y=-0.30,
        colour=mixed(wood.palette.light, wood.palette.blaze, 0.5),
        strength=bright + 0.10 * wood.palette.haziness,
        reach=1.25,
        rays=11.0,
        sway=0.35,
    )
    pollen = Swarm(
        count=round(30 + 50 * brief.cfg_scale),
        colour=mixed(wood.palette.glitter, wood.palette.light, 0.5),
        radius=(0.0014, 0.0055),
        light=0.55,
        drift=(-0.008 * wood.side, 0.006),
        area=(0.05, 0.15, 0.95, 0.92),
    )
    return replace(
        stage,
        alive=(
            Role(after=len(layers) - 2, cast=lambda size, rng: Shafts(fan, size, rng)),
            Role(after=len(layers) - 1, cast=lambda size, rng: Motes(pollen, size, rng)),
        ),
        glow=None,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """Trees at one distance. Lengths in short sides."""

    gap: float  # from trunk to trunk, on average
    thick: float
    drop: float  # of the ground below the shore, 0 to 1 of what is left of the frame
    air: float  # share of light and mist before them
    depth: float


_ROWS = (
    _Row(gap=0.075, thick=0.017, drop=0.02, air=0.80, depth=0.12),
    _Row(gap=0.130, thick=0.032, drop=0.10, air=0.60, depth=0.18),
    _Row(gap=0.270, thick=0.060, drop=0.34, air=0.34, depth=0.31),
    _Row(gap=0.780, thick=0.125, drop=0.86, air=0.08, depth=0.62),
)


def _veil(wood: Setting) -> Colour:
    """What far trees fade to: the light as it is among leaves."""
    palette = wood.palette
    green = mixed(mixed(palette.haze, palette.light, 0.4), _LEAVES, 0.26 if palette.lamps < _DARK else 0.12)
    return mixed(green, palette.ground, 0.35 if palette.moon else 0.0)


def _depth_of_wood(wood: Setting) -> Layer:
    """What is behind all trees: brightest where the light stands, leaves above, and the ground in mist."""
    brief, palette, unit = wood.brief, wood.palette, wood.unit
    rows, columns = brief.height + 2 * brief.margin, wood.columns
    small = (rows // 2, columns // 2)
    down, across = np.mgrid[: small[0], : small[1]].astype(np.float32) * 2.0
    x = (across - brief.margin - wood.light.x * brief.width) / unit
    y = (down - brief.margin - 0.34 * brief.height) / unit
    near = np.exp(-((np.hypot(x * 0.9, y * 1.15) / 0.62) ** 1.5))
    leaves = noise.fbm(brief.rng, small, (0.045 * unit, 0.06 * unit), octaves=5, gain=0.62)
    crown = canvas.smoothstep((wood.shore + brief.margin - down) / unit + 0.05 * leaves, 0.34, 0.80)
    dark = mixed(mixed(palette.shade, palette.ground, 0.42), _LEAVES, 0.12)
    picture = canvas.between(dark, _veil(wood), np.clip(0.34 + 0.66 * near - 0.30 * crown * (0.6 + 0.25 * leaves), 0.0, 1.0))
    picture = canvas.screened(picture, mixed(palette.blaze, palette.light, 0.5), np.asarray(near**2 * 0.55, np.float32))
    ground = canvas.smoothstep(down - brief.margin - wood.shore + 0.02 * unit * leaves, -0.01 * unit, 0.12 * unit)
    floor = mixed(mixed(palette.ground, palette.shade, 0.30), _veil(wood), 0.30)
    picture = canvas.between(picture, _snowed(wood, floor, 0.6), np.asarray(ground * 0.85, np.float32))
    picture = canvas.enlarged(picture, rows, columns)
    return canvas.layer(picture, np.ones((rows, columns), np.float32), top=-brief.margin, depth=0.0)


def _row(wood: Setting, row: _Row) -> Layer:
    brief, palette, unit, rng = wood.brief, wood.palette, wood.unit, wood.brief.rng
    left = brief.height + brief.margin - wood.shore
    ground = wood.shore + row.drop * (brief.height - wood.shore)
    rows = round(ground + 0.05 * unit + left * 0.02) + brief.margin
    gap = row.gap * unit * (0.75 if weather.asked(brief, "trees") else 1.0)
    count = max(2, round(wood.columns / gap))
    places = (np.arange(count) + 0.5 + rng.uniform(-0.38, 0.38, count)) * wood.columns / count
    clear = wood.light.x * brief.width + brief.margin
    kept = tuple(float(place) for place in places if abs(place - clear) > _CLEARING * row.thick * unit)
    trees = trunk.standing(rng, (rows, wood.columns), trunk.Row(places=kept, thick=row.thick * unit, ground=ground + brief.margin))
    dark = mixed(palette.ground, _BARK, 0.30 * (1.0 - row.depth))
    share = np.clip(row.air * (0.62 + 0.55 * palette.haziness) + wood.murk * (1.0 - row.depth), 0.0, 0.93)
    picture = canvas.between(mixed(dark, _veil(wood), float(share)), mixed(dark, palette.shade, 0.35), np.clip(trees.bark * 0.35, 0.0, 0.6))
    glow = trunk.lit(trees, wood.side) * (0.20 + 0.62 * row.depth) * (0.4 if palette.moon else 1.0)
    picture = canvas.screened(picture, mixed(palette.light, palette.blaze, 0.4), np.asarray(glow, np.float32))
    foot = canvas.smoothstep(np.arange(rows, dtype=np.float32)[:, None], ground + brief.margin - 0.16 * unit, ground + brief.margin)
    picture = canvas.between(picture, _veil(wood), np.asarray(foot * 0.5 * row.air + np.zeros((1, wood.columns), np.float32), np.float32))
    return canvas.layer(picture, trees.cover, top=-brief.margin, depth=row.depth)


def _mist(wood: Setting) -> Layer:
    short = wood.unit / wood.brief.height
    thick = min(1.0, 0.30 + 0.55 * wood.palette.haziness + wood.murk)
    bank = sky.Bank(top=wood.line - 0.24 * short, bottom=wood.line + 0.18 * short, strength=thick)
    return sky.mist(wood.brief, _veil(wood), bank, depth=0.24, drift=7.0 * wood.side)


def _undergrowth(wood: Setting) -> Layer:
    """Ground that rises to both sides of a clearing, ferns on it."""
    brief, palette, unit, rng = wood.brief, wood.palette, wood.unit, wood.brief.rng
    rows = round(0.44 * unit) + brief.margin
    x = (np.arange(wood.columns, dtype=np.float32) - brief.margin) / brief.width
    away = np.abs(x - wood.light.x)
    level = 0.05 + 0.17 * canvas.smoothstep(away, 0.05, 0.75) + 0.012 * noise.line(rng, wood.columns, 0.2 * unit, octaves=4)
    ground = np.asarray(rows - brief.margin - level * unit, np.float32)
    bare = "trees" in brief.negative
    cover = fern.undergrowth(rng, (rows, wood.columns), ground, 0.17 * unit, 0 if bare else round((26 + 20 * brief.cfg_scale) * wood.wide))
    down = np.linspace(0.0, 1.0, rows, dtype=np.float32)[:, None]
    dark = mixed(palette.ground, _LEAVES, 0.10)
    picture = canvas.between(mixed(dark, _veil(wood), 0.16), dark, np.broadcast_to(canvas.smoothstep(down, 0.3, 0.9), cover.shape))
    rim = np.clip(cover - canvas.moved(cover, -1.8 * wood.side, 2.2), 0.0, 1.0)
    lit = rim * np.exp(-((away / 0.42) ** 2))[None, :] * (0.25 if palette.moon else 0.6)
    picture = canvas.screened(picture, mixed(palette.light, palette.blaze, 0.4), np.asarray(lit, np.float32))
    if weather.asked(brief, "snow"):
        top = np.clip(cover - canvas.moved(cover, 0.0, 0.012 * unit), 0.0, 1.0)
        lain = np.clip(top * 1.2 + 0.55 * (cover > _WHOLE) * (1.0 - down), 0.0, 1.0)
        picture = canvas.between(picture, _snowed(wood, dark, 1.0), np.asarray(lain, np.float32))
    return canvas.layer(picture, cover, top=brief.height + brief.margin - rows, depth=0.9)


def _snowed(wood: Setting, colour: Colour, share: float) -> Colour:
    """The colour of the ground, white where snow is asked for."""
    return mixed(colour, mixed(wood.palette.light, (1.0, 1.0, 1.0), 0.2), share) if weather.asked(wood.brief, "snow") else colour


SCENE = Scene(name="forest", paint=paint, draws=frozenset({"trees", "birds", "sun"}))

_LEAVES = (0.34, 0.46, 0.20)
_BARK = (0.26, 0.20, 0.15)
_DARK = 0.3  # lamps of a palette from which on it is too dark for leaves to be green
_CLEARING = 0.9
_WHOLE = 0.9
