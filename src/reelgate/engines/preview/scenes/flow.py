"""Flow: cloths of light in a dark room. It stands in for everything that no other scene is asked for by."""

from __future__ import annotations

import numpy as np

from reelgate.engines.preview import canvas, noise, weather
from reelgate.engines.preview.mote import Motes, Swarm
from reelgate.engines.preview.palette import Palette, mixed
from reelgate.engines.preview.plane import Colour
from reelgate.engines.preview.silk import Cloth, Silk
from reelgate.engines.preview.stage import Brief, Layer, Role, Scene, Stage


def paint(brief: Brief) -> Stage:
    """The scene for a brief: two cloths or three, the farther ones duller."""
    palette = weather.palette_of(brief)
    angle = float(brief.rng.uniform(-0.55, 0.55))
    blown = 0.6 if weather.asked(brief, "calm") else 1.2 if weather.asked(brief, "storm") else 1.0
    wildness = float(brief.rng.uniform(0.35, 0.95)) * blown
    cloths = [_cloth(brief, palette, number, angle, wildness) for number in range(3 if brief.cfg_scale >= _RICH else 2)]
    swarm = Swarm(count=26, colour=mixed(palette.light, palette.glitter, 0.5), radius=(0.0016, 0.006), light=0.5, drift=(0.006, -0.010))
    alive = [Role(after=1, cast=lambda size, rng, cloth=cloth: Silk(cloth, size, rng)) for cloth in cloths]
    return Stage(
        layers=(_room(brief, palette),),
        margin=brief.margin,
        alive=(*alive, Role(after=1, cast=lambda size, rng: Motes(swarm, size, rng))),
        water_after=1,
        rain=weather.rain(brief),
        snow=weather.snow(brief),
        ambience="silk",
    )


def _cloth(brief: Brief, palette: Palette, number: int, angle: float, wildness: float) -> Cloth:
    """The `number`th cloth from behind."""
    rng = brief.rng
    far = (0.55, 0.25, 0.0)[number]
    dark = _dark(palette)
    body = (palette.middle, palette.cloud_light, palette.horizon)[number]
    return Cloth(
        shade=mixed(dark, body, 0.10 + 0.1 * far),
        body=mixed(mixed(body, palette.blaze, 0.25), dark, far),
        shine=mixed(mixed(palette.light, palette.blaze, 0.35), dark, 0.8 * far),
        angle=angle + float(rng.uniform(-0.25, 0.25)),
        folds=float(rng.uniform(2.2, 4.2)) * (1.0 + 0.3 * far),
        across=float(rng.uniform(0.22, 0.34)),
        place=float(rng.uniform(0.30, 0.70)),
        wildness=min(1.0, wildness * float(rng.uniform(0.8, 1.1))),
        threads=int(rng.integers(4, 9)),
        pace=float(rng.uniform(0.75, 1.15)),
    )


def _room(brief: Brief, palette: Palette) -> Layer:
    """The dark behind: a glow off centre, and air that is not quite even."""
    rows, columns = brief.height + 2 * brief.margin, brief.width + 2 * brief.margin
    unit = min(brief.width, brief.height)
    x, y = float(brief.rng.uniform(0.25, 0.75)), float(brief.rng.uniform(0.25, 0.75))
    down, across = np.mgrid[: rows // 4, : columns // 4].astype(np.float32) * 4
    away = np.hypot(across - x * columns, down - y * rows) / unit
    air = noise.fbm(brief.rng, (rows // 4, columns // 4), (unit * 0.12, unit * 0.2), octaves=3)
    near = np.exp(-((away / 0.62) ** 2)) * (1.0 + 0.16 * air)
    picture = canvas.between(_dark(palette), mixed(palette.middle, palette.horizon, 0.35), np.clip(near * 0.9, 0.0, 1.0))
    picture = canvas.enlarged(picture, rows, columns, smooth=True)
    return canvas.layer(picture, np.ones((rows, columns), np.float32), top=-brief.margin, depth=0.0)


def _dark(palette: Palette) -> Colour:
    """The colour of the dark: the palette's deepest, never black; a bright palette has a brighter one."""
    deep = mixed(palette.ground, palette.zenith, 0.45)
    level = max(deep)
    return deep if level <= _DARKEST else mixed(deep, (0.0, 0.0, 0.0), 1.0 - _DARKEST / level)


SCENE = Scene(name="flow", paint=paint)

_RICH = 0.45
_DARKEST = 0.34
