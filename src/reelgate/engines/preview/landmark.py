"""Towers that the eye rests on: a keep of old stone, and the needle of a broadcasting tower."""

from __future__ import annotations

import math

from reelgate.engines.preview import masonry
from reelgate.engines.preview.palette import mixed
from reelgate.engines.preview.setting import Setting
from reelgate.engines.preview.tower import WARM, Elevation, blank


def keep(land: Setting, tall: float) -> Elevation:
    """A round tower with battlements, a slender one with a pointed roof behind it, and a wall that has seen better days."""
    rows, columns = round(tall) + 2, 2 * round(0.70 * tall)
    front, middle, foot = blank(rows, columns), columns / 2.0, float(rows)
    stone = masonry.tones_of(land, _STONE)
    away = middle - land.side * 0.25 * tall
    turret = masonry.Shaft(x=away, top=foot - 0.70 * tall, bottom=foot, half=(0.062 * tall, 0.072 * tall))
    masonry.raise_shaft(front, turret, stone, land.side)
    roof = masonry.tones_of(land, _ROOF)
    for side in (-1.0, 1.0):
        tone = roof[1] if side == land.side else roof[0]
        eaves = foot - 0.69 * tall
        masonry.fill(front, [(away, foot - tall), (away + side * 0.092 * tall, eaves), (away, eaves + 0.012 * tall)], tone)
    _curtain(land, front, (middle, foot), tall)
    body = masonry.Shaft(x=middle, top=foot - 0.74 * tall, bottom=foot, half=(0.135 * tall, 0.160 * tall))
    masonry.raise_shaft(front, body, stone, land.side)
    crown = masonry.Shaft(x=middle, top=foot - 0.80 * tall, bottom=foot - 0.71 * tall, half=(0.158 * tall, 0.146 * tall))
    masonry.raise_shaft(front, crown, stone, land.side)
    for number in range(7):
        turn = math.pi * (number + 0.5) / 7.0
        x, wide = middle - 0.150 * tall * math.cos(turn), 0.020 * tall * (0.35 + 0.65 * math.sin(turn))
        merlon = masonry.Shaft(x=x, top=foot - 0.845 * tall, bottom=foot - 0.795 * tall, half=(wide, wide))
        facing = 0.5 + 0.5 * land.side * (x - middle) / (0.15 * tall)
        tone = mixed(stone[0], stone[1], facing)
        masonry.raise_shaft(front, merlon, (tone, tone), land.side)
    for x, row, wide in ((0.03, 0.56, 0.014), (-0.05, 0.33, 0.012), (0.06, 0.20, 0.012)):
        _slit(land, front, (middle + x * tall, foot - row * tall), (wide * tall, 0.036 * tall))
    _slit(land, front, (away, foot - 0.58 * tall), (0.011 * tall, 0.030 * tall))
    return front


def needle(land: Setting, tall: float) -> Elevation:
    """A broadcasting tower: a concrete shaft, a pod with lit floors, a mast with a red light."""
    rows, columns = round(tall) + 2, 2 * round(0.16 * tall)
    front, middle, foot = blank(rows, columns), columns / 2.0, float(rows)
    tones = masonry.tones_of(land, _CONCRETE)
    for low, high, lower, upper in (
        (0.0, 0.30, 0.040, 0.019),
        (0.30, 0.74, 0.019, 0.011),
        (0.74, 0.86, 0.008, 0.006),
        (0.86, 1.0, 0.0035, 0.0018),
    ):
        shaft = masonry.Shaft(x=middle, top=foot - high * tall, bottom=foot - low * tall, half=(upper * tall, lower * tall))
        masonry.raise_shaft(front, shaft, tones, land.side)
    lit = land.palette.lamps > 0.0
    glass = masonry.tones_of(land, _GLASS)
    for low, high, lower, upper, glazed in _POD:
        shaft = masonry.Shaft(x=middle, top=foot - high * tall, bottom=foot - low * tall, half=(upper * tall, lower * tall))
        masonry.raise_shaft(front, shaft, glass if glazed else tones, land.side)
        if glazed and lit:
            half, rows_ = 0.94 * min(lower, upper) * tall, (foot - high * tall + 0.7, foot - low * tall - 0.7)
            band = [(middle - half, rows_[0]), (middle + half, rows_[0]), (middle + half, rows_[1]), (middle - half, rows_[1])]
            masonry.shine(
                front, band, mixed((0.0, 0.0, 0.0), mixed(WARM[1], land.palette.glitter, 0.35), min(1.0, 0.25 + land.palette.lamps))
            )
    if lit:
        for row in (0.995, 0.87):
            x, half = middle, 0.005 * tall
            lamp = [
                (x - half, foot - (row + 0.004) * tall),
                (x + half, foot - (row + 0.004) * tall),
                (x + half, foot - (row - 0.005) * tall),
            ]
            masonry.fill(front, [*lamp, (x - half, foot - (row - 0.005) * tall)], _BEACON)
            masonry.shine(front, [*lamp, (x - half, foot - (row - 0.005) * tall)], _BEACON)
    return front


def _curtain(land: Setting, front: Elevation, foot: tuple[float, float], tall: float) -> None:
    """The wall on the other side, half of it fallen."""
    x, row = foot
    dark, lit = masonry.tones_of(land, _STONE)
    far = [
        (0.0, 0.0),
        (0.0, 0.34),
        (0.16, 0.33),
        (0.17, 0.28),
        (0.27, 0.27),
        (0.29, 0.20),
        (0.38, 0.17),
        (0.41, 0.08),
        (0.50, 0.05),
        (0.56, 0.0),
    ]
    shape = [(x + land.side * aside * tall, row - high * tall) for aside, high in far]
    masonry.fill(front, shape, mixed(dark, lit, 0.30))
    shape = [(x - land.side * aside * tall, row - high * tall) for aside, high in ((0.0, 0.0), (0.0, 0.30), (0.30, 0.30), (0.34, 0.0))]
    masonry.fill(front, shape, mixed(dark, lit, 0.12))


def _slit(land: Setting, front: Elevation, at: tuple[float, float], half: tuple[float, float]) -> None:
    """A narrow window with a round head, a fire behind it by night."""
    x, row = at
    head = [(x - half[0] * math.cos(turn), row - half[1] - half[0] * math.sin(turn)) for turn in (0.0, 0.8, 1.57, 2.34, 3.14)]
    shape = [*head, (x + half[0], row + half[1]), (x - half[0], row + half[1])]
    masonry.fill(front, shape, mixed(land.palette.ground, land.palette.shade, 0.25))
    if land.palette.lamps > 0.0:
        masonry.shine(front, shape, mixed(WARM[2], (0.0, 0.0, 0.0), 0.15))


_STONE = (0.62, 0.57, 0.50)
_ROOF = (0.40, 0.25, 0.22)
_CONCRETE = (0.80, 0.81, 0.83)
_GLASS = (0.38, 0.50, 0.60)
_BEACON = (1.0, 0.20, 0.12)
_POD = (
    (0.625, 0.650, 0.016, 0.046, False),
    (0.650, 0.664, 0.050, 0.052, True),
    (0.664, 0.670, 0.054, 0.054, False),
    (0.670, 0.684, 0.052, 0.050, True),
    (0.684, 0.692, 0.048, 0.044, False),
    (0.692, 0.704, 0.036, 0.033, True),
    (0.704, 0.730, 0.030, 0.014, False),
)
"""Rings of the pod: from and to which height, half their widths there, whether of glass."""
