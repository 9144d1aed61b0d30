"""Frames into a file."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest

from reelgate.engines.preview.encode import FPS, SAMPLE_RATE_HZ, Reel, Samples, write_reel
from reelgate.engines.preview.plane import Planes, Size
from reelgate.engines.preview.take import Script, make_take
from tests.rendering.clip import SMALL, decode


def ramp(index: int, planes: Planes) -> None:
    """A frame whose brightness says which one it is."""
    planes.y[:] = 40 + 3 * index
    planes.u[:] = planes.v[:] = 128


def write(path: Path, *, frames: int = 30, size: Size = SMALL, draw: Callable[[int, Planes], None] = ramp, sound: bool = False) -> Path:
    def silence() -> Samples:
        return np.zeros((2, frames * SAMPLE_RATE_HZ // FPS), np.float32)

    reel = Reel(
        size=size,
        frames=frames,
        draw=draw,
        tags={"comment": "a test", "prompt": "海 & sea"},
        samples=silence if sound else None,
    )
    write_reel(reel, path, lambda _done: None)
    return path


def test_every_frame_arrives_in_order(tmp_path: Path) -> None:
    frames = decode(write(tmp_path / "a.mp4"))

    means = [frame.mean() for frame in frames]
    assert len(means) == 30
    assert means == sorted(means)


def test_the_stream_says_what_its_colours_mean(tmp_path: Path) -> None:
    with av.open(str(write(tmp_path / "a.mp4"))) as container:
        stream = container.streams.video[0]
        context = stream.codec_context
        assert (context.color_primaries, context.color_trc, context.colorspace, context.color_range) == (1, 1, 1, 1)
        assert (context.pix_fmt, stream.average_rate, stream.frames) == ("yuv420p", FPS, 30)


def test_a_player_can_start_before_all_of_it_is_there(tmp_path: Path) -> None:
    content = write(tmp_path / "a.mp4").read_bytes()

    assert 0 < content.index(b"moov") < content.index(b"mdat")


def test_the_file_says_what_it_is_but_not_when(tmp_path: Path) -> None:
    with av.open(str(write(tmp_path / "a.mp4"))) as container:
        assert container.metadata["comment"] == "a test"
        assert container.metadata["prompt"] == "海 & sea"
        assert "creation_time" not in container.metadata


@pytest.mark.parametrize("size", [Size(width=854, height=480), Size(width=178, height=322), Size(width=96, height=96)])
def test_widths_that_no_processor_likes_are_fine(tmp_path: Path, size: Size) -> None:
    frames = decode(write(tmp_path / "a.mp4", frames=3, size=size))

    assert {frame.shape for frame in frames} == {(size.height, size.width)}


def test_sound_is_as_long_as_the_picture(tmp_path: Path) -> None:
    with av.open(str(write(tmp_path / "a.mp4", sound=True))) as container:
        stream = container.streams.audio[0]
        samples = sum(frame.samples for frame in container.decode(audio=0))
        assert (stream.codec_context.name, stream.rate, stream.layout.name) == ("aac", SAMPLE_RATE_HZ, "stereo")
        assert abs(samples / SAMPLE_RATE_HZ - 30 / FPS) < 0.05


def test_without_samples_there_is_no_audio_stream(tmp_path: Path) -> None:
    with av.open(str(write(tmp_path / "a.mp4"))) as container:
        assert not container.streams.audio


def test_the_same_frames_make_the_same_bytes(tmp_path: Path) -> None:
    first, second = (write(tmp_path / name, sound=True).read_bytes() for name in ("a.mp4", "b.mp4"))

    assert first == second


def test_the_same_frames_make_the_same_bytes_whatever_lies_in_memory() -> None:
    program = """
import hashlib, tempfile, pathlib, numpy
from reelgate.engines.preview.encode import Reel, write_reel
from reelgate.engines.preview.plane import Size

ground = numpy.random.default_rng(1).integers(40, 200, (60, 130), numpy.uint8).repeat(10, 0).repeat(8, 1)

def draw(index, planes):
    planes.y[:] = ground[index : index + 480, 2 * index : 2 * index + 864]
    planes.u[:] = planes.v[:] = 128

path = pathlib.Path(tempfile.mkdtemp(), "a.mp4")
write_reel(Reel(size=Size(width=864, height=480), frames=24, draw=draw, tags={}), path, lambda done: None)
print(hashlib.sha256(path.read_bytes()).hexdigest())
"""
    runs = [
        subprocess.run([sys.executable, "-c", program], env={**os.environ, "MALLOC_PERTURB_": filling}, capture_output=True, check=True)
        for filling in ("1", "170")
    ]

    assert runs[0].stdout == runs[1].stdout


def test_what_goes_wrong_while_drawing_is_raised_and_the_thread_ends(tmp_path: Path) -> None:
    def fail(index: int, planes: Planes) -> None:
        ramp(index, planes)
        if index == 7:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write(tmp_path / "a.mp4", draw=fail)
    assert "easel" not in {thread.name for thread in threading.enumerate()}


def test_a_listener_that_stops_it_stops_the_thread_too(tmp_path: Path) -> None:
    def stop(_done: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_reel(Reel(size=SMALL, frames=30, draw=ramp, tags={}), tmp_path / "a.mp4", stop)
    assert "easel" not in {thread.name for thread in threading.enumerate()}


def test_no_frame_of_a_long_calm_clip_draws_all_its_grain_anew(tmp_path: Path) -> None:
    """A key frame within a shot does: everybody sees it snap."""
    calm = Script(prompt="mountains at noon", negative_prompt="", seconds=12, seed=5, cfg_scale=0.5, captioned=False)
    frames = decode(write(tmp_path / "a.mp4", frames=calm.frames, draw=make_take(calm, SMALL).draw))
    steps = [float(np.abs(one.astype(np.int16) - other).mean()) for one, other in pairwise(frames)]
    assert max(steps) < 2.5 * float(np.median(steps))


def test_every_shot_begins_with_a_frame_to_jump_to(tmp_path: Path) -> None:
    def two_shots(index: int, planes: Planes) -> None:
        planes.y[:] = np.tile(np.arange(40, 200, dtype=np.uint8), 2) if index < 30 else np.arange(40, 220, dtype=np.uint8)[:, None]
        planes.u[:] = planes.v[:] = 128 if index < 30 else 90

    with av.open(str(write(tmp_path / "a.mp4", frames=60, draw=two_shots))) as container:
        assert [at for at, frame in enumerate(container.decode(video=0)) if frame.key_frame] == [0, 30]
