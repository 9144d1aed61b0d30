"""Requests as the public pages of such gateways print them, by curl, by JavaScript and by Python: eleven, each to its video.

Paths, headers, fields, types and values are theirs; the prompts and the pictures are ours.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.acceptance._film import Film, watch
from tests.acceptance._gateway import Gateway, spoken
from tests.acceptance._node import node
from tests.acceptance._pictures import HEIGHT, WIDTH

pytestmark = [pytest.mark.needs("curl"), pytest.mark.timeout(900)]

NOTHING = type(None)
QUEUED = {
    "status": str,
    "request_id": str,
    "response_url": str,
    "status_url": str,
    "cancel_url": str,
    "logs": NOTHING,
    "metrics": dict,
    "queue_position": int,
}
SUBMITTED = {
    "object": str,
    "code": str,
    "message": str,
    "request_id": str,
    "task_id": str,
    "task_status": str,
    "task_info": dict,
    "created_at": int,
    "updated_at": int,
}
OF_THE_PICTURE = WIDTH / HEIGHT
WIDE = 16 / 9


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page: the request that it prints, by which means, the answer that it promises and the video that was asked for."""

    path: str
    scheme: str
    body: dict[str, Any]
    picture: str = ""
    means: tuple[str, ...] = ("curl", "fetch", "python")
    answer: dict[str, type]
    seconds: float
    short_side: int
    aspect: float
    sound: str = ""

    def asks(self, pictures: str) -> dict[str, Any]:
        """The body, its picture on a host that answers."""
        return self.body | ({"image_url": f"{pictures}/{self.picture}"} if self.picture else {})


PAGES = {
    "turbo-from-a-picture": Page(
        path="/fal-ai/kling-video/v2.5-turbo/pro/image-to-video",
        scheme="Bearer",
        body={
            "prompt": "The camera climbs over the ridge and the valley opens below. Mist drifts through the firs.",
            "duration": "5",
            "negative_prompt": "blur, distort, and low quality",
            "cfg_scale": 0.5,
        },
        picture="scene.jpg",
        answer=QUEUED,
        seconds=5,
        short_side=1080,
        aspect=OF_THE_PICTURE,
    ),
    "turbo-from-text": Page(
        path="/fal-ai/kling-video/v2.5-turbo/pro/text-to-video",
        scheme="Bearer",
        body={
            "prompt": "A lighthouse keeper's boat comes home over a calm sea at dusk, its lantern lit.",
            "duration": "5",
            "aspect_ratio": "16:9",
            "negative_prompt": "blur, distort, and low quality",
            "cfg_scale": 0.5,
        },
        means=("curl",),
        answer=QUEUED,
        seconds=5,
        short_side=1080,
        aspect=WIDE,
    ),
    "standard-from-a-picture": Page(
        path="/fal-ai/kling-video/v2.1/standard/image-to-video",
        scheme="Key",
        body={
            "prompt": "Evening settles on the hills; the sky's last light fades from orange to violet",
            "duration": "5",
            "aspect_ratio": "16:9",
            "negative_prompt": "blur, distort, and low quality",
            "cfg_scale": 0.5,
        },
        picture="scene.webp",
        means=("curl",),
        answer={name: kind for name, kind in QUEUED.items() if name != "cancel_url"},
        seconds=5,
        short_side=720,
        aspect=WIDE,
    ),
    "veo-with-sound": Page(
        path="/fal-ai/veo3/image-to-video",
        scheme="Bearer",
        body={
            "prompt": 'A guide turns round on the pass and calls, "there it is! It\'s the whole valley!"',
            "aspect_ratio": "auto",
            "duration": "8s",
            "generate_audio": True,
            "resolution": "720p",
        },
        picture="scene.png",
        answer=QUEUED,
        seconds=8,
        short_side=720,
        aspect=OF_THE_PICTURE,
        sound="aac",
    ),
    "kling-from-text": Page(
        path="/kling/v1/videos/text2video",
        scheme="Bearer",
        body={"model_name": "kling-v1", "prompt": "清晨的海边", "multi_shot": "false", "mode": "high"},
        answer=SUBMITTED,
        seconds=5,
        short_side=1080,
        aspect=WIDE,
    ),
}
SAMPLES = [(name, means) for name, page in PAGES.items() for means in page.means]


def by_curl(gateway: Gateway, path: str, headers: dict[str, str], body: dict[str, Any]) -> str:
    """As a shell would."""
    command = ["curl", "--silent", "--show-error", "--location", "--request", "POST", f"https://{gateway.host}{path}"]
    for name, value in headers.items():
        command += ["--header", f"{name}: {value}"]
    return spoken([*command, "--data-raw", json.dumps(body, indent=4, ensure_ascii=False)], gateway)


