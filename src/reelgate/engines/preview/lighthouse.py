"""A lighthouse with its keeper's house, and the beam that turns."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from reelgate.engines.preview import canvas, masonry
from reelgate.engines.preview.camera import View
from reelgate.engines.preview.palette import mixed
from reelgate.engines.preview.plane import Colour, Planes, Size, yuv
from reelgate.engines.preview.setting import Setting
from reelgate.engines.preview.tower import WARM, Elevation, blank


def lighthouse(land: Setting, tall: float) -> Elevation:
    """The tower in the middle of the elevation, its lamp at `LAMP` of its height; the house on the side of the light."""
    rows, columns = round(tall) + 2, 2 * round(0.55 * tall)
    front, middle, foot = blank(rows, columns), columns / 2.0, float(rows)
    _house(land, front, (middle + land.side * 0.24 * tall, foot), tall)
    white, red = masonry.tones_of(land, _WHITE), masonry.tones_of(land, _RED)
    for number, (low, high) in enumerate(_BANDS):
        shaft = masonry.Shaft(x=middle, top=foot - high * tall, bottom=foot - low * tall, half=(_half(high) * tall, _half(low) * tall))
        masonry.raise_shaft(front, shaft, red if number % 2 else white, land.side)
    dark = mixed(land.palette.ground, land.palette.shade, 0.25)
    for low, high, half in ((0.705, 0.728, 0.088), (0.742, 0.748, 0.086), (0.764, 0.769, 0.086), (0.856, 0.874, 0.066)):
        _box(front, middle, (foot - high * tall, foot - low * tall), half * tall, dark)
    for post in np.linspace(-0.084, 0.084, 7):
        _box(front, middle + float(post) * tall, (foot - 0.769 * tall, foot - 0.728 * tall), 0.0022 * tall, dark)
    _lantern(land, front, (middle, foot), tall, dark)
    roof = [(middle + x * tall, foot - y * tall) for x, y in _ROOF]
    masonry.fill(front, roof, mixed(red[0], red[1], 0.35))
    for at in (0.22, 0.46):
        _window(land, front, (middle + 0.01 * land.side * tall, foot - at * tall), (0.012 * tall, 0.034 * tall))
    return front


def _half(height: float) -> float:
    """Half the tower's width at a height: wider towards its foot, as a tree is."""
    return 0.056 + 0.042 * (1.0 - height / 0.71) ** 1.5


def _lantern(land: Setting, front: Elevation, foot: tuple[float, float], tall: float, dark: Colour) -> None:
    middle, row = foot
    rows = (row - 0.86 * tall, row - 0.728 * tall)
    glass = mixed(land.palette.horizon, land.palette.shade, 0.25)
    _box(front, middle, rows, 0.047 * tall, glass)
    if _is_lit(land):
        masonry.shine(front, _corners(middle, (rows[0] + 0.02 * tall, rows[1] - 0.03 * tall), 0.045 * tall), LIGHT)
    for post in (-0.046, -0.016, 0.016, 0.046):
        masonry.fill(front, _corners(middle + post * tall, rows, 0.0028 * tall), dark, 0.85)


def _house(land: Setting, front: Elevation, foot: tuple[float, float], tall: float) -> None:
    """A low house with a gabled roof and two windows."""
    x, row = foot
    wide, eaves, ridge = 0.13 * tall, 0.080 * tall, 0.138 * tall
    dark, lit = masonry.tones_of(land, _WHITE)
    masonry.fill(front, _corners(x, (row - eaves, row), wide), mixed(dark, lit, 0.45))
    roof = mixed(*masonry.tones_of(land, _SLATE), 0.4)
    masonry.fill(
        front,
        [(x - 1.08 * wide, row - eaves), (x - 0.86 * wide, row - ridge), (x + 0.86 * wide, row - ridge), (x + 1.08 * wide, row - eaves)],
        roof,
    )
    _box(front, x + 0.5 * wide, (row - ridge - 0.03 * tall, row - ridge), 0.012 * tall, mixed(dark, land.palette.ground, 0.3))
    for at in (-0.55, 0.5):
        _window(land, front, (x + at * wide, row - 0.045 * tall), (0.015 * tall, 0.015 * tall))


def _window(land: Setting, front: Elevation, at: tuple[float, float], half: tuple[float, float]) -> None:
    rows = (at[1] - half[1], at[1] + half[1])
    masonry.fill(front, _corners(at[0], rows, half[0]), mixed(land.palette.ground, land.palette.shade, 0.35))
    if land.palette.lamps > 0.0:
        masonry.shine(front, _corners(at[0], rows, 0.8 * half[0]), mixed(WARM[0], (0.0, 0.0, 0.0), 0.25))


def _box(front: Elevation, x: float, rows: tuple[float, float], half: float, colour: Colour) -> None:
    masonry.fill(front, _corners(x, rows, half), colour)


def _corners(x: float, rows: tuple[float, float], half: float) -> masonry.Points:
    return [(x - half, rows[0]), (x + half, rows[0]), (x + half, rows[1]), (x - half, rows[1])]


def _is_lit(land: Setting) -> bool:
    return land.palette.lamps > 0.0 or land.murk > 0.0


def beam_of(land: Setting, at: tuple[float, float], depth: float) -> Beam | None:
    """The beam of a lamp at that column and row of the frame; None by daylight, when nobody lights it."""
    if not _is_lit(land):
        return None
    dark = min(1.0, 0.45 + land.palette.lamps)
    thick = min(1.0, 0.55 + 0.6 * land.palette.haziness)
    return Beam(x=at[0], y=at[1], depth=depth, light=0.62 * dark * thick, reach=0.85 * land.unit, unit=land.unit)


