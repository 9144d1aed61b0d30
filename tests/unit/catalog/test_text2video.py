"""Kling's own path, with its own rules."""

from __future__ import annotations

from typing import Any

import pytest

from reelgate.catalog._text2video import (
    Text2Video2x720,
    Text2Video720,
    Text2Video1080,
    Text2VideoCamera720,
    Text2VideoShots4k,
    Text2VideoShots720,
    Text2VideoSound1080,
)
from reelgate.contracts.endpoint import InputModel
from reelgate.domain.errors import InvalidInput
from reelgate.domain.media import Shot, VideoInput
from reelgate.wire.kling import read_input


def wanted(model: type[InputModel], **body: Any) -> VideoInput:
    return read_input(model, {"prompt": "a fox", **body})[0]


def faults_of(model: type[InputModel], **body: Any) -> set[tuple[str | int, ...]]:
    with pytest.raises(InvalidInput) as refused:
        read_input(model, body)
    return {each.path for each in refused.value.faults}


def test_the_least_that_can_be_said() -> None:
    assert wanted(Text2Video720) == VideoInput(prompt="a fox", seconds=5, aspect_ratio="16:9", resolution="720p", cfg_scale=0.5)
    assert wanted(Text2Video1080).resolution == "1080p"


def test_sound_is_refused_where_there_is_none() -> None:
    assert faults_of(Text2Video720, prompt="p", sound="on") == {("sound",)}
    assert wanted(Text2Video720, sound="off").sound is False
    assert wanted(Text2Video720, sound="false").sound is False


@pytest.mark.parametrize("on", ["on", "true", True])
def test_sound_is_on_however_it_is_said(on: Any) -> None:
    assert wanted(Text2VideoSound1080, sound=on).sound is True


def test_several_shots_are_refused_where_there_is_one() -> None:
    assert faults_of(Text2Video720, prompt="p", multi_shot="true") == {("multi_shot",)}
    assert wanted(Text2Video720, multi_shot="false").shots == ()


def test_the_first_model_moves_its_camera() -> None:
    preset = wanted(Text2VideoCamera720, camera_control={"type": "down_back"})
    assert preset.extras == {"kling": {"camera_control": {"type": "down_back"}}}
    own = wanted(Text2VideoCamera720, camera_control={"type": "simple", "config": {"zoom": "5", "pan": 0}})
    assert own.extras == {"kling": {"camera_control": {"type": "simple", "config": {"zoom": 5.0}}}}


@pytest.mark.parametrize("config", [None, {}, {"zoom": 0}, {"zoom": 1, "pan": 1}])
def test_a_move_of_ones_own_is_exactly_one(config: Any) -> None:
    (path,) = faults_of(Text2VideoCamera720, prompt="p", camera_control={"type": "simple", "config": config})
    assert ".".join(map(str, path)) == "camera_control.config"


def test_other_models_drop_the_camera() -> None:
    _, dropped = read_input(Text2Video720, {"prompt": "p", "camera_control": {"type": "down_back"}})
    assert [each.field for each in dropped] == ["camera_control"]


def test_a_camera_moves_in_five_seconds_only() -> None:
    said, dropped = read_input(Text2VideoCamera720, {"prompt": "p", "camera_control": {"type": "down_back"}, "duration": "10"})
    assert [each.field for each in dropped] == ["camera_control"]
    assert said.extras == {}


def test_the_second_generation_has_no_guidance() -> None:
    said, dropped = read_input(Text2Video2x720, {"prompt": "p", "cfg_scale": "far too much"})
    assert [each.field for each in dropped] == ["cfg_scale"]
    assert said.cfg_scale is None


@pytest.mark.parametrize(
    "content", [{"image": "https://e/a.png"}, {"voice_list": [{"voice_id": "calm"}]}, {"element_list": [{"element_id": 1}]}]
)
def test_a_video_from_text_takes_no_pictures_voices_or_elements(content: dict[str, Any]) -> None:
    assert faults_of(Text2VideoShots720, prompt="p", **content) == {tuple(content)}


SHOTS = [{"index": 1, "prompt": "one", "duration": "2"}, {"index": 2, "prompt": "two", "duration": 3}]


def test_shots_of_ones_own() -> None:
    body = {"multi_shot": "true", "shot_type": "customize", "multi_prompt": SHOTS, "duration": "5"}
    said, dropped = read_input(Text2VideoShots4k, body)
    assert said.shots == (Shot(prompt="one", seconds=2), Shot(prompt="two", seconds=3))
    assert (said.seconds, said.resolution, dropped) == (5, "4k", ())
    assert read_input(Text2VideoShots4k, Text2VideoShots4k.spoken(said))[0] == said


def test_shots_that_the_model_makes() -> None:
    said = wanted(Text2VideoShots720, multi_shot=True, shot_type="intelligence", duration="15", sound="on")
    assert (said.prompt, said.seconds, said.sound) == ("a fox", 15, True)
    assert said.extras == {"kling": {"multi_shot": True, "shot_type": "intelligence"}}


@pytest.mark.parametrize(
    ("body", "at"),
    [
        ({}, "prompt"),
        ({"multi_shot": True, "prompt": "p"}, "shot_type"),
        ({"multi_shot": True, "shot_type": "customize"}, "multi_prompt"),
        ({"multi_shot": True, "shot_type": "intelligence"}, "prompt"),
        ({"prompt": "p", "multi_prompt": SHOTS}, "multi_prompt"),
        ({"multi_shot": True, "shot_type": "customize", "multi_prompt": [{"prompt": "p", "duration": "9"}] * 2}, "multi_prompt"),
        ({"multi_shot": "perhaps"}, "multi_shot"),
    ],
)
def test_the_rules_of_shots(body: dict[str, Any], at: str) -> None:
    assert faults_of(Text2VideoShots720, **body) == {(at,)}
