"""What is lost on the way into a wire's words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from reelgate.contracts.provider import Loss
from reelgate.dialects._translation import losses
from reelgate.domain.errors import Fault, InvalidInput
from reelgate.domain.media import BlobRef, Foreign, VideoInput

WANTED = VideoInput(prompt="a boat", seconds=5, cfg_scale=0.5, seed=7)


def _lost(wanted: VideoInput, **heard: Any) -> dict[str, bool]:
    """The losses where what is read again differs so."""

    def read(body: Mapping[str, Any]) -> VideoInput:
        return replace(body["as it was"], **heard)

    return {each.part: each.content for each in losses(lambda asked: {"as it was": asked}, read, wanted)}


def test_what_survives_is_no_loss() -> None:
    assert _lost(WANTED) == {}


def test_what_tunes_and_what_is_content_are_told_apart() -> None:
    asked = replace(WANTED, cfg_scale=0.7)
    assert _lost(asked, cfg_scale=None, seed=None, seconds=10) == {"cfg_scale": False, "seed": False, "seconds": True}


def test_a_vendor_s_default_of_what_nobody_asked_for_is_no_loss() -> None:
    assert _lost(WANTED, negative_prompt="blur") == {}
    assert _lost(VideoInput(prompt="p", aspect_ratio="auto"), aspect_ratio="16:9") == {}
    assert _lost(VideoInput(prompt="p", aspect_ratio="9:16"), aspect_ratio="16:9") == {"aspect_ratio": True}


def test_what_endpoints_fill_in_by_themselves_is_nobody_s_wish() -> None:
    filled = VideoInput(prompt="p", cfg_scale=0.5, negative_prompt="blur, distort, and low quality")
    assert _lost(filled, cfg_scale=None, negative_prompt="") == {}
    assert _lost(replace(filled, cfg_scale=0.7), cfg_scale=None) == {"cfg_scale": False}


def test_a_shape_beside_a_picture_only_tunes() -> None:
    wanted = VideoInput(prompt="p", aspect_ratio="9:16", first_frame=Foreign("https://example.com/a.png", "image_url"))
    assert _lost(wanted, aspect_ratio="auto") == {"aspect_ratio": False}


def test_pictures_are_compared_whatever_they_are_and_by_whichever_field_they_came() -> None:
    wanted = VideoInput(prompt="p", first_frame=BlobRef("0" * 32, "image_url"), last_frame=Foreign("data:image/png;base64,AA", "tail"))
    assert _lost(wanted) == {}
    assert _lost(wanted, last_frame=None) == {"last_frame": True}


def test_extras_of_another_wire_are_lost_and_a_camera_only_tunes() -> None:
    wanted = replace(WANTED, extras={"kling": {"camera_control": {"type": "simple"}, "element_list": [{"element_id": "1"}]}})
    assert _lost(wanted, extras={}) == {"camera_control": False, "element_list": True}


def test_extras_that_came_through_in_another_wire_s_words_are_no_loss() -> None:
    asked = replace(WANTED, extras={"fal": {"camera_control": "down_back", "static_mask_url": 0}})
    heard = {"kling": {"camera_control": {"type": "down_back"}, "static_mask": 0}}
    assert _lost(asked, extras=heard) == {}
    assert _lost(asked, extras={"kling": {"camera_control": {"type": "forward_up"}}}) == {"camera_control": False, "static_mask_url": True}


def test_what_cannot_be_written_or_read_is_content() -> None:
    def refuse(_: Any) -> Any:
        raise InvalidInput([Fault(path=("duration",), message="no")])

    def break_(_: Any) -> Any:
        raise KeyError("seconds")

    assert losses(lambda _: {}, refuse, WANTED) == (Loss(part="duration", content=True),)
    assert losses(break_, refuse, WANTED) == (Loss(part="input", content=True),)
