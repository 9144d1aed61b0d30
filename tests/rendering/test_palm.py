"""Palms."""

from __future__ import annotations

import numpy as np

from reelgate.engines.preview import palm


def test_a_palm_is_a_thin_trunk_under_a_wide_crown() -> None:
    ink = np.zeros((120, 120), np.uint8)
    palm.grow(ink, np.random.default_rng(3), (60.0, 118.0), 90.0)
    widths = [int(np.ptp(row.nonzero()[0])) if row.any() else 0 for row in ink]

    assert ink[:20].max() == 0
    assert max(widths[25:60]) > 4 * max(widths[100:116]) > 0


def test_one_seed_makes_one_palm() -> None:
    one, again, other = (np.zeros((90, 90), np.uint8) for _ in range(3))
    for ink, seed in ((one, 1), (again, 1), (other, 2)):
        palm.grow(ink, np.random.default_rng(seed), (45.0, 88.0), 70.0)
    assert np.array_equal(one, again)
    assert not np.array_equal(one, other)
