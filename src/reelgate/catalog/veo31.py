"""Google's Veo 3.1, its fast and its lite sibling, under fal's ids."""

from __future__ import annotations

from datetime import date

from reelgate.catalog._fields import FirstFrame, LastFrame, References, Seed, Sound, SourceVideo
from reelgate.catalog._veo import (
    AutoFix,
    EightSeconds,
    MaybeAutoFix,
    Only720,
    SafetyTolerance,
    SevenSeconds,
    Upto4k,
    Upto1080,
    VeoNegativePrompt,
    VeoPicture,
    VeoPrompt,
    VeoSeconds,
    VeoText,
    WideOrTall,
    WideTallOrAuto,
    rates,
)
from reelgate.catalog._words import Words
from reelgate.contracts.endpoint import Endpoint
from reelgate.domain.pricing import Source
from reelgate.wire.fal import VideoOutput

_TYPES = Source(text="fal's endpoint types, as its JavaScript client publishes them", as_of=date(2026, 8, 2))
_PRICES = Source(text="fal's model pages", as_of=date(2026, 8, 21))
_PRICE = rates("0.20", "0.40", _PRICES, at_4k=("0.40", "0.60"))
_FAST_PRICE = rates("0.10", "0.15", _PRICES, at_4k=("0.30", "0.35"))


class Veo31Text(Words):
    """Veo 3.1 from text, with sound unless it is turned off."""

    prompt: VeoPrompt
    aspect_ratio: WideOrTall = "16:9"
    duration: VeoSeconds = "8s"
    resolution: Upto4k = "720p"
    generate_audio: Sound = True
    negative_prompt: VeoNegativePrompt = ""
    seed: Seed = None
    safety_tolerance: SafetyTolerance = "4"
    auto_fix: AutoFix = True


class Veo31Picture(Words):
    """Veo 3.1 from a picture, with sound unless it is turned off."""

    prompt: VeoPrompt
    image_url: FirstFrame
    aspect_ratio: WideTallOrAuto = "auto"
    duration: VeoSeconds = "8s"
    resolution: Upto4k = "720p"
    generate_audio: Sound = True
    negative_prompt: VeoNegativePrompt = ""
    seed: Seed = None
    safety_tolerance: SafetyTolerance = "4"
    auto_fix: MaybeAutoFix = None


class Veo31Pictures(Words):
    """Veo 3.1 from a first and a last picture, with sound unless it is turned off."""

    prompt: VeoPrompt
    first_frame_url: FirstFrame
    last_frame_url: LastFrame
    aspect_ratio: WideTallOrAuto = "auto"
    duration: VeoSeconds = "8s"
    resolution: Upto4k = "720p"
    generate_audio: Sound = True
    negative_prompt: VeoNegativePrompt = ""
    seed: Seed = None
    safety_tolerance: SafetyTolerance = "4"
    auto_fix: MaybeAutoFix = None


class Veo31LitePictures(Words):
    """Veo 3.1 Lite from a first and a last picture, with sound unless it is turned off."""

    prompt: VeoPrompt
    first_frame_url: FirstFrame
    last_frame_url: LastFrame
    aspect_ratio: WideTallOrAuto = "auto"
    duration: VeoSeconds = "8s"
    resolution: Upto1080 = "720p"
    generate_audio: Sound = True
    negative_prompt: VeoNegativePrompt = ""
    seed: Seed = None
    safety_tolerance: SafetyTolerance = "4"
    auto_fix: MaybeAutoFix = None


class Veo31References(Words):
    """Veo 3.1 with people, things and places from pictures, with sound unless it is turned off."""

    prompt: VeoPrompt
    image_urls: References
    aspect_ratio: WideOrTall = "16:9"
    duration: EightSeconds = "8s"
    resolution: Upto4k = "720p"
    generate_audio: Sound = True
    safety_tolerance: SafetyTolerance = "4"
    auto_fix: MaybeAutoFix = None


