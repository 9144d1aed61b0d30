"""Kling's own path `image2video`: the inputs of its models, in Kling's words, and what each of them takes of pictures.

A last picture, masks and a camera move exclude each other; which of them a model takes, and in videos of which length, is the
vendor's table of capabilities.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import Field, model_validator

from reelgate.catalog._fields import CfgScale, FiveOrTen, NegativePrompt
from reelgate.catalog._kling_own import (
    CONTENT,
    FOLLOWS_PICTURE,
    NO_CAMERA,
    NO_SCALE,
    ONE_SHOT,
    ElementById,
    MaybeCamera,
    MaybeOwnFirst,
    MaybeOwnLast,
    MaybeSomePrompt,
    OwnFirst,
    OwnSound,
    Voice,
    unsupported,
)
from reelgate.catalog._masks import OwnDynamicMasks, OwnStaticMask
from reelgate.catalog._shots import missing
from reelgate.catalog._text2video import ShotsOfOnesOwn
from reelgate.catalog._words import Words


class _OneShotVideo(Words):
    """What every model of one shot takes, but for its pictures."""

    wire: ClassVar[str] = "kling"
    ignored: ClassVar[Mapping[str, str]] = {**FOLLOWS_PICTURE, **NO_CAMERA, **ONE_SHOT, **NO_SCALE}
    refused: ClassVar[Mapping[str, str]] = CONTENT

    prompt: MaybeSomePrompt = ""
    negative_prompt: NegativePrompt = ""
    duration: FiveOrTen = "5"


_GUIDED: Mapping[str, str] = {**FOLLOWS_PICTURE, **NO_CAMERA, **ONE_SHOT}


class Image2Video2x720(_OneShotVideo):
    """Kling's image2video by its second generation in the mode std: 720p, silent."""

    always: ClassVar[Mapping[str, Any]] = {"resolution": "720p"}

    image: OwnFirst


class Image2Video2x1080(Image2Video2x720):
    """Kling's image2video by a master: 1080p, silent."""

    always: ClassVar[Mapping[str, Any]] = {"resolution": "1080p"}


class Image2Video720(_OneShotVideo):
    """Kling's image2video by 1.5 and 1.6 in the mode std: 720p, silent."""

    always: ClassVar[Mapping[str, Any]] = {"resolution": "720p"}
    ignored: ClassVar[Mapping[str, str]] = _GUIDED

    image: OwnFirst
    cfg_scale: CfgScale = 0.5


class _TwoPictures(_OneShotVideo):
    """What the models that take a last picture share."""

    image: MaybeOwnFirst = None
    image_tail: MaybeOwnLast = None

    @model_validator(mode="after")
    def _some_picture(self) -> _TwoPictures:
        if self.image is None and self.image_tail is None:
            raise missing("image", "Field required: a first picture, or a last one in image_tail")
        return self


class Image2Video2xTail1080(_TwoPictures):
    """Kling's image2video by 2.1 and 2.5 Turbo in the mode pro: 1080p, silent, with a last picture if wanted."""

    always: ClassVar[Mapping[str, Any]] = {"resolution": "1080p"}


class Image2VideoSound1080(_TwoPictures):
    """Kling's image2video by 2.6 in the mode pro: 1080p, with sound and voices, or with a last picture, if wanted."""

    always: ClassVar[Mapping[str, Any]] = {"resolution": "1080p"}

    sound: OwnSound = "off"
    voice_list: Annotated[
        tuple[Voice, ...],
        Field(
            title="Voices",
            description="Up to two voices for the sound track; they raise the price a second.",
            max_length=2,
            examples=[[{"voice_id": "narrator-calm"}]],
        ),
    ] = ()

    @model_validator(mode="after")
    def _silent_or_not(self) -> Image2VideoSound1080:
        if self.image_tail is not None and self.sound == "on":
            raise unsupported("image_tail", "This model takes a last picture for silent videos only")
        if self.voice_list and self.sound == "off":
            raise unsupported("voice_list", "Voices need sound on")
        return self


class Image2VideoTail1080(_TwoPictures):
    """Kling's image2video by 1.6 in the mode pro: 1080p, silent, with a last picture if wanted."""

    always: ClassVar[Mapping[str, Any]] = {"resolution": "1080p"}
    ignored: ClassVar[Mapping[str, str]] = _GUIDED

    cfg_scale: CfgScale = 0.5


