"""The third generation."""

from __future__ import annotations

from reelgate.catalog.kling_v3 import ENDPOINTS
from reelgate.domain.money import Money
from reelgate.wire.fal import read_input

BY_ID = {each.id.removeprefix("fal-ai/kling-video/v3/"): each for each in ENDPOINTS}


def test_fifteen_seconds_in_4k_have_one_price_with_sound_or_without() -> None:
    endpoint = BY_ID["4k/text-to-video"]
    wanted, _ = read_input(endpoint.public, {"prompt": "p", "duration": 15})
    assert (wanted.resolution, wanted.sound, wanted.seconds) == ("4k", True, 15)
    assert endpoint.price is not None
    assert endpoint.price.quote(wanted).amount == Money.dollars("6.30")


def test_turbo_always_sounds() -> None:
    wanted, dropped = read_input(BY_ID["turbo/pro/text-to-video"].public, {"prompt": "p", "generate_audio": False})
    assert wanted.sound
    assert [each.field for each in dropped] == ["generate_audio"]


def test_elements_are_pictures_with_places_and_voices_with_a_price() -> None:
    endpoint = BY_ID["pro/image-to-video"]
    body = {
        "prompt": "p",
        "start_image_url": "https://a",
        "elements": [{"frontal_image_url": "https://b", "reference_image_urls": ["https://c"], "voice_id": "calm"}],
    }
    wanted, _ = read_input(endpoint.public, body)
    assert [each.field for each in wanted.references] == ["elements.0.frontal_image_url", "elements.0.reference_image_urls.0"]
    assert endpoint.price is not None
    assert endpoint.price.quote(wanted).amount == Money.dollars("0.98")
