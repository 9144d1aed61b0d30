"""fal's own clients where it is narrow: no money, no room, requests that are taken back while they wait; and webhooks, verified."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance._gateway import Gateway, running, spoken
from tests.acceptance._node import node
from tests.acceptance._receiver import Letter, Receiver, is_fals, receiver
from tests.acceptance.conftest import LOOPBACK_IS_OPEN

ROOT = Path(__file__).resolve().parent.parent.parent
PYTHON = ["sync", "async", "adaptor", "adaptor-async"]
JAVASCRIPT = ["middleware", "proxy"]
KINDS = [*JAVASCRIPT, *PYTHON]
NARROW = {"REELGATE_PREVIEW_PRICE": "list", "REELGATE_RUNNING_PER_ACCOUNT": "1", "REELGATE_MAX_QUEUED": "1"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """What a program went through, at which gateway, and where its webhooks came."""

    gateway: Gateway
    mail: Receiver
    story: dict[str, Any]
    account: str

    def letter(self, path: str, count: int = 1) -> Letter:
        """The one that came to a path of this program's."""
        [*_, last] = self.mail.letters(f"/{self.account}/{path}", count)
        return last


@pytest.fixture(scope="module")
def narrow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A gateway over https that runs one job of an account and lets one wait, and takes the list price."""
    with running(tmp_path_factory.mktemp("narrow") / "data", "--tls", environment=NARROW | LOOPBACK_IS_OPEN) as gateway:
        yield gateway


@pytest.fixture(scope="module")
def mail() -> Iterator[Receiver]:
    """Where webhooks go."""
    with receiver() as made:
        yield made


@pytest.fixture(scope="module")
def lives(narrow: Gateway, mail: Receiver) -> Iterator[dict[str, Future[Life]]]:
    """All programs at once, for they mostly wait; each with an account of its own."""
    with ThreadPoolExecutor(len(KINDS)) as pool:
        yield {kind: pool.submit(live, kind, narrow, mail) for kind in KINDS}


@pytest.fixture(scope="module", params=PYTHON)
def told(request: pytest.FixtureRequest, lives: dict[str, Future[Life]]) -> Life:
    """What a Python program went through."""
    return lives[request.param].result()


@pytest.fixture(scope="module", params=JAVASCRIPT)
def said(request: pytest.FixtureRequest, lives: dict[str, Future[Life]]) -> Life:
    """What a JavaScript program went through."""
    return lives[request.param].result()


def live(kind: str, narrow: Gateway, mail: Receiver) -> Life:
    """Run a program to its end."""
    key, letters = narrow.new_key(kind), f"{mail.url}/{kind}"
    if kind in JAVASCRIPT:
        command = node("limits.mjs", kind, narrow.url, letters)
    else:
        command = [sys.executable, "-m", "tests.acceptance._fal_limits_story", kind, letters, *([narrow.url] if "adaptor" in kind else [])]
    told = spoken(command, narrow, more={"FAL_KEY": key, "REELGATE_KEY": key, "PYTHONPATH": str(ROOT)})
    return Life(gateway=narrow, mail=mail, story=json.loads(told), account=kind)


def test_a_python_program_without_money_or_key_is_told_so(told: Life) -> None:
    assert (told.story["poor"]["is"], told.story["poor"]["status_code"]) == ("FalClientHTTPError", 402)
    assert (told.story["stranger"]["is"], told.story["stranger"]["status_code"]) == ("FalClientHTTPError", 401)


def test_a_python_program_waits_until_there_is_room(told: Life) -> None:
    assert told.story["waiting"]["is"] == "Queued"
    assert told.story["waiting"]["position"] >= 0
    assert told.story["repetitions"] >= 1
    assert told.story["crowded"]["is"] == "FalClientHTTPError"
    assert told.story["crowded"]["status_code"] == 429


def test_a_python_program_takes_back_what_still_waits(told: Life) -> None:
    taken_back = told.story["taken_back"]
    assert (taken_back["is"], taken_back["status_code"], taken_back["error_type"]) == ("FalClientHTTPError", 499, "client_cancelled")


def test_a_python_program_s_webhook_brings_its_result(told: Life) -> None:
    letter = told.letter("made")
    assert letter.path.endswith(f"?of={told.account}&with=a%20space")
    assert (letter.json["request_id"], letter.json["status"], letter.json["payload"]) == (told.story["made"], "OK", told.story["video"])
    assert letter.json["gateway_request_id"] == told.story["made"]
    assert_signed(told, letter)


def test_a_python_program_s_webhook_brings_its_failure(told: Life) -> None:
    letter = told.letter("refused")
    assert (letter.json["request_id"], letter.json["status"]) == (told.story["refused"], "ERROR")
    assert letter.json["payload"]["detail"] == told.story["refusal"]["message"]
    assert "422" in letter.json["error"]
    assert_signed(told, letter)


def test_a_javascript_program_without_money_key_or_room_is_told_so(said: Life) -> None:
    assert {name: (said.story[name]["is"], said.story[name]["status"]) for name in ("poor", "stranger", "crowded")} == {
        "poor": ("ApiError", 402),
        "stranger": ("ApiError", 401),
        "crowded": ("ApiError", 429),
    }


def test_a_javascript_program_takes_back_what_still_waits(said: Life) -> None:
    assert said.story["waiting"]["status"] == "IN_QUEUE"
    assert said.story["waiting"]["queue_position"] >= 0
    assert said.story["ended"]["status"] == "COMPLETED"
    assert (said.story["takenBack"]["is"], said.story["takenBack"]["status"]) == ("ApiError", 499)


def test_a_javascript_program_s_webhooks_bring_its_results(said: Life) -> None:
    made, refused = said.letter("made"), said.letter("refused")
    assert made.path.endswith("?with=a%20space")
    assert (made.json["request_id"], made.json["status"], made.json["payload"]) == (said.story["made"], "OK", said.story["video"])
    assert (refused.json["request_id"], refused.json["status"]) == (said.story["refused"], "ERROR")
    assert refused.json["payload"]["detail"] == said.story["refusal"]["body"]["detail"]
    for letter in (made, refused):
        assert_signed(said, letter)


def assert_signed(life: Life, letter: Letter) -> None:
    """It is signed as fal signs, by a key that anybody can look up, and so is nothing that somebody has changed or kept."""
    key_set = life.gateway.call("GET", "/.well-known/jwks.json", key=None).json
    now_s = time.time()
    assert letter.headers["x-fal-webhook-request-id"] == letter.json["request_id"]
    assert letter.headers["content-type"] == "application/json"
    assert is_fals(letter, key_set, now_s)
    assert not is_fals(replace(letter, body=letter.body + b" "), key_set, now_s)
    assert not is_fals(replace(letter, headers={**letter.headers, "x-fal-webhook-request-id": "another"}), key_set, now_s)
    assert not is_fals(letter, key_set, now_s + 301)
