"""Mountains: a snow-covered massif and a far range above a lake, forest on its shores, mist between."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from reelgate.engines.preview import boat, canvas, conifer, noise, river, seamark, sky, terrain, weather
from reelgate.engines.preview.palette import mixed
from reelgate.engines.preview.plane import Picture, Plane
from reelgate.engines.preview.setting import Setting, settle
from reelgate.engines.preview.stage import Brief, Layer, Scene, Stage


def paint(brief: Brief) -> Stage:
    """The scene for a brief. No lake where the negative prompt refuses one: woods instead."""
    land = settle(brief, line=(0.72, 0.64), light_x=0.71, lift=0.245)
    dry = "lake" in brief.negative
    behind = [
        sky.firmament(brief, land.palette, land.line, land.light),
        sky.clouds(brief, land.palette, land.line, land.light),
        _range(land, _far_range(land)),
        _range(land, _massif(land)),
        _valley_mist(land),
        _forest(land, _FAR_SHORE),
        _forest(land, _NEAR_SLOPE if dry else _NEAR_SHORE),
    ]
    marks = seamark.marks(land, _BERTH) if not dry else seamark.NONE
    behind += [*marks.layers, *([boat.boats(land, depth=0.44)] if not dry and weather.asked(brief, "boats") else [])]
    woods = [_forest(land, edge) for edge in (_WOODS if dry else ())]
    ripple = 0.25 if weather.asked(brief, "calm", "reflections") else 0.55
    water = None if dry else land.water(tint_strength=0.30, ripple=ripple)
    meadows = [river.banks(land, depth=0.4)] if not dry and weather.asked(brief, "river") else []
    stage = land.staged(behind, [*woods, *meadows, _bank(land)], water=water, birds=4, ambience="wind")
    return replace(stage, alive=marks.roles(after=len(behind)))


_BERTH = seamark.Berth(island=0.80, mark=0.46, reach=0.085, air=0.14, depth=0.44, bridge=None, span=0.150, hill=0.070, firs=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Range:
    """A range of peaks that makes one layer."""

    peaks: tuple[terrain.Peak, ...]
    summit: float  # of a peak of height 1, in short sides
    steps: int  # of the height field
    air: tuple[float, float]  # share of haze at the summits and at the foot, before the palette's haziness
    foot: float  # by how much the range's foot stands above the shore, in short sides
    depth: float


def _massif(land: Setting) -> _Range:
    """One summit off centre on the side away from the light, a lesser one behind the light, a notch between for the light."""
    rng, wide = land.brief.rng, land.wide

    def peak(aside: float, away: float, height: float, reach: float) -> terrain.Peak:
        x = wide / 2.0 - land.side * aside * (0.5 + 0.5 * wide) + float(rng.uniform(-0.03, 0.03))
        return terrain.Peak(x=x, away=away, height=height * float(rng.uniform(0.94, 1.06)), reach=reach, depth=0.62)

    peaks = (
        peak(0.20, 0.62, 1.0, 0.62),
        peak(-0.02, 0.80, 0.60, 0.44),
        peak(0.50, 0.74, 0.70, 0.52),
        peak(-0.52, 0.68, 0.58, 0.44),
        peak(0.05, 0.32, 0.36, 0.34),
        peak(0.36, 0.30, 0.34, 0.38),
        peak(-0.44, 0.34, 0.24, 0.34),
    )
    summit = 0.60 if land.brief.height > land.brief.width else 0.52
    return _Range(peaks=peaks, summit=summit, steps=300, air=(0.05, 0.95), foot=0.02, depth=0.16)


def _far_range(land: Setting) -> _Range:
    """Lower peaks behind, drowned in air, lowest where the light stands."""
    rng, wide = land.brief.rng, land.wide
    light = wide * land.light.x

    def peak(x: float) -> terrain.Peak:
        height = float(rng.uniform(0.55, 1.0)) * (0.55 + 0.45 * min(1.0, abs(x - light) / 0.4))
        away, reach = float(rng.uniform(0.4, 0.8)), float(rng.uniform(0.30, 0.46))
        return terrain.Peak(x=x + float(rng.uniform(-0.08, 0.08)), away=away, height=height, reach=reach, depth=0.62)

    places = np.linspace(-0.1, wide + 0.1, round(3.2 * wide) + 2)
    return _Range(peaks=tuple(peak(float(x)) for x in places), summit=0.30, steps=110, air=(0.58, 1.0), foot=0.06, depth=0.09)


def _range(land: Setting, shape: _Range) -> Layer:
    height = _relief(land, shape)
    tallest = shape.summit * land.unit
    rows = round(tallest * min(1.3, float(height.max()) + 0.04) + 0.06 * land.unit)
    stand = terrain.Stand(
        rows=rows,
        foot=(rows - 1.0, rows - 0.06 * land.unit),
        scale=(tallest, tallest),
        sun=(0.86 * land.side, 0.34, 0.14),
        relief=150.0 * land.unit / 720.0,
    )
    view = terrain.seen(height, stand)
    down = np.linspace(0.0, 1.0, rows, dtype=np.float32)[:, None]
    share = shape.air[0] + 0.22 * view.away + (shape.air[1] - shape.air[0]) * canvas.smoothstep(down, 0.42, 1.0)
    share = np.clip(share * (0.35 + 0.75 * land.palette.haziness) + land.murk, 0.0, 1.0)
    picture = canvas.between(_snow_and_rock(land, view), land.air(rows, warmth=0.55), share)
    return canvas.layer(picture, view.cover, top=land.shore - rows - round(shape.foot * land.unit), depth=shape.depth)


def _relief(land: Setting, shape: _Range) -> Plane:
    ground = terrain.Ground(
        steps=shape.steps,
        columns=land.columns,
        left=land.brief.margin,
        unit=land.unit,
        grain=(60.0, 160.0 * land.unit / 720.0),
        roughness=0.075,
    )
    near = canvas.smoothstep(np.linspace(0.0, 1.0, shape.steps, dtype=np.float32)[:, None], 0.0, 0.2)
    return np.asarray(terrain.carved(land.brief.rng, ground, shape.peaks) * near, np.float32)


def _snow_and_rock(land: Setting, view: terrain.View) -> Picture:
    """Colours of the land: snow where it is high and not too steep, rock elsewhere, each with a lit and a shaded tone."""
    palette, rng, scale = land.palette, land.brief.rng, land.unit / 720.0
    shape = (view.cover.shape[0], view.cover.shape[1])
    crag = noise.ridged(rng, shape, (52.0 * scale, 15.0 * scale), octaves=4, gain=0.60)
    grain = noise.fbm(rng, shape, (34.0 * scale, 15.0 * scale), octaves=4, gain=0.70)
    bump = 0.6 * (crag - canvas.moved(crag, 2.0 * land.side, -1.2)) + 0.05 * (grain - canvas.moved(grain, 2.0 * land.side, -1.0))
    cliff = view.steep + 0.06 * grain + 0.34 * (crag - 0.42)
    snowline = 0.05 if weather.asked(land.brief, "snow") else 0.22
    snow = canvas.smoothstep(view.level + 0.035 * grain, snowline, snowline + 0.17) * canvas.smoothstep(cliff, 0.60, 0.45)
    lit = canvas.smoothstep(view.light + bump * (0.5 + 0.9 * (1.0 - snow)), 0.10, 0.78)
    dark = canvas.between(mixed(palette.shade, palette.ground, 0.60), mixed(palette.shade, palette.haze, 0.12), snow)
    dark = canvas.times(dark, np.clip(1.04 + 0.8 * bump - 0.30 * view.steep, 0.6, 1.15))
    bright = canvas.between(mixed(palette.light, palette.ground, 0.52), palette.light, snow)
    return canvas.between(dark, bright, lit)


def _valley_mist(land: Setting) -> Layer:
    top = land.line - 0.20 * land.unit / land.brief.height
    bank = sky.Bank(top=top, bottom=land.line, strength=0.45 + 0.45 * land.palette.haziness)
    return sky.mist(land.brief, mixed(land.palette.haze, land.palette.light, 0.25), bank, depth=0.22, drift=9.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Edge:
    """An edge of forest. Lengths in short sides."""

    tall: float  # its trees
    rise: float  # of the ground that they stand on, above the edge's foot
    air: float  # share of haze, before the palette's haziness
    depth: float
    drop: float = 0.0  # of its foot below the shore, 0 = none, 1 = to the bottom of the frame
    below: float = 0.0  # how far the ground goes on below its foot


_FAR_SHORE = _Edge(tall=0.055, rise=0.070, air=0.62, depth=0.30)
_NEAR_SHORE = _Edge(tall=0.085, rise=0.012, air=0.12, depth=0.42)
_NEAR_SLOPE = _Edge(tall=0.080, rise=0.030, air=0.42, depth=0.40, below=0.20)
_WOODS = (
    _Edge(tall=0.115, rise=0.05, air=0.22, depth=0.52, drop=0.42, below=0.25),
    _Edge(tall=0.165, rise=0.06, air=0.04, depth=0.66, drop=1.0),
)


def _forest(land: Setting, edge: _Edge) -> Layer:
    """Trees on low hills, standing in mist at their feet, lit along their edges."""
    brief, palette, unit = land.brief, land.palette, land.unit
    hills = noise.line(brief.rng, land.columns, 0.55 * unit, octaves=4)
    level = np.clip(edge.rise * unit * (1.0 + 0.42 * hills), 2.0, None)
    above, below = round(float(level.max()) + edge.tall * unit * 1.3) + 2, round(max(brief.margin * edge.depth, edge.below * unit))
    ground = np.asarray(above - level, np.float32)
    cover = conifer.forest(brief.rng, above + below, conifer.Edge(ground=ground, tall=edge.tall * unit, density=1.0))
    down = np.linspace(0.0, min(1.8, 1.0 + below / above), above + below, dtype=np.float32)[:, None]
    share = np.clip(edge.air * (0.70 + 0.45 * palette.haziness) + (0.25 + 0.40 * edge.air) * down**2, 0.0, 0.94)
    picture = canvas.between(palette.ground, land.air(above + below, warmth=0.55), share)
    picture = canvas.screened(picture, palette.light, conifer.edge_light(cover, 1.6 * land.side, -0.6) * 0.34)
    foot = land.shore + round(edge.drop * (brief.height + brief.margin - land.shore))
    return canvas.layer(picture, cover, top=foot - above, depth=edge.depth)


def _bank(land: Setting) -> Layer:
    """Firs and a dark bank in the corner away from the light: the frame within the frame."""
    brief, palette, unit, rng = land.brief, land.palette, land.unit, land.brief.rng
    rows, columns = brief.height + brief.margin, land.columns
    x = (np.arange(columns, dtype=np.float32) - brief.margin) / unit
    aside = x if land.side > 0.0 else land.wide - x
    rough = 0.012 * noise.line(rng, columns, 0.16 * unit, octaves=5, gain=0.6) - 0.03
    ground = brief.height - (0.15 * canvas.smoothstep(aside, 0.55 * land.wide, -0.12) + rough) * unit
    cover = np.asarray(np.clip(np.arange(rows, dtype=np.float32)[:, None] - ground[None, :], 0.0, 1.0), np.float32)
    for place, height in _FIRS if "trees" not in brief.negative else ():
        column = land.aside(place * min(1.3, land.wide) / land.wide) * brief.width + brief.margin
        foot = float(ground[min(columns - 1, max(0, round(column)))]) + 0.02 * unit
        tree = conifer.great_fir(rng, (rows, columns), (column, foot), height * unit * float(rng.uniform(0.92, 1.08)))
        np.maximum(cover, tree, out=cover)
    picture = canvas.filled(rows, columns, mixed(palette.ground, palette.haze, 0.05))
    picture = canvas.screened(picture, palette.light, conifer.edge_light(cover, 2.0 * land.side, -0.8) * 0.30)
    return canvas.layer(picture, cover, top=0, depth=0.85)


_FIRS = ((0.045, 0.62), (0.155, 0.40), (-0.04, 0.50), (0.245, 0.22))
"""Near trees: distance from the edge away from the light, height; short sides."""

_SKY = {"birds", "moon", "stars", "sun"}
_WATER = {"lake", "river", "boats", "island", "palms", "lighthouse", "tower", "bridge"}
SCENE = Scene(name="mountains", paint=paint, draws=frozenset({"rocks", "trees", *_SKY, *_WATER}))
