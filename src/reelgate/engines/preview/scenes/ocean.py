"""Ocean: the light's path on open water, a headland, sea stacks, wet rocks in the surf."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from reelgate.engines.preview import boat, canvas, noise, rock, seamark, sky, terrain, weather
from reelgate.engines.preview.palette import mixed
from reelgate.engines.preview.plane import Plane
from reelgate.engines.preview.setting import Setting, settle
from reelgate.engines.preview.stage import Brief, Layer, Scene, Stage


def paint(brief: Brief) -> Stage:
    """The scene for a brief. No rocks in the foreground where the negative prompt refuses them."""
    sea = settle(brief, line=(0.565, 0.60), light_x=0.635)
    marks = seamark.marks(sea, _BERTH)
    behind = (
        sky.firmament(brief, sea.palette, sea.line, sea.light),
        sky.clouds(brief, sea.palette, sea.line, sea.light, drift=6.0),
        _headland(sea),
        *([_sea_fog(sea)] if sea.murk > 0.0 else []),
        _stacks(sea),
        *marks.layers,
    )
    front = () if "rocks" in brief.negative else (_surf_rocks(sea),)
    stage = sea.staged(behind, front, water=sea.water(tint_strength=0.34, ripple=_roughness(brief)), birds=6, ambience="sea")
    return replace(stage, alive=marks.roles(after=len(behind)))


_BERTH = seamark.Berth(island=0.845, mark=0.435, reach=0.10, air=0.18, depth=0.17, bridge=(0.20, 0.80), span=0.235, hill=0.115)


def _roughness(brief: Brief) -> float:
    """Of the sea: 0.45 calm, 1 a breeze, 1.6 rough."""
    if weather.asked(brief, "storm", "waves") or brief.palette == "storm":
        return 1.6
    return 0.45 if weather.asked(brief, "calm") or brief.palette == "fog" else 1.0


def _headland(sea: Setting) -> Layer:
    """A long cape that runs out from the side away from the light, and a fainter one behind it."""
    unit, columns, steps = sea.unit, sea.columns, 70
    x = (np.arange(columns, dtype=np.float32) - sea.brief.margin) / sea.brief.width
    aside = x if sea.side > 0.0 else 1.0 - x
    away = np.linspace(0.0, 1.0, steps, dtype=np.float32)[:, None]
    rough = noise.eroded(sea.brief.rng, (steps, columns), (34.0, 0.16 * unit), octaves=6, gain=0.56)
    near = canvas.smoothstep(aside, 0.37, -0.05)[None, :] * np.exp(-(((away - 0.35) / 0.22) ** 2))
    far = 0.72 * canvas.smoothstep(aside, 0.56, 0.12)[None, :] ** 0.8 * np.exp(-(((away - 0.85) / 0.14) ** 2))
    height = np.asarray(np.clip(np.maximum(near, far) * (0.80 + 0.24 * rough) - 0.05, 0.0, None), np.float32)
    tallest = 0.105 * unit
    rows = round(tallest * max(float(height.max()), 0.2)) + 4
    stand = terrain.Stand(
        rows=rows,
        foot=(rows - 1.0, rows - 1.5),
        scale=(tallest, tallest * 0.8),
        sun=(0.8 * sea.side, 0.3, 0.05),
        relief=26.0 * unit / 720.0,
    )
    view = terrain.seen(height, stand)
    share = np.clip((0.22 + 0.52 * view.away) * (0.5 + 0.7 * sea.palette.haziness) + sea.murk, 0.0, 0.93)
    picture = canvas.between(rock.faced(sea, sea.brief.rng, view), sea.air(rows, warmth=0.7, paleness=0.4), share)
    return canvas.layer(picture, view.cover, top=sea.shore - rows + 1, depth=0.10)


def _sea_fog(sea: Setting) -> Layer:
    """Fog that lies on the water before the headland."""
    short = sea.unit / sea.brief.height
    bank = sky.Bank(top=sea.line - 0.13 * short, bottom=sea.line + 0.055 * short, strength=min(1.0, 0.45 + 1.5 * sea.murk))
    return sky.mist(sea.brief, mixed(sea.palette.haze, sea.palette.light, 0.3), bank, depth=0.13, drift=9.0)


def _stacks(sea: Setting) -> Layer:
    """Sea stacks half way to the headland, feet in the haze; boats where they are asked for."""
    unit = sea.unit
    stones = tuple(_stone_at(sea, place, depth=0.35) for place in _STACKS)
    height = rock.field(sea.brief.rng, _bed(sea, 90), stones)
    rows = max(round(float(height.max()) * unit) + 6, round(0.075 * unit))
    stand = terrain.Stand(
        rows=rows,
        foot=(rows - 1.0, rows - 3.0),
        scale=(unit, unit),
        sun=(0.85 * sea.side, 0.42, -0.12),
        relief=300.0 * unit / 720.0,
    )
    view = terrain.seen(height, stand)
    cover = np.asarray(view.cover * (view.level > _WET), np.float32)
    down = np.linspace(0.0, 1.0, rows, dtype=np.float32)[:, None]
    share = np.clip(0.20 + 0.35 * sea.palette.haziness * down**2 + 0.8 * sea.murk, 0.0, 0.9)
    picture = canvas.between(rock.faced(sea, sea.brief.rng, view), sea.air(rows, warmth=0.7, paleness=0.4), share)
    if weather.asked(sea.brief, "boats"):
        boat.set_sail(sea, sea.brief.rng, picture, cover)
    return canvas.layer(picture, cover, top=sea.shore - rows + 1, depth=0.16)


_STACKS = ((0.26, 0.5, 0.105, 0.050), (0.315, 0.7, 0.052, 0.032), (0.215, 0.3, 0.035, 0.034), (0.86, 0.6, 0.040, 0.040))
"""Place from the edge away from the light (share of the width), away, height, half width."""


def _stone_at(sea: Setting, place: tuple[float, float, float, float], *, depth: float, squeeze: float = 1.0) -> rock.Stone:
    aside, away, height, reach = place
    rng = sea.brief.rng
    return rock.Stone(
        x=sea.aside(aside) * sea.wide + float(rng.uniform(-0.018, 0.018)),
        away=away,
        height=height * float(rng.uniform(0.85, 1.18)),
        reach=reach * squeeze,
        depth=depth,
    )


def _bed(sea: Setting, steps: int) -> rock.Bed:
    return rock.Bed(steps=steps, columns=sea.columns, left=sea.brief.margin, unit=sea.unit)


def _surf_rocks(sea: Setting) -> Layer:
    """Jagged wet rocks in both lower corners, foam about their feet; more of them where rocks are asked for."""
    brief, palette, unit = sea.brief, sea.palette, sea.unit
    large = 1.0 if sea.wide > 1.0 else 1.45
    rows = round(0.52 * large * unit) + brief.margin
    more = _MORE_ROCKS[: 2 + round(4 * brief.cfg_scale)] if weather.asked(brief, "rocks") else ()
    squeeze = large * min(1.0, sea.wide / 1.4)
    stones = tuple(_stone_at(sea, place, depth=max(0.05, place[3]), squeeze=squeeze) for place in (*_ROCKS, *more))
    height = rock.field(brief.rng, _bed(sea, 200), stones)
    stand = terrain.Stand(
        rows=rows,
        foot=(rows - brief.margin + 0.05 * unit, rows - brief.margin - 0.20 * large * unit),
        scale=(unit * 1.1 * large, unit * 0.9 * large),
        sun=(0.84 * sea.side, 0.40, -0.22),
        relief=420.0 * unit / 720.0,
    )
    view = terrain.seen(height, stand)
    land = np.asarray(canvas.smoothstep(view.level, 0.003, 0.010) * view.cover, np.float32)
    foam = _foam(sea, height, view)
    below = canvas.moved(canvas.blurred(land, 0.010 * unit, 0.007 * unit), 0.0, 0.014 * unit) * (1.0 - land)
    picture = canvas.between(mixed(palette.ground, palette.water, 0.4), rock.faced(sea, brief.rng, view, near=True), land)
    picture = canvas.between(picture, mixed(mixed(palette.light, palette.glitter, 0.4), palette.shade, 0.18), foam)
    alpha = np.maximum(np.maximum(land, 0.62 * below), foam)
    return canvas.layer(picture, alpha, top=brief.height + brief.margin - rows, depth=0.8)


_ROCKS = (
    (-0.06, 0.50, 0.300, 0.170),
    (0.025, 0.42, 0.215, 0.105),
    (0.095, 0.25, 0.150, 0.095),
    (0.150, 0.46, 0.095, 0.070),
    (0.205, 0.30, 0.062, 0.065),
    (0.262, 0.40, 0.036, 0.045),
    (0.040, 0.05, 0.085, 0.130),
    (0.315, 0.62, 0.020, 0.036),
    (1.030, 0.20, 0.165, 0.130),
    (0.955, 0.08, 0.075, 0.090),
    (0.900, 0.28, 0.034, 0.050),
)
_MORE_ROCKS = ((0.370, 0.45, 0.030, 0.050), (0.860, 0.50, 0.050, 0.060), (0.985, 0.55, 0.115, 0.075), (0.440, 0.66, 0.016, 0.030))


def _foam(sea: Setting, height: Plane, view: terrain.View) -> Plane:
    """Torn white water where the sea meets stone, more of it in rough weather."""
    steps, columns = height.shape
    ring = canvas.blurred(height > _WET, 0.026 * sea.unit, 5.0)
    close = canvas.bent(ring, np.arange(columns, dtype=np.float32)[None, :], view.away * (steps - 1)) * view.cover
    torn = noise.ridged(sea.brief.rng, (view.cover.shape[0], columns), (0.020 * sea.unit, 0.11 * sea.unit), octaves=5, gain=0.72)
    low = canvas.smoothstep(view.level, 0.012, 0.001)
    wild = _roughness(sea.brief)
    white = canvas.smoothstep(close * (0.25 + 1.25 * torn), 0.36 - 0.10 * wild, 0.62)
    return np.asarray(white * low * (0.62 + 0.2 * wild), np.float32)


_WET = 0.005
"""Height in short sides below which stone is under water."""

_DRAWS = frozenset({"rocks", "birds", "moon", "stars", "sun", "boats", "island", "palms", "lighthouse", "tower", "bridge"})
SCENE = Scene(name="ocean", paint=paint, draws=_DRAWS)
