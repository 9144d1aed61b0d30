"""No route tells an account what another one has: asked for a stranger's thing it answers, byte for byte, as for one that never was.

The routes are those of the application's own table, each with its row in `tests/matrix.py`, and six callers ask for each of them.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from reelgate.app import load_faces
from reelgate.contracts.store import JobFilter
from reelgate.domain.identity import new_id, write_base32
from reelgate.domain.money import Money
from reelgate.gateway.bounds import Bounds
from reelgate.gateway.keyring import Keyring, Principal
from tests import matrix
from tests.house import BASE, Lodger, open_lodging
from tests.matrix import CALLERS, Caller, Verdict
from tests.stranger import Answer, ask

_MODULE = pytest.mark.asyncio(loop_scope="module")
_HOOK = "https://receiver.example.com/hook"
_ADA = "ada-of-the-matrix"
_MARKS = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|(?<![0-9A-Z])[0-7][0-9A-HJKMNP-TV-Z]{25}(?![0-9A-Z])|\b[0-9a-f]{32}\b|\b1\d{12}\b"
)
_clients = count(1)


@dataclass(frozen=True)
class Two:
    """A gateway with an account that has one of everything, and a stranger."""

    lodger: Lodger
    callers: Mapping[Caller, str]
    mine: Mapping[str, str]
    unknown: Mapping[str, str]
    spellings: Mapping[str, list[tuple[str, str]]]
    marks: tuple[str, ...]

    async def ask(
        self, method: str, path: str, body: bytes = b"{}", caller: Caller = "stranger", headers: tuple[tuple[str, str], ...] = ()
    ) -> Answer:
        """What a caller hears, each time from another address: those with bad keys would be shut out soon."""
        shown = [("authorization", self.callers[caller])] if self.callers[caller] else []
        number = next(_clients)
        client = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
        return await ask(self.lodger.house.door, method, path, [*shown, *headers], body, client=client)

    async def things(self) -> list[object]:
        """All that the account has, but for what its test key has made."""
        store = self.lodger.house.gateway.store
        jobs = [job for job in await store.jobs(_ADA, JobFilter(limit=200)) if not job.test]
        return [
            *jobs,
            *[await store.events(_ADA, job.id) for job in jobs],
            *[await store.deliveries(_ADA, job.id) for job in jobs],
            await store.account(_ADA),
            await store.balance(_ADA),
            [replace(key, last_used_at=None) for key in await store.keys(_ADA)],
            await store.upload(self.mine["upload_id"]),
            await store.parts(self.mine["upload_id"]),
            await store.blob(self.mine["file"].split("/")[4]),
        ]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def settled(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Two]:
    with pytest.MonkeyPatch.context() as monkeypatch:
        async with open_lodging(tmp_path_factory.mktemp("two"), monkeypatch, working=False) as lodger:
            yield await _settle(lodger)


@pytest_asyncio.fixture(loop_scope="module")
async def two(settled: Two) -> Two:
    """With a stranger who has done nothing yet."""
    number = len(await settled.lodger.house.gateway.store.accounts())
    stranger = (await settled.lodger.key(account=f"mallory-{number}"))["Authorization"]
    return replace(settled, callers={**settled.callers, "stranger": stranger})


async def _settle(lodger: Lodger) -> Two:
    http, gateway = lodger.http, lodger.house.gateway
    http.headers.update(await lodger.key(account=_ADA))
    await gateway.accounts.credit(_ADA, Money.dollars("10"), "a canary of Ada's", actor="gateway")
    task = {"model_name": "scripted-text", "prompt": "go", "mode": "std", "external_task_id": "order-1", "callback_url": _HOOK}
    made = (await http.post("/kling/v1/videos/text2video", json=task)).raise_for_status().json()["task_id"]
    job = (await http.post(f"/v1/jobs/{made}/cancel")).raise_for_status().json()["job"]["id"]
    queued = (await http.post("/scripted/text", json={"prompt": "wait"})).raise_for_status().json()["request_id"]
    delivery = (await http.get("/v1/deliveries")).json()["data"][0]["id"]
    upload = (await http.post("/files/upload/multipart", headers={"x-fal-file-name": "a.png"})).raise_for_status().json()
    file = (await http.post("/files/upload", content=b"a picture", headers={"x-fal-file-name": "a.png"})).raise_for_status().json()
    never = new_id(int(job.replace("-", "")[:12], 16))
    mine = {"id": delivery, "upload_id": upload["uploadId"], "name": upload["access_url"].split("/")[4], "file": file["access_url"]}
    spelled = [spell(each) for each in (job, queued) for spell in _SPELLINGS]
    return Two(
        lodger,
        await _callers(lodger),
        mine,
        {"id": _another(delivery), "upload_id": _another(upload["uploadId"]), "name": "0" * 32, "file": f"{BASE}/files/{'0' * 32}/a.png"},
        {
            "job_id": [(spell(job), spell(never)) for spell in _SPELLINGS],
            "queued": [(queued, never)],
            "task_id": [(job, never), (made, write_base32(never)), ("order-1", "order-2")],
        },
        (*spelled, "order-1", _HOOK, "a canary of Ada", _ADA, mine["upload_id"], mine["name"], mine["file"].split("/")[4]),
    )


async def _callers(lodger: Lodger) -> dict[Caller, str]:
    """Keys of the account's that see little or nothing of it."""
    gateway = lodger.house.gateway
    revoked = await lodger.key(account=_ADA)
    newest = (await gateway.store.keys(_ADA))[-1]
    await gateway.keys.revoke(newest.id, actor="gateway")
    keys = {
        "stranger": await lodger.key(account="mallory"),
        "revoked": revoked,
        "reader": await lodger.key(account=_ADA, bounds=Bounds(scopes=frozenset({"read"}))),
        "tester": await lodger.key("test", account=_ADA),
        "admin": await lodger.key("admin", account=_ADA),
    }
    return {"nobody": "", **{name: shown["Authorization"] for name, shown in keys.items()}}


