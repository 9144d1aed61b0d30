"""What the generations of Veo share."""

from __future__ import annotations

from datetime import date

import pytest

from reelgate.catalog._veo import VeoPicture, VeoText, rates
from reelgate.domain.errors import InvalidInput
from reelgate.domain.media import Foreign, VideoInput
from reelgate.domain.money import Money
from reelgate.domain.pricing import Source
from reelgate.wire.fal import read_input


def test_a_prompt_is_enough() -> None:
    assert read_input(VeoText, {"prompt": "p"})[0] == VideoInput(prompt="p", seconds=8, aspect_ratio="16:9", resolution="720p", sound=True)


def test_a_picture_gives_the_shape_and_everything_may_be_said() -> None:
    body = {
        "prompt": "p",
        "image_url": "https://example.com/fox.png",
        "duration": 4,
        "resolution": "1080p",
        "generate_audio": False,
        "seed": 9,
        "safety_tolerance": 6,
        "auto_fix": True,
    }
    assert read_input(VeoPicture, body)[0] == VideoInput(
        prompt="p",
        first_frame=Foreign("https://example.com/fox.png", "image_url"),
        seconds=4,
        aspect_ratio="auto",
        resolution="1080p",
        seed=9,
        extras={"fal": {"safety_tolerance": "6", "auto_fix": True}},
    )


def test_a_length_that_there_is_not_is_refused() -> None:
    with pytest.raises(InvalidInput):
        read_input(VeoText, {"prompt": "p", "duration": "5s"})


def test_4k_has_its_own_rates() -> None:
    price = rates("0.20", "0.40", Source(text="a test", as_of=date(2026, 1, 1)), at_4k=("0.40", "0.60"))
    assert price.quote(VideoInput(seconds=8, sound=True)).amount == Money.dollars("3.20")
    assert price.quote(VideoInput(seconds=8, resolution="1080p")).amount == Money.dollars("1.60")
    assert price.quote(VideoInput(seconds=8, sound=True, resolution="4k")).amount == Money.dollars("4.80")
