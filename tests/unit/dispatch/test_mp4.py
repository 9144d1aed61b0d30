"""Tables of MP4 and MOV."""

from __future__ import annotations

import io
import struct

import pytest

from reelgate.dispatch.measures import NoVideo
from reelgate.dispatch.mp4 import read_mp4
from tests.unit.dispatch.clips import clip


def test_a_table_is_found_behind_the_pictures_and_before_them() -> None:
    for options in ({}, {"movflags": "faststart"}):
        content = clip(seconds=1, **options)
        assert read_mp4(io.BytesIO(content), len(content), "video/mp4").frames == 24


@pytest.mark.parametrize("length", [0, 7, 1 << 31])
def test_a_box_of_an_impossible_length_is_refused(length: int) -> None:
    content = struct.pack(">I4s", 8, b"ftyp") + struct.pack(">I4s", length, b"moov") + bytes(64)
    with pytest.raises(NoVideo):
        read_mp4(io.BytesIO(content), len(content), "video/mp4")
