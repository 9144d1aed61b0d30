"""Sand or snow that the wind drives along the ground: streaks that come and go, faster the nearer they are.

They are light only, drawn at a quarter of the frame's size: nothing in them is sharp, and so they cost next to nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from reelgate.engines.preview import canvas, noise
from reelgate.engines.preview.camera import View
from reelgate.engines.preview.plane import Floats, Planes, Size


@dataclass(frozen=True, slots=True, kw_only=True)
class Wind:
    """Where it blows and how hard."""

    top: float  # of the ground, fraction of the frame's height; it goes down to the frame's foot
    speed: float  # at the frame's foot, short sides a second; to the right
    light: float  # of the brightest streak, 0 to 1
    depth: float = 0.7


class Gusts:
    """Plays a wind: a pattern of streaks, seen through one of gusts that is slower."""

    def __init__(self, wind: Wind, size: Size, rng: np.random.Generator) -> None:
        self._wind, self._size = wind, size
        self._first = min(2 * round(wind.top * size.height / 2), size.height - _SHRINK)
        rows, columns = max(4, (size.height - self._first) // _SHRINK), size.width // _SHRINK
        self._scale = _UNIT / size.least  # pixels of a pattern for one of the frame
        self._row = np.repeat(np.arange(rows, dtype=np.float32)[:, None], columns, axis=1) * np.float32(_SHRINK * self._scale)
        self._column = np.repeat(np.arange(columns, dtype=np.float32)[None, :], rows, axis=0) * np.float32(_SHRINK * self._scale)
        near = (np.arange(rows, dtype=np.float32)[:, None] + 1.0) / rows
        self._pace = 0.25 + 0.75 * near  # of what is far less is seen
        self._streaks = canvas.smoothstep(noise.tile(rng, _TILE, slope=1.1, stretch=5.0), -0.1, 1.9)
        gusts = canvas.smoothstep(noise.tile(rng, _TILE, slope=1.6, stretch=1.2), -0.5, 1.6)
        self._gusts = np.asarray(gusts * (255 * wind.light), np.float32)
        self._fade = np.asarray(canvas.smoothstep(near, 0.0, 0.4), np.float32)

    def play(self, planes: Planes, second: float, view: View) -> None:
        """Lay the light of that second's streaks over the ground."""
        seen, _, _ = view.seen(0.0, self._first, self._wind.depth)
        gone = np.asarray(self._wind.speed * self._size.least * second * self._pace, np.float32)
        light = self._moved(self._streaks, gone, seen) * self._moved(self._gusts, 0.6 * gone, seen) * self._fade
        ground = planes.y[self._first :]
        wide = cv2.resize(np.asarray(light, np.float32), (self._size.width, ground.shape[0]), interpolation=cv2.INTER_LINEAR)
        cv2.add(ground, cv2.convertScaleAbs(wide), dst=ground)

    def _moved(self, pattern: Floats, gone: canvas.Numbers, seen: float) -> Floats:
        column = np.asarray(self._column - (gone + seen) * self._scale, np.float32)
        return np.asarray(cv2.remap(pattern, column, self._row, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP), np.float32)


_SHRINK = 4
_UNIT = 180  # pixels of a pattern that make a short side of the frame
_TILE = (72, 400)  # of a pattern, which joins itself on all sides: all of it is seen at once, so that no ground is left out by chance
