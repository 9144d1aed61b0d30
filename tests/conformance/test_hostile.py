"""What strangers send to every route of the gateway: whatever it is, no bug of ours answers it.

The routes are those of the gateway's own OpenAPI document; schemathesis makes requests from it, valid ones and others, and the
lists below hold what it would not think of. No worker runs here: what is taken on stays in the queue.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
import requests  # noqa: TID251 -- spells out what schemathesis has made; nothing goes out
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.core.failures import FailureGroup
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route, Router
from urllib3 import HTTPResponse

from reelgate.gateway.entrance import App
from tests.house import BASE, Lodger, document, open_lodging
from tests.stranger import Answer, ask

_UNREADY = "/readyz"  # says 503, as nobody works here
_PATIENCE_S = 0.1
_OF_THE_CLIENT = {"connection", "accept-encoding", "user-agent", "x-schemathesis-testcaseid"}
_WAITS = re.compile(r"/run/|/fal/proxy")
"""Paths whose answer may be a video, for which nobody works here."""

_GOOD = {"prompt": "go", "model_name": "scripted-text", "mode": "std"}
_KNOWN = {"app": ("scripted/text", "scripted/picture"), "model": ("scripted-text",), "number": ("1",)}


SCHEMA = schemathesis.openapi.from_dict(document())
OPERATIONS = {each.label: each for each in (found.ok() for found in SCHEMA.get_all_operations())}
load_all_checks()
_CONFORMS = CHECKS.get_by_names(["status_code_conformance", "content_type_conformance", "response_schema_conformance"])


@dataclass(frozen=True)
class Site:
    """A gateway, a caller's key and things of theirs by the names that paths have for them."""

    runner: asyncio.Runner
    door: App
    key: str
    known: Mapping[str, tuple[str, ...]]
    secrets: tuple[str, ...]

    def ask(self, method: str, path: str, headers: Iterable[tuple[str, str]] | None = None, body: bytes | Sequence[bytes] = b"") -> Answer:
        """The answer to one request, with the caller's key if there is no word of headers."""
        told = (("authorization", self.key),) if headers is None else headers
        patience = {"patience_s": _PATIENCE_S} if _WAITS.search(path) else {}
        return self.runner.run(ask(self.door, method, path, told, body, **patience))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("hostile")
    with pytest.MonkeyPatch.context() as monkeypatch, asyncio.Runner() as runner:
        lodging = open_lodging(folder, monkeypatch, working=False, database="sqlite", max_queued=1_000_000, max_upload=100_000)
        yield runner.run(_furnish(runner.run(lodging.__aenter__()), runner, str(folder)))
        runner.run(lodging.__aexit__(None, None, None))


async def _furnish(lodger: Lodger, runner: asyncio.Runner, folder: str) -> Site:
    jobs = [(await lodger.http.post("/scripted/text", json={"prompt": f"go {number}"})).json()["request_id"] for number in range(2)]
    await lodger.http.put(f"/scripted/text/requests/{jobs[0]}/cancel")
    mine = _GOOD | {"external_task_id": "order-1"}
    task = (await lodger.http.post("/kling/v1/videos/text2video", json=mine)).json()["task_id"]
    upload = (await lodger.http.post("/files/upload/multipart", headers={"x-fal-file-name": "a.png"})).json()
    known = _KNOWN | {
        "job_id": (*jobs, task),
        "task_id": (task, "order-1", *jobs),
        "upload_id": (upload["uploadId"],),
        "name": (upload["access_url"].split("/")[4],),
        "file_name": ("a.png",),
    }
    key = lodger.http.headers["authorization"]
    return Site(runner, lodger.house.door, key, known, (key.removeprefix("Key "), folder))


# -- what must be true of every answer -----------------------------------------------------------------------------------


def faults(answer: Answer, site: Site, method: str = "GET", path: str = "") -> Iterator[str]:
    """What is wrong with an answer, whatever was asked."""
    if answer.status == 0 or (answer.status >= 500 and not path.startswith(_UNREADY)):
        yield f"status {answer.status}"
    if answer.type == "application/json" and method != "HEAD":
        try:
            _ = answer.json if answer.body else None
        except ValueError:
            yield "promises JSON and is none"
    elif answer.body and not answer.type:
        yield "a body without a type"
    text = answer.body.decode("latin-1") + str(answer.headers)
    yield from (
        f"tells {word!r}" for word in (*site.secrets, "Traceback", "site-packages", "pydantic", "starlette", "sqlite") if word in text
    )
    for name, value in answer.headers:
        if "\n" in value or "\r" in value:
            yield f"a line break in {name}"


