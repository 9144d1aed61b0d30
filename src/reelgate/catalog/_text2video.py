"""Kling's own path `text2video`: the inputs of its models, in Kling's words.

The model's name and the mode choose the endpoint and are read by the wire; so are the address for callbacks and the
caller's own id of the task.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from reelgate.catalog._fields import CfgScale, FiveOrTen, Means, NegativePrompt, Prompt, Shape, Words, optional
from reelgate.catalog._shots import (
    KlingShot,
    KlingShots,
    MaybePrompt,
    ShotWords,
    ThreeToFifteen,
    check_length,
    missing,
)


def _on_or_off(value: Any) -> Any:
    if isinstance(value, bool):
        return "on" if value else "off"
    return {"true": "on", "false": "off"}.get(value, value) if isinstance(value, str) else value


def _is_on(value: str, _field: str) -> bool:
    return value == "on"


def _write_on(sound: bool) -> str:  # noqa: FBT001 -- the value of a field
    return "on" if sound else "off"


def _only_one_shot(value: bool) -> bool:  # noqa: FBT001 -- the value of a field
    if value:
        raise PydanticCustomError("feature_not_supported", "This model makes one shot only")
    return value


_MeansSound = Means("sound", _is_on, _write_on)
_Silence = Annotated[
    Literal["off"],
    BeforeValidator(_on_or_off),
    Field(title="Sound", description="This model makes silent videos only.", examples=["off"]),
    _MeansSound,
]
_Sound = Annotated[
    Literal["on", "off"],
    BeforeValidator(_on_or_off),
    Field(title="Sound", description="Make a sound track; it costs more a second.", examples=["on"]),
    _MeansSound,
]
_OneShot = Annotated[
    bool,
    AfterValidator(_only_one_shot),
    Field(title="Several shots", description="Always false: this model makes one shot only.", examples=[False]),
]
_Watermark = Annotated[
    dict[str, Any] | None,
    Field(
        title="Watermark",
        description="Accepted and ignored: videos carry no watermark of the vendor.",
        examples=[{"enabled": False}],
        json_schema_extra=optional,
    ),
]
_IGNORED: Mapping[str, str] = {"watermark_info": "videos carry no watermark of the vendor"}


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


class _OneShotVideo(Words):
    """What every model of one shot takes."""

    wire: ClassVar[str] = "kling"
    ignored: ClassVar[Mapping[str, str]] = _IGNORED

    prompt: Prompt
    negative_prompt: NegativePrompt = ""
    cfg_scale: CfgScale = 0.5
    aspect_ratio: Shape = "16:9"
    duration: FiveOrTen = "5"
    multi_shot: _OneShot = False
    watermark_info: _Watermark = None


class Text2Video720(_OneShotVideo):
    """Kling's text2video in the mode std: 720p, silent."""

    always: ClassVar[Mapping[str, Any]] = {"resolution": "720p"}

    sound: _Silence = "off"


class Text2Video1080(Text2Video720):
    """Kling's text2video in the mode pro, or by a master: 1080p, silent."""

    always: ClassVar[Mapping[str, Any]] = {"resolution": "1080p"}


class Text2VideoCamera720(Text2Video720):
    """Kling's text2video by its first model in the mode std: 720p, silent, with camera moves."""

    camera_control: Annotated[
        CameraControl | None,
        Field(
            title="Camera",
            description="A camera move, for videos of 5 seconds.",
            examples=[{"type": "down_back"}],
            json_schema_extra=optional,
        ),
    ] = None


class Text2VideoSound1080(_OneShotVideo):
    """Kling's text2video by 2.6 in the mode pro: 1080p, with sound if wanted."""

    always: ClassVar[Mapping[str, Any]] = {"resolution": "1080p"}

    sound: _Sound = "off"


class Text2VideoShots720(ShotWords):
    """Kling's text2video by 3 in the mode std: 720p, with sound and several shots if wanted."""

    wire: ClassVar[str] = "kling"
    always: ClassVar[Mapping[str, Any]] = {"resolution": "720p"}
    ignored: ClassVar[Mapping[str, str]] = _IGNORED

    prompt: MaybePrompt = None
    negative_prompt: NegativePrompt = ""
    cfg_scale: CfgScale = 0.5
    aspect_ratio: Shape = "16:9"
    duration: ThreeToFifteen = "5"
    sound: _Sound = "off"
    multi_shot: Annotated[bool, Field(title="Several shots", description="Cut several shots together.", examples=[False])] = False
    shot_type: Annotated[
        Literal["customize", "intelligence"] | None,
        Field(
            title="Who makes the shots",
            description="customize takes multi_prompt; intelligence lets the model divide the prompt. Needed with multi_shot.",
            examples=["customize"],
            json_schema_extra=optional,
        ),
    ] = None
    multi_prompt: KlingShots = None
    watermark_info: _Watermark = None

    @field_validator("multi_prompt")
    @classmethod
    def _check_shots(cls, shots: list[KlingShot] | None, info: ValidationInfo) -> list[KlingShot] | None:
        said = info.data
        if not {"prompt", "multi_shot", "shot_type", "duration"} <= said.keys():
            return shots  # one of them is at fault itself
        custom = said["multi_shot"] and said["shot_type"] == "customize"
        if said["multi_shot"] and said["shot_type"] is None:
            raise missing("shot_type", "Field required with multi_shot")
        if custom and shots is None:
            raise missing("multi_prompt", "Field required with the shot_type customize")
        if not custom and said["prompt"] is None:
            raise missing("prompt", "Field required")
        if shots is not None:
            if not custom:
                raise PydanticCustomError("value_error", "Shots need multi_shot and the shot_type customize")
            check_length(shots)
        return shots


class Text2VideoShots1080(Text2VideoShots720):
    """Kling's text2video by 3 in the mode pro: 1080p, with sound and several shots if wanted."""

    always: ClassVar[Mapping[str, Any]] = {"resolution": "1080p"}


class Text2VideoShots4k(Text2VideoShots720):
    """Kling's text2video by 3 in the mode 4k, with sound and several shots if wanted."""

    always: ClassVar[Mapping[str, Any]] = {"resolution": "4k"}
