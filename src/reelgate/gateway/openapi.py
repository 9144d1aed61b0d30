"""The OpenAPI document of an endpoint, from its input and output models, and a request that is an example of it."""

from __future__ import annotations

from typing import Any

from reelgate import __version__
from reelgate.contracts.endpoint import Endpoint, InputModel

_REF = "#/components/schemas/{model}"
_OFTEN_WANTED = ("prompt", "aspect_ratio")  # by rules between fields, which a schema does not tell


def describe(endpoint: Endpoint, base: str) -> dict[str, Any]:
    """An OpenAPI 3.1 document: submit, status, result and cancel of one endpoint."""
    wire, input_model = next(iter(endpoint.inputs.items()))
    output_model = endpoint.outputs[wire]
    schemas: dict[str, Any] = {}
    for name, schema in (
        ("Input", input_model.model_json_schema(ref_template=_REF)),
        ("Output", output_model.model_json_schema(ref_template=_REF)),
    ):
        schemas.update(schema.pop("$defs", {}))
        schemas[name] = schema
    schemas["QueueStatus"] = QUEUE_STATUS
    job = f"/{endpoint.app}/requests/{{request_id}}"
    return {
        "openapi": "3.1.0",
        "info": {"title": endpoint.title, "description": endpoint.description, "version": __version__},
        "servers": [{"url": base}],
        "security": [{"key": []}],
        "paths": {
            f"/{endpoint.id}": {"post": _operation("submit", "QueueStatus", body="Input")},
            f"{job}/status": {"get": _operation("status", "QueueStatus", parameters=[_ID, _LOGS])},
            job: {"get": _operation("result", "Output", parameters=[_ID])},
            f"{job}/cancel": {"put": _operation("cancel", "QueueStatus", parameters=[_ID])},
        },
        "components": {
            "schemas": schemas,
            "securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "Authorization", "description": "`Key …` or `Bearer …`"}},
        },
    }


def example_of(model: type[InputModel]) -> dict[str, Any]:
    """A body for this model: the first example of each field that it cannot do without."""
    schema = model.model_json_schema()
    wanted = {*schema.get("required", ()), *_OFTEN_WANTED}
    return {name: field["examples"][0] for name, field in schema["properties"].items() if name in wanted and field.get("examples")}


def _operation(name: str, answer: str, *, body: str = "", parameters: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": name,
        "responses": {"200": {"description": "OK", "content": _json(answer)}},
    }
    if body:
        operation["requestBody"] = {"required": True, "content": _json(body)}
    if parameters:
        operation["parameters"] = parameters
    return operation


def _json(model: str) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": _REF.format(model=model)}}}


_ID = {"name": "request_id", "in": "path", "required": True, "schema": {"type": "string"}}
_LOGS = {"name": "logs", "in": "query", "required": False, "schema": {"type": "integer", "enum": [0, 1]}}
QUEUE_STATUS = {
    "type": "object",
    "required": ["status", "request_id"],
    "properties": {
        "status": {"type": "string", "enum": ["IN_QUEUE", "IN_PROGRESS", "COMPLETED"]},
        "request_id": {"type": "string"},
        "response_url": {"type": "string"},
        "status_url": {"type": "string"},
        "cancel_url": {"type": "string"},
        "logs": {"type": ["array", "null"], "items": {"type": "object"}},
        "metrics": {"type": "object"},
        "queue_position": {"type": "integer"},
    },
}
