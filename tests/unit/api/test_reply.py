"""How our own routes answer, and how they fail."""

from __future__ import annotations

import json

import pytest
from starlette.requests import Request
from starlette.responses import Response

from reelgate.api._reply import own_route, refusal, reply
from reelgate.domain.errors import CallerError, Conflict, Fault, GatewayError, InvalidInput, LeaseLost, Limited, NotFound, TooLarge, Unready


def told(answer: Response) -> dict[str, object]:
    return json.loads(bytes(answer.body))["error"]


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (CallerError(), 400),
        (NotFound(), 404),
        (Conflict(), 409),
        (TooLarge(), 413),
        (Unready(), 503),
        (LeaseLost(), 500),
        (GatewayError(), 500),
    ],
)
def test_each_code_has_its_status(error: GatewayError, status: int) -> None:
    answer = refusal(error)
    assert answer.status_code == status
    assert told(answer) == {"code": error.code, "message": error.message}


def test_faults_are_listed_by_field() -> None:
    answer = refusal(InvalidInput([Fault(path=("shots", 0, "prompt"), message="too long", kind="sequence_too_long")]))
    assert answer.status_code == 422
    assert told(answer)["faults"] == [{"field": "shots.0.prompt", "message": "too long", "kind": "sequence_too_long"}]


def test_who_is_too_quick_is_told_when_to_come_back() -> None:
    assert refusal(Limited(retry_after_s=7)).headers["retry-after"] == "7"
    assert refusal(Unready()).headers["retry-after"] == "2"


async def test_a_bug_of_ours_is_a_500_that_tells_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    async def broken(_: Request) -> Response:
        message = "a secret detail"
        raise RuntimeError(message)

    answer = await own_route(broken)(Request({"type": "http", "path": "/v1/x", "headers": [], "method": "GET", "server": ("x", 1)}))
    assert answer.status_code == 500
    assert b"secret" not in bytes(answer.body)
    assert "face_bug" in "".join(capsys.readouterr())


def test_an_answer_is_json() -> None:
    assert (reply(201, {"a": 1}).status_code, bytes(reply(201, {"a": 1}).body)) == (201, b'{"a":1}')
