"""One prompt with pictures, elements and a video: what goes together, on both of Kling's wires."""

from __future__ import annotations

from typing import Any

import pytest

from reelgate.catalog.kling_omni import ENDPOINTS
from reelgate.contracts.endpoint import Endpoint
from reelgate.domain.errors import InvalidInput
from reelgate.domain.media import Foreign, VideoInput
from reelgate.domain.money import Money
from reelgate.wire import kling, kling2026

BY_ID = {each.id.removeprefix("kling/v1/omni-video/"): each for each in ENDPOINTS}
O1, OMNI3 = BY_ID["kling-video-o1/pro"], BY_ID["kling-v3-omni/std"]
A, B, V = "https://example.com/a.png", "https://example.com/b.png", "https://example.com/v.mp4"
FIRST, END, PLAIN = {"image_url": A, "type": "first_frame"}, {"image_url": B, "type": "end_frame"}, {"image_url": A}
WIDE = {"aspect_ratio": "16:9"}
FIRST_2026, LAST_2026 = {"type": "first_frame", "url": A}, {"type": "last_frame", "url": B}
REFER_2026 = {"type": "refer_image", "url": A}
FEATURE_2026, BASE_2026 = {"type": "feature_video", "url": V}, {"type": "base_video", "url": V}


def wanted(endpoint: Endpoint, **body: Any) -> VideoInput:
    return kling.read_input(endpoint.inputs["kling"], {"prompt": "p", **body})[0]


def faults_of(endpoint: Endpoint, body: dict[str, Any]) -> set[tuple[str | int, ...]]:
    wire, read = ("kling2026", kling2026.read_input) if "contents" in body else ("kling", kling.read_input)
    with pytest.raises(InvalidInput) as refused:
        read(endpoint.inputs[wire], {"prompt": "p", **body})
    return {each.path for each in refused.value.faults}


def test_a_frame_is_a_frame_and_other_pictures_are_references_with_their_places() -> None:
    model: Any = OMNI3.inputs["kling"]
    said = wanted(OMNI3, image_list=[PLAIN, FIRST, {**PLAIN, "type": ""}, END])
    assert said.first_frame == Foreign(A, "image_list.1.image_url")
    assert said.last_frame == Foreign(B, "image_list.3.image_url")
    assert [each.field for each in said.references] == ["image_list.0.image_url", "image_list.2.image_url"]
    assert kling.read_input(model, kling.write_input(model, said)) == (said, ())


def test_a_video_is_the_source_and_says_what_it_is_for() -> None:
    said = wanted(O1, video_list=[{"video_url": V, "refer_type": "feature", "keep_original_sound": True}])
    assert said.source_video == Foreign(V, "video_list.0.video_url")
    assert said.extras["kling"]["video_list"] == [{"video_url": "source_video", "refer_type": "feature", "keep_original_sound": "yes"}]


@pytest.mark.parametrize(
    ("endpoint", "body", "at"),
    [
        (O1, {}, "aspect_ratio"),
        (O1, {"image_list": [PLAIN]}, "aspect_ratio"),
        (O1, {"image_list": [FIRST, FIRST]}, "image_list"),
        (O1, {"image_list": [END], **WIDE}, "image_list"),
        (O1, {"image_list": [PLAIN] * 8, **WIDE}, "image_list"),
        (O1, {"image_list": [PLAIN] * 4, "element_list": [{"element_id": 1}] * 4, **WIDE}, "image_list"),
        (O1, {"image_list": [PLAIN] * 5, "video_list": [{"video_url": V, "refer_type": "feature"}]}, "image_list"),
        (O1, {"image_list": [FIRST], "video_list": [{"video_url": V}]}, "image_list"),
        (O1, {"video_list": [{"video_url": V}] * 2}, "video_list"),
        (O1, {"sound": "on", **WIDE}, "sound"),
        (O1, {"multi_shot": True, **WIDE}, "multi_shot"),
        (O1, {"duration": "15", **WIDE}, "duration"),
        (OMNI3, {"sound": "on", "video_list": [{"video_url": V}]}, "sound"),
        (OMNI3, {"voice_list": [{"voice_id": "calm"}], **WIDE}, "voice_list"),
    ],
)
def test_the_rules_of_one_generation(endpoint: Endpoint, body: dict[str, Any], at: str) -> None:
    assert faults_of(endpoint, body) == {(at,)}


@pytest.mark.parametrize(
    ("endpoint", "body", "at"),
    [
        (O1, {"contents": [LAST_2026]}, ("contents", "last_frame")),
        (O1, {"contents": [FIRST_2026, BASE_2026]}, ("contents", "first_frame")),
        (O1, {"contents": [FEATURE_2026, BASE_2026]}, ("contents", "feature_video")),
        (O1, {"contents": [REFER_2026] * 5 + [FEATURE_2026]}, ("contents", "refer_image")),
        (O1, {"contents": [], "settings": {"audio": "original"}}, ("settings", "audio")),
        (O1, {"contents": [], "settings": {"audio": "native"}}, ("settings", "audio")),
        (O1, {"contents": [], "settings": {"multi_shot": True}}, ("settings", "multi_shot")),
        (OMNI3, {"contents": [FEATURE_2026], "settings": {"audio": "native"}}, ("settings", "audio")),
        (OMNI3, {"contents": [{"type": "voice", "voice_id": "calm"}]}, ("contents", "voice")),
    ],
)
def test_the_rules_of_the_other(endpoint: Endpoint, body: dict[str, Any], at: tuple[str, ...]) -> None:
    assert faults_of(endpoint, body) == {at}


def test_a_sound_that_is_kept_is_not_made() -> None:
    model: Any = OMNI3.inputs["kling2026"]
    said, _ = kling2026.read_input(model, {"prompt": "p", "contents": [BASE_2026], "settings": {"audio": "original", "multi_shot": False}})
    assert said.sound is False
    assert said.extras["kling2026"]["settings"] == {"multi_shot": False, "audio": "original"}
    assert kling2026.read_input(model, kling2026.write_input(model, said)) == (said, ())


def test_a_video_has_a_price_of_its_own() -> None:
    price = OMNI3.price
    assert price is not None
    assert price.quote(VideoInput(seconds=10)).amount == Money.dollars("0.84")
    assert price.quote(VideoInput(seconds=10, sound=True)).amount == Money.dollars("1.12")
    assert price.quote(VideoInput(seconds=10, source_video=Foreign(V))).words == "10 s × $0.126"
    assert price.describe() == "$0.084 a second, $0.112 with sound, $0.126 with a video"
    assert price.source.text
