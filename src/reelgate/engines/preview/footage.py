"""The last frame of a caller's video, to go on from."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
from av.container import InputContainer
from av.error import FFmpegError

from reelgate.domain.errors import Fault, Refused
from reelgate.domain.media import LocalFile
from reelgate.engines.preview.plane import Bytes

MAX_SIDE = 4096
MAX_SECONDS = 600


def read_last_frame(medium: LocalFile) -> Bytes:
    """(height, width, 3) RGB bytes. Raises Refused, naming the medium's field, where there is no usable video."""
    demuxer = _demuxer_for(medium.path)
    if demuxer is None:
        raise _refused(medium, "The file is not an MP4, MOV or WebM video.")
    try:
        # The demuxer is named and may open nothing but this file: a playlist that calls itself MP4 must not read our disk.
        with av.open(str(medium.path), format=demuxer, options={"protocol_whitelist": "file"}) as container:
            _check(container, medium)
            return _last_frame(container, medium)
    except FFmpegError as error:
        raise _refused(medium, "The video could not be decoded.") from error


def _check(container: InputContainer, medium: LocalFile) -> None:
    if not container.streams.video:
        raise _refused(medium, "The file holds no picture track.")
    stream = container.streams.video[0]
    if max(stream.width, stream.height) > MAX_SIDE:
        raise _refused(medium, f"The video must be at most {MAX_SIDE} pixels wide and high.")
    if container.duration is None or container.duration > MAX_SECONDS * av.time_base:
        raise _refused(medium, f"The video must say how long it is, {MAX_SECONDS} seconds at most.")


def _last_frame(container: InputContainer, medium: LocalFile) -> Bytes:
    duration = container.duration or 0
    for second_from_end in _LOOK_BACK_S:
        container.seek(max(0, duration - second_from_end * av.time_base))
        last: av.VideoFrame | None = None
        for frame in container.decode(video=0):
            last = frame
        if last is not None:
            picture = np.asarray(last.to_ndarray(format="rgb24"), np.uint8)
            return np.ascontiguousarray(np.rot90(picture, round(last.rotation / 90)))
    raise _refused(medium, "The video holds no frame.")


def _demuxer_for(path: Path) -> str | None:
    with path.open("rb") as file:
        head = file.read(12)
    if head[4:8] == b"ftyp":
        return "mov"
    return "matroska" if head.startswith(b"\x1a\x45\xdf\xa3") else None


def _refused(medium: LocalFile, message: str) -> Refused:
    return Refused(Fault(path=(medium.field,), message=message, kind="unsupported_video_format"))


_LOOK_BACK_S = (1, 12, MAX_SECONDS)
"""Where to start reading: a second before the end, and further back where that finds nothing."""
