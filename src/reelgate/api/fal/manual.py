"""What fal's routes are for."""

from __future__ import annotations

from collections.abc import Mapping

from reelgate.api._fal import REFUSALS
from reelgate.contracts.endpoint import Catalog
from reelgate.gateway.manual import REF, Manual, Operation, Schema, Status, array, number, one_of, record, words
from reelgate.gateway.openapi import QUEUE_STATUS, example_of
from reelgate.wire.fal import VideoOutput

_JOB = "/{app}/requests/{job_id}"
_LOGS = {"logs": one_of("Whether the lines of its log are wanted.", "0", "1", "true", "false")}
_SUBMIT_QUERY = {
    "fal_webhook": words("An address that is told of the end."),
    "fal_max_queue_length": number("The longest queue that is borne.", 0, 10**9),
}
_SUBMIT_HEADERS = {
    "Idempotency-Key": words("The same answer again for the same key, for 72 hours.", maxLength=255, pattern="^[!-~]+$"),
    "X-Fal-Queue-Priority": one_of("Low comes after normal.", "normal", "low"),
    "X-Fal-Request-Timeout": {"type": "number", "minimum": 0.1, "maximum": 86_400, "description": "Seconds in which it must start."},
    "X-Fal-No-Retry": words("1: not tried again when a render process dies under it."),
    "X-Fal-Store-IO": words("0: forget the input at the end."),
    "X-Fal-Object-Lifecycle-Preference": words("JSON: how long to keep the video.", examples=['{"expiration_duration_seconds": 3600}']),
    "X-Reelgate-Strict": words("1: a field that does nothing is a fault."),
}
_SUBMIT = (400, 402, 404, 413, 422, 429)
_RESULT: Mapping[Status, str] = {200: "FalOutput", 422: "FalInvalid", 499: "FalRefusal", 500: "FalRefusal", 504: "FalRefusal"}
_UNKNOWN = {404: "FalWord"}


def write_manual(catalog: Catalog) -> Manual:
    """With an example from the catalog."""
    return Manual(
        refusals={**dict.fromkeys((400, 401, 402, 403, 404, 413, 429, 503), "FalRefusal"), 422: "FalInvalid"},
        words={"app": "The id of an endpoint, with slashes; of requests, its first two words do.", "job_id": "The id of a request."},
        schemas={**REFUSALS, **_SCHEMAS, **_output(), "FalInput": _input(catalog)},
        operations=(
            Operation(
                "POST /{app}",
                "Submits a request.",
                {200: "FalStatus"},
                _SUBMIT,
                query=_SUBMIT_QUERY,
                headers=_SUBMIT_HEADERS,
                body="FalInput",
            ),
            Operation(
                "POST /run/{app}", "Submits a request and waits for its video.", _RESULT, _SUBMIT, headers=_SUBMIT_HEADERS, body="FalInput"
            ),
            Operation(f"GET {_JOB}/status", "Where it stands.", {200: "FalStatus", 202: "FalStatus", **_UNKNOWN}, query=_LOGS),
            Operation(
                f"GET {_JOB}/status/stream",
                "Where it stands, at every change, to the end.",
                {200: "text/event-stream", **_UNKNOWN},
                (429,),
                query=_LOGS,
                headers={"Last-Event-ID": words("The id of the last frame that was read, to go on after it.")},
            ),
            *(
                Operation(f"GET {path}", "The video, or why there is none.", {**_RESULT, **_UNKNOWN}, (400,))
                for path in (_JOB, f"{_JOB}/response")
            ),
            *(
                Operation(f"{method} {_JOB}/cancel", "Takes it back.", {**dict.fromkeys((200, 202, 400), "FalWord"), **_UNKNOWN})
                for method in ("PUT", "POST")
            ),
            Operation(
                "GET /v1/models/requests/by-endpoint",
                "Past requests, newest first.",
                {200: "FalPastRequests", **dict.fromkeys((400, 401, 403, 429), "FalPlatformError")},
                query=_PAST,
            ),
            Operation("GET /.well-known/jwks.json", "The keys by which webhooks are verified.", {200: "FalKeys"}, open=True),
        ),
    )


_PAST = {
    "endpoint_id": words("1 to 50 ids, comma-separated."),
    "status": one_of("How they ended.", "success", "error", "user_error"),
    "start": words("Not before this instant; 24 hours ago if not said."),
    "end": words("Not after this instant."),
    "limit": number("How many at most; 50 if not said.", 1, 100),
    "cursor": words("The next_cursor of the page before."),
}
_SCHEMAS: Mapping[str, Schema] = {
    "FalStatus": QUEUE_STATUS,
    "FalWord": record("One word.", status=one_of("", "OK", "CANCELLATION_REQUESTED", "ALREADY_COMPLETED", "NOT_FOUND")),
    "FalPastRequest": record(
        "A request that was made.",
        request_id="string",
        endpoint_id="string",
        sent_at="string",
        started_at="string?",
        ended_at="string?",
        status_code="integer?",
        duration="number?",
    ),
    "FalPastRequests": record("A page.", items=array("FalPastRequest"), next_cursor="string?", has_more="boolean"),
    "FalPlatformError": record("What is wrong.", error={"type": "object"}),
    "FalKeys": record("A JSON Web Key Set.", keys={"type": "array", "items": {"type": "object"}}),
}


def _output() -> Mapping[str, Schema]:
    schema = VideoOutput.model_json_schema(ref_template=REF)
    return {**schema.pop("$defs"), "FalOutput": schema}


def _input(catalog: Catalog) -> Schema:
    """Any endpoint's; each has its own document."""
    served = [each for each in catalog if next(iter(each.inputs)) == "fal"]
    return {
        "type": "object",
        "description": "The input, by the words of the endpoint: GET /v1/models/{id}/openapi.json tells them.",
        "properties": {"prompt": {"type": "string"}},
        "examples": [example_of(served[0].public)] if served else [],
    }
