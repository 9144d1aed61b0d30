"""Bridges seen from the side: one that hangs from its cables, with the cars on it, and a viaduct of stone arches."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from reelgate.engines.preview import canvas, masonry
from reelgate.engines.preview.palette import mixed
from reelgate.engines.preview.plane import Colour, Plane
from reelgate.engines.preview.setting import Setting
from reelgate.engines.preview.stage import Layer
from reelgate.engines.preview.tower import WARM, Elevation, blank


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A bridge across the frame. Lengths in short sides."""

    tall: float  # its towers above the water, or a viaduct's parapet
    deck: float  # the road above the water
    towers: tuple[float, float]  # fractions of the frame's width
    colour: Colour
    air: float  # share of haze, 0 to 1
    depth: float


def hanging(land: Setting, span: Span) -> Layer:
    """Two towers, a cable on each side of the road, and hangers, from edge to edge of the frame."""
    unit, rows = land.unit, round(span.tall * land.unit) + 4
    front = blank(rows, land.columns)
    towers = [place * land.brief.width + land.brief.margin for place in span.towers]
    dark, lit = masonry.tones_of(land, span.colour)
    thin, water = max(0.55, 0.0016 * unit), float(rows)
    columns = np.arange(0, land.columns + 1, 4, dtype=np.float32)
    cable, road = rows - _cable(columns, towers, span, unit), rows - _road(columns, land, span)
    for far in (1, 0):  # the cable of the far side is seen a little higher, and thinner
        lift = 0.006 * unit * far
        masonry.strand(front, _line(columns, cable - lift), thin * (1.3 - 0.5 * far), mixed(dark, lit, 0.2 * (1 - far)))
        for column in np.arange(float(towers[0]) % (_HANGER * unit), land.columns, _HANGER * unit).tolist():
            top, foot = (float(np.interp(column, columns, line)) for line in (cable - lift, road))
            if foot - top > 1.0:
                masonry.strand(front, [(column, top), (column, foot)], 0.40 * thin, dark)
    deep = 0.013 * unit
    masonry.fill(front, [*_line(columns, road), *_line(columns, road + deep)[::-1]], dark)
    masonry.strand(front, _line(columns, road), thin, mixed(dark, lit, 0.8))
    for tower in towers:
        _tower(land, front, (tower, water), span, (dark, lit))
    _lamps(land, front, (columns, road, cable), towers)
    return _set(land, front, span)


