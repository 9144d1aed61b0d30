"""The owner's routes, all of them: who may use them, and the document that they share."""

from __future__ import annotations

from reelgate.gateway.bounds import Bounds
from tests.house import Lodger

READING = [
    "/admin/v1/accounts",
    "/admin/v1/accounts/owner",
    "/admin/v1/accounts/owner/statement",
    "/admin/v1/keys",
    "/admin/v1/prices",
    "/admin/v1/prices/history?endpoint=scripted/text",
    "/admin/v1/books",
    "/admin/v1/exchange-rates",
    "/admin/v1/providers",
    "/admin/v1/channels",
    "/admin/v1/usage",
    "/admin/v1/audit",
    "/admin/v1/audit/verify",
    "/admin/v1/state",
]
WRITING = [
    ("POST", "/admin/v1/accounts"),
    ("PATCH", "/admin/v1/accounts/owner"),
    ("POST", "/admin/v1/accounts/owner/webhook-secret"),
    ("POST", "/admin/v1/accounts/owner/credit"),
    ("POST", "/admin/v1/accounts/owner/debit"),
    ("POST", "/admin/v1/jobs/x/refund"),
    ("POST", "/admin/v1/keys"),
    ("PATCH", "/admin/v1/keys/key_1"),
    ("DELETE", "/admin/v1/keys/key_1"),
    ("POST", "/admin/v1/keys/key_1/rotate"),
    ("POST", "/admin/v1/prices"),
    ("POST", "/admin/v1/prices/end"),
    ("POST", "/admin/v1/prices/confirm"),
    ("POST", "/admin/v1/books"),
    ("POST", "/admin/v1/books/list/enter"),
    ("POST", "/admin/v1/exchange-rates"),
    ("POST", "/admin/v1/channels"),
    ("PATCH", "/admin/v1/channels/main"),
    ("DELETE", "/admin/v1/channels/main"),
    ("POST", "/admin/v1/channels/main/pause"),
    ("POST", "/admin/v1/channels/main/resume"),
    ("POST", "/admin/v1/channels/main/check"),
    ("POST", "/admin/v1/channels/main/trial"),
    ("POST", "/admin/v1/channels/main/costs"),
]
ONES = (
    "/admin/v1/keys/key_1",
    "/admin/v1/channels/main",
    "/admin/v1/channels/main/trial",
    "/admin/v1/channels/main/costs",
    "/admin/v1/jobs/job_1",
)
ROUTES = [*(("GET", path) for path in (*READING, *ONES)), *WRITING]


async def test_only_an_admin_key_opens_them(gate: Lodger) -> None:
    live = await gate.key("live")
    for method, path in ROUTES:
        assert (await gate.http.request(method, path, headers={"Authorization": ""})).status_code == 401, path
        assert (await gate.http.request(method, path, headers=live)).status_code == 403, path


async def test_an_admin_key_that_may_only_read_reads_and_changes_nothing(gate: Lodger) -> None:
    reader = await gate.key("admin", bounds=Bounds(scopes=frozenset({"read"})))
    before = (await gate.http.get("/admin/v1/audit")).json()
    for path in READING:
        assert (await gate.http.get(path, headers=reader)).status_code == 200, path
    for method, path in WRITING:
        answer = await gate.http.request(method, path, headers=reader, json={})
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "forbidden"), path
    assert (await gate.http.get("/admin/v1/audit")).json() == before


async def test_their_document_has_them_all_and_nothing_else(gate: Lodger) -> None:
    whole = (await gate.http.get("/v1/openapi.json")).json()
    told = (await gate.http.get("/admin/v1/openapi.json", headers={"Authorization": ""})).json()
    assert told["openapi"] == "3.1.0"
    assert told["paths"] == {path: said for path, said in whole["paths"].items() if path.startswith("/admin/")}
    assert {name: whole["components"]["schemas"][name] for name in told["components"]["schemas"]} == told["components"]["schemas"]
    listed = {(method, path.partition("?")[0].replace("owner", "{id}").replace("/x/", "/{id}/")) for method, path in ROUTES}
    for one in ("keys/key_1", "books/list", "channels/main", "jobs/job_1"):
        listed = {(method, path.replace(one, f"{one.partition('/')[0]}/{{id}}")) for method, path in listed}
    described = {(method.upper(), path) for path, said in told["paths"].items() for method in said}
    assert described == {*listed, ("GET", "/admin/v1/openapi.json")}
