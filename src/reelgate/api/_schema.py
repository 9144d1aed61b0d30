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
JOB: Mapping[str, Schema] = {
    "Job": record(
        "A job, as its owner sees it; instants are ISO 8601.",
        id="string",
        object={"const": "job"},
        endpoint="string",
        state=one_of("Where it stands.", *(state.value for state in JobState)),
        face=words("By which protocol it came."),
        engine="string?",
        serving="string",
        test="boolean",
        position="integer?",
        created_at="string",
        started_at="string?",
        ended_at="string?",
        cancel_requested_at="string?",
        render_s="number?",
        deaths="integer",
        external_id="string?",
        cost=record("What it is charged.", amount=words("Dollars."), words="string"),
        dropped={"type": "array", "items": record("A field that did nothing.", field="string", reason="string")},
        failure=_MAYBE,
        video={"anyOf": [_VIDEO, {"type": "null"}]},
    )
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


def listed(name: str, of: str, **beside: Schema | str) -> Mapping[str, Schema]:
    """The schema of a list, in the shape that all our lists have."""
    return {name: record("A page.", object={"const": "list"}, data=array(of), **beside)}


LIMIT = number("How many at most; 50 if not said.", 1, 200)
LAST_EVENT = words("The id of the last event that was read, to go on after it.")
