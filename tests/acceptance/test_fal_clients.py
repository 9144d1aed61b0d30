"""fal's own clients, unmodified: from PyPI over `--tls`, from npm by its own two knobs, and through `reelgate.fal` over http."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from tests.acceptance._film import watch
from tests.acceptance._gateway import Gateway, spoken
from tests.acceptance._node import node

Story: TypeAlias = tuple[Gateway, dict[str, Any]]
"""What a program went through, and at which gateway."""
STORY = (sys.executable, str(Path(__file__).with_name("_fal_story.py")))
OLDEST = Path(sys.prefix) / "oldest-clients"
PYTHON = ["sync", "async", "adaptor", "adaptor-async", "adaptor of the oldest", "adaptor-async of the oldest"]
JAVASCRIPT = ["middleware-over-http", "middleware-over-https", "fetch-over-https", "proxy-over-http"]
_AT_ONCE = 3
_REFUSALS = ("refused", "refused_run", "failed", "invalid", "nowhere", "lost")
IN_ORDER = ["Queued", "InProgress", "Completed"]


@pytest.fixture(scope="module")
def stories(gateway: Gateway, secure: Gateway) -> Iterator[dict[str, Future[Story]]]:
    """All programs, some at once, for they wait much."""
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        python = {kind: pool.submit(live_in_python, kind, gateway, secure) for kind in PYTHON}
        yield python | {means: pool.submit(live_in_javascript, means, gateway, secure) for means in JAVASCRIPT}


@pytest.fixture(scope="module", params=PYTHON)
def told(request: pytest.FixtureRequest, stories: dict[str, Future[Story]]) -> Story:
    """What a Python program went through."""
    return stories[request.param].result()


@pytest.fixture(scope="module", params=JAVASCRIPT)
def said(request: pytest.FixtureRequest, stories: dict[str, Future[Story]]) -> Story:
    """What a JavaScript program went through."""
    return stories[request.param].result()


def live_in_python(kind: str, gateway: Gateway, secure: Gateway) -> Story:
    """Run a Python program to its end: unmodified over https, or by the adaptor, in an environment that leads to fal or to us."""
    kind, _, age = kind.partition(" of ")
    if not kind.startswith("adaptor"):
        return secure, json.loads(spoken([*STORY, kind], secure))
    if kind == "adaptor-async" and not age:
        return secure, json.loads(spoken([*STORY, kind, secure.url], secure, more={"REELGATE_KEY": secure.key}))
    variables = {"REELGATE_KEY": gateway.key, "FAL_QUEUE_RUN_HOST": "queue.fal.run", "FAL_RUN_HOST": "fal.run"}
    older = {"PYTHONPATH": str(OLDEST)} if age else {}
    story = json.loads(spoken([*STORY, kind, gateway.url], gateway, more=variables | older))
    assert (story["version"] == "1.0.0") is bool(age)
    return gateway, story


def live_in_javascript(means: str, gateway: Gateway, secure: Gateway) -> Story:
    """Run a JavaScript program to its end."""
    way, _, scheme = means.partition("-over-")
    chosen = secure if scheme == "https" else gateway
    return chosen, json.loads(spoken(node("story.mjs", way, chosen.url), chosen))


def test_a_python_program_gets_its_video(told: Story) -> None:
    gateway, story = told
    assert story["video"] == story["result"]
    for result in ("video", "subscribed", "run"):
        assert_video(gateway, story[result])


def test_a_python_program_follows_its_request(told: Story) -> None:
    _, story = told
    assert_in_order([each["is"] for each in story["events"]])
    assert "InProgress" in {each["is"] for each in story["events"]}
    assert story["events"][-1]["logs"]
    assert story["events"][-1]["metrics"]["inference_time"] > 0
    assert story["status"] == story["events"][-1]
    assert all({"message", "level", "source", "timestamp"} <= set(line) for line in story["status"]["logs"])
    assert_in_order([each["is"] for each in story["updates"]])
    assert story["enqueued"] == 1


def test_a_python_program_sees_errors_as_its_client_names_them(told: Story) -> None:
    _, story = told
    kinds = {name: (story[name]["is"], story[name].get("status_code")) for name in _REFUSALS}
    assert kinds == {
        "refused": ("FalClientHTTPError", 422),
        "refused_run": ("FalClientHTTPError", 422),
        "failed": ("FalClientHTTPError", 500),
        "invalid": ("FalClientHTTPError", 422),
        "nowhere": ("FalClientHTTPError", 404),
        "lost": ("FalClientHTTPError", 404),
    }
    assert story["refused_run"]["message"] == story["refused"]["message"]
    assert [each["loc"] for each in story["refused"]["message"]] == [["body", "prompt"]]
    assert story["refused"]["message"][0]["type"] == "content_policy_violation"
    assert sorted(each["loc"][-1] for each in story["invalid"]["message"]) == ["duration", "prompt"]
    assert story["failed"]["error_type"] == "runner_server_error"


def test_a_python_program_takes_its_request_back(told: Story) -> None:
    gateway, story = told
    assert (story["cancelled"]["status_code"], story["cancelled"]["error_type"]) == (499, "client_cancelled")
    assert (story["late"]["status_code"], story["over"]["status_code"]) == (400, 400)
    assert story["impatient"]["is"] == "FalClientTimeoutError"
    assert gateway.end_of(story["impatient"]["request_id"])["state"] == "cancelled"


def test_a_key_that_nobody_made_is_refused(secure: Gateway) -> None:
    program = """
