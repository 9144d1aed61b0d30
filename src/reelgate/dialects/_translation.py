"""What an input loses on its way into a wire's words: it is written, read again, and compared with what it was."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, replace
from typing import Any

from reelgate.contracts.provider import Loss
from reelgate.domain.errors import InvalidInput
from reelgate.domain.media import Foreign, Media, VideoInput
from reelgate.wire.extras import translated

_TUNING = frozenset({"cfg_scale", "negative_prompt", "seed"})
_TUNING_EXTRAS = frozenset({"camera_control", "advanced_camera_control", "auto_fix", "safety_tolerance", "enhance_prompt", "shot_type"})
_NOTHING = VideoInput()
_TAKEN_FOR_GRANTED = {"cfg_scale": 0.5, "negative_prompt": "blur, distort, and low quality"}
"""What fal's and Kling's endpoints fill in where a caller says nothing: that it is not passed on is no loss of anybody's wish."""


def losses(
    write: Callable[[VideoInput], Mapping[str, Any]], read: Callable[[Mapping[str, Any]], VideoInput], wanted: VideoInput
) -> tuple[Loss, ...]:
    """The parts of an input that do not survive. `write` and `read` are those of one wire for one input model.

    What only tunes a video may be dropped with a word; all else is content (settled once for all endpoints). Whatever a tuning part
    that was not asked for reads as afterwards is no loss: that is the vendor's default.
    """
    asked = _with_plain_media(wanted)
    try:
        heard = _with_plain_media(read(write(asked)))
    except InvalidInput as error:
        parts = {str(fault.path[0]) if fault.path else "input" for fault in error.faults}
        return tuple(Loss(part=part, content=True) for part in sorted(parts))
    except (TypeError, ValueError, LookupError, AttributeError):  # a model that reads and cannot speak, too
        return (Loss(part="input", content=True),)
    return (*_lost_parts(asked, heard), *_lost_extras(asked, heard))


def _lost_parts(asked: VideoInput, heard: VideoInput) -> Iterator[Loss]:
    for each in fields(VideoInput):
        before, after = getattr(asked, each.name), getattr(heard, each.name)
        if each.name == "extras" or before == after or (each.name == "aspect_ratio" and before == "auto"):
            continue
        tunes = each.name in _TUNING or (each.name == "aspect_ratio" and asked.first_frame is not None)
        if tunes and (before == getattr(_NOTHING, each.name) or before == _TAKEN_FOR_GRANTED.get(each.name)):
            continue
        if each.name == "references" and _are_of_extras(asked):
            continue  # they are told with the extra that holds them
        yield Loss(part=each.name, content=not tunes)


def _lost_extras(asked: VideoInput, heard: VideoInput) -> Iterator[Loss]:
    for wire, extras in asked.extras.items():
        there = heard.extras.get(wire, {})
        for name, value in extras.items():
            if there.get(name) != value and not _said_otherwise(wire, name, value, heard):
                yield Loss(part=name, content=name not in _TUNING_EXTRAS)


def _said_otherwise(wire: str, name: str, value: Any, heard: VideoInput) -> bool:
    """Whether an extra has come through in another wire's words."""
    for other, there in heard.extras.items():
        said = translated(wire, name, value, other)
        if said and all(there.get(each) == inner for each, inner in said.items()):
            return True
    return False


def _are_of_extras(wanted: VideoInput) -> bool:
    return any(_holds_number(value) for extras in wanted.extras.values() for value in extras.values())


def _holds_number(value: Any) -> bool:
    if isinstance(value, dict):
        return any(_holds_number(each) for each in value.values())  # pyright: ignore[reportUnknownVariableType]
    if isinstance(value, list):
        return any(_holds_number(each) for each in value)  # pyright: ignore[reportUnknownVariableType]
    return isinstance(value, int) and not isinstance(value, bool)


def _with_plain_media(wanted: VideoInput) -> VideoInput:
    """The same with media that any wire can say and that do not tell which field they came by."""
    plain: dict[Media, Media] = {}
    for medium in wanted.media():
        if isinstance(medium, Foreign) and medium.url.startswith(_PLACE):
            plain[medium] = Foreign(medium.url)
        else:
            plain.setdefault(medium, Foreign(f"{_PLACE}{len(plain)}.jpg"))
    return replace(wanted.with_media(plain)) if plain else wanted


_PLACE = "https://media.invalid/"
