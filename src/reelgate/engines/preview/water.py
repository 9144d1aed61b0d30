"""Water: what stands above its line, upside down, broken by waves that run towards the viewer.

Waves are a noise field in two versions a quarter of a wave apart. Turned against each other in time they travel, each
wave at its own place and length, and a frame costs two weighted sums instead of a new field.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np

from reelgate.engines.preview.plane import WHITE, Bytes, Floats, Planes, Size, halve, to_bytes, yuv
from reelgate.engines.preview.stage import Water


class Mirror:
    """The water of one set."""

    def __init__(self, water: Water, size: Size, line: int, rng: np.random.Generator) -> None:
        self._size = size
        self._line = line
        self._rows = size.height - line
        self._waves = [_Waves.made(self._rows, size, rng, length=wave, height=height, period_s=period) for wave, height, period in _BANDS]
        down = np.arange(self._rows, dtype=np.float32)[:, None]
        self._reach = np.repeat(_reach(down, size, water.ripple), size.width // 2, axis=1)
        self._x = np.repeat(np.arange(size.width, dtype=np.float32)[None, :], self._rows, axis=0)
        self._y = np.repeat(line - 1 - down, size.width, axis=1)
        self._half_x = np.ascontiguousarray(self._x[: self._rows // 2, : size.width // 2])
        self._half_y = np.ascontiguousarray((self._y[::2, : size.width // 2] - 1) / 2)
        self._tint = _Tint.made(water, size, self._rows)
        self._glitter = _glitter_mask(water, size, self._rows)
        self._lit = slice(0, 0) if self._glitter is None else _extent(self._glitter[0])

    def reflect(self, planes: Planes, second: float) -> None:
        """Draw the water of that second below its line."""
        field = self._waves[0].at(second)
        for waves in self._waves[1:]:
            cv2.add(field, waves.at(second), dst=field)
        shift = cv2.multiply(field, self._reach)
        self._mirror(planes, shift)
        self._tint.apply(planes, self._line, field)
        if self._glitter is not None and self._lit.stop:
            self._sparkle(planes, field, *self._glitter)

    def _mirror(self, planes: Planes, shift: cv2.typing.MatLike) -> None:
        wide = cv2.resize(shift, (self._size.width, self._rows), interpolation=cv2.INTER_LINEAR)
        map_x, map_y = cv2.scaleAdd(wide, _SIDEWAYS, self._x), cv2.add(wide, self._y)
        _remapped(planes.y, self._line, map_x, map_y)
        if not planes.coloured:
            return
        small = cv2.resize(shift, (self._size.width // 2, self._rows // 2), interpolation=cv2.INTER_LINEAR)
        map_x, map_y = cv2.scaleAdd(small, _SIDEWAYS / 2, self._half_x), cv2.scaleAdd(small, 0.5, self._half_y)
        for plane in (planes.u, planes.v):
            _remapped(plane, self._line // 2, map_x, map_y)

    def _sparkle(self, planes: Planes, field: cv2.typing.MatLike, path: Bytes, colour: tuple[float, float, float]) -> None:
        """Light on the crests that face the sun."""
        light, u, v = colour
        here = np.asarray(field)[:, self._lit]
        crest = cv2.convertScaleAbs(np.maximum(here, np.float32(_CREST)), alpha=_SPARK, beta=-_SPARK * _CREST)
        half = cv2.multiply(crest, path[:, self._lit], scale=1 / 255)
        columns = self._lit.stop - self._lit.start
        bright = cv2.resize(half, (2 * columns, self._rows), interpolation=cv2.INTER_LINEAR)
        _screen(planes.y[self._line :, 2 * self._lit.start : 2 * self._lit.stop], bright, light)
        if not planes.coloured:
            return
        small = cv2.resize(half, (columns, self._rows // 2), interpolation=cv2.INTER_AREA)
        _screen(planes.u[self._line // 2 :, self._lit], small, u)
        _screen(planes.v[self._line // 2 :, self._lit], small, v)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Waves:
    """A field of waves as (rows, width / 2), one standing at its crest where the other crosses zero."""

    crest: Floats
    zero: Floats
    period_s: float

    def at(self, second: float) -> cv2.typing.MatLike:
        turn = math.tau * second / self.period_s
        return cv2.addWeighted(self.crest, math.cos(turn), self.zero, math.sin(turn), 0)

    @staticmethod
    def made(rows: int, size: Size, rng: np.random.Generator, *, length: float, height: float, period_s: float) -> _Waves:
        """Waves that lie flat and close together far away, longer and higher near the viewer."""
        near = rows * _FAR
        down = np.arange(rows, dtype=np.float32)[:, None]
        x = np.arange(0, size.width, 2, dtype=np.float32)[None, :] - size.width / 2
        v = np.asarray(np.log1p(down / near) * np.float32(_TILE_WAVE / (_STEEP * length)) + np.zeros_like(x), np.float32)
        u = np.asarray(x * np.float32(_TILE_WAVE / (_FLAT * length)) / (down + near), np.float32)
        crest, zero = _running_noise()
        u, v = u + np.float32(rng.uniform(0, _TILE)), v + np.float32(rng.uniform(0, _TILE))
        high = np.float32(height)
        return _Waves(crest=_looked_up(crest * high, u, v), zero=_looked_up(zero * high, u, v), period_s=period_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tint:
    """The water's own colour, more of it near the viewer, where one looks into it."""

    rest: Bytes  # (rows, width / 2), half_rest (rows / 2, width / 2): how much of the mirrored light is left
    y: Bytes
    half_rest: Bytes
    u: Bytes
    v: Bytes

    @staticmethod
    def made(water: Water, size: Size, rows: int) -> _Tint:
        down = np.linspace(0, 1, rows, dtype=np.float32)[:, None]
        share = np.clip(water.tint_strength * (0.25 + 1.35 * down**0.8), 0, 0.96) * np.ones((1, size.width), np.float32)
        half = halve(share)
        light, u, v = yuv(water.tint)
        rest, half_rest = to_bytes(255 * (1 - share[:, ::2])), to_bytes(255 * (1 - half))
        return _Tint(rest=rest, y=to_bytes(light * share), half_rest=half_rest, u=to_bytes(u * half), v=to_bytes(v * half))

    def apply(self, planes: Planes, line: int, field: cv2.typing.MatLike) -> None:
        y, u, v = planes.y[line:], planes.u[line // 2 :], planes.v[line // 2 :]
        slope = cv2.convertScaleAbs(field, alpha=_SHADE, beta=128)
        shade = cv2.multiply(slope, self.rest, scale=1 / _FINE)
        cv2.multiply(y, cv2.resize(shade, (y.shape[1], y.shape[0]), interpolation=cv2.INTER_LINEAR), dst=y, scale=_FINE / (128 * 255))
        cv2.add(y, self.y, dst=y)
        if not planes.coloured:
            return
        for plane, colour in ((u, self.u), (v, self.v)):
            cv2.multiply(plane, self.half_rest, dst=plane, scale=1 / 255)
            cv2.add(plane, colour, dst=plane)


def _remapped(plane: Bytes, line: int, map_x: cv2.typing.MatLike, map_y: cv2.typing.MatLike) -> None:
    # Its upper part is read and its lower one written: the two never overlap.
    cv2.remap(plane[:line], map_x, map_y, cv2.INTER_LINEAR, dst=plane[line:], borderMode=cv2.BORDER_REFLECT)


def _screen(plane: Bytes, strength: cv2.typing.MatLike, value: float) -> None:
    """Move the plane towards a value, by strength / 255."""
    cv2.multiply(plane, cv2.bitwise_not(strength), dst=plane, scale=1 / 255)
    cv2.scaleAdd(strength, value / 255, plane, dst=plane)


def _reach(down: Floats, size: Size, ripple: float) -> Floats:
    """How far a wave shifts the mirrored picture, pixels, by rows below the line."""
    unit = size.least / 720
    return np.asarray(ripple * (0.5 * unit + 0.045 * down), np.float32)


def _glitter_mask(water: Water, size: Size, rows: int) -> tuple[Bytes, tuple[float, float, float]] | None:
    """Where the light's path lies on the water, (rows, width / 2), with its colour; None without a light."""
    if water.glitter is None or water.sun_x is None:
        return None
    down = np.linspace(0, 1, rows, dtype=np.float32)[:, None]
    x = np.arange(0, size.width, 2, dtype=np.float32)[None, :] - water.sun_x * size.width
    spread = size.least * (0.035 + 0.17 * down)
    path = np.exp(-((x / spread) ** 2)) * (0.35 + 0.65 * np.exp(-2.2 * down))
    return to_bytes(255 * np.asarray(path, np.float32)), (min(WHITE, yuv(water.glitter)[0]), *yuv(water.glitter)[1:])


@lru_cache(maxsize=1)
def _running_noise() -> tuple[Floats, Floats]:
    """Two periodic tiles of waves, about eight pixels long, that run down the tile: real and imaginary part of one field. The same for
    every water, which begins somewhere else in them."""
    rng = np.random.default_rng(311)
    ky = np.fft.fftfreq(_TILE)[:, None] * _TILE_WAVE
    kx = np.fft.fftfreq(_TILE)[None, :] * _TILE_WAVE
    length = np.hypot(kx, ky)
    band = np.exp(-(((length - 1) / 0.42) ** 2)) * np.clip(ky, 0, None)
    field = np.fft.ifft2(band * np.exp(1j * rng.uniform(0, math.tau, band.shape)))
    field /= field.real.std()
    return np.ascontiguousarray(field.real, np.float32), np.ascontiguousarray(field.imag, np.float32)


def _extent(path: Bytes) -> slice:
    """The columns in which there is any light."""
    lit = np.flatnonzero(path.max(axis=0) > _DIM)
    return slice(int(lit[0]), int(lit[-1]) + 1) if lit.size else slice(0, 0)


def _looked_up(tile: Floats, u: Floats, v: Floats) -> Floats:
    map_u, map_v = np.asarray(u % _TILE, np.float32), np.asarray(v % _TILE, np.float32)
    wrapped = cv2.remap(tile, map_u, map_v, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)
    return np.asarray(wrapped, np.float32)


_TILE = 512
_TILE_WAVE = 8.0  # pixels of the tile to a wave
_FAR = 0.05  # how soon the waves shrink towards the line, share of the water's height
_STEEP = 0.20  # a wave's height on the screen, share of its distance from the line
_FLAT = 1.1  # its width, likewise
_BANDS = ((1.0, 0.75, 3.1), (0.45, 0.75, 1.7), (0.17, 0.5, 0.9))
"""Length against the first, height, and period in seconds of each sort of wave."""

_SIDEWAYS = 0.3
_SHADE = 7.0
_CREST = 0.55
_SPARK = 210.0
_FINE = 150.0  # so that the shade of untinted water, 128 by 255, uses most of a byte
_DIM = 1  # of 255: no light that anybody sees
