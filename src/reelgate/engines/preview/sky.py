"""The sky: gradient, sun or moon, stars, and clouds lit from where the light stands.

Everything here is soft, so it is painted at half size (stars and the disc excepted) and enlarged.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from reelgate.engines.preview import canvas, noise
from reelgate.engines.preview.palette import Palette, mixed
from reelgate.engines.preview.plane import Colour, Picture, Plane
from reelgate.engines.preview.stage import Brief, Layer


@dataclass(frozen=True, slots=True, kw_only=True)
class Light:
    """Where sun or moon stands."""

    x: float  # fraction of the frame's width
    y: float  # fraction of the frame's height; may lie below the horizon


@dataclass(frozen=True, slots=True, kw_only=True)
class _Grid:
    """Half-size coordinates of a sheet that reaches from above the frame down to some row."""

    across: Plane  # (1, columns): distance from the light, in short sides of the frame; right is positive
    height: Plane  # (rows, 1): above the horizon, in rooms between horizon and the frame's top; negative below
    down: Plane  # (rows, 1): distance below the light, in short sides
    aside: Plane  # (1, columns): distance from the frame's middle, in short sides
    rise: Plane  # (rows, 1): above the horizon, in short sides
    short: int  # the frame's short side, full-size pixels
    rows: int  # of the sheet, full size
    columns: int


def light_of(brief: Brief, palette: Palette, horizon: float, x: float) -> Light:
    """The light at `x` (fraction of the width), as high above `horizon` (fraction of the height) as the palette says."""
    room = min(horizon, 0.62 * min(brief.width, brief.height) / brief.height + 0.4 * horizon)
    return Light(x=x, y=horizon - palette.sun_height * room)


def firmament(brief: Brief, palette: Palette, horizon: float, light: Light) -> Layer:
    """The opaque first layer: gradient, glow, stars and disc. `horizon` is a fraction of the frame's height."""
    grid = _grid(brief, horizon, light, (brief.height + 2 * brief.margin, brief.width + 2 * brief.margin))
    picture = _gradient(palette, grid)
    picture = _halo(picture, palette, grid)
    picture = canvas.enlarged(picture, grid.rows, grid.columns)
    if palette.stars > 0.0:
        _sprinkle_stars(picture, brief, palette, horizon)
    if palette.sun_size > 0.0:
        _set_disc(picture, brief, palette, light)
    alpha = np.ones((grid.rows, grid.columns), np.float32)
    return canvas.layer(picture, alpha, top=-brief.margin, depth=0.0)


def clouds(brief: Brief, palette: Palette, horizon: float, light: Light, *, drift: float = 5.0) -> Layer:
    """One sheet of clouds in perspective, from overhead down to the horizon, brightest where they face the light."""
    rows = brief.margin + round(horizon * brief.height)
    grid = _grid(brief, horizon, light, (rows, brief.width + 2 * brief.margin + _spare(brief, drift)))
    density = _cloud_density(brief.rng, grid, palette.cloud)
    picture, alpha = _lit_clouds(density, palette, grid)
    picture, alpha = (canvas.enlarged(part, grid.rows, grid.columns) for part in (picture, alpha))
    return canvas.layer(picture, alpha, top=-brief.margin, depth=0.03, drift=drift)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bank:
    """Where mist lies: fractions of the frame's height, and how thick it is, 0 to 1."""

    top: float
    bottom: float
    strength: float


