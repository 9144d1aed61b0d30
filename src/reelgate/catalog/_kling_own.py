"""Kling's own words: the fields that its paths share, what only tunes a video, and what is refused where it is not made."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from reelgate.catalog._fields import number_as_text, optional, optional_address
from reelgate.catalog._shots import missing
from reelgate.catalog._words import Means, Medium, read_medium, write_medium

# -- what a model does not make ------------------------------------------------------------------------------------------

CONTENT: Mapping[str, str] = {
    "image": "This path takes no picture",
    "image_url": "This path takes no picture",
    "image_tail": "This model takes no last picture in this mode",
    "image_list": "This path takes no list of pictures",
    "video_id": "This path takes no video",
    "video_url": "This path takes no video",
    "video_list": "This path takes no video",
    "static_mask": "This model takes no masks in this mode",
    "dynamic_masks": "This model takes no masks in this mode",
    "element_list": "This model takes no elements",
    "voice_list": "This model takes no voices in this mode",
    "audio_id": "This path takes no sound",
    "sound_file": "This path takes no sound",
    "sound": "This model makes silent videos only in this mode",
    "multi_shot": "This model makes one shot only",
    "multi_prompt": "This model makes one shot only",
}
NO_CAMERA: Mapping[str, str] = {"camera_control": "this model has no camera moves in this mode"}
NO_SCALE: Mapping[str, str] = {"cfg_scale": "this model has no such setting"}
ONE_SHOT: Mapping[str, str] = {"shot_type": "this model makes one shot only"}
FOLLOWS_PICTURE: Mapping[str, str] = {"aspect_ratio": "the video has the shape of its picture"}
NO_NEGATIVE: Mapping[str, str] = {"negative_prompt": "this model has no such setting"}


def unsupported(at: str, words: str) -> PydanticCustomError:
    """The fault of a field whose content this model does not take together with the rest; `at` is its dotted place."""
    return PydanticCustomError("feature_not_supported", "{words}", {"at": at, "words": words})


# -- media that come as an address or in base64 --------------------------------------------------------------------------

_BASE64 = re.compile(r"[A-Za-z0-9+/=\s]+")
_LOOKED_AT = 64
_SHORTEST = 16
_PICTURES = {"/9j/": "image/jpeg", "iVBOR": "image/png", "UklGR": "image/webp", "R0lG": "image/gif"}
_SOUNDS = {"SUQz": "audio/mpeg", "//": "audio/mpeg", "UklGR": "audio/wav"}


def picture_or_address(value: str) -> str:
    """An address as it is; a picture in bare base64 as a data URI, of the type that its first bytes tell."""
    return _as_address(value, _PICTURES, "Must be an http or https address, or a picture in base64")


def sound_or_address(value: str) -> str:
    """An address as it is; a sound in bare base64 as a data URI, of the type that its first bytes tell."""
    return _as_address(value, _SOUNDS, "Must be an http or https address, or a sound in base64")


def _as_address(value: str, types: Mapping[str, str], words: str) -> str:
    if value[:8].lower().startswith(("https://", "http://", "data:")):
        return value
    if len(value) < _SHORTEST or not _BASE64.fullmatch(value[:_LOOKED_AT]):
        raise PydanticCustomError("value_error", "{words}", {"words": words})
    kind = next((kind for magic, kind in types.items() if value.startswith(magic)), "application/octet-stream")
    if "\n" in value:
        value = "".join(value.split())
    return f"data:{kind};base64,{value}"  # the one copy that is made of it here


_ADDRESS: dict[str, Any] = {"format": "uri"}
_PICTURE_WORDS = "An http(s) address, or a jpg or png file in base64."
_PICTURE = "https://example.com/pictures/lighthouse.jpg"
_LAST_PICTURE = "https://example.com/pictures/lighthouse-at-night.jpg"
_Picture = Annotated[str, AfterValidator(picture_or_address)]

OwnPicture = Annotated[
    _Picture,
    Field(title="Picture", description=_PICTURE_WORDS, examples=[_PICTURE], json_schema_extra=_ADDRESS),
    Medium(),
]
MaybeOwnPicture = Annotated[
    _Picture | None,
    Field(title="Picture", description=_PICTURE_WORDS, examples=[_PICTURE], json_schema_extra=optional_address),
    Medium(),
]
OwnFirst = Annotated[
    _Picture,
    Field(
        title="First picture",
        description=f"The picture that the video begins with. {_PICTURE_WORDS}",
        examples=[_PICTURE],
        json_schema_extra=_ADDRESS,
    ),
    Means("first_frame", read_medium, write_medium),
]
MaybeOwnFirst = Annotated[
    _Picture | None,
    Field(
        title="First picture",
        description=f"The picture that the video begins with; give this or the last one, or both. {_PICTURE_WORDS}",
        examples=[_PICTURE],
        json_schema_extra=optional_address,
    ),
    Means("first_frame", read_medium, write_medium),
]
MaybeOwnLast = Annotated[
    _Picture | None,
    Field(
        title="Last picture",
        description=f"The picture that the video ends with, if it should. {_PICTURE_WORDS}",
        examples=[_LAST_PICTURE],
        json_schema_extra=optional_address,
    ),
    Means("last_frame", read_medium, write_medium),
]
MaybeOwnSound = Annotated[
    Annotated[str, AfterValidator(sound_or_address)] | None,
    Field(
        title="Sound",
        description="An http(s) address, or an mp3, wav, m4a or aac file in base64.",
        examples=["https://example.com/sounds/keeper.mp3"],
        json_schema_extra=optional_address,
    ),
    Medium(),
]

# -- words that most paths have ------------------------------------------------------------------------------------------


def _on_or_off(value: Any) -> Any:
    if isinstance(value, bool):
        return "on" if value else "off"
    return {"true": "on", "false": "off"}.get(value, value) if isinstance(value, str) else value


def _is_on(value: str, _field: str) -> bool:
    return value == "on"


def _write_on(sound: bool) -> str:  # noqa: FBT001 -- the value of a field
    return "on" if sound else "off"


def yes_or_no(value: Any) -> Any:
    """True and "true" are "yes"."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return {"true": "yes", "false": "no"}.get(value, value) if isinstance(value, str) else value


