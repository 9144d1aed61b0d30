"""Hugging Face's client, whose fal provider has fal's host built in and is led here by a tunnel."""

from __future__ import annotations

import base64
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance._film import watch
from tests.acceptance._gateway import Gateway, spoken
from tests.acceptance._pictures import picture
from tests.acceptance._tunnel import Tunnel, tunnel

STORY = (sys.executable, str(Path(__file__).with_name("_huggingface_story.py")))


@pytest.fixture(scope="module")
def said(gateway: Gateway, tmp_path_factory: pytest.TempPathFactory) -> tuple[Tunnel, dict[str, Any]]:
    """What a program went through, and the way that it took."""
    folder: Path = tmp_path_factory.mktemp("hub")
    (folder / "scene.jpg").write_bytes(picture("scene.jpg", 640, 360))
    with tunnel(gateway.url, folder) as made:
        alone = {"HF_HOME": str(folder), "HF_HUB_DISABLE_TELEMETRY": "1"}
        return made, json.loads(spoken([*STORY, str(folder / "scene.jpg")], gateway, more=made.environment | alone))


@pytest.mark.parametrize("kind", ["from_text", "from_picture"])
def test_it_brings_the_video(said: tuple[Tunnel, dict[str, Any]], kind: str) -> None:
    _, story = said
    film = watch(base64.b64decode(story[kind]))
    assert (film.codec, film.short_side) == ("h264", 480)
    assert film.seconds == pytest.approx(1, abs=0.05)


def test_it_asks_for_no_more_than_fals_queue(said: tuple[Tunnel, dict[str, Any]]) -> None:
    way, _ = said
    assert way.refused == []
    assert {"POST queue.fal.run/demo/text-to-video", "POST queue.fal.run/demo/image-to-video"} <= set(way.seen)
    assert {each.split("/requests/")[0] for each in way.seen if each.startswith("GET")} == {
        "GET queue.fal.run/demo/text-to-video",
        "GET queue.fal.run/demo/image-to-video",
    }


def test_it_names_errors_in_its_own_way(said: tuple[Tunnel, dict[str, Any]]) -> None:
    _, story = said
    assert (story["invalid"]["is"], story["invalid"]["status"]) == ("HfHubHTTPError", 422)
    assert (story["stranger"]["is"], story["stranger"]["status"]) == ("HfHubHTTPError", 401)
    assert story["refused"]["is"] == "KeyError"