class Veo31Extension(Words):
    """Veo 3.1 that goes on from a video, with sound unless it is turned off."""

    prompt: VeoPrompt
    video_url: SourceVideo
    aspect_ratio: WideTallOrAuto = "auto"
    duration: SevenSeconds = "7s"
    resolution: Only720 = "720p"
    generate_audio: Sound = True
    negative_prompt: VeoNegativePrompt = ""
    seed: Seed = None
    safety_tolerance: SafetyTolerance = "4"
    auto_fix: MaybeAutoFix = None


ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        id="fal-ai/veo3.1",
        title="Veo 3.1, from text",
        description="Google's film maker: picture, speech and sound in one go, up to 4k.",
        kind="text-to-video",
        inputs={"fal": Veo31Text},
        outputs={"fal": VideoOutput},
        source=_TYPES,
        price=_PRICE,
    ),
    Endpoint(
        id="fal-ai/veo3.1/image-to-video",
        title="Veo 3.1, from a picture",
        description="A picture that begins to move and to sound, up to 4k.",
        kind="image-to-video",
        inputs={"fal": Veo31Picture},
        outputs={"fal": VideoOutput},
        source=_TYPES,
        price=_PRICE,
    ),
    Endpoint(
        id="fal-ai/veo3.1/first-last-frame-to-video",
        title="Veo 3.1, from a first and a last picture",
        description="The way from one picture to another, up to 4k.",
        kind="first-last-frame-to-video",
        inputs={"fal": Veo31Pictures},
        outputs={"fal": VideoOutput},
        source=_TYPES,
        price=_PRICE,
    ),
    Endpoint(
        id="fal-ai/veo3.1/reference-to-video",
        title="Veo 3.1, with reference pictures",
        description="People, things and places from pictures in a new scene, up to 4k.",
        kind="reference-to-video",
        inputs={"fal": Veo31References},
        outputs={"fal": VideoOutput},
        source=_TYPES,
        price=_PRICE,
    ),
    Endpoint(
        id="fal-ai/veo3.1/extend-video",
        title="Veo 3.1, on from a video",
        description="Seven more seconds of a video, at 720p.",
        kind="extend-video",
        inputs={"fal": Veo31Extension},
        outputs={"fal": VideoOutput},
        source=_TYPES,
        price=_PRICE,
    ),
    Endpoint(
        id="fal-ai/veo3.1/fast",
        title="Veo 3.1 Fast, from text",
        description="Veo 3.1, quicker and cheaper.",
        kind="text-to-video",
        inputs={"fal": Veo31Text},
        outputs={"fal": VideoOutput},
        source=_TYPES,
        price=_FAST_PRICE,
    ),
    Endpoint(
        id="fal-ai/veo3.1/fast/image-to-video",
        title="Veo 3.1 Fast, from a picture",
        description="A picture that begins to move and to sound, quicker and cheaper.",
        kind="image-to-video",
        inputs={"fal": Veo31Picture},
        outputs={"fal": VideoOutput},
        source=_TYPES,
        price=_FAST_PRICE,
    ),
    Endpoint(
        id="fal-ai/veo3.1/fast/first-last-frame-to-video",
        title="Veo 3.1 Fast, from a first and a last picture",
        description="The way from one picture to another, quicker and cheaper.",
        kind="first-last-frame-to-video",
        inputs={"fal": Veo31Pictures},
        outputs={"fal": VideoOutput},
        source=_TYPES,
        price=_FAST_PRICE,
    ),
    Endpoint(
        id="fal-ai/veo3.1/fast/extend-video",
        title="Veo 3.1 Fast, on from a video",
        description="Seven more seconds of a video, quicker and cheaper.",
        kind="extend-video",
        inputs={"fal": Veo31Extension},
        outputs={"fal": VideoOutput},
        source=_TYPES,
        price=_FAST_PRICE,
    ),
    Endpoint(
        id="fal-ai/veo3.1/lite",
        title="Veo 3.1 Lite, from text",
        description="The smallest Veo 3.1. No public price was found.",
        kind="text-to-video",
        inputs={"fal": VeoText},
        outputs={"fal": VideoOutput},
        source=_TYPES,
    ),
    Endpoint(
        id="fal-ai/veo3.1/lite/image-to-video",
        title="Veo 3.1 Lite, from a picture",
        description="The smallest Veo 3.1. No public price was found.",
        kind="image-to-video",
        inputs={"fal": VeoPicture},
        outputs={"fal": VideoOutput},
        source=_TYPES,
    ),
    Endpoint(
        id="fal-ai/veo3.1/lite/first-last-frame-to-video",
        title="Veo 3.1 Lite, from a first and a last picture",
        description="The smallest Veo 3.1. No public price was found.",
        kind="first-last-frame-to-video",
        inputs={"fal": Veo31LitePictures},
        outputs={"fal": VideoOutput},
        source=_TYPES,
    ),
)
