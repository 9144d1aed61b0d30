"""Price books and rates of exchange of the admin API."""

from __future__ import annotations

from typing import Any

from tests.house import Lodger

MODEL = "fal-ai/kling-video/v2.5-turbo/pro/text-to-video"


async def test_a_book_is_entered_by_a_factor_and_kept_as_amounts(gate: Lodger) -> None:
    made = await gate.http.post("/admin/v1/books", json={"name": "retail", "note": "walk-in customers"})
    assert (made.status_code, made.json()["note"]) == (201, "walk-in customers")
    assert (await gate.http.post("/admin/v1/books", json={"name": "retail"})).status_code == 409
    assert [each["id"] for each in (await gate.http.get("/admin/v1/books")).json()["data"]] == ["list", "retail"]
    asked = {"factor": "1.2", "rounding": "up:0.001", "endpoints": [MODEL]}
    [entered] = (await gate.http.post("/admin/v1/books/retail/enter", json=asked)).json()["data"]
    assert (entered["book"], entered["entered"]) == ("retail", "list × 1.2, rounded up to $0.001")
    assert [rate["amount"] for rate in entered["price"]["rates"]] == ["0.084000"]
    every = (await gate.http.post("/admin/v1/books/retail/enter", json={"factor": "2"})).json()["data"]
    assert len(every) > 10
    assert all(row["price"]["words"] != "free" for row in every)


async def test_rates_are_kept_with_their_days(gate: Lodger) -> None:
    for rate, since in (("7.12", None), ("7.2", "2126-12-01")):
        asked = {"currency": "CNY", "per_dollar": rate, "since": since}
        assert (await gate.http.post("/admin/v1/exchange-rates", json=asked)).status_code == 201
    rates = (await gate.http.get("/admin/v1/exchange-rates")).json()["data"]
    assert [(each["currency"], each["per_dollar"]) for each in rates] == [("CNY", "7.12"), ("CNY", "7.2")]


async def test_what_cannot_be_is_named(gate: Lodger) -> None:
    await gate.http.post("/admin/v1/books", json={"name": "retail"})
    wrong: list[tuple[str, dict[str, Any], int]] = [
        ("books", {"name": "A b"}, 422),
        ("books", {"name": "x" * 64}, 422),
        ("books", {"name": "b", "note": "a\nb"}, 422),
        ("books", {}, 422),
        ("books/list/enter", {"factor": "1.2"}, 422),
        ("books/nobody-s/enter", {"factor": "1.2"}, 404),
        ("books/retail/enter", {"factor": 1.2}, 422),
        ("books/retail/enter", {"factor": "-1"}, 422),
        ("books/retail/enter", {"factor": "1e3"}, 422),
        ("books/retail/enter", {"factor": "1.2", "rounding": "up"}, 201),
        ("books/retail/enter", {"factor": "1.2", "rounding": "up:0"}, 422),
        ("books/retail/enter", {"factor": "1.2", "rounding": "sideways:1"}, 422),
        ("books/retail/enter", {"factor": "1.2", "endpoints": ["no/such"]}, 404),
        ("books/retail/enter", {"factor": "1.2", "since": "2020-01-01"}, 422),
        ("exchange-rates", {"currency": "EUR", "per_dollar": "1"}, 422),
        ("exchange-rates", {"currency": "USD", "per_dollar": "1"}, 422),
        ("exchange-rates", {"currency": "CNY", "per_dollar": "0"}, 422),
        ("exchange-rates", {"currency": "CNY", "per_dollar": 7.12}, 422),
        ("exchange-rates", {"currency": "CNY", "per_dollar": "7.1234567"}, 422),
    ]
    for path, body, status in wrong:
        assert (await gate.http.post(f"/admin/v1/{path}", json=body)).status_code == status, (path, body)
