"""The published order: honest, and never worse than before."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from reelgate.dispatch.line import Line


def test_a_place_is_the_number_of_jobs_ahead() -> None:
    line = Line()
    line.publish(["a", "b", "c"])
    assert [line.position(job, 9) for job in ("a", "b", "c")] == [0, 1, 2]


def test_a_job_that_is_not_published_yet_stays_where_it_was_accepted() -> None:
    assert Line().position("new", 4) == 4


@given(st.integers(0, 9), st.lists(st.permutations(["a", "b", "c", "d", "me"]), max_size=8))
def test_an_answer_never_shows_more_than_an_earlier_one(accepted_at: int, orders: list[list[str]]) -> None:
    line, shown = Line(), accepted_at
    for order in orders:
        line.publish(order)
        place = line.position("me", accepted_at)
        assert place <= shown
        assert place <= order.index("me")
        shown = place


def test_those_who_joined_count_until_the_next_order() -> None:
    line = Line()
    line.publish(["a"])
    line.join()
    assert len(line) == 2
    line.publish(["a", "b"])
    assert len(line) == 2


def test_those_who_have_started_count_no_more() -> None:
    line = Line()
    line.publish(["a", "b"])
    line.join()
    line.leave(["a", "just accepted"])
    assert len(line) == 1
    assert line.position("b", 9) == 1  # until the next order
    line.leave(["b", "nobody knows"])
    assert len(line) == 0
