"""Kling's words, as requests say them: names of models, modes, and the fields of each path.

The pages of resellers declare every value a text, so numbers, booleans and objects are taken as themselves and as text; the
text "false" is false and an empty text is nothing at all.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn, cast

from reelgate.contracts.endpoint import InputModel
from reelgate.domain.errors import Fault, InvalidInput
from reelgate.domain.media import Dropped, VideoInput
from reelgate.wire import _body
from reelgate.wire._body import read_body

__all__ = ["read_body", "read_callback", "read_external_id", "read_input", "read_name"]

_MODES = ("std", "pro", "4k")
_MODE_OF_WORD: Mapping[str, str] = {"": "std", "high": "pro", **{mode: mode for mode in _MODES}}
_PRESETS = frozenset({"simple", "down_back", "forward_up", "right_turn_forward", "left_turn_forward"})
_OBJECTS = ("camera_control", "multi_prompt", "watermark_info")
_READ_BY_THE_WIRE = frozenset({"model_name", "mode", "callback_url", "external_task_id"})
_LONGEST_EXTERNAL_ID = 255
_LONGEST_ADDRESS = 2048


# -- reading -------------------------------------------------------------------------------------------------------------


def read_name(body: Mapping[str, Any]) -> tuple[str, str]:
    """The model's name and the mode; "high" is another word for pro. `InvalidInput` if they cannot be read."""
    name = _text(body, "model_name") or "kling-v1"
    mode = _MODE_OF_WORD.get(_text(body, "mode"))
    if mode is None:
        message = f"Must be one of: {', '.join(_MODES)}"
        raise InvalidInput([Fault(path=("mode",), message=message, kind="one_of", limits={"expected": list(_MODES)})])
    return name, mode


def read_callback(body: Mapping[str, Any]) -> str | None:
    """The address that wants to be told of every change."""
    return _short_text(body, "callback_url", _LONGEST_ADDRESS)


def read_external_id(body: Mapping[str, Any]) -> str | None:
    """The caller's own id of the task."""
    return _short_text(body, "external_task_id", _LONGEST_EXTERNAL_ID)


def read_input(model: type[InputModel], body: Mapping[str, Any]) -> tuple[VideoInput, tuple[Dropped, ...]]:
    """Validate a body and say it in our own words, with what did nothing; `InvalidInput` with every fault at once."""
    given = dict(body)
    for name in _OBJECTS:
        given[name] = _unquoted(given.get(name))
        if given[name] is None:
            del given[name]
    if _asks_nothing(given.get("watermark_info")):
        del given["watermark_info"]
    ignored: tuple[Dropped, ...] = ()
    if "camera_control" in given and not _is_move(given["camera_control"]):
        del given["camera_control"]
        ignored = (Dropped(field="camera_control", reason="no camera move of this type is known"),)
    wanted, dropped = _body.read_input(model, given, _READ_BY_THE_WIRE)
    return wanted, (*ignored, *dropped)


def _text(body: Mapping[str, Any], name: str) -> str:
    value = body.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise InvalidInput([Fault(path=(name,), message="Must be a text", kind="string_type")])
    return value


def _short_text(body: Mapping[str, Any], name: str, longest: int) -> str | None:
    value = _text(body, name)
    if len(value) > longest:
        _refuse_length(name, longest)
    return value or None


def _refuse_length(name: str, longest: int) -> NoReturn:
    message = f"Must have at most {longest} character(s)"
    raise InvalidInput([Fault(path=(name,), message=message, kind="sequence_too_long", limits={"max_length": longest})])


def _unquoted(value: Any) -> Any:
    """An object or a list that came as JSON text, as itself; an empty text as nothing."""
    if not isinstance(value, str):
        return value
    if value.lstrip()[:1] not in ("{", "["):
        return value or None
    try:
        return _body.read_body(b'{"value":' + value.encode() + b"}")["value"]
    except InvalidInput:
        return value


def _is_move(camera: Any) -> bool:
    """Whether this can be meant as a camera move at all; generated samples have words in its place."""
    if not isinstance(camera, dict):
        return False
    parts = cast("dict[str, Any]", camera)
    return parts.get("type") in _PRESETS and not isinstance(parts.get("config"), str)


def _asks_nothing(watermark: Any) -> bool:
    if not isinstance(watermark, dict):
        return False
    return cast("dict[str, Any]", watermark).get("enabled") in (None, False, "false", "")
