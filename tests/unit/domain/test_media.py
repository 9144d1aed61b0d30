"""The input and the video: what is written is read again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelgate.domain.media import (
    BlobRef,
    Foreign,
    LocalFile,
    Media,
    Shot,
    Video,
    VideoInput,
    dump_input,
    dump_video,
    forgotten,
    load_input,
    load_video,
)

media = st.one_of(
    st.builds(Foreign, st.text(max_size=20), st.text(max_size=5)),
    st.builds(BlobRef, st.text(max_size=20), st.text(max_size=5)),
    st.builds(LocalFile, st.just(Path("/a/b")), st.text(max_size=5)),
)
inputs = st.builds(
    VideoInput,
    prompt=st.text(max_size=20),
    seconds=st.integers(1, 15),
    sound=st.booleans(),
    seed=st.none() | st.integers(0, 1 << 40),
    cfg_scale=st.none() | st.floats(0, 1),
    first_frame=st.none() | media,
    last_frame=st.none() | media,
    references=st.lists(media, max_size=3).map(tuple),
    shots=st.lists(st.builds(Shot, prompt=st.text(max_size=5), seconds=st.integers(1, 15)), max_size=2).map(tuple),
    extras=st.dictionaries(st.sampled_from(["fal", "kling"]), st.dictionaries(st.text(max_size=5), st.integers(), max_size=2)),
)


@given(inputs)
def test_an_input_survives_the_store(wanted: VideoInput) -> None:
    assert load_input(json.loads(json.dumps(dump_input(wanted)))) == wanted


@given(media, st.lists(st.text(max_size=5), max_size=2))
def test_a_video_survives_the_store(source: Media, remarks: list[str]) -> None:
    video = Video(source=source, width=1280, height=720, fps=24, frames=120, sound=True, seed=7, remarks=tuple(remarks))
    assert load_video(json.loads(json.dumps(dump_video(video)))) == video
    assert video.seconds == 5


def test_defaults_are_not_written() -> None:
    assert dump_input(VideoInput(prompt="a boat")) == {"prompt": "a boat"}


def test_a_field_of_a_newer_version_is_an_error() -> None:
    with pytest.raises(TypeError):
        load_input({"prompt": "a boat", "hologram": True})


def test_media_are_exchanged_wherever_they_stand() -> None:
    picture, blob = Foreign("https://example.com/a.png", "image_url"), BlobRef("ab", "image_url")
    wanted = VideoInput(first_frame=picture, last_frame=picture, references=(picture, Foreign("x")))
    exchanged = wanted.with_media({picture: blob})
    assert list(exchanged.media()) == [blob, blob, blob, Foreign("x")]


@given(inputs)
def test_of_a_forgotten_input_only_its_measures_are_known(wanted: VideoInput) -> None:
    left = forgotten(wanted)
    kept = ("seconds", "aspect_ratio", "resolution", "sound", "seed", "cfg_scale")
    assert [getattr(left, name) for name in kept] == [getattr(wanted, name) for name in kept]
    assert dump_input(left).keys() <= set(kept)
    assert forgotten(left) == left


def test_a_full_input_has_no_words_and_no_pictures_when_it_is_forgotten() -> None:
    blob = BlobRef("ab", "image_url")
    wanted = VideoInput(
        prompt="a fox",
        negative_prompt="blur",
        aspect_ratio="9:16",
        resolution="1080p",
        first_frame=blob,
        last_frame=blob,
        references=(blob,),
        source_video=blob,
        shots=(Shot(prompt="one", seconds=5),),
        extras={"kling": {"word": "fox"}},
    )
    assert forgotten(wanted) == VideoInput(aspect_ratio="9:16", resolution="1080p")
