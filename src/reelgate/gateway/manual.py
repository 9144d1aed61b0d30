"""What the routes of a face are for, said once, beside the face: from manuals the OpenAPI document of the whole gateway is drawn.

A manual says what a table of routes cannot: words, parameters, bodies, answers. Schemas are JSON Schema under names that are
unique in the gateway; where another part of a manual wants one it names it, and a media type where it wants anything of that type.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias, runtime_checkable

from reelgate.gateway.face import Gateway

Schema: TypeAlias = Mapping[str, Any]
Status: TypeAlias = int | str
"""An HTTP status, or "default" where the answer is another route's."""

REF = "#/components/schemas/{model}"


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path.

    `call` is both, with the path as OpenAPI spells it: "GET /v1/jobs/{job_id}". `answers` tells for each status what comes: names
    of schemas and media types, with spaces between them; "" for no body. `refusals` are statuses that the manual's own table tells.
    """

    call: str
    words: str
    answers: Mapping[Status, str]
    refusals: tuple[int, ...] = ()
    query: Mapping[str, Schema] = field(default_factory=dict[str, Schema])
    headers: Mapping[str, Schema] = field(default_factory=dict[str, Schema])
    body: str = ""
    open: bool = False  # no key is asked for

    @property
    def method(self) -> str:
        """In capitals."""
        return self.call.partition(" ")[0]

    @property
    def path(self) -> str:
        """As OpenAPI spells it."""
        return self.call.partition(" ")[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Manual:
    """What one face serves.

    `refusals` is the face's table from statuses to the schemas of its refusals; the statuses in `always` may come of every
    operation that asks for a key. `words` tells of names in paths.
    """

    operations: Sequence[Operation]
    schemas: Mapping[str, Schema]
    refusals: Mapping[int, str] = field(default_factory=dict[int, str])
    always: tuple[int, ...] = (401, 403, 429, 503)
    words: Mapping[str, str] = field(default_factory=dict[str, str])


@runtime_checkable
class Described(Protocol):
    """A face that has a manual."""

    name: str

    def manual(self, gateway: Gateway) -> Manual:
        """What its routes are for."""
        ...


def words(description: str, /, **more: Any) -> Schema:
    """A text."""
    return {"type": "string", "description": description, **more}


def number(description: str, least: int, most: int) -> Schema:
    """A whole number between two others."""
    return {"type": "integer", "minimum": least, "maximum": most, "description": description}


def one_of(description: str, *choices: Any) -> Schema:
    """One of a few values."""
    return {"enum": [*choices], "description": description}


def record(description: str, /, **properties: Any) -> Schema:
    """An object in which all of these are there; a property is a schema, or the name of a JSON type, with `?` for one that may be null."""
    return {
        "type": "object",
        "description": description,
        "required": [*properties],
        "properties": {name: _property(each) for name, each in properties.items()},
    }


def array(items: str, description: str = "") -> Schema:
    """A list of things that have a schema."""
    return {"type": "array", "items": {"$ref": REF.format(model=items)}, **({"description": description} if description else {})}


def ref(model: str) -> Schema:
    """What another schema says."""
    return {"$ref": REF.format(model=model)}


def _property(said: Schema | str) -> Schema:
    if not isinstance(said, str):
        return said
    return {"type": [said[:-1], "null"]} if said.endswith("?") else {"type": said}
