"""The parts of a layer that hold anything."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelgate.engines.preview.part import Part, parts_of


def test_a_full_layer_is_one_part() -> None:
    assert parts_of(np.ones((200, 300), np.float32)) == (Part(top=0, bottom=200, left=0, right=300, solid=True),)


def test_an_empty_layer_has_none() -> None:
    assert parts_of(np.zeros((200, 300), np.float32)) == ()


def test_two_trees_are_two_parts() -> None:
    alpha = np.zeros((400, 1000), np.float32)
    alpha[50:, 20:90] = alpha[200:, 800:950] = 1

    parts = parts_of(alpha)

    assert sum((part.bottom - part.top) * (part.right - part.left) for part in parts) < 0.4 * alpha.size
    assert any(part.right < 120 for part in parts)
    assert any(part.left > 780 for part in parts)


def test_what_nobody_sees_through_is_a_part_of_its_own() -> None:
    alpha = np.zeros((400, 1000), np.float32)
    alpha[100:, 20:90] = 1
    alpha[300:] = 1

    *others, last = parts_of(alpha)

    assert last == Part(top=301, bottom=400, left=0, right=1000, solid=True)
    assert not any(part.solid for part in others)


def test_a_cut_that_saves_less_than_it_takes_is_not_made() -> None:
    alpha = np.ones((400, 1000), np.float32)
    alpha[:, 500:520] = 0

    assert parts_of(alpha) == (Part(top=0, bottom=400, left=0, right=1000),)


@pytest.mark.parametrize("shape", [(30, 60), (130, 700), (600, 1408)])
@given(seed=st.integers(0, 1000))
def test_parts_hold_everything_once(shape: tuple[int, int], seed: int) -> None:
    rng = np.random.default_rng(seed)
    alpha = np.zeros(shape, np.float32)
    for _ in range(3):
        top, left = rng.integers(0, shape[0]), rng.integers(0, shape[1])
        alpha[top : top + rng.integers(1, 60), left : left + rng.integers(1, 200)] = 1

    times = np.zeros(shape, int)
    for part in parts_of(alpha):
        times[part.top : part.bottom, part.left : part.right] += 1

    assert times.max() <= 1
    assert (times[alpha > 0] == 1).all()
