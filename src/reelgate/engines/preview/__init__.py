"""The preview engine: films without a video model, on any processor, in seconds.

Words become a painted scene that a camera moves through; a picture becomes a camera move on itself. It stands in where
no paid model is configured, shows a customer what will be framed how, and says in the picture, in the file and in the
answer that it is a preview.

This module only declares. Everything that draws is imported inside `render`.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from reelgate.contracts.engine import Engine, Order, Report
from reelgate.domain.media import Dropped, Video, VideoInput
from reelgate.engines.preview.directive import read_script
from reelgate.engines.preview.leftover import cannot_make, left_over


class Preview:
    """Draws a preview of any text-to-video, image-to-video or multi-shot request."""

    name = "preview"

    def serves(self, endpoint: str) -> bool:
        """Every video endpoint of fal and Kling, but for those whose point is somebody's mouth, body or footage."""
        vendor, *parts = endpoint.split("/")
        return vendor in _VENDORS and bool(parts) and _NOT_OURS.isdisjoint(parts)

    def available(self) -> str:
        """Empty, or the missing packages and the command that installs them."""
        missing = [name for module, name in _PACKAGES.items() if find_spec(module) is None]
        return f"{', '.join(missing)} not installed: pip install 'reelgate[preview]'" if missing else ""

    def cannot(self, endpoint: str, wanted: VideoInput) -> str:
        """Empty, or why no preview of this input would be one."""
        return cannot_make(endpoint, wanted)

    def unused(self, endpoint: str, wanted: VideoInput) -> tuple[Dropped, ...]:
        """The fields that change nothing in a preview."""
        return left_over(wanted)

    def wait_s(self, wanted: VideoInput) -> float:
        """What `[[slow 30]]` or `[[hang]]` in the prompt asks for, at most ten minutes."""
        return max(read_script(prompt).wait_s for prompt in (wanted.prompt, *(shot.prompt for shot in wanted.shots)))

    def render(self, order: Order, folder: Path, report: Report) -> Video:
        """Draw and encode; see `render.py`."""
        # By name, not by an import statement: OpenCV, NumPy and PyAV come along, and only the child process needs them.
        render: Callable[[Order, Path, Report], Video] = import_module(f"{__name__}.render").render
        return render(order, folder, report)


_VENDORS = {"fal-ai", "kling", "demo"}

_NOT_OURS = {
    "lipsync",
    "lip-sync",
    "advanced-lip-sync",
    "identify-face",
    "effects",
    "avatar",
    "ai-avatar",
    "motion-control",
    "edit",
    "video-edit",
    "multi-elements",
    "video-to-audio",
    "text-to-audio",
    "tts",
    "create-voice",
}

_PACKAGES = {"numpy": "numpy", "cv2": "opencv-python-headless", "PIL": "pillow", "av": "av"}

ENGINE: Engine = Preview()
