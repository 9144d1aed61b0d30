"""From an order to a file: what a customer gets."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from reelgate.domain.errors import Broken, Refused
from reelgate.domain.media import Foreign, LocalFile, Shot, Video
from reelgate.engines.preview import ENGINE, pill
from tests.rendering.clip import Decoded, decode, order, path_of, render


def test_the_answer_is_the_truth_about_the_file(seaside: Video) -> None:
    frames = decode(path_of(seaside))

    assert (seaside.width, seaside.height, seaside.fps, seaside.frames, seaside.sound, seaside.seed) == (854, 480, 24, 24, False, 5)
    assert [frame.shape for frame in frames] == [(480, 854)] * 24
    assert seaside.size_bytes == path_of(seaside).stat().st_size
    assert path_of(seaside).suffix == ".mp4"


def test_it_moves_but_does_not_flicker(seaside: Video) -> None:
    changes = [np.abs(one.astype(int) - other).mean() for one, other in pairwise(decode(path_of(seaside)))]

    assert 0.3 < np.mean(changes) < 12
    assert max(changes) < 12


def test_no_frame_is_flat_not_even_the_first(seaside: Video) -> None:
    assert min(frame.std() for frame in decode(path_of(seaside))) > 12


def test_the_first_frame_is_a_complete_picture(seaside: Video) -> None:
    frames = decode(path_of(seaside))

    assert abs(frames[0].mean() - frames[12].mean()) < 8


def test_the_same_order_makes_the_same_bytes_and_another_seed_others(seaside: Video, tmp_path: Path) -> None:
    again = render(tmp_path / "again", order(prompt="sunset over the ocean"))
    other = render(tmp_path / "other", order(prompt="sunset over the ocean", seed=6))

    assert path_of(again).read_bytes() == path_of(seaside).read_bytes()
    assert difference(decode(path_of(other)), decode(path_of(seaside))) > 5


def test_the_pill_is_always_there(seaside: Video, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    marked = decode(path_of(seaside))
    monkeypatch.setattr(pill, "_stacked", lambda *_sheets: (np.zeros((22, 240, 3), np.float32), np.zeros((22, 240), np.float32)))
    unmarked = decode(path_of(render(tmp_path, order(prompt="sunset over the ocean"))))

    for one, other in zip(marked, unmarked, strict=True):
        assert np.abs(one[14:38, -290:-16].astype(int) - other[14:38, -290:-16]).mean() > 10
        assert np.abs(one[60:300].astype(int) - other[60:300]).mean() < 2


def test_the_file_says_that_it_is_a_preview(seaside: Video) -> None:
    with av.open(str(path_of(seaside))) as container:
        said = dict(container.metadata)

    assert "no video model" in said["comment"]
    assert (said["prompt"], said["seed"], said["engine"]) == ("sunset over the ocean", "5", "reelgate preview")


def test_the_file_repeats_a_long_prompt_whole(tmp_path: Path) -> None:
    prompt = "sunset over the ocean " + "with waves " * 200 + "and gulls"
    with av.open(str(path_of(render(tmp_path, order(prompt=prompt))))) as container:
        assert container.metadata["prompt"] == prompt


def test_nothing_of_a_discreet_order_s_prompt_is_written_into_the_video(tmp_path: Path) -> None:
    shots = (Shot(prompt="sunset over the ocean", seconds=1), Shot(prompt="waves at the ocean", seconds=1))
    silent, told = (
        path_of(render(tmp_path / name, replace(order(shots=shots), discreet=discreet)))
        for name, discreet in (("silent", True), ("told", False))
    )

    with av.open(str(silent)) as container:
        said = dict(container.metadata)
    assert "no video model" in said["comment"]
    assert (said["seed"], said["engine"]) == ("5", "reelgate preview")
    assert "prompt" not in said
    assert b"ocean" not in silent.read_bytes()
    assert b"ocean" in told.read_bytes()
    ends = [[np.abs(one.astype(int) - other) for one, other in zip(decode(silent), decode(told), strict=True)][at] for at in (12, 36)]
    for difference_of_a_shot in ends:
        height = len(difference_of_a_shot)
        assert difference_of_a_shot[height * 3 // 4 :].max() > 100, "the caption is gone"
        assert difference_of_a_shot[: height // 2].mean() < 2, "and nothing else"


@pytest.mark.parametrize("wanted", [True, False])
def test_there_is_sound_if_and_only_if_it_is_wanted(tmp_path: Path, photo: Path, wanted: bool) -> None:
    video = render(tmp_path, order(prompt='"Hello"', first_frame=LocalFile(photo, "image_url"), sound=wanted))

    with av.open(str(path_of(video))) as container:
        assert bool(container.streams.audio) == video.sound == wanted


def test_a_picture_keeps_its_shape(tmp_path: Path, photo: Path) -> None:
    video = render(tmp_path, order(prompt="a slow push in", first_frame=LocalFile(photo, "image_url")))

    assert (video.width, video.height) == (640, 480)
    assert video.remarks == ("the picture is moved over by a camera; nothing in it is animated",)


def test_a_last_frame_is_reached(tmp_path: Path, photo: Path) -> None:
    video = render(tmp_path, order(prompt="", first_frame=LocalFile(photo, "image_url"), last_frame=LocalFile(photo, "tail_image_url")))

    frames = decode(path_of(video))
    assert np.abs(frames[0][:380].astype(int) - frames[-1][:380]).mean() < 6


def test_shots_are_cut_together(tmp_path: Path) -> None:
    shots = (Shot(prompt="a sunny beach", seconds=1), Shot(prompt="a city at night", seconds=1))

    video = render(tmp_path, order(shots=shots))

    frames = decode(path_of(video))
    changes = [np.abs(one.astype(int) - other).mean() for one, other in pairwise(frames)]
    assert video.frames == len(frames) == 48
    assert int(np.argmax(changes)) == 23
    assert "2 shots" in video.remarks[0]


def test_each_shot_is_heard(tmp_path: Path) -> None:
    shots = (Shot(prompt="a planet in outer space", seconds=2), Shot(prompt="a city in the rain", seconds=2))

    video = path_of(render(tmp_path, order(shots=shots, sound=True)))

    with av.open(str(video)) as container:
        played = np.concatenate([frame.to_ndarray()[0] for frame in container.decode(audio=0)])
    hiss = [float(np.abs(np.diff(part)).mean() / np.abs(part).mean()) for part in (played[24_000:72_000], played[120_000:168_000])]
    assert hiss[1] > 4 * hiss[0]


def test_a_video_is_gone_on_with(seaside: Video, tmp_path: Path) -> None:
    video = render(tmp_path, order(prompt="go on", source_video=LocalFile(path_of(seaside), "video_url")))

    assert (video.width, video.height, video.frames) == (854, 480, 24)
    last, first = decode(path_of(seaside))[-1], decode(path_of(video))[0]
    assert np.abs(last[60:400].astype(int) - first[60:400]).mean() < 6
    assert "last frame" in video.remarks[0]


def test_what_is_done_otherwise_is_said(tmp_path: Path, photo: Path) -> None:
    pictures = (LocalFile(photo, "image_urls"), LocalFile(photo, "image_urls"))

    video = render(tmp_path, order(prompt="", references=pictures))

    assert video.remarks[:2] == ("the first reference picture was filmed as it is", "further reference pictures were not used")


def test_directives_are_played_and_not_shown(tmp_path: Path) -> None:
    with pytest.raises(Broken):
        render(tmp_path / "a", order(prompt="sea [[fail]]"))
    with pytest.raises(Refused) as refused:
        render(tmp_path / "b", order(prompt="sea [[refuse]]"))
    assert (refused.value.fault.path, refused.value.fault.kind) == (("prompt",), "content_policy_violation")


def test_a_directive_leaves_no_trace_in_the_film(seaside: Video, tmp_path: Path) -> None:
    video = render(tmp_path, order(prompt="sunset over [[slow 1]] the ocean"))

    assert path_of(video).read_bytes() == path_of(seaside).read_bytes()


def test_a_bad_picture_is_refused_by_the_callers_name_for_it(tmp_path: Path) -> None:
    (tmp_path / "bad").write_bytes(b"no picture")

    with pytest.raises(Refused) as refused:
        render(tmp_path / "out", order(first_frame=LocalFile(tmp_path / "bad", "start_image_url")))
    assert (refused.value.fault.path, refused.value.fault.kind) == (("start_image_url",), "image_load_error")


def test_an_address_is_never_opened(tmp_path: Path) -> None:
    with pytest.raises(Broken):
        render(tmp_path, order(first_frame=Foreign("https://example.com/a.png", "image_url")))


def test_progress_is_told_frame_by_frame(tmp_path: Path, photo: Path) -> None:
    told: list[tuple[float, str]] = []

    ENGINE.render(order(first_frame=LocalFile(photo)), tmp_path, lambda fraction, line: told.append((fraction, line)))

    fractions = [fraction for fraction, _ in told]
    assert fractions == sorted(fractions)
    assert told[-1] == (1.0, "rendering frame 24/24")


def difference(one: Decoded, other: Decoded) -> float:
    return float(np.mean([np.abs(a.astype(int) - b).mean() for a, b in zip(one, other, strict=True)]))


def test_a_quiet_film_tells_nothing_of_its_progress(tmp_path: Path) -> None:
    told: list[str] = []
    ENGINE.render(order(prompt="sunset over the ocean [[quiet]]"), tmp_path, lambda _, line: told.append(line))

    assert told == []


def test_what_is_masked_moves_as_asked(tmp_path: Path) -> None:
    """Through the whole engine: a white dot on grey, marked by a mask that is transparent elsewhere."""
    rows, columns = np.mgrid[:360, :640]
    dot = np.hypot(rows - 180, columns - 160) < 40
    picture, mask = np.full((360, 640, 3), 90, np.uint8), np.zeros((360, 640, 4), np.uint8)
    picture[dot], mask[dot] = 255, 255
    Image.fromarray(picture).save(tmp_path / "dot.png")
    Image.fromarray(mask).save(tmp_path / "mask.png")
    asked = {
        "first_frame": LocalFile(tmp_path / "dot.png", "image"),
        "references": (LocalFile(tmp_path / "mask.png", "dynamic_masks.0.mask"),),
        "extras": {"kling": {"dynamic_masks": [{"mask": 0, "trajectories": [{"x": 160, "y": 180}, {"x": 480, "y": 180}]}]}},
    }
    video = render(tmp_path / "film", order(prompt="", **asked))
    first, last = (frame.astype(int) for frame in (decode(path_of(video))[0], decode(path_of(video))[-1]))
    places = [float(np.nonzero(frame[100:380] > 200)[1].mean()) / frame.shape[1] for frame in (first, last)]
    assert places == pytest.approx([0.25, 0.77], abs=0.03)
    assert not any("reference" in remark or "network" in remark for remark in video.remarks)


def test_what_is_not_drawn_is_said_once_for_all_shots(tmp_path: Path) -> None:
    shots = (Shot(prompt="a camel in the desert", seconds=1), Shot(prompt="a camel by a castle", seconds=1))
    assert "not drawn: camel, castle" in render(tmp_path, order(shots=shots)).remarks
