"""Kling's path of 2026 `omni-video`: one prompt with pictures, elements and a video of any purpose, in Kling's words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from reelgate.catalog._fields import ShapeOfPicture, check_address, number_as_text, optional
from reelgate.catalog._kling_own import OwnPicture, unsupported
from reelgate.catalog._omni import MOST, MOST_WITH_VIDEO, SOURCE_VIDEO
from reelgate.catalog._words import Means, Part, Words
from reelgate.catalog._words2026 import (
    CONTENT_2026,
    MEANS_NATIVE_SOUND,
    First,
    Last,
    LongPrompt,
    MultiShot,
    NamedElement,
    ThreeToFifteenSeconds,
    contents_field,
    seconds_as_number,
    settings_field,
)
from reelgate.domain.media import VideoInput

_Id = Annotated[
    str,
    BeforeValidator(number_as_text),
    Field(title="Id", description="The name by which the prompt speaks of it, after an @.", max_length=255, examples=["image_1"]),
]
_ThreeToTenSeconds = Annotated[
    Literal[3, 4, 5, 6, 7, 8, 9, 10],
    BeforeValidator(seconds_as_number),
    Field(title="Duration", description="Length of the video in seconds.", examples=[5]),
    Means("seconds"),
]


class _NamedFirst(First):
    """The picture that a video begins with."""

    id: _Id = ""


class _NamedLast(Last):
    """The picture that a video ends with."""

    id: _Id = ""


class _NamedPicture(BaseModel):
    """A picture of something that should appear."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)

    url: OwnPicture
    id: _Id = ""


