"""What admins send is read strictly, and amounts are texts."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from reelgate.api.admin.body import bodies, owner_zone
from tests.house import Lodger

HOSTILE = [
    "12.5",
    "1e3",
    "5",
    "true",
    "[]",
    '"NaN"',
    '"Infinity"',
    '"1e9"',
    '"-1"',
    '"+1"',
    '"0"',
    '"0.000000"',
    '"1234567890123"',
    '"1234567890"',
    '"0.0000001"',
    '"1,000"',
    '"1_000"',
    '" 1"',
    '"1 "',
    '"1\\n"',
    '""',
    '"\\u0661"',
    '"0x10"',
    '".5"',
    '"5."',
]


MOVEMENTS = ["accounts/owner/credit", "accounts/owner/debit", "jobs/01a1fe4d-d5d9-7193-be6f-c3a5095920b7/refund"]


@pytest.mark.parametrize("path", MOVEMENTS)
async def test_no_hostile_amount_moves_anything(gate: Lodger, path: str) -> None:
    for amount in HOSTILE:
        answer = await gate.http.post(f"/admin/v1/{path}", content=f'{{"amount": {amount}, "reason": "because"}}'.encode())
        assert answer.status_code == 422, amount
        assert answer.json()["error"]["faults"][0]["field"] == "amount", amount
        assert len(amount) < 6 or amount.strip('"') not in answer.json()["error"]["message"], "what was sent is not repeated"
    assert (await gate.http.get("/admin/v1/accounts/owner")).json()["available"] == "1000.000000"


async def test_a_number_is_refused_with_words_that_say_how(gate: Lodger) -> None:
    answer = await gate.http.post("/admin/v1/accounts/owner/credit", json={"amount": 12.5, "reason": "because"})
    assert 'write an amount as a text, like "12.50"' in answer.json()["error"]["message"]


BODIES = [
    b"",
    b"{",
    b"[]",
    b"{}",
    b"NaN",
    b'{"amount": "1"}',
    b'{"amount": "1", "reason": ""}',
    b'{"amount": "1", "reason": " "}',
    b'{"amount": "1", "reason": 5}',
    b'{"amount": "1", "reason": "x", "more": 1}',
    b'{"amount": "1", "reason": "x", "against": "revenue"}',
    b'{"amount": "1", "reason": "' + b"x" * 501 + b'"}',
    b'{"amount": "1", "reason": "a\\u0000b"}',
    b'{"amount": "1", "reason": "\\ud800"}',
    b"x" * 70_000,
]


async def test_a_body_that_cannot_be_read_is_refused(gate: Lodger) -> None:
    for body in BODIES:
        assert (await gate.http.post("/admin/v1/accounts/owner/credit", content=body)).status_code in (413, 422), body[:80]
    assert (await gate.http.get("/admin/v1/accounts/owner")).json()["available"] == "1000.000000"


async def test_an_idempotency_key_is_visible_ascii(gate: Lodger) -> None:
    for key in ("", "a b", "x" * 256, "schl\xfcssel", "a\tb"):
        headers = [("Idempotency-Key", key.encode("latin-1"))]
        answer = await gate.http.post("/admin/v1/accounts/owner/credit", json={"amount": "1", "reason": "x"}, headers=headers)
        assert (answer.status_code, answer.json()["error"]["faults"][0]["field"]) == (422, "Idempotency-Key"), key


async def test_a_day_begins_at_the_owner_s_midnight(gate: Lodger) -> None:
    await gate.http.patch("/admin/v1/accounts/owner", json={"time_zone": "Asia/Shanghai"})
    assert await owner_zone(gate.house.gateway) == "Asia/Shanghai"
    made = await gate.http.post("/admin/v1/exchange-rates", json={"currency": "CNY", "per_dollar": "7.1", "since": "2126-12-01"})
    assert datetime.fromisoformat(made.json()["since"]) == datetime(2126, 11, 30, 16, tzinfo=UTC)


def test_schemas_of_bodies_stand_beside_each_other() -> None:
    from reelgate.api.admin.accounts import SCHEMAS

    assert "LimitsChange" in SCHEMAS
    assert "$defs" not in str(SCHEMAS)
    assert bodies() == {}
