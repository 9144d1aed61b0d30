"""Undergrowth."""

from __future__ import annotations

import numpy as np

from reelgate.engines.preview.fern import undergrowth


def test_it_grows_on_the_ground_and_no_higher_than_it_may() -> None:
    ground = np.full(320, 120.0, np.float32)
    cover = undergrowth(np.random.default_rng(1), (180, 320), ground, 50.0, 20)
    assert (cover[130:] > 0.99).all()
    assert cover[80:118].max() > 0.9
    assert cover[:50].max() < 0.05


def test_bare_ground_is_bare() -> None:
    cover = undergrowth(np.random.default_rng(1), (180, 320), np.full(320, 120.0, np.float32), 50.0, 0)
    assert cover[:117].max() < 0.05
