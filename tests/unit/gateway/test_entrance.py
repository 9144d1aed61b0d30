"""The way in: slashes, prefixes, and pages of other origins."""

from __future__ import annotations

import json
from typing import Any

import pytest

from reelgate.domain.errors import CallerError
from reelgate.gateway.door import Receive, Scope, Send, answer
from reelgate.gateway.entrance import App, Entrance
from reelgate.settings import read_settings


async def _echo(scope: Scope, receive: Receive, send: Send) -> None:
    del receive
    await answer(send, 200, scope["path"].encode())


async def _deny(scope: Scope, receive: Receive, send: Send) -> None:
    del scope, receive, send
    raise CallerError("not like this")


async def call(
    path: str, *, method: str = "GET", headers: dict[str, str] | None = None, faces: App = _echo, **given: str
) -> tuple[int, bytes, dict[str, str]]:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": "http.request", "body": b""}

    raw = [(name.lower().encode(), value.encode()) for name, value in (headers or {}).items()]
    await Entrance(faces, read_settings(given))({"type": "http", "path": path, "method": method, "headers": raw}, receive, send)
    return sent[0]["status"], sent[1]["body"], {name.decode(): value.decode() for name, value in sent[0]["headers"]}


@pytest.mark.parametrize(("asked", "seen"), [("/a/b/", "/a/b"), ("/a/b", "/a/b"), ("/", "/"), ("///", "/")])
async def test_a_trailing_slash_makes_no_difference(asked: str, seen: str) -> None:
    assert (await call(asked))[1] == seen.encode()


@pytest.mark.parametrize(("asked", "seen"), [("/gw/a", "/a"), ("/a", "/a"), ("/gwx/a", "/gwx/a"), ("/gw", "/"), ("/gw/", "/")])
async def test_the_public_prefix_is_taken_off_where_a_proxy_left_it(asked: str, seen: str) -> None:
    assert (await call(asked, public_url="https://example.com/gw"))[1] == seen.encode()


async def test_a_preflight_is_answered_without_asking_a_face() -> None:
    asked = {"Origin": "https://app.example", "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}
    status, body, headers = await call("/fal-ai/veo3", method="OPTIONS", headers=asked)
    assert (status, body) == (204, b"")
    assert headers["access-control-allow-origin"] == "*"
    assert headers["access-control-allow-headers"] == "authorization"
    assert "PUT" in headers["access-control-allow-methods"]
    assert "access-control-allow-credentials" not in headers


async def test_an_answer_to_a_page_may_be_read_with_fal_s_headers() -> None:
    _, _, headers = await call("/a", headers={"Origin": "https://app.example"})
    assert headers["access-control-allow-origin"] == "*"
    assert "x-fal-request-id" in headers["access-control-expose-headers"]


async def test_only_listed_origins_are_let_in_where_the_operator_lists_them() -> None:
    listed = "https://app.example"
    _, _, friend = await call("/a", headers={"Origin": listed}, cors_origins=listed)
    _, _, stranger = await call("/a", headers={"Origin": "https://evil.example"}, cors_origins=listed)
    assert friend["access-control-allow-origin"] == listed
    assert "access-control-allow-origin" not in stranger


async def test_a_caller_without_a_page_gets_no_such_headers() -> None:
    assert not [name for name in (await call("/a"))[2] if name.startswith("access-control")]


@pytest.mark.parametrize(("method", "target"), [("OPTIONS", "*"), ("GET", "*x"), ("GET", "a/b"), ("GET", ""), ("GET", "?x")])
async def test_a_target_that_is_no_path_is_refused_in_json(method: str, target: str) -> None:
    status, body, headers = await call(target, method=method)
    assert (status, headers["content-type"]) == (400, "application/json")
    assert "slash" in json.loads(body)["detail"]


@pytest.mark.parametrize("control", ["\n", "\r", "\0", "\x7f", "\x85"])
async def test_a_control_character_never_reaches_the_patterns_of_a_face(control: str) -> None:
    assert (await call(f"/a{control}b{control}"))[1] == "/a\ufffdb\ufffd".encode()


async def test_other_letters_are_left_as_they_are() -> None:
    assert (await call("/é\xa0海"))[1] == "/é\xa0海".encode()


@pytest.mark.parametrize("origin", [{}, {"Origin": "https://app.example"}])
async def test_a_caller_s_fault_that_no_face_has_answered_is_answered_in_json(origin: dict[str, str]) -> None:
    status, body, headers = await call("/", headers=origin, faces=_deny)
    assert (status, json.loads(body)) == (400, {"detail": "not like this"})
    assert ("access-control-allow-origin" in headers) is bool(origin)
