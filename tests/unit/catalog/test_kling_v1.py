"""The first generation: cameras, masks, and what has ended."""

from __future__ import annotations

from reelgate.catalog.kling_v1 import ENDPOINTS, Kling1Picture, Kling1Text
from reelgate.wire.fal import read_input

BY_ID = {each.id.removeprefix("fal-ai/kling-video/"): each for each in ENDPOINTS}
OWN = "kling/v1/image2video/kling-v1-5/std"


def test_the_first_model_moves_its_camera() -> None:
    body = {"prompt": "p", "advanced_camera_control": {"movement_type": "zoom", "movement_value": 5}}
    assert read_input(Kling1Text, body)[0].extras == {"fal": {"advanced_camera_control": {"movement_type": "zoom", "movement_value": 5.0}}}
    assert read_input(Kling1Text, {"prompt": "p", "camera_control": "down_back"})[0].extras == {"fal": {"camera_control": "down_back"}}


def test_masks_are_pictures_too() -> None:
    body = {
        "prompt": "p",
        "image_url": "https://example.com/a.png",
        "static_mask_url": "https://example.com/b.png",
        "dynamic_masks": [{"mask_url": "https://example.com/c.png", "trajectories": [{"x": 1, "y": 2}]}],
    }
    wanted, _ = read_input(Kling1Picture, body)
    assert [each.field for each in wanted.references] == ["static_mask_url", "dynamic_masks.0.mask_url"]


def test_what_the_vendor_has_ended_is_kept_and_says_what_follows() -> None:
    ended = {name for name, each in BY_ID.items() if each.ended is not None}
    assert ended == {"v1/pro/text-to-video", "v1/pro/image-to-video", "v1.5/pro/text-to-video", "v1.5/pro/image-to-video", OWN}
    for name in ended:
        end = BY_ID[name].ended
        assert end is not None
        assert end.successor.endswith(f"/{BY_ID[name].kind}")


def test_where_no_price_was_found_there_is_none() -> None:
    assert all((each.price is None) == name.startswith(("v1/", "v1.5/", OWN)) for name, each in BY_ID.items())
