"""Kling's protocol by the kling-api package, unmodified: it signs its tokens and speaks https only."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance._film import watch
from tests.acceptance._gateway import PROGRAM, Gateway, spoken, surroundings
from tests.acceptance._node import node
from tests.acceptance._pictures import picture


@pytest.fixture(scope="module")
def said(secure: Gateway, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What a program went through, with a pair of keys that the command line made."""
    folder: Path = tmp_path_factory.mktemp("pictures")
    for name in ("scene.png", "scene.jpg"):
        (folder / name).write_bytes(picture(name, 640, 360))
    return json.loads(
        spoken(node("kling.mjs", secure.url, str(folder / "scene.png"), str(folder / "scene.jpg")), secure, more=pair(secure))
    )


def test_a_task_is_made_and_asked_for(said: dict[str, Any]) -> None:
    created = said["created"]
    assert (created["code"], created["message"], created["data"]["task_status"]) == (0, "SUCCEED", "submitted")
    assert created["data"]["task_info"] == {"external_task_id": "lighthouse-1"}
    for asked in (said["asked"], said["askedByOwnId"]):
        assert asked["data"]["task_id"] == created["data"]["task_id"]
        assert asked["data"]["task_status"] in ("submitted", "processing", "succeed")


@pytest.mark.parametrize(("name", "seconds"), [("text", 5), ("picture", 5), ("extended", 5)])
def test_a_task_ends_in_its_video(said: dict[str, Any], secure: Gateway, name: str, seconds: float) -> None:
    task = said[name]["data"]
    [video] = task["task_result"]["videos"]
    assert task["task_status"] == "succeed"
    assert float(video["duration"]) == pytest.approx(seconds, abs=0.1)
    film = watch(secure.call("GET", video["url"], key=None).body)
    assert (film.codec, film.short_side) == ("h264", 720)
    assert film.seconds == pytest.approx(seconds, abs=0.05)


def test_a_picture_of_this_machine_travels_as_base64(said: dict[str, Any], secure: Gateway) -> None:
    film = watch(secure.call("GET", said["picture"]["data"]["task_result"]["videos"][0]["url"], key=None).body)
    assert film.width / film.height == pytest.approx(16 / 9, abs=0.01)


def test_a_task_that_fails_is_an_error_with_its_reason(said: dict[str, Any]) -> None:
    assert said["several"]["data"]["task_status"] == "submitted"
    assert said["refused"]["is"] == said["failed"]["is"] == "KlingAPIError"
    assert said["refused"]["message"].startswith("1301: ")
    assert said["failed"]["message"].startswith("5000: ")


def test_refusals_have_the_vendors_numbers(said: dict[str, Any]) -> None:
    assert {name: (said[name]["is"], said[name]["status"], said[name]["code"]) for name in NUMBERS} == {
        name: ("KlingAPIError", *number) for name, number in NUMBERS.items()
    }
    assert all(said[name]["requestId"] for name in NUMBERS)


NUMBERS = {
    "twice": (400, 1201),
    "unknown": (400, 1201),
    "otherKind": (400, 1201),
    "tooMuch": (400, 1201),
    "nobodyServes": (404, 1203),
    "noModel": (404, 1203),
    "notServed": (404, 1202),
    "forged": (401, 1002),
    "stranger": (401, 1002),
}


def pair(gateway: Gateway) -> dict[str, str]:
    """An access key and a secret key, as the lines that the command prints for a shell."""
    command = [str(PROGRAM), "keys", "create", "kling-api", "--pair"]
    where = {"REELGATE_URL": gateway.url, "REELGATE_ADMIN_KEY": gateway.admin_key, "SSL_CERT_FILE": str(gateway.authority)}
    done = subprocess.run(command, env=surroundings(gateway.data, where), capture_output=True, text=True, check=True, timeout=60)
    return dict(line.split("=", 1) for line in done.stdout.splitlines())
