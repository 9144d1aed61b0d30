"""Elements as fal has them: somebody or something that should appear, by pictures of it or a video."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from reelgate.catalog._fields import PictureUrl, optional, optional_address


class Element(BaseModel):
    """Somebody or something that should appear, by pictures of it or a video."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)

    frontal_image_url: Annotated[
        PictureUrl | None,
        Field(
            title="Front",
            description="A picture from the front.",
            examples=["https://example.com/pictures/keeper.jpg"],
            json_schema_extra=optional_address,
        ),
    ] = None
    reference_image_urls: Annotated[
        tuple[PictureUrl, ...],
        Field(
            title="Other sides",
            description="Up to three more pictures.",
            max_length=3,
            examples=[["https://example.com/pictures/keeper-side.jpg"]],
        ),
    ] = ()
    video_url: Annotated[
        PictureUrl | None,
        Field(
            title="Video",
            description="A video instead of pictures; one in a request.",
            examples=["https://example.com/videos/keeper.mp4"],
            json_schema_extra=optional_address,
        ),
    ] = None
    voice_id: Annotated[
        str | None,
        Field(
            title="Voice",
            description="The voice it speaks with; it raises the price a second.",
            min_length=1,
            max_length=255,
            examples=["narrator-calm"],
            json_schema_extra=optional,
        ),
    ] = None
