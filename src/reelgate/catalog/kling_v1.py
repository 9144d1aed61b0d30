"""Kling 1: 1, 1.5 and 1.6, under fal's ids and Kling's names."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from reelgate.catalog._fields import MaybeLastFrame, PictureUrl, optional, optional_address
from reelgate.catalog._kling import (
    EXTENDED,
    FAL,
    TYPES,
    KlingPicture720,
    KlingPictures1080,
    KlingText720,
    KlingText1080,
    per_second,
)
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


class Point(BaseModel):
    """A place in the picture, in pixels from its lower left corner."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)

    x: int = Field(title="x", description="Pixels from the left.", ge=0, le=1 << 16, examples=[320])
    y: int = Field(title="y", description="Pixels from the bottom.", ge=0, le=1 << 16, examples=[180])


class DynamicMask(BaseModel):
    """A part of the picture and the way that it goes."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)

    mask_url: PictureUrl
    trajectories: tuple[Point, ...] = Field(
        (), title="Way", description="Places that the part passes.", max_length=77, examples=[[{"x": 320, "y": 180}]]
    )


_StaticMask = Annotated[
    PictureUrl | None,
    Field(
        title="Mask of what stays",
        description="A picture of the same shape: what it marks does not move.",
        examples=["https://example.com/pictures/lighthouse-mask.png"],
        json_schema_extra=optional_address,
    ),
]
_DynamicMasks = Annotated[
    tuple[DynamicMask, ...],
    Field(
        title="Masks of what moves",
        description="Up to six parts of the picture with the ways that they go.",
        max_length=6,
        examples=[
            [{"mask_url": "https://example.com/pictures/boat-mask.png", "trajectories": [{"x": 320, "y": 180}, {"x": 480, "y": 180}]}]
        ],
    ),
]


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
    static_mask_url: _StaticMask = None
    dynamic_masks: _DynamicMasks = ()


class KlingMasks1080(KlingPictures1080):
    """Kling 1 and 1.5 Pro from a picture: 1080p, with a last picture and masks if wanted."""

    always: ClassVar[Mapping[str, Any]] = {"resolution": "1080p"}

    static_mask_url: _StaticMask = None
    dynamic_masks: _DynamicMasks = ()


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
        inputs={"fal": Kling1Picture},
        outputs={"fal": VideoOutput},
        source=EXTENDED,
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
        inputs={"fal": KlingMasks1080},
        outputs={"fal": VideoOutput},
        source=_OLD_TYPES,
        ended=Ended(on=_GONE, successor=_TURBO_PICTURE),
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
        id=f"{FAL}/v1.5/pro/image-to-video",
        title="Kling 1.5 Pro, from one or two pictures",
        description="Kling 1.5 at 1080p, with a last picture and masks if wanted. The vendor has retired it.",
        kind="image-to-video",
        inputs={"fal": KlingMasks1080},
        outputs={"fal": VideoOutput},
        source=TYPES,
        ended=Ended(on=_RETIRED, successor=_TURBO_PICTURE),
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
        inputs={"fal": KlingPicture720},
        outputs={"fal": VideoOutput},
        source=EXTENDED,
        price=per_second("0.045", source=_V16_PRICES),
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
        inputs={"fal": KlingPictures1080},
        outputs={"fal": VideoOutput},
        source=TYPES,
        price=per_second("0.095", source=_V16_PRICES),
    ),
)
