"""Kling's lip-sync: a mouth in a video moves to a sound or to a text, under fal's ids and Kling's names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from reelgate.catalog._fields import SourceVideo, check_address, number_as_text, optional, optional_address
from reelgate.catalog._kling import FAL, TYPES
from reelgate.catalog._kling_own import MaybeOwnSound, unsupported
from reelgate.catalog._own_video import MaybeVideoId, MaybeVideoUrl
from reelgate.catalog._shots import missing
from reelgate.catalog._words import Means, Medium, Part, Words
from reelgate.contracts.endpoint import Endpoint
from reelgate.wire.fal import VideoOutput
from reelgate.wire.kling_task import KlingTask

_SPEECH = "https://example.com/sounds/keeper.mp3"
_VIDEO = "https://example.com/videos/keeper.mp4"
_LOUD: Mapping[str, Any] = {"sound": True}

_Text = Annotated[
    str,
    Field(title="Text", description="What is said.", min_length=1, max_length=120, examples=["The light has never gone out."]),
    Means("prompt"),
]
_VoiceId = Annotated[
    str,
    BeforeValidator(number_as_text),
    Field(title="Voice", description="The name of the voice.", min_length=1, max_length=255, examples=["narrator-calm"]),
]
_Language = Annotated[Literal["zh", "en"], Field(title="Language", description="The language of the voice.", examples=["en"])]
_Speed = Annotated[
    float,
    Field(title="Speed", description="How fast it is said; 1 is usual.", ge=0.8, le=2, allow_inf_nan=False, examples=[1]),
]


class FalLipSyncSound(Words):
    """Kling's lip-sync of a video to a sound."""

    always: ClassVar[Mapping[str, Any]] = _LOUD

    video_url: SourceVideo
    audio_url: Annotated[
        str,
        AfterValidator(check_address),
        Field(title="Sound", description="An http(s) address or a data URI.", examples=[_SPEECH], json_schema_extra={"format": "uri"}),
        Medium(),
    ]


class FalLipSyncText(Words):
    """Kling's lip-sync of a video to a text."""

    always: ClassVar[Mapping[str, Any]] = _LOUD

    video_url: SourceVideo
    text: _Text
    voice_id: _VoiceId
    voice_language: _Language = "en"
    voice_speed: _Speed = 1


class _Mouth(Part):
    """The video whose mouth moves."""

    video_id: MaybeVideoId = None
    video_url: MaybeVideoUrl = None


class _Saying(_Mouth):
    """The video, and the text that is said in it."""

    mode: Annotated[
        Literal["text2video"], Field(title="Mode", description="Always text2video: the mouth moves to a text.", examples=["text2video"])
    ]
    text: _Text
    voice_id: _VoiceId
    voice_language: _Language = "zh"
    voice_speed: _Speed = 1


class _Hearing(_Mouth):
    """The video, and the sound that is heard in it."""

    mode: Annotated[
        Literal["audio2video"], Field(title="Mode", description="Always audio2video: the mouth moves to a sound.", examples=["audio2video"])
    ]
    audio_type: Annotated[
        Literal["file", "url"] | None,
        Field(
            title="Kind of sound",
            description="file for a sound in base64, url for an address.",
            examples=["url"],
            json_schema_extra=optional,
        ),
    ] = None
    audio_file: MaybeOwnSound = None
    audio_url: Annotated[
        Annotated[str, AfterValidator(check_address)] | None,
        Field(title="Sound", description="An http(s) address.", examples=[_SPEECH], json_schema_extra=optional_address),
        Medium(),
    ] = None


class _LipSync(Words):
    """What both ways of lip-sync share."""

    wire: ClassVar[str] = "kling"
    always: ClassVar[Mapping[str, Any]] = _LOUD


def _check_video(said: _Mouth) -> None:
    if said.video_id is None and said.video_url is None:
        raise missing("input.video_id", "Field required: the id of a video, or its address in video_url")
    if said.video_id is not None and said.video_url is not None:
        raise unsupported("input.video_url", "The id of a video and an address exclude each other")


class LipSyncText(_LipSync):
    """Kling's lip-sync of a video to a text."""

    input: Annotated[
        _Saying,
        Field(
            title="Input",
            description="The video and the text.",
            examples=[{"video_url": _VIDEO, "mode": "text2video", "text": "The light has never gone out.", "voice_id": "narrator-calm"}],
        ),
    ]

    @model_validator(mode="after")
    def _one_video(self) -> LipSyncText:
        _check_video(self.input)
        return self


class LipSyncSound(_LipSync):
    """Kling's lip-sync of a video to a sound."""

    input: Annotated[
        _Hearing,
        Field(
            title="Input",
            description="The video and the sound.",
            examples=[{"video_url": _VIDEO, "mode": "audio2video", "audio_type": "url", "audio_url": _SPEECH}],
        ),
    ]

    @model_validator(mode="after")
    def _one_video_one_sound(self) -> LipSyncSound:
        said = self.input
        _check_video(said)
        if said.audio_file is not None and said.audio_url is not None:
            raise unsupported("input.audio_url", "A sound in base64 and an address exclude each other")
        given = "file" if said.audio_file is not None else "url"
        if said.audio_file is None and said.audio_url is None:
            raise missing(f"input.audio_{said.audio_type or 'url'}", "Field required: a sound")
        if said.audio_type not in (None, given):
            raise missing(f"input.audio_{said.audio_type}", "Field required with this audio_type")
        return self


# No price: it is a rate for each five seconds of a video whose length nobody knows when the job is accepted.
ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        id=f"{FAL}/lipsync/audio-to-video",
        title="Kling Lip-sync to a sound",
        description="A mouth in a video moves to a sound.",
        kind="lip-sync",
        inputs={"fal": FalLipSyncSound, "kling": LipSyncSound},
        outputs={"fal": VideoOutput, "kling": KlingTask},
        source=TYPES,
        names={"kling": (("lip-sync", "", "audio2video"),)},
    ),
    Endpoint(
        id=f"{FAL}/lipsync/text-to-video",
        title="Kling Lip-sync to a text",
        description="A mouth in a video moves to a text, which a voice of the vendor says.",
        kind="lip-sync",
        inputs={"fal": FalLipSyncText, "kling": LipSyncText},
        outputs={"fal": VideoOutput, "kling": KlingTask},
        source=TYPES,
        names={"kling": (("lip-sync", "", "text2video"),)},
    ),
)
