"""Shapes in which a task is told."""

from __future__ import annotations

from typing import Any

import pytest

from reelgate.contracts.provider import Done, Failed, HttpReply, Pending
from reelgate.dialects._kling_reply import id_of, is_good, number_of, read_verdict, refusal, task_of
from reelgate.dialects._reply import ODD_STATUS
from reelgate.domain.errors import Garbled, Misconfigured, Unserved, UpstreamError


@pytest.mark.parametrize(
    ("units", "expected"),
    [("2.5", 350_000), (3, 420_000), ("-1", None), ("1e999999", None), ("nan", None), ("many", None), (True, None), (None, None)],
)
def test_units_are_turned_into_money_exactly(units: Any, expected: int | None) -> None:
    task = {
        "task_id": "1",
        "task_status": "succeed",
        "final_unit_deduction": units,
        "task_result": {"videos": [{"url": "https://a/b.mp4"}]},
    }
    verdict = read_verdict({"code": 0, "data": task})
    assert isinstance(verdict, Done)
    assert (verdict.cost.micros if verdict.cost is not None else None) == expected


def test_a_bill_in_money_counts_in_dollars_only() -> None:
    def cost(**bill: str) -> int | None:
        task = {"id": "1", "status": "succeeded", "outputs": [{"type": "video", "url": "https://a/b.mp4"}], "billing": [bill]}
        verdict = read_verdict({"code": 0, "data": [task]})
        assert isinstance(verdict, Done)
        return None if verdict.cost is None else verdict.cost.micros

    assert cost(charge_type="cash", amount="0.35", currency="USD") == 350_000
    assert cost(charge_type="cash", amount="2.5", currency="CNY") is None
    assert cost(charge_type="unit", amount="1") == 140_000


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("submitted", Pending(queued=True)),
        ("NOT_START", Pending(queued=True)),
        ("processing", Pending()),
        ("IN_PROGRESS", Pending()),
        ("v3.fal.media", Pending(line=ODD_STATUS)),
        ("a whole sentence", Pending(line=ODD_STATUS)),
    ],
)
def test_every_word_for_a_status_is_read(status: str, expected: Pending) -> None:
    assert read_verdict({"data": {"task_id": "1", "task_status": status}}) == expected


@pytest.mark.parametrize("status", ["failed", "FAILURE", "error", "cancelled", "expired"])
def test_every_word_for_a_failure_is_one(status: str) -> None:
    verdict = read_verdict({"data": {"task_id": "1", "status": status}})
    assert isinstance(verdict, Failed)
    assert verdict.failure.code == "upstream_failed"


@pytest.mark.parametrize(("code", "good"), [(None, True), (0, True), ("0", True), ("success", True), (1201, False), ("not_exist", False)])
def test_what_counts_as_good(code: Any, good: bool) -> None:
    assert is_good(HttpReply(status=200), {} if code is None else {"code": code}) is good
    assert not is_good(HttpReply(status=400), {"code": 0})


def test_a_task_is_found_wherever_it_stands() -> None:
    for record in ({"data": {"task_id": 1}}, {"task_id": "1"}, {"data": [{"id": "1"}]}, {"data": {}, "id": "1"}):
        assert id_of(task_of(record)) == "1"
    for record in ({}, {"data": []}, {"data": "x"}, {"data": {"task_id": ""}}):
        with pytest.raises(Garbled):
            task_of(record)


def test_a_number_is_one_of_the_table() -> None:
    assert [number_of({"code": each}) for each in (1301, "1301", True, "x", None, "9" * 20)] == [1301, 1301, 0, 0, 0, 0]


@pytest.mark.parametrize(
    ("status", "number", "expected"), [(403, 1103, Unserved), (404, 1202, Unserved), (404, 1203, Unserved), (401, 1002, Misconfigured)]
)
def test_what_is_said_of_one_model_is_not_said_of_the_account(status: int, number: int, expected: type[UpstreamError]) -> None:
    found = refusal(HttpReply(status=status, body=b'{"code": %d, "message": "no"}' % number))
    assert (type(found), found.said) == (expected, str(number))
