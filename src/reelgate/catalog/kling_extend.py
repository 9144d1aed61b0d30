"""Kling 1 goes on from a video that it made: Kling's own path `video-extend`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from reelgate.catalog._fields import CfgScale, NegativePrompt
from reelgate.catalog._kling import KLING_DOCS
from reelgate.catalog._kling_own import MaybeSomePrompt
from reelgate.catalog._own_video import VideoId
from reelgate.catalog._words import Words
from reelgate.contracts.endpoint import Endpoint
from reelgate.wire.kling_task import KlingTask


class VideoExtend(Words):
    """Kling's video-extend: five seconds more of a video that 1, 1.5 or 1.6 made."""

    wire: ClassVar[str] = "kling"
    always: ClassVar[Mapping[str, Any]] = {"seconds": 5}
    ignored: ClassVar[Mapping[str, str]] = {"aspect_ratio": "the video has the shape of the one that it goes on from"}

    video_id: VideoId
    prompt: MaybeSomePrompt = ""
    negative_prompt: NegativePrompt = ""
    cfg_scale: CfgScale = 0.5


ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        id="kling/v1/video-extend",
        title="Kling 1 from a video that it made",
        description="Five seconds more of a video by Kling 1, 1.5 or 1.6; reached by Kling's own path only.",
        kind="extend-video",
        inputs={"kling": VideoExtend},
        outputs={"kling": KlingTask},
        source=KLING_DOCS,
        names={"kling": (("video-extend", "", ""),)},
    ),
)
