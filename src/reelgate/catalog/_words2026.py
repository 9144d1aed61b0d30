"""Kling's words of 2026: the fields that its paths share, and what is refused where it is not made.

The path's model and the resolution choose the endpoint and are read by the wire; so are the options. What was a mode is a
resolution, what was a negative prompt or several shots is written into the prompt, and there is no camera control.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from reelgate.catalog._fields import number_as_text, optional
from reelgate.catalog._kling_own import OwnFirst, picture_or_address
from reelgate.catalog._words import Means, Part, read_medium, write_medium

# -- what a model does not make ------------------------------------------------------------------------------------------

CONTENT_2026: Mapping[str, str] = {
    "contents.first_frame": "This path takes no first picture",
    "contents.last_frame": "This model takes no last picture in this resolution",
    "contents.refer_image": "This path takes no pictures for reference",
    "contents.feature_video": "This path takes no video",
    "contents.base_video": "This path takes no video",
    "contents.image": "This path takes no such picture",
    "contents.video": "This path takes no video",
    "contents.element": "This model takes no elements",
    "contents.voice": "This model takes no voices in this resolution",
    "settings.audio": "This model makes silent videos only in this resolution",
    "settings.multi_shot": "This model makes one shot only",
}
TEXT_ONLY: Mapping[str, str] = {**CONTENT_2026, "contents": "This path takes a prompt only"}
SHOTS_IN_THE_PROMPT: Mapping[str, str] = {"settings.multi_shot": "this model makes several shots where the prompt says so"}
FOLLOWS_FRAME: Mapping[str, str] = {"settings.aspect_ratio": "the video has the shape of its picture"}

# -- words ---------------------------------------------------------------------------------------------------------------


def seconds_as_number(value: Any) -> Any:
    """5.0, "5" and "5s" are 5."""
    text = number_as_text(value)
    if isinstance(text, str):
        text = text.removesuffix("s")
        return int(text) if text.isdecimal() and text.isascii() and len(text) < _LONG else value
    return value


_LONG = 4  # figures of a number that can be no duration
FiveOrTenSeconds = Annotated[
    Literal[5, 10],
    BeforeValidator(seconds_as_number),
    Field(title="Duration", description="Length of the video in seconds.", examples=[5]),
    Means("seconds"),
]
ThreeToFifteenSeconds = Annotated[
    Literal[3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
    BeforeValidator(seconds_as_number),
    Field(title="Duration", description="Length of the video in seconds.", examples=[5]),
    Means("seconds"),
]


def _is_native(value: str, _field: str) -> bool:
    return value == "native"


def _write_native(sound: bool) -> str:  # noqa: FBT001 -- the value of a field
    return "native" if sound else "off"


MEANS_NATIVE_SOUND = Means("sound", _is_native, _write_native)
Audio2026 = Annotated[
    Literal["native", "off"],
    Field(title="Sound", description="native makes a sound track, which costs more a second.", examples=["native"]),
    MEANS_NATIVE_SOUND,
]
ALWAYS_LOUD = "this model always makes a sound track"
LoudAudio = Annotated[
    Literal["native", "off"], Field(title="Sound", description="Always native: this model makes sound.", examples=["native"])
]
MultiShot = Annotated[
    bool,
    Field(
        title="Several shots",
        description='Make the shots that the prompt writes as "shot 1, 3, words; shot 2, 2, words;".',
        examples=[True],
    ),
]
LongPrompt = Annotated[
    str,
    Field(
        title="Prompt",
        description="What should be seen, and what should happen.",
        min_length=1,
        max_length=3072,
        examples=["A lighthouse on a cliff at dusk; waves break below, and the beam sweeps over the sea."],
    ),
    Means("prompt"),
]
MaybeLongPrompt = Annotated[
    str,
    Field(
        title="Prompt",
        description="What should be seen, and what should happen.",
        max_length=3072,
        examples=["The beam of the lighthouse sweeps over the sea."],
    ),
    Means("prompt"),
]


def settings_field(example: Mapping[str, Any]) -> Any:
    """The schema of a model's settings."""
    return Field(title="Settings", description="How long and how the video is; the resolution chooses the endpoint.", examples=[example])


def contents_field(example: Mapping[str, Any]) -> Any:
    """The schema of a model's contents; on the wire a list of parts that name their types."""
    return Field(title="Contents", description="The prompt and the pictures, by the types of the parts.", examples=[example])


class First(Part):
    """The picture that a video begins with."""

    url: OwnFirst


class Last(Part):
    """The picture that a video ends with."""

    url: Annotated[
        str,
        AfterValidator(picture_or_address),
        Field(
            title="Last picture",
            description="The picture that the video ends with: an http(s) address, or a jpg or png file in base64.",
            examples=["https://example.com/pictures/lighthouse-at-night.jpg"],
            json_schema_extra={"format": "uri"},
        ),
        Means("last_frame", read_medium, write_medium),
    ]


MaybeLast = Annotated[
    Last | None,
    Field(
        title="Last picture",
        description="The picture that the video ends with, if it should.",
        examples=[{"url": "https://example.com/pictures/lighthouse-at-night.jpg"}],
        json_schema_extra=optional,
    ),
]
TheFirst = Annotated[
    First,
    Field(
        title="First picture",
        description="The picture that the video begins with.",
        examples=[{"url": "https://example.com/pictures/lighthouse.jpg"}],
    ),
]
_Name = Annotated[
    str,
    BeforeValidator(number_as_text),
    Field(title="Id", description="The name by which the prompt speaks of it, after an @.", max_length=255, examples=["keeper"]),
]


class NamedElement(BaseModel):
    """Somebody or something that should appear, by its number at the vendor."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)

    element_id: Annotated[str, BeforeValidator(number_as_text)] = Field(
        title="Element", description="The number of the element.", min_length=1, max_length=255, examples=["160"]
    )
    id: _Name = ""


class NamedVoice(BaseModel):
    """A voice, by its name at the vendor."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)

    voice_id: Annotated[str, BeforeValidator(number_as_text)] = Field(
        title="Voice", description="The name of the voice.", min_length=1, max_length=255, examples=["narrator-calm"]
    )
    id: _Name = ""
