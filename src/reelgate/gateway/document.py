"""The OpenAPI document of the whole gateway, drawn from the manuals of its faces."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from reelgate import __version__
from reelgate.contracts.endpoint import Catalog
from reelgate.gateway.manual import REF, Manual, Operation, Status, words

_IN_BRACES = re.compile(r"\{([a-z_]+)\}")
_OTHER_PHRASES = {499: "The client took it back"}
_SECURITY = {
    "key": {
        "type": "apiKey",
        "in": "header",
        "name": "Authorization",
        "description": "`Key …` or `Bearer …`: a key; on Kling's routes also a token that an access key has signed.",
    }
}


def draw(manuals: Mapping[str, Manual], bare: Iterable[tuple[str, str, str]], catalog: Catalog, base: str) -> dict[str, Any]:
    """An OpenAPI 3.1 document. `bare` are face, method and path of routes that no manual tells of."""
    paths: dict[str, dict[str, Any]] = {}
    schemas: dict[str, Any] = {}
    for face, manual in manuals.items():
        for operation in manual.operations:
            _place(paths, operation.method, operation.path, _write(face, manual, operation))
        for name, schema in manual.schemas.items():
            if schemas.setdefault(name, schema) != schema:
                message = f"two schemas of the name {name}"
                raise ValueError(message)
    for face, method, path in bare:
        told = {"tags": [face], "operationId": _id(method, path), "responses": {"default": {"description": "Not described."}}}
        _place(paths, method, path, told | _parameters(path, {}, [], []))
    return {
        "openapi": "3.1.0",
        "info": {"title": "Reelgate", "version": __version__, "description": "One address and one key in front of every video model."},
        "servers": [{"url": base}],
        "externalDocs": {"url": f"{base}/v1/models", "description": "What can be called; each has a document of its own."},
        "security": [{"key": []}],
        "tags": [{"name": face} for face in manuals],
        "paths": dict(sorted(paths.items())),
        "components": {"schemas": dict(sorted(schemas.items())), "securitySchemes": _SECURITY},
        "x-reelgate-endpoints": {each.id: f"{base}/v1/models/{each.id}/openapi.json" for each in catalog},
    }


def _place(paths: dict[str, dict[str, Any]], method: str, path: str, told: dict[str, Any]) -> None:
    operations = paths.setdefault(path, {})
    if method.lower() in operations:
        message = f"{method} {path} is described twice"
        raise ValueError(message)
    operations[method.lower()] = told


def _write(face: str, manual: Manual, operation: Operation) -> dict[str, Any]:
    refusals = (*operation.refusals, *(() if operation.open else manual.always))
    answers = {**{status: manual.refusals[status] for status in refusals}, **operation.answers}
    told: dict[str, Any] = {
        "tags": [face],
        "operationId": _id(operation.method, operation.path),
        "summary": operation.words,
        "responses": {str(status): _answer(status, named) for status, named in sorted(answers.items(), key=lambda each: str(each[0]))},
    }
    if operation.open:
        told["security"] = []
    if operation.body:
        told["requestBody"] = {"content": _content(operation.body)}
    return told | _parameters(
        operation.path,
        manual.words,
        [{"name": name, "in": "query", "schema": schema} for name, schema in operation.query.items()],
        [{"name": name, "in": "header", "schema": schema} for name, schema in operation.headers.items()],
    )


def _parameters(path: str, said: Mapping[str, str], *others: Sequence[dict[str, Any]]) -> dict[str, Any]:
    named = [
        {"name": name, "in": "path", "required": True, "schema": words(said.get(name, ""), minLength=1)}
        for name in _IN_BRACES.findall(path)
    ]
    parameters = [*named, *(each for some in others for each in some)]
    return {"parameters": parameters} if parameters else {}


def _answer(status: Status, named: str) -> dict[str, Any]:
    phrase = "As that route answers" if isinstance(status, str) else _OTHER_PHRASES.get(status) or HTTPStatus(status).phrase
    return {"description": phrase, **({"content": _content(named)} if named else {})}


def _content(named: str) -> dict[str, Any]:
    return {
        (each if "/" in each else "application/json"): {"schema": {} if "/" in each else {"$ref": REF.format(model=each)}}
        for each in named.split()
    }


def _id(method: str, path: str) -> str:
    return "_".join([method.lower(), *re.findall(r"[A-Za-z0-9]+", path)])
