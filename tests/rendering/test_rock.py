"""Rocks."""

from __future__ import annotations

import numpy as np

from reelgate.engines.preview import rock

BED = rock.Bed(steps=40, columns=200, left=0.0, unit=100.0)


def test_a_stone_stands_where_it_is_set_and_water_is_level_elsewhere() -> None:
    field = rock.field(np.random.default_rng(2), BED, (rock.Stone(x=0.6, away=0.5, height=0.2, reach=0.15, depth=0.2),))
    assert field.shape == (40, 200)
    assert 0.05 < field.max() < 0.4
    assert 40 < int(field.max(axis=0).argmax()) < 80
    assert field[:, 120:].max() == 0.0
    assert field.min() == 0.0


def test_the_same_seed_makes_the_same_rocks() -> None:
    stones = (rock.Stone(x=1.2, away=0.4, height=0.1, reach=0.1, depth=0.1),)
    one, again, other = (rock.field(np.random.default_rng(seed), BED, stones) for seed in (1, 1, 2))
    assert np.array_equal(one, again)
    assert not np.array_equal(one, other)


def test_a_stone_outside_the_layer_does_no_harm() -> None:
    stones = (rock.Stone(x=-3.0, away=0.4, height=0.1, reach=0.1, depth=0.1), rock.Stone(x=9.0, away=0.4, height=0.1, reach=0.1, depth=0.1))
    assert rock.field(np.random.default_rng(1), BED, stones)[:, 5:-5].max() == 0.0
