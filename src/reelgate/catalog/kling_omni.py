"""Kling O1 and 3 Omni by Kling's own paths, on which one prompt speaks of pictures, elements and a video of any purpose."""

from __future__ import annotations

from reelgate.catalog._kling import KLING_DOCS, with_video
from reelgate.catalog._omni import Omni3x4k, Omni3x720, Omni3x1080, OmniO1x720, OmniO1x1080
from reelgate.catalog._omni2026 import Omni2026O1x720, Omni2026O1x1080, Omni2026x4k, Omni2026x720, Omni2026x1080
from reelgate.contracts.endpoint import Endpoint
from reelgate.wire.kling_task import KlingNewTask, KlingTask

_OUTPUTS = {"kling": KlingTask, "kling2026": KlingNewTask}

ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        id="kling/v1/omni-video/kling-video-o1/std",
        title="Kling O1 Standard, from words, pictures and videos",
        description="Silent, up to 10 seconds, at 720p; reached by Kling's own paths only.",
        kind="omni-video",
        inputs={"kling": OmniO1x720, "kling2026": Omni2026O1x720},
        outputs=_OUTPUTS,
        source=KLING_DOCS,
        price=with_video("0.084", with_video="0.126"),
        names={"kling": (("omni-video", "kling-video-o1", "std"),), "kling2026": (("omni-video", "kling-o1", "720p"),)},
    ),
    Endpoint(
        id="kling/v1/omni-video/kling-video-o1/pro",
        title="Kling O1 Pro, from words, pictures and videos",
        description="Silent, up to 10 seconds, at 1080p; reached by Kling's own paths only.",
        kind="omni-video",
        inputs={"kling": OmniO1x1080, "kling2026": Omni2026O1x1080},
        outputs=_OUTPUTS,
        source=KLING_DOCS,
        price=with_video("0.112", with_video="0.168"),
        names={"kling": (("omni-video", "kling-video-o1", "pro"),), "kling2026": (("omni-video", "kling-o1", "1080p"),)},
    ),
    Endpoint(
        id="kling/v1/omni-video/kling-v3-omni/std",
        title="Kling 3 Omni Standard, from words, pictures and videos",
        description="Up to 15 seconds with sound, at 720p; reached by Kling's own paths only.",
        kind="omni-video",
        inputs={"kling": Omni3x720, "kling2026": Omni2026x720},
        outputs=_OUTPUTS,
        source=KLING_DOCS,
        price=with_video("0.084", with_sound="0.112", with_video="0.126"),
        names={"kling": (("omni-video", "kling-v3-omni", "std"),), "kling2026": (("omni-video", "kling-3.0-omni", "720p"),)},
    ),
    Endpoint(
        id="kling/v1/omni-video/kling-v3-omni/pro",
        title="Kling 3 Omni Pro, from words, pictures and videos",
        description="Up to 15 seconds with sound, at 1080p; reached by Kling's own paths only.",
        kind="omni-video",
        inputs={"kling": Omni3x1080, "kling2026": Omni2026x1080},
        outputs=_OUTPUTS,
        source=KLING_DOCS,
        price=with_video("0.112", with_sound="0.14", with_video="0.168"),
        names={"kling": (("omni-video", "kling-v3-omni", "pro"),), "kling2026": (("omni-video", "kling-3.0-omni", "1080p"),)},
    ),
    Endpoint(
        id="kling/v1/omni-video/kling-v3-omni/4k",
        title="Kling 3 Omni 4k, from words, pictures and videos",
        description="Up to 15 seconds with sound, at 4k; reached by Kling's own paths only.",
        kind="omni-video",
        inputs={"kling": Omni3x4k, "kling2026": Omni2026x4k},
        outputs=_OUTPUTS,
        source=KLING_DOCS,
        price=with_video("0.42", with_video="0.42"),
        names={"kling": (("omni-video", "kling-v3-omni", "4k"),), "kling2026": (("omni-video", "kling-3.0-omni", "4k"),)},
    ),
)
