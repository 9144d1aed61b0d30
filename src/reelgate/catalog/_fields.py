"""The words that endpoints share: what a field looks like to the caller, and what it means to us.

A word is an annotated type: its `Field` is the schema, its `Means` says which part of a `VideoInput` it fills. From
that an input model translates both ways by itself (`wanted`, `spoken`), so that an endpoint is only a list of words.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from reelgate.catalog._words import Means, Medium, read_media, read_medium, same, write_media, write_medium

# -- reading leniently ---------------------------------------------------------------------------------------------------


def number_as_text(value: Any) -> Any:
    """5 and 5.0 are "5"."""
    if isinstance(value, bool):
        return value
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value) if isinstance(value, int) else value


def seconds_as_text(value: Any) -> Any:
    """8 and "8" are "8s"."""
    value = number_as_text(value)
    return f"{value}s" if isinstance(value, str) and value.isdecimal() else value


def bare_seconds_as_text(value: Any) -> Any:
    """5 and "5s" are "5"."""
    value = number_as_text(value)
    return value[:-1] if isinstance(value, str) and value[:-1].isdecimal() and value.endswith("s") else value


def check_address(value: str) -> str:
    """Refuse what can be no address of a picture or video before anybody waits for it."""
    if not value[:8].lower().startswith(("https://", "http://", "data:")):
        raise PydanticCustomError("value_error", "Must be an http or https address, or a data URI")
    return value


# -- how a word is read and written -------------------------------------------------------------------------------------


def _read_seconds(value: str, _field: str) -> int:
    return int(value.removesuffix("s"))


def _write_bare_seconds(seconds: int) -> str:
    return str(seconds)


def _write_seconds(seconds: int) -> str:
    return f"{seconds}s"


def _write_shape(ratio: str) -> str | None:
    return None if ratio == "auto" else ratio


def optional(schema: dict[str, Any]) -> None:
    """A field that may be absent, in the JSON Schema: as if it were given, without null and without a default."""
    schema.pop("default", None)
    for name, value in schema.pop("anyOf")[0].items():
        schema.setdefault(name, value)


def optional_address(schema: dict[str, Any]) -> None:
    """An address that may be absent, in the JSON Schema."""
    optional(schema)
    schema["format"] = "uri"


_ADDRESS: dict[str, Any] = {"format": "uri"}
MEANS_BARE_SECONDS = Means("seconds", _read_seconds, _write_bare_seconds)
MEANS_SECONDS = Means("seconds", _read_seconds, _write_seconds)

# -- the words -----------------------------------------------------------------------------------------------------------

_PICTURE = "https://example.com/pictures/lighthouse.jpg"
_LAST_PICTURE = "https://example.com/pictures/lighthouse-at-night.jpg"
_PICTURE_WORDS = "An http(s) address or a data URI of a jpg, png, webp, gif or avif file."

Prompt = Annotated[
    str,
    Field(
        title="Prompt",
        description="What should be seen, and what should happen.",
        min_length=1,
        max_length=2500,
        examples=["A lighthouse on a cliff at dusk; waves break below, and the beam sweeps over the sea."],
    ),
    Means("prompt"),
]
NegativePrompt = Annotated[
    str,
    Field(
        title="Negative prompt",
        description="What should not be seen.",
        max_length=2500,
        examples=["blur, distort, and low quality"],
    ),
    Means("negative_prompt"),
]
CfgScale = Annotated[
    float,
    Field(
        title="Guidance",
        description="How closely to keep to the prompt: 0 leaves most to the model, 1 least.",
        ge=0,
        le=1,
        allow_inf_nan=False,
        examples=[0.5],
    ),
    Means("cfg_scale"),
]
Seed = Annotated[
    int | None,
    Field(
        title="Seed",
        description="A whole number that fixes chance; the same seed and input give the same video. Random if not given.",
        ge=0,
        le=2**31 - 1,
        examples=[42],
        json_schema_extra=optional,
    ),
    Means("seed"),
]
Sound = Annotated[
    bool,
    Field(title="Sound", description="Make a sound track; it costs more a second where the price list says so.", examples=[True]),
    Means("sound"),
]
FiveOrTen = Annotated[
    Literal["5", "10"],
    BeforeValidator(bare_seconds_as_text),
    Field(title="Duration", description="Length of the video in seconds.", examples=["5"]),
    MEANS_BARE_SECONDS,
]
Shape = Annotated[
    Literal["16:9", "9:16", "1:1"],
    Field(title="Aspect ratio", description="Shape of the video, width to height.", examples=["16:9"]),
    Means("aspect_ratio"),
]
ShapeOfPicture = Annotated[
    Literal["16:9", "9:16", "1:1"] | None,
    Field(
        title="Aspect ratio",
        description="Shape of the video, width to height. If not given it follows the picture.",
        examples=["16:9"],
        json_schema_extra=optional,
    ),
    Means("aspect_ratio", same, _write_shape),
]

_Address = Annotated[str, AfterValidator(check_address)]
PictureUrl = Annotated[
    _Address,
    Field(title="Picture", description=_PICTURE_WORDS, examples=[_PICTURE], json_schema_extra=_ADDRESS),
    Medium(),
]

FirstFrame = Annotated[
    _Address,
    Field(
        title="First picture",
        description=f"The picture that the video begins with. {_PICTURE_WORDS}",
        examples=[_PICTURE],
        json_schema_extra=_ADDRESS,
    ),
    Means("first_frame", read_medium, write_medium),
]
LastFrame = Annotated[
    _Address,
    Field(
        title="Last picture",
        description=f"The picture that the video ends with. {_PICTURE_WORDS}",
        examples=[_LAST_PICTURE],
        json_schema_extra=_ADDRESS,
    ),
    Means("last_frame", read_medium, write_medium),
]
MaybeLastFrame = Annotated[
    _Address | None,
    Field(
        title="Last picture",
        description=f"The picture that the video ends with, if it should. {_PICTURE_WORDS}",
        examples=[_LAST_PICTURE],
        json_schema_extra=optional_address,
    ),
    Means("last_frame", read_medium, write_medium),
]
References = Annotated[
    list[PictureUrl],
    Field(
        title="Reference pictures",
        description=f"Pictures of the people, things and places that should appear. {_PICTURE_WORDS}",
        min_length=1,
        max_length=9,
        examples=[[_PICTURE]],
    ),
    Means("references", read_media, write_media),
]
SourceVideo = Annotated[
    _Address,
    Field(
        title="Video",
        description="The video to go on from: an http(s) address or a data URI.",
        examples=["https://example.com/videos/lighthouse.mp4"],
        json_schema_extra=_ADDRESS,
    ),
    Means("source_video", read_medium, write_medium),
]
