"""Every face of a vendor's answers as the stories in tests/fixtures/faces/ tell it, exchange by exchange.

A story is one JSON file in the folder of its face:

    source      from which document or client its shapes were read, in our own words
    settings    settings of the gateway that differ from those below; "working": false leaves every job in the queue
    exchanges   a list of {"request": {method, path, query, headers, json | body}, "answer": {status, headers, json | text}};
                {"wait": "over" | "running", "job": id} in between lets a job get on

A request is sent with the key of a new account with money in it, unless its headers name another one. An answer's JSON is
compared whole, its text too; of its headers those that are named (null: it must not be there). In an answer's texts

    <kind>      is any value of a kind of the table KINDS; alone in its text it may be a number
    <kind:word> is the same, and what was found is called $word from there on, in requests and in answers (a body is read before
                its headers)
    $word       is what was found. $key, $admin, $poor (no money) and $stranger (another account) are keys and there from the start
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx  # noqa: TID251 -- the answers of an application in this process
import pytest
import pytest_asyncio

from reelgate.app import load_faces
from reelgate.domain.money import Money
from tests.house import Lodger, document, open_lodging

FOLDER = Path(__file__).resolve().parent.parent / "fixtures" / "faces"
STORIES = {f"{path.parent.name}/{path.stem}": json.loads(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*/*.json"))}
OUR_OWN = {
    "account",
    "admin",
    "deliveries",
    "document",
    "files",
    "health",
    "jobs",
    "metrics",
    "models",
    "own",
    "pages",
    "quote",
    "upstream",
}
"""Faces that speak no vendor's protocol; every other one has a folder of stories."""

_USUAL = {"preview_price": "list"}
_MODULE = pytest.mark.asyncio(loop_scope="module")

KINDS: Mapping[str, str] = {
    "uuid": r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}",
    "uuid4": r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}",
    "base32": r"[0-7][0-9A-HJKMNP-TV-Z]{25}",
    "hex32": r"[0-9a-f]{32}",
    "hex64": r"[0-9a-f]{64}",
    "base64": r"[A-Za-z0-9+/_-]+=*",
    "permit": r"permit\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+",
    "instant": r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?\+00:00",
    "ms": r"1[6-9]\d{11}|2\d{12}",
    "seconds": r"\d+(?:\.\d+)?(?:e-\d+)?",
    "number": r"-?\d+",
    "words": r"[^\n]+",
    "anything": r"(?s:.*)",
}
_NUMBERS = {"ms": int, "number": int, "seconds": float}
_MARK = re.compile(rf"<({'|'.join(KINDS)})(?::([a-z_]+))?>|\$([a-z_]+)")


# -- the stories ---------------------------------------------------------------------------------------------------------


@dataclass
class Street:
    """Gateways that stories share, one for each choice of settings: a story has accounts of its own.

    Where nothing works each story has one of its own, so that it alone stands in the queue.
    """

    folder: Path
    monkeypatch: pytest.MonkeyPatch
    doors: AsyncExitStack
    open: dict[str, Lodger] = field(default_factory=dict[str, Lodger])
    stories: int = 0

    async def gateway(self, story: Mapping[str, Any]) -> Lodger:
        chosen = {**_USUAL, "working": True, **story.get("settings", {})}
        name = json.dumps(chosen, sort_keys=True) if chosen["working"] else str(self.stories)
        if name not in self.open:
            lodging = open_lodging(self.folder / str(len(self.open)), self.monkeypatch, **chosen)
            self.open[name] = await self.doors.enter_async_context(lodging)
        return self.open[name]

    async def keys(self, lodger: Lodger) -> dict[str, str]:
        """The words that a story begins with."""
        self.stories += 1
        told: dict[str, str] = {}
        for word, account, mode in (
            ("key", f"story-{self.stories}", "live"),
            ("poor", f"poor-{self.stories}", "live"),
            ("stranger", f"stranger-{self.stories}", "live"),
            ("admin", f"story-{self.stories}", "admin"),
        ):
            told[word] = (await lodger.key(mode, account))["Authorization"].removeprefix("Key ")
        accounts = lodger.house.gateway.accounts
        await accounts.credit(f"story-{self.stories}", Money.dollars("1000"), "for a story", actor="gateway")
        return told


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def street(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Street]:
    with pytest.MonkeyPatch.context() as monkeypatch:
        async with AsyncExitStack() as doors:
            yield Street(tmp_path_factory.mktemp("faces"), monkeypatch, doors)


@pytest.mark.parametrize("name", STORIES)
@_MODULE
async def test_a_face_answers_as_its_story_says(name: str, street: Street) -> None:
    story = STORIES[name]
    assert story["source"].endswith(".")
    lodger = await street.gateway(story)
    told = await street.keys(lodger)
    try:
        for number, exchange in enumerate(story["exchanges"], 1):
            found = await play(lodger, exchange, told)
            assert found == [], f"exchange {number} of {name}"
    finally:
        await _take_back(lodger, told["key"])


