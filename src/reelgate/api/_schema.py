"""Schemas of our own answers, for the manuals of the faces that give them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reelgate.domain.job import JobState
from reelgate.gateway.manual import Schema, array, number, one_of, record, words

REFUSAL: Mapping[str, Schema] = {
    "Refusal": record(
        "What went wrong.",
        error={
            "type": "object",
            "required": ["code", "message"],
            "properties": {
                "code": words("One word for it."),
                "message": words("For people; it never repeats what was sent."),
                "faults": {"type": "array", "items": record("One fault of an input.", field="string", message="string", kind="string")},
            },
        },
    )
}
REFUSED: Mapping[int, str] = dict.fromkeys((400, 401, 402, 403, 404, 409, 413, 422, 429, 503), "Refusal")

_VIDEO = record(
    "A finished video.",
    url="string",
    poster_url="string?",
    preview_url="string?",
    content_type="string",
    file_name="string",
    size_bytes="integer",
    width="integer",
    height="integer",
    fps="number",
    seconds="number",
    sound="boolean",
    seed="integer?",
    remarks={"type": "array", "items": {"type": "string"}},
)
_MAYBE: Any = {"type": ["object", "null"]}
_OF_JOB: dict[str, Schema | str] = {
    "id": "string",
    "object": {"const": "job"},
    "endpoint": "string",
    "state": one_of("Where it stands.", *(state.value for state in JobState)),
    "face": words("By which protocol it came."),
    "engine": "string?",
    "serving": "string",
    "test": "boolean",
    "position": "integer?",
    "created_at": "string",
    "started_at": "string?",
    "ended_at": "string?",
    "cancel_requested_at": "string?",
    "render_s": "number?",
    "deaths": "integer",
    "external_id": "string?",
    "cost": record("What it is charged.", amount=words("Dollars."), words="string"),
    "dropped": {"type": "array", "items": record("A field that did nothing.", field="string", reason="string")},
    "failure": _MAYBE,
    "video": {"anyOf": [_VIDEO, {"type": "null"}]},
    "late_video": {
        "anyOf": [_VIDEO, {"type": "null"}],
        "description": "One that came after the job had ended as unknown; nothing was charged for it.",
    },
}
_RECEIPT = record(
    "What became of its money, in dollars.",
    held=words("Reserved when it was accepted."),
    outcome=one_of("What became of that.", "held", "captured", "released"),
    charged="string",
    refunded="string",
    words=words("The arithmetic of its price."),
    book={"type": ["string", "null"], "description": "The price book that the price is of; null if it is free."},
    since={"type": ["string", "null"], "description": "From when that price counts; null for one of the catalog."},
)
JOB: Mapping[str, Schema] = {
    "Job": record("A job, as its owner sees it; instants are ISO 8601.", **_OF_JOB),
    "WholeJob": record(
        "A job with what was tried and what became of its money.",
        **_OF_JOB,
        attempts={"type": "array", "items": {"type": "object"}},
        receipt={"anyOf": [_RECEIPT, {"type": "null"}]},
    ),
}
EVENT: Mapping[str, Schema] = {
    "Event": record(
        "A line of a job's story.",
        sequence="integer",
        job_id="string",
        kind="string",
        message="string",
        level="string",
        at="string",
        state="string?",
        fraction="number?",
    )
}
DELIVERY: Mapping[str, Schema] = {
    "Delivery": record(
        "A webhook and what became of it.",
        id="string",
        object={"const": "delivery"},
        job_id="string",
        url="string",
        told="string",
        state="string",
        changed_at="string",
        next_at="string?",
        tries={
            "type": "array",
            "items": record("One try.", number="integer", at="string", status="integer?", note="string", took_s="number"),
        },
    )
}
LIMITS: Schema = record(
    "What bounds it; null where nothing does.",
    per_second={"type": ["integer", "null"], "description": "Submits and uploads a second."},
    concurrency={"type": ["integer", "null"], "description": "Jobs that run at once; more of them wait in the queue."},
    daily_spend={"type": ["string", "null"], "description": "Dollars that may be held and charged for jobs of one day."},
    models={"type": "array", "items": {"type": "string"}, "description": "Ids of models, * for any rest; none for all."},
)


def listed(name: str, of: str, **beside: Schema | str) -> Mapping[str, Schema]:
    """The schema of a list, in the shape that all our lists have."""
    return {name: record("A page.", object={"const": "list"}, data=array(of), **beside)}


LIMIT = number("How many at most; 50 if not said.", 1, 200)
LAST_EVENT = words("The id of the last event that was read, to go on after it.")
