"""Turns at channels."""

from __future__ import annotations

from reelgate.dispatch.turns import Turns


def test_so_many_at_once_and_the_others_in_the_order_in_which_they_came() -> None:
    turns: Turns[str] = Turns(2)
    assert [turns.take("a", name) for name in "pqrs"] == [True, True, False, False]
    assert [turns.leave("a") for _ in range(4)] == ["r", "s", None, None]
    assert turns.take("a", "t")


def test_a_full_channel_makes_nobody_wait_elsewhere() -> None:
    turns: Turns[str] = Turns(1)
    assert turns.take("a", "p")
    assert not turns.take("a", "q")
    assert turns.take("b", "r")
    assert turns.leave("b") is None
