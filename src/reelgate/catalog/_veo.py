"""What the generations of Veo share: their words, and how they are priced."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from reelgate.catalog._fields import (
    MEANS_SECONDS,
    FirstFrame,
    Seed,
    Sound,
    number_as_text,
    optional,
    seconds_as_text,
)
from reelgate.catalog._words import Means, Words
from reelgate.domain.condition import WITH_SOUND, Condition
from reelgate.domain.money import Money
from reelgate.domain.pricing import Price, Rate, Source

VeoPrompt = Annotated[
    str,
    Field(
        title="Prompt",
        description="What should be seen and heard, and what should happen.",
        min_length=1,
        max_length=20_000,
        examples=["A potter lifts a finished bowl from the wheel and smiles; rain taps on the window."],
    ),
    Means("prompt"),
]
VeoNegativePrompt = Annotated[
    str,
    Field(title="Negative prompt", description="What should not be seen.", max_length=20_000, examples=["text, captions"]),
    Means("negative_prompt"),
]
VeoSeconds = Annotated[
    Literal["4s", "6s", "8s"],
    BeforeValidator(seconds_as_text),
    Field(title="Duration", description="Length of the video.", examples=["8s"]),
    MEANS_SECONDS,
]
EightSeconds = Annotated[
    Literal["8s"],
    BeforeValidator(seconds_as_text),
    Field(title="Duration", description="Length of the video; always 8 seconds here.", examples=["8s"]),
    MEANS_SECONDS,
]
SevenSeconds = Annotated[
    Literal["7s"],
    BeforeValidator(seconds_as_text),
    Field(title="Duration", description="How much is added to the video; always 7 seconds here.", examples=["7s"]),
    MEANS_SECONDS,
]
WideOrTall = Annotated[
    Literal["16:9", "9:16"],
    Field(title="Aspect ratio", description="Shape of the video, width to height.", examples=["16:9"]),
    Means("aspect_ratio"),
]
WideTallOrAuto = Annotated[
    Literal["auto", "16:9", "9:16"],
    Field(
        title="Aspect ratio",
        description="Shape of the video, width to height; auto follows what was given.",
        examples=["auto"],
    ),
    Means("aspect_ratio"),
]
Upto1080 = Annotated[
    Literal["720p", "1080p"],
    Field(title="Resolution", description="How fine the video is.", examples=["720p"]),
    Means("resolution"),
]
Upto4k = Annotated[
    Literal["720p", "1080p", "4k"],
    Field(title="Resolution", description="How fine the video is; 4k costs more.", examples=["720p"]),
    Means("resolution"),
]
Only720 = Annotated[
    Literal["720p"],
    Field(title="Resolution", description="How fine the video is; always 720p here.", examples=["720p"]),
    Means("resolution"),
]
SafetyTolerance = Annotated[
    Literal["1", "2", "3", "4", "5", "6"],
    BeforeValidator(number_as_text),
    Field(title="Safety tolerance", description="What the vendor lets pass: 1 is the strictest, 6 the most lenient.", examples=["4"]),
]
AutoFix = Annotated[
    bool,
    Field(title="Mend the prompt", description="Let the vendor rewrite a prompt that it would refuse.", examples=[True]),
]
MaybeAutoFix = Annotated[
    bool | None,
    Field(
        title="Mend the prompt",
        description="Let the vendor rewrite a prompt that it would refuse.",
        examples=[True],
        json_schema_extra=optional,
    ),
]


class VeoText(Words):
    """Veo from text, up to 1080p, with sound unless it is turned off."""

    prompt: VeoPrompt
    aspect_ratio: WideOrTall = "16:9"
    duration: VeoSeconds = "8s"
    resolution: Upto1080 = "720p"
    generate_audio: Sound = True
    negative_prompt: VeoNegativePrompt = ""
    seed: Seed = None
    safety_tolerance: SafetyTolerance = "4"
    auto_fix: AutoFix = True


class VeoPicture(Words):
    """Veo from a picture of 720p or finer, up to 1080p, with sound unless it is turned off."""

    prompt: VeoPrompt
    image_url: FirstFrame
    aspect_ratio: WideTallOrAuto = "auto"
    duration: VeoSeconds = "8s"
    resolution: Upto1080 = "720p"
    generate_audio: Sound = True
    negative_prompt: VeoNegativePrompt = ""
    seed: Seed = None
    safety_tolerance: SafetyTolerance = "4"
    auto_fix: MaybeAutoFix = None


def rates(silent: str, sound: str, source: Source, *, at_4k: tuple[str, str] | None = None) -> Price:
    """So many dollars a second, silent and with sound; at 4k other ones."""
    finest = () if at_4k is None else (Rate(Money.dollars(at_4k[1]), (WITH_SOUND, _AT_4K)), Rate(Money.dollars(at_4k[0]), (_AT_4K,)))
    return Price(unit="second", rates=(*finest, Rate(Money.dollars(sound), (WITH_SOUND,)), Rate(Money.dollars(silent))), source=source)


_AT_4K = Condition("resolution", "=", "4k")
