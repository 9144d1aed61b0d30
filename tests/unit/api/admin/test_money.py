"""Credits, debits and refunds of the admin API."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.house import Lodger, open_lodging


async def moved(gate: Lodger, path: str, amount: str | None = "5", key: str = "", reason: str = "invoice 17") -> Any:
    headers = {"Idempotency-Key": key} if key else {}
    asked = {"reason": reason, **({} if amount is None else {"amount": amount})}
    return await gate.http.post(f"/admin/v1/{path}", json=asked, headers=headers)


async def test_what_is_added_and_taken_is_there_and_in_the_log(gate: Lodger) -> None:
    added = await moved(gate, "accounts/owner/credit", "0.000001")
    assert (added.status_code, added.json()["available"], added.json()["held"]) == (201, "1000.000001", "0.000000")
    taken = (await moved(gate, "accounts/owner/debit", "1000.000001")).json()
    assert (taken["available"], taken["transaction"] > added.json()["transaction"]) == ("0.000000", True)
    log = (await gate.http.get("/admin/v1/audit", params={"subject": "owner", "limit": 2})).json()["data"]
    assert [(line["action"], line["reason"]) for line in log] == [("account.debit", "invoice 17"), ("account.credit", "invoice 17")]
    assert log[0]["actor"].startswith("key_")


async def test_more_than_is_there_cannot_be_taken(gate: Lodger) -> None:
    answer = await moved(gate, "accounts/owner/debit", "1000.01")
    assert (answer.status_code, answer.json()["error"]["code"]) == (402, "insufficient_funds")
    assert "$0.01 too little" in answer.json()["error"]["message"]
    assert (await gate.http.get("/admin/v1/accounts/owner")).json()["available"] == "1000.000000"


async def test_nobody_s_account_has_no_money(gate: Lodger) -> None:
    for verb in ("credit", "debit"):
        assert (await moved(gate, f"accounts/nobody/{verb}")).status_code == 404
    assert (await moved(gate, "jobs/01a1fe4d-d5d9-7193-be6f-c3a5095920b7/refund")).status_code == 404
    assert (await moved(gate, "jobs/odd/refund")).status_code == 404


@pytest.mark.parametrize("verb", ["credit", "debit"])
async def test_the_same_key_moves_once_and_answers_the_same(gate: Lodger, verb: str) -> None:
    first = await moved(gate, f"accounts/owner/{verb}", key="invoice-17")
    again = await moved(gate, f"accounts/owner/{verb}", key="invoice-17")
    assert (first.status_code, first.headers.get("x-reelgate-replayed")) == (201, None)
    assert (again.status_code, again.headers["x-reelgate-replayed"], again.json()) == (201, "true", first.json())
    for other in (
        await moved(gate, f"accounts/owner/{verb}", "6", key="invoice-17"),
        await moved(gate, f"accounts/owner/{'debit' if verb == 'credit' else 'credit'}", key="invoice-17"),
    ):
        assert (other.status_code, other.json()["error"]["faults"][0]["field"]) == (422, "Idempotency-Key")
    log = (await gate.http.get("/admin/v1/audit", params={"subject": "owner"})).json()["data"]
    assert len([line for line in log if line["action"] == f"account.{verb}" and line["actor"] != "gateway"]) == 1


async def test_a_gift_is_no_income(gate: Lodger) -> None:
    asked = {"amount": "5", "reason": "welcome", "against": "promo"}
    assert (await gate.http.post("/admin/v1/accounts/owner/credit", json=asked)).status_code == 201
    assert (await gate.http.get("/admin/v1/audit", params={"limit": 1})).json()["data"][0]["detail"]["against"] == "promo"
    assert (await gate.http.get("/admin/v1/state")).json()["breaches"] == []


async def test_very_much_is_too_much_and_the_books_hold(gate: Lodger) -> None:
    assert (await moved(gate, "accounts/owner/credit", "999999999999.999999")).status_code == 422
    for _ in range(3):
        assert (await moved(gate, "accounts/owner/credit", "1000000000")).status_code == 201
    assert (await gate.http.get("/admin/v1/state")).json()["breaches"] == []


async def test_a_job_s_charge_is_given_back_in_parts_and_never_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with open_lodging(tmp_path, monkeypatch, preview_price="list") as gate:
        live = dict(gate.http.headers)
        gate.http.headers["Authorization"] = f"Key {(gate.folder.secret('admin-key') or b'').decode()}"
        price = {"endpoint": "scripted/text", "unit": "video", "amount": "0.35"}
        assert (await gate.http.post("/admin/v1/prices", json=price)).status_code == 201
        job = (await gate.http.post("/scripted/text", json={"prompt": "go"}, headers=live)).json()["request_id"]
        ended = await gate.ended(job, live)
        assert ended["receipt"] == {
            "held": "0.350000",
            "outcome": "captured",
            "charged": "0.350000",
            "refunded": "0.000000",
            "words": "1 video × $0.35",
            "book": "list",
            "since": ended["receipt"]["since"],
        }
        assert (await moved(gate, f"jobs/{job}/refund", "0.36")).status_code == 402
        first, again = [await moved(gate, f"jobs/{job}/refund", "0.1", key="r-1") for _ in range(2)]
        assert (first.json()["available"], again.json(), again.headers["x-reelgate-replayed"]) == ("999.750000", first.json(), "true")
        assert (await moved(gate, f"jobs/{job}/refund", None)).json()["available"] == "1000.000000"
        assert (await moved(gate, f"jobs/{job}/refund", None)).status_code == 409
        receipt = (await gate.http.get(f"/v1/jobs/{job}", headers=live)).json()["receipt"]
        assert (receipt["charged"], receipt["refunded"]) == ("0.350000", "0.350000")
