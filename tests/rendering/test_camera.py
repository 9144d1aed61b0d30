"""Where the camera is."""

from __future__ import annotations

from itertools import pairwise

import pytest

from reelgate.engines.preview.camera import MOVES, ease, move_for


def test_a_move_begins_and_ends_where_it_says() -> None:
    assert (ease(0), ease(1)) == (0, 1)


def test_it_never_stands_still() -> None:
    places = [ease(step / 100) for step in range(101)]

    assert all(later - earlier > 0.004 for earlier, later in pairwise(places))


def test_without_words_it_pushes_in_and_drifts_to_a_side() -> None:
    left, right = move_for(frozenset(), -1.0), move_for(frozenset(), 1.0)

    assert left.end.zoom == right.end.zoom == 1
    assert left.end.x == -right.end.x != 0


@pytest.mark.parametrize("word", sorted(MOVES))
def test_no_move_leaves_the_travel_allowed(word: str) -> None:
    for step in range(49):
        pose = MOVES[word].at(step / 48)
        assert abs(pose.x) <= 1
        assert abs(pose.y) <= 1
        assert 0 <= pose.zoom <= 1


def test_two_words_make_one_move() -> None:
    move = move_for(frozenset({"push_in", "pan_right"}), 0.0)

    assert move.end.zoom == 1
    assert move.end.x > 0 > move.start.x
