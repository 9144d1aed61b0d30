"""What the generations of Kling share: the inputs that most of its endpoints take, and its prices."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, ClassVar

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
from reelgate.domain.condition import PRESENT, WITH_SOUND, Condition
from reelgate.domain.money import Money
from reelgate.domain.pricing import Price, Rate, Source

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
    return _price(source, rate, with_sound)


def with_voices(rate: str, *, with_sound: str, with_voices: str) -> Price:
    """So many dollars a second, more with sound, and most when the sound track has voices of the caller's choice."""
    return _price(PRICES, rate, with_sound, Rate(Money.dollars(with_voices), (WITH_SOUND, Condition("voices", "=", PRESENT))))


def with_video(rate: str, *, with_sound: str | None = None, with_video: str) -> Price:
    """So many dollars a second by the vendor's list, more with sound, and another rate where a video comes with the request."""
    return _price(VENDOR_PRICES, rate, with_sound, Rate(Money.dollars(with_video), (Condition("source_video", "=", PRESENT),)))


def _price(source: Source, rate: str, with_sound: str | None, *special: Rate) -> Price:
    sound = () if with_sound is None else (Rate(Money.dollars(with_sound), (WITH_SOUND,)),)
    return Price(unit="second", rates=(*special, *sound, Rate(Money.dollars(rate))), source=source)


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
