"""Figures in silhouette."""

from __future__ import annotations

import numpy as np
import pytest

from reelgate.engines.preview.figure import KINDS, heads, stand


@pytest.mark.parametrize("kind", KINDS)
def test_a_figure_stands_on_its_foot_and_is_as_high_as_it_is(kind: str) -> None:
    ink = np.zeros((240, 200), np.uint8)
    stand(ink, np.random.default_rng(3), kind, (100.0, 220.0), 180.0)
    rows, columns = np.nonzero(ink > 128)
    assert 20 <= rows.min() <= 50
    assert 215 <= rows.max() <= 224
    assert 80 < columns.mean() < 120
    assert ink[45:60, 92:108].max() == 255, "it has a head"
    assert 0.02 < (ink > 128).mean() < 0.4


def test_a_crowd_has_a_head_for_each_and_no_gap_below_the_shoulders() -> None:
    cover = heads(np.random.default_rng(1), (120, 300), [60.0, 200.0], 20.0, 30.0)
    assert cover[30, 50:70].max() > 0.9
    assert cover[30, 120:140].max() < 0.1
    assert (cover[118, 40:80] > 0.95).all()
