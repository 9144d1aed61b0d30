"""Veo 3.1 and its variants."""

from __future__ import annotations

import pytest

from reelgate.catalog.veo31 import ENDPOINTS
from reelgate.domain.errors import InvalidInput
from reelgate.domain.media import Foreign
from reelgate.wire.fal import read_input

BY_ID = {each.id.removeprefix("fal-ai/veo3.1").lstrip("/"): each for each in ENDPOINTS}


def test_the_way_from_one_picture_to_another() -> None:
    body = {"prompt": "p", "first_frame_url": "https://a", "last_frame_url": "https://b", "resolution": "4k"}
    wanted, _ = read_input(BY_ID["fast/first-last-frame-to-video"].public, body)
    assert wanted.first_frame == Foreign("https://a", "first_frame_url")
    assert wanted.last_frame == Foreign("https://b", "last_frame_url")
    assert wanted.resolution == "4k"


def test_references_need_at_least_one() -> None:
    model = BY_ID["reference-to-video"].public
    wanted, _ = read_input(model, {"prompt": "p", "image_urls": ["https://a"]})
    assert wanted.references == (Foreign("https://a", "image_urls"),)
    with pytest.raises(InvalidInput):
        read_input(model, {"prompt": "p", "image_urls": []})


def test_an_extension_adds_seven_seconds() -> None:
    wanted, _ = read_input(BY_ID["extend-video"].public, {"prompt": "p", "video_url": "https://a/b.mp4"})
    assert wanted.source_video == Foreign("https://a/b.mp4", "video_url")
    assert wanted.seconds == 7


def test_lite_has_no_4k_and_no_known_price() -> None:
    lite = [each for name, each in BY_ID.items() if name.startswith("lite")]
    assert len(lite) == 3
    for endpoint in lite:
        assert endpoint.price is None
        assert "4k" not in endpoint.public.model_json_schema()["properties"]["resolution"]["enum"]
