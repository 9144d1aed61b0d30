"""Kling 1: 1, 1.5 and 1.6, under fal's ids and Kling's names."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from reelgate.catalog._fields import MaybeLastFrame, optional
from reelgate.catalog._image2video import (
    Image2Video720,
    Image2VideoCamera1080,
    Image2VideoMasks720,
    Image2VideoMasks1080,
    Image2VideoTail1080,
)
from reelgate.catalog._kling import (
    EXTENDED,
    FAL,
    KLING_DOCS,
    TYPES,
    KlingPicture720,
    KlingPictures1080,
    KlingText720,
    KlingText1080,
    per_second,
)
from reelgate.catalog._masks import FalDynamicMasks, FalStaticMask
from reelgate.catalog._text2video import Text2Video720, Text2Video1080, Text2VideoCamera720
from reelgate.contracts.endpoint import Ended, Endpoint
from reelgate.domain.pricing import Source
from reelgate.wire.fal import VideoOutput
from reelgate.wire.kling_task import KlingTask

_TURBO_TEXT = f"{FAL}/v2.5-turbo/pro/text-to-video"
_TURBO_PICTURE = f"{FAL}/v2.5-turbo/pro/image-to-video"
_GONE = date(2026, 8, 2)  # when fal's types were read that no longer have it
_RETIRED = date(2026, 9, 15)
_OLD_TYPES = Source(text="fal's endpoint types name it without a schema; taken to be that of its standard sibling", as_of=date(2025, 10, 1))
_V16_PRICES = Source(text="a third party's table of fal's prices", as_of=date(2026, 8, 21))


class AdvancedCamera(BaseModel):
    """A camera move of one kind."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)

    movement_type: Literal["horizontal", "vertical", "pan", "tilt", "roll", "zoom"] = Field(
        title="Move", description="What the camera does.", examples=["zoom"]
    )
    movement_value: float = Field(
        title="Amount", description="How far, and by its sign which way.", ge=-10, le=10, allow_inf_nan=False, examples=[5]
    )


class Kling1Text(KlingText720):
    """Kling 1 Standard from text: 720p, with camera moves."""

    camera_control: Annotated[
        Literal["down_back", "forward_up", "right_turn_forward", "left_turn_forward"] | None,
        Field(
            title="Camera",
            description="A prepared camera move.",
            examples=["down_back"],
            json_schema_extra=optional,
        ),
    ] = None
    advanced_camera_control: Annotated[
        AdvancedCamera | None,
        Field(
            title="Camera, in detail",
            description="A camera move of one kind, and how far it goes.",
            examples=[{"movement_type": "zoom", "movement_value": 5}],
            json_schema_extra=optional,
        ),
    ] = None


class Kling1Picture(KlingPicture720):
    """Kling 1 Standard from a picture: 720p, with a last picture and masks if wanted."""

    tail_image_url: MaybeLastFrame = None
    static_mask_url: FalStaticMask = None
    dynamic_masks: FalDynamicMasks = ()