# -- what schemathesis makes of the document -----------------------------------------------------------------------------

_SETTINGS = settings(deadline=None, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))


def _few(labels: Iterable[str]) -> frozenset[str]:
    """Of what Kling has on three mounts one mount each, in turn; the long run takes all."""
    mounts = (" /kling/v1/videos/", " /v1/videos/", " /proxy/kling/v1/videos/")
    alike: dict[str, list[str]] = {}
    for label in sorted(labels):
        mount = next((each for each in mounts if each in label), " ")
        alike.setdefault(label.replace(mount, " "), []).append(label)
    return frozenset(same[number % len(same)] for number, same in enumerate(alike.values()))


_FEW = _few(OPERATIONS)


@pytest.mark.parametrize("label", sorted(OPERATIONS))
def test_a_route_answers_as_described_whatever_is_made_from_its_description(label: str, site: Site, large: bool) -> None:
    operation = OPERATIONS[label]
    wrong = bool(operation.body or operation.query or operation.headers or operation.path_parameters)

    @settings(_SETTINGS, max_examples=40 if large else 2 if label in _FEW else 1)
    @given(data=st.data())
    def play(data: st.DataObject) -> None:
        modes = [GenerationMode.POSITIVE, GenerationMode.NEGATIVE] if wrong else [GenerationMode.POSITIVE]
        case = data.draw(operation.as_strategy(data.draw(st.sampled_from(modes))))
        _season(case, data, site)
        request = _spelled(case)
        headers = [(name, _latin(value)) for name, value in request.headers.items() if name.lower() not in _OF_THE_CLIENT]
        body = request.body.encode() if isinstance(request.body, str) else request.body or b""
        answer = site.ask(case.method, request.path_url, headers, body)
        if answer.status == 0 and _WAITS.search(request.path_url):
            return  # it was taken on
        assert list(faults(answer, site, case.method, request.path_url)) == []
        case.validate_response(_as_received(answer, request), checks=_CONFORMS)

    play()


def _season(case: schemathesis.Case, data: st.DataObject, site: Site) -> None:
    """Put some of what is there into a case, without which it would not get past the door: a key, ids, the fields of a body."""
    case.headers["Authorization"] = data.draw(st.sampled_from([site.key, site.key, site.key, str(case.headers.get("Authorization", ""))]))
    for name, given_ in dict(case.path_parameters).items():
        case.path_parameters[name] = data.draw(st.sampled_from([*site.known.get(name, ()), given_]))
    if isinstance(case.body, dict) and data.draw(st.booleans()):
        case.body = {**_GOOD, **case.body}


def _spelled(case: schemathesis.Case) -> requests.PreparedRequest:
    said = case.as_transport_kwargs(base_url=BASE)
    kept = ("method", "url", "headers", "params", "data", "json", "files", "cookies")
    return requests.Request(**{name: said[name] for name in kept if name in said}).prepare()


def _latin(value: str | bytes) -> str:
    return value if isinstance(value, str) else value.decode("latin-1")


def _as_received(answer: Answer, request: requests.PreparedRequest) -> requests.Response:
    response = requests.Response()
    response.status_code, response._content, response.request = answer.status, answer.body, request  # noqa: SLF001 -- its only way
    response.headers.update(answer.headers)
    response.elapsed, response.url = timedelta(milliseconds=1), request.url or ""
    response.raw = HTTPResponse(body=b"", status=answer.status, headers=dict(answer.headers))
    return response


# -- what it would not think of ------------------------------------------------------------------------------------------

_LONG = "x" * 10_000
_WORDS = [
    *(
        ".",
        "..",
        "%2e%2e",
        "..%2f..%2fadmin",
        "%2F",
        "a%2Fb",
        "%5c..%5c",
        "%00",
        "a%00b",
        "%0d%0aset-cookie:%20a=b",
        "%0a",
        "%ff%fe",
        "%c0%ae",
    ),
    *(
        "%ed%a0%80",
        "%F0%9F%8E%AC",
        "%E2%80%AE%D7%90",
        "%u0041",
        "%",
        "%zz",
        " ",
        "%20",
        "a;b=c",
        ";",
        "~",
        "-1",
        "0",
        "null",
        "NaN",
        "1e999",
    ),
    *("0" * 26, "Z" * 26, "0" * 32, "f" * 36, "00000000-0000-0000-0000-000000000000", "requests", "status", "complete", "openapi.json"),
    *("{app}", "$(id)", "'%20OR%201=1--", "%3Cscript%3E", _LONG, "9" * 5_000, "%F0%9F%8E%AC" * 500),
]
"""What stands in the place of an id, as it comes over the wire."""

