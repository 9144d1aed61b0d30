"""Kling's own path from pictures: which of its fields go together. What each model takes alone is told by the matrix."""

from __future__ import annotations

from typing import Any

import pytest

from reelgate.catalog._image2video import (
    Image2Video2x720,
    Image2VideoCamera1080,
    Image2VideoMasks720,
    Image2VideoShots720,
    Image2VideoSound1080,
    Image2VideoTail1080,
)
from reelgate.contracts.endpoint import InputModel
from reelgate.domain.errors import InvalidInput
from reelgate.domain.media import Foreign, Shot, VideoInput
from reelgate.wire.kling import read_input, write_input

A, B = "https://example.com/a.png", "https://example.com/b.png"
WAY = [{"x": 1, "y": 1}, {"x": "2", "y": 2}]
MASK = {"mask": B, "trajectories": WAY}
ZOOM = {"type": "simple", "config": {"zoom": 5}}


def wanted(model: type[InputModel], **body: Any) -> VideoInput:
    return read_input(model, body)[0]


def faults_of(model: type[InputModel], **body: Any) -> set[tuple[str | int, ...]]:
    with pytest.raises(InvalidInput) as refused:
        read_input(model, body)
    return {each.path for each in refused.value.faults}


def test_a_picture_is_enough() -> None:
    assert wanted(Image2Video2x720, image=A) == VideoInput(resolution="720p", first_frame=Foreign(A, "image"))


def test_a_picture_in_base64_is_a_picture() -> None:
    first = wanted(Image2Video2x720, image="iVBORw0KGgoAAAANSUhEUgAAAAUA").first_frame
    assert first == Foreign("data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAUA", "image")


def test_the_shape_is_that_of_the_picture() -> None:
    said, dropped = read_input(Image2Video2x720, {"image": A, "aspect_ratio": "1:1"})
    assert said.aspect_ratio == "auto"
    assert [each.field for each in dropped] == ["aspect_ratio"]


@pytest.mark.parametrize("model", [Image2VideoTail1080, Image2VideoSound1080, Image2VideoShots720, Image2VideoMasks720])
def test_a_first_picture_or_a_last_one_is_asked_for(model: type[InputModel]) -> None:
    assert faults_of(model, prompt="p") == faults_of(model, prompt="p", image="", image_tail="") == {("image",)}
    assert wanted(model, image_tail=B) == wanted(model, image_tail=B, image="")
    assert wanted(model, image_tail=B).last_frame == Foreign(B, "image_tail")


def test_masks_are_pictures_too() -> None:
    said = wanted(Image2VideoMasks720, image=A, static_mask=B, dynamic_masks=[MASK, MASK])
    assert [each.field for each in said.references] == ["static_mask", "dynamic_masks.0.mask", "dynamic_masks.1.mask"]
    assert said.extras["kling"]["dynamic_masks"][1] == {"mask": 2, "trajectories": [{"x": 1, "y": 1}, {"x": 2, "y": 2}]}
    assert read_input(Image2VideoMasks720, write_input(Image2VideoMasks720, said)) == (said, ())


def test_masks_may_come_as_json_text() -> None:
    text = f'[{{"mask": "{B}", "trajectories": [{{"x": 1, "y": 1}}, {{"x": 2, "y": 2}}]}}]'
    assert wanted(Image2VideoMasks720, image=A, dynamic_masks=text).references == (Foreign(B, "dynamic_masks.0.mask"),)


@pytest.mark.parametrize(
    ("body", "at"),
    [
        ({"dynamic_masks": [MASK] * 7}, ("dynamic_masks",)),
        ({"dynamic_masks": [{"mask": B, "trajectories": WAY[:1]}]}, ("dynamic_masks", 0, "trajectories")),
        ({"dynamic_masks": [{"mask": "fox.png", "trajectories": WAY}]}, ("dynamic_masks", 0, "mask")),
        ({"dynamic_masks": [MASK], "image_tail": B}, ("dynamic_masks",)),
        ({"static_mask": B, "image_tail": B}, ("static_mask",)),
        ({"static_mask": B, "duration": "10"}, ("static_mask",)),
        ({"image_tail": B, "duration": "10"}, ("image_tail",)),
    ],
)
def test_the_rules_of_masks(body: dict[str, Any], at: tuple[str | int, ...]) -> None:
    assert faults_of(Image2VideoMasks720, image=A, **body) == {at}


@pytest.mark.parametrize("other", [{"image_tail": B}, {"static_mask": B}, {"dynamic_masks": [MASK]}])
def test_a_camera_move_excludes_masks_and_a_last_picture(other: dict[str, Any]) -> None:
    assert faults_of(Image2VideoCamera1080, image=A, camera_control=ZOOM, **other) == {("camera_control",)}


@pytest.mark.parametrize(("camera", "seconds"), [(ZOOM, "10"), ({"type": "down_back"}, "5")])
def test_a_camera_move_that_does_nothing_excludes_nothing(camera: dict[str, Any], seconds: str) -> None:
    said, dropped = read_input(Image2VideoCamera1080, {"image": A, "image_tail": B, "camera_control": camera, "duration": seconds})
    assert [each.field for each in dropped] == ["camera_control"]
    assert said.extras == {}


def test_voices_need_sound_and_a_last_picture_needs_silence() -> None:
    voices = [{"voice_id": "calm"}]
    assert wanted(Image2VideoSound1080, image=A, sound="on", voice_list=voices).extras == {"kling": {"voice_list": voices}}
    assert faults_of(Image2VideoSound1080, image=A, voice_list=voices) == {("voice_list",)}
    assert faults_of(Image2VideoSound1080, image=A, image_tail=B, sound="on") == {("image_tail",)}
    assert faults_of(Image2VideoSound1080, image=A, sound="on", voice_list=voices * 3) == {("voice_list",)}


def test_shots_begin_with_a_picture() -> None:
    shots = [{"index": 1, "prompt": "one", "duration": "2"}, {"index": 2, "prompt": "two", "duration": "3"}]
    said = wanted(Image2VideoShots720, image=A, multi_shot=True, shot_type="customize", multi_prompt=shots, duration="5")
    assert said.shots == (Shot(prompt="one", seconds=2), Shot(prompt="two", seconds=3))
    assert wanted(Image2VideoShots720, image=A).prompt == ""
    assert faults_of(Image2VideoShots720, image=A, multi_shot=True, shot_type="intelligence") == {("prompt",)}
    assert faults_of(Image2VideoShots720, image=A, element_list=[{"element_id": 1}] * 4) == {("element_list",)}
