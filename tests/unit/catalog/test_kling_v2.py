"""The second generation."""

from __future__ import annotations

import pytest

from reelgate.catalog.kling_v2 import ENDPOINTS
from reelgate.domain.errors import InvalidInput
from reelgate.domain.media import Foreign
from reelgate.domain.money import Money
from reelgate.wire import kling, kling2026
from reelgate.wire.fal import read_input

BY_ID = {each.id: each for each in ENDPOINTS}


def test_26_makes_sound_unless_it_is_turned_off_and_charges_for_it() -> None:
    endpoint = BY_ID["fal-ai/kling-video/v2.6/pro/text-to-video"]
    loud, _ = read_input(endpoint.public, {"prompt": "p"})
    silent, _ = read_input(endpoint.public, {"prompt": "p", "generate_audio": "false"})
    assert endpoint.price is not None
    assert endpoint.price.quote(loud).amount == Money.dollars("0.70")
    assert endpoint.price.quote(silent).amount == Money.dollars("0.35")


def test_26_has_names_of_its_own_for_pictures_and_no_cfg_scale() -> None:
    endpoint = BY_ID["fal-ai/kling-video/v2.6/pro/image-to-video"]
    wanted, dropped = read_input(endpoint.public, {"prompt": "p", "start_image_url": "https://a", "cfg_scale": 0.5, "voice_ids": ["calm"]})
    assert wanted.first_frame == Foreign("https://a", "start_image_url")
    assert [each.field for each in dropped] == ["cfg_scale"]
    assert endpoint.price is not None
    assert endpoint.price.quote(wanted).amount == Money.dollars("0.84")
    with pytest.raises(InvalidInput):
        read_input(endpoint.public, {"prompt": "p", "image_url": "https://a"})


def test_what_only_kling_has_is_reached_by_its_path_only() -> None:
    own = [each for each in ENDPOINTS if not each.id.startswith("fal-ai/")]
    assert {tuple(each.inputs) for each in own} == {("kling", "kling2026")}
    assert [(each.names["kling"][0], each.names["kling2026"][0]) for each in own] == [
        (("text2video", "kling-v2-5-turbo", "std"), ("text-to-video", "kling-2.5-turbo", "720p")),
        (("text2video", "kling-v2-6", "std"), ("text-to-video", "kling-2.6", "720p")),
        (("image2video", "kling-v2-6", "std"), ("image-to-video", "kling-2.6", "720p")),
    ]


def test_voices_cost_the_same_on_every_wire() -> None:
    endpoint = BY_ID["fal-ai/kling-video/v2.6/pro/image-to-video"]
    voice = {"voice_id": "calm"}
    own, _ = kling.read_input(endpoint.inputs["kling"], {"image": "https://a", "sound": "on", "voice_list": [voice]})
    contents = [{"type": "first_frame", "url": "https://a"}, {"type": "voice", **voice}]
    new, _ = kling2026.read_input(endpoint.inputs["kling2026"], {"contents": contents, "settings": {"audio": "native"}})
    assert endpoint.price is not None
    assert endpoint.price.quote(own).amount == endpoint.price.quote(new).amount == Money.dollars("0.84")
