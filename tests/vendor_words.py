"""What a vendor's generated client says of calls and of answers, closed to everything that it does not say."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from email.parser import BytesHeaderParser
from email.policy import HTTP
from functools import cache
from inspect import get_annotations
from typing import Any, Required, get_origin, get_type_hints

import orjson
from pydantic import BaseModel, ConfigDict, ValidationError, create_model

FORM, JSON = "multipart/form-data", "application/json"


class Strange(Exception):
    """A call that the vendor's client does not make like this, with the status that it is answered."""

    def __init__(self, status: int, words: str) -> None:
        self.status = status
        super().__init__(words)


class Undescribed(Exception):
    """An answer with a field that the vendor's model does not have."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the mock says."""

    status: int
    body: bytes = b""
    media_type: str = JSON


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One call as it arrived."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    @property
    def media_type(self) -> str:
        """Of the body; "" where there is none, whatever a header says of it."""
        return self.headers.get("content-type", "").partition(";")[0] if self.body else ""


def described(model: type[BaseModel], told: Mapping[str, Any], status: int = 200) -> Answer:
    """An answer as the vendor's model has it: `ValidationError` for a value of another type, `Undescribed` for a name that it has not."""
    body = orjson.dumps(told)
    more = sorted(_more(model.model_validate_json(body, strict=True)))
    if more:
        raise Undescribed(f"{model.__name__} has no {', '.join(more)}")
    return Answer(status, body)


@cache
def closed_model(takes: type | None, outside: tuple[str, ...] = ()) -> type[BaseModel]:
    """A model of a client's type of parameters that knows no other names; of nothing at all where there is no type."""
    if takes is None:
        return create_model("Nothing", __config__=ConfigDict(extra="forbid"))
    marked, plain = get_type_hints(takes, include_extras=True), get_type_hints(takes)
    fields: dict[str, Any] = {
        name: (plain[name], ... if get_origin(marked[name]) is Required else None) for name in plain if name not in outside
    }
    return create_model(takes.__name__, __config__=ConfigDict(extra="forbid", arbitrary_types_allowed=True), **fields)


def checked(read: Callable[[], BaseModel]) -> Mapping[str, Any]:
    """What a model reads; `Strange` with each field that it does not, and why."""
    try:
        return read().model_dump(exclude_unset=True)
    except ValidationError as error:
        wrong = {str(each["loc"][0]) if each["loc"] else "": each["type"] for each in error.errors(include_url=False)}
        raise Strange(400, "; ".join(f"{place}: {kind}" for place, kind in wrong.items())) from None


def read_form(asked: Asked) -> dict[str, Any]:
    """Texts, and files as the client's type of a file has them: name, content, media type."""
    boundary = asked.headers["content-type"].partition("boundary=")[2].strip('"')
    fields: dict[str, Any] = {}
    pieces = asked.body.split(f"--{boundary}".encode())
    for piece in pieces[1:-1]:
        head, _, content = piece.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        headers = BytesHeaderParser(policy=HTTP).parsebytes(head)
        name, file_name = (headers.get_param(each, header="content-disposition") for each in ("name", "filename"))
        content = content.removesuffix(b"\r\n")
        if str(name) in fields:
            raise Strange(400, f"{name} twice")
        fields[str(name)] = content.decode() if file_name is None else (str(file_name), content, headers.get_content_type())
    return fields


def _more(found: object) -> Iterator[str]:
    """Names inside an answer that no model has."""
    if isinstance(found, BaseModel):
        yield from () if "__pydantic_extra__" in get_annotations(type(found)) else (found.model_extra or {})  # it may say that it takes any
        for name in type(found).model_fields:
            yield from _more(getattr(found, name))
    elif isinstance(found, list):
        for each in found:  # pyright: ignore[reportUnknownVariableType]  # whatever a model holds
            yield from _more(each)  # pyright: ignore[reportUnknownArgumentType]
