"""Coral."""

from __future__ import annotations

import numpy as np

from reelgate.engines.preview.coral import reef


def test_a_reef_grows_on_its_rock() -> None:
    cover = reef(np.random.default_rng(1), (180, 320), np.full(320, 140.0, np.float32), 50.0, 14)
    assert (cover[150:] > 0.99).all()
    assert 0.02 < cover[90:138].mean() < 0.9
    assert cover[:60].max() < 0.05
