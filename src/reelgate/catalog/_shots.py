"""Videos of several shots: the words for them, and the rules between a prompt, its shots and the length of all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from reelgate.catalog._fields import MEANS_BARE_SECONDS, bare_seconds_as_text, optional
from reelgate.catalog._words import Means, Words
from reelgate.domain.media import Shot, VideoInput

LONGEST_S = 15

_ShotSeconds = Annotated[
    Literal["1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14", "15"],
    BeforeValidator(bare_seconds_as_text),
    Field(title="Duration", description="Length of the shot in seconds.", examples=["5"]),
]
ThreeToFifteen = Annotated[
    Literal["3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14", "15"],
    BeforeValidator(bare_seconds_as_text),
    Field(
        title="Duration",
        description="Length of the video in seconds. Where there are shots, their lengths count instead.",
        examples=["5"],
    ),
    MEANS_BARE_SECONDS,
]
MaybePrompt = Annotated[
    str | None,
    Field(
        title="Prompt",
        description="What should be seen, and what should happen. Give either this or the shots.",
        min_length=1,
        max_length=2500,
        examples=["A fox trots over fresh snow; the camera keeps beside it."],
        json_schema_extra=optional,
    ),
    Means("prompt"),
]


class FalShot(BaseModel):
    """One shot, as fal has it."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)

    prompt: str = Field(
        title="Prompt",
        description="What is seen in this shot.",
        min_length=1,
        max_length=2500,
        examples=["A fox trots over fresh snow."],
    )
    duration: _ShotSeconds = "5"


class KlingShot(BaseModel):
    """One shot, as Kling has it."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)

    index: int | None = Field(
        None,
        title="Index",
        description="The place of the shot, from 1.",
        ge=1,
        le=6,
        examples=[1],
        json_schema_extra=optional,
    )
    prompt: str = Field(
        title="Prompt",
        description="What is seen in this shot.",
        min_length=1,
        max_length=512,
        examples=["A fox trots over fresh snow."],
    )
    duration: _ShotSeconds


def _read_shots(shots: Sequence[FalShot | KlingShot], _field: str) -> tuple[Shot, ...]:
    return tuple(Shot(prompt=each.prompt, seconds=int(each.duration)) for each in shots)


def _write_fal(shots: Sequence[Shot]) -> list[dict[str, Any]]:
    return [{"prompt": each.prompt, "duration": str(each.seconds)} for each in shots]


def _write_kling(shots: Sequence[Shot]) -> list[dict[str, Any]]:
    return [{"index": number, **each} for number, each in enumerate(_write_fal(shots), 1)]


FalShots = Annotated[
    list[FalShot] | None,
    Field(
        title="Shots",
        description=f"Shots that are cut together, {LONGEST_S} seconds at most in all. Give either these or a prompt.",
        min_length=1,
        max_length=6,
        examples=[[{"prompt": "A fox trots over fresh snow.", "duration": "3"}, {"prompt": "It looks up.", "duration": "2"}]],
        json_schema_extra=optional,
        validate_default=True,
    ),
    Means("shots", _read_shots, _write_fal),
]
FalShotType = Annotated[
    Literal["customize", "intelligent"],
    Field(
        title="Who makes the shots",
        description="customize keeps to the prompt or the shots given; intelligent lets the model divide the prompt.",
        examples=["customize"],
    ),
]
KlingShots = Annotated[
    list[KlingShot] | None,
    Field(
        title="Shots",
        description="Shots that are cut together; needs multi_shot and the shot_type customize. Their lengths add up to duration.",
        min_length=1,
        max_length=6,
        examples=[
            [
                {"index": 1, "prompt": "A fox trots over fresh snow.", "duration": "3"},
                {"index": 2, "prompt": "It looks up.", "duration": "2"},
            ]
        ],
        json_schema_extra=optional,
        validate_default=True,
    ),
    Means("shots", _read_shots, _write_kling),
]


class ShotWords(Words):
    """Words among which there may be shots: then the video is as long as they are."""

    def wanted(self) -> VideoInput:
        wanted = super().wanted()
        return replace(wanted, seconds=sum(each.seconds for each in wanted.shots)) if wanted.shots else wanted

    @classmethod
    def spoken(cls, wanted: VideoInput) -> dict[str, Any]:
        body = super().spoken(wanted)
        if wanted.shots:
            del body["duration"]
        return body


def check_one_of(prompt: str | None, shots: Sequence[FalShot] | None) -> None:
    """Either a prompt or shots, not both, and not for longer than a video may last."""
    if shots is None:
        if prompt is None:
            raise missing("prompt", "Field required: a prompt, or a multi_prompt")
        return
    if prompt is not None:
        raise PydanticCustomError("value_error", "Give either a prompt or a multi_prompt, not both")
    check_length(shots)


def check_length(shots: Sequence[FalShot | KlingShot]) -> int:
    """How long the shots last together, if they may."""
    seconds = sum(int(each.duration) for each in shots)
    if seconds > LONGEST_S:
        raise PydanticCustomError("value_error", "The shots may last 15 seconds at most together")
    return seconds


def missing(field: str, words: str) -> PydanticCustomError:
    """The fault of another field that is not there."""
    return PydanticCustomError("missing", "{words}", {"at": field, "words": words})
