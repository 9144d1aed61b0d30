"""Palms in silhouette: a trunk that leans, and a crown of fronds that hang."""

from __future__ import annotations

import math
from itertools import pairwise

import cv2
import numpy as np
import numpy.typing as npt


def grow(ink: npt.NDArray[np.uint8], rng: np.random.Generator, foot: tuple[float, float], height: float) -> None:
    """Paint one palm, in pixels, over the ink."""
    lean = float(rng.normal()) * 0.16
    trunk = [(foot[0] + lean * height * part**2, foot[1] - height * part) for part in np.linspace(0.0, 1.0, 9)]
    for number, (first, second) in enumerate(pairwise(trunk)):
        _stroke(ink, first, second, max(1, round(height * (0.030 - 0.002 * number))))
    top = trunk[-1]
    for turn in np.linspace(-0.25, math.pi + 0.25, 11) + rng.normal(0, 0.08, 11):
        reach = height * float(rng.uniform(0.30, 0.42))
        frond = [
            (top[0] + math.cos(turn) * reach * part, top[1] - math.sin(turn) * reach * part * 0.75 + reach * 0.62 * part**2)
            for part in np.linspace(0.0, 1.0, 7)
        ]
        for number, (first, second) in enumerate(pairwise(frond)):
            _stroke(ink, first, second, max(1, round(height * 0.020 * (1.0 - number / 7))))
            for side in (-1, 1):
                leaf = (second[0] - side * 0.035 * height * math.sin(turn), second[1] + 0.055 * height)
                _stroke(ink, second, leaf, 1)


def _stroke(ink: npt.NDArray[np.uint8], first: tuple[float, float], second: tuple[float, float], thick: int) -> None:
    ends = [(round(x * 16), round(y * 16)) for x, y in (first, second)]
    cv2.line(ink, ends[0], ends[1], (255,), thick, cv2.LINE_AA, 4)
