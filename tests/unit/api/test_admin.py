"""The owner's routes."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from pathlib import Path

import jwt
import pytest

from tests.house import Lodger, open_lodging

ROUTES = [
    ("GET", "/admin/v1/accounts"),
    ("POST", "/admin/v1/accounts"),
    ("POST", "/admin/v1/accounts/owner/webhook-secret"),
    ("GET", "/admin/v1/keys"),
    ("POST", "/admin/v1/keys"),
    ("DELETE", "/admin/v1/keys/key_1"),
    ("GET", "/admin/v1/state"),
]


@pytest.fixture
async def gate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Lodger]:
    async with open_lodging(tmp_path, monkeypatch, working=False) as lodger:
        lodger.http.headers["Authorization"] = f"Key {(lodger.folder.secret('admin-key') or b'').decode()}"
        yield lodger


@pytest.mark.parametrize(("method", "path"), ROUTES)
async def test_only_an_admin_key_opens_them(gate: Lodger, method: str, path: str) -> None:
    assert (await gate.http.request(method, path, headers={"Authorization": ""})).status_code == 401
    assert (await gate.http.request(method, path, headers=await gate.key("live"))).status_code == 403


async def test_an_account_is_made_and_listed_at_zero(gate: Lodger) -> None:
    made = await gate.http.post("/admin/v1/accounts", json={"name": "alice"})
    assert (made.status_code, made.json()["available"]) == (201, "0.000000")
    assert (await gate.http.post("/admin/v1/accounts", json={"name": "alice"})).status_code == 409
    listed = (await gate.http.get("/admin/v1/accounts")).json()["data"]
    assert [each["id"] for each in listed] == ["owner", "alice"]
    assert listed[0]["available"] == "1000.000000"


async def test_a_key_is_shown_once_and_can_be_revoked(gate: Lodger) -> None:
    made = (await gate.http.post("/admin/v1/keys", json={"name": "ci", "mode": "test"})).json()
    assert made["secret"].startswith("rg_test_")
    listed = await gate.http.get("/admin/v1/keys", params={"account": "owner"})
    assert made["secret"] not in listed.text
    assert made["key"] in listed.json()["data"]
    assert (await gate.http.delete(f"/admin/v1/keys/{made['key']['id']}")).status_code == 200
    answer = await gate.http.get("/v1/jobs", headers={"Authorization": f"Key {made['secret']}"})
    assert answer.status_code == 401
    assert (await gate.http.delete("/admin/v1/keys/key_none")).status_code == 404


async def test_a_pair_is_shown_once_signs_tokens_and_can_be_revoked(gate: Lodger) -> None:
    answer = await gate.http.post("/admin/v1/keys", json={"name": "studio", "mode": "test", "pair": True})
    made = answer.json()
    assert answer.status_code == 201
    assert (made["key"]["id"], made["key"]["mode"], made["key"]["pair"]) == (made["access_key"], "test", True)
    listed = await gate.http.get("/admin/v1/keys")
    assert made["secret_key"] not in listed.text
    assert made["key"] in listed.json()["data"]
    assert not listed.json()["data"][0]["pair"]
    token = jwt.encode({"iss": made["access_key"], "exp": int(time.time()) + 1800}, made["secret_key"], algorithm="HS256")
    signed = {"Authorization": f"Bearer {token}"}
    job = (await gate.http.post("/scripted/text", json={"prompt": "go"}, headers=signed)).json()["request_id"]
    assert (await gate.http.get(f"/v1/jobs/{job}", headers=signed)).json()["test"]
    assert (await gate.http.delete(f"/admin/v1/keys/{made['access_key']}")).status_code == 200
    assert (await gate.http.get("/admin/v1/accounts", headers=signed)).status_code in (401, 403)


async def test_there_are_no_pairs_for_the_admin_api(gate: Lodger) -> None:
    answer = await gate.http.post("/admin/v1/keys", json={"name": "root", "mode": "admin", "pair": True})
    assert (answer.status_code, answer.json()["error"]["faults"][0]["field"]) == (422, "mode")


async def test_a_webhook_secret_is_shown_once_and_its_former_still_signs(gate: Lodger) -> None:
    made = [await gate.http.post("/admin/v1/accounts/owner/webhook-secret") for _ in range(2)]
    assert [each.status_code for each in made] == [201, 201]
    first, second = (each.json()["secret"] for each in made)
    assert first.startswith("whsec_")
    assert await gate.house.gateway.accounts.webhook_secrets("owner") == [second, first]
    assert "whsec_" not in (await gate.http.get("/admin/v1/accounts")).text
    assert (await gate.http.post("/admin/v1/accounts/nobody/webhook-secret")).status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"{}",
        b'{"name": 1}',
        b'{"name": "a", "mode": "root"}',
        b'{"name": "a", "more": 1}',
        b'{"name": "a", "pair": 2}',
        b"x" * 70_000,
    ],
)
async def test_a_body_that_cannot_be_read_is_refused(gate: Lodger, body: bytes) -> None:
    assert (await gate.http.post("/admin/v1/keys", content=body)).status_code in (413, 422)


async def test_the_state_tells_the_rule_and_that_the_books_are_in_order(gate: Lodger) -> None:
    await gate.http.post("/scripted/text", json={"prompt": "go"}, headers=await gate.key("live"))
    state = (await gate.http.get("/admin/v1/state")).json()
    assert "preview engine serves every model" in state["rule"]
    assert {"name": "scripted", "trouble": ""} in state["engines"]
    assert state["jobs"]["queued"] == 1
    assert state["breaches"] == []
