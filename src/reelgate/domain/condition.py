"""When a rate applies: conditions on the fields of a VideoInput, as an operator writes them: `sound=true`, `seconds>=10`.

A field that holds media, a list or a table is asked whether it is there, or how many of them there are. `extras` are reached by
their names ("extras.kling.mode"), and `voices` stands for voices that were chosen anywhere in them, since every wire has its own
word for these.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Literal, TypeAlias, cast

from reelgate.domain.media import VideoInput

Operator: TypeAlias = Literal["=", "!=", "<", "<=", ">", ">="]
Value: TypeAlias = str | int | bool

PRESENT, ABSENT = "present", "absent"


@dataclass(frozen=True, slots=True)
class Condition:
    """One comparison. A value of another kind than the field's never applies: it is refused where it is read."""

    field: str
    operator: Operator
    value: Value

    def holds(self, wanted: VideoInput) -> bool:
        """Whether this input fulfils it."""
        found = _find(self.field, wanted)
        if self.value in (PRESENT, ABSENT) and self.field not in _TEXTS:
            return (_is_there(found) is (self.value == PRESENT)) is (self.operator == "=")
        if isinstance(found, (Mapping, Sequence)) and not isinstance(found, str):
            found = len(found)  # pyright: ignore[reportUnknownArgumentType]
        alike = type(found) is type(self.value) or (type(found) is float and type(self.value) is int)
        if self.operator in {"=", "!="}:
            return (alike and found == self.value) is (self.operator == "=")
        return alike and not isinstance(found, str) and _COMPARE[self.operator](found, self.value)

    def __str__(self) -> str:
        """As an operator writes it; `read_condition` reads it."""
        return f"{self.field}{self.operator}{_spelled(self.value)}"

    @property
    def words(self) -> str:
        """For a price list."""
        known = _WORDS.get(str(self))
        if known is not None:
            return known
        if self.field == "resolution" and self.operator == "=":
            return f"at {self.value}"
        return f"where {self.field} {_SIGNS[self.operator]} {_spelled(self.value)}"


def read_condition(text: str) -> Condition:
    """Read `FIELD OPERATOR VALUE`; `ValueError`, in words for an operator, for a field that is not there or a value of another kind."""
    match = _CONDITION.fullmatch(text.strip())
    if match is None:
        message = "a condition is a field, one of = != < <= > >=, and a value, such as sound=true or seconds>=10"
        raise ValueError(message)
    field, sign, value = match.group(1), cast("Operator", match.group(2)), match.group(3)
    kind = _kind_of(field)
    if kind is None:
        message = f"there is no field to price by of this name; there are {', '.join(sorted(_KINDS))} and extras.WIRE.NAME"
        raise ValueError(message)
    read = _read_value(value, kind)
    if read is None or (sign not in {"=", "!="} and type(read) is not int):
        message = f"{field} is compared with {_ALLOWED[kind]}" + ("" if kind in {"count", "number", "any"} else ", by = or !=")
        raise ValueError(message)
    return Condition(field, sign, read)


def dump_condition(condition: Condition) -> list[Value]:
    """As plain JSON values; `load_condition` reads it."""
    return [condition.field, condition.operator, condition.value]


def load_condition(written: Sequence[Any]) -> Condition:
    """Read what `dump_condition` wrote."""
    field, sign, value = written
    return Condition(field, sign, value)


def _find(field: str, wanted: VideoInput) -> Any:
    if field == "voices":
        return any(_names_voice(extras) for extras in wanted.extras.values()) or None
    first, _, rest = field.partition(".")
    found: Any = getattr(wanted, first)
    for name in rest.split(".") if rest else ():
        if not isinstance(found, Mapping):
            return None
        found = cast("Mapping[str, Any]", found).get(name)
    return found


def _is_there(found: Any) -> bool:
    return found is not None and found is not False and found != "" and not (isinstance(found, (Mapping, Sequence)) and len(found) == 0)  # pyright: ignore[reportUnknownArgumentType]


def _names_voice(value: Any) -> bool:
    """Whether a voice is chosen anywhere inside an extra, whatever the wire calls the list of them."""
    if isinstance(value, Mapping):
        parts = cast("Mapping[str, Any]", value)
        return any(name in _VOICE_NAMES or _names_voice(each) for name, each in parts.items() if each)
    return isinstance(value, list) and any(_names_voice(each) for each in cast("list[Any]", value))


def _kind_of(field: str) -> str | None:
    if field in _KINDS:
        return _KINDS[field]
    return "any" if re.fullmatch(r"extras(\.[A-Za-z0-9_-]+)+", field) else None


def _read_value(text: str, kind: str) -> Value | None:
    if kind in {"media", "count", "table", "any"} and text in {PRESENT, ABSENT}:
        return text
    if kind in {"switch", "any"} and text in {"true", "false"}:
        return text == "true"
    if kind in {"number", "count", "any"} and re.fullmatch(r"-?[0-9]{1,15}", text):
        return int(text)
    if kind == "number" and text in {PRESENT, ABSENT}:
        return text
    if kind in {"text", "any"} and text.isprintable() and text:
        return text
    return None


def _spelled(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


_CONDITION = re.compile(r"([A-Za-z][A-Za-z0-9_.-]*)\s*(!=|<=|>=|=|<|>)\s*(\S(?:.*\S)?)")
_VOICE_NAMES = frozenset({"voice_id", "voice_ids"})
_KIND_OF_TYPE = {
    "str": "text",
    "int": "number",
    "int | None": "number",
    "float | None": "number",
    "bool": "switch",
    "Media | None": "media",
    "tuple[Media, ...]": "count",
    "tuple[Shot, ...]": "count",
}
_KINDS: Mapping[str, str] = {
    **{each.name: _KIND_OF_TYPE[str(each.type)] for each in fields(VideoInput) if each.name != "extras"},
    "voices": "table",
}
_TEXTS = frozenset(name for name, kind in _KINDS.items() if kind == "text")
_ALLOWED = {
    "text": "a text",
    "number": "a whole number, present or absent",
    "switch": "true or false",
    "media": "present or absent",
    "count": "a whole number (how many there are), present or absent",
    "table": "present or absent",
    "any": "true, false, a whole number, a text, present or absent",
}
_WORDS = {
    "sound=true": "with sound",
    "sound=false": "without sound",
    "source_video=present": "with a video",
    "voices=present": "with chosen voices",
    "last_frame=present": "with a last picture",
}
_SIGNS = {"=": "is", "!=": "is not", "<": "<", "<=": "≤", ">": ">", ">=": "≥"}
_COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}

WITH_SOUND = Condition("sound", "=", True)  # noqa: FBT003 -- the value itself
