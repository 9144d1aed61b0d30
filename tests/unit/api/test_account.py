"""A caller's own account."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from reelgate.contracts.account import Limits
from reelgate.domain.money import Money
from reelgate.gateway.bounds import Bounds
from tests.house import Lodger, open_lodging


@pytest.fixture
async def gate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Lodger]:
    """A gateway where a preview costs what is listed: 35 cents for one of the scripted engine."""
    async with open_lodging(tmp_path, monkeypatch, preview_price="list") as lodger:
        await lodger.house.gateway.tariff.set("scripted/text", "video", "0.35", [], actor="gateway")
        yield lodger


async def bought(gate: Lodger, headers: dict[str, str] | None = None) -> str:
    job = (await gate.http.post("/scripted/text", json={"prompt": "go"}, headers=headers)).raise_for_status().json()["request_id"]
    await gate.ended(job, headers)
    return job


async def test_a_caller_sees_what_the_account_has_and_how_much_of_its_limits_is_used(gate: Lodger) -> None:
    accounts = gate.house.gateway.accounts
    await accounts.create("ada", actor="gateway", time_zone="Asia/Shanghai", limits=Limits(concurrency=2, daily_spend=Money.dollars("5")))
    await accounts.credit("ada", Money.dollars("10"), "a top-up", actor="gateway")
    mine = await gate.key(account="ada", bounds=Bounds(spend_limit=Money.dollars("1")))
    await bought(gate, mine)
    told = (await gate.http.get("/v1/account", headers=mine)).json()
    assert (told["id"], told["available"], told["held"], told["book"]) == ("ada", "9.650000", "0.000000", "list")
    assert (told["limits"]["daily_spend"], told["used"]) == ("5.000000", {"concurrency": 0, "daily_spend": "0.350000"})
    assert (told["key"]["spend_limit"], told["key"]["used"]["spend"]) == ("1.000000", "0.350000")
    assert (told["currency"], told["shown"], told["time_zone"]) == ("USD", None, "Asia/Shanghai")


async def test_what_it_has_is_shown_in_its_currency(gate: Lodger) -> None:
    await gate.house.gateway.accounts.change("owner", actor="gateway", currency="CNY")
    await gate.house.gateway.tariff.set_rate("CNY", "7.12", actor="gateway")
    told = (await gate.http.get("/v1/account")).json()
    assert (told["shown"]["amount"], told["shown"]["per_dollar"]) == ("7120.00", "7.12")


async def test_what_is_used_while_a_job_runs(gate: Lodger) -> None:
    job = (await gate.http.post("/scripted/text", json={"prompt": "hang"})).json()["request_id"]
    watch = gate.house.gateway.store.watch(job)
    while (await gate.http.get(f"/v1/jobs/{job}")).json()["state"] != "running":
        await watch.wait(1)
    watch.close()
    told = (await gate.http.get("/v1/account")).json()
    assert (told["held"], told["used"]["concurrency"], told["key"]["used"]["concurrency"]) == ("0.350000", 1, 1)
    assert (await gate.http.get(f"/v1/jobs/{job}")).json()["receipt"]["outcome"] == "held"
    await gate.http.post(f"/v1/jobs/{job}/cancel")
    receipt = (await gate.ended(job))["receipt"]
    assert (receipt["held"], receipt["outcome"], receipt["charged"]) == ("0.350000", "released", "0.000000")


async def test_its_usage_and_its_statement_tell_the_same_sum(gate: Lodger) -> None:
    jobs = [await bought(gate) for _ in range(2)]
    usage = (await gate.http.get("/v1/usage", params={"by": "model,key"})).json()
    assert (usage["account"], usage["total"]["jobs"], usage["total"]["charged"]) == ("owner", 2, "0.700000")
    [row] = usage["rows"]
    assert (row["model"], row["key_name"], row["share"]) == ("scripted/text", "first key", "100.0")
    statement = (await gate.http.get("/v1/statement")).json()
    assert [line["job_id"] for line in statement["lines"]] == [None, *jobs]
    assert next(total["change"] for total in statement["totals"] if total["kind"] == "captured") == "-0.700000"
    sheet = (await gate.http.get("/v1/statement", params={"format": "csv"})).text
    assert [row["kind"] for row in csv.DictReader(io.StringIO(sheet, newline=""))] == [
        "opening",
        "credit",
        "captured",
        "captured",
        "closing",
    ]


async def test_a_key_sees_its_own_account_alone(gate: Lodger) -> None:
    await bought(gate)
    stranger = await gate.key(account="mallory")
    for path in ("/v1/usage?account=owner", "/v1/statement?account=owner"):
        told = (await gate.http.get(path, headers=stranger)).json()
        assert (told["account"], told.get("rows", told.get("lines"))) == ("mallory", [])
    assert (await gate.http.get("/v1/account", headers=stranger)).json()["available"] == "0.000000"


async def test_who_may_look(gate: Lodger) -> None:
    reader, test = await gate.key(bounds=Bounds(scopes=frozenset({"read"}))), await gate.key("test")
    for path in ("/v1/account", "/v1/usage", "/v1/statement"):
        assert (await gate.http.get(path, headers=reader)).status_code == 200
        assert (await gate.http.get(path, headers=await gate.key("admin"))).status_code == 403
        assert (await gate.http.get(path, headers={"Authorization": ""})).status_code == 401
    assert (await gate.http.get("/v1/account", headers=test)).status_code == 200
    for path in ("/v1/usage", "/v1/statement"):  # which tell of live jobs
        assert (await gate.http.get(path, headers=test)).status_code == 403
    assert (await gate.http.get("/v1/statement", params={"month": "x"})).status_code == 422