import fal_client
try:
    fal_client.submit("demo/fails", {})
except fal_client.FalClientHTTPError as error:
    print(error.status_code, error.message)
"""
    assert spoken([sys.executable, "-c", program], secure, more={"FAL_KEY": "rg_live_nobody"}) == "401 invalid key credentials\n"


def test_a_javascript_program_gets_its_video(said: Story) -> None:
    gateway, story = said
    assert story["submitted"]["status"] == "IN_QUEUE"
    assert story["followed"]["status"] == story["status"]["status"] == "COMPLETED"
    for result in (story["result"], story["polling"]["result"], story["streaming"]["result"], story["run"]):
        assert_video(gateway, result["data"])
    assert story["run"]["requestId"]
    assert story["result"]["requestId"] == story["submitted"]["request_id"]


@pytest.mark.parametrize("mode", ["polling", "streaming"])
def test_a_javascript_program_follows_its_request(said: Story, mode: str) -> None:
    _, story = said
    updates = story[mode]["updates"]
    assert_in_order([each["status"] for each in updates], ["IN_QUEUE", "IN_PROGRESS", "COMPLETED"])
    assert "IN_PROGRESS" in {each["status"] for each in updates}
    assert story[mode]["enqueued"] == [story[mode]["result"]["requestId"]]
    lines = updates[-1]["logs"]
    assert lines
    assert len(lines) == len(set(lines)), "a line was shown twice"


def test_a_javascript_program_sees_errors_as_its_client_names_them(said: Story) -> None:
    _, story = said
    for name in ("refused", "refusedInStream", "refusedRun"):
        assert (story[name]["is"], story[name]["status"], story[name]["fields"]) == ("ValidationError", 422, [["body", "prompt"]])
        assert story[name]["prompt"] == 1
    assert sorted(story["invalid"]["fields"]) == [["body", "duration"], ["body", "prompt"]]
    assert story["nothing"]["fields"] == [["body", "prompt"]]
    assert {name: (story[name]["is"], story[name]["status"]) for name in ("failed", "nowhere", "stranger", "pending")} == {
        "failed": ("ApiError", 500),
        "nowhere": ("ApiError", 404),
        "stranger": ("ApiError", 401),
        "pending": ("ApiError", 400),
    }
    assert story["failed"]["requestId"]


def test_a_javascript_program_takes_its_request_back(said: Story) -> None:
    _, story = said
    assert story["ended"]["status"] == "COMPLETED"
    assert story["cancelled"]["status"] == 499
    assert (story["late"]["status"], story["late"]["body"]["status"]) == (400, "ALREADY_COMPLETED")


def assert_in_order(seen: Sequence[str], order: Sequence[str] = IN_ORDER) -> None:
    """States follow one another and end in the last one."""
    assert list(seen) == sorted(seen, key=order.index)
    assert seen[-1] == order[-1]


def assert_video(gateway: Gateway, result: dict[str, Any]) -> None:
    """The result names a video that can be fetched without a key, and is one."""
    assert result["video"]["content_type"] == "video/mp4"
    file = gateway.call("GET", result["video"]["url"], key=None)
    assert len(file.body) == result["video"]["file_size"]
    assert watch(file.body).codec == "h264"
