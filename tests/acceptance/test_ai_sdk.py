"""The AI SDK's fal models, unmodified, led here by a `fetch` of their own."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance._film import watch
from tests.acceptance._gateway import Gateway, spoken
from tests.acceptance._node import node
from tests.acceptance._pictures import picture


@pytest.fixture(scope="module")
def said(gateway: Gateway, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What a program of the AI SDK went through."""
    scene: Path = tmp_path_factory.mktemp("scene") / "scene.png"
    scene.write_bytes(picture("scene.png", 640, 360))
    return json.loads(spoken(node("aisdk.mjs", gateway.url, str(scene)), gateway))


@pytest.mark.parametrize("kind", ["fromText", "fromPicture"])
def test_it_brings_the_video(said: dict[str, Any], gateway: Gateway, kind: str) -> None:
    made = said[kind]
    assert (made["type"], made["contentType"]) == ("video/mp4", "video/mp4")
    film = watch(base64.b64decode(made["base64"]))
    assert (film.codec, film.short_side) == ("h264", 720)
    assert film.seconds == pytest.approx(4, abs=0.05)
    assert made["url"].startswith(f"{gateway.url}/files/")


def test_a_picture_travels_within_the_request(said: dict[str, Any]) -> None:
    assert "POST https://queue.fal.run/fal-ai/veo3.1/fast/image-to-video" in said["asked"]
    assert {each.rpartition("/")[0] for each in said["asked"] if "POST" in each} >= {"POST https://queue.fal.run/fal-ai/veo3.1"}
    assert not [each for each in said["asked"] if "//queue.fal.run/" not in each]


def test_it_names_errors_in_its_own_way(said: dict[str, Any]) -> None:
    assert {name: (said[name]["is"], said[name].get("status")) for name in ("invalid", "nowhere", "stranger")} == {
        "invalid": ("AI_APICallError", 422),
        "nowhere": ("AI_APICallError", 404),
        "stranger": ("AI_APICallError", 401),
    }
    assert [each["loc"] for each in said["invalid"]["body"]["detail"]] == [["body", "duration"]]


def test_a_video_that_was_not_made_is_an_error(said: dict[str, Any]) -> None:
    assert {name: (said[name]["is"], said[name]["message"]) for name in ("refused", "failed")} == {
        "refused": ("Error", "Unprocessable Entity"),
        "failed": ("Error", "Internal Server Error"),
    }
