"""A road that is driven along: asphalt with its lines, the land to both sides, and posts that come nearer, in true perspective.

What a pixel of the ground shows depends on how far away it is; that is found out once. A frame only moves two textures along and looks
them up. They go on beyond their edges as they begin, and places are brought back into them first: to be asked for what lies outside
makes OpenCV six times as slow.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from reelgate.engines.preview import canvas, noise
from reelgate.engines.preview.camera import View
from reelgate.engines.preview.plane import Bytes, Colour, Floats, Planes, Size, halve, to_bytes, yuv


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """Where the road lies and what it is of. `x` and `line`: the point that it runs to, fractions of width and height."""

    x: float
    line: float
    wide: float  # half the road's width at the foot of the frame, in short sides
    asphalt: Colour
    paint: Colour
    land: Colour  # in the light
    shade: Colour  # of the land's hollows
    haze: Colour
    shine: Colour | None = None  # what a wet road mirrors
    lamps: Colour | None = None  # of cars far ahead
    pace: float = 1.0


class Lane:
    """Plays a road."""

    def __init__(self, way: Way, size: Size, rng: np.random.Generator) -> None:
        self._way, self._size = way, size
        self._top = 2 * round(way.line * size.height / 2)
        rows = size.height - self._top
        below = (np.arange(rows, dtype=np.float32) + 0.8)[:, None] / rows
        self._away = np.asarray(_NEAR / below, np.float32)  # (rows, 1); 1 at the foot would be _NEAR
        x = (np.arange(size.width, dtype=np.float32)[None, :] - way.x * size.width) / (way.wide * size.least)
        bend = 0.16 * np.clip(1.0 - below, 0.0, 1.0) ** 2.2 * (1.0 if rng.random() < _HALF else -1.0)
        self._aside = np.asarray(x / below - bend / below * 0.35, np.float32)  # -1 and 1 are the road's edges
        self._below = below
        self._road = _going_on(_road_texture(way, rng))
        self._land = _going_on(to_bytes(np.asarray(128 + 38 * noise.tile(rng, (_TILE, _TILE), slope=1.25), np.float32)))
        wide = np.clip((1.04 - np.abs(self._aside)) / (2.2 / (way.wide * size.least) / below) + 0.5, 0.0, 1.0)
        self._on = to_bytes(np.asarray(wide * 255, np.float32))
        self._clear = canvas.smoothstep(below, 0.012, 0.30)
        self._columns = _brought_back(np.asarray(self._aside * (_WIDE / 2 / _SPAN) + _WIDE / 2, np.float32))
        self._land_columns = _brought_back(self._aside * np.float32(_LAND))
        self._rows = np.empty_like(self._aside)
        self._chroma = self._painted_chroma()
        self._posts = [(side, number) for number in range(_POSTS) for side in (-1.0, 1.0)]

    def play(self, planes: Planes, second: float, view: View) -> None:
        """Draw the ground as far as the drive has come by then."""
        way = self._way
        gone = np.float32(second * way.pace * _PACE)
        shift = np.float32(view.pose.x * view.travel / (way.wide * self._size.least)) * 0.5
        road = self._seen(self._road, self._columns + shift, self._away + gone)
        land = self._seen(self._land, self._land_columns + shift * np.float32(_LAND), (self._away + gone) * np.float32(0.5))
        ground = _mixed(road, np.asarray(cv2.LUT(land, self._land_table()), np.uint8), self._on)
        haze = np.float32(yuv(way.haze)[0])
        faded = ground.astype(np.float32)
        faded -= haze
        faded *= self._clear
        faded += haze
        target = planes.y[self._top :]
        cv2.convertScaleAbs(faded, dst=target)
        planes.u[self._top // 2 :] = self._chroma[0]
        planes.v[self._top // 2 :] = self._chroma[1]
        self._lamps(planes, second)
        self._stand_posts(planes, second)

    def _seen(self, texture: Bytes, columns: Floats, away: Floats) -> Bytes:
        """A texture at those of its columns, (rows, width), and that far away, (rows, 1)."""
        np.copyto(self._rows, _brought_back(away * np.float32(_LONG)))
        return np.asarray(cv2.remap(texture, columns, self._rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP), np.uint8)

    def _land_table(self) -> Bytes:
        low, high = yuv(self._way.shade)[0], yuv(self._way.land)[0]
        share = canvas.smoothstep(np.arange(256, dtype=np.float32) / 255, 0.22, 0.80)
        return to_bytes(np.asarray(low + (high - low) * share, np.float32))

    def _painted_chroma(self) -> tuple[Bytes, Bytes]:
        """The ground's colours, which do not move: land, road and haze."""
        way = self._way
        on, clear = self._on.astype(np.float32)[..., None] / 255, np.asarray(self._clear, np.float32)[..., None]
        plain = np.asarray(yuv(way.land)[1:], np.float32) * (1 - on) + np.asarray(yuv(way.asphalt)[1:], np.float32) * on
        mixed = np.asarray(yuv(way.haze)[1:], np.float32) * (1 - clear) + plain * clear
        half = halve(np.asarray(mixed, np.float32))
        return to_bytes(np.ascontiguousarray(half[..., 0])), to_bytes(np.ascontiguousarray(half[..., 1]))

    def _stand_posts(self, planes: Planes, second: float) -> None:
        """White posts on both sides, each with a dark band, that come nearer and go by."""
        gone = second * self._way.pace * _PACE / _GAP
        for side, number in self._posts:
            away = _NEAR * 0.9 + ((number - gone) % _POSTS) * _GAP
            below = _NEAR / away
            if not _FIRST < below < _LAST:
                continue
            rows = self._size.height - self._top
            foot = self._top + below * rows
            tall = 0.090 * self._size.least * below * self._way.wide / 0.62
            x = self._way.x * self._size.width + side * 1.16 * self._way.wide * self._size.least * below
            thick = max(1, round(tall * 0.13))
            light = yuv(self._way.paint)[0] * below**0.5 + yuv(self._way.haze)[0] * (1 - below**0.5)
            _bar(planes.y, (x, foot), tall, thick, light)
            _bar(planes.y, (x, foot - tall * 0.66), tall * 0.16, thick, 30.0)

    def _lamps(self, planes: Planes, second: float) -> None:
        if self._way.lamps is None:
            return
        luma, u, v = yuv(self._way.lamps)
        for number in range(3):
            away = 2.4 + 1.6 * number + 0.5 * math.sin(second * 0.5 + number)
            below = _NEAR / away
            row = self._top + below * (self._size.height - self._top) * 0.94
            for side in (-0.13, 0.13):
                x = self._way.x * self._size.width + (0.45 + side) * self._way.wide * self._size.least * below
                radius = max(1.0, 0.028 * self._size.least * below)
                cv2.circle(planes.y, (round(x * 16), round(row * 16)), round(radius * 16), (round(luma),), -1, cv2.LINE_AA, 4)
                for plane, value in ((planes.u, u), (planes.v, v)):
                    cv2.circle(plane, (round(x * 8), round(row * 8)), round(radius * 10), (round(value),), -1, cv2.LINE_AA, 4)


