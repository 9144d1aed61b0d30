"""Every scene that is found, rendered as a customer gets it: whole, moving, neither flickering nor flat, and its seed counts."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest

from reelgate.domain.media import Video
from reelgate.engines.preview.encode import Reel, write_reel
from reelgate.engines.preview.lexicon import read_prompt
from reelgate.engines.preview.plane import Size
from reelgate.engines.preview.scenery import found_scenes
from reelgate.engines.preview.take import Script, make_take
from tests.rendering.clip import Decoded, decode, order, path_of, render

ASKED = {
    "city": "a city at night in the rain",
    "desert": "desert dunes in golden light",
    "flow": "abstract silk",
    "forest": "a forest at dawn",
    "mountains": "mountains at noon",
    "ocean": "the ocean at sunset",
    "road": "an empty highway",
    "space": "a planet in outer space",
    "stage": "a singer on a stage before an audience",
    "underwater": "a coral reef underwater",
}
MIDDLING = Size(width=640, height=360)
NAMES = sorted(found_scenes())
_SHOTS: dict[str, tuple[Video, Decoded]] = {}


def shot(name: str, folder: Path) -> tuple[Video, Decoded]:
    """A second of a scene, once for all tests."""
    if name not in _SHOTS:
        video = render(folder, order(prompt=ASKED[name], seconds=1))
        _SHOTS[name] = (video, decode(path_of(video)))
    return _SHOTS[name]


@pytest.mark.parametrize("name", NAMES)
def test_its_words_ask_for_it(name: str) -> None:
    assert read_prompt(ASKED[name], "", scenes=NAMES, seed=1).scene == name


@pytest.mark.parametrize("name", NAMES)
def test_it_is_whole_and_tagged(name: str, tmp_path: Path) -> None:
    video, frames = shot(name, tmp_path)
    assert [frame.shape for frame in frames] == [(480, 854)] * 24
    assert (video.width, video.height, video.fps, video.frames) == (854, 480, 24, 24)


@pytest.mark.parametrize("name", NAMES)
def test_it_moves_and_does_not_flicker(name: str, tmp_path: Path) -> None:
    _, frames = shot(name, tmp_path)
    steps = [float(np.abs(one.astype(int) - other).mean()) for one, other in pairwise(frames)]
    assert sum(steps) / len(steps) > 0.3
    assert min(steps) > 0.08, "it stands still for a frame"
    assert max(steps) < 12
    means = [float(frame.mean()) for frame in frames]
    assert max(abs(one - other) for one, other in pairwise(means)) < 4, "its brightness jumps"


@pytest.mark.parametrize("name", NAMES)
def test_it_lives_in_a_clip_of_the_usual_length_too(name: str, tmp_path: Path) -> None:
    """There the camera is five times as slow as above."""
    script = Script(prompt=ASKED[name], negative_prompt="", seconds=5, seed=5, cfg_scale=0.5)
    take = make_take(script, MIDDLING)
    write_reel(Reel(size=MIDDLING, frames=take.frames, draw=take.draw, tags={}), tmp_path / "clip.mp4", lambda _done: None)
    steps = [float(np.abs(one.astype(np.int16) - other).mean()) for one, other in pairwise(decode(tmp_path / "clip.mp4"))]
    assert sum(steps) / len(steps) > 0.3


@pytest.mark.parametrize("name", NAMES)
def test_no_frame_is_flat_or_black(name: str, tmp_path: Path) -> None:
    _, frames = shot(name, tmp_path)
    assert min(float(frame.std()) for frame in frames) > 12
    assert min(float(frame.mean()) for frame in frames) > 24, "it would be taken for a black screen"


@pytest.mark.parametrize("name", NAMES)
def test_the_same_seed_makes_the_same_bytes_and_another_another_picture(name: str, tmp_path: Path) -> None:
    video, frames = shot(name, tmp_path / "first")
    again = render(tmp_path / "again", order(prompt=ASKED[name], seconds=1))
    assert path_of(again).read_bytes() == path_of(video).read_bytes()
    other = render(tmp_path / "other", order(prompt=ASKED[name], seconds=1, seed=6))
    assert float(np.abs(decode(path_of(other))[12].astype(int) - frames[12]).mean()) > 5


def test_the_file_is_tagged_as_bt709_and_its_table_comes_first(tmp_path: Path) -> None:
    video, _ = shot("ocean", tmp_path)
    with av.open(str(path_of(video))) as container:
        context = container.streams.video[0].codec_context
        assert (context.color_primaries, context.color_trc, context.colorspace, context.color_range) == (1, 1, 1, 1)
    content = path_of(video).read_bytes()
    assert 0 < content.index(b"moov") < content.index(b"mdat")
