"""The table of what a job may become."""

from __future__ import annotations

from reelgate.domain.job import NEXT, TERMINAL, JobState


def test_every_state_stands_in_the_table() -> None:
    assert set(NEXT) == set(JobState)


def test_exactly_four_states_are_ends() -> None:
    assert {JobState.DONE, JobState.FAILED, JobState.CANCELLED, JobState.UNKNOWN} == TERMINAL


def test_every_state_is_reached_and_every_job_can_end() -> None:
    assert {after for moves in NEXT.values() for after in moves} == set(JobState)
    for state in JobState:
        reached = {state}
        for _ in JobState:
            reached |= {after for each in reached for after in NEXT[each]}
        assert reached & TERMINAL


def test_only_a_running_job_becomes_done() -> None:
    assert [state for state in JobState if JobState.DONE in NEXT[state]] == [JobState.RUNNING]


def test_a_job_moves_along_these_arrows_and_no_others() -> None:
    assert {f"{before} {after}" for before, every in NEXT.items() for after in every} == {
        "queued running",
        "queued failed",
        "queued cancelled",
        "running queued",
        "running done",
        "running failed",
        "running cancelled",
        "running unknown",
    }
