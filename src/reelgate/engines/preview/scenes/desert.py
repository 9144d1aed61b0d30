"""Desert: dunes in four depths, one flank of each in the light, sand that blows over the nearest; palms where they are asked for."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from reelgate.engines.preview import canvas, noise, palm, sky, terrain, weather
from reelgate.engines.preview.gust import Gusts, Wind
from reelgate.engines.preview.mote import Motes, Swarm
from reelgate.engines.preview.palette import mixed
from reelgate.engines.preview.plane import Colour, Picture, Plane
from reelgate.engines.preview.setting import Setting, settle
from reelgate.engines.preview.stage import Brief, Layer, Role, Scene, Stage


def paint(brief: Brief) -> Stage:
    """The scene for a brief."""
    land = settle(brief, line=(0.60, 0.55), light_x=0.70, lift=0.06)
    layers = [
        sky.firmament(brief, land.palette, land.line, land.light),
        sky.clouds(brief, land.palette, land.line, land.light, drift=4.0),
        _dunes(land, _FAR),
        _dunes(land, _MIDDLE),
        _dust(land, 0.20, 0.26),
        *([_oasis(land)] if weather.asked(brief, "palms", "trees", "lake") else []),
        _dunes(land, _NEAR),
        *([_dust(land, 0.50, 0.6)] if _is_windy(brief) else []),
        _dunes(land, _FRONT),
    ]
    stage = land.staged(layers, (), water=None, birds=0, ambience="sand")
    windy = 1.0 if _is_windy(brief) else 0.45
    sand = Swarm(
        count=round((24 + 50 * windy) * (0.7 + 0.6 * brief.cfg_scale)),
        colour=mixed(land.palette.light, _sand(land), 0.4),
        radius=(0.0010, 0.0030),
        light=0.22 + 0.3 * windy,
        drift=(-land.side * (0.12 + 0.32 * windy), 0.012),
        sway=0.008,
        area=(0.0, land.line - 0.04, 1.0, 1.0),
        depth=(0.5, 1.0),
    )
    wind = Wind(top=land.line + 0.02, speed=-land.side * (0.42 + 0.25 * windy), light=0.13 + 0.14 * windy)
    return Stage(
        layers=stage.layers,
        margin=stage.margin,
        alive=(
            Role(after=len(layers), cast=lambda size, rng: Gusts(wind, size, rng)),
            Role(after=len(layers), cast=lambda size, rng: Motes(sand, size, rng)),
        ),
        water_after=stage.water_after,
        rain=stage.rain,
        snow=stage.snow,
        glow=stage.glow,
        ambience=stage.ambience,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Dune:
    """One depth of dunes. Lengths in short sides."""

    crests: float  # how many follow each other away from the viewer
    wave: float  # width of one dune along the frame
    height: float  # of the highest crest
    foot: float  # by how much the nearest foot lies below the horizon
    rise: float  # and the farthest above that
    air: float  # share of haze, before the palette's haziness
    depth: float
    ripples: float = 0.0  # how plainly the wind's ripples are seen


_FAR = _Dune(crests=2.2, wave=0.75, height=0.085, foot=0.035, rise=0.030, air=0.62, depth=0.10)
_MIDDLE = _Dune(crests=1.9, wave=1.0, height=0.150, foot=0.125, rise=0.095, air=0.34, depth=0.20)
_NEAR = _Dune(crests=1.5, wave=1.5, height=0.230, foot=0.270, rise=0.175, air=0.13, depth=0.42, ripples=0.4)
_FRONT = _Dune(crests=0.95, wave=2.3, height=0.210, foot=0.560, rise=0.270, air=0.02, depth=0.80, ripples=1.0)


def _dunes(land: Setting, dune: _Dune) -> Layer:
    unit, columns = land.unit, land.columns
    deep = max(1.0, (1.0 - land.line) * land.brief.height / (0.40 * unit))  # tall frames have more ground to fill
    height = _field(land, dune)
    foot = (dune.foot * deep) * unit
    rise = (dune.foot - dune.rise) * deep * unit
    above = round(dune.height * unit * float(height.max()) * 1.05) + 4
    skirt = land.brief.margin * dune.depth + _SKIRT * deep * unit  # the dunes before it begin lower than its foot
    rows = above + round(foot) + round(skirt)
    stand = terrain.Stand(
        rows=rows,
        foot=(above + foot, above + rise),
        scale=(dune.height * unit * 1.15, dune.height * unit * 0.8),
        sun=(0.80 * land.side, 0.46, 0.16),
        relief=dune.wave * 62.0 * unit / 720.0,
    )
    view = terrain.seen(height, stand)
    picture = _lit(land, dune, view, (rows, columns))
    share = np.clip(dune.air * (0.45 + 0.85 * land.palette.haziness) + 0.10 * view.away + land.murk * (1.0 - dune.depth), 0.0, 0.95)
    picture = canvas.between(picture, land.air(rows, warmth=0.6, paleness=0.25), share)
    return canvas.layer(picture, view.cover, top=land.shore - above, depth=dune.depth)


def _field(land: Setting, dune: _Dune) -> Plane:
    """Heights (steps, columns), 0 to 1: slopes that rise gently against the wind and fall off behind a crest that winds along."""
    rng, unit, columns = land.brief.rng, land.unit, land.columns
    steps = 150
    away = np.linspace(0.0, 1.0, steps, dtype=np.float32)[:, None]
    x = (np.arange(columns, dtype=np.float32)[None, :] - land.brief.margin) / (unit * dune.wave)
    winding = noise.rolling(rng, (steps, columns), (110.0, 0.9 * unit * dune.wave), octaves=3, gain=0.42)
    phase = away * dune.crests + land.side * 0.55 * x + 0.30 * winding + float(rng.random())
    part = phase - np.floor(phase)
    lee = 1.0 - canvas.smoothstep((part - _LEE) / (1.0 - _LEE), 0.0, 1.0)
    slope = np.where(part < _LEE, canvas.smoothstep(part / _LEE, 0.0, 1.0) ** 1.15, lee)
    swell = 0.62 + 0.30 * noise.rolling(rng, (steps, columns), (120.0, 1.3 * unit * dune.wave), octaves=2)
    height = np.clip(slope * swell, 0.0, 1.35) * canvas.smoothstep(away, -0.02, 0.10)
    return canvas.blurred(np.asarray(height, np.float32), 0.8, 0.9)


def _lit(land: Setting, dune: _Dune, view: terrain.View, shape: tuple[int, int]) -> Picture:
    palette, rng, unit = land.palette, land.brief.rng, land.unit
    sand = _sand(land)
    dark = mixed(mixed(sand, palette.shade, 0.42), palette.ground, 0.26 + 0.34 * dune.depth)
    bright = mixed(mixed(sand, palette.light, 0.45), palette.ground, 0.02 + 0.16 * dune.depth)
    grain = noise.fbm(rng, shape, (0.010 * unit, 0.06 * unit), octaves=4, gain=0.6)
    light = view.light
    if dune.ripples:
        rows = np.arange(shape[0], dtype=np.float32)[:, None] / unit
        bend = noise.fbm(rng, shape, (0.10 * unit, 0.35 * unit), octaves=3)
        pitch = 150.0 - 70.0 * dune.depth
        ripple = np.sin(rows * pitch * math.tau * 0.16 + bend * 2.4 + view.level * 26.0)
        light = light + dune.ripples * 0.055 * ripple * canvas.smoothstep(view.light, 0.10, 0.40)
    lit = canvas.smoothstep(light + 0.02 * grain, 0.12, 0.66)
    picture = canvas.between(dark, bright, lit)
    snow = canvas.smoothstep(view.light + 0.3 * (1.0 - view.steep), 0.35, 0.75) * (0.75 if weather.asked(land.brief, "snow") else 0.0)
    picture = canvas.between(picture, mixed(palette.light, (1.0, 1.0, 1.0), 0.3), np.asarray(snow, np.float32))
    return canvas.screened(picture, palette.light, np.asarray(view.rim * 0.30, np.float32))


def _sand(land: Setting) -> Colour:
    """The sand's own colour in this light."""
    return mixed(mixed(_SAND, land.palette.light, 0.22), land.palette.shade, 0.55 if land.palette.moon else 0.0)


