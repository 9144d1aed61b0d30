"""The last frame of a caller's video."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from reelgate.domain.errors import Refused
from reelgate.domain.media import LocalFile
from reelgate.engines.preview.encode import Reel, write_reel
from reelgate.engines.preview.footage import read_last_frame
from reelgate.engines.preview.plane import Planes
from tests.rendering.clip import SMALL


def growing(index: int, planes: Planes) -> None:
    planes.y[:] = 30 + 4 * index
    planes.u[:] = planes.v[:] = 128


@pytest.fixture
def video(tmp_path: Path) -> LocalFile:
    write_reel(Reel(size=SMALL, frames=48, draw=growing, tags={}), tmp_path / "given.mp4", lambda _done: None)
    return LocalFile(tmp_path / "given.mp4", "video_url")


def refusal(medium: LocalFile) -> str:
    with pytest.raises(Refused) as caught:
        read_last_frame(medium)
    assert caught.value.fault.path == ("video_url",)
    return caught.value.fault.kind


def test_it_is_the_very_last(video: LocalFile) -> None:
    picture = read_last_frame(video)

    assert picture.shape == (SMALL.height, SMALL.width, 3)
    assert abs(picture.mean() - (30 + 4 * 47 - 16) * 255 / 219) < 4


@pytest.mark.parametrize("content", [b"", b"hello", b"\0\0\0\x18ftypmp42" + b"\0" * 64, b"\x1a\x45\xdf\xa3" + b"\0" * 64])
def test_what_is_no_video_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "given").write_bytes(content)

    assert refusal(LocalFile(tmp_path / "given", "video_url")) == "unsupported_video_format"


def test_a_playlist_that_names_our_files_is_refused(tmp_path: Path, video: LocalFile) -> None:
    (tmp_path / "list").write_text(f"#EXTM3U\n#EXTINF:2,\n{video.path}\n#EXT-X-ENDLIST\n")

    assert refusal(LocalFile(tmp_path / "list", "video_url")) == "unsupported_video_format"


def test_a_video_cut_off_in_the_middle_is_refused(video: LocalFile, tmp_path: Path) -> None:
    (tmp_path / "cut").write_bytes(video.path.read_bytes()[:900])

    assert refusal(LocalFile(tmp_path / "cut", "video_url")) == "unsupported_video_format"


def test_the_picture_can_be_filmed_on(video: LocalFile) -> None:
    assert read_last_frame(video).flags["C_CONTIGUOUS"]
    assert read_last_frame(video).dtype == np.uint8
