"""A planet that turns: a map of land, sea and cloud that is laid on a ball, lit from one side, with a rim of air."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TypeVar, cast

import cv2
import numpy as np

from reelgate.engines.preview import canvas, noise
from reelgate.engines.preview.camera import View
from reelgate.engines.preview.plane import Bytes, Colour, Floats, Planes, Size, halve, split_yuv, to_bytes

P = TypeVar("P", Bytes, Floats)


@dataclass(frozen=True, slots=True, kw_only=True)
class Globe:
    """Where it stands and what it is of. Lengths in short sides of the frame; `x` and `y` are fractions of width and height."""

    x: float
    y: float
    radius: float
    low: Colour
    high: Colour
    cloud: Colour
    air: Colour
    light: tuple[float, float, float]  # direction to the star: right, up, towards the viewer
    tilt: float = 0.3  # of its axis, radians
    banded: bool = False  # a giant of gas
    spin: float = 0.035  # radians a second
    depth: float = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plates:
    """What of a globe never changes but for where it stands: which place of the map each pixel sees, its light and its air."""

    column: Floats
    row: Floats
    shade: Bytes
    rest: Bytes
    half_rest: Bytes
    glow: tuple[Bytes, Bytes, Bytes]

    def moved(self, right: int, down: int) -> _Plates:
        """The same, that many parts of a pixel to the right and down."""
        if not right and not down:
            return self
        x, y = right / _PARTS, down / _PARTS
        luma, u, v = self.glow
        return _Plates(
            column=shifted(self.column, x, y),
            row=shifted(self.row, x, y),
            shade=shifted(self.shade, x, y),
            rest=shifted(self.rest, x, y),
            half_rest=shifted(self.half_rest, x / 2, y / 2),
            glow=(shifted(luma, x, y), shifted(u, x / 2, y / 2), shifted(v, x / 2, y / 2)),
        )


class Planet:
    """Plays a globe. Its map is turned by moving a window over it; light and air stay where they are."""

    def __init__(self, globe: Globe, size: Size, rng: np.random.Generator) -> None:
        self._globe, self._size = globe, size
        radius = globe.radius * size.least
        self._reach = 2 * math.ceil(radius * 1.10 / 2) + 2
        around = np.arange(-self._reach, self._reach, dtype=np.float32) + 0.5
        x, y = np.meshgrid(around / radius, around / radius)
        away = np.hypot(x, y)
        z = np.sqrt(np.clip(1.0 - away * away, 0.0, 1.0))
        cover = np.asarray(np.clip((1.0 - away) * radius + 0.5, 0.0, 1.0), np.float32)
        cos, sin = math.cos(globe.tilt), math.sin(globe.tilt)
        across, up = x * cos - y * sin, -(x * sin + y * cos)
        high = min(_HIGH, max(_LEAST_HIGH, 2 * round(radius * _FINE)))
        self._wide = 2 * high
        shade, air = _light(globe, x, y, z, away)
        self._map = _map(globe, high, rng)
        self._step, self._turned_at, self._seen = -1, (-1, -1), np.zeros((1, 1, 3), np.uint8)
        whole = np.clip(cover + air, 0.0, 1.0)
        glow = np.asarray(globe.air, np.float32) * (air * (1.0 - 0.6 * cover) + 0.55 * air * cover)[..., None]
        y_, u, v = split_yuv(np.asarray(glow, np.float32), np.asarray(whole, np.float32))
        self._plates = _Plates(
            column=np.asarray((np.arctan2(across, z) / math.tau + 0.5) * self._wide, np.float32),
            row=np.asarray((0.5 - np.arcsin(np.clip(up, -1.0, 1.0)) / math.pi) * (high - 1), np.float32),
            shade=to_bytes(np.asarray(shade * cover * 255, np.float32)),
            rest=to_bytes(np.asarray((1.0 - whole) * 255, np.float32)),
            half_rest=to_bytes(np.asarray((1.0 - halve(np.asarray(whole, np.float32))) * 255, np.float32)),
            glow=(to_bytes(y_), to_bytes(halve(u)), to_bytes(halve(v))),
        )
        self._at, self._placed = (0, 0), self._plates

    def play(self, planes: Planes, second: float, view: View) -> None:
        """Draw it as it has turned by then."""
        x, y, _ = view.seen(self._globe.x * self._size.width, self._globe.y * self._size.height, self._globe.depth)
        (left, right), (top, down) = _apart(x - self._reach), _apart(y - self._reach)
        rows, columns, cut = _window(planes, top, left, 2 * self._reach)
        if rows.start >= rows.stop or columns.start >= columns.stop:
            return
        plates = self._plates_at((right, down))
        seen = self._turned(second)[cut]
        shade = plates.shade[cut]
        lit = cv2.multiply(np.ascontiguousarray(seen[..., 0]), shade, scale=1 / 255)
        target = planes.y[rows, columns]
        cv2.multiply(target, plates.rest[cut], dst=target, scale=1 / 255)
        cv2.add(target, plates.glow[0][cut], dst=target)
        cv2.add(target, lit, dst=target)
        if not planes.coloured:
            return
        half = tuple(slice(each.start // 2, each.stop // 2) for each in cut)
        small = cv2.resize(seen, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
        weight = cv2.resize(shade, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
        for channel, plane, glow in ((1, planes.u, plates.glow[1]), (2, planes.v, plates.glow[2])):
            part = plane[rows.start // 2 : rows.stop // 2, columns.start // 2 : columns.stop // 2]
            cv2.multiply(part, plates.half_rest[half], dst=part, scale=1 / 255)
            cv2.add(part, glow[half], dst=part)
            # Chroma is about 128: what the light takes from the map's colour, grey gives back.
            colour = np.ascontiguousarray(small[..., channel]).astype(np.int16) - 128
            moved = part.astype(np.int16) + (colour * weight.astype(np.int16) >> 8)
            np.clip(moved, 0, 255, out=moved)
            part[:] = moved.astype(np.uint8)

    def _plates_at(self, at: tuple[int, int]) -> _Plates:
        """Its plates a fraction to the right and down. A calm camera takes many frames from one fraction to the next."""
        if at != self._at:
            self._at, self._placed = at, self._plates.moved(*at)
        return self._placed

    def _turned(self, second: float) -> Bytes:
        """Its map as the camera sees it by then. It turns slowly: one look serves for two frames."""
        step = int(second * _STEPS_A_SECOND + _HARDLY)
        if (step, self._at) != (self._step, self._turned_at):
            way = np.float32(step / _STEPS_A_SECOND * self._globe.spin / math.tau * self._wide)
            seen = cv2.remap(self._map, self._placed.column + way, self._placed.row, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)
            self._step, self._turned_at, self._seen = step, self._at, np.asarray(seen, np.uint8)
        return self._seen


def _apart(place: float) -> tuple[int, int]:
    """An even pixel, and by how many parts of one a place lies beyond it."""
    whole = 2 * math.floor(place / 2)
    parts = round((place - whole) * _PARTS)
    return (whole, parts) if parts < 2 * _PARTS else (whole + 2, 0)


def shifted(plane: P, right: float, down: float) -> P:
    """The plane, less than two pixels to the right and down. All its pixels go as far: a kernel of few weights is four times as quick as
    a warp, which asks for each where it comes from."""
    kernel = np.outer(_weights(down), _weights(right))
    return cast("P", cv2.filter2D(plane, -1, kernel, anchor=(2, 2), borderType=cv2.BORDER_REPLICATE))


def _weights(way: float) -> Floats:
    """Of the pixel two before a place, of the one before it and of itself, for what is moved that way; 0 to less than 2."""
    whole = int(way)
    weights = np.zeros(3, np.float32)
    weights[2 - whole], weights[1 - whole] = 1.0 - (way - whole), way - whole
    return weights


def _light(globe: Globe, x: Floats, y: Floats, z: Floats, away: Floats) -> tuple[Floats, Floats]:
    """How bright each place of the ball is, and how much air glows there, beyond its edge too."""
    right, up, towards = globe.light
    facing = x * right - y * up + z * towards
    shade = canvas.smoothstep(facing, -0.06, 0.85) * 0.95 + 0.045
    limb = np.exp(-np.abs(away - 1.0) / 0.022) * (away > 1.0) + np.clip(1.0 - z, 0.0, 1.0) ** 4 * (away <= 1.0)
    beyond = canvas.smoothstep((x * right - y * up) / np.maximum(away, 1e-3), -0.35, 0.75)
    return np.asarray(shade, np.float32), np.asarray(np.clip(limb * beyond, 0.0, 1.0) * 0.9, np.float32)


def _map(globe: Globe, high: int, rng: np.random.Generator) -> Bytes:
    """The whole surface, (high, 2 * high, 3): luma less black, U, V. Its left edge joins its right one."""
    shape = (high, 2 * high)
    if globe.banded:
        bend = noise.tile(rng, shape, slope=2.2, stretch=2.0)
        rows = np.arange(high, dtype=np.float32)[:, None] / high
        bands = noise.line(rng, high * 2, high / 9, octaves=4)
        place = np.clip((rows + 0.012 * bend) * high, 0, high * 2 - 1)
        land = canvas.smoothstep(np.interp(place, np.arange(high * 2), bands) + 0.12 * bend, -1.1, 1.1)
        cloud = canvas.smoothstep(noise.tile(rng, shape, slope=1.7, stretch=5.0), 0.9, 2.4) * 0.35
    else:
        land = canvas.smoothstep(noise.tile(rng, shape, slope=2.1), -0.10, 0.75)
        land = np.asarray(land * (0.85 + 0.18 * noise.tile(rng, shape, slope=1.4)), np.float32)
        cloud = canvas.smoothstep(noise.tile(rng, shape, slope=1.85, stretch=2.4), 0.35, 1.9) * 0.9
    picture = canvas.between(canvas.between(globe.low, globe.high, np.clip(land, 0.0, 1.0)), globe.cloud, cloud)
    y, u, v = split_yuv(np.clip(picture, 0.0, 1.0))
    return np.dstack([to_bytes(np.asarray(y - 16, np.float32)), to_bytes(u), to_bytes(v)])


def _window(planes: Planes, top: int, left: int, side: int) -> tuple[slice, slice, tuple[slice, slice]]:
    """Rows and columns of the frame in which a square stands, all even, and the part of the square that stands there."""
    height, width = planes.y.shape
    rows, columns = slice(max(0, top), min(height, top + side)), slice(max(0, left), min(width, left + side))
    return rows, columns, (slice(rows.start - top, rows.stop - top), slice(columns.start - left, columns.stop - left))


_HIGH, _LEAST_HIGH = 720, 64  # rows of a map
_FINE = 1.25  # half as many for each pixel of the radius
_PARTS = 4  # of a pixel: by so little it is moved
_STEPS_A_SECOND = 12
_HARDLY = 1e-6
