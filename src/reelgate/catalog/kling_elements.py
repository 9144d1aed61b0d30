"""Kling 1.6 from several pictures: people and things of one's own, under fal's ids and Kling's names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from reelgate.catalog._fields import FiveOrTen, NegativePrompt, PictureUrl, Prompt, Shape
from reelgate.catalog._kling import FAL, NEGATIVE, TYPES
from reelgate.catalog._kling_own import CONTENT, NO_CAMERA, NO_SCALE, ONE_SHOT, OwnPicture
from reelgate.catalog._words import Means, Words, read_media, write_media, write_medium
from reelgate.contracts.endpoint import Endpoint
from reelgate.domain.media import Foreign, Media
from reelgate.wire.fal import VideoOutput
from reelgate.wire.kling_task import KlingTask

_KEEPER = "https://example.com/pictures/keeper.jpg"


class _Picture(BaseModel):
    """One picture of the list."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)

    image: OwnPicture


def _read_pictures(pictures: Sequence[_Picture], field: str) -> tuple[Foreign, ...]:
    return tuple(Foreign(each.image, f"{field}.{number}.image") for number, each in enumerate(pictures))


def _write_pictures(media: Sequence[Media]) -> list[dict[str, str]]:
    return [{"image": write_medium(each)} for each in media]


class KlingElements720(Words):
    """Kling 1.6 Standard from one to four pictures: 720p."""

    always: ClassVar[Mapping[str, Any]] = {"resolution": "720p"}

    prompt: Prompt
    input_image_urls: Annotated[
        list[PictureUrl],
        Field(
            title="Pictures",
            description="One to four pictures of the people, things and places that should appear.",
            min_length=1,
            max_length=4,
            examples=[[_KEEPER]],
        ),
        Means("references", read_media, write_media),
    ]
    duration: FiveOrTen = "5"
    aspect_ratio: Shape = "16:9"
    negative_prompt: NegativePrompt = NEGATIVE


class KlingElements1080(KlingElements720):
    """Kling 1.6 Pro from one to four pictures: 1080p."""

    always: ClassVar[Mapping[str, Any]] = {"resolution": "1080p"}


class MultiImage720(Words):
    """Kling's multi-image2video in the mode std: 720p."""

    wire: ClassVar[str] = "kling"
    always: ClassVar[Mapping[str, Any]] = {"resolution": "720p"}
    ignored: ClassVar[Mapping[str, str]] = {**NO_CAMERA, **NO_SCALE, **ONE_SHOT}
    refused: ClassVar[Mapping[str, str]] = CONTENT

    prompt: Prompt
    image_list: Annotated[
        list[_Picture],
        Field(
            title="Pictures",
            description="One to four pictures of the people, things and places that should appear.",
            min_length=1,
            max_length=4,
            examples=[[{"image": _KEEPER}]],
        ),
        Means("references", _read_pictures, _write_pictures),
    ]
    negative_prompt: NegativePrompt = ""
    duration: FiveOrTen = "5"
    aspect_ratio: Shape = "16:9"


class MultiImage1080(MultiImage720):
    """Kling's multi-image2video in the mode pro: 1080p."""

    always: ClassVar[Mapping[str, Any]] = {"resolution": "1080p"}


ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        id=f"{FAL}/v1.6/standard/elements",
        title="Kling 1.6 Standard, from several pictures",
        description="People and things from one to four pictures, at 720p.",
        kind="reference-to-video",
        inputs={"fal": KlingElements720, "kling": MultiImage720},
        outputs={"fal": VideoOutput, "kling": KlingTask},
        source=TYPES,
        names={"kling": (("multi-image2video", "kling-v1-6", "std"),)},
    ),
    Endpoint(
        id=f"{FAL}/v1.6/pro/elements",
        title="Kling 1.6 Pro, from several pictures",
        description="People and things from one to four pictures, at 1080p.",
        kind="reference-to-video",
        inputs={"fal": KlingElements1080, "kling": MultiImage1080},
        outputs={"fal": VideoOutput, "kling": KlingTask},
        source=TYPES,
        names={"kling": (("multi-image2video", "kling-v1-6", "pro"),)},
    ),
)