_SPELLINGS = (str, str.upper, write_base32, lambda text: text.replace("-", ""))


def _another(id: str) -> str:
    """An id of the same shape that nothing has."""
    return "".join(letter if letter in "-_." else ("0" if letter != "0" else "1") for letter in id[-8:]).join([id[:-8], ""])


# -- every route, six callers --------------------------------------------------------------------------------------------


@_MODULE
async def test_every_route_has_a_row_and_every_row_a_route(two: Two) -> None:
    routes = {*matrix.named(load_faces(), two.lodger.house.gateway)}
    assert sorted(name for name in routes if matrix.verdict_of(name) is None) == [], "write a row in tests/matrix.py"
    assert sorted(set(matrix.ROWS) - routes) == [], "these are gone"
    assert len(routes) > 150
    for new in ("GET /v1/jobs/{job_id}/secrets", "DELETE /v1/jobs", "ANY Fast"):
        assert matrix.verdict_of(new) is None  # the negative control


@_MODULE
async def test_every_caller_hears_of_every_route_what_it_may_and_the_account_s_things_stay_as_they_were(two: Two) -> None:
    before = await two.things()
    assert [fault async for fault in _faults(two)] == []
    assert await two.things() == before
    assert len(before) > 10


@_MODULE
async def test_an_admin_key_that_may_only_read_changes_nothing(two: Two) -> None:
    before = await two.things()
    shown = await two.lodger.key("admin", bounds=Bounds(scopes=frozenset({"read"})))
    reader = replace(two, callers={**two.callers, "admin": shown["Authorization"]})
    asked = 0
    for name in sorted({*matrix.named(load_faces(), two.lodger.house.gateway)}):
        method, _, path = name.partition(" ")
        if matrix.verdict_of(name) is matrix.ADMIN:
            heard = await reader.ask(method, path.replace("{id}", _ADA), caller="admin")
            assert (heard.status == 403) is (method != "GET"), name
            asked += 1
    assert asked > 20
    assert await two.things() == before


@pytest.mark.parametrize("planted", ["a door for who may only read", "a job that is shown to test keys", "a list of all"])
@_MODULE
async def test_a_planted_leak_is_found(two: Two, monkeypatch: pytest.MonkeyPatch, planted: str) -> None:
    """The negative control."""
    gateway = two.lodger.house.gateway
    if planted.startswith("a door"):
        caller = Keyring.caller

        async def lets_in(keyring: Keyring, scope: Any, **_: bool) -> Principal:
            return await caller(keyring, scope)

        monkeypatch.setattr(Keyring, "caller", lets_in)
        wanted, found = ("POST /v1/jobs/{job_id}/cancel", "POST /storage/auth/token"), {"reader"}
    elif planted.startswith("a job"):
        monkeypatch.setattr(Principal, "test", property(lambda _: False))
        wanted, found = ("GET /v1/jobs", "GET /v1/deliveries", "GET /kling/v1/videos/text2video/{task_id:path}"), {"tester"}
    else:
        jobs = gateway.store.jobs
        monkeypatch.setattr(gateway.store, "jobs", lambda _, which: jobs(_ADA, replace(which, test_only=False)))
        wanted, found = ("GET /v1/jobs", "GET /kling/v1/videos/text2video"), {"stranger", "tester"}
    for name in wanted:
        callers = {fault.split(":")[0] async for fault in _faults(two, name)}
        assert callers == found, name


