"""Paths that work on somebody's mouth, body or footage, or on several pictures: what they take, and what goes together."""

from __future__ import annotations

from typing import Any

import pytest

from reelgate.catalog import kling_avatar, kling_effects, kling_elements, kling_extend, kling_lipsync, kling_motion
from reelgate.contracts.endpoint import Catalog, Endpoint
from reelgate.domain.errors import InvalidInput
from reelgate.domain.media import Dropped, Foreign, VideoInput
from reelgate.wire import kling, kling2026

CATALOG = Catalog(
    [
        *kling_avatar.ENDPOINTS,
        *kling_effects.ENDPOINTS,
        *kling_elements.ENDPOINTS,
        *kling_extend.ENDPOINTS,
        *kling_lipsync.ENDPOINTS,
        *kling_motion.ENDPOINTS,
    ]
)
A, B, V, S = "https://example.com/a.png", "https://example.com/b.png", "https://example.com/v.mp4", "https://example.com/s.mp3"
JPEG = "/9j/4AAQSkZJRgABAQAAAQABAAD"


def read(kind: str, body: dict[str, Any]) -> tuple[VideoInput, tuple[Dropped, ...]]:
    endpoint = CATALOG.named("kling", *kling.read_name(kind, body))
    assert endpoint is not None
    model: Any = endpoint.inputs["kling"]
    wanted, dropped = kling.read_input(model, body)
    assert kling.read_input(model, kling.write_input(model, wanted)) == (wanted, ())
    return wanted, dropped


def faults_of(kind: str, body: dict[str, Any]) -> set[str]:
    with pytest.raises(InvalidInput) as refused:
        read(kind, body)
    return {".".join(map(str, each.path)) for each in refused.value.faults}


def test_several_pictures_are_references_in_their_order() -> None:
    wanted, dropped = read("multi-image2video", {"prompt": "p", "image_list": [{"image": A}, {"image": JPEG}], "cfg_scale": 0.5})
    assert wanted.references == (
        Foreign(A, "image_list.0.image"),
        Foreign(f"data:image/jpeg;base64,{JPEG}", "image_list.1.image"),
    )
    assert [each.field for each in dropped] == ["cfg_scale"]
    assert faults_of("multi-image2video", {"prompt": "p", "image_list": [{"image": A}] * 5}) == {"image_list"}
    assert faults_of("multi-image2video", {"image_list": []}) == {"prompt", "image_list"}


def test_a_video_that_we_made_goes_on_by_its_id() -> None:
    wanted, _ = read("video-extend", {"video_id": 893605946402811985, "prompt": "on", "cfg_scale": "0.7"})
    assert wanted.source_video == Foreign("video:893605946402811985", "video_id")
    assert (wanted.seconds, wanted.cfg_scale) == (5, 0.7)
    assert faults_of("video-extend", {}) == faults_of("video-extend", {"video_id": "../../etc"}) == {"video_id"}
    assert faults_of("video-extend", {"video_id": "https://example.com/v.mp4"}) == {"video_id"}


TEXT = {"mode": "text2video", "text": "hello", "voice_id": "calm"}
SOUND = {"mode": "audio2video", "audio_type": "url", "audio_url": S}


def test_a_mouth_moves_to_a_text() -> None:
    wanted, _ = read("lip-sync", {"input": {**TEXT, "video_id": "01ABC", "voice_speed": "1.5"}})
    assert wanted.source_video == Foreign("video:01ABC", "input.video_id")
    assert (wanted.prompt, wanted.sound) == ("hello", True)
    assert wanted.extras == {"kling": {"input": {"mode": "text2video", "voice_id": "calm", "voice_speed": 1.5}}}


def test_a_mouth_moves_to_a_sound() -> None:
    wanted, _ = read("lip-sync", {"input": {**SOUND, "video_url": V}})
    assert wanted.source_video == Foreign(V, "input.video_url")
    assert wanted.references == (Foreign(S, "input.audio_url"),)
    sent = {"mode": "audio2video", "video_url": V, "audio_type": "file", "audio_file": "SUQzBAAAAAAAI1RTU0UAAAA="}
    assert read("lip-sync", {"input": sent})[0].references[0] == Foreign(
        "data:audio/mpeg;base64,SUQzBAAAAAAAI1RTU0UAAAA=", "input.audio_file"
    )


