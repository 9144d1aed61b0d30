"""Statements and usage, as an operator reads them."""

from __future__ import annotations

import csv
import io

from tests.house import Lodger


async def test_a_statement_adds_up(gate: Lodger) -> None:
    await gate.http.post("/admin/v1/accounts/owner/debit", json={"amount": "0.5", "reason": "=cmd"})
    told = (await gate.http.get("/admin/v1/accounts/owner/statement")).json()
    assert (told["object"], told["opening"], told["closing"], told["change"]) == ("statement", "0.000000", "999.500000", "999.500000")
    assert [(line["kind"], line["change"], line["balance"]) for line in told["lines"]] == [
        ("credit", "1000.000000", "1000.000000"),
        ("debit", "-0.500000", "999.500000"),
    ]
    assert [(total["kind"], total["lines"], total["change"]) for total in told["totals"]] == [
        ("credit", 1, "1000.000000"),
        ("debit", 1, "-0.500000"),
    ]
    assert (told["period"]["time_zone"], told["balance"]["available"], told["rates"]) == ("UTC", "999.500000", [])


async def test_a_statement_is_a_sheet_where_that_is_asked_for(gate: Lodger) -> None:
    await gate.http.post("/admin/v1/accounts/owner/debit", json={"amount": "0.5", "reason": "=cmd"})
    answer = await gate.http.get("/admin/v1/accounts/owner/statement", params={"format": "csv", "month": "2026-11"})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="statement-owner-2026-11-01-2026-11-30.csv"'
    now = await gate.http.get("/admin/v1/accounts/owner/statement", params={"format": "csv"})
    rows = list(csv.DictReader(io.StringIO(now.text, newline="")))
    assert [row["reason"] for row in rows] == ["", "demo credit", "'=cmd", ""]


async def test_usage_is_of_all_or_of_one(gate: Lodger) -> None:
    told = (await gate.http.get("/admin/v1/usage", params={"by": "model,day"})).json()
    assert (told["by"], told["account"], told["rows"], told["total"]["jobs"]) == (["model", "day"], None, [], 0)
    assert (await gate.http.get("/admin/v1/usage", params={"account": "owner", "by": "key"})).json()["account"] == "owner"
    sheet = await gate.http.get("/admin/v1/usage", params={"by": "key,channel", "format": "csv", "from": "2026-11-01", "to": "2026-11-01"})
    assert sheet.text == "key,key_name,channel,jobs,charged_usd,refunded_usd,net_usd,share_percent,time_zone,from,to\r\n"


async def test_what_cannot_be_is_named(gate: Lodger) -> None:
    for query, field in (
        ({"by": "colour"}, "by"),
        ({"by": "model,key,day"}, "by"),
        ({"by": "model,model"}, "by"),
        ({"month": "2026-13"}, "month"),
        ({"from": "x"}, "from"),
        ({"format": "xlsx"}, "format"),
    ):
        answer = await gate.http.get("/admin/v1/usage", params=query)
        assert (answer.status_code, answer.json()["error"]["faults"][0]["field"]) == (422, field)
    assert (await gate.http.get("/admin/v1/usage", params={"account": "nobody"})).status_code == 404
    assert (await gate.http.get("/admin/v1/accounts/nobody/statement")).status_code == 404
