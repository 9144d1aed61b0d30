"""Second tries are a fraction of first ones."""

from __future__ import annotations

from reelgate.dispatch.budget import RetryBudget


def test_ten_are_there_at_the_start_and_each_five_first_tries_earn_one_more() -> None:
    budget = RetryBudget()
    assert [budget.spend() for _ in range(11)] == [True] * 10 + [False]
    for _ in range(5):
        budget.earn()
    assert budget.spend()


def test_no_more_than_ten_are_saved_up() -> None:
    budget = RetryBudget()
    for _ in range(1000):
        budget.earn()
    assert sum(budget.spend() for _ in range(11)) == 10


def test_those_that_wait_come_to_their_turn_without_first_tries() -> None:
    budget = RetryBudget()
    spent = sum(budget.spend() for _ in range(1000))
    assert 10 < spent < 200
