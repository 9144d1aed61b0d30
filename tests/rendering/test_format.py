"""How large a video is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelgate.engines.preview.format import frame_size
from reelgate.engines.preview.plane import Size


@pytest.mark.parametrize(
    ("aspect_ratio", "resolution", "width", "height"),
    [
        ("16:9", "720p", 1280, 720),
        ("9:16", "720p", 720, 1280),
        ("1:1", "720p", 960, 960),
        ("16:9", "480p", 854, 480),
        ("16:9", "1080p", 1920, 1080),
        ("9:16", "4k", 1080, 1920),
        ("1:1", "1080p", 1080, 1080),
        ("4:3", "720p", 960, 720),
        ("auto", "720p", 1280, 720),
        ("sixteen:nine", "huge", 1280, 720),
    ],
)
def test_resolution_names_the_shorter_side(aspect_ratio: str, resolution: str, width: int, height: int) -> None:
    assert frame_size(aspect_ratio, resolution) == Size(width=width, height=height)


def test_auto_follows_the_picture() -> None:
    assert frame_size("auto", "720p", Size(width=3000, height=2000)) == Size(width=1080, height=720)
    assert frame_size("auto", "720p", Size(width=1000, height=1003)) == Size(width=960, height=960)
    assert frame_size("16:9", "720p", Size(width=1000, height=1003)) == Size(width=1280, height=720)


@given(st.integers(32, 10_000), st.integers(32, 10_000), st.sampled_from(["480p", "720p", "1080p", "4k"]))
def test_every_picture_gets_a_frame_that_can_be_encoded(width: int, height: int, resolution: str) -> None:
    size = frame_size("auto", resolution, Size(width=width, height=height))

    assert size.width % 2 == size.height % 2 == 0
    assert 480 <= size.least <= 1080
    assert max(size.width, size.height) <= 2.4 * size.least + 1
