"""What is read of any reply."""

from __future__ import annotations

from typing import Any

import pytest

from reelgate.contracts.provider import HttpReply
from reelgate.dialects._reply import (
    asked_again,
    cancelled,
    code_of,
    failed,
    failed_as_unsafe,
    inner,
    meaning,
    path_part,
    retry_after_s,
    unsafe,
)
from reelgate.domain.errors import Garbled, Misconfigured, Rejected, Throttled, Unavailable, Unserved, UpstreamError

DATES = {"retry-after": "Thu, 26 Nov 2026 12:00:30 GMT", "date": "Thu, 26 Nov 2026 12:00:00 GMT"}


@pytest.mark.parametrize("value", ["831000000000000001", "764cabcf-b745-4b3e", "task_1.2~3:4", 7])
def test_an_id_may_stand_in_a_path(value: Any) -> None:
    assert path_part(value) == str(value)


@pytest.mark.parametrize("value", ["", ".", "..", "a/b", "a?b", "a#b", "a b", "a\n", "ä", "x" * 201, None, True, 1.5, ["a"], {"a": 1}])
def test_anything_else_may_not(value: Any) -> None:
    with pytest.raises(Garbled):
        path_part(value)


def test_a_code_is_a_word_and_never_a_sentence() -> None:
    assert [code_of(each) for each in ("content_policy_violation", 1303, "your prompt was …", None, "")] == [
        "content_policy_violation",
        "1303",
        "",
        "None",
        "",
    ]


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (400, Rejected),
        (401, Misconfigured),
        (402, Misconfigured),
        (403, Misconfigured),
        (404, Unserved),
        (405, Unserved),
        (413, Rejected),
        (422, Rejected),
        (429, Throttled),
        (500, Unavailable),
        (503, Unavailable),
    ],
)
def test_a_status_means_something(status: int, expected: type[UpstreamError]) -> None:
    error = meaning(HttpReply(status=status))
    assert type(error) is expected
    assert error.said == f"http {status}"


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, None),
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "1e9"}, 600.0),
        ({"retry-after": "-5"}, 0.0),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "soon"}, None),
        (DATES, 30.0),
        ({**DATES, "date": "Thu, 26 Nov 2026 13:00:00 GMT"}, 0.0),
    ],
)
def test_how_long_to_wait(headers: dict[str, str], expected: float | None) -> None:
    assert retry_after_s(headers) == expected


def test_places_inside_objects() -> None:
    assert inner({"a": {"b": 1}}, "a", "b") == 1
    assert inner({"a": [1]}, "a", "b") is None


@pytest.mark.parametrize(
    ("status", "error", "expected"),
    [
        (404, Unserved(said="x"), Garbled),
        (422, Rejected(said="x"), Garbled),
        (401, Misconfigured(said="x"), Misconfigured),
        (429, Throttled(said="x"), Throttled),
        (503, Unavailable(said="x"), Unavailable),
    ],
)
def test_a_poll_that_is_refused_never_means_that_the_job_has_failed(
    status: int, error: UpstreamError, expected: type[UpstreamError]
) -> None:
    found = asked_again(HttpReply(status=status), error)
    assert (type(found), found.said) == (expected, "x")


def test_ends_are_told_in_our_words_with_the_vendor_s_code() -> None:
    assert (failed("7").failure.code, failed("7").said) == ("upstream_failed", "7")
    assert cancelled("stopped").failure.code == "cancelled"
    against_it = failed_as_unsafe("1301").failure
    assert (against_it.code, against_it.fault) == ("rejected", unsafe())
