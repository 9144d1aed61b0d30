"""Kling's path of 2026 `image-to-video`: the inputs of its models, in Kling's words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import Field, model_validator

from reelgate.catalog._kling_own import MaybeSomePrompt, unsupported
from reelgate.catalog._words import Part, Words
from reelgate.catalog._words2026 import (
    ALWAYS_LOUD,
    CONTENT_2026,
    FOLLOWS_FRAME,
    SHOTS_IN_THE_PROMPT,
    Audio2026,
    FiveOrTenSeconds,
    LoudAudio,
    MaybeLast,
    MaybeLongPrompt,
    MultiShot,
    NamedElement,
    NamedVoice,
    TheFirst,
    ThreeToFifteenSeconds,
    contents_field,
    settings_field,
)


class _Silent(Part):
    """Settings of a silent video from a picture."""

    duration: FiveOrTenSeconds = 5


class _Loudable(_Silent):
    """Settings of a video from a picture, with sound if wanted."""

    audio: Audio2026 = "off"


class _Shots(Part):
    """Settings of a video from a picture, with sound and several shots if wanted."""

    duration: ThreeToFifteenSeconds = 5
    audio: Audio2026 = "off"
    multi_shot: MultiShot = True


class _Loud(Part):
    """Settings of a video from a picture that always has sound."""

    duration: ThreeToFifteenSeconds = 5
    audio: LoudAudio = "native"


class _OnePicture(Part):
    """A prompt and a first picture."""

    prompt: MaybeSomePrompt = ""
    first_frame: TheFirst


class _TwoPictures(_OnePicture):
    """A prompt, a first picture and a last one."""

    last_frame: MaybeLast = None


class _Voices(_TwoPictures):
    """A prompt, one or two pictures, and voices."""

    voice: Annotated[
        tuple[NamedVoice, ...],
        Field(
            title="Voices",
            description="Up to two voices for the sound track; they raise the price a second.",
            max_length=2,
            examples=[[{"voice_id": "narrator-calm", "id": "keeper"}]],
        ),
    ] = ()


class _OneLongPrompt(Part):
    """A prompt and a first picture."""

    prompt: MaybeLongPrompt = ""
    first_frame: TheFirst


class _Elements(_OneLongPrompt):
    """A prompt, one or two pictures, and elements."""

    last_frame: MaybeLast = None
    element: Annotated[
        tuple[NamedElement, ...],
        Field(
            title="Elements",
            description="Up to three people and things that should appear.",
            max_length=3,
            examples=[[{"element_id": "160", "id": "keeper"}]],
        ),
    ] = ()


_LIGHTHOUSE = {"prompt": "The beam sweeps over the sea.", "first_frame": {"url": "https://example.com/pictures/lighthouse.jpg"}}


class Image2026x720(Words):
    """Kling 2.5 Turbo and 2.6 from a picture at 720p: silent."""

    wire: ClassVar[str] = "kling2026"
    always: ClassVar[Mapping[str, Any]] = {"resolution": "720p"}
    ignored: ClassVar[Mapping[str, str]] = FOLLOWS_FRAME
    refused: ClassVar[Mapping[str, str]] = CONTENT_2026

    contents: Annotated[_OnePicture, contents_field(_LIGHTHOUSE)]
    settings: Annotated[_Silent, settings_field({"duration": 5})] = _Silent()


class Image2026x1080(Words):
    """Kling 2.5 Turbo from one or two pictures at 1080p: silent."""

    wire: ClassVar[str] = "kling2026"
    always: ClassVar[Mapping[str, Any]] = {"resolution": "1080p"}
    ignored: ClassVar[Mapping[str, str]] = FOLLOWS_FRAME
    refused: ClassVar[Mapping[str, str]] = CONTENT_2026

    contents: Annotated[_TwoPictures, contents_field(_LIGHTHOUSE)]
    settings: Annotated[_Silent, settings_field({"duration": 5})] = _Silent()


class Image2026Audio1080(Words):
    """Kling 2.6 from one or two pictures at 1080p: with sound and voices, or with a last picture, if wanted."""

    wire: ClassVar[str] = "kling2026"
    always: ClassVar[Mapping[str, Any]] = {"resolution": "1080p"}
    ignored: ClassVar[Mapping[str, str]] = FOLLOWS_FRAME
    refused: ClassVar[Mapping[str, str]] = CONTENT_2026

    contents: Annotated[_Voices, contents_field(_LIGHTHOUSE)]
    settings: Annotated[_Loudable, settings_field({"duration": 5})] = _Loudable()

    @model_validator(mode="after")
    def _silent_or_not(self) -> Image2026Audio1080:
        if self.contents.last_frame is not None and self.settings.audio == "native":
            raise unsupported("contents.last_frame", "This model takes a last picture for silent videos only")
        if self.contents.voice and self.settings.audio == "off":
            raise unsupported("contents.voice", "Voices need the audio native")
        return self


class Image2026Shots720(Words):
    """Kling 3 from one or two pictures at 720p: with sound, several shots and elements if wanted."""

    wire: ClassVar[str] = "kling2026"
    always: ClassVar[Mapping[str, Any]] = {"resolution": "720p"}
    ignored: ClassVar[Mapping[str, str]] = FOLLOWS_FRAME
    refused: ClassVar[Mapping[str, str]] = CONTENT_2026

    contents: Annotated[_Elements, contents_field(_LIGHTHOUSE)]
    settings: Annotated[_Shots, settings_field({"duration": 5})] = _Shots()


class Image2026Shots1080(Image2026Shots720):
    """Kling 3 from one or two pictures at 1080p: with sound, several shots and elements if wanted."""

    always: ClassVar[Mapping[str, Any]] = {"resolution": "1080p"}


class Image2026Shots4k(Image2026Shots720):
    """Kling 3 from one or two pictures at 4k: with sound, several shots and elements if wanted."""

    always: ClassVar[Mapping[str, Any]] = {"resolution": "4k"}


class Image2026Turbo720(Words):
    """Kling 3 Turbo from a picture at 720p: always with sound."""

    wire: ClassVar[str] = "kling2026"
    always: ClassVar[Mapping[str, Any]] = {"resolution": "720p", "sound": True}
    ignored: ClassVar[Mapping[str, str]] = {**FOLLOWS_FRAME, **SHOTS_IN_THE_PROMPT}
    refused: ClassVar[Mapping[str, str]] = CONTENT_2026

    contents: Annotated[_OneLongPrompt, contents_field(_LIGHTHOUSE)]
    settings: Annotated[_Loud, settings_field({"duration": 5})] = _Loud()

    def idle(self) -> Mapping[str, str]:
        return {**self.ignored, "settings.audio": ALWAYS_LOUD} if self.settings.audio == "off" else self.ignored


class Image2026Turbo1080(Image2026Turbo720):
    """Kling 3 Turbo from a picture at 1080p: always with sound."""

    always: ClassVar[Mapping[str, Any]] = {"resolution": "1080p", "sound": True}
