"""Something drawn over a finished frame: a caption, a pill."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from reelgate.engines.preview.plane import Bytes, Picture, Plane, Planes, halve, split_yuv, to_bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlay:
    """A premultiplied picture at a place of the frame. `left`, `top` and both sides are even."""

    rgb: Picture
    alpha: Plane
    left: int
    top: int


class Laying:
    """Lays one overlay over frames, at any strength."""

    def __init__(self, overlay: Overlay) -> None:
        self._overlay = overlay
        self._ready: dict[int, tuple[Bytes, ...]] = {}

    def lay(self, planes: Planes, strength: float = 1.0) -> None:
        """Lay it over the frame; 0 leaves the frame as it is."""
        level = round(strength * _LEVELS)
        if level <= 0:
            return
        if level not in self._ready:
            self._ready[level] = self._at_level(level / _LEVELS)
        y, u, v, rest, half_rest = self._ready[level]
        left, top = self._overlay.left, self._overlay.top
        for target, colour, remains, step in ((planes.y, y, rest, 1), (planes.u, u, half_rest, 2), (planes.v, v, half_rest, 2)):
            height, width = colour.shape
            part = target[top // step : top // step + height, left // step : left // step + width]
            cv2.multiply(part, remains, dst=part, scale=1 / 255)
            cv2.add(part, colour, dst=part)

    def _at_level(self, strength: float) -> tuple[Bytes, ...]:
        alpha = self._overlay.alpha * np.float32(strength)
        y, u, v = split_yuv(self._overlay.rgb * np.float32(strength), alpha)
        half_alpha = halve(alpha)
        return to_bytes(y), to_bytes(halve(u)), to_bytes(halve(v)), to_bytes(255 - 255 * alpha), to_bytes(255 - 255 * half_alpha)


_LEVELS = 12
"""Steps of a fade: each is made once and kept."""
