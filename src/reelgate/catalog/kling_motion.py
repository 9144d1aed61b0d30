"""Kling's motion control by 2.6 and 3, under fal's ids and Kling's names."""

from __future__ import annotations

from reelgate.catalog._kling import FAL, TYPES
from reelgate.catalog._motion import (
    FalMotion720,
    FalMotion1080,
    FalMotionElement720,
    FalMotionElement1080,
    Motion720,
    Motion1080,
    Motion2026Element720,
    Motion2026Element1080,
    Motion2026x720,
    Motion2026x1080,
    MotionElement720,
    MotionElement1080,
)
from reelgate.contracts.endpoint import Endpoint
from reelgate.wire.fal import VideoOutput
from reelgate.wire.kling_task import KlingNewTask, KlingTask

_OUTPUTS = {"fal": VideoOutput, "kling": KlingTask, "kling2026": KlingNewTask}

# No price: it is a rate a second of a video whose length nobody knows when the job is accepted.
ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        id=f"{FAL}/v2.6/standard/motion-control",
        title="Kling 2.6 Standard Motion Control",
        description="Somebody in a picture moves as somebody in a video does, at 720p.",
        kind="motion-control",
        inputs={"fal": FalMotion720, "kling": Motion720, "kling2026": Motion2026x720},
        outputs=_OUTPUTS,
        source=TYPES,
        names={"kling": (("motion-control", "kling-v2-6", "std"),), "kling2026": (("motion-control", "kling-2.6", "720p"),)},
    ),
    Endpoint(
        id=f"{FAL}/v2.6/pro/motion-control",
        title="Kling 2.6 Pro Motion Control",
        description="Somebody in a picture moves as somebody in a video does, at 1080p.",
        kind="motion-control",
        inputs={"fal": FalMotion1080, "kling": Motion1080, "kling2026": Motion2026x1080},
        outputs=_OUTPUTS,
        source=TYPES,
        names={"kling": (("motion-control", "kling-v2-6", "pro"),), "kling2026": (("motion-control", "kling-2.6", "1080p"),)},
    ),
    Endpoint(
        id=f"{FAL}/v3/standard/motion-control",
        title="Kling 3 Standard Motion Control",
        description="Somebody in a picture moves as somebody in a video does, at 720p.",
        kind="motion-control",
        inputs={"fal": FalMotionElement720, "kling": MotionElement720, "kling2026": Motion2026Element720},
        outputs=_OUTPUTS,
        source=TYPES,
        names={"kling": (("motion-control", "kling-v3", "std"),), "kling2026": (("motion-control", "kling-3.0", "720p"),)},
    ),
    Endpoint(
        id=f"{FAL}/v3/pro/motion-control",
        title="Kling 3 Pro Motion Control",
        description="Somebody in a picture moves as somebody in a video does, at 1080p.",
        kind="motion-control",
        inputs={"fal": FalMotionElement1080, "kling": MotionElement1080, "kling2026": Motion2026Element1080},
        outputs=_OUTPUTS,
        source=TYPES,
        names={"kling": (("motion-control", "kling-v3", "pro"),), "kling2026": (("motion-control", "kling-3.0", "1080p"),)},
    ),
)
