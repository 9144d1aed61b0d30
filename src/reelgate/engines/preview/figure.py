"""People in silhouette: standing figures in cloaks, gowns and coats, and the heads of a crowd seen from behind."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from reelgate.engines.preview.plane import Plane

Ink = npt.NDArray[np.uint8]
Points = Sequence[tuple[float, float]]


def stand(ink: Ink, rng: np.random.Generator, kind: str, foot: tuple[float, float], height: float) -> None:
    """Draw a figure into `ink`: `kind` is one of KINDS, `foot` where it stands, `height` its own, all in pixels."""
    facing = 1.0 if rng.random() < _HALF else -1.0
    lean = float(rng.normal()) * 0.012
    outline = _rounded([*_KINDS[kind], *((-x, y) for x, y in reversed(_KINDS[kind]))])
    wide = float(rng.uniform(0.92, 1.10))

    def placed(points: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        return np.column_stack([foot[0] + (points[:, 0] * wide * facing + lean * points[:, 1]) * height, foot[1] - points[:, 1] * height])

    _fill(ink, placed(outline))
    head = placed(np.array([(0.0, 0.925)]))[0]
    axes = (round(0.052 * height * 16), round(0.068 * height * 16))
    cv2.ellipse(ink, (round(head[0] * 16), round(head[1] * 16)), axes, 4 * facing, 0, 360, (255,), -1, cv2.LINE_AA, 4)
    for part in _THINGS.get(kind, ()):
        _fill(ink, placed(_rounded(part)))
    for arm in _ARMS.get(kind, ()):
        points = placed(np.array(arm))
        for number in range(1, len(points)):
            thick = max(1, round(height * (0.046 - 0.008 * number)))
            ends = [(round(x * 16), round(y * 16)) for x, y in (points[number - 1], points[number])]
            cv2.line(ink, ends[0], ends[1], (255,), thick, cv2.LINE_AA, 4)


def heads(rng: np.random.Generator, shape: tuple[int, int], places: Sequence[float], top: float, size: float) -> Plane:
    """Cover of a row of people seen from behind, from the shoulders up; `top` is the row of their crowns, `size` a head's height."""
    ink = np.zeros(shape, np.uint8)
    for place in places:
        crown = top + float(rng.normal()) * size * 0.22
        wide = size * float(rng.uniform(0.34, 0.42))
        tilt = float(rng.normal()) * 6
        centre = (round(place * 16), round((crown + size * 0.5) * 16))
        cv2.ellipse(ink, centre, (round(wide * 16), round(size * 0.5 * 16)), tilt, 0, 360, (255,), -1, cv2.LINE_AA, 4)
        if rng.random() < _LONG_HAIR:
            lower = (centre[0], centre[1] + round(size * 0.28 * 16))
            cv2.ellipse(ink, lower, (round(wide * 1.12 * 16), round(size * 0.55 * 16)), tilt, 0, 360, (255,), -1, cv2.LINE_AA, 4)
        shoulders = [
            (-1.25, 2.6),
            (-1.18, 1.62),
            (-0.86, 1.30),
            (-0.30, 1.14),
            (-0.22, 0.8),
            (0.22, 0.8),
            (0.30, 1.14),
            (0.86, 1.30),
            (1.18, 1.62),
            (1.25, 2.6),
        ]
        _fill(ink, np.array([(place + x * size * 0.86, crown + y * size) for x, y in shoulders]))
        last = round(crown + size * 2.5)
        if last < shape[0]:
            ink[last:, max(0, round(place - size * 1.07)) : round(place + size * 1.07)] = 255
    return np.asarray(cv2.GaussianBlur(ink, (0, 0), max(0.6, size * 0.022)), np.float32) / np.float32(255)


def _rounded(points: Points) -> npt.NDArray[np.float64]:
    """A closed curve through the points."""
    corners = np.array(points)
    before, after, later = np.roll(corners, 1, axis=0), np.roll(corners, -1, axis=0), np.roll(corners, -2, axis=0)
    steps = np.linspace(0.0, 1.0, 7, endpoint=False)[:, None, None]
    curve = 0.5 * (
        2 * corners
        + (after - before) * steps
        + (2 * before - 5 * corners + 4 * after - later) * steps**2
        + (3 * corners - before - 3 * after + later) * steps**3
    )
    return np.asarray(curve.transpose(1, 0, 2).reshape(-1, 2))


def _fill(ink: Ink, points: npt.NDArray[np.float64]) -> None:
    cv2.fillPoly(ink, [np.round(points * 16).astype(np.int32)], (255,), cv2.LINE_AA, 4)


_KINDS: dict[str, Points] = {
    "lord": (
        (0.030, 0.875),
        (0.055, 0.845),
        (0.125, 0.825),
        (0.158, 0.780),
        (0.150, 0.650),
        (0.165, 0.480),
        (0.190, 0.280),
        (0.235, 0.060),
        (0.245, 0.0),
        (0.0, 0.0),
    ),
    "gown": (
        (0.026, 0.875),
        (0.040, 0.845),
        (0.088, 0.828),
        (0.108, 0.790),
        (0.088, 0.690),
        (0.068, 0.600),
        (0.105, 0.500),
        (0.165, 0.290),
        (0.225, 0.050),
        (0.220, 0.0),
        (0.0, 0.0),
    ),
    "coat": (
        (0.030, 0.875),
        (0.046, 0.845),
        (0.112, 0.826),
        (0.138, 0.785),
        (0.130, 0.640),
        (0.125, 0.500),
        (0.132, 0.380),
        (0.120, 0.330),
        (0.100, 0.310),
        (0.085, 0.030),
        (0.110, 0.0),
        (0.035, 0.0),
        (0.018, 0.300),
        (0.0, 0.300),
    ),
    "cloak": (
        (0.030, 0.880),
        (0.062, 0.850),
        (0.105, 0.815),
        (0.135, 0.740),
        (0.150, 0.560),
        (0.165, 0.360),
        (0.180, 0.140),
        (0.185, 0.0),
        (0.0, 0.0),
    ),
}
"""Right halves of outlines, from the neck down; a height is 1."""

_THINGS: dict[str, tuple[Points, ...]] = {
    "lord": (((-0.060, 0.975), (-0.066, 1.045), (-0.030, 1.005), (0.0, 1.055), (0.030, 1.005), (0.066, 1.045), (0.060, 0.975)),),
    "gown": (
        (
            (-0.050, 0.960),
            (-0.072, 0.900),
            (-0.060, 0.820),
            (-0.030, 0.840),
            (0.030, 0.840),
            (0.060, 0.820),
            (0.072, 0.900),
            (0.050, 0.960),
            (0.0, 1.005),
        ),
    ),
    "cloak": (((-0.072, 0.900), (-0.070, 0.970), (0.0, 1.020), (0.070, 0.970), (0.072, 0.900), (0.062, 0.840), (-0.062, 0.840)),),
}
_ARMS: dict[str, tuple[Points, ...]] = {
    "lord": (((0.130, 0.780), (0.215, 0.640), (0.300, 0.700)), ((0.300, 1.020), (0.300, 0.700), (0.300, 0.0))),
    "gown": (((0.095, 0.790), (0.150, 0.650), (0.130, 0.520)),),
    "coat": (((0.125, 0.785), (0.165, 0.620), (0.150, 0.470)), ((-0.125, 0.785), (-0.160, 0.620), (-0.145, 0.470))),
}
KINDS = tuple(_KINDS)

_HALF = 0.5
_LONG_HAIR = 0.4