class Image2VideoMasks720(_TwoPictures):
    """Kling's image2video by its first model in the mode std: 720p, silent; in 5 seconds with a last picture or masks."""

    always: ClassVar[Mapping[str, Any]] = {"resolution": "720p"}
    ignored: ClassVar[Mapping[str, str]] = _GUIDED
    tail_in_5_s: ClassVar[bool] = True

    cfg_scale: CfgScale = 0.5
    static_mask: OwnStaticMask = None
    dynamic_masks: OwnDynamicMasks = ()

    @model_validator(mode="after")
    def _in_five_seconds(self) -> Image2VideoMasks720:
        mask = "static_mask" if self.static_mask is not None else "dynamic_masks"
        masked = self.static_mask is not None or bool(self.dynamic_masks)
        if self.tail_in_5_s and self.image_tail is not None and self.duration != "5":
            raise unsupported("image_tail", "This model takes a last picture for videos of 5 seconds only")
        if masked and self.duration != "5":
            raise unsupported(mask, "This model takes masks for videos of 5 seconds only")
        if masked and self.image_tail is not None:
            raise unsupported(mask, "Masks and a last picture exclude each other")
        return self


class Image2VideoMasks1080(Image2VideoMasks720):
    """Kling's image2video by its first model in the mode pro: 1080p, silent; in 5 seconds with a last picture or masks."""

    always: ClassVar[Mapping[str, Any]] = {"resolution": "1080p"}


class Image2VideoCamera1080(Image2VideoMasks720):
    """Kling's image2video by 1.5 in the mode pro: 1080p, silent; with a last picture, or in 5 seconds masks or a camera move."""

    always: ClassVar[Mapping[str, Any]] = {"resolution": "1080p"}
    ignored: ClassVar[Mapping[str, str]] = {**FOLLOWS_PICTURE, **ONE_SHOT}
    tail_in_5_s: ClassVar[bool] = False

    camera_control: MaybeCamera = None

    def idle(self) -> Mapping[str, str]:
        if self.camera_control is not None and self.camera_control.type != "simple":
            return {**self.ignored, "camera_control": "this model moves its camera by the type simple only"}
        if self.duration != "5":
            return {**self.ignored, "camera_control": "camera moves are for videos of 5 seconds"}
        return self.ignored

    @model_validator(mode="after")
    def _one_of_three(self) -> Image2VideoCamera1080:
        moves = self.camera_control is not None and "camera_control" not in self.idle()
        if moves and (self.image_tail is not None or self.static_mask is not None or self.dynamic_masks):
            raise unsupported("camera_control", "A camera move excludes masks and a last picture")
        return self


class Image2VideoShots720(ShotsOfOnesOwn):
    """Kling's image2video by 3 in the mode std: 720p, with sound, several shots, a last picture and elements if wanted."""

    always: ClassVar[Mapping[str, Any]] = {"resolution": "720p"}
    ignored: ClassVar[Mapping[str, str]] = {**FOLLOWS_PICTURE, **NO_CAMERA}
    needs_prompt: ClassVar[bool] = False

    image: MaybeOwnFirst = None
    image_tail: MaybeOwnLast = None
    negative_prompt: NegativePrompt = ""
    cfg_scale: CfgScale = 0.5
    element_list: Annotated[
        tuple[ElementById, ...],
        Field(
            title="Elements",
            description="People and things that should appear, by their numbers at the vendor.",
            max_length=3,
            examples=[[{"element_id": 160}]],
        ),
    ] = ()

    @model_validator(mode="after")
    def _some_picture(self) -> Image2VideoShots720:
        if self.image is None and self.image_tail is None:
            raise missing("image", "Field required: a first picture, or a last one in image_tail")
        return self


class Image2VideoShots1080(Image2VideoShots720):
    """Kling's image2video by 3 in the mode pro: 1080p, with sound, several shots, a last picture and elements if wanted."""

    always: ClassVar[Mapping[str, Any]] = {"resolution": "1080p"}


class Image2VideoShots4k(Image2VideoShots720):
    """Kling's image2video by 3 in the mode 4k, with sound, several shots, a last picture and elements if wanted."""

    always: ClassVar[Mapping[str, Any]] = {"resolution": "4k"}