def mist(brief: Brief, colour: Colour, bank: Bank, *, depth: float, drift: float) -> Layer:
    """A bank of mist, thickest two thirds down, with soft torn edges."""
    first, last = round(bank.top * brief.height), round(bank.bottom * brief.height)
    rows, columns = max(8, last - first), brief.width + 2 * brief.margin + _spare(brief, drift)
    shape = (max(4, rows // 4), max(4, columns // 4))
    unit = min(brief.width, brief.height) / 4.0
    wisps = noise.fbm(brief.rng, shape, (unit * 0.16, unit * 0.75), octaves=4, gain=0.55)
    height = np.linspace(0.0, 1.0, shape[0], dtype=np.float32)[:, None]
    body = (
        canvas.smoothstep(height + 0.16 * wisps, 0.02, 0.62) * canvas.smoothstep(height, 1.0, 0.68) * canvas.smoothstep(height, 0.0, 0.34)
    )
    alpha = np.asarray(np.clip(body * (0.78 + 0.26 * wisps), 0.0, 1.0) * bank.strength, np.float32)
    return canvas.layer(
        canvas.filled(rows, columns, colour), canvas.enlarged(alpha, rows, columns, smooth=True), top=first, depth=depth, drift=drift
    )


def _spare(brief: Brief, drift: float) -> int:
    """Columns that a drifting sheet needs beside the margins, for a shot of ten seconds and a little more; even."""
    return 4 * math.ceil(abs(drift) * _LONGEST_S * brief.width / 1280 / 2)


def _grid(brief: Brief, horizon: float, light: Light, size: tuple[int, int]) -> _Grid:
    rows, columns = size
    short = min(brief.width, brief.height)
    y = (np.arange((rows + 1) // 2, dtype=np.float32) * 2.0 + 0.5 - brief.margin)[:, None]
    x = (np.arange((columns + 1) // 2, dtype=np.float32) * 2.0 + 0.5 - (columns - brief.width) / 2.0)[None, :]
    return _Grid(
        across=np.asarray((x - light.x * brief.width) / short, np.float32),
        height=np.asarray((horizon * brief.height - y) / (horizon * brief.height), np.float32),
        down=np.asarray((y - light.y * brief.height) / short, np.float32),
        aside=np.asarray((x - brief.width / 2.0) / short, np.float32),
        rise=np.asarray((horizon * brief.height - y) / short, np.float32),
        short=short,
        rows=rows,
        columns=columns,
    )


def _gradient(palette: Palette, grid: _Grid) -> Picture:
    """Horizon, middle and zenith, and the blaze along the horizon on the light's side."""
    column = canvas.between(palette.horizon, palette.middle, canvas.smoothstep(grid.height, -0.02, 0.56))
    column = canvas.between(column, palette.zenith, canvas.smoothstep(grid.height, 0.30, 1.08))
    column = canvas.between(column, mixed(palette.haze, palette.ground, 0.25), canvas.smoothstep(grid.height, -0.02, -0.35))
    near = np.exp(-np.abs(grid.height) * 4.2) * np.exp(-((grid.across / 0.78) ** 2))
    return canvas.between(column, palette.blaze, np.asarray(near * 0.92, np.float32))


def _halo(picture: Picture, palette: Palette, grid: _Grid) -> Picture:
    """Air that glows around the light."""
    distance = np.hypot(grid.across, grid.down * 1.25)
    strength = 0.52 if palette.sun_size > 0.0 else 0.28
    glow = strength * np.exp(-distance * 6.5) + 0.30 * strength * np.exp(-distance * 2.2)
    if palette.moon:
        glow = 0.34 * np.exp(-distance * 9.0) + 0.15 * np.exp(-distance * 2.6)
    return canvas.screened(picture, mixed(palette.sun, palette.blaze, 0.5), np.asarray(glow, np.float32))


def _sprinkle_stars(picture: Picture, brief: Brief, palette: Palette, horizon: float) -> None:
    """Stars of unequal brightness, thinner towards the horizon."""
    unit = min(brief.width, brief.height) / 720.0
    rows = brief.margin + round(horizon * brief.height * 0.96)
    count = round(520 * palette.stars * picture.shape[1] * rows / (1400.0 * 460.0) / max(unit, 0.3) ** 1.2)
    y = (rows - 2) * brief.rng.random(count) ** 1.25
    x = brief.rng.random(count) * (picture.shape[1] - 2)
    bright = 0.16 + 0.84 * brief.rng.random(count) ** 5
    bright *= palette.stars**0.5 * (1.0 - 0.85 * y / rows)
    warmth = brief.rng.random(count)
    for column, row, strength, warm in zip(x.astype(int), y.astype(int), bright, warmth, strict=True):
        _star(picture, int(column), int(row), float(strength), mixed((0.78, 0.86, 1.0), (1.0, 0.93, 0.82), float(warm)))


def _star(picture: Picture, x: int, y: int, strength: float, colour: Colour) -> None:
    tint = np.asarray(colour, np.float32)
    size = 3 if strength > _BRIGHT else 2
    profile = _STAR[size] * np.float32(strength)
    spot = picture[y : y + size, x : x + size]
    spot += (1.0 - spot) * tint * profile[: spot.shape[0], : spot.shape[1], None]


_STAR = {
    2: np.asarray([[0.9, 0.35], [0.35, 0.15]], np.float32),
    3: np.asarray([[0.12, 0.5, 0.12], [0.5, 1.0, 0.5], [0.12, 0.5, 0.12]], np.float32),
}


def _set_disc(picture: Picture, brief: Brief, palette: Palette, light: Light) -> None:
    """Sun: a soft white-hot disc. Moon: a disc with faint seas."""
    radius = palette.sun_size * min(brief.width, brief.height)
    x, y = light.x * brief.width + brief.margin, light.y * brief.height + brief.margin
    reach = math.ceil(radius * 2.0)
    left, top = max(0, int(x) - reach), max(0, int(y) - reach)
    spot = picture[top : int(y) + reach, left : int(x) + reach]
    rows = (np.arange(spot.shape[0], dtype=np.float32) + top - y)[:, None]
    columns = (np.arange(spot.shape[1], dtype=np.float32) + left - x)[None, :]
    distance = np.asarray(np.hypot(rows, columns), np.float32)
    cover = canvas.smoothstep(distance, radius + 0.9, radius - 0.9)
    if palette.moon:
        seas = noise.fbm(brief.rng, (spot.shape[0], spot.shape[1]), (radius * 0.9, radius * 0.9), octaves=4)
        limb = np.sqrt(np.clip(1.0 - (distance / radius) ** 2, 0.0, 1.0))
        face = np.asarray((0.86 + 0.14 * limb) * (0.95 - 0.085 * np.clip(seas, -1.0, 1.6)), np.float32)
        spot[:] = canvas.between(spot, np.asarray(palette.sun, np.float32) * face[..., None], cover)
        return
    corona = np.asarray(np.exp(-np.clip(distance - radius, 0.0, None) / (radius * 0.45)) * 0.55, np.float32)
    corona *= canvas.smoothstep(distance, reach, reach * 0.6)
    spot[:] = canvas.screened(spot, palette.sun, corona * (1.0 - cover))
    spot[:] = canvas.between(spot, mixed(palette.sun, (1.0, 1.0, 1.0), 0.15), cover)


def _cloud_density(rng: np.random.Generator, grid: _Grid, cover: float) -> Plane:
    """Clouds on a ceiling seen from below: large overhead, narrow bands near the horizon. Above 0 = cloud."""
    rows, columns = grid.height.shape[0], grid.across.shape[1]
    nearness = 1.0 / (np.clip(grid.rise, 0.0, None) + 0.17)
    halfway = _CEILING * float(np.abs(grid.aside).max()) * float(nearness.max())
    ceiling = (round(_CEILING * float(nearness.max() - nearness.min())) + 60, round(2.0 * halfway) + 60)
    plain = noise.fbm(rng, ceiling, (110.0, 165.0), octaves=4, gain=0.55)
    plain += 0.34 - 0.52 * np.abs(noise.fbm(rng, ceiling, (52.0, 70.0), octaves=5, gain=0.58))
    swirl = noise.fbm(rng, ceiling, (70.0, 120.0), octaves=3)
    across = np.asarray(grid.aside * nearness * _CEILING + halfway + 30.0, np.float32)
    down = np.asarray(np.broadcast_to((nearness - nearness.min()) * _CEILING + 30.0, (rows, columns)), np.float32)
    turn = canvas.bent(swirl, across, down)
    density = canvas.bent(plain, across + 10.0 * turn, down + 6.0 * turn)
    banks = noise.fbm(rng, (rows, columns), (0.12 * grid.short, 0.30 * grid.short), octaves=2)
    wisps = noise.fbm(rng, (rows, columns), (0.022 * grid.short, 0.034 * grid.short), octaves=3, gain=0.6)
    return np.asarray(0.82 * density + 0.60 * banks + 0.10 * wisps - _threshold(cover), np.float32)


_CEILING = 135.0
"""Pixels of cloud texture for one short side of the frame at unit distance."""


def _threshold(cover: float) -> float:
    """The level of a normal distribution above which `cover` of it lies, roughly."""
    share = min(max(cover, 0.03), 0.97)
    return math.log((1.0 - share) / share) * 0.62


def _lit_clouds(density: Plane, palette: Palette, grid: _Grid) -> tuple[Picture, Plane]:
    """Colour and cover of clouds: bright where little cloud stands between them and the light."""
    alpha = canvas.smoothstep(density, -0.10, 0.95)
    distance = np.asarray(np.hypot(grid.across, grid.down) + 0.05, np.float32)
    lit = _facing(density, grid, distance)
    near = np.exp(-distance * 1.9)
    lit = np.clip(lit * (0.70 + 0.55 * near) + 0.10 * near, 0.0, 1.0)
    picture = canvas.between(palette.cloud_shade, palette.cloud_light, np.asarray(lit, np.float32))
    edge = np.asarray(near**1.3 * lit**2 * (1.0 - 0.45 * alpha) * 0.8, np.float32)
    picture = canvas.screened(picture, palette.blaze, edge)
    low = np.broadcast_to(canvas.smoothstep(grid.rise, 0.20, 0.0), density.shape)
    picture = canvas.between(picture, mixed(palette.horizon, palette.haze, 0.4), np.asarray(low * 0.55, np.float32))
    alpha = alpha * canvas.smoothstep(grid.rise, 0.003, 0.05) * (1.0 - 0.25 * low) * (0.62 + 0.36 * min(1.0, palette.cloud * 1.6))
    return picture, np.asarray(alpha, np.float32)


def _facing(density: Plane, grid: _Grid, distance: Plane) -> Plane:
    """How much light a bit of cloud gets, 0 to 1: relief towards the light, less what stands in its way."""
    length = max(4.0, grid.short * 0.010)
    columns = np.arange(density.shape[1], dtype=np.float32)[None, :]
    rows = np.arange(density.shape[0], dtype=np.float32)[:, None]
    aside, along = grid.across / distance * length, grid.down / distance * length
    close, far = (canvas.bent(density, columns - aside * step, rows - along * step) for step in (0.45, 1.8))
    relief = (density - close) * 1.0 + (density - far) * 0.42
    cast = np.exp(-0.50 * np.clip(far + 0.15, 0.0, None) - 0.22 * np.clip(density, 0.0, None))
    return np.asarray(np.clip(0.80 * cast + 0.42 * relief - 0.08, 0.0, 1.0), np.float32)


_BRIGHT = 0.55  # a star brighter than this is three pixels wide
_LONGEST_S = 12.0
