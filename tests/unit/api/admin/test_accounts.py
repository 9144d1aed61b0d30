"""Accounts of the admin API."""

from __future__ import annotations

from typing import Any

from tests.house import Lodger


async def test_an_account_is_made_and_listed_at_zero(gate: Lodger) -> None:
    made = await gate.http.post("/admin/v1/accounts", json={"id": "alice", "name": "Alice Ltd"})
    assert (made.status_code, made.json()["available"], made.json()["name"]) == (201, "0.000000", "Alice Ltd")
    assert (await gate.http.post("/admin/v1/accounts", json={"id": "alice"})).status_code == 409
    listed = (await gate.http.get("/admin/v1/accounts")).json()["data"]
    assert [each["id"] for each in listed] == ["owner", "alice"]
    assert listed[0]["available"] == "1000.000000"
    assert (await gate.http.get("/admin/v1/accounts/alice")).json() == listed[1]


async def test_a_name_alone_is_its_id_too(gate: Lodger) -> None:
    made = (await gate.http.post("/admin/v1/accounts", json={"name": "bob"})).json()
    assert (made["id"], made["name"]) == ("bob", "bob")


async def test_what_is_named_is_changed_and_the_rest_stays(gate: Lodger) -> None:
    limits = {"daily_spend": "5", "per_second": 3, "models": ["fal-ai/*"]}
    asked = {"id": "alice", "currency": "CNY", "time_zone": "Asia/Shanghai", "limits": limits}
    made = (await gate.http.post("/admin/v1/accounts", json=asked)).json()
    assert made["limits"] == {"per_second": 3, "concurrency": None, "daily_spend": "5.000000", "models": ["fal-ai/*"]}
    sent = {"name": "Alice Ltd", "limits": {"concurrency": 2, "daily_spend": None, "models": None}, "reason": "grew"}
    changed = await gate.http.patch("/admin/v1/accounts/alice", json=sent)
    assert changed.status_code == 200
    wanted = {"per_second": 3, "concurrency": 2, "daily_spend": None, "models": []}
    assert changed.json() == {**made, "name": "Alice Ltd", "limits": wanted}
    deed = (await gate.http.get("/admin/v1/audit", params={"subject": "alice", "limit": 1})).json()["data"][0]
    assert (deed["action"], deed["reason"], deed["detail"]["daily_spend"]) == ("account.change", "grew", ["5.000000", None])


async def test_what_is_not_there_is_not_found(gate: Lodger) -> None:
    assert (await gate.http.get("/admin/v1/accounts/nobody")).status_code == 404
    assert (await gate.http.patch("/admin/v1/accounts/nobody", json={"name": "x"})).status_code == 404
    assert (await gate.http.post("/admin/v1/accounts/nobody/webhook-secret")).status_code == 404
    assert (await gate.http.patch("/admin/v1/accounts/owner", json={"book": "nobody-s"})).status_code == 404


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"time_zone": "Mars/Olympus"}, "time_zone"),
    ({"time_zone": "../../etc/passwd"}, "time_zone"),
    ({"currency": "EUR"}, "currency"),
    ({"limits": {"per_second": 0}}, "limits.per_second"),
    ({"limits": {"per_second": 2.5}}, "limits.per_second"),
    ({"limits": {"concurrency": "3"}}, "limits.concurrency"),
    ({"limits": {"daily_spend": 5}}, "limits.daily_spend"),
    ({"limits": {"daily_spend": "-1"}}, "limits.daily_spend"),
    ({"limits": {"models": ["a b"]}}, "limits.models"),
    ({"limits": {"more": 1}}, "limits.more"),
    ({"name": 5}, "name"),
    ({"name": ""}, "name"),
    ({"available": "5"}, "available"),
    ({"id": "other"}, "id"),
    ({"created_at": "2020-01-01"}, "created_at"),
    ({"reason": "a\nb"}, "reason"),
]


async def test_what_cannot_be_is_named_and_nothing_is_changed(gate: Lodger) -> None:
    before = (await gate.http.get("/admin/v1/accounts/owner")).json()
    for body, field in WRONG:
        answer = await gate.http.patch("/admin/v1/accounts/owner", json=body)
        assert (answer.status_code, [fault["field"] for fault in answer.json()["error"]["faults"]]) == (422, [field]), body
    assert (await gate.http.get("/admin/v1/accounts/owner")).json() == before


async def test_a_webhook_secret_is_shown_once_and_its_former_still_signs(gate: Lodger) -> None:
    made = [await gate.http.post("/admin/v1/accounts/owner/webhook-secret") for _ in range(2)]
    assert [each.status_code for each in made] == [201, 201]
    first, second = (each.json()["secret"] for each in made)
    assert first.startswith("whsec_")
    assert await gate.house.gateway.accounts.webhook_secrets("owner") == [second, first]
    assert "whsec_" not in (await gate.http.get("/admin/v1/accounts")).text
    assert first not in (await gate.http.get("/admin/v1/audit")).text
