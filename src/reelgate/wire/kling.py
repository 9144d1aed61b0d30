"""Kling's words, as requests of its first generation say them: names of models, modes, and the fields of each path.

The pages of resellers declare every value a text, so numbers, booleans and objects are taken as themselves and as text; the
text "false" is false and an empty text is nothing at all.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, cast

from reelgate.contracts.endpoint import InputModel
from reelgate.domain.media import Dropped, VideoInput
from reelgate.wire import _body
from reelgate.wire._body import Speaker, read_body
from reelgate.wire._kling_body import LONGEST_ADDRESS, LONGEST_EXTERNAL_ID, object_in, one_of, short_text, text, unquoted, wants_watermark

__all__ = ["read_body", "read_callback", "read_external_id", "read_input", "read_name", "read_watermark", "write_input"]


class _Default(NamedTuple):
    """What a path takes for granted; a path whose bodies name no model, or no mode, has an empty one in every name."""

    model_name: str
    mode: str


_OTHERWISE = _Default("kling-v1", "std")
_DEFAULTS: Mapping[str, _Default] = {
    "multi-image2video": _Default("kling-v1-6", "std"),
    "omni-video": _Default("kling-video-o1", "pro"),
    "motion-control": _Default("kling-v2-6", "std"),
    "avatar/image2video": _Default("", "std"),
    "video-extend": _Default("", ""),
    "effects": _Default("", ""),
    "lip-sync": _Default("", "audio2video"),
}
_MODES = ("std", "pro", "4k")
_MODES_OF_LIP_SYNC = ("text2video", "audio2video")
_PRESETS = frozenset({"simple", "down_back", "forward_up", "right_turn_forward", "left_turn_forward"})
_OBJECTS = ("camera_control", "multi_prompt", "dynamic_masks", "image_list", "video_list", "element_list", "voice_list", "input")
_READ_BY_THE_WIRE = frozenset({"model_name", "mode", "callback_url", "external_task_id", "watermark_info"})


def read_name(kind: str, body: Mapping[str, Any]) -> tuple[str, str, str]:
    """By which name the catalog knows what is asked for on the path `kind`: that, the model's name and the mode.

    "high" is another word for pro. `InvalidInput` if they cannot be read.
    """
    default = _DEFAULTS.get(kind, _OTHERWISE)
    if kind == "lip-sync":
        return kind, "", one_of(text(object_in(body, "input"), ("input", "mode")), _MODES_OF_LIP_SYNC, ("input", "mode"))
    name = default.model_name and (text(body, ("model_name",)) or default.model_name)
    return kind, name, default.mode and _mode(body, default.mode)


def read_callback(body: Mapping[str, Any]) -> str | None:
    """The address that wants to be told of every change."""
    return short_text(body, ("callback_url",), LONGEST_ADDRESS)


def read_external_id(body: Mapping[str, Any]) -> str | None:
    """The caller's own id of the task."""
    return short_text(body, ("external_task_id",), LONGEST_EXTERNAL_ID)


def read_watermark(body: Mapping[str, Any]) -> bool:
    """Whether the caller wants a copy with a watermark beside the video."""
    return wants_watermark(body)


def read_input(model: type[InputModel], body: Mapping[str, Any]) -> tuple[VideoInput, tuple[Dropped, ...]]:
    """Validate a body and say it in our own words, with what did nothing; `InvalidInput` with every fault at once."""
    given = dict(body)
    for name in _OBJECTS:
        if name in given:
            given[name] = unquoted(given[name])
    ignored: tuple[Dropped, ...] = ()
    camera = given.get("camera_control")
    if camera not in (None, {}, []) and not _is_move(camera):
        del given["camera_control"]
        ignored = (Dropped(field="camera_control", reason="no camera move of this type is known"),)
    wanted, dropped = _body.read_input(model, given, _READ_BY_THE_WIRE)
    return wanted, (*ignored, *dropped)


def write_input(model: Speaker, wanted: VideoInput) -> dict[str, Any]:
    """The body, but for the names of model and mode, that `read_input` reads as `wanted`."""
    return model.spoken(wanted)


def _mode(body: Mapping[str, Any], default: str) -> str:
    said = text(body, ("mode",)) or default
    return "pro" if said == "high" else one_of(said, _MODES, ("mode",))


def _is_move(camera: Any) -> bool:
    """Whether this can be meant as a camera move at all; generated samples have words in its place."""
    if not isinstance(camera, dict):
        return False
    parts = cast("dict[str, Any]", camera)
    kind = parts.get("type")
    return isinstance(kind, str) and kind in _PRESETS and not isinstance(parts.get("config"), str)
