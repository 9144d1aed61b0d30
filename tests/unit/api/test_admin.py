"""The owner's routes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.house import Lodger, open_lodging

ROUTES = [
    ("GET", "/admin/v1/accounts"),
    ("POST", "/admin/v1/accounts"),
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


@pytest.mark.parametrize(
    "body", [b"{", b"{}", b'{"name": 1}', b'{"name": "a", "mode": "root"}', b'{"name": "a", "more": 1}', b"x" * 70_000]
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