class _NamedVideo(BaseModel):
    """A video to change or to take after."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)

    url: Annotated[
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
    id: _Id = ""


_LIGHTHOUSE = {"url": "https://example.com/pictures/lighthouse.jpg"}
_FILM = {"url": "https://example.com/videos/lighthouse.mp4", "id": "video_1"}


class _Contents(Part):
    """The prompt, and what it speaks of."""

    prompt: LongPrompt
    first_frame: Annotated[
        _NamedFirst | None,
        Field(
            title="First picture",
            description="The picture that the video begins with.",
            examples=[_LIGHTHOUSE],
            json_schema_extra=optional,
        ),
    ] = None
    last_frame: Annotated[
        _NamedLast | None,
        Field(
            title="Last picture",
            description="The picture that the video ends with; needs a first one.",
            examples=[_LIGHTHOUSE],
            json_schema_extra=optional,
        ),
    ] = None
    refer_image: Annotated[
        tuple[_NamedPicture, ...],
        Field(
            title="Pictures",
            description="Pictures of what should appear; seven with the elements, four beside a video.",
            max_length=MOST,
            examples=[[_LIGHTHOUSE]],
        ),
    ] = ()
    feature_video: Annotated[
        _NamedVideo | None,
        Field(title="Video", description="A video to take after.", examples=[_FILM], json_schema_extra=optional),
    ] = None
    base_video: Annotated[
        _NamedVideo | None,
        Field(title="Video to change", description="A video to change.", examples=[_FILM], json_schema_extra=optional),
    ] = None
    element: Annotated[
        tuple[NamedElement, ...],
        Field(
            title="Elements",
            description="People and things that should appear.",
            max_length=MOST,
            examples=[[{"element_id": "160", "id": "keeper"}]],
        ),
    ] = ()


class _SettingsO1(Part):
    """Settings of a silent video, or of one with the sound of the video that came with it."""

    duration: _ThreeToTenSeconds = 5
    aspect_ratio: ShapeOfPicture = None
    audio: Annotated[
        Literal["original", "off"],
        Field(title="Sound", description="original keeps the sound of the video that comes with the request.", examples=["off"]),
    ] = "off"


class _Settings3(Part):
    """Settings of a video with sound and several shots if wanted."""

    duration: ThreeToFifteenSeconds = 5
    aspect_ratio: ShapeOfPicture = None
    audio: Annotated[
        Literal["native", "original", "off"],
        Field(
            title="Sound",
            description="native makes a sound track; original keeps the sound of the video that comes with the request.",
            examples=["native"],
        ),
        MEANS_NATIVE_SOUND,
    ] = "off"
    multi_shot: MultiShot = True


_CONTENTS_EXAMPLE = {"prompt": "The beam sweeps over the sea.", "first_frame": _LIGHTHOUSE}


class Omni2026O1x720(Words):
    """Kling O1 at 720p: silent."""

    wire: ClassVar[str] = "kling2026"
    always: ClassVar[Mapping[str, Any]] = {"resolution": "720p"}
    refused: ClassVar[Mapping[str, str]] = CONTENT_2026

    contents: Annotated[_Contents, contents_field(_CONTENTS_EXAMPLE)]
    settings: Annotated[_SettingsO1, settings_field({"duration": 5})] = _SettingsO1()

    @model_validator(mode="after")
    def _together(self) -> Omni2026O1x720:
        _check(self.contents, self.settings.audio)
        return self


class Omni2026O1x1080(Omni2026O1x720):
    """Kling O1 at 1080p: silent."""

    always: ClassVar[Mapping[str, Any]] = {"resolution": "1080p"}


class Omni2026x720(Words):
    """Kling 3 Omni at 720p: with sound and several shots if wanted."""

    wire: ClassVar[str] = "kling2026"
    always: ClassVar[Mapping[str, Any]] = {"resolution": "720p"}
    refused: ClassVar[Mapping[str, str]] = CONTENT_2026

    contents: Annotated[_Contents, contents_field(_CONTENTS_EXAMPLE)]
    settings: Annotated[_Settings3, settings_field({"duration": 5})] = _Settings3()

    def wanted(self) -> VideoInput:
        wanted = super().wanted()
        if self.settings.audio != "original":
            return wanted
        mine = wanted.extras.get(self.wire, {})
        return replace(wanted, extras={self.wire: {**mine, "settings": {**mine.get("settings", {}), **_KEPT}}})

    @classmethod
    def spoken(cls, wanted: VideoInput) -> dict[str, Any]:
        body = super().spoken(wanted)
        if wanted.extras.get(cls.wire, {}).get("settings", {}).get("audio") == "original":
            body["settings"] |= _KEPT
        return body

    @model_validator(mode="after")
    def _together(self) -> Omni2026x720:
        _check(self.contents, self.settings.audio)
        return self


class Omni2026x1080(Omni2026x720):
    """Kling 3 Omni at 1080p: with sound and several shots if wanted."""

    always: ClassVar[Mapping[str, Any]] = {"resolution": "1080p"}


class Omni2026x4k(Omni2026x720):
    """Kling 3 Omni at 4k: with sound and several shots if wanted."""

    always: ClassVar[Mapping[str, Any]] = {"resolution": "4k"}


_KEPT = {"audio": "original"}  # that a sound is kept though none is made, only this wire can say: so it is an extra


def _check(said: _Contents, audio: str) -> None:
    """The rules between frames, pictures, elements, the video and the sound."""
    filmed = said.feature_video is not None or said.base_video is not None
    if said.feature_video is not None and said.base_video is not None:
        raise unsupported("contents.feature_video", "A video to take after and one to change exclude each other")
    if said.last_frame is not None and said.first_frame is None:
        raise unsupported("contents.last_frame", "A last picture needs a first one")
    if said.base_video is not None and said.first_frame is not None:
        raise unsupported("contents.first_frame", "A video that is changed has its own first and last picture")
    most = MOST_WITH_VIDEO if filmed else MOST
    if len(said.refer_image) + len(said.element) > most:
        raise unsupported("contents.refer_image", f"There may be {most} pictures and elements in all")
    if audio == "native" and filmed:
        raise unsupported("settings.audio", "No sound track is made beside a video; original keeps its own")
    if audio == "original" and not filmed:
        raise unsupported("settings.audio", "There is no video whose sound could be kept")