def viaduct(land: Setting, span: Span) -> Layer:
    """Stone arches across the frame, each lit under its vault on the side of the light."""
    unit, rows = land.unit, round(span.tall * land.unit) + 4
    front = blank(rows, land.columns)
    dark, lit = masonry.tones_of(land, span.colour)
    y = (rows - np.arange(rows, dtype=np.float32)[:, None] - 0.5) / unit
    pitch, pier = 0.62 * span.tall, 0.16 * span.tall
    x = ((np.arange(land.columns, dtype=np.float32)[None, :] - land.brief.margin) / unit - land.wide * 0.5) / pitch
    aside = (x - np.floor(x) - 0.5) * pitch
    half = (pitch - pier) / 2.0
    spring = span.tall * 0.80 - half
    inside = _arch(aside, y, half, spring) * unit
    vault = _arch(aside - land.side * 0.10 * half, y, half, spring) * unit  # what is seen of the arch's far edge
    cover = np.clip(0.5 - np.minimum(inside, vault), 0.0, 1.0) * np.clip((span.tall - y) * unit + 0.5, 0.0, 1.0)
    wall = np.clip(0.5 - inside, 0.0, 1.0)
    rng = land.brief.own("viaduct")
    courses = 0.015 * np.sin(y * math.tau / 0.011) + 0.16 * canvas.enlarged(
        rng.random((rows // 3 + 1, land.columns // 5 + 1), np.float32), rows, land.columns
    )
    face = canvas.between(dark, lit, np.clip(0.42 + courses + 0.25 * y / span.tall, 0.0, 1.0))
    under = mixed(dark, land.palette.ground, 0.45)
    front.wall[:] = canvas.between(under, face, np.broadcast_to(wall, cover.shape))
    cornice = np.clip(1.0 - np.abs(y - 0.955 * span.tall) * unit / (0.010 * span.tall * unit + 0.6), 0.0, 1.0)
    ring = np.clip(1.2 - np.abs(inside + 0.016 * span.tall * unit) / (0.016 * span.tall * unit), 0.0, 1.0) * (y > spring)
    front.wall[:] = canvas.between(
        front.wall, lit, np.asarray(np.clip(0.75 * cornice + 0.35 * ring * wall, 0.0, 1.0) + np.zeros_like(cover), np.float32)
    )
    front.cover[:] = cover
    return _set(land, front, span)


def deck_of(land: Setting, span: Span) -> Plane:
    """The rows of the frame at which the road lies, one for each of its columns."""
    columns = np.arange(land.brief.width, dtype=np.float32) + land.brief.margin
    return np.asarray(land.shore - _road(columns, land, span), np.float32)


def _line(columns: Plane, rows: canvas.Numbers) -> masonry.Points:
    return list(zip(columns.tolist(), rows.tolist(), strict=True))


def _arch(aside: canvas.Numbers, y: canvas.Numbers, half: float, spring: float) -> canvas.Numbers:
    """How far inside an opening a place lies, short sides: negative in the stone."""
    round_ = half - np.hypot(aside, np.clip(y - spring, 0.0, None))
    return np.asarray(round_, np.float32)


def _road(columns: Plane, land: Setting, span: Span) -> Plane:
    """Height of the road above the water in pixels: a little higher in the middle."""
    x = (columns - land.brief.margin) / land.brief.width - 0.5
    return np.asarray((span.deck + 0.014 * (1.0 - 4.0 * x * x)) * land.unit, np.float32)


def _cable(columns: Plane, towers: list[float], span: Span, unit: float) -> Plane:
    """Height of the cable above the water in pixels: it hangs in the middle almost to the road, and runs down to both shores."""
    first, second = towers
    middle, half = (first + second) / 2.0, (second - first) / 2.0
    low, high = (span.deck + 0.030) * unit, 0.985 * span.tall * unit
    between = low + (high - low) * ((columns - middle) / half) ** 2
    beyond = (np.abs(columns - middle) - half) / half
    shore = high - (high - 0.6 * span.deck * unit) * np.clip(beyond / 0.62, 0.0, 2.0) * 0.96
    return np.asarray(np.where(beyond > 0.0, shore, between), np.float32)


def _tower(land: Setting, front: Elevation, foot: tuple[float, float], span: Span, tones: tuple[Colour, Colour]) -> None:
    """Two legs, braces between them, a pier in the water."""
    x, row = foot
    unit, tall = land.unit, span.tall * land.unit
    dark, lit = tones
    wide, leg = 0.030 * unit * (span.tall / 0.30) ** 0.5, 0.0085 * unit * (span.tall / 0.30) ** 0.5
    for high, low in ((0.99, 0.955), (0.80, 0.775), (0.60, 0.575), (0.40, 0.375)):
        masonry.fill(
            front,
            [(x - wide, row - high * tall), (x + wide, row - high * tall), (x + wide, row - low * tall), (x - wide, row - low * tall)],
            dark,
        )
    for side in (-1.0, 1.0):
        middle = x + side * (wide - leg)
        shape = [(middle - 0.8 * leg, row - tall), (middle + 0.8 * leg, row - tall), (middle + 1.25 * leg, row), (middle - 1.25 * leg, row)]
        masonry.fill(front, shape, mixed(dark, lit, 0.35))
        edge = middle + land.side * 0.55 * leg
        shape = [(edge - 0.3 * leg, row - tall), (edge + 0.3 * leg, row - tall), (edge + 0.45 * leg, row), (edge - 0.45 * leg, row)]
        masonry.fill(front, shape, lit)
        if land.palette.lamps >= _DUSK:
            masonry.shine(front, shape, _FLOOD)
    pier = 1.35 * wide
    masonry.fill(
        front,
        [(x - pier, row - 0.018 * unit), (x + pier, row - 0.018 * unit), (x + 1.1 * pier, row), (x - 1.1 * pier, row)],
        mixed(dark, land.palette.ground, 0.3),
    )


def _lamps(land: Setting, front: Elevation, lines: tuple[Plane, Plane, Plane], towers: list[float]) -> None:
    """By night a string of lamps along the road and the cables, and a red light on each tower."""
    if land.palette.lamps < _DUSK:
        return
    columns, road, cable = lines
    unit, size = land.unit, max(0.9, 0.0027 * land.unit)
    for number, column in enumerate(np.arange(0.01 * unit, float(columns[-1]), 0.024 * unit).tolist()):
        row = float(np.interp(column, columns, road)) - 0.006 * unit
        _dot(front, (column, row), size, WARM[number % 2])
        above = float(np.interp(column, columns, cable))
        if number % 2 and row - above > 0.02 * unit:
            _dot(front, (column, above), 0.75 * size, mixed(WARM[1], (0.0, 0.0, 0.0), 0.35))
    masonry.shine(front, [*_line(columns, road), *_line(columns, road + 0.005 * unit)[::-1]], _FLOOD)
    for tower in towers:
        _dot(front, (tower, 2.0), 1.3 * size, (1.0, 0.20, 0.12))


def _dot(front: Elevation, at: tuple[float, float], size: float, colour: Colour) -> None:
    column, row = (math.floor(each) for each in at)
    reach = math.ceil(size) + 1
    rows = slice(max(0, row - reach), max(0, row + reach + 1))
    columns = slice(max(0, column - reach), max(0, column + reach + 1))
    spot = front.lamp[rows, columns]
    if not spot.size:
        return
    down = np.arange(rows.start, rows.start + spot.shape[0], dtype=np.float32)[:, None] + 0.5 - at[1]
    right = np.arange(columns.start, columns.start + spot.shape[1], dtype=np.float32)[None, :] + 0.5 - at[0]
    light = np.exp(-((np.hypot(down, right) / size) ** 2))
    np.maximum(spot, canvas.between((0.0, 0.0, 0.0), colour, np.asarray(light, np.float32)), out=spot)
    cover = front.cover[rows, columns]
    np.maximum(cover, np.asarray(light, np.float32), out=cover)


def _set(land: Setting, front: Elevation, span: Span) -> Layer:
    middle = land.brief.width / 2.0
    return masonry.planted(land, front, masonry.Site(x=middle, foot=land.shore + 1.0, air=span.air, depth=span.depth))


_HANGER = 0.020  # short sides from one to the next
_FLOOD = (0.40, 0.27, 0.15)  # what floodlights make of steel
_DUSK = 0.2  # lamps of a palette from which on those of a bridge are lit
