"""Caustics: the net of light that waves throw on the ground below them, and that the waves themselves show from below."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from reelgate.engines.preview import canvas
from reelgate.engines.preview.camera import View
from reelgate.engines.preview.plane import Bytes, Floats, Plane, Planes, Size, to_bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """Where the light falls: from `top` to `foot` (fractions of the height), `strength` 0 to 1 where it is nearest to the viewer."""

    top: float
    strength: float
    foot: float = 1.0
    depth: float = 0.7
    above: bool = False  # a ceiling: nearest at its top
    fine: int = 4  # how many pixels of the frame are one of the net
    pace: float = 1.0
    cover: Plane | None = None  # where there is ground at all, of the whole frame at rest, at any size


class Caustics:
    """Plays a net of light: two that slide over each other, seen in perspective, and added where both are bright."""

    def __init__(self, ground: Ground, size: Size, rng: np.random.Generator) -> None:
        self._ground, self._size = ground, size
        self._top = 2 * round(ground.top * size.height / 2)
        rows, columns = max(0, 2 * round(ground.foot * size.height / 2) - self._top) // ground.fine, size.width // ground.fine
        near = np.linspace(0.0, 1.0, max(2, rows), dtype=np.float32)[:rows, None]
        near = near[::-1] if ground.above else near
        away = 1.0 / (0.30 + near)
        across = (np.arange(columns, dtype=np.float32)[None, :] - columns / 2) / (size.least / ground.fine)
        self._column = _from_nothing(across * away * 250.0)
        self._row = _from_nothing(np.broadcast_to(away * 260.0, self._column.shape))
        fade = canvas.smoothstep(near, 0.0, 0.45) * (0.35 + 0.65 * near) * ground.strength
        self._fade = to_bytes(np.asarray(np.broadcast_to(fade * 255, self._column.shape), np.float32))
        self._cover = None if ground.cover is None else to_bytes(canvas.reduced(ground.cover, size.height // 4, size.width // 4) * 255)
        # Laid out as often as it is seen: to wrap around in every frame costs six times as much.
        often = [math.ceil(float(each.max(initial=0.0)) / _TILE) + 2 for each in (self._row, self._column)]
        self._nets = [np.tile(_net(rng), often) for _ in range(2)]

    def play(self, planes: Planes, second: float, view: View) -> None:
        """Add the light of that second."""
        if self._column.shape[0] < _LEAST:
            return
        seen: list[Bytes] = []
        for number, net in enumerate(self._nets):
            way = 11.0 * self._ground.pace * second * (1.0, -0.8)[number]
            column = self._column + np.float32((way + view.pose.x * view.travel * self._ground.depth * 0.5) % _TILE)
            moved = cv2.remap(net, column, self._row + np.float32(0.7 * way % _TILE), cv2.INTER_LINEAR)
            seen.append(np.asarray(moved, np.uint8))
        light = cv2.multiply(cv2.multiply(seen[0], seen[1], scale=1 / _BRIGHT), self._fade, scale=1 / 255)
        if self._cover is not None:
            light = cv2.multiply(light, self._ground_seen(self._cover, view), scale=1 / 255)
        target = planes.y[self._top : self._top + self._ground.fine * light.shape[0]]
        cv2.add(target, cv2.resize(light, (target.shape[1], target.shape[0]), interpolation=cv2.INTER_LINEAR), dst=target)

    def _ground_seen(self, cover: Bytes, view: View) -> Bytes:
        """The ground where the camera sees it, as fine as the net: it must not leave its rock."""
        depth = self._ground.depth
        start, aside, below = (np.array(view.seen(x, y, depth)[:2]) for x, y in ((0.0, 0.0), (4.0, 0.0), (0.0, 4.0)))
        matrix = np.column_stack([aside - start, below - start, start - (0.0, self._top)]) / self._ground.fine
        size = (self._column.shape[1], self._column.shape[0])
        return np.asarray(cv2.warpAffine(cover, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.uint8)


def _from_nothing(places: canvas.Numbers) -> Floats:
    """Moved so that the least is 0."""
    return np.asarray(places - places.min(initial=0.0), np.float32)


def _net(rng: np.random.Generator) -> Bytes:
    """A tile of light between cells: bright where two of its points are as near as each other."""
    grid = np.stack(np.meshgrid(np.arange(_CELLS), np.arange(_CELLS), indexing="ij"), axis=2)
    places = np.asarray((grid + rng.uniform(0.05, 0.95, grid.shape)) / _CELLS, np.float32).reshape(-1, 2)
    ruler = (np.arange(_TILE // 2, dtype=np.float32) + 0.5) / (_TILE / 2)
    nearest = np.full((2, _TILE // 2, _TILE // 2), 9.0, np.float32)
    for down, across in places:
        rows, columns = (np.minimum(gap, 1.0 - gap) for gap in (np.abs(ruler - down), np.abs(ruler - across)))
        away: Floats = np.hypot(rows[:, None], columns[None, :])
        nearest[1] = np.minimum(nearest[1], np.maximum(nearest[0], away))
        nearest[0] = np.minimum(nearest[0], away)
    edge = (nearest[1] - nearest[0]) * _CELLS
    light = 0.16 + 0.84 * np.exp(-((edge / 0.17) ** 1.2))
    return to_bytes(canvas.enlarged(np.asarray(light * 255, np.float32), _TILE, _TILE))


_TILE = 256
_CELLS = 7  # each way on a tile
_LEAST = 4
_BRIGHT = 200  # where both nets are as bright as this, all the light is there
