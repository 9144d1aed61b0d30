"""Reads what strangers send: bytes to an object, an object to an input, and all that is wrong with it at once.

Nothing here repeats a value that was sent: messages and limits come from the schema alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any, NoReturn, cast

import orjson
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from reelgate.contracts.endpoint import InputModel
from reelgate.domain.errors import Fault, InvalidInput
from reelgate.domain.media import Dropped, VideoInput

MAX_DEPTH = 32
MAX_VALUES = 10_000
LARGEST = 1 << 63
_MAX_NAMED = 50
_MAX_NAME_LENGTH = 64


def read_body(raw: bytes) -> dict[str, Any]:
    """Read a JSON object; an empty body is an empty one.

    Raises `InvalidInput` with one fault at the body itself for anything that is no JSON object, that nests deeper than
    `MAX_DEPTH`, holds more than `MAX_VALUES` values, a number of `LARGEST` or beyond, or a NUL in a text.
    """
    if not raw.strip():
        return {}
    if raw.count(b",") > MAX_VALUES:
        _refuse(f"The body holds more than {MAX_VALUES} values")
    try:
        value: object = orjson.loads(raw)
    except orjson.JSONDecodeError:
        _refuse("The body is not valid JSON")
    if type(value) is not dict:
        _refuse("The body must be a JSON object")
    body = cast("dict[str, Any]", value)
    _check_size(body)
    if b"\\u0000" in raw:
        _check_text(body)
    return body


def read_input(
    model: type[InputModel], body: Mapping[str, Any], known: frozenset[str] = frozenset()
) -> tuple[VideoInput, tuple[Dropped, ...]]:
    """Validate a body and say it in our own words, with the fields that did nothing.

    `known` are fields that the wire itself has read. An optional field that is null or an empty text counts as absent.
    Raises `InvalidInput` with every fault at once.
    """
    fields, required = _names(model)
    given = {name: value for name, value in body.items() if name in fields and ((value is not None and value != "") or name in required)}
    try:
        said = model.model_validate(given)
    except ValidationError as error:
        raise InvalidInput(_faults(error)) from None
    if len(given) == len(body) and not model.ignored:
        return said.wanted(), ()
    unknown = [name for name in body if name not in fields and name not in known]
    return said.wanted(), (*said.dropped(), *_unknown(unknown))


def _refuse(message: str) -> NoReturn:
    raise InvalidInput([Fault(path=(), message=message)]) from None


def _check_size(body: dict[str, Any]) -> None:
    """Walk the values layer by layer, so that no depth of nesting can exhaust the stack."""
    layer: list[Any] = [body]
    depth = values = 0
    while layer:
        depth += 1
        if depth > MAX_DEPTH:
            _refuse(f"The body nests deeper than {MAX_DEPTH} levels")
        below: list[Any] = []
        for each in layer:
            values += len(each)
            if values > MAX_VALUES:
                _refuse(f"The body holds more than {MAX_VALUES} values")
            for value in cast("Iterable[Any]", each.values() if type(each) is dict else each):
                kind: object = value.__class__  # what the parser makes is never a subclass
                if kind is dict or kind is list:
                    below.append(value)
                elif (kind is int or kind is float) and not -LARGEST < value < LARGEST:
                    _refuse("The body holds a number that is too large")
        layer = below


def _check_text(value: Any) -> None:
    if isinstance(value, str):
        if "\0" in value:
            _refuse("The body holds a NUL character")
    elif isinstance(value, dict):
        for name, each in value.items():  # pyright: ignore[reportUnknownVariableType]
            _check_text(name)
            _check_text(each)
    elif isinstance(value, list):
        for each in value:  # pyright: ignore[reportUnknownVariableType]
            _check_text(each)


@cache
def _names(model: type[InputModel]) -> tuple[frozenset[str], frozenset[str]]:
    """The fields of a model, and those of them that must be given."""
    fields = model.model_fields
    return frozenset(fields), frozenset(name for name, field in fields.items() if field.is_required())


def _unknown(names: list[str]) -> list[Dropped]:
    """Name the unknown fields, but never answer with more than a caller could want to read."""
    dropped = [Dropped(field=_short(name), reason="this endpoint has no such field") for name in names[:_MAX_NAMED]]
    if len(names) > _MAX_NAMED:
        dropped.append(Dropped(field="…", reason=f"{len(names) - _MAX_NAMED} more fields that this endpoint does not have"))
    return dropped


def _short(name: str) -> str:
    return name if len(name) <= _MAX_NAME_LENGTH else name[: _MAX_NAME_LENGTH - 1] + "…"


def _faults(error: ValidationError) -> list[Fault]:
    return [_fault(each) for each in error.errors(include_url=False, include_input=False)]


def _fault(error: ErrorDetails) -> Fault:
    context = error.get("ctx", {})
    at = context.get("at")
    path = error["loc"] if at is None else (at,)
    read = _READ_KIND.get(error["type"])
    if read is None:
        return Fault(path=path, message=error["msg"], kind=error["type"])
    kind, message, limits = read(context)
    return Fault(path=path, message=message, kind=kind, limits=limits)


_Read = Callable[[Mapping[str, Any]], tuple[str, str, dict[str, Any]]]


def _bound(kind: str, limit: str, words: str) -> _Read:
    return lambda context: (kind, f"Must be {words} {context[limit]}", {limit: context[limit]})


def _length(kind: str, limit: str, words: str, unit: str) -> _Read:
    return lambda context: (kind, f"Must have at {words} {context[limit]} {unit}(s)", {limit: context[limit]})


def _type(kind: str, words: str) -> _Read:
    return lambda _context: (kind, f"Must be {words}", {})


def _one_of(context: Mapping[str, Any]) -> tuple[str, str, dict[str, Any]]:
    expected = re.findall(r"'([^']*)'", str(context["expected"]))
    return "one_of", f"Must be one of: {', '.join(expected)}", {"expected": expected}


def _missing(context: Mapping[str, Any]) -> tuple[str, str, dict[str, Any]]:
    return "missing", str(context.get("words", "Field required")), {}


_READ_KIND: Mapping[str, _Read] = {
    "missing": _missing,
    "literal_error": _one_of,
    "greater_than": _bound("greater_than", "gt", "greater than"),
    "greater_than_equal": _bound("greater_than_equal", "ge", "at least"),
    "less_than": _bound("less_than", "lt", "less than"),
    "less_than_equal": _bound("less_than_equal", "le", "at most"),
    "multiple_of": _bound("multiple_of", "multiple_of", "a multiple of"),
    "string_too_short": _length("sequence_too_short", "min_length", "least", "character"),
    "string_too_long": _length("sequence_too_long", "max_length", "most", "character"),
    "too_short": _length("sequence_too_short", "min_length", "least", "item"),
    "too_long": _length("sequence_too_long", "max_length", "most", "item"),
    "string_type": _type("string_type", "a text"),
    "bool_type": _type("bool_type", "true or false"),
    "bool_parsing": _type("bool_parsing", "true or false"),
    "int_type": _type("int_type", "a whole number"),
    "int_parsing": _type("int_parsing", "a whole number"),
    "int_from_float": _type("int_from_float", "a whole number"),
    "float_type": _type("float_type", "a number"),
    "float_parsing": _type("float_parsing", "a number"),
    "finite_number": _type("finite_number", "a finite number"),
    "list_type": _type("list_type", "a list"),
    "tuple_type": _type("list_type", "a list"),
    "dict_type": _type("dict_type", "an object"),
    "model_type": _type("dict_type", "an object"),
    "model_attributes_type": _type("dict_type", "an object"),
}
