"""Motion control: somebody in a picture moves as somebody in a video does, in the words of three wires."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from reelgate.catalog._element import Element
from reelgate.catalog._fields import FirstFrame, SourceVideo, check_address
from reelgate.catalog._kling_own import CONTENT, NO_CAMERA, NO_NEGATIVE, NO_SCALE, ElementById, MaybeSomePrompt, OwnFirst, yes_or_no
from reelgate.catalog._words import Means, Part, Words, read_medium, write_medium
from reelgate.catalog._words2026 import CONTENT_2026, First, NamedElement, contents_field, settings_field

_FOLLOWS_VIDEO: Mapping[str, str] = {
    "duration": "the video is as long as the one that it moves after",
    "aspect_ratio": "the video has the shape of its picture",
}


def _is_kept(value: str, _field: str) -> bool:
    return value in ("yes", "original")


def _write_yes(kept: bool) -> str:  # noqa: FBT001 -- the value of a field
    return "yes" if kept else "no"


def _write_original(kept: bool) -> str:  # noqa: FBT001 -- the value of a field
    return "original" if kept else "off"


_Orientation = Annotated[
    Literal["image", "video"],
    Field(
        title="Orientation",
        description="Whether the person is turned as in the picture, for 10 seconds at most, or as in the video, for 30.",
        examples=["video"],
    ),
]
_OwnVideo = Annotated[
    str,
    AfterValidator(check_address),
    Field(
        title="Video",
        description="The video that shows the motion: an http(s) address of an mp4 or mov file.",
        examples=["https://example.com/videos/dancer.mp4"],
        json_schema_extra={"format": "uri"},
    ),
    Means("source_video", read_medium, write_medium),
]

# -- fal -----------------------------------------------------------------------------------------------------------------


class FalMotion720(Words):
    """Kling's motion control, standard quality: 720p."""

    always: ClassVar[Mapping[str, Any]] = {"resolution": "720p"}

    image_url: FirstFrame
    video_url: SourceVideo
    character_orientation: _Orientation
    keep_original_sound: Annotated[
        bool,
        Field(title="Its sound", description="Whether to keep the sound of the video.", examples=[True]),
        Means("sound"),
    ] = True
    prompt: MaybeSomePrompt = ""


class FalMotion1080(FalMotion720):
    """Kling's motion control, pro quality: 1080p."""

    always: ClassVar[Mapping[str, Any]] = {"resolution": "1080p"}


class FalMotionElement720(FalMotion720):
    """Kling 3's motion control, standard quality: 720p, with an element if wanted."""

    elements: Annotated[
        tuple[Element, ...],
        Field(
            title="Elements",
            description="The face of one person, if the orientation is that of the video.",
            max_length=1,
            examples=[[{"frontal_image_url": "https://example.com/pictures/keeper.jpg"}]],
        ),
    ] = ()


class FalMotionElement1080(FalMotionElement720):
    """Kling 3's motion control, pro quality: 1080p, with an element if wanted."""

    always: ClassVar[Mapping[str, Any]] = {"resolution": "1080p"}


# -- Kling ---------------------------------------------------------------------------------------------------------------


class Motion720(Words):
    """Kling's motion-control by 2.6 in the mode std: 720p."""

    wire: ClassVar[str] = "kling"
    always: ClassVar[Mapping[str, Any]] = {"resolution": "720p"}
    ignored: ClassVar[Mapping[str, str]] = {**NO_CAMERA, **NO_SCALE, **NO_NEGATIVE, **_FOLLOWS_VIDEO}
    refused: ClassVar[Mapping[str, str]] = CONTENT

    image_url: OwnFirst
    video_url: _OwnVideo
    character_orientation: _Orientation
    keep_original_sound: Annotated[
        Literal["yes", "no"],
        BeforeValidator(yes_or_no),
        Field(title="Its sound", description="Whether to keep the sound of the video.", examples=["yes"]),
        Means("sound", _is_kept, _write_yes),
    ] = "yes"
    prompt: MaybeSomePrompt = ""


