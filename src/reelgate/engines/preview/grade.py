"""The last touch on a drawn frame: darker corners, and grain.

The grain is not for looks alone: it hides the bands that eight bits leave in a sunset.
"""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np

from reelgate.engines.preview.plane import BLACK, Bytes, Floats, Planes, Size, to_bytes


class Grade:
    """Vignette and luma grain, six tiles in turn."""

    def __init__(self, size: Size, *, grain: bool = True, vignette: bool = True) -> None:
        self._shade, self._tiles = _made(size, grain, vignette)

    def apply(self, planes: Planes, index: int) -> None:
        """Grade frame `index` in place."""
        brighter, darker = self._tiles[index % len(self._tiles)]
        cv2.multiply(planes.y, self._shade, dst=planes.y, scale=1 / 255)
        cv2.add(planes.y, brighter, dst=planes.y)
        cv2.subtract(planes.y, darker, dst=planes.y)


@lru_cache(maxsize=2)
def _made(size: Size, grain: bool, vignette: bool) -> tuple[Bytes, tuple[tuple[Bytes, Bytes], ...]]:  # noqa: FBT001 - only the cache sees them
    """The same grain for every film of a size: nobody compares grain, and it takes a while to make."""
    rng = np.random.default_rng(709)
    shade = _vignette(size) if vignette else np.ones((size.height, size.width), np.float32)
    floor = np.asarray(BLACK * (1 - shade), np.float32)
    fields = [rng.standard_normal(shade.shape, np.float32) * np.float32(_GRAIN if grain else _TRACE) for _ in range(_FIELDS)]
    return to_bytes(shade * 255), tuple(
        _tile(turned, floor) for field in fields for turned in (field, cv2.flip(field, 0), cv2.flip(field, 1))
    )


def _tile(noise: cv2.typing.MatLike, floor: Floats) -> tuple[Bytes, Bytes]:
    """How much brighter and how much darker it makes each pixel."""
    brighter = cv2.add(noise, floor, dtype=cv2.CV_8U)
    return np.asarray(brighter, np.uint8), np.asarray(cv2.subtract(-floor, noise, dtype=cv2.CV_8U), np.uint8)


def _vignette(size: Size) -> Floats:
    x = np.linspace(-1, 1, size.width, dtype=np.float32)[None, :]
    y = np.linspace(-1, 1, size.height, dtype=np.float32)[:, None]
    return np.asarray(1 - _DARKER * np.clip((x * x + y * y - 0.35) / 1.65, 0, 1) ** 1.3, np.float32)


_FIELDS = 2  # of noise, each as it is and mirrored: nobody sees that
_GRAIN = 2.6
_TRACE = 0.4  # without grain: just enough against bands
_DARKER = 0.42
