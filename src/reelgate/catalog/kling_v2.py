"""Kling 2: master, 2.1, 2.5 Turbo and 2.6, under fal's ids and Kling's names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import Field

from reelgate.catalog._fields import (
    FirstFrame,
    FiveOrTen,
    MaybeLastFrame,
    NegativePrompt,
    Prompt,
    ShapeOfPicture,
    Sound,
)
from reelgate.catalog._image2video import Image2Video2x720, Image2Video2x1080, Image2Video2xTail1080, Image2VideoSound1080
from reelgate.catalog._image2026 import Image2026Audio1080, Image2026x720, Image2026x1080
from reelgate.catalog._kling import (
    EXTENDED,
    FAL,
    KLING_DOCS,
    NEGATIVE,
    TYPES,
    VENDOR_PRICES,
    KlingPicture720,
    KlingPicture1080,
    KlingPictures1080,
    KlingText1080,
    per_second,
    with_voices,
)
from reelgate.catalog._text2video import Text2Video2x720, Text2Video2x1080, Text2VideoSound1080
from reelgate.catalog._text2026 import Text2026Audio1080, Text2026x720, Text2026x1080
from reelgate.catalog._words import Words
from reelgate.contracts.endpoint import Endpoint
from reelgate.wire.fal import VideoOutput
from reelgate.wire.kling_task import KlingNewTask, KlingTask


class Kling26Text(KlingText1080):
    """Kling 2.6 Pro from text: 1080p, with sound unless it is turned off."""

    generate_audio: Sound = True


class Kling26Picture(Words):
    """Kling 2.6 Pro from a picture: 1080p, with sound unless it is turned off."""

    always: ClassVar[Mapping[str, Any]] = {"resolution": "1080p"}

    prompt: Prompt
    start_image_url: FirstFrame
    end_image_url: MaybeLastFrame = None
    duration: FiveOrTen = "5"
    aspect_ratio: ShapeOfPicture = None
    negative_prompt: NegativePrompt = NEGATIVE
    generate_audio: Sound = True
    voice_ids: Annotated[
        tuple[str, ...],
        Field(
            title="Voices",
            description="Names of up to two voices for the sound track; they raise the price a second.",
            max_length=2,
            examples=[["narrator-calm"]],
        ),
    ] = ()


ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        id=f"{FAL}/v2/master/text-to-video",
        title="Kling 2 Master, from text",
        description="The first model of Kling's second generation, at 1080p.",
        kind="text-to-video",
        inputs={"fal": KlingText1080, "kling": Text2Video2x1080},
        outputs={"fal": VideoOutput, "kling": KlingTask},
        source=TYPES,
        price=per_second("0.28"),
        names={"kling": (("text2video", "kling-v2-master", "std"), ("text2video", "kling-v2-master", "pro"))},
    ),
    Endpoint(
        id=f"{FAL}/v2/master/image-to-video",
        title="Kling 2 Master, from a picture",
        description="The first model of Kling's second generation, at 1080p.",
        kind="image-to-video",
        inputs={"fal": KlingPicture1080, "kling": Image2Video2x1080},
        outputs={"fal": VideoOutput, "kling": KlingTask},
        source=EXTENDED,
        price=per_second("0.28"),
        names={
            "kling": (
                ("image2video", "kling-v2-master", "std"),
                ("image2video", "kling-v2-master", "pro"),
            )
        },
    ),
    Endpoint(
        id=f"{FAL}/v2.1/master/text-to-video",
        title="Kling 2.1 Master, from text",
        description="The best of Kling 2.1, at 1080p.",
        kind="text-to-video",
        inputs={"fal": KlingText1080, "kling": Text2Video2x1080},
        outputs={"fal": VideoOutput, "kling": KlingTask},
        source=TYPES,
        price=per_second("0.28"),
        names={"kling": (("text2video", "kling-v2-1-master", "std"), ("text2video", "kling-v2-1-master", "pro"))},
    ),
    Endpoint(
        id=f"{FAL}/v2.1/master/image-to-video",
        title="Kling 2.1 Master, from a picture",
        description="The best of Kling 2.1, at 1080p.",
        kind="image-to-video",
        inputs={"fal": KlingPicture1080, "kling": Image2Video2x1080},
        outputs={"fal": VideoOutput, "kling": KlingTask},
        source=EXTENDED,
        price=per_second("0.28"),
        names={
            "kling": (
                ("image2video", "kling-v2-1-master", "std"),
                ("image2video", "kling-v2-1-master", "pro"),
            )
        },
    ),
    Endpoint(
        id=f"{FAL}/v2.1/standard/image-to-video",
        title="Kling 2.1 Standard, from a picture",
        description="Kling 2.1 at 720p: a fifth of the price of its master.",
        kind="image-to-video",
        inputs={"fal": KlingPicture720, "kling": Image2Video2x720},
        outputs={"fal": VideoOutput, "kling": KlingTask},
        source=EXTENDED,
        price=per_second("0.056"),
        names={"kling": (("image2video", "kling-v2-1", "std"),)},
    ),
    Endpoint(
        id=f"{FAL}/v2.1/pro/image-to-video",
        title="Kling 2.1 Pro, from one or two pictures",
        description="Kling 2.1 at 1080p, with a last picture if wanted.",
        kind="image-to-video",
        inputs={"fal": KlingPictures1080, "kling": Image2Video2xTail1080},
        outputs={"fal": VideoOutput, "kling": KlingTask},
        source=EXTENDED,
        price=per_second("0.098"),
        names={"kling": (("image2video", "kling-v2-1", "pro"),)},
    ),
    Endpoint(
        id=f"{FAL}/v2.5-turbo/pro/text-to-video",
        title="Kling 2.5 Turbo Pro, from text",
        description="Quick and fluid, at 1080p.",
        kind="text-to-video",
        inputs={"fal": KlingText1080, "kling": Text2Video2x1080, "kling2026": Text2026x1080},
        outputs={"fal": VideoOutput, "kling": KlingTask, "kling2026": KlingNewTask},
        source=TYPES,
        price=per_second("0.07"),
        names={"kling": (("text2video", "kling-v2-5-turbo", "pro"),), "kling2026": (("text-to-video", "kling-2.5-turbo", "1080p"),)},
    ),
    Endpoint(
        id=f"{FAL}/v2.5-turbo/pro/image-to-video",
        title="Kling 2.5 Turbo Pro, from one or two pictures",
        description="Quick and fluid, at 1080p, with a last picture if wanted.",
        kind="image-to-video",
        inputs={"fal": KlingPictures1080, "kling": Image2Video2xTail1080, "kling2026": Image2026x1080},
        outputs={"fal": VideoOutput, "kling": KlingTask, "kling2026": KlingNewTask},
        source=EXTENDED,
        price=per_second("0.07"),
        names={"kling": (("image2video", "kling-v2-5-turbo", "pro"),), "kling2026": (("image-to-video", "kling-2.5-turbo", "1080p"),)},
    ),
    Endpoint(
        id=f"{FAL}/v2.5-turbo/standard/image-to-video",
        title="Kling 2.5 Turbo Standard, from a picture",
        description="Quick and fluid, at 720p.",
        kind="image-to-video",
        inputs={"fal": KlingPicture720, "kling": Image2Video2x720, "kling2026": Image2026x720},
        outputs={"fal": VideoOutput, "kling": KlingTask, "kling2026": KlingNewTask},
        source=EXTENDED,
        price=per_second("0.042"),
        names={"kling": (("image2video", "kling-v2-5-turbo", "std"),), "kling2026": (("image-to-video", "kling-2.5-turbo", "720p"),)},
    ),
    Endpoint(
        id="kling/v1/text2video/kling-v2-5-turbo/std",
        title="Kling 2.5 Turbo Standard, from text",
        description="Quick and fluid, at 720p; reached by Kling's own path only.",
        kind="text-to-video",
        inputs={"kling": Text2Video2x720, "kling2026": Text2026x720},
        outputs={"kling": KlingTask, "kling2026": KlingNewTask},
        source=KLING_DOCS,
        price=per_second("0.042", source=VENDOR_PRICES),
        names={"kling": (("text2video", "kling-v2-5-turbo", "std"),), "kling2026": (("text-to-video", "kling-2.5-turbo", "720p"),)},
    ),
    Endpoint(
        id=f"{FAL}/v2.6/pro/text-to-video",
        title="Kling 2.6 Pro, from text",
        description="Picture and sound in one go, at 1080p.",
        kind="text-to-video",
        inputs={"fal": Kling26Text, "kling": Text2VideoSound1080, "kling2026": Text2026Audio1080},
        outputs={"fal": VideoOutput, "kling": KlingTask, "kling2026": KlingNewTask},
        source=TYPES,
        price=per_second("0.07", with_sound="0.14"),
        names={"kling": (("text2video", "kling-v2-6", "pro"),), "kling2026": (("text-to-video", "kling-2.6", "1080p"),)},
    ),
    Endpoint(
        id=f"{FAL}/v2.6/pro/image-to-video",
        title="Kling 2.6 Pro, from one or two pictures",
        description="Picture and sound in one go, at 1080p, with voices and a last picture if wanted.",
        kind="image-to-video",
        inputs={"fal": Kling26Picture, "kling": Image2VideoSound1080, "kling2026": Image2026Audio1080},
        outputs={"fal": VideoOutput, "kling": KlingTask, "kling2026": KlingNewTask},
        source=EXTENDED,
        price=with_voices("0.07", with_sound="0.14", with_voices="0.168"),
        names={"kling": (("image2video", "kling-v2-6", "pro"),), "kling2026": (("image-to-video", "kling-2.6", "1080p"),)},
    ),
    Endpoint(
        id="kling/v1/text2video/kling-v2-6/std",
        title="Kling 2.6 Standard, from text",
        description="Silent, at 720p; reached by Kling's own path only.",
        kind="text-to-video",
        inputs={"kling": Text2Video2x720, "kling2026": Text2026x720},
        outputs={"kling": KlingTask, "kling2026": KlingNewTask},
        source=KLING_DOCS,
        price=per_second("0.042", source=VENDOR_PRICES),
        names={"kling": (("text2video", "kling-v2-6", "std"),), "kling2026": (("text-to-video", "kling-2.6", "720p"),)},
    ),
    Endpoint(
        id="kling/v1/image2video/kling-v2-6/std",
        title="Kling 2.6 Standard, from a picture",
        description="Silent, at 720p; reached by Kling's own paths only.",
        kind="image-to-video",
        inputs={"kling": Image2Video2x720, "kling2026": Image2026x720},
        outputs={"kling": KlingTask, "kling2026": KlingNewTask},
        source=KLING_DOCS,
        price=per_second("0.042", source=VENDOR_PRICES),
        names={"kling": (("image2video", "kling-v2-6", "std"),), "kling2026": (("image-to-video", "kling-2.6", "720p"),)},
    ),
)
