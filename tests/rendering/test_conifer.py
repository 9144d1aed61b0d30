"""Conifers in silhouette."""

from __future__ import annotations

import numpy as np

from reelgate.engines.preview import conifer


def test_a_fir_is_narrow_at_its_top_and_wide_at_its_foot() -> None:
    for height, tree in zip((60, 24, 4), conifer.firs(np.random.default_rng(1), np.array([60.0, 24.0, 3.2])), strict=True):
        rows, columns = tree.shape
        assert rows == height
        assert columns / 2 / height >= 0.15 or rows < 10
        assert columns / 2 / height <= 0.27 or rows < 10
        assert tree[: rows // 4].sum() < tree[rows // 2 :].sum() / 2
        assert 0.0 <= tree.min() <= tree.max() <= 1.0


def test_no_firs_of_no_heights() -> None:
    assert conifer.firs(np.random.default_rng(1), np.array([])) == []


def test_a_forest_stands_on_its_ground() -> None:
    ground = np.full(120, 50.0, np.float32)
    cover = conifer.forest(np.random.default_rng(2), 70, conifer.Edge(ground=ground, tall=30.0, density=1.0))
    assert cover.shape == (70, 120)
    assert (cover[51:] == 1.0).all()
    assert cover[:15].max() == 0.0
    assert 0.1 < cover[35:50].mean() < 0.95


def test_a_denser_forest_hides_more() -> None:
    ground = np.full(200, 50.0, np.float32)
    thin, dense = (
        conifer.forest(np.random.default_rng(2), 70, conifer.Edge(ground=ground, tall=30.0, density=density)).mean()
        for density in (0.3, 1.5)
    )
    assert dense > thin


def test_a_great_fir_is_drawn_about_its_trunk() -> None:
    tree = conifer.great_fir(np.random.default_rng(3), (200, 160), (80.0, 190.0), 170.0)
    assert tree[150:185, 75:85].mean() > 0.5
    assert tree[:15].max() == 0.0
    assert tree[:, :15].max() == 0.0


def test_edge_light_lies_on_the_side_towards_the_light() -> None:
    block = np.zeros((20, 20), np.float32)
    block[5:15, 5:15] = 1.0
    rim = conifer.edge_light(block, 1.0, 0.0)
    assert rim[10, 14] == 1.0
    assert rim[10, 5] == 0.0