class Motion1080(Motion720):
    """Kling's motion-control by 2.6 in the mode pro: 1080p."""

    always: ClassVar[Mapping[str, Any]] = {"resolution": "1080p"}


class MotionElement720(Motion720):
    """Kling's motion-control by 3 in the mode std: 720p, with an element if wanted."""

    element_list: Annotated[
        tuple[ElementById, ...],
        Field(
            title="Elements",
            description="The person who moves, by its number at the vendor.",
            max_length=1,
            examples=[[{"element_id": 160}]],
        ),
    ] = ()


class MotionElement1080(MotionElement720):
    """Kling's motion-control by 3 in the mode pro: 1080p, with an element if wanted."""

    always: ClassVar[Mapping[str, Any]] = {"resolution": "1080p"}


# -- Kling, 2026 ---------------------------------------------------------------------------------------------------------


class _Video(Part):
    """The video that shows the motion."""

    url: _OwnVideo


class _Contents(Part):
    """Who moves, and how."""

    prompt: MaybeSomePrompt = ""
    image: Annotated[
        First,
        Field(title="Picture", description="Who moves.", examples=[{"url": "https://example.com/pictures/keeper.jpg"}]),
    ]
    video: Annotated[
        _Video,
        Field(title="Video", description="How to move.", examples=[{"url": "https://example.com/videos/dancer.mp4"}]),
    ]


class _ContentsWithElement(_Contents):
    """Who moves, and how, with an element."""

    element: Annotated[
        tuple[NamedElement, ...],
        Field(
            title="Element",
            description="The person who moves, by its number at the vendor.",
            max_length=1,
            examples=[[{"element_id": "160", "id": "keeper"}]],
        ),
    ] = ()


class _Settings(Part):
    """How the person is turned, and what is heard."""

    character_orientation: _Orientation
    audio: Annotated[
        Literal["original", "off"],
        Field(title="Sound", description="original keeps the sound of the video.", examples=["original"]),
        Means("sound", _is_kept, _write_original),
    ] = "original"


_EXAMPLE = {
    "prompt": "She dances on the gallery.",
    "image": {"url": "https://example.com/pictures/keeper.jpg"},
    "video": {"url": "https://example.com/videos/dancer.mp4"},
}


class Motion2026x720(Words):
    """Kling 2.6's motion control at 720p."""

    wire: ClassVar[str] = "kling2026"
    always: ClassVar[Mapping[str, Any]] = {"resolution": "720p"}
    ignored: ClassVar[Mapping[str, str]] = {f"settings.{name}": reason for name, reason in _FOLLOWS_VIDEO.items()}
    refused: ClassVar[Mapping[str, str]] = CONTENT_2026

    contents: Annotated[_Contents, contents_field(_EXAMPLE)]
    settings: Annotated[_Settings, settings_field({"character_orientation": "video"})]


class Motion2026x1080(Motion2026x720):
    """Kling 2.6's motion control at 1080p."""

    always: ClassVar[Mapping[str, Any]] = {"resolution": "1080p"}


class Motion2026Element720(Words):
    """Kling 3's motion control at 720p, with an element if wanted."""

    wire: ClassVar[str] = "kling2026"
    always: ClassVar[Mapping[str, Any]] = {"resolution": "720p"}
    ignored: ClassVar[Mapping[str, str]] = {f"settings.{name}": reason for name, reason in _FOLLOWS_VIDEO.items()}
    refused: ClassVar[Mapping[str, str]] = CONTENT_2026

    contents: Annotated[_ContentsWithElement, contents_field(_EXAMPLE)]
    settings: Annotated[_Settings, settings_field({"character_orientation": "video"})]


class Motion2026Element1080(Motion2026Element720):
    """Kling 3's motion control at 1080p, with an element if wanted."""

    always: ClassVar[Mapping[str, Any]] = {"resolution": "1080p"}
