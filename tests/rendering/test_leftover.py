"""What of an input changes nothing in a preview is said, no more and no less."""

from __future__ import annotations

from typing import Any

import pytest

from reelgate.domain.media import BlobRef, Foreign, Shot, VideoInput
from reelgate.engines.preview import ENGINE

TEXT, PICTURE = "fal-ai/kling-video/v3/pro/text-to-video", "fal-ai/kling-video/v3/pro/image-to-video"
A, B, C = Foreign("https://a", "image"), Foreign("https://b", "image_tail"), Foreign("https://c", "image_list.1.image")
ZOOM = {"camera_control": {"type": "simple", "config": {"zoom": 5.0}}}
ONE, TWO = Shot(prompt="one", seconds=2), Shot(prompt="two", seconds=3)


def unused(**said: Any) -> set[str]:
    return {each.field for each in ENGINE.unused(PICTURE, VideoInput(**said))}


def test_nothing_is_left_of_a_plain_wish() -> None:
    assert unused(prompt="sea", negative_prompt="boats", cfg_scale=0.9, seed=5, sound=True, resolution="1080p", aspect_ratio="1:1") == set()
    assert unused(prompt="sea", first_frame=A, last_frame=B, negative_prompt="zoom", cfg_scale=0.5) == set()


def test_every_reason_is_told() -> None:
    left = ENGINE.unused(TEXT, VideoInput(prompt="sea", extras={"fal": {"safety_tolerance": "2"}, "kling": {"element_list": [{}]}}))
    assert [(each.field, bool(each.reason)) for each in left] == [("safety_tolerance", True), ("element_list", True)]


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ({}, set()),
        ({"first_frame": A}, {"cfg_scale"}),
        ({"last_frame": B}, {"cfg_scale"}),
        ({"first_frame": A, "shots": (ONE,)}, {"cfg_scale"}),
        ({"first_frame": A, "shots": (ONE, TWO)}, set()),
        ({"first_frame": A, "last_frame": B, "shots": (ONE, TWO)}, {"cfg_scale"}),
        ({"first_frame": A, "last_frame": B, "shots": (ONE, TWO, ONE)}, set()),
    ],
)
def test_guidance_counts_where_a_scene_is_painted(said: dict[str, Any], left: set[str]) -> None:
    assert unused(cfg_scale=0.9, **said) == left


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ({}, set()),
        ({"first_frame": A}, set()),
        ({"first_frame": A, "last_frame": B}, {"camera_control"}),
        ({"first_frame": A, "last_frame": B, "shots": (ONE, TWO)}, set()),
    ],
)
def test_the_camera_moves_but_between_two_pictures(said: dict[str, Any], left: set[str]) -> None:
    assert unused(extras={"kling": ZOOM}, **said) == left


def test_of_two_camera_moves_one_is_made() -> None:
    both = {"camera_control": "down_back", "advanced_camera_control": {"movement_type": "zoom", "movement_value": 5}}
    assert unused(extras={"fal": both}) == {"camera_control"}
    assert unused(extras={"fal": {"advanced_camera_control": {"movement_type": "zoom", "movement_value": 0}}}) == {
        "advanced_camera_control"
    }


def test_one_picture_is_filmed() -> None:
    assert unused(references=(BlobRef("x", "image_list.0.image"), C)) == {"image_list.1.image"}
    assert unused(first_frame=A, references=(C,)) == {"image_list.1.image"}
    assert unused(source_video=Foreign("https://v", "video_id"), first_frame=A, references=(C,)) == {"image", "image_list.1.image"}


def test_masks_that_go_nowhere_are_named_once_with_all_their_pictures() -> None:
    masks = (
        Foreign("https://m", "static_mask"),
        Foreign("https://n", "dynamic_masks.0.mask"),
        Foreign("https://o", "dynamic_masks.1.mask"),
    )
    extras = {"kling": {"static_mask": 0, "dynamic_masks": [{"mask": 1}, {"mask": 2}]}}
    assert unused(first_frame=A, references=masks, extras=extras) == {"dynamic_masks"}
    way = [{"x": 1, "y": 1}, {"x": 9, "y": 9}]
    moving = {"kling": {"static_mask": 0, "dynamic_masks": [{"mask": 1, "trajectories": way}, {"mask": 2, "trajectories": way}]}}
    assert unused(first_frame=A, references=masks, extras=moving) == set()
    assert unused(first_frame=A, last_frame=B, references=masks, extras=moving) == {"static_mask", "dynamic_masks"}


def test_what_stands_in_an_object_is_named_by_its_place() -> None:
    said = {"settings": {"multi_shot": False}, "contents": {"voice": [{"voice_id": "calm"}], "first_frame": {"id": "start"}}}
    assert unused(extras={"kling2026": said}) == {"contents.voice"}


def test_shots_are_cut_together_but_not_thought_out() -> None:
    assert unused(shots=(ONE, TWO), extras={"kling": {"multi_shot": True, "shot_type": "customize"}}) == set()
    assert unused(prompt="p", extras={"kling": {"multi_shot": True, "shot_type": "intelligence"}}) == {"shot_type"}
    assert unused(prompt="p", shots=(ONE, TWO)) == {"prompt"}


def test_a_video_that_is_to_be_changed_is_not_pretended() -> None:
    omni = "kling/v1/omni-video/kling-v3-omni/std"
    video = Foreign("https://v", "video_list.0.video_url")
    assert ENGINE.serves(omni)
    assert ENGINE.cannot(omni, VideoInput(prompt="p", first_frame=A)) == ""
    assert ENGINE.cannot(omni, VideoInput(prompt="p", source_video=video)) != ""
    assert ENGINE.cannot("kling/v1/video-extend", VideoInput(source_video=video)) == ""


@pytest.mark.parametrize(
    ("endpoint", "served"),
    [
        ("kling/v1/video-extend", True),
        ("kling/v1/image2video/kling-v2-6/std", True),
        ("fal-ai/kling-video/v1.6/pro/elements", True),
        ("fal-ai/kling-video/o1/image-to-video", True),
        ("kling/v1/effects", False),
        ("fal-ai/kling-video/lipsync/text-to-video", False),
        ("fal-ai/kling-video/v3/pro/motion-control", False),
        ("fal-ai/kling-video/ai-avatar/v2/standard", False),
    ],
)
def test_the_kinds_of_kling_that_a_preview_serves(endpoint: str, served: bool) -> None:
    assert ENGINE.serves(endpoint) is served
