"""The child process that takes stills out of a video."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from tests.unit.dispatch.clips import clip


def expose(video: Path, folder: Path) -> int:
    arguments = [sys.executable, "-m", "reelgate.dispatch.exposure", str(3 << 30), str(video), str(folder / "a"), str(folder / "b")]
    return subprocess.run(arguments, check=False, capture_output=True, timeout=60).returncode


def test_a_poster_of_the_first_frame_and_a_small_one_from_the_middle(tmp_path: Path) -> None:
    (tmp_path / "v.mp4").write_bytes(clip(seconds=1, rate=4, size=(1280, 720)))
    assert expose(tmp_path / "v.mp4", tmp_path) == 0
    with Image.open(tmp_path / "a") as poster, Image.open(tmp_path / "b") as preview:
        assert (poster.format, poster.size) == ("WEBP", (1280, 720))
        assert (preview.format, preview.size) == ("WEBP", (320, 180))


@pytest.mark.parametrize("content", [b"", b"no video at all", clip(seconds=1)[:200], b"\x00\x00\x00\x18ftypmp42" + bytes(4000)])
def test_what_is_no_video_has_none_and_ends_quietly(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "v.mp4").write_bytes(content)
    assert expose(tmp_path / "v.mp4", tmp_path) == 3


def test_a_video_is_never_fetched_from_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "v.mp4").write_text("#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nhttp://127.0.0.1:9/x.ts\n#EXT-X-ENDLIST\n")
    assert expose(tmp_path / "v.mp4", tmp_path) == 3
