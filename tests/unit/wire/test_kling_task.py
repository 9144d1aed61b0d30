"""Kling's tasks, in each of their forms."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from reelgate.domain import errors
from reelgate.domain.errors import Fault, GatewayError
from reelgate.domain.identity import write_base32
from reelgate.domain.job import Failure, Job, JobState, Serving
from reelgate.domain.media import BlobRef, Dropped, Video, VideoInput
from reelgate.domain.money import FREE
from reelgate.domain.pricing import Quote
from reelgate.wire import kling_task
from reelgate.wire.kling_task import Form

AT = datetime(2026, 11, 21, 10, 30, tzinfo=UTC)
JOB = Job(
    id="01934c5e-7a1b-7c3d-8e9f-0a1b2c3d4e5f",
    account="alice",
    key_id="k1",
    endpoint="fal-ai/kling-video/v1/pro/text-to-video",
    face="kling",
    base="https://gate.example",
    input=VideoInput(prompt="a fox"),
    quote=Quote(FREE, "free"),
    serving=Serving.PREVIEW,
    engine="preview",
    created_at=AT,
    updated_at=AT,
)
VIDEO = Video(source=BlobRef("b"), width=1920, height=1080, fps=24, frames=121, sound=False)


def test_a_create_answers_the_flat_form_with_the_vendors_task_inside() -> None:
    reply = kling_task.write_created(replace(JOB, external_id="mine"), Form.FLAT, request_id="c0ffee")
    body = json.loads(reply.body)
    own = body.pop("reelgate")
    assert reply.status == 200
    assert body == {
        "object": "chat.completion",
        "code": "success",
        "message": "",
        "request_id": "c0ffee",
        "task_id": body["task_id"],
        "task_status": "submitted",
        "task_info": {"external_task_id": "mine"},
        "created_at": 1795257000000,
        "updated_at": 1795257000000,
        "data": {
            "task_id": body["task_id"],
            "task_status": "submitted",
            "task_info": {"external_task_id": "mine"},
            "created_at": 1795257000000,
            "updated_at": 1795257000000,
        },
    }
    assert len(body["task_id"]) == 26
    assert own == {"engine": "preview", "cost": "0.000000", "dropped": []}


def test_a_finished_task_has_its_video_and_the_length_as_text() -> None:
    done = replace(JOB, state=JobState.DONE, video=VIDEO)
    body = json.loads(kling_task.write_task(done, Form.FLAT, url="https://gate.example/files/ab/video.mp4", request_id="c0ffee").body)
    assert body["task_status"] == "succeed"
    assert body["data"]["task_result"] == {
        "videos": [{"id": body["task_id"], "url": "https://gate.example/files/ab/video.mp4", "duration": "5.0"}]
    }
    kling_task.KlingTask.model_validate(body)


def test_a_running_task_has_an_empty_result() -> None:
    body = json.loads(kling_task.write_task(replace(JOB, state=JobState.RUNNING), Form.FLAT, request_id="c0ffee").body)
    assert (body["task_status"], body["data"]["task_result"], body["data"]["task_status_msg"]) == ("processing", {}, "")


REFUSED = Fault(path=("prompt",), message="it was refused", kind="content_policy_violation")
NO_PICTURE = Fault(path=("image",), message="it is no picture", kind="image_load_error")


@pytest.mark.parametrize(
    ("job", "reason"),
    [
        (replace(JOB, state=JobState.CANCELLED), "1200: the task was cancelled"),
        (replace(JOB, state=JobState.FAILED, failure=Failure(code="rejected", message="no", fault=REFUSED)), "1301: no"),
        (replace(JOB, state=JobState.FAILED, failure=Failure(code="rejected", message="no", fault=NO_PICTURE)), "1201: no"),
        (replace(JOB, state=JobState.FAILED, failure=Failure(code="worker_died", message="died")), "5000: died"),
        (replace(JOB, state=JobState.UNKNOWN), "5000: the video was not made"),
    ],
)
def test_a_failed_task_says_why_with_the_vendors_number(job: Job, reason: str) -> None:
    body = json.loads(kling_task.write_task(job, Form.FLAT, request_id="c0ffee").body)
    assert body["task_status"] == "failed"
    assert body["data"]["task_status_msg"] == reason


def test_every_state_has_a_status() -> None:
    assert set(kling_task.STATUS_OF_STATE) == set(JobState)


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (errors.InvalidInput([Fault(path=("prompt",), message="Field required")]), 400, 1201),
        (errors.Unauthenticated(why="missing"), 401, 1001),
        (errors.Unauthenticated(), 401, 1002),
        (errors.Unauthenticated(why="early"), 401, 1003),
        (errors.Unauthenticated(why="expired"), 401, 1004),
        (errors.Forbidden(), 403, 1103),
        (errors.NotFound(), 404, 1203),
        (errors.Conflict(), 400, 1201),
        (errors.InsufficientFunds(), 429, 1102),
        (errors.Limited(), 429, 1303),
        (errors.TooLarge(), 413, 1200),
        (errors.Unready(), 503, 5001),
        (GatewayError(), 500, 5000),
    ],
)
def test_a_refusal_has_the_vendors_number(error: GatewayError, status: int, code: int) -> None:
    reply = kling_task.write_error(error, request_id="c0ffee")
    assert reply.status == status
    assert json.loads(reply.body) == {"code": code, "message": error.message, "request_id": "c0ffee"}


def test_what_is_not_there_has_the_vendors_number_and_an_id() -> None:
    for reply, status, code in ((kling_task.no_such_task("c0ffee"), 400, 1201), (kling_task.no_such_path("c0ffee"), 404, 1202)):
        body = json.loads(reply.body)
        assert (reply.status, body["code"], body["request_id"]) == (status, code, "c0ffee")


def test_the_vendors_envelope_has_a_number_and_the_task_inside() -> None:
    body = json.loads(kling_task.write_task(JOB, Form.VENDOR, request_id="c0ffee").body)
    assert (body["code"], body["message"], body["request_id"]) == (0, "SUCCEED", "c0ffee")
    assert set(body) == {"code", "message", "request_id", "data", "reelgate"}
    assert body["data"]["task_id"] == write_base32(JOB.id)


def test_a_task_of_2026_has_other_words_for_the_same() -> None:
    done = replace(JOB, state=JobState.DONE, video=VIDEO, external_id="mine")
    body = json.loads(kling_task.write_task(done, Form.NEW, url="https://a/v.mp4", request_id="c0ffee").body)
    assert body["data"] == {
        "id": write_base32(JOB.id),
        "status": "succeeded",
        "message": "",
        "create_time": 1795257000000,
        "update_time": 1795257000000,
        "external_id": "mine",
        "outputs": [{"type": "video", "id": write_base32(JOB.id), "url": "https://a/v.mp4", "duration": "5.0"}],
        "billing": [],
    }
    kling_task.KlingNewTask.model_validate(body)


def test_what_endpoint_and_maker_left_out_is_told_together() -> None:
    odd = replace(JOB, dropped=(Dropped(field="a", reason="none"),), unused=(Dropped(field="b", reason="not here"),))
    body = json.loads(kling_task.write_task(odd, Form.VENDOR, request_id="c0ffee").body)
    assert [each["field"] for each in body["reelgate"]["dropped"]] == ["a", "b"]


def test_a_list_has_the_tasks_and_what_stands_beside_them() -> None:
    for form, code in ((Form.FLAT, "success"), (Form.VENDOR, 0), (Form.NEW, 0)):
        body = json.loads(kling_task.write_tasks([(JOB, ""), (JOB, "")], form, request_id="c0ffee", next_cursor="x").body)
        assert (body["code"], len(body["data"]), body["next_cursor"]) == (code, 2, "x")


def test_a_watermark_is_the_video_itself() -> None:
    marked = replace(JOB, state=JobState.DONE, video=VIDEO, names={kling_task.WATERMARK: True})
    legacy = kling_task.write_task_object(marked, Form.VENDOR, url="https://a/v.mp4")
    assert legacy["task_result"]["videos"][0]["watermark_url"] == "https://a/v.mp4"
    assert legacy["watermark_info"] == {"enabled": True}
    assert kling_task.write_task_object(marked, Form.NEW, url="https://a/v.mp4")["outputs"][0]["watermark_url"] == "https://a/v.mp4"
