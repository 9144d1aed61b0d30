"""Kling's effects: a scene that is prepared at the vendor, with one or two people of one's own. Kling's own path `effects`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from reelgate.catalog._fields import FiveOrTen, optional
from reelgate.catalog._kling import KLING_DOCS
from reelgate.catalog._kling_own import MaybeOwnFirst, OwnPicture, unsupported
from reelgate.catalog._shots import missing
from reelgate.catalog._words import Means, Part, Words, write_media
from reelgate.contracts.endpoint import Endpoint
from reelgate.domain.media import Foreign
from reelgate.wire.kling_task import KlingTask


def _read_pictures(urls: Sequence[str], field: str) -> tuple[Foreign, ...]:
    return tuple(Foreign(url, f"{field}.{number}") for number, url in enumerate(urls))


class _Effect(Part):
    """The people of a scene, and its length."""

    image: MaybeOwnFirst = None
    images: Annotated[
        tuple[OwnPicture, ...],
        Field(
            title="Pictures",
            description="Two pictures, for a scene of two people.",
            max_length=2,
            examples=[["https://example.com/pictures/keeper.jpg", "https://example.com/pictures/sailor.jpg"]],
        ),
        Means("references", _read_pictures, write_media),
    ] = ()
    model_name: Annotated[
        str | None,
        Field(
            title="Model",
            description="The model that makes the scene.",
            min_length=1,
            max_length=64,
            examples=["kling-v1-6"],
            json_schema_extra=optional,
        ),
    ] = None
    mode: Annotated[
        Literal["std", "pro"] | None,
        Field(title="Mode", description="std or pro.", examples=["std"], json_schema_extra=optional),
    ] = None
    duration: FiveOrTen = "5"


class Effects(Words):
    """Kling's effects: a prepared scene with one or two people."""

    wire: ClassVar[str] = "kling"

    effect_scene: Annotated[
        str,
        Field(
            title="Scene",
            description="The vendor's name of the scene.",
            min_length=1,
            max_length=64,
            pattern=r"^[a-z0-9_]+$",
            examples=["hug"],
        ),
    ]
    input: Annotated[
        _Effect,
        Field(
            title="Input",
            description="Who appears in the scene, and for how long.",
            examples=[{"image": "https://example.com/pictures/keeper.jpg", "duration": "5"}],
        ),
    ]

    @model_validator(mode="after")
    def _one_or_two(self) -> Effects:
        if self.input.image is None and not self.input.images:
            raise missing("input.image", "Field required: a picture, or two of them in images")
        if self.input.image is not None and self.input.images:
            raise unsupported("input.images", "One picture and two pictures exclude each other")
        if len(self.input.images) == 1:
            raise unsupported("input.images", "Give two pictures, or one as image")
        return self


ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        id="kling/v1/effects",
        title="Kling Effects",
        description="A scene prepared at the vendor with one or two people; reached by Kling's own path only.",
        kind="effects",
        inputs={"kling": Effects},
        outputs={"kling": KlingTask},
        source=KLING_DOCS,
        names={"kling": (("effects", "", ""),)},
    ),
)