@pytest.mark.parametrize(
    ("said", "at"),
    [
        ({**TEXT}, "input.video_id"),
        ({**TEXT, "video_id": "a", "video_url": V}, "input.video_url"),
        ({**TEXT, "video_id": "a", "text": "x" * 121}, "input.text"),
        ({**TEXT, "video_id": "a", "voice_language": "fr"}, "input.voice_language"),
        ({"mode": "audio2video", "video_id": "a"}, "input.audio_url"),
        ({"mode": "audio2video", "video_id": "a", "audio_type": "file"}, "input.audio_file"),
        ({**SOUND, "video_id": "a", "audio_type": "file"}, "input.audio_file"),
        ({**SOUND, "video_id": "a", "audio_file": "SUQzBAAAAAAAI1RTU0UAAAA="}, "input.audio_url"),
    ],
)
def test_the_rules_of_lip_sync(said: dict[str, Any], at: str) -> None:
    assert faults_of("lip-sync", {"input": said}) == {at}


def test_an_effect_has_one_person_or_two() -> None:
    one, _ = read("effects", {"effect_scene": "squish_2", "input": {"image": A, "duration": 5, "model_name": "kling-v1-6", "mode": "std"}})
    assert one.first_frame == Foreign(A, "input.image")
    assert one.extras == {"kling": {"effect_scene": "squish_2", "input": {"model_name": "kling-v1-6", "mode": "std"}}}
    two, _ = read("effects", {"effect_scene": "hug", "input": {"images": [A, B], "duration": "10"}})
    assert two.references == (Foreign(A, "input.images.0"), Foreign(B, "input.images.1"))
    assert two.seconds == 10


@pytest.mark.parametrize(
    ("body", "at"),
    [
        ({"effect_scene": "hug", "input": {}}, "input.image"),
        ({"effect_scene": "hug", "input": {"image": A, "images": [A, B]}}, "input.images"),
        ({"effect_scene": "hug", "input": {"images": [A]}}, "input.images"),
        ({"effect_scene": "hug", "input": {"images": [A] * 3}}, "input.images"),
        ({"effect_scene": "Hug!", "input": {"image": A}}, "effect_scene"),
        ({"effect_scene": "x" * 65, "input": {"image": A}}, "effect_scene"),
        ({"effect_scene": "hug"}, "input"),
    ],
)
def test_the_rules_of_effects(body: dict[str, Any], at: str) -> None:
    assert faults_of("effects", body) == {at}


def test_an_avatar_speaks_what_a_sound_says() -> None:
    wanted, _ = read("avatar/image2video", {"image": JPEG, "sound_file": S, "mode": "pro"})
    assert wanted.references == (Foreign(S, "sound_file"),)
    assert (wanted.sound, wanted.resolution) == (True, "1080p")
    assert read("avatar/image2video", {"image": A, "audio_id": "17"})[0].extras == {"kling": {"audio_id": "17"}}
    assert faults_of("avatar/image2video", {"image": A}) == {"sound_file"}
    assert faults_of("avatar/image2video", {"image": A, "audio_id": "17", "sound_file": S}) == {"sound_file"}


def test_somebody_moves_as_somebody_does() -> None:
    body = {"image_url": A, "video_url": V, "character_orientation": "video"}
    wanted, dropped = read("motion-control", {**body, "keep_original_sound": "false", "duration": "5"})
    assert (wanted.first_frame, wanted.source_video) == (Foreign(A, "image_url"), Foreign(V, "video_url"))
    assert (wanted.sound, wanted.resolution) == (False, "720p")
    assert [each.field for each in dropped] == ["duration"]
    assert faults_of("motion-control", {**body, "element_list": [{"element_id": 1}]}) == {"element_list"}
    assert read("motion-control", {**body, "model_name": "kling-v3", "element_list": [{"element_id": 1}]})[0].sound is True
    assert faults_of("motion-control", {"image_url": A, "video_url": V}) == {"character_orientation"}


def test_motion_is_controlled_in_the_words_of_2026_too() -> None:
    endpoint: Endpoint | None = CATALOG.named("kling2026", "motion-control", "kling-2.6", "720p")
    assert endpoint is not None
    parts = [{"type": "image", "url": A}, {"type": "video", "url": V}]
    wanted, _ = kling2026.read_input(endpoint.inputs["kling2026"], {"contents": parts, "settings": {"character_orientation": "image"}})
    assert wanted.first_frame == Foreign(A, "contents.image.url")
    assert wanted.source_video == Foreign(V, "contents.video.url")
    assert wanted.sound is True
    with pytest.raises(InvalidInput):
        kling2026.read_input(endpoint.inputs["kling2026"], {"contents": [*parts, {"type": "element", "element_id": 1}], "settings": {}})


@pytest.mark.parametrize("endpoint", list(CATALOG), ids=lambda each: each.id)
def test_what_is_billed_by_a_length_that_nobody_knows_has_no_price(endpoint: Endpoint) -> None:
    assert endpoint.price is None
