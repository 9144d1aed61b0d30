"""Underwater: a reef in four depths of water, light that falls from the waves above, a school of fish, bubbles."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from reelgate.engines.preview import canvas, coral, noise, weather
from reelgate.engines.preview.caustic import Caustics, Ground
from reelgate.engines.preview.fish import School, Shoal
from reelgate.engines.preview.mote import Motes, Swarm
from reelgate.engines.preview.palette import mixed
from reelgate.engines.preview.plane import Colour
from reelgate.engines.preview.setting import Setting, settle
from reelgate.engines.preview.shaft import Fan, Shafts
from reelgate.engines.preview.stage import Brief, Layer, Role, Scene, Stage


def paint(brief: Brief) -> Stage:
    """The scene for a brief. There is no weather down here: a storm makes it dim, fog full of plankton."""
    sea = settle(brief, line=(0.66, 0.66), light_x=0.66)
    layers = [_water(sea), *(_reef(sea, reef) for reef in _REEFS), _kelp(sea), _reef(sea, _FRONT)]
    dim = _dim(sea)
    fan = Fan(
        x=sea.light.x, y=-0.22, colour=mixed(_surface(sea), (1.0, 1.0, 1.0), 0.35), strength=0.52 * dim, reach=1.15, rays=15.0, sway=0.55
    )
    stage = Stage(layers=tuple(layers), margin=brief.margin, water_after=len(layers), ambience="sea")
    alive = [Role(after=3, cast=lambda size, rng: Shafts(fan, size, rng)), *_life(sea, dim)]
    return replace(stage, alive=tuple(alive))


def _life(sea: Setting, dim: float) -> list[Role]:
    """Fish at two depths unless they are refused, bubbles from one spot, plankton, and the net of light on the ground."""
    side, scale = sea.side, sea.brief.cfg_scale
    far = School(
        count=round(14 + 14 * scale),
        x=sea.aside(0.62),
        y=0.36,
        length=0.030,
        spread=0.15,
        colour=mixed(_deep(sea), _surface(sea), 0.42),
        pace=0.028 * side,
        depth=0.22,
    )
    near = School(
        count=round(7 + 6 * scale),
        x=sea.aside(0.30),
        y=0.52,
        length=0.070,
        spread=0.15,
        colour=mixed(_deep(sea), _surface(sea), 0.10),
        pace=0.050 * side,
        depth=0.5,
    )
    bubbles = Swarm(
        count=26,
        colour=mixed(_surface(sea), (1.0, 1.0, 1.0), 0.6),
        radius=(0.0025, 0.009),
        light=0.55,
        drift=(0.004, -0.085),
        twinkle=0.2,
        area=(sea.aside(0.20) - 0.035, 0.05, sea.aside(0.20) + 0.035, 0.92),
        ring=True,
    )
    thick = weather.asked(sea.brief, "fog") or sea.brief.palette == "fog"
    plankton = Swarm(count=110 if thick else 46, colour=_surface(sea), radius=(0.0010, 0.0032), light=0.5, drift=(0.010 * side, -0.004))
    ground = Ground(top=sea.line + 0.10, strength=0.34 * dim)
    return [
        Role(after=3, cast=lambda size, rng: Shoal(far, size, rng)),
        Role(after=4, cast=lambda size, rng: Caustics(ground, size, rng)),
        Role(after=4, cast=lambda size, rng: Shoal(near, size, rng)),
        Role(after=5, cast=lambda size, rng: Motes(bubbles, size, rng)),
        Role(after=6, cast=lambda size, rng: Motes(plankton, size, rng)),
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reef:
    """Rock and coral at one distance. Lengths in short sides."""

    level: float  # of the ground above the foot of the frame, at the side away from the light
    low: float  # the same at the side of the light
    rough: float
    tall: float  # what grows on it
    many: float  # for each short side of width
    far: float  # share of water before it
    depth: float


_REEFS = (
    _Reef(level=0.56, low=0.40, rough=0.060, tall=0.05, many=10, far=0.78, depth=0.08),
    _Reef(level=0.48, low=0.30, rough=0.070, tall=0.08, many=11, far=0.56, depth=0.16),
    _Reef(level=0.36, low=0.20, rough=0.070, tall=0.13, many=11, far=0.30, depth=0.30),
)
_FRONT = _Reef(level=0.25, low=0.02, rough=0.050, tall=0.20, many=10, far=0.03, depth=0.85)


def _dim(sea: Setting) -> float:
    """How much light comes down, 0 to 1."""
    if sea.palette.moon:
        return 0.55
    return 0.45 if sea.brief.palette == "storm" or weather.asked(sea.brief, "storm", "rain") else 1.0


def _surface(sea: Setting) -> Colour:
    """The water where the light comes in."""
    palette = sea.palette
    tinted = mixed(_SHALLOW, mixed(palette.horizon, palette.blaze, 0.4), 0.42)
    return mixed(tinted, palette.zenith, 0.55 * (1.0 - _dim(sea)))


def _deep(sea: Setting) -> Colour:
    """The water where none does."""
    return mixed(mixed(_ABYSS, sea.palette.water, 0.35), sea.palette.ground, 0.35 + 0.3 * (1.0 - _dim(sea)))


def _water(sea: Setting) -> Layer:
    """All that is behind the reef: light from above, the waves seen from below, the dark."""
    brief, unit = sea.brief, sea.unit
    rows, columns = brief.height + 2 * brief.margin, sea.columns
    small = (rows // 2, columns // 2)
    down, across = np.mgrid[: small[0], : small[1]].astype(np.float32) * 2.0
    y, x = (down - brief.margin) / brief.height, (across - brief.margin - sea.light.x * brief.width) / unit
    near = np.exp(-(np.hypot(x * 0.8, (y + 0.10) * brief.height / unit * 0.72) ** 1.35) * 1.25)
    murk = noise.fbm(brief.rng, small, (0.2 * unit, 0.3 * unit), octaves=3)
    picture = canvas.between(_deep(sea), _surface(sea), np.clip(near * (0.98 + 0.05 * murk) + 0.10 * (1.0 - y), 0.0, 1.0))
    waves = noise.ridged(brief.rng, small, (0.020 * unit, 0.085 * unit), octaves=4, gain=0.6)
    above = canvas.smoothstep(y + 0.05 * waves, 0.20, -0.02) * canvas.smoothstep(waves, 0.25, 0.85)
    picture = canvas.screened(
        picture, mixed(_surface(sea), (1.0, 1.0, 1.0), 0.5), np.asarray(above * (0.25 + 0.5 * near) * _dim(sea), np.float32)
    )
    sun = np.exp(-((np.hypot(x, (y + 0.02) * brief.height / unit) / 0.17) ** 2)) * 0.75 * _dim(sea)
    picture = canvas.screened(picture, mixed(sea.palette.light, (1.0, 1.0, 1.0), 0.3), np.asarray(sun, np.float32))
    if weather.asked(brief, "boats"):
        picture = _hull(sea, picture)
    return canvas.layer(canvas.enlarged(picture, rows, columns), np.ones((rows, columns), np.float32), top=-brief.margin, depth=0.0)


def _hull(sea: Setting, picture: np.ndarray) -> np.ndarray:
    """A boat above, seen from below: a dark spindle in the light."""
    rows, columns = picture.shape[:2]
    y, x = np.mgrid[:rows, :columns].astype(np.float32) * 2.0
    across = (x - sea.brief.margin - sea.aside(0.58) * sea.brief.width) / (0.22 * sea.unit)
    down = (y - sea.brief.margin - 0.07 * sea.brief.height) / (0.030 * sea.unit)
    inside = canvas.smoothstep(1.0 - np.hypot(across, down), -0.05, 0.12)
    return canvas.between(picture, mixed(_deep(sea), _surface(sea), 0.16), inside)


def _reef(sea: Setting, reef: _Reef) -> Layer:
    brief, palette, unit, rng = sea.brief, sea.palette, sea.unit, sea.brief.rng
    x = (np.arange(sea.columns, dtype=np.float32) - brief.margin) / brief.width
    aside = x if sea.side > 0.0 else 1.0 - x
    rough = np.clip(np.abs(noise.line(rng, sea.columns, 0.34 * unit, octaves=5, gain=0.55)), 0.0, 2.4) * reef.rough
    tall = max(1.0, brief.height / unit * 0.62)
    level = (reef.low + (reef.level - reef.low) * canvas.smoothstep(aside, 0.78, 0.02)) * tall + rough
    rows = round((float(level.max()) + reef.tall * 1.2) * unit) + round(brief.margin * reef.depth) + 4
    foot = rows - round(brief.margin * reef.depth)
    many = reef.many * (1.35 if weather.asked(brief, "rocks") else 1.0) * (0.6 + 0.8 * brief.cfg_scale)
    cover = coral.reef(rng, (rows, sea.columns), np.asarray(foot - level * unit, np.float32), reef.tall * unit, round(many * sea.wide))
    colour = mixed(mixed(palette.ground, _deep(sea), 0.4), mixed(palette.cloud_light, _surface(sea), 0.5), 0.10)
    grain = noise.fbm(rng, (rows, sea.columns), (0.02 * unit, 0.03 * unit), octaves=3)
    down = np.linspace(0.0, 1.0, rows, dtype=np.float32)[:, None]
    share = np.clip(reef.far + 0.12 * down * reef.far + 0.02 * grain, 0.0, 0.95)
    water = mixed(_deep(sea), _surface(sea), 0.50)
    picture = canvas.between(colour, water, np.asarray(share, np.float32))
    top = np.clip(cover - canvas.moved(cover, -1.2 * sea.side, 3.0), 0.0, 1.0)
    lit = np.exp(-((np.abs(x - sea.light.x) / 0.75) ** 2))[None, :] * (0.20 + 0.28 * (1.0 - reef.far)) * _dim(sea)
    picture = canvas.screened(picture, _surface(sea), np.asarray(top * lit, np.float32))
    return canvas.layer(picture, cover, top=brief.height + round(brief.margin * reef.depth) - rows, depth=reef.depth)


def _kelp(sea: Setting) -> Layer:
    """Kelp that stands at the edge of the frame, on the side of the light."""
    brief, unit, rng = sea.brief, sea.unit, sea.brief.rng
    rows = round(min(0.78 * brief.height, 1.05 * unit)) + brief.margin
    places = [sea.aside(0.90 + 0.14 * float(rng.random())) * brief.width + brief.margin for _ in range(4 + round(4 * brief.cfg_scale))]
    cover = coral.kelp(rng, (rows, sea.columns), places, rows, rows * 0.95)
    picture = canvas.filled(rows, sea.columns, mixed(_deep(sea), _surface(sea), 0.10))
    return canvas.layer(picture, cover, top=brief.height + brief.margin - rows, depth=0.6)


SCENE = Scene(name="underwater", paint=paint)

_SHALLOW = (0.30, 0.78, 0.84)
_ABYSS = (0.01, 0.13, 0.25)
