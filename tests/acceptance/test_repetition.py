"""Connections that break, and gateways that die: a client that then asks again, as fal's do by themselves, gets the job it has."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.acceptance._film import watch
from tests.acceptance._gateway import Answer, Gateway, running

CLIP = "demo/text-to-video"
PATHS = {"fal's queue": f"/{CLIP}", "Kling's flat mount": "/kling/v1/videos/text2video", "Kling's own mount": "/v1/videos/text2video"}
_NUMBERS = count(1)


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A gateway that nobody else asks, so that its jobs can be counted."""
    with running(tmp_path_factory.mktemp("alone") / "data") as gateway:
        yield gateway


@pytest.mark.parametrize("path", PATHS.values(), ids=PATHS)
def test_a_submit_whose_connection_broke_is_found_again_once(alone: Gateway, path: str) -> None:
    body = failing()
    before = ids(alone)
    hang_up(alone, path, body)
    again = alone.call("POST", path, body)
    assert (again.status, again.headers["x-reelgate-replayed"]) == (200, "true")
    [made] = ids(alone) - before
    assert made == id_in(alone, again)
    third = alone.call("POST", path, body)
    assert "x-reelgate-replayed" not in third.headers
    assert id_in(alone, third) != made


def test_a_run_whose_connection_broke_is_waited_for_again(alone: Gateway) -> None:
    body = {"prompt": f"waves number {next(_NUMBERS)} [[slow 1]]", "duration": "1", "resolution": "480p"}
    before = ids(alone)
    hang_up(alone, f"/run/{CLIP}", body)
    again = alone.call("POST", f"/run/{CLIP}", body)
    assert (again.status, again.headers["x-reelgate-replayed"]) == (200, "true")
    assert watch(alone.call("GET", again.json["video"]["url"], key=None).body).codec == "h264"
    assert len(ids(alone) - before) == 1


def test_two_equal_prompts_make_two_videos(alone: Gateway) -> None:
    body = failing()
    first, second = alone.call("POST", f"/{CLIP}", body), alone.call("POST", f"/{CLIP}", body)
    assert first.json["request_id"] != second.json["request_id"]
    assert not [answer for answer in (first, second) if "x-reelgate-replayed" in answer.headers]


def test_another_body_or_another_account_is_no_repetition(alone: Gateway) -> None:
    body = failing()
    hang_up(alone, f"/{CLIP}", body)
    before = ids(alone)
    other = alone.call("POST", f"/{CLIP}", body | {"duration": "2"})
    stranger = alone.call("POST", f"/{CLIP}", body, key=alone.new_key("stranger"))
    assert not [answer for answer in (other, stranger) if "x-reelgate-replayed" in answer.headers]
    assert ids(alone) - before == {other.json["request_id"]}


@pytest.mark.parametrize("heard", [True, False], ids=["the answer was heard", "the answer was not heard"])
def test_a_gateway_that_is_killed_knows_the_repetition_when_it_is_back(tmp_path: Path, heard: bool) -> None:
    body = failing()
    with running(tmp_path / "data") as gateway:
        if heard:
            first = gateway.submit(CLIP, body)["request_id"]
        else:
            with sent(gateway, f"/{CLIP}", body):
                first = soon(lambda: next(iter(ids(gateway)), None))
                gateway.kill()
        gateway.kill()
    with running(tmp_path / "data") as gateway:
        again = gateway.call("POST", f"/{CLIP}", body)
        assert (again.status, again.headers["x-reelgate-replayed"]) == (200, "true")
        assert again.json["request_id"] == first
        third = gateway.call("POST", f"/{CLIP}", body)
        assert "x-reelgate-replayed" not in third.headers
        assert ids(gateway) == {first, third.json["request_id"]}


def failing() -> dict[str, Any]:
    """A request of its own, over as soon as it is begun."""
    return {"model_name": "kling-v1", "prompt": f"number {next(_NUMBERS)} [[fail]]"}


def ids(gateway: Gateway) -> set[str]:
    """The owner's jobs."""
    return {each["id"] for each in gateway.call("GET", "/v1/jobs?limit=100").json["data"]}


def id_in(gateway: Gateway, answer: Answer) -> str:
    """The job that a submit was answered with, in our own spelling."""
    told = answer.json
    return gateway.job(told["request_id"] if "response_url" in told else told["data"]["task_id"])["id"]


def hang_up(gateway: Gateway, path: str, body: dict[str, Any]) -> None:
    """Send a request and break the connection off before the answer; returns once the gateway has made a job of it."""
    before = ids(gateway)
    with sent(gateway, path, body):
        pass
    soon(lambda: ids(gateway) - before)


def sent(gateway: Gateway, path: str, body: dict[str, Any]) -> socket.socket:
    """A connection over which a request has gone, and no answer has been read."""
    address, content = urlsplit(gateway.url), json.dumps(body).encode()
    head = f"POST {path} HTTP/1.1\r\nHost: {address.netloc}\r\nAuthorization: Key {gateway.key}\r\nContent-Length: {len(content)}\r\n\r\n"
    connection = socket.create_connection((address.hostname, address.port))
    connection.sendall(head.encode() + content)
    return connection


def soon(look: Callable[[], Any]) -> Any:
    """What is seen, as soon as it is there; each look is an exchange with a gateway, which takes its time."""
    for _ in range(2000):
        if found := look():
            return found
    pytest.fail("it did not come to be")
