"""The words that endpoints share: what a field looks like to the caller, and what it means to us.

A word is an annotated type: its `Field` is the schema, its `Means` says which part of a `VideoInput` it fills. From
that an input model translates both ways by itself (`wanted`, `spoken`), so that an endpoint is only a list of words.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, ClassVar, Literal, cast

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from reelgate.contracts.endpoint import InputModel
from reelgate.domain.media import Foreign, Media, VideoInput

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


# -- what a word means ---------------------------------------------------------------------------------------------------


def _same(value: Any, _field: str) -> Any:
    return value


def _unchanged(value: Any) -> Any:
    return value


@dataclass(frozen=True, slots=True)
class Means:
    """Which part of a `VideoInput` a field fills, how its value is read (with the field's name), and how it is written.

    `write` returns None for what the field cannot say or need not say.
    """

    part: str
    read: Callable[[Any, str], Any] = _same
    write: Callable[[Any], Any] = _unchanged


def _read_seconds(value: str, _field: str) -> int:
    return int(value.removesuffix("s"))


def _write_bare_seconds(seconds: int) -> str:
    return str(seconds)


def _write_seconds(seconds: int) -> str:
    return f"{seconds}s"


def _read_medium(url: str, field: str) -> Foreign:
    return Foreign(url, field)


def _write_medium(medium: Media) -> str:
    if not isinstance(medium, Foreign):
        raise TypeError("only an address can be written; give kept bytes an address first")
    return medium.url


def _read_media(urls: Sequence[str], field: str) -> tuple[Foreign, ...]:
    return tuple(Foreign(url, field) for url in urls)


def _write_media(media: Sequence[Media]) -> list[str]:
    return [_write_medium(each) for each in media]


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
    Means("aspect_ratio", _same, _write_shape),
]

_Address = Annotated[str, AfterValidator(check_address)]
PictureUrl = Annotated[
    _Address,
    Field(title="Picture", description=_PICTURE_WORDS, examples=[_PICTURE], json_schema_extra=_ADDRESS),
]

FirstFrame = Annotated[
    _Address,
    Field(
        title="First picture",
        description=f"The picture that the video begins with. {_PICTURE_WORDS}",
        examples=[_PICTURE],
        json_schema_extra=_ADDRESS,
    ),
    Means("first_frame", _read_medium, _write_medium),
]
LastFrame = Annotated[
    _Address,
    Field(
        title="Last picture",
        description=f"The picture that the video ends with. {_PICTURE_WORDS}",
        examples=[_LAST_PICTURE],
        json_schema_extra=_ADDRESS,
    ),
    Means("last_frame", _read_medium, _write_medium),
]
MaybeLastFrame = Annotated[
    _Address | None,
    Field(
        title="Last picture",
        description=f"The picture that the video ends with, if it should. {_PICTURE_WORDS}",
        examples=[_LAST_PICTURE],
        json_schema_extra=optional_address,
    ),
    Means("last_frame", _read_medium, _write_medium),
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
    Means("references", _read_media, _write_media),
]
SourceVideo = Annotated[
    _Address,
    Field(
        title="Video",
        description="The video to go on from: an http(s) address or a data URI.",
        examples=["https://example.com/videos/lighthouse.mp4"],
        json_schema_extra=_ADDRESS,
    ),
    Means("source_video", _read_medium, _write_medium),
]

# -- the model that is made of words -------------------------------------------------------------------------------------


class Words(InputModel):
    """An input model that is a list of words.

    `always` are parts of the `VideoInput` that no field of this endpoint changes. A field that means none is an extra,
    kept under `wire` if it differs from its default. An address inside an extra becomes one of the references, known
    by its dotted place, and the extra keeps its number among them: so that every picture is fetched by the one guard
    and parked by the one hand.
    """

    wire: ClassVar[str] = "fal"
    always: ClassVar[Mapping[str, Any]] = {}

    def wanted(self) -> VideoInput:
        said = dict(self.always)
        meanings, extras = _vocabulary(type(self))
        values = self.__dict__  # quicker than getattr, and asked once a submit
        for name, means in meanings:
            value = values[name]
            if value is not None:
                said[means.part] = value if means.read is _same else means.read(value, name)
        if extras:
            self._add_extras(said, extras)
        return VideoInput(**said)

    @classmethod
    def spoken(cls, wanted: VideoInput) -> dict[str, Any]:
        """The body that reads as this input; `wanted` of it gives the same again."""
        meanings, extras = _vocabulary(cls)
        body: dict[str, Any] = {}
        for name, means in meanings:
            part = getattr(wanted, means.part)
            value = None if part is None or part in ("", ()) else means.write(part)
            if value is not None:
                body[name] = value
        for name, value in wanted.extras.get(cls.wire, {}).items():
            if name in extras:
                body[name] = _lower(value, name, wanted.references)
        return body

    def _add_extras(self, said: dict[str, Any], extras: frozenset[str]) -> None:
        given = set(extras & self.model_fields_set)
        written = self.model_dump(mode="json", include=given, exclude_none=True, exclude_defaults=True)
        if not written:
            return
        references: list[Media] = list(said.get("references", ()))
        said["extras"] = {self.wire: {name: _lift(value, name, name, references) for name, value in written.items()}}
        if references:
            said["references"] = tuple(references)


@cache
def _vocabulary(model: type[InputModel]) -> tuple[tuple[tuple[str, Means], ...], frozenset[str]]:
    """The fields of a model with their meanings, and those that have none."""
    meanings: list[tuple[str, Means]] = []
    extras: set[str] = set()
    for name, field in model.model_fields.items():
        means = next((each for each in field.metadata if isinstance(each, Means)), None)
        if means is not None:
            meanings.append((name, means))
        elif name not in model.ignored:
            extras.add(name)
    return tuple(meanings), frozenset(extras)


def _lift(value: Any, name: str, place: str, references: list[Media]) -> Any:
    """Exchange every address inside an extra for its number among the references."""
    if isinstance(value, str) and name.endswith(("_url", "_urls")):
        references.append(Foreign(value, place))
        return len(references) - 1
    if isinstance(value, list):
        items = cast("list[Any]", value)
        return [_lift(each, name, f"{place}.{number}", references) for number, each in enumerate(items)]
    if isinstance(value, dict):
        parts = cast("dict[str, Any]", value)
        return {part: _lift(each, part, f"{place}.{part}", references) for part, each in parts.items()}
    return value


def _lower(value: Any, name: str, references: Sequence[Media]) -> Any:
    """Put the addresses back that `_lift` took out."""
    if isinstance(value, int) and name.endswith(("_url", "_urls")):
        return _write_medium(references[value])
    if isinstance(value, list):
        return [_lower(each, name, references) for each in cast("list[Any]", value)]
    if isinstance(value, dict):
        parts = cast("dict[str, Any]", value)
        return {part: _lower(each, part, references) for part, each in parts.items()}
    return value