OwnSound = Annotated[
    Literal["on", "off"],
    BeforeValidator(_on_or_off),
    Field(title="Sound", description="Make a sound track; it costs more a second where the price list says so.", examples=["on"]),
    Means("sound", _is_on, _write_on),
]
MaybeSomePrompt = Annotated[
    str,
    Field(
        title="Prompt",
        description="What should be seen, and what should happen.",
        max_length=2500,
        examples=["The beam of the lighthouse sweeps over the sea."],
    ),
    Means("prompt"),
]


class Voice(BaseModel):
    """A voice, by its name at the vendor."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)

    voice_id: Annotated[str, BeforeValidator(number_as_text)] = Field(
        title="Voice", description="The name of the voice.", min_length=1, max_length=255, examples=["narrator-calm"]
    )


class ElementById(BaseModel):
    """Somebody or something that should appear, by its number at the vendor."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)

    element_id: int = Field(title="Element", description="The number of the element.", ge=0, lt=1 << 63, examples=[160])


# -- camera moves --------------------------------------------------------------------------------------------------------


class CameraConfig(BaseModel):
    """How the camera moves; exactly one of the six is not zero."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)

    horizontal: float = Field(0, title="Horizontal", description="Left to right.", ge=-10, le=10, examples=[0])
    vertical: float = Field(0, title="Vertical", description="Down to up.", ge=-10, le=10, examples=[0])
    pan: float = Field(0, title="Pan", description="Turn up or down.", ge=-10, le=10, examples=[0])
    tilt: float = Field(0, title="Tilt", description="Turn left or right.", ge=-10, le=10, examples=[0])
    roll: float = Field(0, title="Roll", description="Roll about the axis of view.", ge=-10, le=10, examples=[0])
    zoom: float = Field(0, title="Zoom", description="A wider view, or by a negative value a narrower one.", ge=-10, le=10, examples=[5])


class CameraControl(BaseModel):
    """A camera move."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)

    type: Literal["simple", "down_back", "forward_up", "right_turn_forward", "left_turn_forward"] = Field(
        title="Type", description="A prepared move, or simple for one of your own.", examples=["down_back"]
    )
    config: CameraConfig | None = Field(
        None,
        title="Config",
        description="The move itself, for the type simple.",
        examples=[{"zoom": 5}],
        json_schema_extra=optional,
        validate_default=True,
    )

    @field_validator("config")
    @classmethod
    def _one_move(cls, config: CameraConfig | None, info: ValidationInfo) -> CameraConfig | None:
        if info.data.get("type") != "simple":
            return None
        if config is None:
            raise missing("camera_control.config", "Field required with the type simple")
        if sum(value != 0 for _, value in config) != 1:
            raise PydanticCustomError("value_error", "Exactly one of the six moves must not be zero")
        return config


MaybeCamera = Annotated[
    CameraControl | None,
    Field(
        title="Camera",
        description="A camera move, for videos of 5 seconds.",
        examples=[{"type": "down_back"}],
        json_schema_extra=optional,
    ),
]
