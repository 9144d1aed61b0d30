"""Masks: parts of a picture that stay where they are, or go a way of their own."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from reelgate.catalog._fields import PictureUrl, optional_address
from reelgate.catalog._kling_own import MaybeOwnPicture, OwnPicture

_MASK = "https://example.com/pictures/lighthouse-mask.png"
_BOAT = "https://example.com/pictures/boat-mask.png"
_WAY = [{"x": 320, "y": 180}, {"x": 480, "y": 180}]


class Point(BaseModel):
    """A place in the picture, in pixels from its lower left corner."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)

    x: int = Field(title="x", description="Pixels from the left.", ge=0, le=1 << 16, examples=[320])
    y: int = Field(title="y", description="Pixels from the bottom.", ge=0, le=1 << 16, examples=[180])


class FalMask(BaseModel):
    """A part of the picture and the way that it goes, as fal has it."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)

    mask_url: PictureUrl
    trajectories: tuple[Point, ...] = Field(
        (), title="Way", description="Places that the part passes.", max_length=77, examples=[[{"x": 320, "y": 180}]]
    )


class OwnMask(BaseModel):
    """A part of the picture and the way that it goes, as Kling has it."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)

    mask: OwnPicture
    trajectories: tuple[Point, ...] = Field(
        title="Way", description="Two to 77 places that the part passes.", min_length=2, max_length=77, examples=[_WAY]
    )


FalStaticMask = Annotated[
    PictureUrl | None,
    Field(
        title="Mask of what stays",
        description="A picture of the same shape: what it marks does not move.",
        examples=[_MASK],
        json_schema_extra=optional_address,
    ),
]
FalDynamicMasks = Annotated[
    tuple[FalMask, ...],
    Field(
        title="Masks of what moves",
        description="Up to six parts of the picture with the ways that they go.",
        max_length=6,
        examples=[[{"mask_url": _BOAT, "trajectories": _WAY}]],
    ),
]
OwnStaticMask = Annotated[
    MaybeOwnPicture,
    Field(
        title="Mask of what stays",
        description="A picture of the same shape: what it marks does not move. For videos of 5 seconds.",
        examples=[_MASK],
        json_schema_extra=optional_address,
    ),
]
OwnDynamicMasks = Annotated[
    tuple[OwnMask, ...],
    Field(
        title="Masks of what moves",
        description="Up to six parts of the picture with the ways that they go. For videos of 5 seconds.",
        max_length=6,
        examples=[[{"mask": _BOAT, "trajectories": _WAY}]],
    ),
]
