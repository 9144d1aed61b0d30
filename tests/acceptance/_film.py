"""What a video is, as a player finds it."""

from __future__ import annotations

import io
from dataclasses import dataclass
from fractions import Fraction
from typing import cast

import av
import numpy as np


@dataclass(frozen=True, slots=True, kw_only=True)
class Film:
    """A video as it was decoded. `sound` is the codec of its sound track, empty if there is none; `loudest` is 0 to 1."""

    codec: str
    width: int
    height: int
    frames: int
    seconds: float
    sound: str = ""
    sound_s: float = 0.0
    loudest: float = 0.0

    @property
    def short_side(self) -> int:
        """By which a resolution is named."""
        return min(self.width, self.height)


def watch(content: bytes) -> Film:
    """Decode an MP4 from its first frame to its last."""
    with av.open(io.BytesIO(content), format="mp4") as container:
        stream = container.streams.video[0]
        frames = sum(1 for _ in container.decode(stream))
        film = {
            "codec": stream.codec_context.name,
            "width": stream.codec_context.width,
            "height": stream.codec_context.height,
            "frames": frames,
            "seconds": float(frames / cast("Fraction", stream.average_rate)),
        }
    return Film(**film, **_listen(content))


def _listen(content: bytes) -> dict[str, str | float]:
    with av.open(io.BytesIO(content), format="mp4") as container:
        if not container.streams.audio:
            return {}
        stream = container.streams.audio[0]
        samples = [frame.to_ndarray() for frame in container.decode(stream)]
        seconds = sum(each.shape[-1] for each in samples) / stream.codec_context.sample_rate
        loudest = max(float(np.abs(each).max()) for each in samples)
        return {"sound": stream.codec_context.name, "sound_s": seconds, "loudest": loudest}
