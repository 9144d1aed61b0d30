"""Tables of WebM."""

from __future__ import annotations

import io

import pytest

from reelgate.dispatch.measures import NoVideo
from reelgate.dispatch.webm import read_webm
from tests.unit.dispatch.clips import clip


def test_a_table_is_read() -> None:
    content = clip("webm", seconds=1, sound=True)
    footage = read_webm(io.BytesIO(content), len(content))
    assert (footage.width, footage.height, footage.sound) == (96, 64, True)
    assert footage.seconds == pytest.approx(1, abs=0.1)


def test_a_header_alone_is_no_video() -> None:
    content = clip("webm", seconds=0.1)[:40]
    with pytest.raises(NoVideo):
        read_webm(io.BytesIO(content), len(content))
