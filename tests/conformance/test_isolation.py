"""No route tells an account what another one has: asked for a stranger's thing it answers, byte for byte, as for one that never was.

The routes are those of the gateway's own OpenAPI document, so that a new one cannot be forgotten.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from reelgate.domain.identity import new_id, write_base32
from tests.house import BASE, Lodger, open_lodging
from tests.stranger import Answer, ask

_MODULE = pytest.mark.asyncio(loop_scope="module")
_HOOK = "https://receiver.example.com/hook"
_NOT_OWNED = {"app", "model", "number", "file_name"}
"""Names in paths that are nobody's; `{id}` is somebody's under `/v1/deliveries` only, and a file's name is its own key."""

_MARKS = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|(?<![0-9A-Z])[0-7][0-9A-HJKMNP-TV-Z]{25}(?![0-9A-Z])|\b[0-9a-f]{32}\b|\b1\d{12}\b"
)


@dataclass(frozen=True)
class Two:
    """A gateway with an account that has one of everything, and a stranger."""

    lodger: Lodger
    stranger: str
    mine: Mapping[str, str]
    unknown: Mapping[str, str]
    spellings: Mapping[str, list[tuple[str, str]]]

    async def ask(self, method: str, path: str, body: bytes = b"{}") -> Answer:
        """What the stranger hears."""
        return await ask(self.lodger.house.door, method, path, [("authorization", self.stranger)], body)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def settled(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Two]:
    with pytest.MonkeyPatch.context() as monkeypatch:
        async with open_lodging(tmp_path_factory.mktemp("two"), monkeypatch, working=False) as lodger:
            yield await _settle(lodger)


@pytest_asyncio.fixture(loop_scope="module")
async def two(settled: Two) -> Two:
    """With a stranger who has done nothing yet."""
    number = len(await settled.lodger.house.gateway.store.accounts())
    return replace(settled, stranger=(await settled.lodger.key(account=f"mallory-{number}"))["Authorization"])


async def _settle(lodger: Lodger) -> Two:
    http = lodger.http
    task = {"model_name": "scripted-text", "prompt": "go", "mode": "std", "external_task_id": "order-1", "callback_url": _HOOK}
    made = (await http.post("/kling/v1/videos/text2video", json=task)).raise_for_status().json()["task_id"]
    job = (await http.post(f"/v1/jobs/{made}/cancel")).raise_for_status().json()["job"]["id"]
    delivery = (await http.get("/v1/deliveries")).json()["data"][0]["id"]
    upload = (await http.post("/files/upload/multipart", headers={"x-fal-file-name": "a.png"})).raise_for_status().json()
    file = (await http.post("/files/upload", content=b"a picture", headers={"x-fal-file-name": "a.png"})).raise_for_status().json()
    never = new_id(int(job.replace("-", "")[:12], 16))
    return Two(
        lodger,
        "",
        {"id": delivery, "upload_id": upload["uploadId"], "name": upload["access_url"].split("/")[4], "file": file["access_url"]},
        {"id": _another(delivery), "upload_id": _another(upload["uploadId"]), "name": "0" * 32, "file": f"{BASE}/files/{'0' * 32}/a.png"},
        {
            "job_id": [(spell(job), spell(never)) for spell in (str, str.upper, write_base32, lambda text: text.replace("-", ""))],
            "task_id": [(job, never), (made, write_base32(never)), ("order-1", "order-2")],
        },
    )


def _another(id: str) -> str:
    """An id of the same shape that nothing has."""
    return "".join(letter if letter in "-_." else ("0" if letter != "0" else "1") for letter in id[-8:]).join([id[:-8], ""])


@_MODULE
async def test_no_path_tells_a_stranger_s_thing_from_one_that_never_was(two: Two) -> None:
    document = (await two.lodger.http.get("/v1/openapi.json")).json()
    seen: set[str] = set()
    for method, path in _owned(document):
        for mine, unknown in _pairs(two, path):
            theirs, nobody_s = await two.ask(method, mine), await two.ask(method, unknown)
            assert _told(theirs) == _told(nobody_s), (method, path)
            assert theirs.status in {400, 401, 404, 422}, (method, path, theirs)
            seen.add(path)
    assert {"/v1/jobs/{job_id}", "/v1/deliveries/{id}/replay", "/{app}/requests/{job_id}/status", "/v1/videos/text2video/{task_id}"} <= seen


def _owned(document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Every method and path that names something of an account's."""
    for path, operations in document["paths"].items():
        names = set(re.findall(r"\{([a-z_]+)\}", path)) - _NOT_OWNED
        if names and not re.match(r"/admin/|/v1/models/|/files/\{name\}/\{file_name\}$", path):
            yield from ((method.upper(), path) for method in operations)


def _pairs(two: Two, path: str) -> Iterator[tuple[str, str]]:
    """The path with something of the other account's in it, and with something that never was, in each spelling."""
    path = path.replace("{app}", "scripted/text").replace("{number}", "1").replace("{file_name}", "a.png")
    name = next((each for each in two.spellings if f"{{{each}}}" in path), "")
    for mine, unknown in two.spellings.get(name, [("", "")]):
        yield path.format(**{**two.mine, name: mine}), path.format(**{**two.unknown, name: unknown})


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
async def test_the_other_account_s_things_are_as_they_were(two: Two) -> None:
    """What strangers asked for above did nothing either."""
    before = [(await two.lodger.http.get(path)).json() for path in ("/v1/jobs", "/v1/deliveries")]
    for method, path in _owned((await two.lodger.http.get("/v1/openapi.json")).json()):
        for mine, _ in _pairs(two, path):
            await two.ask(method, mine)
    assert [(await two.lodger.http.get(path)).json() for path in ("/v1/jobs", "/v1/deliveries")] == before


@_MODULE
async def test_a_route_that_tells_is_found_out(two: Two) -> None:
    """The negative control: to the account itself the two answers differ, and so would a 403."""
    owner = Two(two.lodger, two.lodger.http.headers["authorization"], two.mine, two.unknown, two.spellings)
    for path in ("/v1/jobs/{job_id}", "/scripted/text/requests/{job_id}/status", "/kling/v1/videos/text2video/{task_id}"):
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
