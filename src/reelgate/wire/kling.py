"""Kling's words, in the flat form that resellers of it print, with the vendor's own task object inside as `data`.

The pages of these resellers declare every value a text, so numbers, booleans and objects are taken as themselves and as
text; the text "false" is false and an empty text is nothing at all.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn, cast

import orjson
from pydantic import BaseModel, Field

from reelgate.contracts.endpoint import InputModel, OutputModel
from reelgate.domain.clock import in_ms
from reelgate.domain.errors import Fault, GatewayError, InvalidInput, Limited, Unauthenticated
from reelgate.domain.identity import write_base32
from reelgate.domain.job import Failure, Job, JobState
from reelgate.domain.media import Dropped, VideoInput
from reelgate.wire import _body
from reelgate.wire._body import read_body
from reelgate.wire._reply import Reply

__all__ = [
    "NO_SUCH_PATH",
    "NO_SUCH_TASK",
    "STATUS_OF_STATE",
    "KlingTask",
    "Reply",
    "read_body",
    "read_callback",
    "read_external_id",
    "read_input",
    "read_name",
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
_MODES = ("std", "pro", "4k")
_MODE_OF_WORD: Mapping[str, str] = {"": "std", "high": "pro", **{mode: mode for mode in _MODES}}
_PRESETS = frozenset({"simple", "down_back", "forward_up", "right_turn_forward", "left_turn_forward"})
_OBJECTS = ("camera_control", "multi_prompt", "watermark_info")
_READ_BY_THE_WIRE = frozenset({"model_name", "mode", "callback_url", "external_task_id"})
_LONGEST_EXTERNAL_ID = 255
_LONGEST_ADDRESS = 2048


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


# -- reading -------------------------------------------------------------------------------------------------------------


def read_name(body: Mapping[str, Any]) -> tuple[str, str]:
    """The model's name and the mode; "high" is another word for pro. `InvalidInput` if they cannot be read."""
    name = _text(body, "model_name") or "kling-v1"
    mode = _MODE_OF_WORD.get(_text(body, "mode"))
    if mode is None:
        message = f"Must be one of: {', '.join(_MODES)}"
        raise InvalidInput([Fault(path=("mode",), message=message, kind="one_of", limits={"expected": list(_MODES)})])
    return name, mode


def read_callback(body: Mapping[str, Any]) -> str | None:
    """The address that wants to be told of every change."""
    return _short_text(body, "callback_url", _LONGEST_ADDRESS)


def read_external_id(body: Mapping[str, Any]) -> str | None:
    """The caller's own id of the task."""
    return _short_text(body, "external_task_id", _LONGEST_EXTERNAL_ID)


def read_input(model: type[InputModel], body: Mapping[str, Any]) -> tuple[VideoInput, tuple[Dropped, ...]]:
    """Validate a body and say it in our own words, with what did nothing; `InvalidInput` with every fault at once."""
    given = dict(body)
    for name in _OBJECTS:
        given[name] = _unquoted(given.get(name))
        if given[name] is None:
            del given[name]
    if _asks_nothing(given.get("watermark_info")):
        del given["watermark_info"]
    ignored: tuple[Dropped, ...] = ()
    if "camera_control" in given and not _is_move(given["camera_control"]):
        del given["camera_control"]
        ignored = (Dropped(field="camera_control", reason="no camera move of this type is known"),)
    wanted, dropped = _body.read_input(model, given, _READ_BY_THE_WIRE)
    return wanted, (*ignored, *dropped)


def _text(body: Mapping[str, Any], name: str) -> str:
    value = body.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise InvalidInput([Fault(path=(name,), message="Must be a text", kind="string_type")])
    return value


def _short_text(body: Mapping[str, Any], name: str, longest: int) -> str | None:
    value = _text(body, name)
    if len(value) > longest:
        _refuse_length(name, longest)
    return value or None


def _refuse_length(name: str, longest: int) -> NoReturn:
    message = f"Must have at most {longest} character(s)"
    raise InvalidInput([Fault(path=(name,), message=message, kind="sequence_too_long", limits={"max_length": longest})])


def _unquoted(value: Any) -> Any:
    """An object or a list that came as JSON text, as itself; an empty text as nothing."""
    if not isinstance(value, str):
        return value
    if value.lstrip()[:1] not in ("{", "["):
        return value or None
    try:
        return _body.read_body(b'{"value":' + value.encode() + b"}")["value"]
    except InvalidInput:
        return value


def _is_move(camera: Any) -> bool:
    """Whether this can be meant as a camera move at all; generated samples have words in its place."""
    if not isinstance(camera, dict):
        return False
    parts = cast("dict[str, Any]", camera)
    return parts.get("type") in _PRESETS and not isinstance(parts.get("config"), str)


def _asks_nothing(watermark: Any) -> bool:
    if not isinstance(watermark, dict):
        return False
    return cast("dict[str, Any]", watermark).get("enabled") in (None, False, "false", "")


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
    if isinstance(error, Unauthenticated) and error.missing:
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
