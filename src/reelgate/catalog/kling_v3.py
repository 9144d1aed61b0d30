"""Kling 3: standard, pro, 4k and Turbo, under fal's ids and Kling's names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import Field, ValidationInfo, field_validator

from reelgate.catalog._element import Element
from reelgate.catalog._fields import (
    CfgScale,
    FirstFrame,
    MaybeLastFrame,
    NegativePrompt,
    Shape,
    ShapeOfPicture,
    Sound,
)
from reelgate.catalog._image2video import Image2VideoShots4k, Image2VideoShots720, Image2VideoShots1080
from reelgate.catalog._image2026 import Image2026Shots4k, Image2026Shots720, Image2026Shots1080, Image2026Turbo720, Image2026Turbo1080
from reelgate.catalog._kling import EXTENDED, FAL, NEGATIVE, TYPES, per_second, with_voices
from reelgate.catalog._shots import FalShot, FalShots, FalShotType, MaybePrompt, ShotWords, ThreeToFifteen, check_one_of
from reelgate.catalog._text2video import Text2VideoShots4k, Text2VideoShots720, Text2VideoShots1080
from reelgate.catalog._text2026 import Text2026Shots4k, Text2026Shots720, Text2026Shots1080, Text2026Turbo720, Text2026Turbo1080
from reelgate.contracts.endpoint import Endpoint
from reelgate.wire.fal import VideoOutput
from reelgate.wire.kling_task import KlingNewTask, KlingTask


class _Shots(ShotWords):
    """A prompt, or shots."""

    prompt: MaybePrompt = None
    multi_prompt: FalShots = None

    @field_validator("multi_prompt")
    @classmethod
    def _check_one_of(cls, shots: list[FalShot] | None, info: ValidationInfo) -> list[FalShot] | None:
        if "prompt" in info.data:  # else it is at fault itself
            check_one_of(info.data["prompt"], shots)
        return shots


class Kling3Text720(_Shots):
    """Kling 3 Standard from text: 720p, several shots, with sound unless it is turned off."""

    always: ClassVar[Mapping[str, Any]] = {"resolution": "720p"}

    duration: ThreeToFifteen = "5"
    aspect_ratio: Shape = "16:9"
    generate_audio: Sound = True
    shot_type: FalShotType = "customize"
    negative_prompt: NegativePrompt = NEGATIVE
    cfg_scale: CfgScale = 0.5


class Kling3Text1080(Kling3Text720):
    """Kling 3 Pro from text: 1080p, several shots, with sound unless it is turned off."""

    always: ClassVar[Mapping[str, Any]] = {"resolution": "1080p"}


class Kling3Text4k(Kling3Text720):
    """Kling 3 from text at 4k: several shots, with sound unless it is turned off."""

    always: ClassVar[Mapping[str, Any]] = {"resolution": "4k"}


class Kling3Picture720(_Shots):
    """Kling 3 Standard from one or two pictures: 720p, several shots, with sound unless it is turned off."""

    always: ClassVar[Mapping[str, Any]] = {"resolution": "720p"}

    start_image_url: FirstFrame
    end_image_url: MaybeLastFrame = None
    duration: ThreeToFifteen = "5"
    aspect_ratio: ShapeOfPicture = None
    generate_audio: Sound = True
    shot_type: FalShotType = "customize"
    negative_prompt: NegativePrompt = NEGATIVE
    cfg_scale: CfgScale = 0.5
    elements: Annotated[
        tuple[Element, ...],
        Field(
            title="Elements",
            description="People and things that should appear.",
            max_length=3,
            examples=[[{"frontal_image_url": "https://example.com/pictures/keeper.jpg"}]],
        ),
    ] = ()


class Kling3Picture1080(Kling3Picture720):
    """Kling 3 Pro from one or two pictures: 1080p, several shots, with sound unless it is turned off."""

    always: ClassVar[Mapping[str, Any]] = {"resolution": "1080p"}


class Kling3Picture4k(Kling3Picture720):
    """Kling 3 from one or two pictures at 4k: several shots, with sound unless it is turned off."""

    always: ClassVar[Mapping[str, Any]] = {"resolution": "4k"}


class Kling3TurboText720(_Shots):
    """Kling 3 Turbo Standard from text: 720p, several shots, always with sound."""

    always: ClassVar[Mapping[str, Any]] = {"resolution": "720p", "sound": True}

    duration: ThreeToFifteen = "5"
    aspect_ratio: Shape = "16:9"


class Kling3TurboText1080(Kling3TurboText720):
    """Kling 3 Turbo Pro from text: 1080p, several shots, always with sound."""

    always: ClassVar[Mapping[str, Any]] = {"resolution": "1080p", "sound": True}


class Kling3TurboPicture720(_Shots):
    """Kling 3 Turbo Standard from a picture: 720p, several shots, always with sound."""

    always: ClassVar[Mapping[str, Any]] = {"resolution": "720p", "sound": True}

    image_url: FirstFrame
    duration: ThreeToFifteen = "5"
    aspect_ratio: ShapeOfPicture = None


class Kling3TurboPicture1080(Kling3TurboPicture720):
    """Kling 3 Turbo Pro from a picture: 1080p, several shots, always with sound."""

    always: ClassVar[Mapping[str, Any]] = {"resolution": "1080p", "sound": True}


ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        id=f"{FAL}/v3/standard/text-to-video",
        title="Kling 3 Standard, from text",
        description="Up to 15 seconds and six shots with sound, at 720p.",
        kind="text-to-video",
        inputs={"fal": Kling3Text720, "kling": Text2VideoShots720, "kling2026": Text2026Shots720},
        outputs={"fal": VideoOutput, "kling": KlingTask, "kling2026": KlingNewTask},
        source=TYPES,
        price=with_voices("0.084", with_sound="0.126", with_voices="0.154"),
        names={"kling": (("text2video", "kling-v3", "std"),), "kling2026": (("text-to-video", "kling-3.0", "720p"),)},
    ),
    Endpoint(
        id=f"{FAL}/v3/standard/image-to-video",
        title="Kling 3 Standard, from one or two pictures",
        description="Up to 15 seconds and six shots with sound, at 720p.",
        kind="image-to-video",
        inputs={"fal": Kling3Picture720, "kling": Image2VideoShots720, "kling2026": Image2026Shots720},
        outputs={"fal": VideoOutput, "kling": KlingTask, "kling2026": KlingNewTask},
        source=EXTENDED,
        price=with_voices("0.084", with_sound="0.126", with_voices="0.154"),
        names={"kling": (("image2video", "kling-v3", "std"),), "kling2026": (("image-to-video", "kling-3.0", "720p"),)},
    ),
    Endpoint(
        id=f"{FAL}/v3/pro/text-to-video",
        title="Kling 3 Pro, from text",
        description="Up to 15 seconds and six shots with sound, at 1080p.",
        kind="text-to-video",
        inputs={"fal": Kling3Text1080, "kling": Text2VideoShots1080, "kling2026": Text2026Shots1080},
        outputs={"fal": VideoOutput, "kling": KlingTask, "kling2026": KlingNewTask},
        source=TYPES,
        price=with_voices("0.112", with_sound="0.168", with_voices="0.196"),
        names={"kling": (("text2video", "kling-v3", "pro"),), "kling2026": (("text-to-video", "kling-3.0", "1080p"),)},
    ),
    Endpoint(
        id=f"{FAL}/v3/pro/image-to-video",
        title="Kling 3 Pro, from one or two pictures",
        description="Up to 15 seconds and six shots with sound, at 1080p.",
        kind="image-to-video",
        inputs={"fal": Kling3Picture1080, "kling": Image2VideoShots1080, "kling2026": Image2026Shots1080},
        outputs={"fal": VideoOutput, "kling": KlingTask, "kling2026": KlingNewTask},
        source=EXTENDED,
        price=with_voices("0.112", with_sound="0.168", with_voices="0.196"),
        names={"kling": (("image2video", "kling-v3", "pro"),), "kling2026": (("image-to-video", "kling-3.0", "1080p"),)},
    ),
    Endpoint(
        id=f"{FAL}/v3/4k/text-to-video",
        title="Kling 3 4k, from text",
        description="Up to 15 seconds and six shots with sound, at 4k.",
        kind="text-to-video",
        inputs={"fal": Kling3Text4k, "kling": Text2VideoShots4k, "kling2026": Text2026Shots4k},
        outputs={"fal": VideoOutput, "kling": KlingTask, "kling2026": KlingNewTask},
        source=TYPES,
        price=per_second("0.42"),
        names={"kling": (("text2video", "kling-v3", "4k"),), "kling2026": (("text-to-video", "kling-3.0", "4k"),)},
    ),
    Endpoint(
        id=f"{FAL}/v3/4k/image-to-video",
        title="Kling 3 4k, from one or two pictures",
        description="Up to 15 seconds and six shots with sound, at 4k.",
        kind="image-to-video",
        inputs={"fal": Kling3Picture4k, "kling": Image2VideoShots4k, "kling2026": Image2026Shots4k},
        outputs={"fal": VideoOutput, "kling": KlingTask, "kling2026": KlingNewTask},
        source=EXTENDED,
        price=per_second("0.42"),
        names={"kling": (("image2video", "kling-v3", "4k"),), "kling2026": (("image-to-video", "kling-3.0", "4k"),)},
    ),
    Endpoint(
        id=f"{FAL}/v3/turbo/standard/text-to-video",
        title="Kling 3 Turbo Standard, from text",
        description="The quick Kling 3, always with sound, at 720p.",
        kind="text-to-video",
        inputs={"fal": Kling3TurboText720, "kling2026": Text2026Turbo720},
        outputs={"fal": VideoOutput, "kling2026": KlingNewTask},
        source=TYPES,
        price=per_second("0.112"),
        names={"kling2026": (("text-to-video", "kling-3.0-turbo", "720p"),)},
    ),
    Endpoint(
        id=f"{FAL}/v3/turbo/standard/image-to-video",
        title="Kling 3 Turbo Standard, from a picture",
        description="The quick Kling 3, always with sound, at 720p.",
        kind="image-to-video",
        inputs={"fal": Kling3TurboPicture720, "kling2026": Image2026Turbo720},
        outputs={"fal": VideoOutput, "kling2026": KlingNewTask},
        source=EXTENDED,
        price=per_second("0.112"),
        names={"kling2026": (("image-to-video", "kling-3.0-turbo", "720p"),)},
    ),
    Endpoint(
        id=f"{FAL}/v3/turbo/pro/text-to-video",
        title="Kling 3 Turbo Pro, from text",
        description="The quick Kling 3, always with sound, at 1080p.",
        kind="text-to-video",
        inputs={"fal": Kling3TurboText1080, "kling2026": Text2026Turbo1080},
        outputs={"fal": VideoOutput, "kling2026": KlingNewTask},
        source=TYPES,
        price=per_second("0.14"),
        names={"kling2026": (("text-to-video", "kling-3.0-turbo", "1080p"),)},
    ),
    Endpoint(
        id=f"{FAL}/v3/turbo/pro/image-to-video",
        title="Kling 3 Turbo Pro, from a picture",
        description="The quick Kling 3, always with sound, at 1080p.",
        kind="image-to-video",
        inputs={"fal": Kling3TurboPicture1080, "kling2026": Image2026Turbo1080},
        outputs={"fal": VideoOutput, "kling2026": KlingNewTask},
        source=EXTENDED,
        price=per_second("0.14"),
        names={"kling2026": (("image-to-video", "kling-3.0-turbo", "1080p"),)},
    ),
)
