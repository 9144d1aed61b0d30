"""Reads what strangers send: bytes to an object, an object to an input, and all that is wrong with it at once.

Nothing here repeats a value that was sent: messages and limits come from the schema alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any, NamedTuple, NoReturn, Protocol, cast, get_args

import orjson
from pydantic import BaseModel, ValidationError
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


class Speaker(Protocol):
    """An input model that can also say an input in its own words."""

    def spoken(self, wanted: VideoInput) -> dict[str, Any]:
        """The body that reads as this input."""
        ...


def read_input(
    model: type[InputModel], body: Mapping[str, Any], known: frozenset[str] = frozenset()
) -> tuple[VideoInput, tuple[Dropped, ...]]:
    """Validate a body and say it in our own words, with the fields that did nothing.

    `known` are fields that the wire itself has read. An optional field that is null, an empty text, list or object counts as
    absent, at any depth. Raises `InvalidInput` with every fault at once.
    """
    sieve = _Sieve(known)
    given = dict(body) if model.whole else sieve.sift(_shape(model), body, "")
    faults = _refusals(model, sieve.unknown) if model.refused else []
    try:
        said = model.model_validate(given)
    except ValidationError as error:
        raise InvalidInput([*faults, *_faults(error)]) from None
    if faults:
        raise InvalidInput(faults)
    dropped = said.dropped()
    return said.wanted(), (*dropped, *_unknown(model, sieve.unknown)) if sieve.unknown else dropped


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


class _Shape(NamedTuple):
    """The fields of an object: which must be given, and which are objects or lists of objects themselves."""

    fields: frozenset[str]
    required: frozenset[str]
    inner: Mapping[str, _Shape]


@cache
def _shape(model: type[BaseModel]) -> _Shape:
    fields = model.model_fields
    inner = {name: _shape(found) for name, field in fields.items() if (found := _model_in(field.annotation)) is not None}
    return _Shape(frozenset(fields), frozenset(name for name, field in fields.items() if field.is_required()), inner)


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for each in get_args(annotation) if (found := _model_in(each)) is not None), None)


class _Sieve:
    """Takes from a body what a model knows and what was said, and keeps the rest by its dotted place."""

    def __init__(self, known: frozenset[str]) -> None:
        self._known = known
        self.unknown: dict[str, Any] = {}

    def sift(self, shape: _Shape, body: Mapping[str, Any], place: str) -> dict[str, Any]:
        """The fields of an object that were said; `place` is where it stands, with a dot at its end."""
        given: dict[str, Any] = {}
        for name, value in body.items():
            if name not in shape.fields:
                if place or name not in self._known:
                    self.unknown[f"{place}{name}"] = value
            elif name in shape.required or not _is_nothing(value):
                inner = shape.inner.get(name)
                given[name] = value if inner is None else self._sift_inner(inner, value, f"{place}{name}.")
        return given

    def _sift_inner(self, shape: _Shape, value: Any, place: str) -> Any:
        if isinstance(value, dict):
            return self.sift(shape, cast("dict[str, Any]", value), place)
        if isinstance(value, list):
            return [self._sift_inner(shape, each, f"{place}{number}.") for number, each in enumerate(cast("list[Any]", value))]
        return value


def _is_nothing(value: Any) -> bool:
    return value is None or value in ("", [], {})


def _asks_for_nothing(value: Any) -> bool:
    return _is_nothing(value) or value is False or (isinstance(value, str) and len(value) <= len("false") and value.lower() in _NO)


_NO = frozenset({"off", "false", "no"})


def _refusals(model: type[InputModel], unknown: Mapping[str, Any]) -> list[Fault]:
    """Faults of what this model does not make, where it is asked for."""
    return [
        Fault(path=_path(name), message=model.refused[name], kind="feature_not_supported")
        for name, value in unknown.items()
        if name in model.refused and not _asks_for_nothing(value)
    ]


def _unknown(model: type[InputModel], unknown: Mapping[str, Any]) -> list[Dropped]:
    """Name the unknown fields, but never answer with more than a caller could want to read."""
    ignored, refused = model.ignored, model.refused
    left = [name for name, value in unknown.items() if name not in refused and (name not in ignored or not _is_nothing(value))]
    dropped = [Dropped(field=_short(name), reason=ignored.get(name, "this endpoint has no such field")) for name in left[:_MAX_NAMED]]
    if len(left) > _MAX_NAMED:
        dropped.append(Dropped(field="…", reason=f"{len(left) - _MAX_NAMED} more fields that this endpoint does not have"))
    return dropped


def _path(dotted: str) -> tuple[str | int, ...]:
    return tuple(int(part) if part.isdecimal() and part.isascii() else part for part in dotted.split("."))


def _short(name: str) -> str:
    return name if len(name) <= _MAX_NAME_LENGTH else name[: _MAX_NAME_LENGTH - 1] + "…"


def _faults(error: ValidationError) -> list[Fault]:
    return [_fault(each) for each in error.errors(include_url=False, include_input=False)]


def _fault(error: ErrorDetails) -> Fault:
    context = error.get("ctx", {})
    at = context.get("at")
    path = error["loc"] if at is None else _path(at)
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
    expected = [word or number for word, number in re.findall(r"'([^']*)'|(\d+)", str(context["expected"]))]
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
