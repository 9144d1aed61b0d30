"""Kling's own path `text2video`: the inputs of its models, in Kling's words.

The model's name and the mode choose the endpoint and are read by the wire; so are the address for callbacks, the caller's own
id of the task, and whether a watermark is wanted.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from reelgate.catalog._fields import CfgScale, FiveOrTen, NegativePrompt, Prompt, Shape, optional
from reelgate.catalog._kling_own import CONTENT, NO_CAMERA, NO_SCALE, ONE_SHOT, MaybeCamera, OwnSound
from reelgate.catalog._shots import KlingShot, KlingShots, MaybePrompt, ShotWords, ThreeToFifteen, check_length, missing
from reelgate.catalog._words import Words


class _OneShotVideo(Words):
    """What every model of one shot takes."""

    wire: ClassVar[str] = "kling"
    ignored: ClassVar[Mapping[str, str]] = {**NO_CAMERA, **ONE_SHOT, **NO_SCALE}
    refused: ClassVar[Mapping[str, str]] = CONTENT

    prompt: Prompt
    negative_prompt: NegativePrompt = ""
    aspect_ratio: Shape = "16:9"
    duration: FiveOrTen = "5"


class Text2Video2x720(_OneShotVideo):
    """Kling's text2video by its second generation in the mode std: 720p, silent."""

    always: ClassVar[Mapping[str, Any]] = {"resolution": "720p"}


class Text2Video2x1080(_OneShotVideo):
    """Kling's text2video by its second generation in the mode pro, or by a master: 1080p, silent."""

    always: ClassVar[Mapping[str, Any]] = {"resolution": "1080p"}


class Text2VideoSound1080(_OneShotVideo):
    """Kling's text2video by 2.6 in the mode pro: 1080p, with sound if wanted."""

    always: ClassVar[Mapping[str, Any]] = {"resolution": "1080p"}

    sound: OwnSound = "off"


class Text2Video720(_OneShotVideo):
    """Kling's text2video by its first generation in the mode std: 720p, silent."""

    always: ClassVar[Mapping[str, Any]] = {"resolution": "720p"}
    ignored: ClassVar[Mapping[str, str]] = {**NO_CAMERA, **ONE_SHOT}

    cfg_scale: CfgScale = 0.5


class Text2Video1080(Text2Video720):
    """Kling's text2video by its first generation in the mode pro: 1080p, silent."""

    always: ClassVar[Mapping[str, Any]] = {"resolution": "1080p"}


class Text2VideoCamera720(Text2Video720):
    """Kling's text2video by its first model in the mode std: 720p, silent, with camera moves."""

    ignored: ClassVar[Mapping[str, str]] = ONE_SHOT

    camera_control: MaybeCamera = None

    def idle(self) -> Mapping[str, str]:
        if self.duration == "5":
            return self.ignored
        return {**self.ignored, "camera_control": "camera moves are for videos of 5 seconds"}


class ShotsOfOnesOwn(ShotWords):
    """What the models of several shots take, whatever a video begins with."""

    wire: ClassVar[str] = "kling"
    ignored: ClassVar[Mapping[str, str]] = NO_CAMERA
    refused: ClassVar[Mapping[str, str]] = CONTENT
    needs_prompt: ClassVar[bool] = True

    prompt: MaybePrompt = None
    duration: ThreeToFifteen = "5"
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
    sound: OwnSound = "off"

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
        if not custom and said["prompt"] is None and (cls.needs_prompt or said["multi_shot"]):
            raise missing("prompt", "Field required")
        if shots is not None:
            if not custom:
                raise PydanticCustomError("value_error", "Shots need multi_shot and the shot_type customize")
            check_length(shots)
        return shots


class Text2VideoShots720(ShotsOfOnesOwn):
    """Kling's text2video by 3 in the mode std: 720p, with sound and several shots if wanted."""

    always: ClassVar[Mapping[str, Any]] = {"resolution": "720p"}

    negative_prompt: NegativePrompt = ""
    cfg_scale: CfgScale = 0.5
    aspect_ratio: Shape = "16:9"


class Text2VideoShots1080(Text2VideoShots720):
    """Kling's text2video by 3 in the mode pro: 1080p, with sound and several shots if wanted."""

    always: ClassVar[Mapping[str, Any]] = {"resolution": "1080p"}


class Text2VideoShots4k(Text2VideoShots720):
    """Kling's text2video by 3 in the mode 4k, with sound and several shots if wanted."""

    always: ClassVar[Mapping[str, Any]] = {"resolution": "4k"}