@dataclass(frozen=True, slots=True, kw_only=True)
class Beam:
    """A lamp's light in the air, thrown to two sides. Pixels of the frame."""

    x: float
    y: float
    depth: float
    light: float  # at the lamp, 0 to 1
    reach: float  # over which it fades
    unit: float  # the frame's short side


class Turning:
    """Plays a beam. It turns on a level plane a little above the eye: what comes towards the viewer rises, and is brighter."""

    def __init__(self, beam: Beam, size: Size) -> None:
        self._beam, self._size = beam, size
        half = _HIGH * beam.unit
        self._first = max(0, 2 * int((beam.y - half) / 2))
        self._rows = max(_SHRINK, min(size.height, 2 * int((beam.y + half) / 2)) - self._first) // _SHRINK * _SHRINK
        self._x = (np.arange(size.width // _WIDE, dtype=np.float32) + 0.5)[None, :] * size.width / (size.width // _WIDE)
        self._y = (np.arange(self._rows // _SHRINK, dtype=np.float32) + 0.5)[:, None] * _SHRINK + self._first
        self._luma, self._u, self._v = yuv(LIGHT)

    def play(self, planes: Planes, second: float, view: View) -> None:
        """Screen the light of that second over the frame."""
        x, y, _ = view.seen(self._beam.x, self._beam.y, self._beam.depth)
        light = self._light(second, self._x - np.float32(x), self._y - np.float32(y))
        last, rows = self._first + self._rows, light.shape[0]
        full = cv2.resize(light, (self._size.width, self._rows), interpolation=cv2.INTER_LINEAR)
        part = planes.y[self._first : last]
        cv2.multiply(part, cv2.bitwise_not(full), dst=part, scale=1 / 255)
        cv2.scaleAdd(full, self._luma / 255, part, dst=part)
        if not planes.coloured:
            return
        half = cv2.resize(light, (self._size.width // 2, rows * _SHRINK // 2), interpolation=cv2.INTER_LINEAR)
        for plane, value in ((planes.u, self._u), (planes.v, self._v)):
            part = plane[self._first // 2 : last // 2]
            cv2.multiply(part, cv2.bitwise_not(half), dst=part, scale=1 / 255)
            cv2.scaleAdd(half, value / 255, part, dst=part)

    def _light(self, second: float, right: canvas.Numbers, down: canvas.Numbers) -> cv2.typing.MatLike:
        """How bright each place is, in bytes, at a quarter of the frame's height and an eighth of its width."""
        turn = _START + math.tau * second / _PERIOD_S
        light = np.zeros((down.shape[0], right.shape[1]), np.float32)
        for angle in (turn, turn + math.pi):
            light += self._ray(math.cos(angle), math.sin(angle), right, down)
        near = np.hypot(right, down) / np.float32(self._beam.unit)
        facing = max(0.0, abs(math.sin(turn)) - 0.6) / 0.4
        light += np.float32(0.55 + 0.45 * facing) * np.exp(-((near / np.float32(0.018 + 0.05 * facing**2)) ** 1.2))
        return np.clip(light * np.float32(255.0 * self._beam.light), 0, 255).astype(np.uint8)

    def _ray(self, across: float, towards: float, right: canvas.Numbers, down: canvas.Numbers) -> canvas.Numbers:
        across = math.copysign(max(abs(across), _EDGE_ON), across)
        ahead = np.clip(right * np.float32(math.copysign(1.0, across)), 0.0, None)
        # Perspective: a point of the beam at distance s is seen s · across · D / (D - s · towards) beside the lamp.
        far = ahead * _EYE * self._beam.unit / np.clip(abs(across) * _EYE * self._beam.unit + ahead * towards, 1.0, None)
        wide = np.clip(ahead * np.float32(_SPREAD / abs(across)), 0.0045 * self._beam.unit, 0.5 * self._beam.unit)
        centre = -ahead * np.float32(_ABOVE_EYE * towards / abs(across))
        strength = (0.42 + 0.30 * towards) * np.exp(-far / np.float32(self._beam.reach)) * (ahead > 0.0)
        return np.asarray(strength * np.exp(-(((down - centre) / wide) ** 2)), np.float32)


LAMP = 0.795
LIGHT: Colour = (1.0, 0.93, 0.74)
_WHITE: Colour = (0.93, 0.91, 0.87)
_RED: Colour = (0.70, 0.16, 0.13)
_SLATE: Colour = (0.34, 0.33, 0.36)
_BANDS = ((0.0, 0.15), (0.15, 0.29), (0.29, 0.43), (0.43, 0.57), (0.57, 0.71))
_ROOF = (
    *((0.058 * math.cos(turn), 0.872 + 0.070 * math.sin(turn)) for turn in np.linspace(0.0, math.pi / 2 - 0.12, 7).tolist()),
    (0.004, 0.965),
    (0.004, 1.0),
    (-0.004, 1.0),
    (-0.004, 0.965),
    *((-0.058 * math.cos(turn), 0.872 + 0.070 * math.sin(turn)) for turn in np.linspace(math.pi / 2 - 0.12, 0.0, 7).tolist()),
)
_SHRINK, _WIDE = 4, 8
_HIGH = 0.16  # half the height of the strip that the beam is drawn in, short sides
_PERIOD_S = 9.0
_START = 0.55  # in the first frame both rays are seen
_EDGE_ON = 0.10
_EYE = 3.0  # distance of the lamp from the eye, short sides
_ABOVE_EYE = 0.045
_SPREAD = 0.040
