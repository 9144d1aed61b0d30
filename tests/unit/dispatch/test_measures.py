"""What is believed of a file's claims."""

from __future__ import annotations

import math

import pytest

from reelgate.dispatch.measures import NoVideo, believed

GOOD = {"content_type": "video/mp4", "width": 1280, "height": 720, "seconds": 5.0, "frames": 120, "sound": False}


def test_what_may_be_is_believed() -> None:
    assert believed(**GOOD).frames == 120  # type: ignore[arg-type]


@pytest.mark.parametrize("claim", [{"width": 0}, {"height": 1 << 20}, {"seconds": -1.0}, {"seconds": math.nan}, {"seconds": math.inf}])
def test_what_no_video_has_is_not(claim: dict[str, float]) -> None:
    with pytest.raises(NoVideo):
        believed(**{**GOOD, **claim})  # type: ignore[arg-type]


def test_a_number_of_frames_that_cannot_be_is_forgotten() -> None:
    assert believed(**{**GOOD, "frames": 1 << 40}).frames == 0  # type: ignore[arg-type]
