"""Kling's task, as answers show it: in the flat form that resellers print, with the vendor's own task object inside as `data`."""

from __future__ import annotations

from collections.abc import Mapping
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
    "NO_SUCH_PATH",
    "NO_SUCH_TASK",
    "STATUS_OF_STATE",
    "KlingTask",
    "Reply",
    "write_error",
    "write_submitted",
    "write_task",
    "write_task_object",
]

STATUS_OF_STATE: Mapping[JobState, str] = {
    JobState.QUEUED: "submitted",
    JobState.RUNNING: "processing",
    JobState.DONE: "succeed",
    JobState.FAILED: "failed",
    JobState.CANCELLED: "failed",
    JobState.UNKNOWN: "failed",
}


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


# -- answers -------------------------------------------------------------------------------------------------------------


def write_submitted(job: Job, *, request_id: str = "") -> Reply:
    """The answer to a create; its task object has no result yet."""
    task = _begin_task(job)
    return _flat(job, task, request_id)


def write_task(job: Job, *, url: str = "", request_id: str = "") -> Reply:
    """A task as it stands; `url` is the address of its video once it has one."""
    return _flat(job, write_task_object(job, url=url), request_id)


def write_task_object(job: Job, *, url: str = "") -> dict[str, Any]:
    """The vendor's own task object: what `data` holds, and what a callback is sent."""
    task = _begin_task(job)
    task["task_status_msg"] = _reason(job)
    task["task_result"] = {}
    if job.state is JobState.DONE and job.video is not None:
        video = {"id": task["task_id"], "url": url, "duration": f"{job.video.seconds:.1f}"}
        task["task_result"] = {"videos": [video]}
    return task


def _begin_task(job: Job) -> dict[str, Any]:
    return {
        "task_id": write_base32(job.id),
        "task_status": STATUS_OF_STATE[job.state],
        "task_info": {} if job.external_id is None else {"external_task_id": job.external_id},
        "created_at": in_ms(job.created_at),
        "updated_at": in_ms(job.updated_at),
    }


def _flat(job: Job, task: dict[str, Any], request_id: str) -> Reply:
    body = {
        "object": "chat.completion",
        "code": "success",
        "message": "",
        "request_id": request_id or job.id.replace("-", ""),
        "task_id": task["task_id"],
        "task_status": task["task_status"],
        "task_info": task["task_info"],
        "created_at": task["created_at"],
        "updated_at": task["updated_at"],
        "data": task,
        "reelgate": {
            "engine": job.engine,
            "cost": job.quote.amount.decimal,
            "dropped": [{"field": each.field, "reason": each.reason} for each in job.dropped],
        },
    }
    return Reply(200, orjson.dumps(body))


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
    if isinstance(error, Unauthenticated) and error.why == "missing":
        code = 1001
    headers = (("retry-after", str(error.retry_after_s)),) if isinstance(error, Limited) else ()
    body = {"code": code, "message": error.message, "request_id": request_id}
    return Reply(status, orjson.dumps(body), headers)


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
NO_SUCH_TASK = Reply(400, b'{"code":1201,"message":"There is no such task","request_id":""}')
NO_SUCH_PATH = Reply(404, b'{"code":1202,"message":"There is no such path","request_id":""}')
