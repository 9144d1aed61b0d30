"""Kling O1 and O3 from text and from pictures, under fal's ids."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import ValidationInfo, field_validator

from reelgate.catalog._fields import FirstFrame, MaybeLastFrame, Prompt, Shape, Sound
from reelgate.catalog._kling import FAL, TYPES
from reelgate.catalog._omni import ThreeToTen
from reelgate.catalog._shots import FalShot, FalShots, FalShotType, MaybePrompt, ShotWords, ThreeToFifteen, check_one_of
from reelgate.catalog._words import Words
from reelgate.contracts.endpoint import Endpoint
from reelgate.wire.fal import VideoOutput


class KlingO1Picture1080(Words):
    """Kling O1 Pro from one or two pictures: 1080p, silent."""

    always: ClassVar[Mapping[str, Any]] = {"resolution": "1080p"}

    prompt: Prompt
    start_image_url: FirstFrame
    end_image_url: MaybeLastFrame = None
    duration: ThreeToTen = "5"


class KlingO1Picture720(KlingO1Picture1080):
    """Kling O1 Standard from one or two pictures: 720p, silent."""

    always: ClassVar[Mapping[str, Any]] = {"resolution": "720p"}


class _Shots(ShotWords):
    """A prompt, or shots."""

    prompt: MaybePrompt = None
    multi_prompt: FalShots = None
    duration: ThreeToFifteen = "5"
    generate_audio: Sound = False
    shot_type: FalShotType = "customize"

    @field_validator("multi_prompt")
    @classmethod
    def _check_one_of(cls, shots: list[FalShot] | None, info: ValidationInfo) -> list[FalShot] | None:
        if "prompt" in info.data:  # else it is at fault itself
            check_one_of(info.data["prompt"], shots)
        return shots


class KlingO3Text720(_Shots):
    """Kling O3 Standard from text: 720p, with sound and several shots if wanted."""

    always: ClassVar[Mapping[str, Any]] = {"resolution": "720p"}

    aspect_ratio: Shape = "16:9"


class KlingO3Text1080(KlingO3Text720):
    """Kling O3 Pro from text: 1080p, with sound and several shots if wanted."""

    always: ClassVar[Mapping[str, Any]] = {"resolution": "1080p"}


class KlingO3Picture720(_Shots):
    """Kling O3 Standard from one or two pictures: 720p, with sound and several shots if wanted."""

    always: ClassVar[Mapping[str, Any]] = {"resolution": "720p"}

    image_url: FirstFrame
    end_image_url: MaybeLastFrame = None


class KlingO3Picture1080(KlingO3Picture720):
    """Kling O3 Pro from one or two pictures: 1080p, with sound and several shots if wanted."""

    always: ClassVar[Mapping[str, Any]] = {"resolution": "1080p"}


# No prices: fal's pages that were read do not have them, and the vendor's are for its own paths.
ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        id=f"{FAL}/o1/standard/image-to-video",
        title="Kling O1 Standard, from one or two pictures",
        description="Silent, up to 10 seconds, at 720p.",
        kind="image-to-video",
        inputs={"fal": KlingO1Picture720},
        outputs={"fal": VideoOutput},
        source=TYPES,
    ),
    Endpoint(
        id=f"{FAL}/o1/image-to-video",
        title="Kling O1 Pro, from one or two pictures",
        description="Silent, up to 10 seconds, at 1080p.",
        kind="image-to-video",
        inputs={"fal": KlingO1Picture1080},
        outputs={"fal": VideoOutput},
        source=TYPES,
    ),
    Endpoint(
        id=f"{FAL}/o3/standard/text-to-video",
        title="Kling O3 Standard, from text",
        description="Up to 15 seconds and six shots, with sound if wanted, at 720p.",
        kind="text-to-video",
        inputs={"fal": KlingO3Text720},
        outputs={"fal": VideoOutput},
        source=TYPES,
    ),
    Endpoint(
        id=f"{FAL}/o3/standard/image-to-video",
        title="Kling O3 Standard, from one or two pictures",
        description="Up to 15 seconds and six shots, with sound if wanted, at 720p.",
        kind="image-to-video",
        inputs={"fal": KlingO3Picture720},
        outputs={"fal": VideoOutput},
        source=TYPES,
    ),
    Endpoint(
        id=f"{FAL}/o3/pro/text-to-video",
        title="Kling O3 Pro, from text",
        description="Up to 15 seconds and six shots, with sound if wanted, at 1080p.",
        kind="text-to-video",
        inputs={"fal": KlingO3Text1080},
        outputs={"fal": VideoOutput},
        source=TYPES,
    ),
    Endpoint(
        id=f"{FAL}/o3/pro/image-to-video",
        title="Kling O3 Pro, from one or two pictures",
        description="Up to 15 seconds and six shots, with sound if wanted, at 1080p.",
        kind="image-to-video",
        inputs={"fal": KlingO3Picture1080},
        outputs={"fal": VideoOutput},
        source=TYPES,
    ),
)
