"""Whose a path is, where vendors use the same words: decided by a table, and this is it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from reelgate.api.kling import CAPABILITIES, FACE, KINDS
from tests.house import Lodger, open_lodging

JOB = "01934c5e-7a1b-7c3d-8e9f-0a1b2c3d4e5f"


@pytest.fixture
async def waiting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Lodger]:
    async with open_lodging(tmp_path, monkeypatch, working=False) as lodger:
        yield lodger


@pytest.mark.parametrize(
    ("method", "path", "face"),
    [
        *(("POST", f"/kling/v1/videos/{kind}", "kling") for kind in KINDS),
        *(("GET", f"/v1/videos/{kind}/{JOB}", "kling") for kind in KINDS),
        *(("GET", f"/proxy/kling/v1/videos/{kind}", "kling") for kind in KINDS),
        *(("POST", f"/{capability}/kling-3.0", "kling") for capability in CAPABILITIES),
        *(("POST", f"/proxy/kling/{capability}/kling-3.0", "kling") for capability in CAPABILITIES),
        ("GET", "/tasks", "kling"),
        ("POST", "/proxy/kling/tasks", "kling"),
        ("POST", "/kling/v1/images/generations", "kling"),
        ("GET", "/v1/videos/identify-face", "kling"),
        # fal's, under the same words
        ("POST", "/kling/v4/text-to-video", "fal"),
        ("GET", f"/kling/v4/requests/{JOB}/status", "fal"),
        ("GET", f"/kling/v1/requests/{JOB}", "fal"),
        ("GET", f"/kling/v1/text2video/kling-v2-6/std/requests/{JOB}/status", "fal"),
        ("POST", "/kling", "fal"),
        ("POST", "/proxy/other", "fal"),
        # kept for faces that come later
        ("POST", "/v1/videos", "own"),
        ("GET", "/v1/videos/video_123", "own"),
        ("GET", "/v1/videos/video_123/content", "own"),
        ("POST", "/v1/video/generations", "own"),
        ("POST", "/v1/predictions", "own"),
    ],
)
async def test_a_path_belongs_to_one_face(waiting: Lodger, method: str, path: str, face: str) -> None:
    answer = await waiting.http.request(method, path, headers={"Authorization": ""})
    assert answer.status_code in (400, 401, 404), answer.text
    told = answer.json()
    shape = "kling" if "code" in told else "own" if "error" in told else "fal"
    assert shape == face, answer.text


async def test_a_job_of_an_endpoint_that_is_kling_s_alone_is_followed_by_fal_s_queue_too(waiting: Lodger) -> None:
    body = {"model_name": "kling-v2-6", "mode": "std", "prompt": "a quiet harbour"}
    made = (await waiting.http.post("/v1/videos/text2video", json=body)).json()
    job = (await waiting.http.get(f"/v1/jobs/{made['data']['task_id']}")).json()
    for app in (job["endpoint"], "kling/v1"):
        status = await waiting.http.get(f"/{app}/requests/{job['id']}/status")
        assert (status.status_code, status.json()["status"]) == (202, "IN_QUEUE")


def test_the_face_comes_before_those_that_take_what_is_left() -> None:
    assert (FACE.name, FACE.rank) == ("kling", 10)
