"""Noise to paint with: small random grids enlarged by cubic interpolation and summed.

Coarse octaves stay small until the last one, so a whole frame of five octaves costs a few milliseconds. All planes are
float32. Chance comes from the generator that is handed in, and from nowhere else.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TypeAlias

import cv2
import numpy as np

from reelgate.engines.preview.plane import Plane

Shape: TypeAlias = tuple[int, int]
"""Rows, columns."""

Cell: TypeAlias = tuple[float, float]
"""Height and width of the coarsest blobs, pixels."""

Maker: TypeAlias = Callable[[np.random.Generator, Shape, Cell], Plane]
"""Any noise of this module, with its own octaves."""


def fbm(rng: np.random.Generator, shape: Shape, cell: Cell, octaves: int = 5, gain: float = 0.5) -> Plane:
    """Cloud-like noise: mean about 0, standard deviation about 1."""
    total = np.zeros((1, 1), np.float32)
    for octave, amplitude in enumerate(_amplitudes(octaves, gain)):
        grid = _grid(rng, shape, cell, octave)
        resolution = _resolution(shape, (grid.shape[0], grid.shape[1]))
        total = np.asarray(_enlarged(total, resolution) + amplitude * _enlarged(grid, resolution), np.float32)
    return _enlarged(total, shape)


def rolling(rng: np.random.Generator, shape: Shape, cell: Cell, octaves: int = 3, gain: float = 0.5) -> Plane:
    """`fbm` to make ground of, whose slope is what the light shows.

    Cubic interpolation keeps to the values but not to their slope, which goes up and down once from each of its samples to the next:
    bars on every flank. The mean over as much as lies between two samples has none of it.
    """
    plane = fbm(rng, shape, cell, octaves, gain)
    samples = _resolution(shape, _cells(shape, cell, octaves - 1))
    across, down = (max(1, round(pixels / count)) for pixels, count in zip(shape[::-1], samples[::-1], strict=True))
    for _ in range(2):
        plane = np.asarray(cv2.blur(plane, (across, down), borderType=cv2.BORDER_REPLICATE), np.float32)
    return plane


def ridged(rng: np.random.Generator, shape: Shape, cell: Cell, octaves: int = 5, gain: float = 0.5) -> Plane:
    """Noise with sharp crests, 0 (valley) to about 1 (crest). Finer crests grow on coarse crests, not in valleys."""
    total = np.zeros(shape, np.float32)
    weight = np.ones(shape, np.float32)
    amplitude, reach = 1.0, 0.0
    for octave in range(octaves):
        signal = 1.0 - np.abs(_enlarged(_grid(rng, shape, cell, octave), shape)) * np.float32(0.62)
        signal = np.clip(signal, 0.0, 1.0) ** 2 * weight
        total += np.float32(amplitude) * signal
        weight = np.clip(signal * 1.8, 0.0, 1.0)
        reach += amplitude
        amplitude *= gain
    return np.asarray(total / np.float32(reach), np.float32)


def eroded(rng: np.random.Generator, shape: Shape, cell: Cell, octaves: int = 6, gain: float = 0.52) -> Plane:
    """Noise worn by weather: detail stays on ridges and is lost on slopes that are steep already. Mean and deviation about 0 and 1."""
    total = np.zeros(shape, np.float32)
    slope_x, slope_y = np.zeros(shape, np.float32), np.zeros(shape, np.float32)
    for octave, amplitude in enumerate(_amplitudes(octaves, gain)):
        plane = _enlarged(_grid(rng, shape, cell, octave), shape)
        size = np.float32(amplitude / 2**octave)
        slope_x += _slope(plane, 1) * size * np.float32(cell[1])
        slope_y += _slope(plane, 0) * size * np.float32(cell[0])
        total += np.float32(amplitude) * plane / (1.0 + (slope_x * slope_x + slope_y * slope_y) * np.float32(0.6 if octave else 0.2))
    return np.asarray((total - total.mean()) / (total.std() + 1e-6), np.float32)


def line(rng: np.random.Generator, length: int, cell: float, octaves: int = 5, gain: float = 0.5) -> Plane:
    """One row of `fbm`: shape (length,)."""
    return fbm(rng, (1, length), (1.0, cell), octaves, gain)[0]


def tile(rng: np.random.Generator, shape: Shape, slope: float = 1.6, stretch: float = 1.0) -> Plane:
    """Noise that repeats without a seam in both directions: mean 0, deviation 1. `slope` up = softer; `stretch` > 1 = wider blobs."""
    rows, columns = shape
    frequency = np.hypot(np.fft.fftfreq(rows)[:, None] * rows, np.fft.rfftfreq(columns)[None, :] * columns * stretch)
    frequency[0, 0] = 1.0
    spectrum = frequency**-slope * np.exp(2j * math.pi * rng.random(frequency.shape))
    spectrum[0, 0] = 0.0
    plane = np.fft.irfft2(spectrum, s=shape)
    return np.asarray(plane / plane.std(), np.float32)


def _slope(plane: Plane, axis: int) -> Plane:
    kernel = np.array([-0.5, 0.0, 0.5], np.float32)
    still = np.ones(1, np.float32)
    across, down = (kernel, still) if axis == 1 else (still, kernel)
    return np.asarray(cv2.sepFilter2D(plane, cv2.CV_32F, across, down), np.float32)


def _amplitudes(octaves: int, gain: float) -> list[float]:
    """Amplitudes whose sum of independent octaves has deviation 1."""
    raw = [gain**octave for octave in range(octaves)]
    scale = 1.0 / math.sqrt(sum(amplitude * amplitude for amplitude in raw))
    return [amplitude * scale for amplitude in raw]


def _grid(rng: np.random.Generator, shape: Shape, cell: Cell, octave: int) -> Plane:
    """Random values, deviation a little over 1 because interpolation takes some away again."""
    return rng.standard_normal(_cells(shape, cell, octave), np.float32) * np.float32(1.35)


def _cells(shape: Shape, cell: Cell, octave: int) -> Shape:
    """How many values an octave has."""
    rows, columns = (min(pixels, max(1, math.ceil(pixels * 2**octave / size) + 1)) for pixels, size in zip(shape, cell, strict=True))
    return rows, columns


def _resolution(shape: Shape, grid: Shape) -> Shape:
    """Four pixels for a cell are enough to hold a cubic curve until the next octave."""
    return min(shape[0], grid[0] * 4), min(shape[1], grid[1] * 4)


def _enlarged(plane: Plane, shape: Shape) -> Plane:
    if plane.shape == shape:
        return plane
    return np.asarray(cv2.resize(plane, (shape[1], shape[0]), interpolation=cv2.INTER_CUBIC), np.float32).reshape(shape)