def _road_texture(way: Way, rng: np.random.Generator) -> Bytes:
    """A piece of road from above, luma (rows along it, columns across), whose ends join: asphalt, tracks, edge lines and dashes."""
    across = (np.arange(_WIDE, dtype=np.float32)[None, :] / _WIDE - 0.5) * 2 * _SPAN
    grain = noise.tile(rng, (_TILE, _WIDE), slope=0.9)
    tracks = sum(np.exp(-(((np.abs(across) - place) / 0.11) ** 2)) for place in (0.30, 0.70))
    asphalt = yuv(way.asphalt)[0] - 16
    picture = asphalt * (1.0 + 0.10 * grain - 0.10 * tracks)
    if way.shine is not None:
        wet = canvas.smoothstep(noise.tile(rng, (_TILE, _WIDE), slope=2.0, stretch=0.6), -0.4, 0.9)
        picture = picture + (yuv(way.shine)[0] - 16 - picture) * wet * 0.42
    worn = 0.86 + 0.10 * noise.tile(rng, (_TILE, _WIDE), slope=1.0)
    edge = canvas.smoothstep(np.abs(np.abs(across) - 0.93), 0.030, 0.018)
    along = np.arange(_TILE, dtype=np.float32)[:, None] / _TILE * _DASHES
    dash = canvas.smoothstep(np.abs(across), 0.030, 0.018) * canvas.smoothstep(np.abs(along % 1.0 - 0.25), 0.21, 0.19)
    line = np.clip(np.maximum(edge, dash) * worn, 0.0, 1.0)
    return to_bytes(np.asarray(16 + picture + (yuv(way.paint)[0] - 16 - picture) * line, np.float32))


def _going_on(texture: Bytes) -> Bytes:
    """A texture with a little of itself beyond each edge."""
    return np.asarray(cv2.copyMakeBorder(texture, _AROUND, _AROUND, _AROUND, _AROUND, cv2.BORDER_WRAP), np.uint8)


def _brought_back(places: Floats) -> Floats:
    """Rows or columns of such a texture for those of one without end."""
    return np.asarray(np.mod(places, np.float32(_TILE)) + np.float32(_AROUND), np.float32)


def _mixed(road: Bytes, land: Bytes, on: Bytes) -> Bytes:
    return np.asarray(cv2.add(cv2.multiply(road, on, scale=1 / 255), cv2.multiply(land, cv2.bitwise_not(on), scale=1 / 255)), np.uint8)


def _bar(plane: Floats | Bytes, foot: tuple[float, float], tall: float, thick: int, light: float) -> None:
    ends = [(round(foot[0] * 16), round(foot[1] * 16)), (round(foot[0] * 16), round((foot[1] - tall) * 16))]
    cv2.line(plane, ends[0], ends[1], (round(light),), thick, cv2.LINE_AA, 4)


_NEAR = 0.10
_TILE, _WIDE = 512, 512
_AROUND = 16  # pixels: as far as a camera that goes aside ever shifts the land
_LAND = 34.0  # columns of the land's texture for half the road's width
_SPAN = 1.1  # half the texture's width, in half widths of the road
_LONG = 512.0  # rows of the texture for one unit of distance
_DASHES = 2
_PACE = 0.42  # units of distance a second
_POSTS = 14
_GAP = 0.16
_FIRST, _LAST = 0.02, 1.15
_HALF = 0.5
