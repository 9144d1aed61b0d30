"""Ids: one value, several spellings, sorted by age."""

from __future__ import annotations

import itertools
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelgate.domain.identity import Ids, new_id, read_id, unguessable, write_base32

moments = st.integers(0, (1 << 48) - 1)
noises = st.integers(0, (1 << 74) - 1)


@given(moments, noises)
def test_every_spelling_reads_back_as_the_same_id(now_ms: int, noise: int) -> None:
    job_id = new_id(now_ms, noise)
    assert read_id(job_id) == job_id
    assert read_id(write_base32(job_id)) == job_id
    assert read_id(write_base32(job_id).lower()) == job_id
    assert read_id(job_id.replace("-", "")) == job_id
    assert read_id(job_id.upper()) == job_id


@given(moments, noises)
def test_an_id_is_a_uuid_of_version_seven(now_ms: int, noise: int) -> None:
    value = uuid.UUID(new_id(now_ms, noise))
    assert value.version == 7
    assert value.variant == uuid.RFC_4122
    assert value.int >> 80 == now_ms


@given(moments, moments, noises, noises)
def test_a_later_id_sorts_after_an_earlier_one_in_both_spellings(one_ms: int, other_ms: int, one: int, other: int) -> None:
    early, late = new_id(min(one_ms, other_ms), one), new_id(max(one_ms, other_ms), other)
    if one_ms != other_ms:
        assert early < late
        assert write_base32(early) < write_base32(late)


@given(st.lists(st.integers(0, 5), min_size=2, max_size=30))
def test_ids_rise_even_when_the_clock_stands_or_steps_back(moments_ms: list[int]) -> None:
    ids = Ids()
    made = [ids.next(now_ms) for now_ms in moments_ms]
    assert made == sorted(set(made))


def test_no_step_between_ids_is_repeated() -> None:
    ids = Ids()
    made = [int(ids.next(1).replace("-", ""), 16) for _ in range(1000)]
    assert len({after - before for before, after in itertools.pairwise(made)}) == 999


@pytest.mark.parametrize("text", ["", "x", "../etc/passwd", "z" * 36, "U" * 26, "Z" * 26, "0" * 31, "é" * 26, "0" * 36])
def test_what_is_no_id_is_none(text: str) -> None:
    assert read_id(text) is None


def test_names_of_files_do_not_repeat() -> None:
    names = {unguessable() for _ in range(1000)}
    assert len(names) == 1000
    assert all(len(name) == 32 for name in names)
