"""fal's words: the queue's answers, its results, its errors, and the inputs of endpoints as fal's clients send them.

Statuses are asked thousands of times a second, so each is one small dictionary and one call of orjson.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import orjson
from pydantic import BaseModel, Field

from reelgate.contracts.endpoint import OutputModel
from reelgate.contracts.store import Glance
from reelgate.domain.errors import CallerError, Fault, GatewayError, InvalidInput, Limited, Unauthenticated, Unready
from reelgate.domain.job import Event, Failure, Job, JobState
from reelgate.domain.media import Dropped, Video, VideoInput
from reelgate.domain.money import FREE
from reelgate.wire._body import Speaker, read_body, read_input
from reelgate.wire._reply import Reply
from reelgate.wire._stills import still_addresses

__all__ = [
    "ALREADY_COMPLETED",
    "CANCELLATION_REQUESTED",
    "CANCELLED_IN_QUEUE",
    "CODE_OF_STATUS",
    "NO_SUCH_REQUEST",
    "STATUS_OF_STATE",
    "STILL_IN_PROGRESS",
    "Reply",
    "Speaker",
    "VideoFile",
    "VideoOutput",
    "read_body",
    "read_input",
    "write_error",
    "write_failure",
    "write_faults",
    "write_frame",
    "write_input",
    "write_logs",
    "write_past_request",
    "write_platform_error",
    "write_result",
    "write_status",
    "write_submitted",
    "write_webhook",
]

STATUS_OF_STATE: Mapping[JobState, str] = {
    JobState.QUEUED: "IN_QUEUE",
    JobState.RUNNING: "IN_PROGRESS",
    JobState.DONE: "COMPLETED",
    JobState.FAILED: "COMPLETED",
    JobState.CANCELLED: "COMPLETED",
    JobState.UNKNOWN: "COMPLETED",
}
CODE_OF_STATUS: Mapping[str, int] = {"IN_QUEUE": 202, "IN_PROGRESS": 202, "COMPLETED": 200}
_NOT_BILLED = ("x-fal-billable-units", "0")
_NEVER_BILLED = frozenset({404, 422})
_UNREADY_RETRY_S = "2"


class VideoFile(BaseModel):
    """A video to fetch; no key is needed."""

    url: str = Field(title="Address", description="Where the file can be fetched.", examples=["http://127.0.0.1:8000/files/0f3a/video.mp4"])
    content_type: str = Field(title="Type", description="The MIME type of the file.", examples=["video/mp4"])
    file_name: str = Field(title="Name", description="A name to keep it under.", examples=["video.mp4"])
    file_size: int = Field(title="Size", description="Its size in bytes.", examples=[1843200])


class VideoOutput(OutputModel):
    """What a finished job answers on fal's wire."""

    video: VideoFile = Field(title="Video", description="The video that was made.")
    seed: int | None = Field(None, title="Seed", description="The seed it was made from.", examples=[42])
    reelgate: dict[str, Any] | None = Field(
        None, title="Reelgate", description="What this gateway adds: the engine, what did nothing, and remarks."
    )


def write_input(model: Speaker, wanted: VideoInput) -> dict[str, Any]:
    """The body of this endpoint that `read_input` reads as `wanted`."""
    return model.spoken(wanted)


# -- answers of the queue ------------------------------------------------------------------------------------------------


def write_submitted(job: Job, position: int | None = None) -> Reply:
    """The answer to a submit; `position` is the number of jobs ahead, as it was at accept if not given."""
    body = {
        "status": "IN_QUEUE",
        **_addresses(job.base, job.endpoint, job.id),
        "logs": None,
        "metrics": {},
        "queue_position": job.position if position is None else position,
        "reelgate": {"engine": job.engine, "cost": job.quote.amount.decimal, "dropped": _write_dropped(job.dropped)},
    }
    return Reply(200, orjson.dumps(body), (("x-fal-request-id", job.id),))


def write_status(glance: Glance, position: int | None = None, logs: Sequence[Event] | None = None) -> Reply:
    """Where a job stands; `logs` are the lines to show, None if nobody asked for them."""
    status = STATUS_OF_STATE[glance.state]
    body: dict[str, Any] = {
        "status": status,
        **_addresses(glance.base, glance.endpoint, glance.id),
        "logs": None if logs is None else write_logs(logs),
        "metrics": {} if glance.render_s is None or status != "COMPLETED" else {"inference_time": glance.render_s},
    }
    if status == "IN_QUEUE":
        body["queue_position"] = glance.position if position is None else position
    elif status == "COMPLETED" and glance.state is not JobState.DONE:
        end = _end(glance.state, glance.failure_code)
        body["error"] = glance.failure_message or end.detail
        body["error_type"] = end.error_type
    if glance.unused:
        body["reelgate"] = {"dropped": _write_dropped(glance.unused)}
    return Reply(CODE_OF_STATUS[status], orjson.dumps(body), (("x-fal-request-id", glance.id),))


def write_logs(events: Sequence[Event]) -> list[dict[str, Any]]:
    """The lines of a job's story that a caller wants to read."""
    return [
        {"message": each.message, "level": each.level, "source": "USER", "timestamp": each.at.isoformat()}
        for each in events
        if each.message and each.kind != "state"
    ]