def by_program(command: list[str], gateway: Gateway, path: str, headers: dict[str, str], body: dict[str, Any]) -> str:
    """As a program would that is told what to post."""
    return spoken([*command, json.dumps({"host": gateway.host, "path": path, "headers": headers, "body": body})], gateway)


MEANS = {
    "curl": by_curl,
    "fetch": partial(by_program, node("post.mjs")),
    "python": partial(by_program, [sys.executable, str(Path(__file__).with_name("_sample.py"))]),
}


def post(gateway: Gateway, page: Page, means: str, body: dict[str, Any]) -> Any:
    """Make a page's request by one of the means; what was printed, read as JSON."""
    headers = {"Authorization": f"{page.scheme} {gateway.key}", "Content-Type": "application/json"}
    return json.loads(MEANS[means](gateway, page.path, headers, body))


@pytest.fixture(scope="module")
def answers(secure: Gateway, pictures: str) -> dict[tuple[str, str], Any]:
    """What every sample was answered. All are sent before any is followed, so that they are rendered side by side."""
    return {(name, means): post(secure, PAGES[name], means, PAGES[name].asks(pictures)) for name, means in SAMPLES}


def test_there_are_eleven() -> None:
    assert Counter(means for _, means in SAMPLES) == {"curl": 5, "fetch": 3, "python": 3}


@pytest.mark.parametrize(("name", "means"), SAMPLES, ids=[f"{name}-by-{means}" for name, means in SAMPLES])
def test_a_printed_request_ends_in_its_video(answers: dict[tuple[str, str], Any], secure: Gateway, name: str, means: str) -> None:
    page, answer = PAGES[name], answers[name, means]
    assert_has_fields(answer, page.answer)
    film = kling_film(secure, answer) if page.answer is SUBMITTED else fal_film(secure, answer, page)
    assert film.codec == "h264"
    assert film.seconds == pytest.approx(page.seconds, abs=0.05)
    assert film.short_side == page.short_side
    assert film.width / film.height == pytest.approx(page.aspect, abs=0.01)
    assert film.sound == page.sound
    if page.sound:
        assert film.sound_s == pytest.approx(page.seconds, abs=0.1)
        assert film.loudest > 0.01


def test_the_body_that_a_page_shows_beside_its_samples_is_taken_too(secure: Gateway) -> None:
    page = PAGES["kling-from-text"]
    camera = {"type": "normal", "config": "平移"}
    answer = post(secure, page, "curl", page.body | {"prompt": "[[refuse]]", "camera_control": camera})
    assert_has_fields(answer, SUBMITTED)
    assert [each["field"] for each in answer["reelgate"]["dropped"]] == ["camera_control"]


def assert_has_fields(answer: Any, promised: dict[str, type]) -> None:
    """Every field is there, of the type that the page prints."""
    assert {name: type(answer.get(name, "missing")) for name in promised} == promised


def fal_film(gateway: Gateway, answer: dict[str, Any], page: Page) -> Film:
    """Follow fal's three addresses to the video."""
    assert answer["status"] == "IN_QUEUE"
    job = f"{gateway.url}/{'/'.join(page.path.split('/')[1:3])}/requests/{answer['request_id']}"
    assert answer["response_url"] == job
    assert answer["status_url"] == f"{job}/status"
    assert answer["cancel_url"] == f"{job}/cancel"
    result = gateway.result(answer)
    assert result.status == 200, result.body
    ended = gateway.call("GET", answer["status_url"])
    assert (ended.status, ended.json["status"]) == (200, "COMPLETED")
    return film_at(gateway, result.json["video"]["url"])


def kling_film(gateway: Gateway, answer: dict[str, Any]) -> Film:
    """Ask for Kling's task until it has its video."""
    assert (answer["object"], answer["code"], answer["task_status"]) == ("chat.completion", "success", "submitted")
    assert len(str(answer["created_at"])) == len(str(answer["updated_at"])) == 13
    gateway.story(answer["task_id"])
    task = gateway.call("GET", f"{PAGES['kling-from-text'].path}/{answer['task_id']}").json
    assert_has_fields(task, SUBMITTED)
    assert task["task_status"] == "succeed"
    [video] = task["data"]["task_result"]["videos"]
    return film_at(gateway, video["url"])


def film_at(gateway: Gateway, url: str) -> Film:
    """Fetch a video as anybody can, without a key."""
    assert urlsplit(url).netloc == gateway.host
    file = gateway.call("GET", url, key=None)
    assert (file.status, file.headers["content-type"]) == (200, "video/mp4")
    return watch(file.body)
