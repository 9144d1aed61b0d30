"""What our own answers look like is what they are said to look like."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from reelgate.api._schema import DELIVERY, EVENT, JOB, REFUSAL, listed
from reelgate.contracts.outbox import Delivery, DeliveryTry
from reelgate.domain.job import Event, JobState
from reelgate.domain.media import BlobRef, Video
from reelgate.wire.own import write_delivery, write_event, write_job
from tests.clock import BEGINNING
from tests.story import make_job

VIDEO = Video(source=BlobRef("ab" * 16), width=1280, height=720, fps=24, frames=120, sound=False, size_bytes=9)
TRY = DeliveryTry(number=1, at=BEGINNING, status=200, note="", took_s=0.1)
JOBS = [make_job("ada"), replace(make_job("ada"), video=VIDEO)]
EVENTS = [Event(sequence=1, job_id="j", kind="state", message="", level="INFO", at=BEGINNING, state=JobState.DONE)]
DELIVERIES = [
    Delivery(id="d", account="ada", job_id="j", face="fal", url="https://a.example", told=JobState.DONE, changed_at=BEGINNING, tries=(TRY,))
]


@pytest.mark.parametrize(
    ("schema", "written"),
    [
        *((JOB["Job"], write_job(job)) for job in JOBS),
        *((EVENT["Event"], write_event(event)) for event in EVENTS),
        *((DELIVERY["Delivery"], write_delivery(delivery)) for delivery in DELIVERIES),
    ],
)
def test_an_answer_has_the_fields_that_are_described(schema: dict[str, Any], written: dict[str, Any]) -> None:
    assert set(written) == set(schema["required"]) == set(schema["properties"])
    assert [name for name, value in written.items() if not _is_as_said(schema["properties"][name], value)] == []


def test_a_field_of_another_type_is_found() -> None:
    said = JOB["Job"]["properties"]
    assert not _is_as_said(said["deaths"], "0")
    assert not _is_as_said(said["video"], {"url": "http://a"})
    assert not _is_as_said(said["object"], "task")
    assert not _is_as_said(said["dropped"], None)


def test_a_list_has_the_shape_of_all_our_lists() -> None:
    told = listed("Jobs", "Job", next="string?")["Jobs"]
    assert told["required"] == ["object", "data", "next"]
    assert told["properties"]["data"] == {"type": "array", "items": {"$ref": "#/components/schemas/Job"}}


def test_a_refusal_has_a_code_and_a_message() -> None:
    assert REFUSAL["Refusal"]["properties"]["error"]["required"] == ["code", "message"]


_TYPES: dict[str, Any] = {
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "object": dict,
    "array": list,
    "null": type(None),
}


def _is_as_said(schema: dict[str, Any], value: Any) -> bool:
    """As much of JSON Schema as these schemas use."""
    if "anyOf" in schema:
        return any(_is_as_said(each, value) for each in schema["anyOf"])
    if "const" in schema or "enum" in schema:
        return value in schema.get("enum", [schema.get("const")])
    types = [schema["type"]] if isinstance(schema["type"], str) else schema["type"]
    if not any(isinstance(value, _TYPES[each]) and (each == "boolean" or not isinstance(value, bool)) for each in types):
        return False
    if isinstance(value, dict) and "properties" in schema:
        return set(schema["required"]) <= set(value) and all(_is_as_said(each, value[name]) for name, each in schema["properties"].items())
    return not isinstance(value, list) or all(_is_as_said(schema.get("items", {"type": "object"}), each) for each in value)
