"""Land from a height field."""

from __future__ import annotations

import numpy as np

from reelgate.engines.preview import terrain

STAND = terrain.Stand(rows=60, foot=(59.0, 50.0), scale=(40.0, 40.0), sun=(0.86, 0.34, 0.14), relief=40.0)


def hill(steps: int = 50, columns: int = 80, *, height: float = 1.0) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    away = np.linspace(-1.0, 1.0, steps, dtype=np.float32)[:, None]
    across = np.linspace(-1.0, 1.0, columns, dtype=np.float32)[None, :]
    return np.asarray(height * np.exp(-4.0 * (across**2 + away**2)), np.float32)


def test_a_hill_stands_where_its_summit_is_and_hides_the_sky() -> None:
    view = terrain.seen(hill(), STAND)
    assert view.cover.shape == (60, 80)
    tops = view.cover.argmax(axis=0)
    assert tops[39] < tops[5]
    assert tops[39] < tops[75]
    assert abs(int(tops.argmin()) - 39) < 4
    assert (view.cover[-1] == 1.0).all()


def test_what_is_seen_lies_farther_away_the_higher_it_is() -> None:
    view = terrain.seen(hill(), STAND)
    column = view.away[view.cover[:, 39] == 1.0, 39]
    assert (np.diff(column) <= 1e-6).all()


def test_a_near_hill_hides_a_far_one() -> None:
    field = np.zeros((50, 80), np.float32)
    field[10] = 0.8
    field[40] = 0.4
    view = terrain.seen(field, STAND)
    assert not ((view.away > 0.7) & (view.cover == 1.0)).any()


def test_the_side_towards_the_light_is_lit_and_the_other_in_shadow() -> None:
    view = terrain.seen(hill(), STAND)
    land = view.cover == 1.0
    left, right = view.light[:, 20:35][land[:, 20:35]].mean(), view.light[:, 45:60][land[:, 45:60]].mean()
    assert right > 2 * left


def test_light_from_the_left_is_the_mirror_of_light_from_the_right() -> None:
    mirrored = terrain.Stand(rows=60, foot=STAND.foot, scale=STAND.scale, sun=(-0.86, 0.34, 0.14), relief=40.0)
    field = hill()
    assert np.allclose(terrain.seen(field, STAND).light, terrain.seen(field[:, ::-1].copy(), mirrored).light[:, ::-1], atol=1e-3)


def test_peaks_rise_where_they_are_set_and_nowhere_else() -> None:
    ground = terrain.Ground(steps=60, columns=200, left=0.0, unit=100.0, grain=(12.0, 20.0), roughness=0.05)
    peaks = (terrain.Peak(x=0.5, away=0.5, height=1.0, reach=0.3, depth=0.6),)
    field = terrain.carved(np.random.default_rng(1), ground, peaks)
    assert field.shape == (60, 200)
    assert 0.6 < field.max() < 1.3
    assert abs(int(field.max(axis=0).argmax()) - 50) < 15
    assert field[:, 130:].max() == 0.0
    assert np.array_equal(field, terrain.carved(np.random.default_rng(1), ground, peaks))
