"""Kling's own path `omni-video`: one prompt with pictures, elements and a video of any purpose, in Kling's words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from reelgate.catalog._fields import MEANS_BARE_SECONDS, Prompt, ShapeOfPicture, bare_seconds_as_text, check_address, optional
from reelgate.catalog._kling_own import (
    CONTENT,
    NO_CAMERA,
    NO_NEGATIVE,
    NO_SCALE,
    ONE_SHOT,
    ElementById,
    picture_or_address,
    unsupported,
    yes_or_no,
)
from reelgate.catalog._shots import missing
from reelgate.catalog._text2video import ShotsOfOnesOwn
from reelgate.catalog._words import Medium, Words

MOST, MOST_WITH_VIDEO = 7, 4
_PART_OF_TYPE = {"first_frame": "first_frame", "end_frame": "last_frame"}

ThreeToTen = Annotated[
    Literal["3", "4", "5", "6", "7", "8", "9", "10"],
    BeforeValidator(bare_seconds_as_text),
    Field(title="Duration", description="Length of the video in seconds.", examples=["5"]),
    MEANS_BARE_SECONDS,
]


def _frame(picture: Mapping[str, Any]) -> str:
    return _PART_OF_TYPE.get(picture.get("type", ""), "")


def _source_video(_video: Mapping[str, Any]) -> str:
    return "source_video"


SOURCE_VIDEO = Medium(_source_video)


class OmniPicture(BaseModel):
    """A picture: what the video begins or ends with, or something that should appear."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)

    image_url: Annotated[
        str,
        AfterValidator(picture_or_address),
        Field(
            title="Picture",
            description="An http(s) address, or a jpg or png file in base64.",
            examples=["https://example.com/pictures/lighthouse.jpg"],
            json_schema_extra={"format": "uri"},
        ),
        Medium(_frame),
    ]
    type: Annotated[
        Literal["first_frame", "end_frame"] | None,
        Field(
            title="Type",
            description="Whether the video begins or ends with it; neither if not given.",
            examples=["first_frame"],
            json_schema_extra=optional,
        ),
    ] = None


class OmniVideo(BaseModel):
    """A video: what is changed, or what is taken after."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)

    video_url: Annotated[
        str,
        AfterValidator(check_address),
        Field(
            title="Video",
            description="An http(s) address of an mp4 or mov file.",
            examples=["https://example.com/videos/lighthouse.mp4"],
            json_schema_extra={"format": "uri"},
        ),
        SOURCE_VIDEO,
    ]
    refer_type: Annotated[
        Literal["base", "feature"],
        Field(title="Purpose", description="base to change this video, feature to take after it.", examples=["feature"]),
    ] = "base"
    keep_original_sound: Annotated[
        Literal["yes", "no"] | None,
        BeforeValidator(yes_or_no),
        Field(title="Its sound", description="Whether to keep the sound of the video.", examples=["yes"], json_schema_extra=optional),
    ] = None


_Pictures = Annotated[
    tuple[OmniPicture, ...],
    Field(
        title="Pictures",
        description="Up to seven pictures, four beside a video; the prompt speaks of them as <<<image_1>>> and so on.",
        max_length=MOST,
        examples=[[{"image_url": "https://example.com/pictures/lighthouse.jpg", "type": "first_frame"}]],
    ),
]
_Elements = Annotated[
    tuple[ElementById, ...],
    Field(
        title="Elements",
        description="People and things that should appear, by their numbers at the vendor; the prompt speaks of <<<element_1>>>.",
        max_length=MOST,
        examples=[[{"element_id": 160}]],
    ),
]
_Videos = Annotated[
    tuple[OmniVideo, ...],
    Field(
        title="Video",
        description="A video to change or to take after; the prompt speaks of it as <<<video_1>>>.",
        max_length=1,
        examples=[[{"video_url": "https://example.com/videos/lighthouse.mp4", "refer_type": "feature"}]],
    ),
]


class OmniO1x720(Words):
    """Kling's omni-video by O1 in the mode std: 720p, silent."""

    wire: ClassVar[str] = "kling"
    always: ClassVar[Mapping[str, Any]] = {"resolution": "720p"}
    ignored: ClassVar[Mapping[str, str]] = {**NO_CAMERA, **NO_SCALE, **NO_NEGATIVE, **ONE_SHOT}
    refused: ClassVar[Mapping[str, str]] = CONTENT

    prompt: Prompt
    duration: ThreeToTen = "5"
    aspect_ratio: ShapeOfPicture = None
    image_list: _Pictures = ()
    element_list: _Elements = ()
    video_list: _Videos = ()

    @model_validator(mode="after")
    def _together(self) -> OmniO1x720:
        check_omni(self)
        return self


class OmniO1x1080(OmniO1x720):
    """Kling's omni-video by O1 in the mode pro: 1080p, silent."""

    always: ClassVar[Mapping[str, Any]] = {"resolution": "1080p"}


class Omni3x720(ShotsOfOnesOwn):
    """Kling's omni-video by 3 Omni in the mode std: 720p, with sound and several shots if wanted."""

    always: ClassVar[Mapping[str, Any]] = {"resolution": "720p"}
    ignored: ClassVar[Mapping[str, str]] = {**NO_CAMERA, **NO_SCALE, **NO_NEGATIVE}

    aspect_ratio: ShapeOfPicture = None
    image_list: _Pictures = ()
    element_list: _Elements = ()
    video_list: _Videos = ()

    @model_validator(mode="after")
    def _together(self) -> Omni3x720:
        check_omni(self)
        if self.video_list and self.sound == "on":
            raise unsupported("sound", "No sound track is made beside a video; keep_original_sound keeps its own")
        return self


class Omni3x1080(Omni3x720):
    """Kling's omni-video by 3 Omni in the mode pro: 1080p, with sound and several shots if wanted."""

    always: ClassVar[Mapping[str, Any]] = {"resolution": "1080p"}


class Omni3x4k(Omni3x720):
    """Kling's omni-video by 3 Omni in the mode 4k, with sound and several shots if wanted."""

    always: ClassVar[Mapping[str, Any]] = {"resolution": "4k"}


def check_omni(said: OmniO1x720 | Omni3x720) -> None:
    """The rules between pictures, elements, the video and the shape."""
    frames = [each.type for each in said.image_list if each.type is not None]
    if len(frames) != len(set(frames)):
        raise unsupported("image_list", "There may be one first_frame and one end_frame")
    if "end_frame" in frames and "first_frame" not in frames:
        raise unsupported("image_list", "An end_frame needs a first_frame")
    most = MOST_WITH_VIDEO if said.video_list else MOST
    if len(said.image_list) + len(said.element_list) > most:
        raise unsupported("image_list", f"There may be {most} pictures and elements in all")
    if frames and any(each.refer_type == "base" for each in said.video_list):
        raise unsupported("image_list", "A video that is changed has its own first and last picture")
    if said.aspect_ratio is None and not frames and not said.video_list:
        raise missing("aspect_ratio", "Field required where there is neither a first picture nor a video")