class KlingMasks1080(KlingPictures1080):
    """Kling 1 and 1.5 Pro from a picture: 1080p, with a last picture and masks if wanted."""

    always: ClassVar[Mapping[str, Any]] = {"resolution": "1080p"}

    static_mask_url: FalStaticMask = None
    dynamic_masks: FalDynamicMasks = ()


ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        id=f"{FAL}/v1/standard/text-to-video",
        title="Kling 1 Standard, from text",
        description="The first Kling, at 720p, with camera moves.",
        kind="text-to-video",
        inputs={"fal": Kling1Text, "kling": Text2VideoCamera720},
        outputs={"fal": VideoOutput, "kling": KlingTask},
        source=TYPES,
        names={"kling": (("text2video", "kling-v1", "std"),)},
    ),
    Endpoint(
        id=f"{FAL}/v1/standard/image-to-video",
        title="Kling 1 Standard, from one or two pictures",
        description="The first Kling, at 720p, with a last picture and masks if wanted.",
        kind="image-to-video",
        inputs={"fal": Kling1Picture, "kling": Image2VideoMasks720},
        outputs={"fal": VideoOutput, "kling": KlingTask},
        source=EXTENDED,
        names={"kling": (("image2video", "kling-v1", "std"),)},
    ),
    Endpoint(
        id=f"{FAL}/v1/pro/text-to-video",
        title="Kling 1 Pro, from text",
        description="The first Kling, at 1080p. fal no longer lists it.",
        kind="text-to-video",
        inputs={"fal": KlingText1080, "kling": Text2Video1080},
        outputs={"fal": VideoOutput, "kling": KlingTask},
        source=_OLD_TYPES,
        names={"kling": (("text2video", "kling-v1", "pro"),)},
        ended=Ended(on=_GONE, successor=_TURBO_TEXT),
    ),
    Endpoint(
        id=f"{FAL}/v1/pro/image-to-video",
        title="Kling 1 Pro, from one or two pictures",
        description="The first Kling, at 1080p, with a last picture and masks if wanted. fal no longer lists it.",
        kind="image-to-video",
        inputs={"fal": KlingMasks1080, "kling": Image2VideoMasks1080},
        outputs={"fal": VideoOutput, "kling": KlingTask},
        source=_OLD_TYPES,
        ended=Ended(on=_GONE, successor=_TURBO_PICTURE),
        names={"kling": (("image2video", "kling-v1", "pro"),)},
    ),
    Endpoint(
        id=f"{FAL}/v1.5/pro/text-to-video",
        title="Kling 1.5 Pro, from text",
        description="Kling 1.5 at 1080p. The vendor has retired it.",
        kind="text-to-video",
        inputs={"fal": KlingText1080},
        outputs={"fal": VideoOutput},
        source=TYPES,
        ended=Ended(on=_RETIRED, successor=_TURBO_TEXT),
    ),
    Endpoint(
        id="kling/v1/image2video/kling-v1-5/std",
        title="Kling 1.5 Standard, from a picture",
        description="Kling 1.5 at 720p; reached by Kling's own path only. The vendor has retired it.",
        kind="image-to-video",
        inputs={"kling": Image2Video720},
        outputs={"kling": KlingTask},
        source=KLING_DOCS,
        names={"kling": (("image2video", "kling-v1-5", "std"),)},
        ended=Ended(on=_RETIRED, successor=_TURBO_PICTURE),
    ),
    Endpoint(
        id=f"{FAL}/v1.5/pro/image-to-video",
        title="Kling 1.5 Pro, from one or two pictures",
        description="Kling 1.5 at 1080p, with a last picture and masks if wanted. The vendor has retired it.",
        kind="image-to-video",
        inputs={"fal": KlingMasks1080, "kling": Image2VideoCamera1080},
        outputs={"fal": VideoOutput, "kling": KlingTask},
        source=TYPES,
        ended=Ended(on=_RETIRED, successor=_TURBO_PICTURE),
        names={"kling": (("image2video", "kling-v1-5", "pro"),)},
    ),
    Endpoint(
        id=f"{FAL}/v1.6/standard/text-to-video",
        title="Kling 1.6 Standard, from text",
        description="The last of the first generation, at 720p.",
        kind="text-to-video",
        inputs={"fal": KlingText720, "kling": Text2Video720},
        outputs={"fal": VideoOutput, "kling": KlingTask},
        source=TYPES,
        price=per_second("0.045", source=_V16_PRICES),
        names={"kling": (("text2video", "kling-v1-6", "std"),)},
    ),
    Endpoint(
        id=f"{FAL}/v1.6/standard/image-to-video",
        title="Kling 1.6 Standard, from a picture",
        description="The last of the first generation, at 720p.",
        kind="image-to-video",
        inputs={"fal": KlingPicture720, "kling": Image2Video720},
        outputs={"fal": VideoOutput, "kling": KlingTask},
        source=EXTENDED,
        price=per_second("0.045", source=_V16_PRICES),
        names={"kling": (("image2video", "kling-v1-6", "std"),)},
    ),
    Endpoint(
        id=f"{FAL}/v1.6/pro/text-to-video",
        title="Kling 1.6 Pro, from text",
        description="The last of the first generation, at 1080p.",
        kind="text-to-video",
        inputs={"fal": KlingText1080, "kling": Text2Video1080},
        outputs={"fal": VideoOutput, "kling": KlingTask},
        source=TYPES,
        price=per_second("0.095", source=_V16_PRICES),
        names={"kling": (("text2video", "kling-v1-6", "pro"),)},
    ),
    Endpoint(
        id=f"{FAL}/v1.6/pro/image-to-video",
        title="Kling 1.6 Pro, from one or two pictures",
        description="The last of the first generation, at 1080p, with a last picture if wanted.",
        kind="image-to-video",
        inputs={"fal": KlingPictures1080, "kling": Image2VideoTail1080},
        outputs={"fal": VideoOutput, "kling": KlingTask},
        source=TYPES,
        price=per_second("0.095", source=_V16_PRICES),
        names={"kling": (("image2video", "kling-v1-6", "pro"),)},
    ),
)
