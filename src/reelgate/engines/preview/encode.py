"""Frames and samples into one MP4, the same bytes for the same frames.

x264 runs with one thread: with more, its bytes would follow the number of cores. Drawing happens in a second thread,
a few frames ahead; OpenCV and the encoder both let go of the interpreter while they work.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from queue import SimpleQueue
from typing import Self

import av
import numpy as np
import numpy.typing as npt
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.video.plane import VideoPlane
from av.video.stream import VideoStream

from reelgate.engines.preview.plane import Bytes, Planes, Size

FPS = 24
SAMPLE_RATE_HZ = 48_000

Samples = npt.NDArray[np.float32]
"""(2, n): left and right, -1 to 1, at `SAMPLE_RATE_HZ`."""

Draw = Callable[[int, Planes], None]
"""`draw(index, planes)` draws frame `index` over whatever the planes held."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reel:
    """All that goes into a file."""

    size: Size
    frames: int
    draw: Draw
    tags: Mapping[str, str]
    samples: Callable[[], Samples] | None = None  # asked once, when the first are due; None = no audio stream


def write_reel(reel: Reel, path: Path, progress: Callable[[int], None]) -> None:
    """Draw and encode all frames; `progress(n)` after each. Raises what `draw` raised."""
    options = {"movflags": "+faststart+use_metadata_tags"}
    with av.open(str(path), "w", format="mp4", options=options) as container:
        container.metadata.update(reel.tags)
        video = _video_stream(container, reel.size)
        sound = None if reel.samples is None else _Sound(container, reel.samples)
        with _Easel(reel) as easel:
            for done in range(reel.frames):
                frame = easel.next_frame()
                container.mux(video.encode(frame))
                easel.give_back(frame)
                if sound is not None:
                    sound.play_until((done + 1) / FPS)
                progress(done + 1)
        container.mux(video.encode(None))
        if sound is not None:
            sound.finish()


class _Easel:
    """The drawing thread: a few frames go round between it and the encoder."""

    def __init__(self, reel: Reel) -> None:
        self._reel = reel
        self._empty: SimpleQueue[av.VideoFrame | None] = SimpleQueue()
        self._drawn: SimpleQueue[av.VideoFrame | BaseException] = SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="easel", daemon=True)

    def __enter__(self) -> Self:
        for _ in range(_FRAMES_IN_TURN):
            self._empty.put(_new_frame(self._reel.size))
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._empty.put(None)
        self._thread.join()

    def next_frame(self) -> av.VideoFrame:
        drawn = self._drawn.get()
        if isinstance(drawn, BaseException):
            raise drawn
        return drawn

    def give_back(self, frame: av.VideoFrame) -> None:
        self._empty.put(frame)

    def _work(self) -> None:
        try:
            for index in range(self._reel.frames):
                frame = self._empty.get()
                if frame is None:
                    return
                self._reel.draw(index, _planes_of(frame))
                frame.pts = index
                self._drawn.put(frame)
        except BaseException as error:  # noqa: BLE001 - handed to the encoder's thread, which raises it
            self._drawn.put(error)


class _Sound:
    """The audio stream, fed as the video goes on so that the file is well interleaved."""

    def __init__(self, container: OutputContainer, samples: Callable[[], Samples]) -> None:
        self._container = container
        self._asked = samples
        self._stream: AudioStream = container.add_stream("aac", rate=SAMPLE_RATE_HZ, layout="stereo")
        self._stream.bit_rate = 128_000
        self._at = 0

    @cached_property
    def _samples(self) -> Samples:
        return np.ascontiguousarray(self._asked())

    def play_until(self, second: float) -> None:
        end = min(int(second * SAMPLE_RATE_HZ), self._samples.shape[1])
        while self._at + _BLOCK <= end:
            self._encode(_BLOCK)

    def finish(self) -> None:
        while rest := min(_BLOCK, self._samples.shape[1] - self._at):
            self._encode(rest)
        self._container.mux(self._stream.encode(None))

    def _encode(self, count: int) -> None:
        block = np.ascontiguousarray(self._samples[:, self._at : self._at + count])
        frame = av.AudioFrame.from_ndarray(block, format="fltp", layout="stereo")
        frame.sample_rate = SAMPLE_RATE_HZ
        frame.pts = self._at
        self._at += count
        self._container.mux(self._stream.encode(frame))


def _video_stream(container: OutputContainer, size: Size) -> VideoStream:
    stream: VideoStream = container.add_stream("libx264", rate=FPS, options=_X264)
    stream.width, stream.height = size.width, size.height
    stream.pix_fmt = "yuv420p"
    context = stream.codec_context
    context.thread_count = 1
    context.color_primaries = context.color_trc = context.colorspace = _BT709
    context.color_range = _LIMITED
    return stream


def _new_frame(size: Size) -> av.VideoFrame:
    frame = av.VideoFrame(size.width, size.height, "yuv420p")
    frame.color_primaries = frame.color_trc = frame.colorspace = _BT709
    frame.color_range = _LIMITED
    return frame


def _planes_of(frame: av.VideoFrame) -> Planes:
    y, u, v = (_bytes_of(plane) for plane in frame.planes)
    return Planes(y=y, u=u, v=v)


def _bytes_of(plane: VideoPlane) -> Bytes:
    rows = np.frombuffer(plane, np.uint8)  # pyright: ignore[reportArgumentType, reportCallIssue] - it has a buffer, its stub does not say so
    return rows.reshape(-1, plane.line_size)[: plane.height, : plane.width]


_X264 = {"preset": "veryfast", "crf": "22", "threads": "1", "x264-params": "cpu-independent=1:keyint=infinite"}
"""Without `cpu-independent` x264's macroblock tree takes a path on AVX-512 that reads memory nobody wrote, so that the same
frames make other bytes in a process that has lived a while. With it they are the same on every processor, at no cost.

One key frame begins the file, and one each shot (x264 finds those cuts by itself). A key frame within a calm shot draws all grain anew,
which is seen: a step of 2 to 4 levels where neighbours differ by 0.2 to 0.7, with the usual 250 frames once in every clip of more than
10 s, with 48 every two seconds and in a file that is a third to two thirds larger. What it would be good for, to jump into the middle,
costs no clip of 15 s more than a second of decoding."""

_FRAMES_IN_TURN = 4
_BLOCK = 1024  # samples of one AAC frame
_BT709 = 1
_LIMITED = 1
