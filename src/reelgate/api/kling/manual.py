"""What Kling's routes are for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from reelgate.contracts.endpoint import Catalog
from reelgate.gateway.manual import REF, Manual, Operation, Schema, number, record, ref, words
from reelgate.gateway.openapi import example_of
from reelgate.wire.kling_task import Form, KlingTask

_REFUSALS = (400, 401, 403, 404, 413, 429, 503)
_PAGE = {"pageNum": number("Which page.", 1, 1000), "pageSize": number("Of how many; 30 if not said.", 1, 500)}
_IDS = {"task_ids": words("Up to 20 ids, comma-separated."), "external_task_ids": words("The same by the caller's own ids; one of both.")}
_SENT = (400, 404, 413, 429)
_ANY: Mapping[str, Any] = {"type": "object"}


def write_manual(catalog: Catalog, legacy: Iterable[tuple[str, str, Form]], new: Iterable[tuple[str, str]], tasks: Iterable[str]) -> Manual:
    """Of the first generation's paths with their kinds and forms, the second's with their capabilities, and those of its queries."""
    legacy, new = [*legacy], [*new]
    operations = [
        *(each for path, kind, form in legacy for each in _legacy(path, kind, form)),
        *(
            Operation(f"POST {path}/{{model}}", f"Creates a task: {kind}.", {200: "KlingAnswer"}, _SENT, body=f"Kling2026.{kind}")
            for path, kind in new
        ),
        *(each for path in tasks for each in _tasks(path)),
    ]
    bodies = {_body(kind): _input(catalog, "kling", kind) for _, kind, _ in legacy}
    bodies |= {f"Kling2026.{kind}": _input(catalog, "kling2026", kind) for _, kind in new}
    return Manual(
        refusals=dict.fromkeys(_REFUSALS, "KlingRefusal"),
        words={"task_id": "The id of a task, ours or the caller's own.", "model": "A model of this path."},
        schemas={**_schemas(), **bodies},
        operations=operations,
    )


def _legacy(path: str, kind: str, form: Form) -> Iterator[Operation]:
    one, many = ("KlingTask", "KlingTasks") if form is Form.FLAT else ("KlingAnswer", "KlingAnswers")
    yield Operation(f"POST {path}", f"Creates a task: {kind}.", {200: one}, _SENT, body=_body(kind))
    yield Operation(f"GET {path}", "The account's tasks of this kind, newest first.", {200: many}, (400,), query=_PAGE)
    yield Operation(f"GET {path}/{{task_id}}", "One task.", {200: one}, (400,))


def _tasks(path: str) -> Iterator[Operation]:
    yield Operation(f"GET {path}", "Tasks by their ids.", {200: "KlingAnswers"}, (400,), query=_IDS)
    yield Operation(f"POST {path}", "Tasks between two instants.", {200: "KlingAnswers"}, (400, 413), body="Kling2026Query")


def _body(kind: str) -> str:
    return f"Kling.{kind.replace('/', '.')}"


def _input(catalog: Catalog, wire: str, kind: str) -> Schema:
    """Any model's of a path, with an example of the first."""
    found = [(each, name) for each in catalog for name in each.names.get(wire, ()) if name[0] == kind]
    example = example_of(found[0][0].inputs[wire]) if found else {}
    if found and wire == "kling":
        example = {**{field: word for field, word in zip(("model_name", "mode"), found[0][1][1:], strict=True) if word}, **example}
    return {
        "type": "object",
        "description": "The task, by the words of its model: GET /v1/models lists the names.",
        "examples": [example] if example else [],
    }


def _schemas() -> Mapping[str, Schema]:
    task = KlingTask.model_json_schema(ref_template=REF)
    parts = task.pop("$defs")
    parts["KlingTaskObject"]["required"].remove("task_result")  # the answer to a create has none
    flat = {name: task["properties"][name] for name in ("object", "code", "message", "request_id")}
    top = {"code": {"const": 0}, "message": "string", "request_id": "string"}
    return {
        **parts,
        "KlingTask": task,
        "KlingTasks": record("A page of tasks.", **flat, data={"type": "array", "items": ref("KlingTaskObject")}),
        "KlingAnswer": record("A task, in the vendor's envelope.", **top, data=_ANY),
        "KlingAnswers": record("Tasks, in the vendor's envelope.", **top, data={"type": "array", "items": _ANY}),
        "KlingRefusal": record("What went wrong, by the vendor's numbers.", code="integer", message="string", request_id="string"),
        "Kling2026Query": {
            "type": "object",
            "description": "Which tasks.",
            "properties": {
                "start_time": number("Seconds or milliseconds since 1970.", 0, 253_402_300_799_000),
                "end_time": number("Seconds or milliseconds since 1970.", 0, 253_402_300_799_000),
                "cursor": words("The next_cursor of the page before."),
                "limit": number("How many at most; 30 if not said.", 1, 500),
            },
        },
    }
