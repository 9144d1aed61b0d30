"""What both generations of Kling's requests share: texts that may be anything, objects that came as JSON text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn, cast

from reelgate.domain.errors import Fault, InvalidInput
from reelgate.wire import _body

LONGEST_EXTERNAL_ID = 255
LONGEST_ADDRESS = 2048

Place = tuple[str | int, ...]


def text(body: Mapping[str, Any], place: Place) -> str:
    """The text at the end of a place of this body; empty if there is none, `InvalidInput` if it is no text."""
    value = body.get(str(place[-1]))
    if value is None:
        return ""
    if not isinstance(value, str):
        raise InvalidInput([Fault(path=place, message="Must be a text", kind="string_type")])
    return value


def short_text(body: Mapping[str, Any], place: Place, longest: int) -> str | None:
    """The same where a text has a greatest length; None if there is none."""
    value = text(body, place)
    if len(value) > longest:
        _refuse_length(place, longest)
    return value or None


def one_of(value: str | None, words: tuple[str, ...], place: Place) -> str:
    """One of these words; `InvalidInput` that lists them for anything else."""
    if value not in words:
        message = f"Must be one of: {', '.join(words)}"
        raise InvalidInput([Fault(path=place, message=message, kind="one_of", limits={"expected": list(words)})])
    return value


def unquoted(value: Any) -> Any:
    """An object or a list that came as JSON text, as itself; an empty text as nothing."""
    if not isinstance(value, str):
        return value
    if value[:8].lstrip()[:1] not in ("{", "["):
        return value or None
    try:
        return _body.read_body(b'{"value":' + value.encode() + b"}")["value"]
    except InvalidInput:
        return value


def object_in(body: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """The object of this name, also where it came as JSON text; empty if there is none."""
    value = unquoted(body.get(name))
    return cast("Mapping[str, Any]", value) if isinstance(value, dict) else {}


def wants_watermark(body: Mapping[str, Any]) -> bool:
    """Whether `watermark_info` asks for a second copy with a watermark."""
    return object_in(body, "watermark_info").get("enabled") not in _NO


_NO = (None, False, 0, "", "0", "false", "False", "off", "no")


def _refuse_length(place: Place, longest: int) -> NoReturn:
    message = f"Must have at most {longest} character(s)"
    raise InvalidInput([Fault(path=place, message=message, kind="sequence_too_long", limits={"max_length": longest})])
