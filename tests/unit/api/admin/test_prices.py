"""Prices of the admin API."""

from __future__ import annotations

from typing import Any

from tests.house import Lodger

MODEL = "fal-ai/kling-video/v2.5-turbo/pro/text-to-video"
PRICE: dict[str, Any] = {"endpoint": MODEL, "unit": "second", "amount": "0.09"}


async def row(gate: Lodger, **query: str) -> dict[str, Any]:
    rows = (await gate.http.get("/admin/v1/prices", params=query)).json()["data"]
    return next(each for each in rows if each["endpoint"] == MODEL)


async def test_a_price_is_set_over_the_catalog_s_and_ended(gate: Lodger) -> None:
    before = await row(gate)
    assert (before["sale"]["since"], before["sale"]["book"]) == (None, "list")
    asked = {**PRICE, "special": [{"when": "sound=true, seconds>=10", "amount": "0.2"}], "reason": "a new year"}
    made = await gate.http.post("/admin/v1/prices", json=asked)
    assert (made.status_code, made.json()["book"], made.json()["channel"]) == (201, "list", None)
    now = await row(gate)
    assert [each["amount"] for each in now["sale"]["rates"]] == ["0.200000", "0.090000"]
    assert now["sale"]["rates"][0]["when"] == ["sound=true", "seconds>=10"]
    assert (now["sale"]["source"], now["sale"]["since"]) == ("set by the operator", made.json()["since"])
    ended = await gate.http.post("/admin/v1/prices/end", json={"endpoint": MODEL})
    assert (ended.status_code, ended.json()["price"]) == (201, None)
    assert await row(gate) == before
    told = (await gate.http.get("/admin/v1/prices/history", params={"endpoint": MODEL})).json()
    assert (told["data"], told["listed"]["words"]) == ([made.json(), ended.json()], before["sale"]["words"])
    log = (await gate.http.get("/admin/v1/audit", params={"subject": MODEL})).json()["data"]
    assert [(line["action"], line["reason"]) for line in log] == [("price.end", ""), ("price.set", "a new year")]


async def test_a_price_that_begins_later_is_told_and_counts_then(gate: Lodger) -> None:
    made = (await gate.http.post("/admin/v1/prices", json={**PRICE, "since": "2126-12-01"})).json()
    assert made["since"] == "2126-12-01T00:00:00.000+00:00"
    now = await row(gate)
    assert (now["next"], now["sale"]["since"]) == (made, None)
    then = await row(gate, at="2126-12-01")
    assert (then["sale"]["words"], then["next"]) == ("$0.09 a second", None)


async def test_a_price_of_a_book_counts_there_alone_and_one_at_a_channel_is_a_cost(gate: Lodger) -> None:
    assert (await gate.http.post("/admin/v1/books", json={"name": "vip"})).status_code == 201
    await gate.http.post("/admin/v1/prices", json={**PRICE, "book": "vip"})
    await gate.http.post("/admin/v1/prices", json={**PRICE, "amount": "0.05", "channel": "acme"})
    assert ((await row(gate, book="vip"))["sale"]["words"], (await row(gate, book="vip"))["sale"]["book"]) == ("$0.09 a second", "vip")
    listed = await row(gate)
    assert (listed["sale"]["since"], listed["costs"]["acme"]["words"]) == (None, "$0.05 a second")
    costs = (await gate.http.get("/admin/v1/prices/history", params={"endpoint": MODEL, "channel": "acme"})).json()
    assert ([each["channel"] for each in costs["data"]], costs["listed"]) == (["acme"], None)


async def test_confirmed_prices_count_as_read_today(gate: Lodger) -> None:
    [confirmed] = (await gate.http.post("/admin/v1/prices/confirm", json={"endpoints": [MODEL]})).json()["data"]
    assert confirmed["entered"] == "confirmed"
    assert confirmed["price"]["as_of"] == gate.house.gateway.clock.now().date().isoformat()


async def test_what_cannot_be_is_named(gate: Lodger) -> None:
    wrong: list[tuple[dict[str, Any], int, str]] = [
        ({"amount": "-1"}, 422, "amount"),
        ({"amount": "NaN"}, 422, "amount"),
        ({"amount": "1e9"}, 422, "amount"),
        ({"amount": "1234567890123"}, 422, "amount"),
        ({"amount": 0.09}, 422, "amount"),
        ({"unit": "minute"}, 422, "amount"),
        ({"special": [{"when": "nonsense=1", "amount": "1"}]}, 422, "amount"),
        ({"special": [{"when": "sound=true", "amount": 1}]}, 422, "special.0.amount"),
        ({"since": "2020-01-01"}, 422, "since"),
        ({"since": "later"}, 422, "since"),
        ({"endpoint": "../x"}, 422, "endpoint"),
        ({"endpoint": "no/such"}, 404, ""),
        ({"book": "nobody-s"}, 404, ""),
        ({"more": 1}, 422, "more"),
        ({"reason": "x" * 501}, 422, "reason"),
    ]
    for more, status, field in wrong:
        answer = await gate.http.post("/admin/v1/prices", json={**PRICE, **more})
        assert answer.status_code == status, more
        assert [fault["field"] for fault in answer.json()["error"].get("faults", [])] == ([field] if field else []), more
    assert (await row(gate))["sale"]["since"] is None
    assert (await gate.http.post("/admin/v1/prices/end", json={"endpoint": MODEL})).status_code == 404
    assert (await gate.http.get("/admin/v1/prices", params={"at": "soon"})).status_code == 422
