"""Caustics: the net of light that waves throw on the ground below them."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from reelgate.engines.preview import canvas, noise
from reelgate.engines.preview.camera import View
from reelgate.engines.preview.plane import Bytes, Floats, Planes, Size, to_bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """Where the light falls: from `top` (fraction of the height) to the foot of the frame, `strength` 0 to 1 at the viewer."""

    top: float
    strength: float
    depth: float = 0.7


class Caustics:
    """Plays a net of light: two that slide over each other, seen in perspective, and added where both are bright."""

    def __init__(self, ground: Ground, size: Size, rng: np.random.Generator) -> None:
        self._ground, self._size = ground, size
        self._top = 2 * round(ground.top * size.height / 2)
        rows, columns = (size.height - self._top) // 2, size.width // 2
        near = np.linspace(0.0, 1.0, max(2, rows), dtype=np.float32)[:, None]
        away = 1.0 / (0.16 + near)
        across = (np.arange(columns, dtype=np.float32)[None, :] - columns / 2) / (size.least / 2)
        self._column = np.asarray(across * away * 95.0 + _TILE, np.float32)
        self._row = np.asarray(np.broadcast_to(away * 70.0, self._column.shape), np.float32)
        fade = canvas.smoothstep(near, 0.0, 0.55) * (0.35 + 0.65 * near) * ground.strength
        self._fade = to_bytes(np.asarray(np.broadcast_to(fade * 255, self._column.shape), np.float32))
        self._nets = [_net(rng) for _ in range(2)]

    def play(self, planes: Planes, second: float, view: View) -> None:
        """Add the light of that second."""
        if self._column.shape[0] < _LEAST:
            return
        seen: list[Bytes] = []
        for number, net in enumerate(self._nets):
            way = 9.0 * second * (1.0, -0.8)[number]
            column = self._column + np.float32(way + view.pose.x * view.travel * self._ground.depth * 0.5)
            moved = cv2.remap(net, column, self._row + np.float32(0.7 * way), cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)
            seen.append(np.asarray(moved, np.uint8))
        light = cv2.multiply(cv2.multiply(seen[0], seen[1], scale=1 / _BRIGHT), self._fade, scale=1 / 255)
        target = planes.y[self._top : self._top + 2 * light.shape[0]]
        cv2.add(target, cv2.resize(light, (target.shape[1], target.shape[0]), interpolation=cv2.INTER_LINEAR), dst=target)


def _net(rng: np.random.Generator) -> Bytes:
    ridge: Floats = np.abs(noise.tile(rng, (_TILE, _TILE), slope=2.3))
    return to_bytes(np.asarray(canvas.smoothstep(ridge, 0.80, 0.0) ** 1.6 * 255, np.float32))


_TILE = 256
_LEAST = 4
_BRIGHT = 150  # where both nets are as bright as this, all the light is there
