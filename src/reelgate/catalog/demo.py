"""Endpoints for trying things out: always free, always made on this machine, some of them with a script.

A scripted endpoint adds a directive such as `[[fail]]` to the prompt, as anybody may do with any prompt; the preview
engine obeys it. Clients' own tests can rely on what they do.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Annotated, ClassVar, Literal

from pydantic import BeforeValidator, Field

from reelgate.catalog._fields import (
    MEANS_BARE_SECONDS,
    FirstFrame,
    Prompt,
    Seed,
    Shape,
    ShapeOfPicture,
    Sound,
    bare_seconds_as_text,
)
from reelgate.catalog._words import Means, Words
from reelgate.contracts.endpoint import Endpoint
from reelgate.domain.media import VideoInput
from reelgate.domain.money import FREE
from reelgate.domain.pricing import Price, Rate, Source
from reelgate.wire.fal import VideoOutput

_OURS = Source(text="this gateway", as_of=date(2026, 11, 21))
_NO_PRICE = Price(unit="second", rates=(Rate(FREE),), source=_OURS)
_SLOW_S = 20

_Seconds = Annotated[
    Literal["1", "2", "3", "4", "5", "6", "7", "8", "9", "10"],
    BeforeValidator(bare_seconds_as_text),
    Field(title="Duration", description="Length of the video in seconds.", examples=["5"]),
    MEANS_BARE_SECONDS,
]
_Resolution = Annotated[
    Literal["480p", "720p", "1080p"],
    Field(title="Resolution", description="How fine the video is.", examples=["720p"]),
    Means("resolution"),
]


class DemoText(Words):
    """A clip from text, made on this machine."""

    prompt: Prompt
    duration: _Seconds = "5"
    aspect_ratio: Shape = "16:9"
    resolution: _Resolution = "720p"
    generate_audio: Sound = False
    seed: Seed = None


class DemoPicture(Words):
    """A clip from a picture, made on this machine."""

    prompt: Prompt
    image_url: FirstFrame
    duration: _Seconds = "5"
    aspect_ratio: ShapeOfPicture = None
    resolution: _Resolution = "720p"
    generate_audio: Sound = False
    seed: Seed = None


class _Script(Words):
    """A short clip whose making follows a script."""

    directive: ClassVar[str]

    prompt: Prompt = "Waves roll in below a lighthouse at dusk."
    duration: _Seconds = "1"
    aspect_ratio: Shape = "16:9"
    resolution: _Resolution = "480p"
    seed: Seed = None

    def wanted(self) -> VideoInput:
        wanted = super().wanted()
        return replace(wanted, prompt=f"{wanted.prompt} {self.directive}")


class DemoSlow(_Script):
    """A clip that begins to be made after a while."""

    directive: ClassVar[str] = f"[[slow {_SLOW_S}]]"


class DemoFails(_Script):
    """A clip that fails in the making."""

    directive: ClassVar[str] = "[[fail]]"


class DemoRefuses(_Script):
    """A clip whose prompt is refused once it has started."""

    directive: ClassVar[str] = "[[refuse]]"


class DemoNoProgress(_Script):
    """A clip that is made without a word on how far along it is."""

    directive: ClassVar[str] = "[[quiet]]"


ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        id="demo/text-to-video",
        title="Demo, from text",
        description="A clip from text. Free.",
        kind="text-to-video",
        inputs={"fal": DemoText},
        outputs={"fal": VideoOutput},
        source=_OURS,
        price=_NO_PRICE,
    ),
    Endpoint(
        id="demo/image-to-video",
        title="Demo, from a picture",
        description="A clip from a picture. Free.",
        kind="image-to-video",
        inputs={"fal": DemoPicture},
        outputs={"fal": VideoOutput},
        source=_OURS,
        price=_NO_PRICE,
    ),
    Endpoint(
        id="demo/slow",
        title="Demo, slow",
        description=f"Waits {_SLOW_S} seconds, then makes a short clip. Free.",
        kind="text-to-video",
        inputs={"fal": DemoSlow},
        outputs={"fal": VideoOutput},
        source=_OURS,
        price=_NO_PRICE,
    ),
    Endpoint(
        id="demo/fails",
        title="Demo, fails",
        description="Starts and fails; the result answers 500. Free.",
        kind="text-to-video",
        inputs={"fal": DemoFails},
        outputs={"fal": VideoOutput},
        source=_OURS,
        price=_NO_PRICE,
    ),
    Endpoint(
        id="demo/refuses",
        title="Demo, refuses",
        description="Starts and refuses the prompt; the result answers 422. Free.",
        kind="text-to-video",
        inputs={"fal": DemoRefuses},
        outputs={"fal": VideoOutput},
        source=_OURS,
        price=_NO_PRICE,
    ),
    Endpoint(
        id="demo/no-progress",
        title="Demo, no progress",
        description="Makes a short clip without a word on how far along it is. Free.",
        kind="text-to-video",
        inputs={"fal": DemoNoProgress},
        outputs={"fal": VideoOutput},
        source=_OURS,
        price=_NO_PRICE,
    ),
)
