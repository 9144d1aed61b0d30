"""City: a skyline in three depths of haze across the water, windows lit in clusters, signs that glow, a quay with lamps."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
import numpy.typing as npt

from reelgate.engines.preview import boat, canvas, landmark, masonry, noise, seamark, sky, tower, traffic, weather
from reelgate.engines.preview.palette import mixed
from reelgate.engines.preview.plane import Plane
from reelgate.engines.preview.setting import Setting, settle
from reelgate.engines.preview.stage import Brief, Layer, Role, Scene, Stage


def paint(brief: Brief) -> Stage:
    """The scene for a brief."""
    city = settle(brief, line=(0.735, 0.70), light_x=0.69, lift=0.17)
    marks = seamark.marks(city, _BERTH)
    behind = (
        sky.firmament(brief, city.palette, city.line, city.light),
        sky.clouds(brief, city.palette, city.line, city.light),
        _skyline(city, _FAR),
        _skyline(city, _MIDDLE),
        *([_needle(city)] if weather.asked(brief, "tower") else []),
        _street_mist(city),
        _skyline(city, _NEAR),
        *marks.layers,
        *([boat.boats(city, depth=0.31)] if weather.asked(brief, "boats") else []),
    )
    ripple = 0.4 if weather.asked(brief, "calm", "reflections") else 0.8
    stage = city.staged(behind, [_quay(city)], water=city.water(tint_strength=0.34, ripple=ripple), birds=3, ambience="city")
    return replace(stage, alive=(*_cars(city, after=len(behind)), *marks.roles(after=len(behind))))


_BERTH = seamark.Berth(island=0.80, mark=0.60, reach=0.085, air=0.06, depth=0.31, bridge=(0.17, 0.83), span=0.30, hill=0.05, keep=False)


def _needle(city: Setting) -> Layer:
    """A broadcasting tower where the skyline opens before the light."""
    tall = min(0.97 * city.shore, 1.16 * city.unit)
    site = masonry.Site(x=city.aside(0.585) * city.brief.width, foot=city.shore, air=0.20 + 0.30 * city.palette.haziness, depth=0.2)
    return masonry.planted(city, landmark.needle(city, tall), site)


def _cars(city: Setting, *, after: int) -> tuple[Role, ...]:
    """Cars on the embankment, where traffic is asked for."""
    if not weather.asked(city.brief, "traffic"):
        return ()
    rows = np.full(city.brief.width, city.shore - 0.010 * city.unit, np.float32)
    road = traffic.Road(rows=rows, depth=0.30, many=round(16 * city.wide), lit=city.palette.lamps > _DUSK, bodies=traffic.bodies_of(city))
    return (Role(after=after, cast=lambda size, _: traffic.Traffic(road, size, city.brief.own("traffic"))),)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """One depth of the skyline."""

    height: float  # of its greatest towers; 1 = the landmark's
    width: tuple[float, float]  # of towers, in short sides
    pitch: float  # from floor to floor, in short sides
    gap: float  # chance of a gap between two towers
    air: tuple[float, float]  # share of haze at the roofs and at the feet, before the palette's haziness
    peak: float  # where the highest cluster stands: 0 = edge away from the light, 1 = the other edge
    spread: float  # how wide that cluster is
    floor: float  # height of the towers far from the cluster
    depth: float
    plain: bool = False
    landmark: bool = False
    embankment: bool = False


_FAR = _Row(
    height=0.78, width=(0.026, 0.070), pitch=0.0056, gap=0.20, air=(0.52, 0.96), peak=0.66, spread=0.42, floor=0.36, depth=0.10, plain=True
)
_MIDDLE = _Row(
    height=0.88,
    width=(0.045, 0.100),
    pitch=0.0072,
    gap=0.20,
    air=(0.16, 0.70),
    peak=0.32,
    spread=0.28,
    floor=0.30,
    depth=0.18,
    landmark=True,
)
_NEAR = _Row(
    height=0.52,
    width=(0.060, 0.135),
    pitch=0.0100,
    gap=0.14,
    air=(0.02, 0.30),
    peak=0.02,
    spread=0.36,
    floor=0.30,
    depth=0.30,
    embankment=True,
)


def _skyline(city: Setting, row: _Row) -> Layer:
    palette, tallest = city.palette, _tallest(city)
    rows = round(tallest * (1.02 if row.landmark else row.height * 1.22))
    neon = 1.0 if city.brief.palette == "neon" or weather.asked(city.brief, "neon") else 0.55 * palette.lamps
    style = tower.Style(
        palette=palette,
        side=city.side,
        pitch=max(3, round(row.pitch * city.unit)),
        neon=neon,
        lit=palette.lamps * (0.5 if row.plain else 1.0),
        plain=row.plain,
    )
    site = tower.Site(front=tower.blank(rows, city.columns), style=style, rng=city.brief.rng)
    _line_up(city, row, site)
    if row.landmark:
        middle = round(city.aside(0.36) * city.brief.width) + city.brief.margin
        tower.landmark(site, middle, round(0.085 * city.unit), round(tallest))
    if row.embankment:
        _embankment(city, site.front)
    return _lit(city, row, site.front)


def _tallest(city: Setting) -> float:
    """Height of the landmark, pixels."""
    return min(0.86 * city.shore, 1.08 * city.unit)


def _line_up(city: Setting, row: _Row, site: tower.Site) -> None:
    """Towers from edge to edge, now and then with a gap."""
    left = -round(0.05 * city.unit)
    while left < city.columns:
        width = round(site.between(*row.width) * city.unit)
        place = city.aside((left + width / 2.0 - city.brief.margin) / city.brief.width)
        height = row.height * _tallest(city) * _outline(city, row, place) * site.between(0.62, 1.0)
        tower.build(site, left, width, max(4 * site.style.pitch, round(height)))
        left += width + (round(site.between(0.2, 0.8) * width) if site.chance(row.gap) else 0)


def _outline(city: Setting, row: _Row, place: float) -> float:
    """How high towers may be at a place (0 = the edge away from the light): a cluster, and an opening before the light."""
    cluster = row.floor + (1.0 - row.floor) * float(np.exp(-(((place - row.peak) / row.spread) ** 2)))
    return cluster * (1.0 - 0.62 * float(np.exp(-(((place - city.aside(city.light.x)) / 0.07) ** 2))))


def _embankment(city: Setting, front: tower.Elevation) -> None:
    """Where the city meets the water: a dark wall, trees, and a string of lamps."""
    rng, unit, palette = city.brief.rng, city.unit, city.palette
    rows, columns = front.cover.shape
    groves = canvas.smoothstep(noise.line(rng, columns, 0.3 * unit, octaves=2), -0.5, 0.6)
    crowns = np.clip(np.abs(noise.line(rng, columns, 0.045 * unit, octaves=5, gain=0.6)), 0.0, 1.5) * groves
    level = rows - (0.012 + 0.018 * crowns) * unit
    trees = np.clip(np.arange(rows, dtype=np.float32)[:, None] - level[None, :] + 1.0, 0.0, 1.0)
    front.wall[:] = canvas.between(front.wall, mixed(palette.ground, palette.shade, 0.12), trees)
    front.lamp[:] = canvas.times(front.lamp, 1.0 - trees)
    front.cover[:] = np.maximum(front.cover, trees)
    if palette.lamps == 0.0:
        return
    size, row = max(2, round(0.0042 * unit)), rows - round(0.016 * unit)
    for number, column in enumerate(range(round(0.02 * unit), columns - size, round(0.044 * unit))):
        front.lamp[row : row + size, column : column + size] = np.asarray(tower.WARM[number % 2], np.float32)


def _lit(city: Setting, row: _Row, front: tower.Elevation) -> Layer:
    """Air over the walls, then the lamps and their glow, which reaches beyond the walls."""
    rows, palette = front.cover.shape[0], city.palette
    down = np.linspace(0.0, 1.0, rows, dtype=np.float32)[:, None]
    share = row.air[0] + (row.air[1] - row.air[0]) * canvas.smoothstep(down, 0.25, 1.0)
    share = np.clip(share * (0.45 + 0.75 * palette.haziness), 0.0, 0.95)
    wall = canvas.between(front.wall, city.air(rows, warmth=0.6, paleness=0.4), share)
    lamp = canvas.times(front.lamp, 1.0 - 0.62 * share)
    seen = np.clip(lamp, 0.0, 1.0, dtype=np.float32)
    shown = canvas.times(np.asarray(seen + wall * (1.0 - seen), np.float32), front.cover)
    glow = sum(weight * canvas.blurred(lamp, reach * city.unit) for reach, weight in _HALO)
    skirt = ((0, round(city.brief.margin * row.depth)), (0, 0))
    return canvas.glowing(
        np.pad(shown, (*skirt, (0, 0)), mode="edge"),
        np.pad(front.cover, skirt, mode="edge"),
        np.pad(np.clip(glow * palette.lamps, 0.0, 0.85), (*skirt, (0, 0)), mode="edge"),
        top=city.shore - rows,
        depth=row.depth,
    )


_HALO = ((0.002, 0.55), (0.012, 0.50), (0.048, 0.55))
"""Glow around lit windows: reach in short sides, strength."""


def _street_mist(city: Setting) -> Layer:
    """Haze over the streets behind the nearest row, lit from below."""
    palette = city.palette
    colour = mixed(palette.haze, mixed(palette.blaze, palette.glitter, 0.3), 0.25 + 0.25 * palette.lamps)
    bank = sky.Bank(top=city.line - 0.30 * city.unit / city.brief.height, bottom=city.line, strength=0.35 + 0.4 * palette.haziness)
    return sky.mist(city.brief, colour, bank, depth=0.24, drift=7.0)


def _quay(city: Setting) -> Layer:
    """A dark quay along the bottom edge with a railing and two lamps."""
    brief, palette, unit = city.brief, city.palette, city.unit
    rows = round(0.44 * unit) + brief.margin
    ground = rows - brief.margin - round(0.022 * unit)
    ink, lamps = np.zeros((rows, city.columns), np.uint8), np.zeros((rows, city.columns), np.float32)
    ink[ground:] = 255
    _railing(ink, ground, unit)
    for place in (0.10, 0.60):
        _lamp_post(ink, lamps, (round(city.aside(place) * brief.width) + brief.margin, ground), unit)
    cover = canvas.blurred(ink / np.float32(255.0), 0.0011 * unit)
    halo = canvas.blurred(lamps, 0.006 * unit) * 1.1 + canvas.blurred(lamps, 0.030 * unit) * 3.2
    glow = np.clip(halo * (0.15 + palette.lamps), 0.0, 0.8)
    colour = mixed(tower.WARM[0], palette.glitter, 0.35)
    shine = np.clip(lamps * palette.lamps * 1.6, 0.0, 1.0)
    shown = canvas.times(canvas.between(mixed(palette.ground, palette.haze, 0.04), colour, shine), cover)
    light = canvas.between((0.0, 0.0, 0.0), colour, glow)
    return canvas.glowing(shown, cover, light, top=brief.height + brief.margin - rows, depth=0.8)


def _railing(ink: npt.NDArray[np.uint8], ground: int, unit: float) -> None:
    thick = max(1, round(0.0026 * unit))
    rail = ground - round(0.046 * unit)
    for row in (rail, rail + round(0.016 * unit), rail + round(0.032 * unit)):
        ink[row : row + thick] = 255
    step = round(0.075 * unit)
    for column in range(step // 2, ink.shape[1], step):
        ink[rail - thick : ground, column : column + thick + 1] = 255


def _lamp_post(ink: npt.NDArray[np.uint8], lamps: Plane, foot: tuple[int, int], unit: float) -> None:
    """A post with two arms; its lights go into `lamps`."""
    column, ground = foot
    height, thick = round(0.33 * unit), max(1, round(0.0026 * unit))
    top, arm = ground - height, max(4, height // 9)
    cv2.line(ink, (column, ground), (column, top), 255, thick + 1, cv2.LINE_AA)
    cv2.line(ink, (column - arm, top), (column + arm, top), 255, thick, cv2.LINE_AA)
    for x in (column - arm, column + arm):
        cv2.circle(ink, (x, top + thick * 2), thick * 2, 255, -1, cv2.LINE_AA)
        lamps[top : top + thick * 4, x - thick * 2 : x + thick * 2 + 1] = 1.0


_DUSK = 0.1  # lamps of a palette from which on cars have theirs on

_SKY = {"birds", "moon", "stars", "sun"}
_WATER = {"lake", "river", "boats", "island", "palms", "lighthouse", "bridge"}  # it lies on a river as it is
SCENE = Scene(name="city", paint=paint, draws=frozenset({"trees", "tower", "traffic", *_SKY, *_WATER}))
