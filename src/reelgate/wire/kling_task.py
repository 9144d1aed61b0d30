"""Kling's tasks, as answers and callbacks tell them: in the flat form of resellers, and in both generations of the vendor's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

import orjson
from pydantic import BaseModel, Field

from reelgate.contracts.endpoint import OutputModel
from reelgate.domain.clock import in_ms
from reelgate.domain.errors import GatewayError, Limited, Unauthenticated
from reelgate.domain.identity import write_base32
from reelgate.domain.job import Failure, Job, JobState
from reelgate.wire._reply import Reply

__all__ = [
    "STATUS_OF_STATE",
    "WATERMARK",
    "Form",
    "KlingNewTask",
    "KlingTask",
    "Reply",
    "no_such_path",
    "no_such_task",
    "write_created",
    "write_error",
    "write_task",
    "write_task_object",
    "write_tasks",
]

STATUS_OF_STATE: Mapping[JobState, str] = {
    JobState.QUEUED: "submitted",
    JobState.RUNNING: "processing",
    JobState.DONE: "succeed",
    JobState.FAILED: "failed",
    JobState.CANCELLED: "failed",
    JobState.UNKNOWN: "failed",
}
_NEW_WORD: Mapping[str, str] = {"succeed": "succeeded"}
WATERMARK = "watermark"
"""Among a job's names: the caller wants the address of the video with a watermark too."""


class KlingVideo(BaseModel):
    """One video of a task."""

    id: str = Field(title="Id", description="The id of the video.")
    url: str = Field(title="Address", description="Where the file can be fetched; no key is needed.")
    duration: str = Field(title="Duration", description="Its length in seconds, as text.", examples=["5.0"])


class KlingTaskObject(BaseModel):
    """A task, as the vendor describes one."""

    task_id: str = Field(title="Task", description="The id of the task.")
    task_status: str = Field(title="Status", description="submitted, processing, succeed or failed.")
    task_status_msg: str = Field("", title="Reason", description="Why it failed.")
    task_info: dict[str, Any] = Field(title="Info", description="The caller's own id of the task, if there is one.")
    task_result: dict[str, list[KlingVideo]] = Field(title="Result", description="The videos, once it has succeeded.")
    created_at: int = Field(title="Created", description="Milliseconds since 1970.")
    updated_at: int = Field(title="Updated", description="Milliseconds since 1970.")


class KlingTask(OutputModel):
    """What a task answers on Kling's flat wire."""

    object: str = Field(title="Object", description='Always "chat.completion", as the resellers print it.')
    code: str = Field(title="Code", description='"success".')
    message: str = Field(title="Message", description="Empty unless something went wrong.")
    request_id: str = Field(title="Request", description="The id of this exchange.")
    task_id: str = Field(title="Task", description="The id of the task.")
    task_status: str = Field(title="Status", description="submitted, processing, succeed or failed.")
    task_info: dict[str, Any] = Field(title="Info", description="The caller's own id of the task, if there is one.")
    created_at: int = Field(title="Created", description="Milliseconds since 1970.")
    updated_at: int = Field(title="Updated", description="Milliseconds since 1970.")
    data: KlingTaskObject = Field(title="Task", description="The task, as the vendor describes one.")


class KlingOutput(BaseModel):
    """One thing that a task of 2026 has made."""

    type: str = Field(title="Type", description='Always "video" here.')
    id: str = Field(title="Id", description="The id of the video.")
    url: str = Field(title="Address", description="Where the file can be fetched; no key is needed.")
    duration: str = Field(title="Duration", description="Its length in seconds, as text.", examples=["5.0"])


class KlingNewTaskObject(BaseModel):
    """A task of 2026, as the vendor describes one."""

    id: str = Field(title="Task", description="The id of the task.")
    status: str = Field(title="Status", description="submitted, processing, succeeded or failed.")
    message: str = Field("", title="Reason", description="Why it failed.")
    external_id: str = Field(title="Own id", description="The caller's own id of the task, if there is one.")
    create_time: int = Field(title="Created", description="Milliseconds since 1970.")
    update_time: int = Field(title="Updated", description="Milliseconds since 1970.")
    outputs: list[KlingOutput] = Field(title="Outputs", description="The videos, once it has succeeded.")


class KlingNewTask(OutputModel):
    """What a task answers in the vendor's generation of 2026."""

    code: int = Field(title="Code", description="0 unless something went wrong.")
    message: str = Field(title="Message", description='"SUCCEED", or what went wrong.')
    request_id: str = Field(title="Request", description="The id of this exchange.")
    data: KlingNewTaskObject = Field(title="Task", description="The task, as the vendor describes one.")


# -- answers -------------------------------------------------------------------------------------------------------------


class Form(StrEnum):
    """In which of three forms a task is told."""

    FLAT = "flat"  # as resellers print it: the word "success", the task's fields at the top and the task inside
    VENDOR = "vendor"  # the vendor's own: the number 0 and the task inside
    NEW = "2026"  # the vendor's second generation: the same, with other words for a task


def write_created(job: Job, form: Form, *, request_id: str) -> Reply:
    """The answer to a create; its task has no result yet."""
    task = _begin_new(job) if form is Form.NEW else _begin_task(job)
    return Reply(200, orjson.dumps(_envelope(task, form, request_id) | {"reelgate": _remarks(job)}))


def write_task(job: Job, form: Form, *, url: str = "", request_id: str) -> Reply:
    """A task as it stands; `url` is the address of its video once it has one."""
    return Reply(200, orjson.dumps(_envelope(write_task_object(job, form, url=url), form, request_id) | {"reelgate": _remarks(job)}))


