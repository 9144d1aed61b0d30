"""Planes, seen through the camera."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from reelgate.engines.preview.lens import Lens, Matrix, window
from reelgate.engines.preview.plane import Bytes, Size

SIZE = Size(width=320, height=180)
WHOLE = (slice(0, 180), slice(0, 320))


def plane(*, smooth: bool = True) -> Bytes:
    noise = np.random.default_rng(3).integers(0, 255, (260, 420), np.uint8)
    return np.asarray(cv2.GaussianBlur(noise, (0, 0), 2.0) if smooth else noise, np.uint8)


def at(step: float, x: float, y: float) -> Matrix:
    return np.array([[step, 0, x], [0, step, y]])


def warped(source: Bytes, matrix: Matrix) -> Bytes:
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    seen = cv2.warpAffine(source, matrix, (SIZE.width, SIZE.height), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(seen, np.uint8)


@pytest.mark.parametrize("step", [0.86, 0.93, 0.96, 0.975, 1.03, 1.2])
@pytest.mark.parametrize(("x", "y"), [(20.0, 30.0), (20.37, 30.81), (41.99, 12.02)])
def test_a_resized_window_shows_what_a_warped_one_does(step: float, x: float, y: float) -> None:
    matrix = at(step, x, y)
    seen = window(matrix, *WHOLE)
    assert seen.across is not None
    assert seen.down is not None
    assert np.abs(Lens(SIZE, 1).show(plane(), seen).astype(int) - warped(plane(), matrix)).max() <= 4


@pytest.mark.parametrize("matrix", [at(1.0, 10.5, 7.25), at(0.995, 10.5, 7.25), np.array([[0.94, -0.02, 30], [0.02, 0.94, 30]])])
def test_what_is_close_to_its_own_size_or_turned_is_warped(matrix: Matrix) -> None:
    seen = window(matrix, *WHOLE)
    assert np.array_equal(Lens(SIZE, 1).show(plane(), seen), warped(plane(), matrix))


def test_beyond_its_edges_a_plane_goes_on_as_its_last_pixels() -> None:
    matrix = at(0.95, -30.0, -40.0)
    shown = Lens(SIZE, 1).show(plane(), window(matrix, *WHOLE))
    assert np.abs(shown.astype(int) - warped(plane(), matrix)).max() <= 4
    far = Lens(SIZE, 1).show(plane(), window(at(0.95, 900.0, 900.0), *WHOLE))
    assert (far == plane()[-1, -1]).all()


def test_or_is_mirrored_there() -> None:
    matrix = at(1.05, -30.0, -20.0)
    shown = Lens(SIZE, 1, edge=cv2.BORDER_REFLECT).show(plane(), window(matrix, *WHOLE))
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    expected = cv2.warpAffine(plane(), matrix, (SIZE.width, SIZE.height), flags=flags, borderMode=cv2.BORDER_REFLECT)
    assert np.abs(shown.astype(int) - expected).max() <= 4


def test_a_part_of_a_window_shows_the_same_as_the_whole() -> None:
    matrix, rows, columns = at(0.93, 12.3, 4.5), slice(40, 90), slice(100, 170)
    whole = Lens(SIZE, 1).show(plane(), window(matrix, *WHOLE))[rows, columns]
    assert np.abs(Lens(SIZE, 1).show(plane(), window(matrix, rows, columns)).astype(int) - whole).max() <= 4


def test_a_pixel_travels_smoothly() -> None:
    dot = np.zeros((260, 420), np.uint8)
    dot[100:104, 200:204] = 200
    places = []
    for step in range(40):
        shown = Lens(SIZE, 1).show(dot, window(at(0.95, 20 + 0.1 * step, 10.0), *WHOLE)).astype(float)
        places.append((shown.sum(axis=0) * np.arange(320)).sum() / shown.sum())
    assert np.diff(places) == pytest.approx(-0.1 / 0.95, abs=0.1)


def test_slots_do_not_share_memory() -> None:
    lens, seen = Lens(SIZE, 2), window(at(0.95, 20.0, 10.0), *WHOLE)
    first = lens.show(plane(), seen, 0)
    kept = first.copy()
    lens.show(255 - plane(), seen, 1)
    assert np.array_equal(first, kept)
