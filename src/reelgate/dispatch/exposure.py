"""The child process that takes stills out of a video: `python -m reelgate.dispatch.exposure MEMORY VIDEO POSTER PREVIEW`.

The video may be a stranger's, so that it is decoded here and nowhere else: with limits on memory, time and the size of a frame, and
without the gateway's environment. It ends with status 0 and both files written, or with another and what is wrong on its output.
"""

from __future__ import annotations

import resource
import sys
from fractions import Fraction
from pathlib import Path

import av
from av.container import InputContainer
from av.error import FFmpegError
from PIL.Image import Image, fromarray

CPU_S = 20
_NO_STILLS = 3
_POSTER_MAX = 1920  # pixels of the longer side
_PREVIEW_WIDE = 320
_PIXELS_MAX = 50_000_000
_MIDDLE = Fraction(1, 2)


def main(memory_bytes: int, video: Path, poster: Path, preview: Path) -> int:
    """Write the first frame, and a small one from the middle, as WebP."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S + 1))
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    try:
        with av.open(str(video), options={"protocol_whitelist": "file"}) as container:
            container.streams.video[0].codec_context.thread_count = 1
            first = _frame(container)
            _thumbnail(first, _POSTER_MAX, _POSTER_MAX).save(poster, "WEBP", quality=82, method=4)
            middle = _middle(container) or first
            _thumbnail(middle, _PREVIEW_WIDE, _PREVIEW_WIDE * 4).save(preview, "WEBP", quality=76, method=4)
    except (FFmpegError, IndexError, ValueError, StopIteration) as error:
        sys.stdout.write(type(error).__name__)
        return _NO_STILLS
    return 0


def _frame(container: InputContainer) -> Image:
    stream = container.streams.video[0]
    if stream.codec_context.width * stream.codec_context.height > _PIXELS_MAX:
        message = "its frames are too large"
        raise ValueError(message)
    return fromarray(next(container.decode(stream)).to_ndarray(format="rgb24"))


def _middle(container: InputContainer) -> Image | None:
    """The frame in the middle, or the last before it that can be decoded by itself; None where the file cannot be entered there."""
    if not container.duration:
        return None
    try:
        container.seek(int(container.duration * _MIDDLE))
        return _frame(container)
    except (FFmpegError, StopIteration):
        return None


def _thumbnail(image: Image, wide: int, high: int) -> Image:
    made = image.convert("RGB")
    made.thumbnail((wide, high))
    return made


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), *map(Path, sys.argv[2:5])))
