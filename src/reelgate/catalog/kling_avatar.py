"""Kling's avatars: a person from a picture speaks what a sound says, under fal's ids and Kling's names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, Field, model_validator

from reelgate.catalog._fields import FirstFrame, check_address, optional
from reelgate.catalog._kling import FAL, TYPES
from reelgate.catalog._kling_own import MaybeOwnSound, MaybeSomePrompt, OwnFirst, unsupported
from reelgate.catalog._shots import missing
from reelgate.catalog._words import Means, Medium, Words
from reelgate.contracts.endpoint import Endpoint
from reelgate.wire.fal import VideoOutput
from reelgate.wire.kling_task import KlingTask

_SPEECH = "https://example.com/sounds/keeper.mp3"
FalSound = Annotated[
    str,
    AfterValidator(check_address),
    Field(title="Sound", description="An http(s) address or a data URI.", examples=[_SPEECH], json_schema_extra={"format": "uri"}),
    Medium(),
]


class FalAvatar720(Words):
    """Kling's avatar, standard quality: 720p, with sound."""

    always: ClassVar[Mapping[str, Any]] = {"resolution": "720p", "sound": True}

    image_url: FirstFrame
    audio_url: FalSound
    prompt: Annotated[
        str,
        Field(title="Prompt", description="How the person moves.", min_length=1, max_length=2500, examples=["She nods and smiles."]),
        Means("prompt"),
    ] = "."


class FalAvatar1080(FalAvatar720):
    """Kling's avatar, pro quality: 1080p, with sound."""

    always: ClassVar[Mapping[str, Any]] = {"resolution": "1080p", "sound": True}


class Avatar720(Words):
    """Kling's avatar/image2video in the mode std: 720p, with sound."""

    wire: ClassVar[str] = "kling"
    always: ClassVar[Mapping[str, Any]] = {"resolution": "720p", "sound": True}

    image: OwnFirst
    audio_id: Annotated[
        str | None,
        Field(
            title="Sound of the vendor",
            description="The id of a sound that the vendor made.",
            min_length=1,
            max_length=255,
            examples=["sound-17"],
            json_schema_extra=optional,
        ),
    ] = None
    sound_file: MaybeOwnSound = None
    prompt: MaybeSomePrompt = ""

    @model_validator(mode="after")
    def _one_sound(self) -> Avatar720:
        if self.audio_id is None and self.sound_file is None:
            raise missing("sound_file", "Field required: a sound, or the vendor's id of one in audio_id")
        if self.audio_id is not None and self.sound_file is not None:
            raise unsupported("sound_file", "A sound and the id of a sound exclude each other")
        return self


class Avatar1080(Avatar720):
    """Kling's avatar/image2video in the mode pro: 1080p, with sound."""

    always: ClassVar[Mapping[str, Any]] = {"resolution": "1080p", "sound": True}


# No price: it is a rate a second of a sound whose length nobody knows when the job is accepted.
ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        id=f"{FAL}/ai-avatar/v2/standard",
        title="Kling Avatar Standard",
        description="A person from a picture speaks what a sound says, at 720p.",
        kind="avatar",
        inputs={"fal": FalAvatar720, "kling": Avatar720},
        outputs={"fal": VideoOutput, "kling": KlingTask},
        source=TYPES,
        names={"kling": (("avatar/image2video", "", "std"),)},
    ),
    Endpoint(
        id=f"{FAL}/ai-avatar/v2/pro",
        title="Kling Avatar Pro",
        description="A person from a picture speaks what a sound says, at 1080p.",
        kind="avatar",
        inputs={"fal": FalAvatar1080, "kling": Avatar1080},
        outputs={"fal": VideoOutput, "kling": KlingTask},
        source=TYPES,
        names={"kling": (("avatar/image2video", "", "pro"),)},
    ),
)
