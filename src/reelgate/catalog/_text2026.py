"""Kling's path of 2026 `text-to-video`: the inputs of its models, in Kling's words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from reelgate.catalog._fields import Prompt, Shape
from reelgate.catalog._words import Part, Words
from reelgate.catalog._words2026 import (
    ALWAYS_LOUD,
    SHOTS_IN_THE_PROMPT,
    TEXT_ONLY,
    Audio2026,
    FiveOrTenSeconds,
    LongPrompt,
    LoudAudio,
    MultiShot,
    ThreeToFifteenSeconds,
    settings_field,
)


class _SilentText(Part):
    """Settings of a silent video from text."""

    duration: FiveOrTenSeconds = 5
    aspect_ratio: Shape = "16:9"


class _AudioText(_SilentText):
    """Settings of a video from text, with sound if wanted."""

    audio: Audio2026 = "off"


class _ShotsText(Part):
    """Settings of a video from text, with sound and several shots if wanted."""

    duration: ThreeToFifteenSeconds = 5
    aspect_ratio: Shape = "16:9"
    audio: Audio2026 = "off"
    multi_shot: MultiShot = True


class _LoudText(Part):
    """Settings of a video from text that always has sound."""

    duration: ThreeToFifteenSeconds = 5
    aspect_ratio: Shape = "16:9"
    audio: LoudAudio = "native"


_EXAMPLE = {"duration": 5, "aspect_ratio": "16:9"}


class Text2026x720(Words):
    """Kling 2.5 Turbo and 2.6 from text at 720p: silent."""

    wire: ClassVar[str] = "kling2026"
    always: ClassVar[Mapping[str, Any]] = {"resolution": "720p"}
    refused: ClassVar[Mapping[str, str]] = TEXT_ONLY

    prompt: Prompt
    settings: Annotated[_SilentText, settings_field(_EXAMPLE)] = _SilentText()


class Text2026x1080(Text2026x720):
    """Kling 2.5 Turbo from text at 1080p: silent."""

    always: ClassVar[Mapping[str, Any]] = {"resolution": "1080p"}


class Text2026Audio1080(Words):
    """Kling 2.6 from text at 1080p: with sound if wanted."""

    wire: ClassVar[str] = "kling2026"
    always: ClassVar[Mapping[str, Any]] = {"resolution": "1080p"}
    refused: ClassVar[Mapping[str, str]] = TEXT_ONLY

    prompt: Prompt
    settings: Annotated[_AudioText, settings_field(_EXAMPLE)] = _AudioText()


class Text2026Shots720(Words):
    """Kling 3 from text at 720p: with sound and several shots if wanted."""

    wire: ClassVar[str] = "kling2026"
    always: ClassVar[Mapping[str, Any]] = {"resolution": "720p"}
    refused: ClassVar[Mapping[str, str]] = TEXT_ONLY

    prompt: LongPrompt
    settings: Annotated[_ShotsText, settings_field(_EXAMPLE)] = _ShotsText()


class Text2026Shots1080(Text2026Shots720):
    """Kling 3 from text at 1080p: with sound and several shots if wanted."""

    always: ClassVar[Mapping[str, Any]] = {"resolution": "1080p"}


class Text2026Shots4k(Text2026Shots720):
    """Kling 3 from text at 4k: with sound and several shots if wanted."""

    always: ClassVar[Mapping[str, Any]] = {"resolution": "4k"}


class Text2026Turbo720(Words):
    """Kling 3 Turbo from text at 720p: always with sound."""

    wire: ClassVar[str] = "kling2026"
    always: ClassVar[Mapping[str, Any]] = {"resolution": "720p", "sound": True}
    ignored: ClassVar[Mapping[str, str]] = SHOTS_IN_THE_PROMPT
    refused: ClassVar[Mapping[str, str]] = TEXT_ONLY

    prompt: LongPrompt
    settings: Annotated[_LoudText, settings_field(_EXAMPLE)] = _LoudText()

    def idle(self) -> Mapping[str, str]:
        return {**self.ignored, "settings.audio": ALWAYS_LOUD} if self.settings.audio == "off" else self.ignored


class Text2026Turbo1080(Text2026Turbo720):
    """Kling 3 Turbo from text at 1080p: always with sound."""

    always: ClassVar[Mapping[str, Any]] = {"resolution": "1080p", "sound": True}