def write_frame(status: bytes, sequence: int) -> bytes:
    """A status as one event of a stream, by whose id the stream can be taken up again. ASCII only: fal's JavaScript client loses
    characters that fall on two chunks."""
    if not status.isascii():
        status = json.dumps(orjson.loads(status), separators=(",", ":")).encode()
    return b"id: %d\ndata: %b\n\n" % (sequence, status)


CANCELLED_IN_QUEUE = Reply(200, b'{"status":"OK"}')
CANCELLATION_REQUESTED = Reply(202, b'{"status":"CANCELLATION_REQUESTED"}')
ALREADY_COMPLETED = Reply(400, b'{"status":"ALREADY_COMPLETED"}')
NO_SUCH_REQUEST = Reply(404, b'{"status":"NOT_FOUND"}')
STILL_IN_PROGRESS = Reply(400, b'{"detail":"Request is still in progress"}')  # a client compares this sentence


# -- results -------------------------------------------------------------------------------------------------------------


def write_result(job: Job, *, url: str = "", file_name: str = "video.mp4") -> Reply:
    """The video of a job that is done, at the address `url`; else the error that its result answers."""
    if not job.over:
        return STILL_IN_PROGRESS._replace(headers=(("x-fal-request-id", job.id),))
    if job.state is not JobState.DONE or job.video is None:
        return write_failure(job)
    units = "0" if job.quote.amount == FREE else str(job.input.seconds)  # the vendor bills video by the second that was asked for
    headers = (("x-fal-request-id", job.id), ("x-fal-billable-units", units))
    return Reply(200, orjson.dumps(_output(job, job.video, url, file_name)), headers)


def write_failure(job: Job) -> Reply:
    """What the result of a job that ended without a video answers."""
    failure = job.failure or Failure(code="", message="")
    if failure.fault is not None:
        body: dict[str, Any] = {"detail": write_faults([failure.fault])}
        return Reply(422, orjson.dumps(body), (("x-fal-request-id", job.id), _NOT_BILLED))
    end = _end(job.state, failure.code)
    body = {"detail": failure.message or end.detail, "error_type": end.error_type}
    headers = (("x-fal-request-id", job.id), _NOT_BILLED, ("x-fal-error-type", end.error_type), *end.headers)
    return Reply(end.status, orjson.dumps(body), headers)


def _output(job: Job, video: Video, url: str, file_name: str) -> dict[str, Any]:
    body: dict[str, Any] = {
        "video": {"url": url, "content_type": video.content_type, "file_name": file_name, "file_size": video.size_bytes}
    }
    if video.seed is not None:
        body["seed"] = video.seed
    body["reelgate"] = {
        "engine": job.engine,
        "dropped": _write_dropped((*job.dropped, *job.unused)),
        "remarks": list(video.remarks),
        **still_addresses(video, job.base),
    }
    return body


# -- webhooks ------------------------------------------------------------------------------------------------------------


def write_webhook(job: Job, result: Reply) -> bytes:
    """What a webhook says of a job that has ended: its result, or the error that its result answers."""
    told: dict[str, Any] = {"request_id": job.id, "gateway_request_id": job.id, "status": "OK", "payload": orjson.Fragment(result.body)}
    if result.status != 200:  # noqa: PLR2004 -- the one status of a result
        told |= {"status": "ERROR", "error": f"Invalid status code: {result.status}"}
    return orjson.dumps(told)


def write_past_request(job: Job, result: Reply) -> dict[str, Any]:
    """A job in the list of an endpoint's requests, as fal's platform shows one. Instants are RFC 3339, `duration` is seconds."""
    over = job.ended_at is not None
    return {
        "request_id": job.id,
        "endpoint_id": job.endpoint,
        "sent_at": job.created_at.isoformat(),
        "started_at": None if job.started_at is None else job.started_at.isoformat(),
        "ended_at": None if job.ended_at is None else job.ended_at.isoformat(),
        "status_code": result.status if over else None,
        "duration": job.render_s,
    }


# -- errors --------------------------------------------------------------------------------------------------------------


def write_error(error: GatewayError, *, app: str = "") -> Reply:
    """A request that was refused, as fal's clients expect it. `app` is the owner and alias that were asked for, if any were."""
    if isinstance(error, InvalidInput):
        return Reply(422, orjson.dumps({"detail": write_faults(error.faults)}), (_NOT_BILLED,))
    if isinstance(error, Unauthenticated):
        return Reply(401, orjson.dumps({"detail": _unauthenticated(error, app)}))
    status, error_type = _ANSWER_OF_CODE.get(error.code, (500, "internal_error"))
    headers = (("x-fal-error-type", error_type),)
    if status in _NEVER_BILLED:
        headers += (_NOT_BILLED,)
    if isinstance(error, Limited):
        headers += (("retry-after", str(error.retry_after_s)),)
    elif isinstance(error, Unready):
        headers += (("retry-after", _UNREADY_RETRY_S),)
    return Reply(status, orjson.dumps({"detail": error.message, "error_type": error_type}), headers)