async def _faults(two: Two, only: str = "") -> AsyncIterator[str]:
    """What is wrong with the answers of all routes, or of one."""
    for name in sorted({*matrix.named(load_faces(), two.lodger.house.gateway)}):
        verdict = matrix.verdict_of(name)
        if verdict is None or only not in {"", name}:
            continue
        for mine, unknown in _pairs(two, name):
            for headers in _ways(name, mine, unknown):
                async for fault in _faults_of(two, name, verdict, (mine, unknown), headers):
                    yield fault


async def _faults_of(
    two: Two, name: str, verdict: Verdict, paths: tuple[str, str], headers: tuple[tuple[tuple[str, str], ...], ...]
) -> AsyncIterator[str]:
    method = name.partition(" ")[0].replace("ANY", "PATCH")
    paths = ("/fal/proxy", "/fal/proxy") if headers[0] else paths
    first: tuple[Any, ...] | None = None
    for caller in CALLERS:
        word = getattr(verdict, caller)
        if word == "not asked":
            continue
        heard = await two.ask(method, paths[0], b"{}", caller, headers[0])
        unknown = await two.ask(method, paths[1], b"{}", caller, headers[1]) if word in {"unknown", "theirs"} else heard
        first = first or _told(heard)
        leaked = [mark for mark in two.marks if mark.encode() in heard.body]
        good = {
            "401": heard.status == 401,
            "403": heard.status == 403,
            "unknown": _told(heard) == _told(unknown) and heard.status in {400, 404, 422},
            "empty": heard.status not in {401, 403} and heard.status < 500,
            "theirs": _told(heard) != _told(unknown) and heard.status not in {401, 403} and heard.status < 500,
            "shows": heard.status == 200 and bool(leaked),
            "admits": heard.status not in {401, 403} and 0 < heard.status < 500,
            "refused": heard.status in {400, 404, 405},
            "same": _told(heard) == first,
            "any": heard.status == 200,
        }[word]
        if not good or (leaked and word not in {"theirs", "shows", "admits", "any"}):
            yield f"{caller}: {name} is {word}? {heard.status} {heard.body[:200]!r} {leaked}"


def _ways(name: str, mine: str, unknown: str) -> Iterator[tuple[tuple[tuple[str, str], ...], ...]]:
    """Straight; and what is fal's also by way of the proxy."""
    yield (), ()
    if name.partition(" ")[2].startswith(("/{app:path}", "/storage/", "/v1/models/requests/")):
        yield tuple((("x-fal-target-url", f"https://queue.fal.run{path}"),) for path in (mine, unknown))


def _pairs(two: Two, name: str) -> Iterator[tuple[str, str]]:
    """A route's path with something of the account's in it, and with something that never was, in each spelling."""
    path = re.sub(r":path\}", "}", name.partition(" ")[2])
    path = path if path.startswith("/") else "/scripted/text"
    query = matrix.QUERIES.get(name, "")
    path = path + (f"?{query}" if query else "")
    path = path.replace("{app}", "scripted/text").replace("{model}", "scripted-text").replace("{number}", "1").replace("{path}", "x")
    if "/models/" in path:
        path = path.replace("{id}", "scripted/text")
    if path == "/files/{name}/{file_name}":
        path = two.mine["file"].removeprefix(BASE)
    path = path.replace("{file_name}", "a.png").replace("/v1/upstream/{token}", f"/v1/upstream/{'0' * 32}")
    name = "queued" if path.endswith("/cancel") else next((each for each in two.spellings if f"{{{each}}}" in path), "")
    path = path.replace("{job_id}", f"{{{name}}}") if name == "queued" else path
    for mine, unknown in two.spellings.get(name, [("", "")]):
        yield path.format(**{**two.mine, name: mine}), path.format(**{**two.unknown, name: unknown})


# -- what is named in queries and bodies ---------------------------------------------------------------------------------

