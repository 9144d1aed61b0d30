"""fal's clients read these answers literally."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from reelgate.contracts.store import Glance
from reelgate.domain import errors
from reelgate.domain.errors import Fault, GatewayError
from reelgate.domain.job import Event, Failure, Job, JobState, Serving
from reelgate.domain.media import BlobRef, Dropped, Video, VideoInput
from reelgate.domain.money import Money
from reelgate.domain.pricing import Quote
from reelgate.wire import fal

ID = "01934c5e-7a1b-7c3d-8e9f-0a1b2c3d4e5f"
AT = datetime(2026, 11, 21, 10, 30, tzinfo=UTC)
APP = "https://gate.example/fal-ai/kling-video"
JOB = Job(
    id=ID,
    account="alice",
    key_id="k1",
    endpoint="fal-ai/kling-video/v2.5-turbo/pro/text-to-video",
    face="fal",
    base="https://gate.example",
    input=VideoInput(prompt="a fox"),
    quote=Quote(Money.dollars("0.35"), "5 s × $0.07"),
    serving=Serving.PREVIEW,
    engine="preview",
    dropped=(Dropped(field="mood", reason="this endpoint has no such field"),),
    position=2,
    created_at=AT,
    updated_at=AT,
)
VIDEO = Video(source=BlobRef("b"), width=1920, height=1080, fps=24, frames=120, sound=False, seed=7, size_bytes=1234)
ADDRESSES = {
    "request_id": ID,
    "response_url": f"{APP}/requests/{ID}",
    "status_url": f"{APP}/requests/{ID}/status",
    "cancel_url": f"{APP}/requests/{ID}/cancel",
}


def glance(state: JobState, *, code: str | None = None, message: str | None = None, render_s: float | None = None) -> Glance:
    return Glance(ID, "alice", JOB.endpoint, "fal", JOB.base, state, 2, render_s, code, message)


def read(reply: fal.Reply) -> dict[str, Any]:
    return json.loads(reply.body)


def test_a_submit_answers_what_a_reseller_prints_and_one_object_of_ours() -> None:
    reply = fal.write_submitted(JOB)
    assert reply.status == 200
    assert ("x-fal-request-id", ID) in reply.headers
    assert read(reply) == {
        "status": "IN_QUEUE",
        **ADDRESSES,
        "logs": None,
        "metrics": {},
        "queue_position": 2,
        "reelgate": {
            "engine": "preview",
            "cost": "0.350000",
            "dropped": [{"field": "mood", "reason": "this endpoint has no such field"}],
        },
    }


def test_a_waiting_job_says_how_many_are_ahead() -> None:
    reply = fal.write_status(glance(JobState.QUEUED), position=1)
    assert reply.status == 202
    assert read(reply) == {"status": "IN_QUEUE", **ADDRESSES, "logs": None, "metrics": {}, "queue_position": 1}


def test_a_running_job_shows_its_lines_if_they_are_asked_for() -> None:
    lines = [
        Event(job_id=ID, kind="state", message="running", at=AT, state=JobState.RUNNING),
        Event(job_id=ID, kind="log", message="drawing the sea", at=AT),
        Event(job_id=ID, kind="progress", message="", at=AT, fraction=0.5),
    ]
    reply = fal.write_status(glance(JobState.RUNNING, render_s=1.0), logs=lines)
    assert reply.status == 202
    assert read(reply) == {
        "status": "IN_PROGRESS",
        **ADDRESSES,
        "logs": [{"message": "drawing the sea", "level": "INFO", "source": "USER", "timestamp": "2026-11-21T10:30:00+00:00"}],
        "metrics": {},
    }


def test_a_finished_job_says_how_long_it_took() -> None:
    reply = fal.write_status(glance(JobState.DONE, render_s=2.5), logs=[])
    assert reply.status == 200
    assert read(reply) == {"status": "COMPLETED", **ADDRESSES, "logs": [], "metrics": {"inference_time": 2.5}}


@pytest.mark.parametrize("state", [JobState.FAILED, JobState.CANCELLED, JobState.UNKNOWN])
def test_there_is_no_word_for_failure_but_an_error_beside_completed(state: JobState) -> None:
    body = read(fal.write_status(glance(state)))
    assert body["status"] == "COMPLETED"
    assert body["error"]
    assert body["error_type"] == ("client_cancelled" if state is JobState.CANCELLED else "runner_server_error")


def test_every_state_has_a_status_and_every_status_a_code() -> None:
    assert set(fal.STATUS_OF_STATE) == set(JobState)
    assert set(fal.STATUS_OF_STATE.values()) == set(fal.CODE_OF_STATUS)


def test_a_frame_of_a_stream_is_an_id_and_one_line_of_ascii() -> None:
    status = fal.write_status(glance(JobState.RUNNING), logs=[Event(job_id=ID, kind="log", message="Möwen über dem 海", at=AT)])
    frame = fal.write_frame(status.body, 7)
    assert frame.isascii()
    assert frame.startswith(b"id: 7\ndata: {")
    assert frame.endswith(b"}\n\n")
    assert frame.count(b"\n") == 3
    assert json.loads(frame[len(b"id: 7\ndata: ") :]) == read(status)


def test_a_result_that_is_not_there_yet_says_so_word_for_word() -> None:
    reply = fal.write_result(JOB)
    assert (reply.status, read(reply)) == (400, {"detail": "Request is still in progress"})


def test_a_result_is_the_bare_output() -> None:
    done = replace(JOB, state=JobState.DONE, video=replace(VIDEO, remarks=("4k was rendered as 1080p",)))
    reply = fal.write_result(done, url="https://gate.example/files/ab/video.mp4")
    assert reply.status == 200
    assert read(reply) == {
        "video": {
            "url": "https://gate.example/files/ab/video.mp4",
            "content_type": "video/mp4",
            "file_name": "video.mp4",
            "file_size": 1234,
        },
        "seed": 7,
        "reelgate": {
            "engine": "preview",
            "dropped": [{"field": "mood", "reason": "this endpoint has no such field"}],
            "remarks": ["4k was rendered as 1080p"],
            "poster_url": "https://gate.example/files/b/poster.webp",
            "preview_url": "https://gate.example/files/b/preview.webp",
        },
    }
    fal.VideoOutput.model_validate(read(reply))


@pytest.mark.parametrize(("cost", "units"), [("0.35", "5"), ("0", "0")])
def test_a_result_says_how_many_seconds_were_billed(cost: str, units: str) -> None:
    done = replace(JOB, state=JobState.DONE, video=VIDEO, quote=Quote(Money.dollars(cost), "whatever"))
    assert dict(fal.write_result(done).headers) == {"x-fal-request-id": ID, "x-fal-billable-units": units}


@pytest.mark.parametrize("state", [JobState.CANCELLED, JobState.FAILED, JobState.UNKNOWN])
def test_what_was_not_made_is_not_billed(state: JobState) -> None:
    assert dict(fal.write_result(replace(JOB, state=state)).headers)["x-fal-billable-units"] == "0"
    assert dict(fal.write_error(errors.NotFound()).headers)["x-fal-billable-units"] == "0"


def test_a_result_whose_input_was_at_fault_is_a_422_that_names_the_field() -> None:
    fault = Fault(path=("elements.0.frontal_image_url",), message="it is no picture", kind="image_load_error")
    reply = fal.write_result(replace(JOB, state=JobState.FAILED, failure=Failure(code="rejected", message="no", fault=fault)))
    assert reply.status == 422
    assert ("x-fal-billable-units", "0") in reply.headers
    (entry,) = read(reply)["detail"]
    assert entry == {
        "loc": ["body", "elements", 0, "frontal_image_url"],
        "msg": "it is no picture",
        "type": "image_load_error",
        "url": "https://docs.fal.ai/errors#image_load_error",
    }


@pytest.mark.parametrize(
    ("state", "code", "status", "error_type"),
    [
        (JobState.CANCELLED, None, 499, "client_cancelled"),
        (JobState.FAILED, "worker_died", 500, "runner_server_error"),
        (JobState.FAILED, "render_failed", 500, "runner_server_error"),
        (JobState.FAILED, "rejected", 422, "bad_request"),
        (JobState.FAILED, "start_timeout", 504, "request_timeout"),
        (JobState.FAILED, "internal_error", 500, "internal_error"),
        (JobState.FAILED, "a code of tomorrow", 500, "runner_server_error"),
        (JobState.UNKNOWN, None, 500, "runner_server_error"),
    ],
)
def test_a_result_without_a_video_answers_the_real_error(state: JobState, code: str | None, status: int, error_type: str) -> None:
    failure = None if code is None else Failure(code=code, message="it went wrong")
    reply = fal.write_result(replace(JOB, state=state, failure=failure))
    assert (reply.status, read(reply)["error_type"]) == (status, error_type)
    assert read(reply)["detail"]
    assert dict(reply.headers)["x-fal-error-type"] == error_type


def test_a_start_that_took_too_long_stops_the_retries_of_clients() -> None:
    reply = fal.write_failure(replace(JOB, state=JobState.FAILED, failure=Failure(code="start_timeout", message="")))
    assert dict(reply.headers)["x-fal-request-timeout-type"] == "user"


@pytest.mark.parametrize(
    ("error", "status", "error_type"),
    [
        (errors.Forbidden(), 403, "forbidden"),
        (errors.NotFound(), 404, "not_found"),
        (errors.Conflict(), 422, "bad_request"),
        (errors.InsufficientFunds(), 402, "insufficient_funds"),
        (errors.Limited(retry_after_s=9), 429, "too_many_requests"),
        (errors.TooLarge(), 413, "bad_request"),
        (errors.Unready(), 503, "runner_scheduling_failure"),
        (errors.StoreError(), 500, "internal_error"),
        (GatewayError(), 500, "internal_error"),
    ],
)
def test_a_refusal_has_a_sentence_a_type_and_a_header(error: GatewayError, status: int, error_type: str) -> None:
    reply = fal.write_error(error)
    assert (reply.status, read(reply)) == (status, {"detail": error.message, "error_type": error_type})
    assert dict(reply.headers)["x-fal-error-type"] == error_type


def test_no_refusal_has_a_code_that_clients_would_hammer() -> None:
    kinds = [each for each in vars(errors).values() if isinstance(each, type) and issubclass(each, GatewayError)]
    plain = [each() for each in kinds if each not in {errors.InvalidInput, errors.Refused}]
    assert len(plain) > 10
    assert {fal.write_error(each).status for each in plain}.isdisjoint({408, 409})


def test_a_client_is_told_when_to_come_back() -> None:
    assert dict(fal.write_error(errors.Limited(retry_after_s=9)).headers)["retry-after"] == "9"
    assert dict(fal.write_error(errors.Unready()).headers)["retry-after"] == "2"


def test_a_missing_key_and_a_wrong_one_read_as_fals_do() -> None:
    missing = fal.write_error(errors.Unauthenticated(why="missing"), app="fal-ai/kling-video")
    assert missing.status == 401
    assert read(missing) == {
        "detail": 'Cannot access application "fal-ai/kling-video". Authentication is required to access this application.'
    }
    assert read(fal.write_error(errors.Unauthenticated(why="missing"))) == {"detail": "Authorization header is required"}
    assert read(fal.write_error(errors.Unauthenticated())) == {"detail": "invalid key credentials"}


def test_faults_are_entries_without_what_was_sent() -> None:
    error = errors.InvalidInput(
        [
            Fault(path=("duration",), message="Must be one of: 5, 10", kind="one_of", limits={"expected": ["5", "10"]}),
            Fault(path=("multi_prompt", 0, "prompt"), message="Must be a text", kind="string_type"),
        ]
    )
    reply = fal.write_error(error)
    assert reply.status == 422
    assert read(reply)["detail"] == [
        {
            "loc": ["body", "duration"],
            "msg": "Must be one of: 5, 10",
            "type": "one_of",
            "url": "https://docs.fal.ai/errors#one_of",
            "ctx": {"expected": ["5", "10"]},
        },
        {"loc": ["body", "multi_prompt", 0, "prompt"], "msg": "Must be a text", "type": "string_type"},
    ]


def test_the_answers_to_a_cancel_are_fals_words() -> None:
    assert [(each.status, read(each)["status"]) for each in (fal.CANCELLED_IN_QUEUE, fal.CANCELLATION_REQUESTED)] == [
        (200, "OK"),
        (202, "CANCELLATION_REQUESTED"),
    ]
    assert [(each.status, read(each)["status"]) for each in (fal.ALREADY_COMPLETED, fal.NO_SUCH_REQUEST)] == [
        (400, "ALREADY_COMPLETED"),
        (404, "NOT_FOUND"),
    ]
