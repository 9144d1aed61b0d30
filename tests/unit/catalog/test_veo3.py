"""Veo 3."""

from __future__ import annotations

from reelgate.catalog.veo3 import ENDPOINTS
from reelgate.domain.money import Money
from reelgate.wire.fal import read_input

BY_ID = {each.id: each for each in ENDPOINTS}


def test_eight_seconds_with_sound_cost_3_dollars_20() -> None:
    endpoint = BY_ID["fal-ai/veo3/image-to-video"]
    wanted, _ = read_input(endpoint.public, {"prompt": "p", "image_url": "https://a"})
    assert (wanted.seconds, wanted.sound, wanted.aspect_ratio) == (8, True, "auto")
    assert endpoint.price is not None
    assert endpoint.price.quote(wanted).amount == Money.dollars("3.20")


def test_follow_up_calls_share_one_short_path() -> None:
    assert {each.app for each in ENDPOINTS} == {"fal-ai/veo3"}
