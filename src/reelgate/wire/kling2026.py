"""Kling's words, as requests of its generation of 2026 say them: the model in the path, `settings`, `options`, and `contents[]`.

`contents` is a list of typed parts, `{"type": "first_frame", "url": …}`. Inside, it is one object by the parts' types, where the
types that may be repeated hold lists: so a part is known by its type ("contents.first_frame.url"), wherever it stood. A prompt
is read from `text`; a medium from `url`, or leniently from a field of the type's own name, `image`, `video`, `image_url` or
`video_url`. A prompt may stand in `contents` or beside it, on every path.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from reelgate.contracts.endpoint import InputModel
from reelgate.domain.errors import Fault, InvalidInput
from reelgate.domain.media import Dropped, VideoInput
from reelgate.wire import _body
from reelgate.wire._body import Speaker, read_body
from reelgate.wire._kling_body import LONGEST_ADDRESS, LONGEST_EXTERNAL_ID, object_in, one_of, short_text, text, unquoted, wants_watermark

__all__ = ["read_body", "read_callback", "read_external_id", "read_input", "read_name", "read_watermark", "write_input"]

_RESOLUTIONS = ("720p", "1080p", "4k")
_READ_BY_THE_WIRE = frozenset({"options"})
_OPTIONS = frozenset({"callback_url", "external_task_id", "watermark_info"})
_ONE = ("prompt", "first_frame", "last_frame", "feature_video", "base_video", "image", "video")
_MANY = ("refer_image", "element", "voice")
_IN_ORDER = ("prompt", "first_frame", "last_frame", "image", "refer_image", "video", "feature_video", "base_video", "element", "voice")
_MEDIA = frozenset({"first_frame", "last_frame", "refer_image", "feature_video", "base_video", "image", "video"})
_ADDRESSES = ("image_url", "video_url", "image", "video")


def read_name(capability: str, model: str, body: Mapping[str, Any]) -> tuple[str, str, str]:
    """By which name the catalog knows what is asked for: the path's two words and the resolution.

    720p if not said; but what 2.6 and 2.5 Turbo make at 1080p only, which is 2.6's sound and a last picture, is made so.
    `InvalidInput` if the resolution is none.
    """
    said = text(object_in(body, "settings"), ("settings", "resolution")).lower()
    if said:
        return capability, model, one_of(said, _RESOLUTIONS, ("settings", "resolution"))
    return capability, model, "1080p" if _needs_1080p(model, body) else "720p"


def read_callback(body: Mapping[str, Any]) -> str | None:
    """The address that wants to be told of every change."""
    return short_text(object_in(body, "options"), ("options", "callback_url"), LONGEST_ADDRESS)


def read_external_id(body: Mapping[str, Any]) -> str | None:
    """The caller's own id of the task."""
    return short_text(object_in(body, "options"), ("options", "external_task_id"), LONGEST_EXTERNAL_ID)


def read_watermark(body: Mapping[str, Any]) -> bool:
    """Whether the caller wants a copy with a watermark beside the video."""
    return wants_watermark(object_in(body, "options"))


def read_input(model: type[InputModel], body: Mapping[str, Any]) -> tuple[VideoInput, tuple[Dropped, ...]]:
    """Validate a body and say it in our own words, with what did nothing; `InvalidInput` with every fault at once."""
    given = dict(body)
    ignored = [
        Dropped(field=f"options.{name[:64]}", reason="there is no such option")
        for name in object_in(body, "options")
        if name not in _OPTIONS
    ]
    settings = unquoted(given.get("settings"))
    if isinstance(settings, dict):
        given["settings"] = {name: value for name, value in cast("dict[str, Any]", settings).items() if name != "resolution"}
    parts = unquoted(given.pop("contents", None))
    if parts is not None:
        given["contents"] = _fold(parts, ignored)
    _place_prompt(model, given)
    wanted, dropped = _body.read_input(model, given, _READ_BY_THE_WIRE)
    return wanted, (*ignored, *dropped)


def write_input(model: Speaker, wanted: VideoInput) -> dict[str, Any]:
    """The body that `read_input` reads as `wanted`, with its resolution."""
    body = model.spoken(wanted)
    body["settings"] = {"resolution": wanted.resolution, **body.get("settings", {})}
    if "contents" in body:
        body["contents"] = _unfold(body["contents"])
    return body


def _needs_1080p(model: str, body: Mapping[str, Any]) -> bool:
    if model not in ("kling-2.6", "kling-2.5-turbo"):
        return False
    if model == "kling-2.6" and object_in(body, "settings").get("audio") == "native":
        return True
    parts = unquoted(body.get("contents"))
    return isinstance(parts, list) and any(_type_of(part) == "last_frame" for part in cast("list[Any]", parts))


# -- parts by their types ------------------------------------------------------------------------------------------------


def _fold(parts: Any, ignored: list[Dropped]) -> dict[str, Any]:
    if not isinstance(parts, list):
        raise InvalidInput([Fault(path=("contents",), message="Must be a list", kind="list_type")])
    folded: dict[str, Any] = {}
    faults: list[Fault] = []
    for number, part in enumerate(cast("list[Any]", parts)):
        name = _type_of(part)
        if name is None:
            faults.append(Fault(path=("contents", number), message="Must be an object with a type", kind="dict_type"))
        elif name in _MANY:
            folded.setdefault(name, []).append(_value_of(name, part))
        elif name not in _ONE:
            ignored.append(Dropped(field=f"contents.{number}", reason="there is no part of this type"))
        elif name in folded:
            faults.append(Fault(path=("contents", number), message="There may be one part of this type", kind="sequence_too_long"))
        else:
            folded[name] = _value_of(name, part)
    if faults:
        raise InvalidInput(faults)
    return folded


def _type_of(part: Any) -> str | None:
    name = cast("dict[str, Any]", part).get("type") if isinstance(part, dict) else None
    return name if isinstance(name, str) and name else None


def _value_of(name: str, part: Mapping[str, Any]) -> Any:
    if name == "prompt":
        return part.get("text", part.get("prompt"))
    value = {field: each for field, each in part.items() if field != "type"}
    if name in _MEDIA and "url" not in value:
        for field in (name, *_ADDRESSES):
            if field in value:
                value["url"] = value.pop(field)
                break
    return value


def _unfold(folded: Mapping[str, Any]) -> list[dict[str, Any]]:
    parts: list[dict[str, Any]] = []
    for name in _IN_ORDER:
        if name in folded:
            values = folded[name] if name in _MANY else [folded[name]]
            parts += [{"type": name, "text": each} if name == "prompt" else {"type": name, **each} for each in values]
    return parts


def _place_prompt(model: type[InputModel], given: dict[str, Any]) -> None:
    """Put the prompt where this model has it, beside the contents or among them."""
    contents = given.get("contents")
    if "contents" in model.model_fields:
        if "prompt" in given:
            prompt = given.pop("prompt")
            given["contents"] = {"prompt": prompt, **(contents or {})}
    elif contents is not None:
        prompt = contents.pop("prompt", None)
        if given.get("prompt") in (None, ""):
            given["prompt"] = prompt
