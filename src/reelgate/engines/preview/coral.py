"""Coral and sponges in silhouette: what grows on a reef."""

from __future__ import annotations

import math

import cv2
import numpy as np
import numpy.typing as npt

from reelgate.engines.preview.plane import Plane

_Ink = npt.NDArray[np.uint8]


def reef(rng: np.random.Generator, shape: tuple[int, int], ground: Plane, tall: float, count: int) -> Plane:
    """Cover (rows, columns) of the rock below `ground` (a row for each column) and of what grows on it, about `tall` pixels high."""
    rows, columns = shape
    ink = np.zeros(shape, np.uint8)
    ink[np.arange(rows)[:, None] >= ground[None, :]] = 255
    kinds = (_branches, _branches, _fan, _dome, _dome, _tubes)
    for place in rng.random(count) * columns:
        column = min(columns - 1, int(place))
        height = tall * float(rng.uniform(0.35, 1.0))
        kinds[int(rng.integers(len(kinds)))](ink, rng, (float(place), float(ground[column]) + 3), height)
    return np.asarray(cv2.GaussianBlur(ink, (3, 3), 0.7), np.float32) / np.float32(255)


def _branches(ink: _Ink, rng: np.random.Generator, foot: tuple[float, float], height: float) -> None:
    """Staghorn: branches that fork three times."""

    def grow(at: tuple[float, float], turn: float, long: float, thick: float, left: int) -> None:
        tip = (at[0] + math.sin(turn) * long, at[1] - math.cos(turn) * long)
        _stroke(ink, at, tip, max(1, round(thick)))
        if left:
            for side in (-1, 1):
                grow(tip, turn + side * float(rng.uniform(0.22, 0.55)), long * float(rng.uniform(0.62, 0.85)), thick * 0.72, left - 1)

    for turn in np.linspace(-0.6, 0.6, 4):
        grow(foot, float(turn), height * 0.34, height * 0.055, 3)


def _fan(ink: _Ink, rng: np.random.Generator, foot: tuple[float, float], height: float) -> None:
    """A sea fan: a net of fine ribs from one stem."""
    lean = float(rng.normal()) * 0.15
    for turn in np.linspace(-0.85, 0.85, 15):
        reach = height * (1.0 - 0.28 * turn * turn) * float(rng.uniform(0.85, 1.0))
        bent = turn + lean
        middle = (foot[0] + math.sin(bent * 0.6) * reach * 0.5, foot[1] - math.cos(bent * 0.6) * reach * 0.5)
        _stroke(ink, foot, middle, max(1, round(height * 0.018)))
        _stroke(ink, middle, (foot[0] + math.sin(bent) * reach, foot[1] - math.cos(bent) * reach), max(1, round(height * 0.012)))
    for share in (0.55, 0.7, 0.85):
        ring = [
            (foot[0] + math.sin(turn + lean) * height * share, foot[1] - math.cos(turn + lean) * height * share)
            for turn in np.linspace(-0.8, 0.8, 12)
        ]
        for number in range(1, len(ring)):
            _stroke(ink, ring[number - 1], ring[number], 1)


def _dome(ink: _Ink, rng: np.random.Generator, foot: tuple[float, float], height: float) -> None:
    """Brain coral: a few round heads."""
    for _ in range(3):
        wide = height * float(rng.uniform(0.25, 0.5))
        centre = (round((foot[0] + float(rng.normal()) * height * 0.16) * 16), round((foot[1] + wide * 0.35) * 16))
        cv2.ellipse(ink, centre, (round(wide * 16), round(wide * 0.8 * 16)), 0, 0, 360, (255,), -1, cv2.LINE_AA, 4)


def _tubes(ink: _Ink, rng: np.random.Generator, foot: tuple[float, float], height: float) -> None:
    """Tube sponges, open at the top."""
    for _ in range(5):
        x, tall, lean = foot[0] + float(rng.normal()) * height * 0.18, height * float(rng.uniform(0.4, 0.8)), float(rng.normal()) * 0.12
        thick = max(2, round(height * 0.075))
        top = (x + lean * tall, foot[1] - tall)
        _stroke(ink, (x, foot[1]), top, thick)
        cv2.circle(ink, (round(top[0] * 16), round(top[1] * 16)), round(thick * 0.66 * 16), (255,), -1, cv2.LINE_AA, 4)


def _stroke(ink: _Ink, first: tuple[float, float], second: tuple[float, float], thick: int) -> None:
    ends = [(round(x * 16), round(y * 16)) for x, y in (first, second)]
    cv2.line(ink, ends[0], ends[1], (255,), thick, cv2.LINE_AA, 4)
