"""What of an input changes nothing in a preview, field by field, and what a preview cannot pretend at all.

Pure and light: the API process asks before it accepts a job, and again when the video is there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast

from reelgate.domain.media import Dropped, VideoInput
from reelgate.engines.preview.brush import strokes_of
from reelgate.engines.preview.control import asked_move


def cannot_make(endpoint: str, wanted: VideoInput) -> str:
    """Empty, or why no preview of this input would be one: its point is footage that a preview does not work on."""
    if "omni-video" in endpoint.split("/") and wanted.source_video is not None:
        return "the preview engine neither changes a video nor takes after one"
    return ""


def left_over(wanted: VideoInput) -> tuple[Dropped, ...]:
    """The fields that change nothing, by the caller's names for them, each with the reason."""
    reasons = {name: reason for name, value in _said(wanted.extras) if (reason := _reason(name, value, wanted))}
    for field in _idle_media(wanted):
        if not any(field == name or field.startswith(f"{name}.") for name in reasons):
            reasons[field] = "the preview films one picture"
    if wanted.cfg_scale not in (None, _USUAL_SCALE) and not _paints(wanted):
        reasons["cfg_scale"] = "it weighs the words of a painted scene; this one films a picture"
    if wanted.prompt and wanted.shots:
        reasons["prompt"] = "the shots have prompts of their own"
    return tuple(Dropped(field=name, reason=reason) for name, reason in reasons.items())


def _said(extras: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[str, Any]]:
    """Every extra by its name; those inside an object of the body by the dotted one."""
    for said in extras.values():
        for name, value in said.items():
            if name in _OBJECTS:
                yield from ((f"{name}.{inner}", each) for inner, each in cast("Mapping[str, Any]", value).items())
            else:
                yield name, value


def _reason(name: str, value: Any, wanted: VideoInput) -> str:
    """Why an extra changes nothing; empty if it does, or asks for what happens anyway."""
    if name in _CAMERAS:
        return _camera_reason(name, wanted)
    if name in _BRUSHES:
        return "" if any(stroke.field == name for stroke in strokes_of(wanted)) else _brush_reason(wanted)
    if name == "shot_type":
        return "" if wanted.shots or value == "customize" else "the preview does not divide a prompt into shots"
    return "" if name in _USED else _REASONS.get(name, "the preview engine has no use for it")


def _camera_reason(name: str, wanted: VideoInput) -> str:
    first, last = _opens_on_picture(wanted), wanted.last_frame is not None
    if first and last and len(wanted.shots) <= 1:
        return "between two pictures the camera does not move"
    if name == "camera_control" and any("advanced_camera_control" in said for said in wanted.extras.values()):
        return "advanced_camera_control moves the camera"
    return "" if asked_move(wanted.extras) is not None else "it asks for no movement"


def _brush_reason(wanted: VideoInput) -> str:
    return "between two pictures nothing else moves" if wanted.last_frame is not None else "it marks nothing that moves or stays"


def _idle_media(wanted: VideoInput) -> Iterator[str]:
    if wanted.source_video is not None and wanted.first_frame is not None:
        yield wanted.first_frame.field
    filmed = 1 if wanted.source_video is None and wanted.first_frame is None else 0
    used = {stroke.mask for stroke in strokes_of(wanted)}
    yield from (medium.field or "references" for medium in wanted.references[filmed:] if medium not in used)


def _opens_on_picture(wanted: VideoInput) -> bool:
    return wanted.source_video is not None or wanted.first_frame is not None or bool(wanted.references)


def _paints(wanted: VideoInput) -> bool:
    """Whether a shot is painted from words: the opening picture is the first shot's, the closing one the last shot's."""
    pictures = _opens_on_picture(wanted) + (wanted.last_frame is not None)
    return pictures == 0 or len(wanted.shots) > pictures


_USUAL_SCALE = 0.5
_OBJECTS = frozenset({"settings", "contents", "input"})
_BRUSHES = frozenset({"static_mask", "static_mask_url", "dynamic_masks"})
_CAMERAS = frozenset({"camera_control", "advanced_camera_control"})
_USED = frozenset(
    {
        "multi_shot",
        "settings.multi_shot",
        "image_list",  # of its pictures one is filmed, and the others are named one by one
        "contents.refer_image",
        "contents.first_frame",
        "contents.last_frame",
    }
)
_ELEMENTS = "the preview puts nobody into the picture"
_VOICES = "the preview has one voice"
_REASONS: Mapping[str, str] = {
    "elements": _ELEMENTS,
    "element_list": _ELEMENTS,
    "contents.element": _ELEMENTS,
    "voice_ids": _VOICES,
    "voice_list": _VOICES,
    "contents.voice": _VOICES,
}
