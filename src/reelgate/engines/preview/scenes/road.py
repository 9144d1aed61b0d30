"""Road: an empty road that runs to a point off centre, hills and a far range behind it, and the drive along it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from reelgate.engines.preview import canvas, conifer, noise, sky, weather
from reelgate.engines.preview.lane import Lane, Way
from reelgate.engines.preview.palette import mixed
from reelgate.engines.preview.plane import Colour
from reelgate.engines.preview.setting import Setting, settle
from reelgate.engines.preview.stage import Brief, Layer, Role, Scene, Stage


def paint(brief: Brief) -> Stage:
    """The scene for a brief."""
    land = settle(brief, line=(0.60, 0.58), light_x=0.64, lift=0.10)
    layers = [
        sky.firmament(brief, land.palette, land.line, land.light),
        sky.clouds(brief, land.palette, land.line, land.light, drift=6.0),
        *(_hills(land, hills) for hills in _HILLS),
        _haze(land),
    ]
    way = _way(land)
    stage = land.staged(layers, (), water=None, birds=3, ambience="city" if weather.asked(brief, "traffic") else "road")
    return replace(stage, alive=(Role(after=len(layers) - 1, cast=lambda size, rng: Lane(way, size, rng)),))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Hills:
    """A line of hills. Lengths in short sides."""

    tall: float
    wave: float
    air: float  # share of haze, before the palette's haziness
    depth: float
    wooded: bool = False
    sharp: bool = False


_HILLS = (
    _Hills(tall=0.150, wave=0.50, air=0.66, depth=0.06, sharp=True),
    _Hills(tall=0.085, wave=0.85, air=0.46, depth=0.10),
    _Hills(tall=0.050, wave=0.60, air=0.22, depth=0.16, wooded=True),
)


def _hills(land: Setting, hills: _Hills) -> Layer:
    brief, palette, unit, rng = land.brief, land.palette, land.unit, land.brief.rng
    line = noise.line(rng, land.columns, hills.wave * unit, octaves=6 if hills.sharp else 4, gain=0.52)
    x = (np.arange(land.columns, dtype=np.float32) - brief.margin) / brief.width
    open_ = 1.0 - 0.45 * np.exp(-(((x - land.light.x) / 0.16) ** 2))  # lower where the light stands
    level = np.clip((0.58 + 0.30 * (1.0 - np.abs(line)) if hills.sharp else 0.52 + 0.36 * line) * open_, 0.06, None) * hills.tall * unit
    above, below = round(float(level.max()) + 0.06 * unit) + 4, round(0.02 * unit) + 4
    ground = np.asarray(above - level, np.float32)
    rows = above + below
    if hills.wooded and "trees" not in brief.negative:
        tall = 0.050 if weather.asked(brief, "trees") else 0.032
        cover = conifer.forest(rng, rows, conifer.Edge(ground=ground, tall=tall * unit, density=0.75))
    else:
        cover = np.asarray(np.clip(np.arange(rows, dtype=np.float32)[:, None] - ground[None, :] + 1.0, 0.0, 1.0), np.float32)
    slope = np.gradient(canvas.blurred(ground[None, :], 0.012 * unit, 1.0)[0])
    lit = canvas.smoothstep(slope * -land.side, -0.35, 0.55)[None, :] * (1.0 if hills.sharp else 0.7)
    grain = noise.fbm(rng, (rows, land.columns), (0.03 * unit, 0.02 * unit), octaves=4)
    dark = mixed(palette.ground, palette.shade, 0.35)
    bright = mixed(mixed(palette.light, palette.ground, 0.45), _land(land), 0.4)
    picture = canvas.between(dark, bright, np.clip(lit * 0.62 + 0.09 * grain, 0.0, 1.0))
    down = np.linspace(0.0, 1.0, rows, dtype=np.float32)[:, None]
    share = np.clip(hills.air * (0.50 + 0.75 * palette.haziness) + 0.30 * hills.air * down + land.murk * (1.0 - hills.depth), 0.0, 0.96)
    picture = canvas.between(picture, land.air(rows, warmth=0.55, paleness=0.2), np.broadcast_to(share, cover.shape))
    if weather.asked(brief, "snow"):
        drifts = noise.fbm(brief.own(f"snow at {hills.depth}"), (rows, land.columns), (0.014 * unit, 0.035 * unit), octaves=4)
        white = np.clip(0.34 + 0.16 * lit + 0.20 * drifts, 0.0, 0.8)
        picture = canvas.between(picture, mixed(palette.light, palette.haze, 0.3), white)
    return canvas.layer(picture, cover, top=land.shore - above + 2, depth=hills.depth)


def _haze(land: Setting) -> Layer:
    short = land.unit / land.brief.height
    bank = sky.Bank(
        top=land.line - 0.055 * short, bottom=land.line + 0.03 * short, strength=min(1.0, 0.35 + 0.45 * land.palette.haziness + land.murk)
    )
    return sky.mist(land.brief, mixed(land.palette.haze, land.palette.light, 0.25), bank, depth=0.14, drift=5.0)


def _land(land: Setting) -> Colour:
    """The land to both sides in this light: dry grass, snow where it is asked for."""
    if weather.asked(land.brief, "snow"):
        return mixed(land.palette.light, (1.0, 1.0, 1.0), 0.25)
    return mixed(
        mixed(_GRASS, land.palette.light, 0.22), land.palette.shade, 0.55 if land.palette.moon or land.palette.lamps > _DARK else 0.12
    )


def _way(land: Setting) -> Way:
    palette, brief = land.palette, land.brief
    snow = weather.asked(brief, "snow")  # which throws its light into every hollow
    wet = weather.asked(brief, "rain", "storm") or brief.palette in {"storm", "neon"}
    asphalt = mixed(mixed(palette.shade, palette.ground, 0.55), (0.22, 0.22, 0.23), 0.35)
    return Way(
        x=0.5 + 0.08 * land.side,
        line=land.line,
        wide=0.78 if land.wide > 1.0 else 0.60,
        asphalt=mixed(asphalt, mixed(palette.haze, palette.light, 0.4), 0.12),
        paint=mixed(palette.light, (1.0, 1.0, 1.0), 0.2),
        land=mixed(_land(land), palette.ground, 0.08 if snow else 0.30),
        shade=mixed(_land(land), palette.ground, 0.30 if snow else 0.62),
        haze=mixed(mixed(palette.haze, palette.horizon, 0.3), palette.ground, 0.10),
        shine=mixed(palette.horizon, palette.blaze, 0.4) if wet else None,
        lamps=(1.0, 0.22, 0.10) if weather.asked(brief, "traffic") else None,
        pace=0.55 if weather.asked(brief, "calm") else 1.0,
    )


SCENE = Scene(name="road", paint=paint, draws=frozenset({"trees", "traffic", "birds", "moon", "stars", "sun"}))

_GRASS = (0.52, 0.46, 0.26)
_DARK = 0.5
