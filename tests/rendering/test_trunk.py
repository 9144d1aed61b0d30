"""Trunks."""

from __future__ import annotations

import numpy as np

from reelgate.engines.preview.trunk import Row, lit, standing


def test_trees_stand_where_they_are_planted_and_reach_the_top() -> None:
    trees = standing(np.random.default_rng(1), (180, 320), Row(places=(80.0, 240.0), thick=20.0, ground=150.0))
    assert trees.cover[20, 60:100].max() > 0.9
    assert trees.cover[20, 150:170].max() < 0.1
    assert trees.cover[170:].max() < 0.1, "the ground hides what is below it"


def test_one_side_is_in_the_light() -> None:
    trees = standing(np.random.default_rng(1), (180, 320), Row(places=(160.0,), thick=40.0, ground=170.0))
    left, right = (lit(trees, side) for side in (-1.0, 1.0))
    assert left[:100, :150].sum() > 3 * left[:100, 170:].sum()
    assert right[:100, 170:].sum() > 3 * right[:100, :150].sum()


def test_a_tree_outside_the_layer_is_no_error() -> None:
    trees = standing(np.random.default_rng(1), (90, 160), Row(places=(-400.0, 900.0), thick=10.0, ground=80.0))
    assert trees.cover.max() == 0
