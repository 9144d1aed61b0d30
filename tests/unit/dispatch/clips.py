"""Small videos, made for a test."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import av
import numpy as np


def clip(
    form: str = "mp4", *, seconds: float = 2, rate: int = 24, size: tuple[int, int] = (96, 64), sound: bool = False, **options: str
) -> bytes:
    """A film of so many seconds."""
    codec = "libx264" if form != "webm" else "libvpx"
    chance = np.random.default_rng(1)
    with tempfile.NamedTemporaryFile() as file, av.open(file.name, "w", format=form, options=options) as container:
        stream: Any = container.add_stream(codec, rate=rate)
        stream.width, stream.height, stream.pix_fmt = size[0], size[1], "yuv420p"
        track: Any = container.add_stream("aac" if form != "webm" else "libopus", rate=48_000) if sound else None
        for _ in range(round(seconds * rate)):
            picture = chance.integers(0, 255, (size[1], size[0], 3), np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode())
        if track is not None:
            frame = av.AudioFrame.from_ndarray(np.zeros((1, round(48_000 * seconds)), np.float32), format="fltp", layout="mono")
            frame.sample_rate = 48_000
            container.mux(track.encode(frame))
            container.mux(track.encode())
        container.close()
        return Path(file.name).read_bytes()