def write_tasks(told: Sequence[tuple[Job, str]], form: Form, *, request_id: str, **beside: Any) -> Reply:
    """A page of tasks, each with the address of its video; `beside` stands next to them."""
    tasks = [write_task_object(job, form, url=url) for job, url in told]
    return Reply(200, orjson.dumps(_envelope(tasks, form, request_id) | beside))


def write_task_object(job: Job, form: Form, *, url: str = "") -> dict[str, Any]:
    """The vendor's own task object: what `data` holds, and what a callback is sent."""
    return _write_new(job, url) if form is Form.NEW else _write_legacy(job, url)


def _envelope(data: dict[str, Any] | list[dict[str, Any]], form: Form, request_id: str) -> dict[str, Any]:
    if form is not Form.FLAT:
        return {"code": 0, "message": "SUCCEED", "request_id": request_id, "data": data}
    body = {"object": "chat.completion", "code": "success", "message": "", "request_id": request_id}
    top = {name: data[name] for name in _AT_THE_TOP} if isinstance(data, dict) else {}
    return {**body, **top, "data": data}


_AT_THE_TOP = ("task_id", "task_status", "task_info", "created_at", "updated_at")


def _remarks(job: Job) -> dict[str, Any]:
    dropped = [{"field": each.field, "reason": each.reason} for each in (*job.dropped, *job.unused)]
    return {"engine": job.engine, "cost": job.quote.amount.decimal, "dropped": dropped}


def _begin_task(job: Job) -> dict[str, Any]:
    return {
        "task_id": write_base32(job.id),
        "task_status": STATUS_OF_STATE[job.state],
        "task_info": {} if job.external_id is None else {"external_task_id": job.external_id},
        "created_at": in_ms(job.created_at),
        "updated_at": in_ms(job.updated_at),
    }


def _write_legacy(job: Job, url: str) -> dict[str, Any]:
    task = _begin_task(job)
    task["task_status_msg"] = _reason(job)
    task["task_result"] = {}
    if _marked(job):
        task["watermark_info"] = {"enabled": True}
    if job.state is JobState.DONE and job.video is not None:
        task["task_result"] = {"videos": [_write_video(job, url, job.video.seconds)]}
    return task


def _begin_new(job: Job) -> dict[str, Any]:
    return {
        "id": write_base32(job.id),
        "status": _NEW_WORD.get(STATUS_OF_STATE[job.state], STATUS_OF_STATE[job.state]),
        "create_time": in_ms(job.created_at),
        "update_time": in_ms(job.updated_at),
        "external_id": job.external_id or "",
    }


def _write_new(job: Job, url: str) -> dict[str, Any]:
    task = _begin_new(job)
    task["message"] = _reason(job)
    task["outputs"] = []
    task["billing"] = []
    if job.state is JobState.DONE and job.video is not None:
        task["outputs"] = [{"type": "video", **_write_video(job, url, job.video.seconds)}]
    return task


def _write_video(job: Job, url: str, seconds: float) -> dict[str, str]:
    video = {"id": write_base32(job.id), "url": url, "duration": f"{seconds:.1f}"}
    # What we make carries its mark in the picture, so the marked video and the video are one.
    return video | {"watermark_url": url} if _marked(job) else video


def _marked(job: Job) -> bool:
    return bool((job.names or {}).get(WATERMARK))


def _reason(job: Job) -> str:
    """Why a task failed, with the vendor's number for it."""
    if job.state is JobState.CANCELLED:
        return "1200: the task was cancelled"
    if STATUS_OF_STATE[job.state] != "failed":
        return ""
    failure = job.failure or Failure(code="", message="the video was not made")
    return f"{_number(failure)}: {failure.message}"


def _number(failure: Failure) -> int:
    if failure.fault is None:
        return _NUMBER_OF_FAILURE.get(failure.code, 5000)
    return 1301 if failure.fault.kind == "content_policy_violation" else 1201


_NUMBER_OF_FAILURE: Mapping[str, int] = {"rejected": 1301, "invalid_input": 1201, "start_timeout": 5002}


# -- errors --------------------------------------------------------------------------------------------------------------


def write_error(error: GatewayError, *, request_id: str = "") -> Reply:
    """A request that was refused, by the vendor's table of numbers."""
    status, code = _ANSWER_OF_CODE.get(error.code, (500, 5000))
    if isinstance(error, Unauthenticated):
        code = _CODE_OF_WHY[error.why]
    headers = (("retry-after", str(error.retry_after_s)),) if isinstance(error, Limited) else ()
    body = {"code": code, "message": error.message, "request_id": request_id}
    return Reply(status, orjson.dumps(body), headers)


_CODE_OF_WHY: Mapping[str, int] = {"missing": 1001, "invalid": 1002, "early": 1003, "expired": 1004}
_ANSWER_OF_CODE: Mapping[str, tuple[int, int]] = {
    "bad_request": (400, 1200),
    "invalid_input": (400, 1201),
    "unauthenticated": (401, 1002),
    "forbidden": (403, 1103),
    "not_found": (404, 1203),
    "conflict": (400, 1201),
    "insufficient_funds": (429, 1102),
    "limited": (429, 1303),
    "too_large": (413, 1200),
    "unready": (503, 5001),
}


def no_such_task(request_id: str) -> Reply:
    """A task that is not there, or is somebody else's."""
    return _nothing(400, 1201, "There is no such task", request_id)


def no_such_path(request_id: str) -> Reply:
    """A path or a method that this gateway does not serve."""
    return _nothing(404, 1202, "This gateway serves no such path by this method", request_id)


def _nothing(status: int, code: int, message: str, request_id: str) -> Reply:
    return Reply(status, orjson.dumps({"code": code, "message": message, "request_id": request_id}))