def test_every_vendor_s_face_has_stories_and_every_story_a_face() -> None:
    faces, told = {face.name for face in load_faces()}, {path.name for path in FOLDER.iterdir()}
    assert {each for each in OUR_OWN if each not in faces} == set()
    assert told == faces - OUR_OWN
    assert {name.partition("/")[0] for name in STORIES} == told


@pytest.mark.parametrize("name", STORIES)
def test_every_answer_of_a_story_has_a_status_that_is_described(name: str) -> None:
    for exchange in STORIES[name]["exchanges"]:
        if "request" in exchange:
            status, described = exchange["answer"]["status"], statuses(exchange["request"]["method"], exchange["request"]["path"])
            assert described & {str(status), "default"}, (exchange["request"], status)


def statuses(method: str, path: str) -> set[str]:
    """Those that the gateway's OpenAPI document has for a call; where nothing is served, those of nothing."""
    for template, pattern in _PATTERNS:
        if pattern.fullmatch(path.rstrip("/")) and method.lower() in DOCUMENT["paths"][template]:
            return set(DOCUMENT["paths"][template][method.lower()]["responses"])
    return {"404", "405"}


def test_a_status_that_is_not_described_is_found() -> None:
    assert statuses("GET", "/scripted/text/requests/$job/status") == {"200", "202", "401", "403", "404", "429", "503"}
    assert statuses("GET", "/nobody/nothing") == {"404", "405"}


DOCUMENT = document()
_PATTERNS = [
    (template, re.compile(re.sub(r"\\{(\w+)\\}", lambda name: ".+" if name[1] == "app" else "[^/]+", re.escape(template))))
    for template in sorted(DOCUMENT["paths"], key=lambda each: (each.count("{"), -len(each)))
]
"""From the particular to the general: a path with fewer names in it is asked before one with more."""


async def play(lodger: Lodger, exchange: Mapping[str, Any], told: dict[str, str]) -> list[str]:
    """Send one request; what of its answer is not as expected."""
    if "wait" in exchange:
        await _wait(lodger, exchange["wait"], _said(exchange["job"], told), told["key"])
        return []
    answer = await _send(lodger, exchange["request"], told)
    expected = exchange["answer"]
    differing = (
        [] if answer.status_code == expected["status"] else [f"status: {answer.status_code}, not {expected['status']}: {answer.text}"]
    )
    if "json" in expected:
        differing += differences(expected["json"], answer.json(), told)
    if "text" in expected:
        differing += differences("\n".join(expected["text"]), answer.text, told, "text")
    for name, value in expected.get("headers", {}).items():
        differing += differences(value, answer.headers.get(name), told, name)
    return differing


async def _send(lodger: Lodger, request: Mapping[str, Any], told: Mapping[str, str]) -> httpx.Response:
    headers = {"authorization": "Key $key", **request.get("headers", {})}
    body = {"content": json.dumps(_said(request["json"], told)).encode()} if "json" in request else {}
    if "body" in request:
        body = {"content": _said(request["body"], told).encode()}
    if "json" in request:
        headers.setdefault("content-type", "application/json")
    return await lodger.http.request(
        request["method"],
        _said(request["path"], told),
        params=_said(request.get("query"), told),
        headers={name: _said(value, told) for name, value in headers.items()},
        **body,
    )


async def _wait(lodger: Lodger, until: str, job_id: str, key: str) -> None:
    headers = {"authorization": f"Key {key}"}
    if until == "over":
        await lodger.ended(job_id, headers)
        return
    watch = lodger.house.gateway.store.watch(None)
    while (await lodger.http.get(f"/v1/jobs/{job_id}", headers=headers)).json()["state"] != until:
        await watch.wait(1)
    watch.close()


async def _take_back(lodger: Lodger, key: str) -> None:
    """No story leaves work to the next one."""
    headers = {"authorization": f"Key {key}"}
    for job in (await lodger.http.get("/v1/jobs", params={"state": "queued running"}, headers=headers)).json()["data"]:
        await lodger.http.post(f"/v1/jobs/{job['id']}/cancel", headers=headers)


# -- the comparer --------------------------------------------------------------------------------------------------------


def differences(expected: Any, found: Any, told: dict[str, str], at: str = "") -> list[str]:
    """Where an answer is not what was expected; captures what the expectation gives a name to."""
    return list(_differing(expected, found, told, at))


