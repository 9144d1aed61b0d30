"""Which tasks a caller wants to see."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from reelgate.api.kling.page import read_cursor, read_ids, read_page
from reelgate.domain.errors import InvalidInput

EVERY = frozenset({"demo/slow"})
JOB = "01934c5e-7a1b-7c3d-8e9f-0a1b2c3d4e5f"


@pytest.mark.parametrize(
    ("asked", "skip", "size"),
    [
        ({}, 0, 30),
        ({"pageNum": "", "pageSize": ""}, 0, 30),
        ({"pageNum": "3", "pageSize": "10"}, 20, 10),
        ({"pageNum": "1000", "pageSize": "500"}, 499_500, 500),
    ],
)
def test_a_page_has_a_number_and_a_size(asked: dict[str, str], skip: int, size: int) -> None:
    assert read_page(asked) == (skip, size)


@pytest.mark.parametrize("told", ["0", "1001", "-1", "1.0", "one", "9" * 5000, "\uff11"])
@pytest.mark.parametrize("name", ["pageNum", "pageSize"])
def test_a_number_out_of_its_range_is_refused_by_its_name(name: str, told: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_page({name: told})
    assert refused.value.faults[0].path == (name,)


def test_ids_come_from_exactly_one_list() -> None:
    assert read_ids({"task_ids": "a, b,,a"}) == ["a", "b"]
    assert read_ids({"external_task_ids": "mine", "task_ids": ""}) == ["mine"]
    for asked in ({}, {"task_ids": "a", "external_task_ids": "b"}):
        with pytest.raises(InvalidInput):
            read_ids(asked)
    with pytest.raises(InvalidInput):
        read_ids({"task_ids": ",".join(map(str, range(21)))})


def test_a_cursor_goes_on_where_the_page_before_ended() -> None:
    which = read_cursor({"cursor": JOB, "start_time": 1_700_000_000, "end_time": "1700000000500", "limit": 7}, EVERY)
    assert (which.before, which.limit, which.endpoints) == (JOB, 7, EVERY)
    assert which.since == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
    assert which.until == datetime(2023, 11, 14, 22, 13, 20, 500_000, tzinfo=UTC)
    assert read_cursor({}, EVERY).limit == 30


@pytest.mark.parametrize(
    "body",
    [
        {"cursor": "x"},
        {"cursor": 7},
        {"cursor": ["a"]},
        {"limit": 501},
        {"limit": True},
        {"limit": 1.5},
        {"start_time": -1},
        {"start_time": "soon"},
        {"end_time": 10**18},
        {"end_time": {}},
        {"end_time": True},
    ],
)
def test_what_cannot_be_read_is_refused(body: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_cursor(body, EVERY)
    assert refused.value.faults[0].path == tuple(body)