_QUERIES = [
    *(
        "&&&",
        "=",
        "a=b=c",
        "%",
        "%00",
        "limit=%ff",
        "limit=",
        "limit=-1",
        "limit=0",
        "limit=1e3",
        "limit=\xb2",
        "limit=%D9%A3",
        "limit=" + "9" * 5_000,
    ),
    *("before=%00", f"before={_LONG}", "after=-1", "after=" + "9" * 18, "after=9" * 40, "state=%F0%9F%8E%AC", "state=" + "queued," * 2_000),
    *(
        "cursor=..",
        "endpoint_id=" + "a,%2c" * 100,
        "endpoint_id=%ed%a0%80",
        "start=0001-01-01",
        "start=9999-12-31T23:59:59-23:59",
        "end=%2b",
    ),
    *(
        "start=2026-01-01T00:00:00%2B99:99",
        "pageNum=\xb9",
        "pageSize=%2b1",
        "task_ids=" + "," * 5_000,
        "task_ids=%00",
        "external_task_ids=%ff",
    ),
    *(
        "logs=%00",
        "permit=permit.e30.e30",
        "permit=" + _LONG,
        "fal_webhook=javascript:alert(1)",
        "fal_webhook=http://[::1",
        "fal_webhook=%00",
    ),
    *(
        "fal_webhook=http://127.0.0.1:22/",
        "fal_webhook=" + _LONG,
        "fal_max_queue_length=-1",
        "fal_max_queue_length=" + "9" * 5_000,
        "account=%00",
    ),
]
_BODIES: list[bytes | list[bytes]] = [
    *(
        b"",
        b"{",
        b"}",
        b"[]",
        b"null",
        b"true",
        b"0",
        b'"x"',
        b"\xff\xfe{\x00}\x00",
        b"\xef\xbb\xbf{}",
        b"{}{}",
        b"{'a': 1}",
        b"\x00",
        b'{"a": NaN}',
    ),
    *(
        b'{"prompt": "\\ud800"}',
        b'{"prompt": "\\u0000"}',
        b'{"prompt": "\xed\xa0\x80"}',
        b'{"prompt": 1e999}',
        b'{"duration": 1' + b"0" * 400 + b"}",
    ),
    *(b"[" * 100_000, b'{"a":' * 5_000 + b"1" + b"}" * 5_000, b"{" + b'"a":1,' * 20_000 + b'"b":2}', b'{"' + b"k" * 60_000 + b'": 1}'),
    *('{"prompt": "\u202e\u05d0 🎬\u2066"}'.encode(), b'{"prompt": {"prompt": ["prompt"]}}', b'{"model_name": ["kling-v1"], "mode": {}}'),
    *(
        b'{"prompt": "go", "callback_url": "http://[::1", "external_task_id": {"$ne": 1}}',
        b'{"prompt": "go", "external_task_id": "\\ud800\\u0000"}',
    ),
    *(b'{"contents": [[], null, {"type": []}], "settings": [], "options": 5}', b'{"multi_prompt": "[[[", "camera_control": "{"}'),
    *(
        b'{"parts": [{"partNumber": 1e400, "etag": null}]}',
        b'{"parts": {}}',
        b'{"file_name": "\\ud800/../x", "content_type": "a\\r\\nb: c"}',
    ),
    *(
        b'{"image_url": "data:image/png;base64,%%%", "image": "data:,", "prompt": "go"}',
        b'{"image_url": "http://gateway.test/files/../admin/key"}',
    ),
    *(b'{"name": "\\u0000", "mode": "root", "pair": "yes"}', b'{"start_time": -1, "end_time": 1e30, "cursor": {}, "limit": true}'),
    [b"{", b'"prompt"', b": ", b'"go"', b"}"],
    [b"", b"", b"junk", b""],
    [b"x" * 60_000] * 4,
]
_HEADERS: list[list[tuple[str, str]]] = [
    *(
        [("authorization", value)]
        for value in (
            "",
            " ",
            "Key",
            "Key ",
            "key",
            "Bearer",
            "Basic YTpi",
            "Key rg_live_",
            "Key \xff",
            "Bearer a.b.c",
            "Key " + "k" * 100_000,
        )
    ),
    *(
        [("authorization", f"Bearer {token}")]
        for token in ("e30.e30.", "eyJhbGciOiJub25lIn0.e30.", "eyJhbGciOiJIUzI1NiJ9.bnVsbA.AA", "." * 5_000)
    ),
]
_BESIDE: list[list[tuple[str, str]]] = [
    [("authorization", "Key rg_live_other")],  # a second one
    [("host", "evil.example")],
    [("host", "a b")],
    [
        ("x-forwarded-for", "127.0.0.1"),
        ("x-forwarded-host", "evil.example"),
        ("x-forwarded-proto", "gopher"),
        ("x-forwarded-prefix", "/../x"),
    ],
    [("forwarded", "for=127.0.0.1;host=evil.example")],
    *(
        [("content-type", value)]
        for value in ("", "text/html", "multipart/form-data", "multipart/form-data; boundary=", "application/json; charset=utf-16", "\xff")
    ),
    *([("content-length", value)] for value in ("-1", "abc", "1e3", "9" * 400, "\xb2", "0")),
    [("transfer-encoding", "chunked")],
    [("content-encoding", "gzip")],
    *([("range", value)] for value in ("bytes=5-1", "bytes=-", "bytes=0-0,1-1", "bytes=" + "9" * 400 + "-", "lines=1")),
    *([("last-event-id", value)] for value in ("-1", "9" * 400, "\xb2", "a")),
    *([("idempotency-key", value)] for value in ("", " ", "\xff", "k" * 256)),
    *([("x-fal-request-timeout", value)] for value in ("nan", "inf", "-0", "1e-400", "1_0", "\xb2", "")),
    *(
        [("x-fal-object-lifecycle-preference", value)]
        for value in (
            "[]",
            "{",
            '{"expiration_duration_seconds": 1e400}',
            '{"expiration_duration_seconds": "1e400"}',
            '{"expiration_duration_seconds": true}',
        )
    ),
    *([("x-fal-file-name", value)] for value in ("../../etc/passwd", "a\xff", "", "n" * 60_000, "a\tb")),
    *(
        [("x-fal-target-url", value)]
        for value in ("https://queue.fal.run/fal/proxy", "https://queue.fal.run/%2e%2e/admin/v1/keys", "https://rest.fal.ai/" + "a" * 9_000)
    ),
    [("accept", "text/event-stream")],
    [("origin", "null"), ("access-control-request-method", "\xff")],
    [("upgrade", "websocket"), ("connection", "upgrade")],
    [("cookie", "a=b; " * 5_000)],
]
_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PROPFIND", "get", "\xff", "A" * 1_000]
_PATHS = [
    *(
        "/",
        "//",
        "///",
        "/.",
        "/..",
        "/../..",
        "/%2e%2e/",
        "/%00",
        "/%ff",
        "/;",
        "/?",
        "/%3f",
        "/#",
        "/\\",
        "/%5c",
        "/ ",
        "/%0a",
        "*",
        "",
        "http://evil.example/",
        "/" * 5_000,
    ),
    *(
        "/v1",
        "/v1/",
        "/v1//jobs",
        "/v1/jobs/",
        "/v1/jobs//",
        "/v1/jobs/../keys",
        "/v1/jobs/%2e%2e/%2e%2e/admin/v1/keys",
        "/V1/jobs",
        "/v1/jobs;x",
        "/v1%2Fjobs",
    ),
    *(
        "/admin",
        "/admin/v1",
        "/admin/v1/",
        "/admin/v1/nothing",
        "/requests",
        "/requests/",
        "/requests/requests",
        "/requests/requests/status",
        "//requests//status",
    ),
    *(
        "/a/requests/b/requests/c/status",
        "/a/b/requests/requests/requests/status",
        "/a/b/requests//status",
        "/a/b/requests/x/status/status",
        "/requests/x/cancel",
    ),
    *(
        "/a/b/requests/x/status/stream/",
        "/a/b/requests/x/response/",
        "/scripted/text/",
        "/scripted//text",
        "/scripted/text/..",
        "/scripted%2Ftext",
        "/run",
        "/run/",
        "/run//",
    ),
    *(
        "/files",
        "/files/",
        "/files/a",
        "/files/../key",
        "/files/%2e%2e/key",
        "/files/upload/multipart/x",
        "/files/" + "0" * 32,
        "/files/" + "0" * 32 + "/" + _LONG,
    ),
    *(
        "/storage",
        "/storage/upload",
        "/storage/upload/a",
        "/fal",
        "/fal/",
        "/fal/proxy/x",
        "/kling",
        "/kling/v1",
        "/kling/v1/videos",
        "/kling/v4/a/b",
        "/kling/v4/a/requests/x/status",
    ),
    *(
        "/kling/v1/videos/text2video/a/b/c",
        "/kling/v1/videos/text2video/" + _LONG,
        "/v1/videos",
        "/v1/videos/",
        "/v1/videos/x",
        "/proxy",
        "/proxy/kling/",
        "/tasks/",
        "/tasks/x",
    ),
    *(
        "/text-to-video",
        "/text-to-video/",
        "/text-to-video/a/b",
        "/text-to-video/requests/x/status",
        "/.well-known",
        "/.well-known/../admin",
        "/metrics",
        "/favicon.ico",
    ),
]


