"""Noise to paint with."""

from __future__ import annotations

import numpy as np
import pytest

from reelgate.engines.preview import noise

SHAPE = (90, 160)


@pytest.mark.parametrize("make", [noise.fbm, noise.eroded, noise.ridged])
def test_the_same_seed_makes_the_same_plane_and_another_seed_another(make: noise.Maker) -> None:
    one, again, other = (make(np.random.default_rng(seed), SHAPE, (20.0, 30.0)) for seed in (1, 1, 2))
    assert one.shape == SHAPE
    assert one.dtype == np.float32
    assert np.array_equal(one, again)
    assert not np.allclose(one, other)


@pytest.mark.parametrize("cell", [(12.0, 12.0), (40.0, 60.0)])
def test_fbm_has_about_the_mean_and_the_deviation_that_thresholds_count_on(cell: noise.Cell) -> None:
    planes = np.stack([noise.fbm(np.random.default_rng(seed), SHAPE, cell) for seed in range(12)])
    assert abs(float(planes.mean())) < 0.25
    assert 0.7 < float(planes.std()) < 1.3


def test_ridged_noise_stays_between_valley_and_crest() -> None:
    plane = noise.ridged(np.random.default_rng(3), SHAPE, (25.0, 25.0))
    assert plane.min() >= 0.0
    assert plane.max() <= 1.0
    assert plane.max() > 0.5


def test_noise_is_smooth_at_the_size_of_its_cells() -> None:
    coarse = noise.fbm(np.random.default_rng(4), SHAPE, (45.0, 80.0), octaves=1)
    fine = noise.fbm(np.random.default_rng(4), SHAPE, (4.0, 4.0), octaves=1)
    assert np.abs(np.diff(coarse, axis=1)).mean() < np.abs(np.diff(fine, axis=1)).mean() / 5


def test_rolling_ground_has_no_bars_on_its_slopes() -> None:
    rough, smooth = (
        make(np.random.default_rng(4), (60, 900), (60.0, 400.0), 3, 0.5)[30].astype(np.float64) for make in (noise.fbm, noise.rolling)
    )
    bars, few = (int(np.count_nonzero(np.diff(np.sign(np.diff(row, n=2))))) for row in (rough, smooth))
    assert bars > 25
    assert few < 15


def test_a_line_is_one_row() -> None:
    assert noise.line(np.random.default_rng(5), 77, 12.0).shape == (77,)


def test_a_tile_repeats_without_a_seam() -> None:
    plane = noise.tile(np.random.default_rng(6), (64, 96))
    assert plane.std() == pytest.approx(1.0, abs=1e-3)
    step = np.abs(np.diff(plane, axis=1)).mean()
    assert np.abs(plane[:, 0] - plane[:, -1]).mean() < 2 * step
    assert np.abs(plane[0] - plane[-1]).mean() < 2 * np.abs(np.diff(plane, axis=0)).mean()
    assert np.abs(plane[:, 0] - plane[:, 40]).mean() > 2 * step