def _differing(expected: Any, found: Any, told: dict[str, str], at: str) -> Iterator[str]:
    if isinstance(expected, dict) and isinstance(found, dict):
        yield from (f"{at}.{name}: not there" for name in expected if name not in found)
        yield from (f"{at}.{name}: unexpected, {found[name]!r}" for name in found if name not in expected)
        for name in expected:
            if name in found:
                yield from _differing(expected[name], found[name], told, f"{at}.{name}")
    elif isinstance(expected, list) and isinstance(found, list):
        if len(expected) != len(found):
            yield f"{at}: {len(found)} entries, not {len(expected)}"
        for number, (each, other) in enumerate(zip(expected, found, strict=False)):
            yield from _differing(each, other, told, f"{at}.{number}")
    elif not _alike(expected, found, told):
        yield f"{at}: {found!r}, not {expected!r}"


def _alike(expected: Any, found: Any, told: dict[str, str]) -> bool:
    if not isinstance(expected, str):
        return type(expected) is type(found) and expected == found
    alone = _MARK.fullmatch(expected)
    if alone is not None and alone[1] in _NUMBERS:
        kinds = (int, float) if _NUMBERS[alone[1]] is float else (int,)
        if isinstance(found, bool) or not isinstance(found, kinds):
            return False
        found = str(found)
    if not isinstance(found, str):
        return False
    match = re.fullmatch(_pattern(expected, told), found)
    if match is not None:
        told.update(match.groupdict())
    return match is not None


def _pattern(expected: str, told: Mapping[str, str]) -> str:
    pattern, end = "", 0
    for mark in _MARK.finditer(expected):
        pattern += re.escape(expected[end : mark.start()])
        kind, name, word = mark.groups()
        pattern += re.escape(told[word]) if word else f"(?P<{name}>{KINDS[kind]})" if name else f"(?:{KINDS[kind]})"
        end = mark.end()
    return pattern + re.escape(expected[end:])


def _said(value: Any, told: Mapping[str, str]) -> Any:
    """A request's value with its words put in."""
    if isinstance(value, str):
        return re.sub(r"\$([a-z_]+)", lambda word: told[word[1]], value)
    if isinstance(value, dict):
        return {name: _said(each, told) for name, each in value.items()}
    return [_said(each, told) for each in value] if isinstance(value, list) else value


@pytest.mark.parametrize(
    ("expected", "found"),
    [
        ({"a": 1}, {"a": 1, "b": 2}),
        ({"a": 1, "b": 2}, {"a": 1}),
        ({"a": 1}, {"a": True}),
        ({"a": None}, {"a": ""}),
        ([1, 2], [1]),
        ([1], [1, 2]),
        ("<uuid>", "0193f6c2-0000-4000-8000-000000000000"),
        ("<uuid>", 5),
        ("<number>", "5"),
        ("<number>", 5.0),
        ("<number>", True),
        ("<seconds>", None),
        ("<ms>", 1_700_000_000),
        ("a<hex32>b", "a0b"),
        ("$job", "another"),
        ("/$job/x", "/other/x"),
        ("a.c", "abc"),
        (None, "a header"),
    ],
)
def test_the_comparer_finds_what_differs(expected: Any, found: Any) -> None:
    assert differences(expected, found, {"job": "j-1"}) != []
    assert differences({"deep": [expected]}, {"deep": [found]}, {"job": "j-1"}) != []


def test_the_comparer_takes_what_is_meant_and_remembers_it() -> None:
    told = {"key": "k"}
    expected = {"id": "<base32:task>", "at": "<ms:then>", "took": "<seconds>", "url": "http://h/<hex32:name>/v.mp4", "again": "$task"}
    found = {"id": "0" * 26, "at": 1_764_111_111_111, "took": 0.5, "url": f"http://h/{'a' * 32}/v.mp4", "again": "0" * 26}
    assert differences(expected, found, told) == []
    assert told == {"key": "k", "task": "0" * 26, "then": "1764111111111", "name": "a" * 32}
    assert differences("/files/$name", f"/files/{'a' * 32}", told) == []


@_MODULE
async def test_a_story_that_expects_something_else_fails(street: Street) -> None:
    """The negative control: the same exchange as it is, and with each part of its answer wrong."""
    lodger = await street.gateway({"settings": {"working": False}})
    told = await street.keys(lodger)
    request = {"method": "GET", "path": "/scripted/text/requests/none/status"}
    right = {"status": 404, "headers": {"content-type": "application/json"}, "json": {"status": "NOT_FOUND"}}
    assert await play(lodger, {"request": request, "answer": right}, told) == []
    for wrong in ({"status": 200}, {"headers": {"content-type": "text/plain"}}, {"headers": {"x-other": "<words>"}}, {"json": {}}):
        assert await play(lodger, {"request": request, "answer": {**right, **wrong}}, told) != []