def _sound(
    site: Site, method: str, path: str, headers: Iterable[tuple[str, str]] | None = None, body: bytes | Sequence[bytes] = b""
) -> None:
    answer = site.ask(method, path, headers, body)
    if answer.status == 0 and _WAITS.search(path):
        return
    assert list(faults(answer, site, method, path)) == [], (
        method,
        path[:100],
        [(name, value[:50]) for name, value in headers or ()],
        body[:50],
    )


def _filled(path: str, site: Site, **instead: str) -> str:
    """A path of the document with things of the caller's in it, or what is given instead."""
    return re.sub(r"\{([a-z_]+)\}", lambda name: instead.get(name[1], site.known.get(name[1], ("none",))[0]), path)


def _some(things: Sequence[Any], number: int, large: bool) -> Sequence[Any]:
    """All of a list in the long run, else every eighth, from a place that differs from route to route: together all are sent."""
    return things if large else things[number % 8 :: 8]


_CALLS = [(number, *label.split(" ", 1)) for number, label in enumerate(sorted(OPERATIONS))]


@pytest.mark.parametrize("tag", sorted({each.tags[0] for each in OPERATIONS.values()}))
def test_no_list_of_tricks_makes_a_route_fail(tag: str, site: Site, large: bool) -> None:
    for number, method, path in _CALLS:
        if OPERATIONS[f"{method} {path}"].tags[0] != tag or (not large and f"{method} {path}" not in _FEW):
            continue
        right = _filled(path, site)
        mine = [("authorization", site.key)]
        for name in re.findall(r"\{([a-z_]+)\}", path):
            for word in _some(_WORDS, number, large):
                _sound(site, method, _filled(path, site, **{name: word}))
        for query in _some(_QUERIES, number, large):
            _sound(site, method, f"{right}?{query}")
        for headers in _some(_HEADERS, number, large):
            _sound(site, method, right, headers)
        for headers in _some(_BESIDE, number, large):
            _sound(site, method, right, [*mine, *headers], b'{"prompt": "go"}')
        for body in _some(_BODIES, number, large) if method in {"POST", "PUT"} else ():
            _sound(site, method, right, None, body)
        for other in _some(_METHODS, number, large):
            _sound(site, other, right)


