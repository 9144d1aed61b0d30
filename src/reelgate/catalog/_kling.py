"""What the generations of Kling share: the inputs that most of its endpoints take, and its prices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar, cast

from reelgate.catalog._fields import (
    CfgScale,
    FirstFrame,
    FiveOrTen,
    MaybeLastFrame,
    NegativePrompt,
    Prompt,
    Shape,
    ShapeOfPicture,
)
from reelgate.catalog._words import Words
from reelgate.domain.media import VideoInput
from reelgate.domain.money import Money
from reelgate.domain.pricing import PerSecond, Price, Quote, Source

FAL = "fal-ai/kling-video"
TYPES = Source(text="fal's endpoint types, as its JavaScript client publishes them", as_of=date(2026, 8, 2))
EXTENDED = Source(
    text="fal's endpoint types, as its JavaScript client publishes them; aspect_ratio as a reseller of fal documents it",
    as_of=date(2026, 8, 2),
)
PRICES = Source(text="fal's model pages", as_of=date(2026, 8, 21))
VENDOR_PRICES = Source(text="Kling's price list: units a second at $0.14 a unit", as_of=date(2026, 10, 1))
KLING_DOCS = Source(text="Kling's API reference for text2video", as_of=date(2026, 10, 1))

NEGATIVE = "blur, distort, and low quality"


def per_second(rate: str, *, with_sound: str | None = None, source: Source = PRICES) -> Price:
    """So many dollars a second."""
    return _rates(rate, with_sound, source)


def with_voices(rate: str, *, with_sound: str, with_voices: str) -> Price:
    """So many dollars a second, more with sound, and most with chosen voices."""
    return WithVoices(plain=_rates(rate, with_sound, PRICES), with_voices=Money.dollars(with_voices))


def with_video(rate: str, *, with_sound: str | None = None, with_video: str) -> Price:
    """So many dollars a second by the vendor's list, more with sound, and another rate where a video comes with the request."""
    return WithVideo(plain=_rates(rate, with_sound, VENDOR_PRICES), with_video=Money.dollars(with_video))


def _rates(rate: str, with_sound: str | None, source: Source) -> PerSecond:
    sound = None if with_sound is None else Money.dollars(with_sound)
    return PerSecond(rate=Money.dollars(rate), with_sound=sound, source=source)


@dataclass(frozen=True, slots=True, kw_only=True)
class WithVoices:
    """A price a second that rises once more when the sound track has voices of the caller's choice."""

    plain: PerSecond
    with_voices: Money

    @property
    def source(self) -> Source:
        """Where the figures were found."""
        return self.plain.source

    def quote(self, wanted: VideoInput) -> Quote:
        if not (wanted.sound and _has_voices(wanted)):
            return self.plain.quote(wanted)
        return Quote(self.with_voices.times(wanted.seconds), f"{wanted.seconds} s × {self.with_voices}")

    def describe(self) -> str:
        return f"{self.plain.describe()}, {self.with_voices} with chosen voices"


def _has_voices(wanted: VideoInput) -> bool:
    return any(_names_voice(extras) for extras in wanted.extras.values())


def _names_voice(value: Any) -> bool:
    """Whether a voice is chosen anywhere inside an extra, whatever the wire calls the list of them."""
    if isinstance(value, Mapping):
        parts = cast("Mapping[str, Any]", value)
        return any(name in _VOICE_NAMES or _names_voice(each) for name, each in parts.items() if each)
    return isinstance(value, list) and any(_names_voice(each) for each in cast("list[Any]", value))


_VOICE_NAMES = frozenset({"voice_id", "voice_ids"})


@dataclass(frozen=True, slots=True, kw_only=True)
class WithVideo:
    """A price a second that is another where a video comes with the request."""

    plain: PerSecond
    with_video: Money

    @property
    def source(self) -> Source:
        """Where the figures were found."""
        return self.plain.source

    def quote(self, wanted: VideoInput) -> Quote:
        if wanted.source_video is None:
            return self.plain.quote(wanted)
        return Quote(self.with_video.times(wanted.seconds), f"{wanted.seconds} s × {self.with_video}")

    def describe(self) -> str:
        return f"{self.plain.describe()}, {self.with_video} with a video"


class KlingText720(Words):
    """Kling's video from text, standard quality: 720p."""

    always: ClassVar[Mapping[str, Any]] = {"resolution": "720p"}

    prompt: Prompt
    duration: FiveOrTen = "5"
    aspect_ratio: Shape = "16:9"
    negative_prompt: NegativePrompt = NEGATIVE
    cfg_scale: CfgScale = 0.5


class KlingText1080(KlingText720):
    """Kling's video from text, pro or master quality: 1080p."""

    always: ClassVar[Mapping[str, Any]] = {"resolution": "1080p"}


class KlingPicture720(Words):
    """Kling's video from a picture, standard quality: 720p."""

    always: ClassVar[Mapping[str, Any]] = {"resolution": "720p"}

    prompt: Prompt
    image_url: FirstFrame
    duration: FiveOrTen = "5"
    aspect_ratio: ShapeOfPicture = None
    negative_prompt: NegativePrompt = NEGATIVE
    cfg_scale: CfgScale = 0.5


class KlingPicture1080(KlingPicture720):
    """Kling's video from a picture, pro or master quality: 1080p."""

    always: ClassVar[Mapping[str, Any]] = {"resolution": "1080p"}


class KlingPictures1080(KlingPicture1080):
    """Kling's video from a first picture and, if wanted, a last one: 1080p."""

    tail_image_url: MaybeLastFrame = None
