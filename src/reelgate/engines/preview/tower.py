"""Towers of a city: facades with windows that are lit in clusters, stepped roofs, masts, neon signs.

What the daylight shows and what the lamps show are kept apart until the end, so that lit windows and signs can glow over
their edges.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from reelgate.engines.preview import canvas
from reelgate.engines.preview.palette import Palette, mixed
from reelgate.engines.preview.plane import Colour, Picture, Plane

Box: TypeAlias = tuple[int, int, int, int]
"""Top, bottom, left, right: rows and columns, the second and the last excluded."""

NEON: tuple[Colour, ...] = ((0.10, 0.92, 1.0), (1.0, 0.18, 0.62), (0.62, 0.30, 1.0), (1.0, 0.62, 0.16), (0.25, 1.0, 0.70))
WARM: tuple[Colour, ...] = ((1.0, 0.80, 0.50), (1.0, 0.88, 0.66), (1.0, 0.72, 0.40), (0.86, 0.93, 1.0))
STONE: tuple[Colour, ...] = (
    (0.78, 0.72, 0.62),  # limestone
    (0.60, 0.46, 0.40),  # brick
    (0.46, 0.58, 0.68),  # blue glass
    (0.80, 0.82, 0.84),  # concrete
    (0.36, 0.42, 0.50),  # dark glass
    (0.66, 0.60, 0.58),  # granite
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Elevation:
    """A row of houses seen from the front, as it is being painted: all planes of the layer's size."""

    wall: Picture  # by daylight
    lamp: Picture  # by its own light, black where there is none
    cover: Plane


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """How the towers of one row look."""

    palette: Palette
    side: float  # +1: the light comes from the right, -1: from the left
    pitch: int  # pixels from floor to floor
    neon: float  # share of signs and coloured windows, 0 to 1
    lit: float  # share of lit windows, 0 to 1
    plain: bool = False  # far away: no signs, few masts


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Where towers are built."""

    front: Elevation
    style: Style
    rng: np.random.Generator

    def chance(self, share: float) -> bool:
        """True in `share` of all cases."""
        return float(self.rng.random()) < share

    def pick(self, colours: tuple[Colour, ...]) -> Colour:
        """One of them."""
        return colours[int(self.rng.integers(len(colours)))]

    def between(self, low: float, high: float) -> float:
        """Any number from `low` to `high`."""
        return float(self.rng.uniform(low, high))


def blank(rows: int, columns: int) -> Elevation:
    """An empty elevation."""
    wall, lamp = np.zeros((rows, columns, 3), np.float32), np.zeros((rows, columns, 3), np.float32)
    return Elevation(wall=wall, lamp=lamp, cover=np.zeros((rows, columns), np.float32))


def build(site: Site, left: int, width: int, height: int) -> None:
    """One tower standing on the last row: one to three blocks, each narrower than the one below, and a roof."""
    rows, pitch = site.front.cover.shape[0], site.style.pitch
    look = _look(site)
    bottom, whole = rows, (rows - height, rows, left, left + width)
    for step in _steps(site, height):
        upper = round(rows - height * step)
        _block(site, (upper, bottom, left, left + width), look)
        bottom = upper
        if step < 1.0:
            inset = max(pitch // 2, round(width * site.between(0.08, 0.17)))
            left, width = left + inset, max(2 * pitch, width - 2 * inset)
    _roof(site, (rows - height, rows, left, left + width), look)
    if not site.style.plain and site.chance(site.style.neon * 0.75):
        _trim(site, whole)


def landmark(site: Site, middle: int, width: int, height: int) -> None:
    """The one tower that the eye rests on: a slender shaft that steps inwards to a lit crown and a needle."""
    rows, style = site.front.cover.shape[0], site.style
    look = _Look(wall=_look(site).wall, tone=0.4, kind="ribs", lamp=mixed(WARM[1], style.palette.glitter, 0.35))
    lit = style.lit > _DAYLIGHT
    bottom = rows
    for reach, share in ((0.46, 1.0), (0.70, 0.80), (0.84, 0.58), (0.92, 0.36)):
        half = round(width * share / 2.0)
        upper = round(rows - height * reach)
        _block(site, (upper, bottom, middle - half, middle + half), look)
        if lit:
            cornice = (upper, upper + max(1, style.pitch // 3), middle - half, middle + half)
            _shine(site.front, cornice, mixed(style.palette.glitter, look.lamp, 0.5))
        bottom = upper
    thin = max(1, style.pitch // 5)
    needle = (rows - height, bottom, middle - thin, middle + thin)
    _fill(site.front, needle, mixed(style.palette.shade, style.palette.ground, 0.4))
    if lit:
        _shine(site.front, (rows - height, rows - height + 2 * thin, middle - thin, middle + thin), _BEACON)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """What one tower is made of."""

    wall: Colour
    tone: float  # 0 = pale, 1 = dark
    kind: str  # of windows: grid, bands or ribs
    lamp: Colour  # of most of its windows


def _look(site: Site) -> _Look:
    style = site.style
    return _Look(
        wall=mixed(style.palette.shade, site.pick(STONE), 0.30 + 0.30 * (1.0 - style.lit)),
        tone=site.between(0.0, 1.0),
        kind=str(site.rng.choice(("grid", "bands", "ribs"), p=(0.45, 0.28, 0.27))),
        lamp=_lamp_colour(site),
    )


def _steps(site: Site, height: int) -> tuple[float, ...]:
    """At which shares of its height a tower steps inwards; the last is its roof."""
    if height <= _LOW * site.style.pitch:
        return (1.0,)
    choices = ((1.0,), (site.between(0.6, 0.85), 1.0), (0.55, 0.80, 1.0))
    return choices[int(site.rng.choice(3, p=(0.42, 0.36, 0.22)))]


def _block(site: Site, box: Box, look: _Look) -> None:
    """One block of a tower: a wall that brightens towards the light, a narrow lit side, panes that mirror the sky."""
    front, style, palette = site.front, site.style, site.style.palette
    top, bottom, left, right = _clipped(front, box)
    rows, columns = bottom - top, right - left
    if min(rows, columns) < _LEAST:
        return
    across = np.linspace(0.0, 1.0, columns, dtype=np.float32)[None, :]
    facing = across if style.side > 0.0 else 1.0 - across
    edge = canvas.smoothstep(facing, 0.83, 0.85)
    glass, lamp = _windows(site, rows, columns, look)
    stone = mixed(look.wall, palette.ground, 0.16 + 0.40 * look.tone)
    struck = mixed(mixed(palette.light, look.wall, 0.25), palette.ground, 0.06 + 0.22 * look.tone)
    wall = canvas.between(stone, struck, (0.05 + 0.20 * facing + 0.62 * edge) * (1.0 - 0.55 * style.lit))
    pane = _mirrored_sky(palette, rows)
    front.wall[top:bottom, left:right] = canvas.between(wall, pane, glass * (0.72 - 0.30 * edge))
    front.lamp[top:bottom, left:right] = lamp * (1.0 - 0.8 * edge[..., None])
    front.cover[top:bottom, left:right] = 1.0


def _mirrored_sky(palette: Palette, rows: int) -> Picture:
    """What window panes show by day: (rows, 1, 3)."""
    down = np.linspace(0.0, 1.0, rows, dtype=np.float32)[:, None]
    sky = canvas.between(mixed(palette.middle, palette.zenith, 0.3), mixed(palette.horizon, palette.ground, 0.35), down)
    return canvas.between(sky, palette.ground, np.full((rows, 1), 0.44, np.float32))


def _windows(site: Site, rows: int, columns: int, look: _Look) -> tuple[Plane, Picture]:
    """Where there is glass (rows, columns), and what shines from behind it (rows, columns, 3)."""
    rng, pitch = site.rng, site.style.pitch
    across = {"grid": pitch, "bands": pitch * 2, "ribs": max(2, round(pitch * 0.7))}[look.kind]
    floors, bays = rows // pitch + 1, columns // across + 1
    bright = _lit(site, floors, bays, look.kind) * (0.40 + 0.75 * rng.random((floors, bays)))
    other = canvas.between(look.lamp, site.pick(WARM), rng.random((floors, bays)) > _USUAL)
    cell = np.asarray(bright[..., None] * other, np.float32)
    picture = np.repeat(np.repeat(cell, pitch, axis=0), across, axis=1)[:rows, :columns]
    glass = np.tile(_pane(pitch, across, look.kind), (floors, bays))[:rows, :columns]
    return glass, picture * glass[..., None]


def _lit(site: Site, floors: int, bays: int, kind: str) -> Plane:
    """Which windows are lit: neighbours tend to be lit together, whole floors now and then."""
    rng, lit = site.rng, site.style.lit
    groups = np.repeat(np.repeat(rng.random((floors // 3 + 1, bays // 3 + 1)), 3, axis=0), 3, axis=1)[:floors, :bays]
    whole = rng.random(floors) < lit * (0.16 if kind == "bands" else 0.04)
    chance = np.maximum(lit * (0.20 + 1.6 * groups**2.2), 0.9 * whole[:, None])
    return np.asarray(rng.random((floors, bays)) < chance, np.float32)


def _pane(pitch: int, across: int, kind: str) -> Plane:
    """One window in its cell."""
    pane = np.zeros((pitch, across), np.float32)
    sill = max(1, round(pitch * 0.34))
    frame = max(1, round(across * {"grid": 0.36, "bands": 0.08, "ribs": 0.5}[kind]))
    pane[sill:, frame:] = 1.0
    return pane


def _roof(site: Site, box: Box, look: _Look) -> None:
    """What stands on the topmost block: plant rooms, a pyramid, a mast, a lit edge."""
    top, bottom, left, right = box
    front, style, width = site.front, site.style, right - left
    dark = mixed(look.wall, style.palette.ground, 0.40 + 0.4 * look.tone)
    for _ in range(int(site.rng.integers(0, 3))):
        wide = round(width * site.between(0.12, 0.4))
        start = left + round((width - wide) * site.between(0.0, 1.0))
        _fill(front, (top - round(style.pitch * site.between(0.5, 1.8)), top, start, start + wide), dark)
    if bottom - top > _SLENDER * width and site.chance(0.22):
        _pyramid(site, box, look)
    if site.chance(0.17 if style.plain else 0.42):
        _mast(site, box, dark)
    if style.lit > _DUSK and site.chance(0.22):
        _shine(front, (top, top + max(1, style.pitch // 3), left, right), mixed(_lamp_colour(site), style.palette.glitter, 0.4))


def _pyramid(site: Site, box: Box, look: _Look) -> None:
    """A stepped pyramid for a roof, its side towards the light lit."""
    top, _, left, right = box
    step, middle = max(1, (right - left) // 12), (left + right) // 2
    lit, dark = mixed(site.style.palette.light, look.wall, 0.5), mixed(look.wall, site.style.palette.ground, 0.45)
    west, east = (dark, lit) if site.style.side > 0.0 else (lit, dark)
    for level in range(1, 6):
        upper, lower = top - level * step * 2, top - (level - 1) * step * 2
        _fill(site.front, (upper, lower, left + level * step, middle), west)
        _fill(site.front, (upper, lower, middle, right - level * step), east)


def _mast(site: Site, box: Box, colour: Colour) -> None:
    top, _, left, right = box
    pitch = site.style.pitch
    middle, tall, thick = (
        left + round((right - left) * site.between(0.3, 0.7)),
        round(pitch * site.between(3.0, 9.0)),
        max(1, round(pitch / 6)),
    )
    _fill(site.front, (top - tall, top, middle, middle + thick), colour)
    if site.style.lit > _DAYLIGHT:
        _shine(site.front, (top - tall, top - tall + max(2, pitch // 3), middle - thick // 2, middle + thick + thick // 2), _BEACON)


def _trim(site: Site, box: Box) -> None:
    """A neon line along a corner, or a sign on the wall."""
    top, bottom, left, right = box
    colour, thick = site.pick(NEON), max(1, round(site.style.pitch / 4))
    if site.chance(0.42):
        column = left if site.chance(0.5) else right - thick
        _shine(site.front, (top, round(top + (bottom - top) * site.between(0.35, 0.8)), column, column + thick), colour)
        return
    wide = round(site.style.pitch * site.between(1.3, 2.1))
    start = left + round((right - left - wide) * (0.04 if site.chance(0.5) else 0.96))
    first = round(top + (bottom - top) * site.between(0.06, 0.35))
    _sign(
        site,
        (first, min(bottom - site.style.pitch, first + round(site.style.pitch * site.between(5.0, 10.0))), start, start + wide),
        colour,
    )


def _sign(site: Site, box: Box, colour: Colour) -> None:
    """A box that glows, with signs like characters one below the other."""
    first, last, left, right = box
    wide = right - left
    _fill(site.front, (first - 1, last + 1, left - 1, right + 1), site.style.palette.ground)
    _shine(site.front, box, mixed(colour, (0.0, 0.0, 0.0), 0.62))
    for row in range(first + 1, last - wide, wide + max(1, wide // 5)):
        _glyph(site, (row, row + wide - 2, left + 1, right - 1), mixed(colour, (1.0, 1.0, 1.0), 0.35))


def _glyph(site: Site, box: Box, colour: Colour) -> None:
    """A character of no alphabet: a few bars in a square."""
    top, bottom, left, right = box
    size, thick = right - left, max(1, (right - left) // 5)
    for at in site.rng.choice(3, 2, replace=False):
        row = top + round(float(at) * (size - thick) / 2.0)
        _shine(site.front, (row, row + thick, left, right), colour)
    for at in site.rng.choice(3, int(site.rng.integers(1, 3)), replace=False):
        column = left + round(float(at) * (size - thick) / 2.0)
        _shine(site.front, (top, bottom, column, column + thick), colour)


def _lamp_colour(site: Site) -> Colour:
    if site.chance(site.style.neon * 0.42):
        return mixed(site.pick(NEON[:3]), (1.0, 1.0, 1.0), 0.30)
    return site.pick(WARM)


def _fill(front: Elevation, box: Box, colour: Colour) -> None:
    top, bottom, left, right = _clipped(front, box)
    front.wall[top:bottom, left:right] = np.asarray(colour, np.float32)
    front.lamp[top:bottom, left:right] = 0.0
    front.cover[top:bottom, left:right] = 1.0


def _shine(front: Elevation, box: Box, colour: Colour) -> None:
    top, bottom, left, right = _clipped(front, box)
    front.lamp[top:bottom, left:right] = np.asarray(colour, np.float32)


def _clipped(front: Elevation, box: Box) -> Box:
    rows, columns = front.cover.shape
    top, bottom, left, right = box
    top, left = min(max(0, top), rows), min(max(0, left), columns)
    return top, max(top, min(bottom, rows)), left, max(left, min(right, columns))


_BEACON: Colour = (1.0, 0.18, 0.12)
_DAYLIGHT = 0.08  # share of lit windows up to which no beacon shines
_DUSK = 0.3  # share of lit windows from which roofs are lit
_LEAST = 3  # pixels: a block smaller than this is not drawn
_LOW = 14  # floors up to which a tower is one block
_SLENDER = 2.4  # height to width from which a tower may end in a pyramid
_USUAL = 0.84  # share of a tower's windows that have its own colour
