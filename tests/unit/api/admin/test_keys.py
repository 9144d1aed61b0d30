"""Keys of the admin API."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt

from tests.house import Lodger

OWN = "a-key-that-a-customer-has-had-for-years"


async def made(gate: Lodger, **asked: Any) -> dict[str, Any]:
    answer = await gate.http.post("/admin/v1/keys", json={"name": "ci", **asked})
    assert answer.status_code == 201, answer.text
    return answer.json()


async def test_a_key_is_shown_once_and_can_be_revoked(gate: Lodger) -> None:
    key = await made(gate, mode="test")
    assert key["secret"].startswith("rg_test_")
    listed = await gate.http.get("/admin/v1/keys", params={"account": "owner"})
    assert key["secret"] not in listed.text
    assert key["key"] in listed.json()["data"]
    shown = {"Authorization": f"Key {key['secret']}"}
    assert (await gate.http.delete(f"/admin/v1/keys/{key['key']['id']}", params={"reason": "left"})).status_code == 200
    assert (await gate.http.get("/v1/jobs", headers=shown)).status_code == 401
    assert (await gate.http.get(f"/admin/v1/keys/{key['key']['id']}")).json()["state"] == "revoked"
    assert (await gate.http.delete("/admin/v1/keys/key_none")).status_code == 404
    deed = (await gate.http.get("/admin/v1/audit", params={"subject": key["key"]["id"], "limit": 1})).json()["data"][0]
    assert (deed["action"], deed["reason"]) == ("key.revoke", "left")


async def test_a_pair_is_shown_once_signs_tokens_and_can_be_revoked(gate: Lodger) -> None:
    pair = await made(gate, name="studio", mode="test", pair=True)
    assert (pair["key"]["id"], pair["key"]["mode"], pair["key"]["pair"]) == (pair["access_key"], "test", True)
    listed = await gate.http.get("/admin/v1/keys")
    assert pair["secret_key"] not in listed.text
    assert pair["key"] in listed.json()["data"]
    assert not listed.json()["data"][0]["pair"]
    token = jwt.encode({"iss": pair["access_key"], "exp": int(time.time()) + 1800}, pair["secret_key"], algorithm="HS256")
    signed = {"Authorization": f"Bearer {token}"}
    job = (await gate.http.post("/scripted/text", json={"prompt": "go"}, headers=signed)).json()["request_id"]
    assert (await gate.http.get(f"/v1/jobs/{job}", headers=signed)).json()["test"]
    assert (await gate.http.delete(f"/admin/v1/keys/{pair['access_key']}")).status_code == 200
    assert (await gate.http.get("/admin/v1/accounts", headers=signed)).status_code in (401, 403)


async def test_a_customer_s_own_key_works_unchanged_and_is_never_told(gate: Lodger) -> None:
    taken = await made(gate, name="old", secret=OWN)
    assert set(taken) == {"key"}
    assert (await gate.http.get("/v1/account", headers={"Authorization": f"Bearer {OWN}"})).json()["key"]["id"] == taken["key"]["id"]
    again = await gate.http.post("/admin/v1/keys", json={"name": "again", "secret": OWN})
    assert again.status_code == 409
    for path in ("/admin/v1/keys", "/admin/v1/audit"):
        assert OWN not in (await gate.http.get(path)).text + again.text


async def test_a_key_is_bound_as_was_said_and_changed_where_it_is_named(gate: Lodger) -> None:
    until = (datetime.now(UTC) + timedelta(days=30)).isoformat(timespec="milliseconds")
    asked = {"scopes": ["read"], "spend_limit": "5", "expires_at": until, "networks": ["10.0.0.0/8"], "limits": {"concurrency": 2}}
    key = (await made(gate, **asked))["key"]
    assert (key["scopes"], key["spend_limit"], key["expires_at"]) == (["read"], "5.000000", until)
    assert (key["networks"], key["limits"]["concurrency"], key["spent"]) == (["10.0.0.0/8"], 2, "0.000000")
    sent = {"scopes": ["read", "write"], "spend_limit": None, "limits": {"per_second": 3}}
    changed = (await gate.http.patch(f"/admin/v1/keys/{key['id']}", json=sent)).json()
    wanted = {**key, "scopes": ["read", "write"], "spend_limit": None, "limits": {**key["limits"], "per_second": 3}}
    assert changed == wanted
    freed = {"expires_at": None, "networks": None, "limits": None, "name": "free"}
    changed = (await gate.http.patch(f"/admin/v1/keys/{key['id']}", json=freed)).json()
    assert (changed["expires_at"], changed["networks"], changed["limits"]["concurrency"], changed["name"]) == (None, [], None, "free")


async def test_a_key_ends_at_the_beginning_of_a_day_of_the_owner_s_zone(gate: Lodger) -> None:
    await gate.http.patch("/admin/v1/accounts/owner", json={"time_zone": "Asia/Shanghai"})
    assert (await made(gate, expires_at="2126-12-01"))["key"]["expires_at"] == "2126-11-30T16:00:00.000+00:00"


async def test_a_key_is_followed_by_one_that_may_the_same(gate: Lodger) -> None:
    first = await made(gate, spend_limit="5")
    rotated = await gate.http.post(f"/admin/v1/keys/{first['key']['id']}/rotate", json={"overlap_s": 3600, "reason": "yearly"})
    assert rotated.status_code == 201
    second = rotated.json()
    assert second["secret"] != first["secret"]
    assert (second["key"]["line"], second["key"]["spend_limit"]) == (first["key"]["id"], "5.000000")
    for each in (first, second):
        assert (await gate.http.get("/v1/account", headers={"Authorization": f"Key {each['secret']}"})).status_code == 200
    former = (await gate.http.get(f"/admin/v1/keys/{first['key']['id']}")).json()
    left = datetime.fromisoformat(former["expires_at"]) - datetime.now(UTC)
    assert timedelta(minutes=59) < left <= timedelta(hours=1)
    assert (await gate.http.post("/admin/v1/keys/key_none/rotate")).status_code == 404


async def test_what_cannot_be_is_named(gate: Lodger) -> None:
    wrong: list[tuple[dict[str, Any], str]] = [
        ({}, "name"),
        ({"name": 1}, "name"),
        ({"name": "a", "mode": "root"}, "mode"),
        ({"name": "a", "more": 1}, "more"),
        ({"name": "a", "pair": 2}, "pair"),
        ({"name": "a", "pair": True, "mode": "admin"}, "mode"),
        ({"name": "a", "pair": True, "secret": OWN}, "pair"),
        ({"name": "a", "secret": "short"}, "secret"),
        ({"name": "a", "secret": "rg_live_" + "x" * 40}, "secret"),
        ({"name": "a", "secret": "aaaaaaaaaa.bbbbbbbbbbbbb.cccccccccc"}, "secret"),
        ({"name": "a", "scopes": ["write"]}, "scopes"),
        ({"name": "a", "scopes": ["all"]}, "scopes.0"),
        ({"name": "a", "spend_limit": 5}, "spend_limit"),
        ({"name": "a", "spend_limit": "-5"}, "spend_limit"),
        ({"name": "a", "expires_at": "2020-01-01"}, "expires_at"),
        ({"name": "a", "expires_at": "soon"}, "expires_at"),
        ({"name": "a", "networks": ["10.0.0.1/8"]}, "networks"),
        ({"name": "a", "limits": {"models": ["*/x"]}}, "limits.models"),
    ]
    for body, field in wrong:
        answer = await gate.http.post("/admin/v1/keys", json=body)
        assert (answer.status_code, answer.json()["error"]["faults"][0]["field"]) == (422, field), body
        assert body.get("secret", "x" * 40) not in answer.text
    assert (await gate.http.post("/admin/v1/keys", content=b"{")).status_code == 422
    assert (await gate.http.post("/admin/v1/keys", json={"name": "a", "account": "nobody"})).status_code == 404
    for overlap in (-1, 8 * 86_400, "1"):
        assert (await gate.http.post("/admin/v1/keys/key_1/rotate", json={"overlap_s": overlap})).status_code == 422
