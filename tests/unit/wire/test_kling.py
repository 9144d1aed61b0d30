"""Kling's flat route, with everything a text."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated, Any

import pytest

from reelgate.contracts.endpoint import InputModel
from reelgate.domain import errors
from reelgate.domain.errors import Fault, GatewayError, InvalidInput
from reelgate.domain.job import Failure, Job, JobState, Serving
from reelgate.domain.media import BlobRef, Video, VideoInput
from reelgate.domain.money import FREE
from reelgate.domain.pricing import Quote
from reelgate.wire import kling

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


class Loose(InputModel):
    """A model of this test that shows what the wire handed to it."""

    prompt: str
    multi_shot: bool = False
    cfg_scale: float = 0.5
    camera_control: Annotated[dict[str, Any] | None, "as it came"] = None
    multi_prompt: list[dict[str, Any]] | None = None
    watermark_info: dict[str, Any] | None = None

    def wanted(self) -> VideoInput:
        return VideoInput(prompt=self.prompt, extras={"kling": self.model_dump(exclude_unset=True)})


def said(body: dict[str, Any]) -> dict[str, Any]:
    wanted, _ = kling.read_input(Loose, {"prompt": "p", **body})
    return {name: value for name, value in wanted.extras["kling"].items() if name != "prompt"}


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ({}, ("kling-v1", "std")),
        ({"model_name": "", "mode": ""}, ("kling-v1", "std")),
        ({"model_name": "kling-v1", "mode": "high"}, ("kling-v1", "pro")),
        ({"model_name": "kling-v3", "mode": "4k"}, ("kling-v3", "4k")),
        ({"model_name": None, "mode": "pro"}, ("kling-v1", "pro")),
    ],
)
def test_the_name_and_the_mode_choose_the_endpoint(body: dict[str, Any], name: tuple[str, str]) -> None:
    assert kling.read_name(body) == name


@pytest.mark.parametrize("body", [{"mode": "turbo"}, {"mode": 5}, {"model_name": ["kling-v1"]}])
def test_a_name_that_cannot_be_read_is_refused(body: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        kling.read_name(body)


def test_what_is_text_on_paper_is_read_as_what_it_means() -> None:
    assert said({"multi_shot": "false", "cfg_scale": "0.7"}) == {"multi_shot": False, "cfg_scale": 0.7}
    assert said({"multi_shot": "", "cfg_scale": "", "multi_prompt": "", "camera_control": ""}) == {}
    assert said({"multi_prompt": '[{"prompt": "one"}]'}) == {"multi_prompt": [{"prompt": "one"}]}
    assert said({"camera_control": '{"type": "down_back"}'}) == {"camera_control": {"type": "down_back"}}


def test_json_text_that_is_none_is_left_for_the_model_to_refuse() -> None:
    with pytest.raises(InvalidInput) as refused:
        said({"multi_prompt": '[{"prompt": "one"'})
    assert refused.value.faults[0].path == ("multi_prompt",)


@pytest.mark.parametrize("camera", [{"type": "normal", "config": "words"}, {"type": "simple", "config": "words"}, "words", 5, []])
def test_a_camera_move_that_is_only_a_sample_is_ignored_and_told(camera: Any) -> None:
    wanted, dropped = kling.read_input(Loose, {"prompt": "p", "camera_control": camera})
    assert "camera_control" not in wanted.extras["kling"]
    assert [each.field for each in dropped] == ["camera_control"]


def test_a_watermark_that_is_not_wanted_is_no_wish_at_all() -> None:
    assert said({"watermark_info": {"enabled": False}}) == {}
    assert said({"watermark_info": '{"enabled": "false"}'}) == {}
    assert said({"watermark_info": {"enabled": True}}) == {"watermark_info": {"enabled": True}}


def test_what_the_wire_reads_itself_is_not_called_unknown() -> None:
    body = {"prompt": "p", "model_name": "kling-v1", "mode": "pro", "callback_url": "https://c", "external_task_id": "mine", "odd": 1}
    _, dropped = kling.read_input(Loose, body)
    assert [each.field for each in dropped] == ["odd"]
    assert kling.read_callback(body) == "https://c"
    assert kling.read_external_id(body) == "mine"


def test_ids_and_callbacks_are_short_texts_or_nothing() -> None:
    assert kling.read_external_id({"external_task_id": ""}) is None
    assert kling.read_callback({}) is None
    for value in (5, "x" * 256):
        with pytest.raises(InvalidInput):
            kling.read_external_id({"external_task_id": value})


def test_a_create_answers_the_flat_form_with_the_vendors_task_inside() -> None:
    reply = kling.write_submitted(replace(JOB, external_id="mine"), request_id="c0ffee")
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
    body = json.loads(kling.write_task(done, url="https://gate.example/files/ab/video.mp4").body)
    assert body["task_status"] == "succeed"
    assert body["data"]["task_result"] == {
        "videos": [{"id": body["task_id"], "url": "https://gate.example/files/ab/video.mp4", "duration": "5.0"}]
    }
    kling.KlingTask.model_validate(body)


def test_a_running_task_has_an_empty_result() -> None:
    body = json.loads(kling.write_task(replace(JOB, state=JobState.RUNNING)).body)
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
    body = json.loads(kling.write_task(job).body)
    assert body["task_status"] == "failed"
    assert body["data"]["task_status_msg"] == reason


def test_every_state_has_a_status() -> None:
    assert set(kling.STATUS_OF_STATE) == set(JobState)


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (errors.InvalidInput([Fault(path=("prompt",), message="Field required")]), 400, 1201),
        (errors.Unauthenticated(missing=True), 401, 1001),
        (errors.Unauthenticated(), 401, 1002),
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
    reply = kling.write_error(error, request_id="c0ffee")
    assert reply.status == status
    assert json.loads(reply.body) == {"code": code, "message": error.message, "request_id": "c0ffee"}


def test_a_strangers_task_is_an_unknown_one() -> None:
    assert (kling.NO_SUCH_TASK.status, json.loads(kling.NO_SUCH_TASK.body)["code"]) == (400, 1201)
    assert (kling.NO_SUCH_PATH.status, json.loads(kling.NO_SUCH_PATH.body)["code"]) == (404, 1202)
