"""Small bright things that float: dust in a ray of light, spores, plankton, sparks, bubbles that rise.

Each is one of a few soft dots that are painted once; a frame only lays them down where they are by then.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from reelgate.engines.preview.camera import View
from reelgate.engines.preview.plane import Bytes, Colour, Floats, Planes, Size, to_bytes, yuv


@dataclass(frozen=True, slots=True, kw_only=True)
class Swarm:
    """What kind of motes, measured in short sides of the frame."""

    count: int
    colour: Colour
    radius: tuple[float, float]  # of the smallest and the largest
    light: float = 0.5  # how bright one is at its brightest, 0 to 1
    drift: tuple[float, float] = (0.01, -0.004)  # to the right and down, short sides a second
    sway: float = 0.012  # how far each strays from its way
    twinkle: float = 0.6  # by how much of its light it comes and goes
    area: tuple[float, float, float, float] = (0.0, 0.0, 1.0, 1.0)  # left, top, right, bottom, as fractions of the frame
    depth: tuple[float, float] = (0.4, 1.0)
    ring: bool = False  # a bright rim and a faint inside, as of a bubble


class Motes:
    """A swarm on its way. A mote that leaves its area comes in again on the other side, unseen in between."""

    def __init__(self, swarm: Swarm, size: Size, rng: np.random.Generator) -> None:
        self._swarm, self._size = swarm, size
        count = swarm.count
        self._place = rng.random((count, 2))
        self._phase = rng.uniform(0, math.tau, (count, 3))
        self._pace = rng.uniform(0.6, 1.4, count)
        share = rng.random(count) ** 2
        self._depth = swarm.depth[0] + (swarm.depth[1] - swarm.depth[0]) * share
        radii = [size.least * (swarm.radius[0] + (swarm.radius[1] - swarm.radius[0]) * each / (_SIZES - 1)) for each in range(_SIZES)]
        self._kind = np.minimum((share * _SIZES).astype(int), _SIZES - 1)
        self._dots = [Dot(radius, swarm.colour, ring=swarm.ring) for radius in radii]

    def play(self, planes: Planes, second: float, view: View) -> None:
        """Lay down every mote where it is at that second."""
        swarm, least = self._swarm, self._size.least
        left, top, right, bottom = swarm.area
        across, down = (right - left) * self._size.width, (bottom - top) * self._size.height
        moved = np.array(swarm.drift) * least * second
        at = (self._place * (across, down) + moved * self._pace[:, None]) % (across, down)
        edge = np.minimum(np.minimum(at, (across, down) - at) / (_FADE * least), 1.0).min(axis=1)
        stray = swarm.sway * least * np.sin(second * np.array([0.9, 0.7]) * self._pace[:, None] + self._phase[:, :2])
        pulse = 1.0 - swarm.twinkle * (0.5 + 0.5 * np.sin(second * 1.7 * self._pace + self._phase[:, 2]))
        light = swarm.light * pulse * edge
        for number in np.flatnonzero(light > _UNSEEN):
            x, y = at[number] + stray[number]
            x, y, _ = view.seen(left * self._size.width + x, top * self._size.height + y, float(self._depth[number]))
            self._dots[self._kind[number]].lay(planes, x, y, float(light[number]))


class Dot:
    """A soft dot, laid over the frame; made once for each place between pixels that is told from another."""

    def __init__(self, radius: float, colour: Colour, *, ring: bool) -> None:
        self._reach = max(2, math.ceil(radius * (1.6 if ring else 2.4)))
        self._shape = _shape(self._reach, radius, ring=ring)
        self._colour = yuv(colour)
        self._tints = self._reach > _COLOURLESS  # of a point nobody sees the colour, and two planes of three are saved
        self._places: dict[tuple[int, int], tuple[Bytes, ...]] = {}

    def lay(self, planes: Planes, x: float, y: float, light: float) -> None:
        """Its centre at (x, y), between pixels."""
        column, row = math.floor(x / 2) * 2, math.floor(y / 2) * 2
        key = (round((x - column) * _STEPS / 2), round((y - row) * _STEPS / 2))
        if key not in self._places:
            self._places[key] = self._at(*key)
        share, bright, half_share, u, v = self._places[key]
        reach = self._reach + self._reach % 2
        _screen(planes.y, (row - reach, column - reach), share, bright, light)
        if not (self._tints and planes.coloured):
            return
        for plane, tint in ((planes.u, u), (planes.v, v)):
            _screen(plane, ((row - reach) // 2, (column - reach) // 2), half_share, tint, light)

    def _at(self, right: int, down: int) -> tuple[Bytes, ...]:
        luma, u, v = self._colour
        reach = self._reach + self._reach % 2
        side = 2 * reach + 4
        matrix = np.array([[1, 0, reach - self._reach + 2 * right / _STEPS], [0, 1, reach - self._reach + 2 * down / _STEPS]], np.float32)
        light = np.asarray(cv2.warpAffine(self._shape, matrix, (side, side)), np.float32)
        half = np.asarray(cv2.resize(light, (side // 2, side // 2), interpolation=cv2.INTER_AREA), np.float32)
        return to_bytes(255 * light), to_bytes(light * luma), to_bytes(255 * half), to_bytes(half * u), to_bytes(half * v)


def _shape(reach: int, radius: float, *, ring: bool) -> Floats:
    around = np.arange(-reach, reach + 1, dtype=np.float32)
    away = np.hypot(around[:, None], around[None, :]) / max(0.6, radius)
    if ring:
        rim = np.exp(-(((away - 1.0) / 0.22) ** 2))
        glint = 0.9 * np.exp(-((np.hypot(around[:, None] / radius + 0.4, around[None, :] / radius + 0.4) / 0.25) ** 2))
        return np.asarray(np.clip(rim + glint + 0.14 * (away < 1.0), 0, 1), np.float32)
    return np.asarray(np.exp(-away * away), np.float32)


def _screen(plane: Bytes, corner: tuple[int, int], share: Bytes, light: Bytes, strength: float) -> None:
    top, left = corner
    height, width = plane.shape
    rows, columns = share.shape
    first, last = max(0, top), min(height, top + rows)
    start, end = max(0, left), min(width, left + columns)
    if first >= last or start >= end:
        return
    part = plane[first:last, start:end]
    cut = (slice(first - top, last - top), slice(start - left, end - left))
    cv2.multiply(part, cv2.convertScaleAbs(share[cut], alpha=-strength, beta=255), dst=part, scale=1 / 255)
    cv2.scaleAdd(light[cut], strength, part, dst=part)


_SIZES = 4
_COLOURLESS = 5  # pixels
_STEPS = 4  # places between two chroma pixels
_FADE = 0.06  # within so many short sides of its area's edge a mote is not seen
_UNSEEN = 0.02
