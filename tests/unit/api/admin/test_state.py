"""How the gateway does."""

from __future__ import annotations

from tests.house import Lodger


async def test_the_state_tells_the_rule_and_that_the_books_are_in_order(gate: Lodger) -> None:
    await gate.http.post("/scripted/text", json={"prompt": "go"}, headers=await gate.key("live"))
    state = (await gate.http.get("/admin/v1/state")).json()
    assert "preview engine serves every model" in state["rule"]
    assert {"name": "scripted", "trouble": ""} in state["engines"]
    assert state["jobs"]["queued"] == 1
    assert state["breaches"] == []


async def test_old_prices_are_told_until_somebody_confirms_them(gate: Lodger) -> None:
    stale = (await gate.http.get("/admin/v1/state")).json()["stale_prices"]
    assert stale is not None, "the catalog has figures that are older than 60 days"
    assert stale["oldest"] < "2026-09-01"
    confirmed = (await gate.http.post("/admin/v1/prices/confirm", json={})).json()["data"]
    assert {row["endpoint"] for row in confirmed} == set(stale["endpoints"])
    assert (await gate.http.get("/admin/v1/state")).json()["stale_prices"] is None
