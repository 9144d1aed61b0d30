"""Space: a planet that turns, lit by one star from the side, its moon and its rings, clouds of gas and stars in two depths."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from reelgate.engines.preview import canvas, noise, weather
from reelgate.engines.preview.mote import Motes, Swarm
from reelgate.engines.preview.palette import Palette, mixed, named
from reelgate.engines.preview.plane import Colour
from reelgate.engines.preview.planet import Globe, Planet
from reelgate.engines.preview.rings import rings
from reelgate.engines.preview.stage import Brief, Layer, Role, Scene, Stage


def paint(brief: Brief) -> Stage:
    """The scene for a brief. It has no weather: a storm makes the planet a giant of gas, snow one of ice, fog a thicker nebula."""
    palette = named(brief.palette, brief.cfg_scale)
    side = 1.0 if brief.rng.random() < _RIGHT else -1.0
    gas, far = _nebula(brief, palette, side), _stars(brief, 420, 0.75)
    veil, near = _veil(brief, palette, side), _stars(brief, 110, 1.0, spare=_spare(brief))
    layers = (canvas.together(far, gas), canvas.together(near, veil))
    globe, moon = _globe(brief, palette, side), _moon(brief, palette, side)
    behind = len(layers)
    if weather.asked(brief, "rings"):
        globe = replace(globe, radius=globe.radius * _RINGED)
        back, front = rings(brief, globe, mixed(palette.cloud_light, palette.light, 0.5))
        layers, behind = (*layers, back, front), len(layers) + 1
    dust = Swarm(
        count=28,
        colour=palette.light,
        radius=(0.0014, 0.0042),
        light=0.6,
        drift=(0.045 * side, -0.015),
        depth=(0.6, 1.0),
    )
    alive = [
        Role(after=behind, cast=lambda size, rng: Planet(globe, size, rng)),
        Role(after=len(layers), cast=lambda size, rng: Motes(dust, size, rng)),
    ]
    if "moon" not in brief.negative:
        alive.insert(0, Role(after=2, cast=lambda size, rng: Planet(moon, size, rng)))
    return Stage(layers=layers, margin=brief.margin, alive=tuple(alive), water_after=len(layers), ambience="space")


def _light_of(side: float) -> tuple[float, float, float]:
    length = math.sqrt(0.78**2 + 0.42**2 + 0.62**2)
    return (0.78 * side / length, 0.42 / length, 0.62 / length)


def _globe(brief: Brief, palette: Palette, side: float) -> Globe:
    """The planet, low and away from the star."""
    rng = brief.rng
    tall = brief.height > brief.width
    icy, banded = weather.asked(brief, "snow"), weather.asked(brief, "storm", "wind") or brief.palette in {"storm", "golden", "sunset"}
    low = mixed(palette.water, palette.zenith, 0.35)
    high = mixed(mixed(palette.shade, palette.light, 0.35), palette.horizon, 0.35)
    if banded:
        low, high = mixed(palette.cloud_shade, palette.middle, 0.4), mixed(palette.cloud_light, palette.horizon, 0.35)
    if icy:
        low, high = mixed(palette.shade, (0.7, 0.85, 1.0), 0.5), mixed(palette.light, (0.95, 0.98, 1.0), 0.6)
    return Globe(
        x=0.5 - side * (0.02 if tall else 0.19) + float(rng.uniform(-0.03, 0.03)),
        y=0.64 if tall else 0.62,
        radius=0.40 if tall else 0.36,
        low=low,
        high=high,
        cloud=mixed(palette.cloud_light, (1.0, 1.0, 1.0), 0.45),
        air=mixed(palette.blaze, palette.light, 0.4),
        light=_light_of(side),
        tilt=float(rng.uniform(-0.5, 0.5)),
        banded=banded,
        spin=0.30,
        depth=0.42,
    )


def _moon(brief: Brief, palette: Palette, side: float) -> Globe:
    tall = brief.height > brief.width
    grey = mixed(palette.shade, (0.5, 0.5, 0.5), 0.5)
    return Globe(
        x=0.5 + side * (0.20 if tall else 0.17),
        y=0.30 if tall else 0.27,
        radius=0.052,
        low=mixed(grey, (0.2, 0.2, 0.2), 0.3),
        high=mixed(grey, palette.light, 0.5),
        cloud=mixed(grey, palette.light, 0.6),
        air=(0.0, 0.0, 0.0),
        light=_light_of(side),
        spin=0.11,
        depth=0.30,
    )


def _dark(palette: Palette) -> Colour:
    deep = mixed(palette.zenith, palette.ground, 0.55)
    level = max(deep)
    return mixed(deep, (0.0, 0.0, 0.02), max(0.1, 1.0 - _DARKEST / max(level, 0.01)))


def _nebula(brief: Brief, palette: Palette, side: float) -> Layer:
    """The farthest gas, and the glow of the star that stands outside the frame."""
    rows, columns, unit = brief.height + 2 * brief.margin, brief.width + 2 * brief.margin, min(brief.width, brief.height)
    small = (rows // 3, columns // 3)
    cell = (0.30 * unit / 3, 0.42 * unit / 3)
    swirl = noise.fbm(brief.rng, small, cell, octaves=3)
    gas = noise.fbm(brief.rng, small, cell, octaves=6, gain=0.58)
    row, column = np.mgrid[: small[0], : small[1]].astype(np.float32)
    gas = canvas.bent(gas, column + 16.0 * swirl * unit / 720, row + 11.0 * swirl * unit / 720)
    x, y = column * 3 / columns, row * 3 / rows
    band = np.exp(-(((y - 0.42 - side * 0.34 * (x - 0.5)) / 0.26) ** 2))
    thick = 0.5 + (0.35 if weather.asked(brief, "fog") or brief.palette == "fog" else 0.0)
    cloud = canvas.smoothstep(gas * 0.55 + band * 1.4 - 0.75 + 0.5 * thick, -0.1, 1.7)
    rift = canvas.smoothstep(np.abs(noise.fbm(brief.rng, small, cell, octaves=5)), 0.5, 0.05) * band
    picture = canvas.between(_dark(palette), mixed(palette.middle, palette.zenith, 0.2), np.asarray(cloud * 0.86, np.float32))
    picture = canvas.screened(picture, mixed(palette.horizon, palette.blaze, 0.3), np.asarray(cloud**2.2 * 0.80, np.float32))
    picture = canvas.times(picture, 1.0 - 0.55 * rift * cloud)
    star = np.exp(-((np.hypot((x - 0.5 - 0.62 * side) * brief.width, (y + 0.10) * brief.height) / (0.62 * unit)) ** 1.4))
    picture = canvas.screened(picture, palette.blaze, np.asarray(star * 0.68, np.float32))
    picture = canvas.enlarged(picture, rows, columns, smooth=True)
    return canvas.layer(picture, np.ones((rows, columns), np.float32), top=-brief.margin, depth=0.0)


def _veil(brief: Brief, palette: Palette, side: float) -> Layer:
    """Nearer gas that drifts, thin and torn."""
    rows, columns, unit = (
        brief.height + 2 * brief.margin,
        brief.width + 2 * brief.margin + _spare(brief),
        min(brief.width, brief.height),
    )
    small = (rows // 3, columns // 3)
    gas = noise.fbm(brief.rng, small, (0.20 * unit / 3, 0.50 * unit / 3), octaves=5, gain=0.6)
    rise = np.linspace(0.0, 1.0, small[0], dtype=np.float32)[:, None] - 0.40
    alpha = canvas.smoothstep(gas, 0.25, 2.6) * np.exp(-((rise / 0.34) ** 2)) * 0.8
    alpha = canvas.enlarged(np.asarray(alpha, np.float32), rows, columns, smooth=True)
    return canvas.layer(
        canvas.filled(rows, columns, mixed(palette.horizon, palette.cloud_light, 0.4)),
        alpha,
        top=-brief.margin,
        depth=0.12,
        drift=9.0 * side,
    )


def _spare(brief: Brief) -> int:
    """Columns more than the frame and its margin has, for what drifts."""
    return 4 * (brief.width // 30)


def _stars(brief: Brief, count: int, brightest: float, spare: int = 0) -> Layer:
    """Stars on nothing."""
    unit = min(brief.width, brief.height)
    rows, columns = brief.height + 2 * brief.margin, brief.width + 2 * brief.margin + spare
    rng = brief.rng
    many = round(count * (0.8 + 0.8 * (brief.cfg_scale if not weather.asked(brief, "stars") else 1.0)) * rows * columns / unit**2 / 1.8)
    many = 0 if "stars" in brief.negative else many
    light = np.zeros((rows, columns), np.float32)
    bright = 0.10 + 0.9 * rng.random(many) ** 6
    y, x = (rng.random(many) * (rows - 3)).astype(int) + 1, (rng.random(many) * (columns - 3)).astype(int) + 1
    np.maximum.at(light, (y, x), np.asarray(bright, np.float32))
    large = bright > _LARGE
    halo = np.zeros_like(light)
    halo[y[large], x[large]] = bright[large]
    soft = canvas.blurred(light, max(0.55, unit / 1300)) * 2.6 + canvas.blurred(halo, unit / 420) * 9.0
    alpha = np.clip(soft * brightest, 0.0, 1.0)
    return canvas.layer(canvas.filled(rows, columns, (0.93, 0.95, 1.0)), alpha, top=-brief.margin, depth=0.0)


SCENE = Scene(name="space", paint=paint, draws=frozenset({"moon", "stars", "sun", "rings"}))

_RIGHT = 0.55
_RINGED = 0.72  # a planet with rings is drawn so much smaller
_DARKEST = 0.18
_LARGE = 0.55