_NAMED_ELSEWHERE = [
    ("GET", "/tasks?task_ids={job_id}", ""),
    ("GET", "/tasks?external_task_ids={task_id}", ""),
    ("GET", "/proxy/kling/tasks?task_ids={job_id}", ""),
    ("GET", "/v1/jobs?before={job_id}", ""),
    ("GET", "/v1/models/requests/by-endpoint?endpoint_id=scripted/text&cursor={job_id}", ""),
    ("GET", "/kling/v1/videos/text2video", ""),
    ("GET", "/v1/deliveries", ""),
    ("POST", "/tasks", '{{"cursor": "{job_id}"}}'),
    ("POST", "/scripted/picture", '{{"prompt": "go", "image_url": "{file}"}}'),
    ("POST", "/kling/v1/videos/image2video", '{{"model_name": "scripted-picture", "mode": "std", "prompt": "go", "image": "{file}"}}'),
    (
        "POST",
        "/kling/v1/videos/text2video",
        '{{"model_name": "scripted-text", "mode": "std", "prompt": "go", "external_task_id": "{task_id}"}}',
    ),
    ("POST", "/kling/v1/videos/video-extend", '{{"video_id": "{job_id}", "prompt": "go"}}'),
    (
        "POST",
        "/kling/v1/videos/lip-sync",
        '{{"input": {{"video_id": "{job_id}", "mode": "text2video", "text": "hello", "voice_id": "a"}}}}',
    ),
]


@pytest.mark.parametrize(
    ("method", "path", "body"), _NAMED_ELSEWHERE, ids=[f"{each[0]} {each[1].partition('?')[0]}" for each in _NAMED_ELSEWHERE]
)
@_MODULE
async def test_no_query_and_no_body_does_either(two: Two, method: str, path: str, body: str) -> None:
    job, task = two.spellings["job_id"][0], two.spellings["task_id"][-1]
    mine, unknown = ({**told, "job_id": job[side], "task_id": task[side]} for side, told in enumerate((two.mine, two.unknown)))
    theirs = await two.ask(method, path.format(**mine), body.format(**mine).encode())
    nobody_s = await two.ask(method, path.format(**unknown), body.format(**unknown).encode())
    assert _told(theirs, mine) == _told(nobody_s, unknown)
    if theirs.status == 200 and method == "GET":
        assert theirs.json.get("data", theirs.json.get("items")) == []


@_MODULE
async def test_a_permit_opens_the_upload_that_it_was_given_for_only(two: Two) -> None:
    intent = b'{"file_name": "a.png", "content_type": "image/png"}'
    permit = (await two.ask("POST", "/storage/upload/initiate", intent)).json["upload_url"].partition("?")[2]
    for method, rest in (("PUT", ""), ("PUT", "/1"), ("POST", "/complete")):
        theirs = await two.ask(method, "/storage/upload/{upload_id}/{name}".format(**two.mine) + f"{rest}?{permit}")
        nobody_s = await two.ask(method, "/storage/upload/{upload_id}/{name}".format(**two.unknown) + f"{rest}?{permit}")
        assert (theirs.status, _told(theirs)) == (401, _told(nobody_s))


async def test_nobody_goes_on_from_another_account_s_video(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with open_lodging(tmp_path, monkeypatch) as lodger:
        job = (await lodger.http.post("/scripted/text", json={"prompt": "go"})).raise_for_status().json()["request_id"]
        await lodger.ended(job)
        ask_for = {"prompt": "go", "video_id": job}
        path, stranger = "/kling/v1/videos/video-extend", await lodger.key(account="mallory")
        theirs = await lodger.http.post(path, json=ask_for, headers=stranger)
        nobody_s = await lodger.http.post(path, json=ask_for | {"video_id": new_id(1)}, headers=stranger)
        assert (theirs.status_code, theirs.json()["message"]) == (400, nobody_s.json()["message"])
        assert (await lodger.http.post(path, json=ask_for)).json()["message"] != theirs.json()["message"]  # it is there


@_MODULE
async def test_a_route_that_tells_is_found_out(two: Two) -> None:
    """The negative control: to the account itself the two answers differ, and so would a 403."""
    owner = replace(two, callers={**two.callers, "stranger": two.lodger.http.headers["authorization"]})
    for path in ("GET /v1/jobs/{job_id}", "GET /{app:path}/requests/{job_id}/status", "GET /kling/v1/videos/text2video/{task_id:path}"):
        for mine, unknown in _pairs(owner, path):
            assert _told(await owner.ask("GET", mine)) != _told(await owner.ask("GET", unknown))
    assert _told(Answer(403, (), b"{}")) != _told(Answer(404, (), b"{}"))


def _told(answer: Answer, asked: Mapping[str, str] | None = None) -> tuple[Any, ...]:
    """What an answer tells: all of it but ids and instants, which differ from one request to the next, and what was asked."""
    body = answer.body.decode()
    for word in (asked or {}).values():
        body = body.replace(word, "…")
    headers = sorted((name, value) for name, value in answer.headers if name not in {"x-fal-request-id", "content-length"})
    return answer.status, headers, _MARKS.sub("…", body)
