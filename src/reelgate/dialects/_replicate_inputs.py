"""What models at Replicate take: a family for each way of naming the same things, and which of our endpoints is which model there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from reelgate.domain.errors import Fault, InvalidInput
from reelgate.domain.media import Foreign, Media, Shot, VideoInput


@dataclass(frozen=True, slots=True)
class Family:
    """Inputs of one shape, written from our words and read back."""

    write: Callable[[VideoInput, str], dict[str, Any]]
    read: Callable[[Mapping[str, Any]], VideoInput]


MODELS: Mapping[str, str] = {
    "fal-ai/kling-video/v2.1/standard/image-to-video": "kwaivgi/kling-v2.1/standard",
    "fal-ai/kling-video/v2.1/pro/image-to-video": "kwaivgi/kling-v2.1/pro",
    "fal-ai/kling-video/v2.5-turbo/pro/text-to-video": "kwaivgi/kling-v2.5-turbo-pro",
    "fal-ai/kling-video/v2.5-turbo/pro/image-to-video": "kwaivgi/kling-v2.5-turbo-pro",
    "fal-ai/kling-video/v3/standard/text-to-video": "kwaivgi/kling-v3-video/standard",
    "fal-ai/kling-video/v3/pro/text-to-video": "kwaivgi/kling-v3-video/pro",
    "fal-ai/veo3": "google/veo-3",
    "fal-ai/veo3/image-to-video": "google/veo-3",
    "fal-ai/veo3.1": "google/veo-3.1",
    "fal-ai/veo3.1/image-to-video": "google/veo-3.1",
    "fal-ai/veo3.1/first-last-frame-to-video": "google/veo-3.1",
    "fal-ai/veo3.1/fast": "google/veo-3.1-fast",
    "fal-ai/veo3.1/fast/image-to-video": "google/veo-3.1-fast",
    "fal-ai/veo3.1/fast/first-last-frame-to-video": "google/veo-3.1-fast",
}
"""Endpoint to OWNER/NAME, with a mode behind it where the model has modes."""

_RESOLUTION_OF_MODE = {"standard": "720p", "pro": "1080p"}


def family_of(model: str) -> Family:
    """By the model's name; one that is not known is spoken to as most are: prompt, first and last picture, seconds, shape."""
    name = "/".join(model.split("/")[:2])
    return FAMILIES.get(name, _PLAIN)


def _url(medium: Media) -> str:
    return medium.url if isinstance(medium, Foreign) else ""


def _medium(told: Any) -> Media | None:
    return Foreign(told) if isinstance(told, str) else None


def _frames(wanted: VideoInput, first: str, last: str) -> dict[str, Any]:
    body = {first: _url(wanted.first_frame)} if wanted.first_frame is not None else {}
    return body | ({last: _url(wanted.last_frame)} if wanted.last_frame is not None else {})


# -- Kling ---------------------------------------------------------------------------------------------------------------


def _write_kling(wanted: VideoInput, mode: str) -> dict[str, Any]:
    body: dict[str, Any] = {"prompt": wanted.prompt, "duration": wanted.seconds, **_frames(wanted, "start_image", "end_image")}
    body |= {"mode": mode} if mode else {}
    body |= {} if wanted.aspect_ratio == "auto" or wanted.first_frame is not None else {"aspect_ratio": wanted.aspect_ratio}
    body |= {"negative_prompt": wanted.negative_prompt} if wanted.negative_prompt else {}
    return body


def _read_kling(body: Mapping[str, Any], resolution: str = "1080p") -> VideoInput:
    return VideoInput(
        prompt=body.get("prompt", ""),
        negative_prompt=body.get("negative_prompt", ""),
        seconds=body["duration"],
        aspect_ratio=body.get("aspect_ratio", "auto"),
        resolution=_RESOLUTION_OF_MODE.get(body.get("mode", ""), resolution),
        first_frame=_medium(body.get("start_image")),
        last_frame=_medium(body.get("end_image")),
    )


def _write_kling3(wanted: VideoInput, mode: str) -> dict[str, Any]:
    body = {**_write_kling(wanted, mode), "generate_audio": wanted.sound}
    if wanted.shots:
        shots = [{"prompt": each.prompt, "duration": each.seconds} for each in wanted.shots]
        body["multi_prompt"] = orjson.dumps(shots).decode()  # a text that holds JSON, as its schema says
    return body


def _read_kling3(body: Mapping[str, Any]) -> VideoInput:
    shots = tuple(Shot(prompt=each["prompt"], seconds=each["duration"]) for each in orjson.loads(body.get("multi_prompt", "[]")))
    plain = _read_kling(body)
    return VideoInput(
        prompt=plain.prompt,
        negative_prompt=plain.negative_prompt,
        seconds=plain.seconds,
        aspect_ratio=plain.aspect_ratio,
        resolution=plain.resolution,
        sound=body["generate_audio"],
        first_frame=plain.first_frame,
        last_frame=plain.last_frame,
        shots=shots,
    )


# -- Veo -----------------------------------------------------------------------------------------------------------------


def _write_veo(wanted: VideoInput, mode: str) -> dict[str, Any]:
    del mode
    body: dict[str, Any] = {"prompt": wanted.prompt, "duration": wanted.seconds, "resolution": wanted.resolution}
    body |= {"generate_audio": wanted.sound, **_frames(wanted, "image", "last_frame")}
    body |= {} if wanted.aspect_ratio == "auto" else {"aspect_ratio": wanted.aspect_ratio}
    body |= {"negative_prompt": wanted.negative_prompt} if wanted.negative_prompt else {}
    return body | ({} if wanted.seed is None else {"seed": wanted.seed})


def _read_veo(body: Mapping[str, Any]) -> VideoInput:
    if body["resolution"] not in {"720p", "1080p"}:
        raise InvalidInput([Fault(path=("resolution",), message="it makes 720p and 1080p")])
    return VideoInput(
        prompt=body["prompt"],
        negative_prompt=body.get("negative_prompt", ""),
        seconds=body["duration"],
        aspect_ratio=body.get("aspect_ratio", "auto"),
        resolution=body["resolution"],
        sound=body["generate_audio"],
        seed=body.get("seed"),
        first_frame=_medium(body.get("image")),
        last_frame=_medium(body.get("last_frame")),
    )


_PLAIN = Family(_write_kling, _read_kling)
FAMILIES: Mapping[str, Family] = {
    "kwaivgi/kling-v2.1": _PLAIN,
    "kwaivgi/kling-v2.5-turbo-pro": _PLAIN,
    "kwaivgi/kling-v3-video": Family(_write_kling3, _read_kling3),
    "google/veo-3": Family(_write_veo, _read_veo),
    "google/veo-3.1": Family(_write_veo, _read_veo),
    "google/veo-3.1-fast": Family(_write_veo, _read_veo),
}