def _dust(land: Setting, reach: float, depth: float) -> Layer:
    """Sand in the air between the dunes, more of it in wind."""
    short = land.unit / land.brief.height
    thick = min(1.0, 0.30 + 0.35 * land.palette.haziness + (0.35 if _is_windy(land.brief) else 0.0))
    bank = sky.Bank(top=land.line - 0.10 * short, bottom=land.line + reach * short, strength=thick)
    colour = mixed(land.palette.haze, mixed(_sand(land), land.palette.light, 0.4), 0.45)
    return sky.mist(land.brief, colour, bank, depth=depth, drift=-14.0 * land.side)


def _is_windy(brief: Brief) -> bool:
    return weather.asked(brief, "wind", "storm") or brief.palette == "storm"


def _oasis(land: Setting) -> Layer:
    """A group of palms half way, on the side away from the light."""
    rng, unit, palette = land.brief.rng, land.unit, land.palette
    rows = round(0.36 * unit)
    ink = np.zeros((rows, land.columns), np.uint8)
    for number in range(4 + round(4 * land.brief.cfg_scale)):
        x = land.aside(0.24 + 0.11 * float(rng.normal())) * land.brief.width + land.brief.margin
        palm.grow(ink, rng, (x, rows - 4.0), (0.16 + 0.10 * float(rng.random())) * unit * (1.0 if number else 1.2))
    cover = canvas.blurred(ink / np.float32(255.0), 0.0008 * unit)
    share = np.full((rows, land.columns), min(0.8, 0.16 + 0.4 * palette.haziness + land.murk), np.float32)
    picture = canvas.between(palette.ground, land.air(rows, warmth=0.6), share)
    return canvas.layer(picture, cover, top=land.shore + round(0.15 * unit) - rows, depth=0.34)


SCENE = Scene(name="desert", paint=paint, draws=frozenset({"palms", "trees", "moon", "stars", "sun"}))

_SAND = (0.80, 0.58, 0.36)
_SKIRT = 0.03  # short sides
_LEE = 0.74  # of a dune's length, the part that rises against the wind