@pytest.mark.parametrize("method", ["GET", "POST", "PUT"])
def test_no_path_makes_the_gateway_fail(method: str, site: Site) -> None:
    for path in _PATHS:
        _sound(site, method, path, None, b'{"prompt": "go"}')


def test_a_route_that_fails_is_found(site: Site) -> None:
    """The negative control: each way to go wrong, planted."""

    async def planted(request: Request) -> PlainTextResponse:
        said = {"raises": ("{}", 500, "application/json"), "lies": ("{", 200, "application/json"), "leaks": (site.key, 200, "text/plain")}
        words, status, media_type = said[request.path_params["how"]]
        return PlainTextResponse(words, status, media_type=media_type)

    door = Router([Route("/planted/{how}", planted)])
    found = {how: list(faults(site.runner.run(ask(door, "GET", f"/planted/{how}")), site)) for how in ("raises", "lies", "leaks")}
    assert found == {"raises": ["status 500"], "lies": ["promises JSON and is none"], "leaks": [f"tells {site.key.removeprefix('Key ')!r}"]}


def test_an_answer_that_is_not_as_described_is_found(site: Site) -> None:
    """The negative control of what schemathesis checks: a status and a body that no description has."""
    case = OPERATIONS["GET /healthz"].Case()
    request = _spelled(case)
    right = (("content-type", "application/json"),)
    case.validate_response(_as_received(Answer(200, right, b'{"status":"alive"}'), request), checks=_CONFORMS)
    for wrong in (Answer(418, right, b"{}"), Answer(200, right, b'{"status":"dead"}'), Answer(200, (("content-type", "text/html"),), b"")):
        with pytest.raises(FailureGroup):
            case.validate_response(_as_received(wrong, request), checks=_CONFORMS)
