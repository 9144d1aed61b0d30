"""Videos in Kling's own words: those that this gateway made, by the id that a task answered, and those at an address."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field

from reelgate.catalog._fields import check_address, number_as_text, optional, optional_address
from reelgate.catalog._words import Means, write_medium
from reelgate.domain.media import Foreign, Media

OWN = "video:"
"""Before the id of a video that this gateway made, where an address would stand."""

_ID_PATTERN = r"^[0-9A-Za-z_-]+$"
_VIDEO = "https://example.com/videos/lighthouse.mp4"
_ADDRESS: dict[str, Any] = {"format": "uri"}


def _read_id(video_id: str, field: str) -> Foreign:
    return Foreign(f"{OWN}{video_id}", field)


def _write_id(medium: Media) -> str | None:
    url = medium.url if isinstance(medium, Foreign) else ""
    return url.removeprefix(OWN) if url.startswith(OWN) else None


def _read_address(url: str, field: str) -> Foreign:
    return Foreign(url, field)


def _write_address(medium: Media) -> str | None:
    return None if isinstance(medium, Foreign) and medium.url.startswith(OWN) else write_medium(medium)


_Id = Annotated[str, BeforeValidator(number_as_text)]

VideoId = Annotated[
    _Id,
    Field(
        title="Video",
        description="The id of a video that a task of yours made.",
        min_length=1,
        max_length=64,
        pattern=_ID_PATTERN,
        examples=["01M7Z4VTC7E9NA2TZ1NZTJ92MH"],
    ),
    Means("source_video", _read_id, _write_id),
]
MaybeVideoId = Annotated[
    Annotated[str, BeforeValidator(number_as_text), Field(min_length=1, max_length=64, pattern=_ID_PATTERN)] | None,
    Field(
        title="Video",
        description="The id of a video that a task of yours made; give this or an address.",
        examples=["01M7Z4VTC7E9NA2TZ1NZTJ92MH"],
        json_schema_extra=optional,
    ),
    Means("source_video", _read_id, _write_id),
]
OwnVideo = Annotated[
    str,
    AfterValidator(check_address),
    Field(title="Video", description="An http(s) address of an mp4 or mov file.", examples=[_VIDEO], json_schema_extra=_ADDRESS),
    Means("source_video", _read_address, _write_address),
]
MaybeVideoUrl = Annotated[
    Annotated[str, AfterValidator(check_address)] | None,
    Field(
        title="Video",
        description="An http(s) address of an mp4 or mov file; give this or the id of a video of yours.",
        examples=[_VIDEO],
        json_schema_extra=optional_address,
    ),
    Means("source_video", _read_address, _write_address),
]
