"""The door of every route that speaks as fal does."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import orjson
import pytest

from reelgate.api._fal import Door, short
from reelgate.domain.errors import Limited, NotFound
from reelgate.wire.fal import Reply

JOB = "01934c5e-7a1b-7c3d-8e9f-0a1b2c3d4e5f"


async def knock(door: Door, method: str = "GET", **params: str) -> tuple[int, dict[str, str], Any]:
    """What the door answers: status, headers, body."""
    sent: list[dict[str, Any]] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": "http.request", "body": b""}

    scope = {"type": "http", "method": method, "path": "/a/b/c", "path_params": {"app": "a/b/c", **params}, "headers": []}
    await door(scope, receive, send)
    headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], headers, orjson.loads(sent[1]["body"])


def failing(error: Exception) -> Door:
    async def call(scope: Any, receive: Any) -> Reply:
        raise error

    return Door(call)


async def test_what_goes_wrong_is_answered_in_fal_s_shape() -> None:
    assert (await knock(failing(NotFound("not here"))))[::2] == (404, {"detail": "not here", "error_type": "not_found"})
    status, headers, _ = await knock(failing(Limited("later", retry_after_s=7)))
    assert (status, headers["retry-after"], headers["x-fal-error-type"]) == (429, "7", "too_many_requests")


async def test_a_bug_is_a_500_that_tells_nothing_of_itself() -> None:
    status, headers, body = await knock(failing(KeyError("a secret")))
    assert status == 500
    assert "secret" not in str(body)
    assert UUID(headers["x-fal-request-id"])


async def test_every_answer_has_an_id_the_job_s_where_the_path_names_one() -> None:
    async def call(scope: Any, receive: Any) -> Reply:
        return Reply(200, b"{}")

    assert (await knock(Door(call), job_id=JOB))[1]["x-fal-request-id"] == JOB
    first, second = [(await knock(Door(call), job_id="no id"))[1]["x-fal-request-id"] for _ in range(2)]
    assert first != second


async def test_another_method_is_told_which_are_served() -> None:
    async def call(scope: Any, receive: Any) -> Reply:
        return Reply(200, b"{}")

    status, headers, _ = await knock(Door(call, "PUT", "POST"), "DELETE")
    assert (status, headers["allow"]) == (405, "PUT, POST")


@pytest.mark.parametrize(("endpoint", "app"), [("a/b/c/d", "a/b"), ("a/b", "a/b"), ("a", "a"), ("", "")])
def test_the_short_path_is_owner_and_alias(endpoint: str, app: str) -> None:
    assert short(endpoint) == app