def write_platform_error(error: CallerError) -> Reply:
    """The same as fal's platform, whose errors have another shape than the queue's, would say it."""
    status, kind = _PLATFORM_ANSWER_OF_CODE.get(error.code, (400, "validation_error"))
    headers = (("retry-after", str(error.retry_after_s)),) if isinstance(error, Limited) else ()
    return Reply(status, orjson.dumps({"error": {"type": kind, "message": error.message}}), headers)


_PLATFORM_ANSWER_OF_CODE: Mapping[str, tuple[int, str]] = {
    "unauthenticated": (401, "authorization_error"),
    "forbidden": (403, "authorization_error"),
    "not_found": (404, "not_found"),
    "limited": (429, "rate_limited"),
}


def write_faults(faults: Sequence[Fault]) -> list[dict[str, Any]]:
    """Faults as the entries of a 422: where, what, and the limits of the schema; never what was sent."""
    return [_write_fault(each) for each in faults]


def _write_fault(fault: Fault) -> dict[str, Any]:
    entry: dict[str, Any] = {"loc": ["body", *_place(fault.path)], "msg": fault.message, "type": fault.kind}
    if fault.kind in _DOCUMENTED_KINDS:
        entry["url"] = f"https://docs.fal.ai/errors#{fault.kind}"
    if fault.limits:
        entry["ctx"] = dict(fault.limits)
    return entry


def _place(path: tuple[str | int, ...]) -> list[str | int]:
    """A path with dotted names taken apart, such as "elements.0.video_url", by which a nested medium is known."""
    place: list[str | int] = []
    for part in path:
        if isinstance(part, str) and "." in part:
            place += [int(name) if name.isdecimal() and name.isascii() else name for name in part.split(".")]
        else:
            place.append(part)
    return place


def _unauthenticated(error: Unauthenticated, app: str) -> str:
    if error.why != "missing":
        return "invalid key credentials"
    if not app:
        return "Authorization header is required"  # what fal's REST host says
    return f'Cannot access application "{app}". Authentication is required to access this application.'


_ANSWER_OF_CODE: Mapping[str, tuple[int, str]] = {
    "bad_request": (400, "bad_request"),
    "forbidden": (403, "forbidden"),
    "not_found": (404, "not_found"),
    "conflict": (422, "bad_request"),  # never 409: fal's Python client would repeat it for a minute
    "insufficient_funds": (402, "insufficient_funds"),
    "limited": (429, "too_many_requests"),
    "too_large": (413, "bad_request"),
    "unready": (503, "runner_scheduling_failure"),
}


class _End(NamedTuple):
    """How a job that made no video looks from outside."""

    status: int
    error_type: str
    detail: str
    headers: tuple[tuple[str, str], ...] = ()


_CANCELLED = _End(499, "client_cancelled", "The request was cancelled")
_FAILED = _End(500, "runner_server_error", "The video was not made")
_END_OF_CODE: Mapping[str, _End] = {
    "rejected": _End(422, "bad_request", "This input was refused"),
    "invalid_input": _End(422, "bad_request", "This input was refused"),
    "start_timeout": _End(504, "request_timeout", "The request did not start in time", (("x-fal-request-timeout-type", "user"),)),
    "internal_error": _End(500, "internal_error", "Something went wrong"),
}


def _end(state: JobState, code: str | None) -> _End:
    return _CANCELLED if state is JobState.CANCELLED else _END_OF_CODE.get(code or "", _FAILED)


_DOCUMENTED_KINDS = frozenset(
    {
        "missing",
        "value_error",
        "one_of",
        "greater_than",
        "greater_than_equal",
        "less_than",
        "less_than_equal",
        "multiple_of",
        "sequence_too_short",
        "sequence_too_long",
        "image_too_small",
        "image_too_large",
        "image_load_error",
        "file_download_error",
        "face_detection_error",
        "image_aspect_ratio_error",
        "feature_not_supported",
        "file_too_large",
        "unsupported_image_format",
        "unsupported_video_format",
        "unsupported_audio_format",
        "video_duration_too_long",
        "video_duration_too_short",
        "audio_duration_too_long",
        "audio_duration_too_short",
        "content_policy_violation",
        "no_media_generated",
        "internal_server_error",
        "generation_timeout",
        "downstream_service_error",
        "downstream_service_unavailable",
    }
)


# -- small parts ---------------------------------------------------------------------------------------------------------


def _addresses(base: str, endpoint: str, job_id: str) -> dict[str, str]:
    response = f"{base}/{_app(endpoint)}/requests/{job_id}"
    return {
        "request_id": job_id,
        "response_url": response,
        "status_url": f"{response}/status",
        "cancel_url": f"{response}/cancel",
    }


@lru_cache(maxsize=4096)
def _app(endpoint: str) -> str:
    """The short path of follow-up calls: owner and alias of an endpoint's id."""
    return "/".join(endpoint.split("/")[:2])


def _write_dropped(dropped: Sequence[Dropped]) -> list[dict[str, str]]:
    return [{"field": each.field, "reason": each.reason} for each in dropped]
