"""What a file says of itself, whoever wrote it."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reelgate.dispatch.footage import read_footage
from reelgate.dispatch.measures import Footage, NoVideo
from tests.unit.dispatch.clips import clip

MP4 = clip(seconds=0.5, sound=True)
WEBM = clip("webm", seconds=0.5)


def _read(tmp_path: Path, content: bytes) -> Footage:
    path = tmp_path / "file"
    path.write_bytes(content)
    return read_footage(path)


@pytest.mark.parametrize(
    ("form", "options", "sound"),
    [("mp4", {}, False), ("mp4", {"movflags": "faststart"}, True), ("mov", {}, True), ("webm", {}, False), ("webm", {}, True)],
)
def test_the_measures_of_a_film(tmp_path: Path, form: str, options: dict[str, str], sound: bool) -> None:
    footage = _read(tmp_path, clip(form, sound=sound, **options))
    assert footage.content_type == {"mp4": "video/mp4", "mov": "video/quicktime", "webm": "video/webm"}[form]
    assert (footage.width, footage.height, footage.sound) == (96, 64, sound)
    assert footage.seconds == pytest.approx(2, abs=0.15)
    assert footage.frames in ({48} if form != "webm" else {0, 47, 48, 49, 50})


def test_a_film_in_fragments_is_one(tmp_path: Path) -> None:
    footage = _read(tmp_path, clip(movflags="frag_keyframe+empty_moov"))
    assert (footage.width, footage.height) == (96, 64)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "nothing"),
        (b"   ", "nothing"),
        (b"<!DOCTYPE html><html>", "a page"),
        (b"<Error><Code>AccessDenied</Code></Error>", "a page"),
        (b'{"detail": "gone"}', "JSON"),
        (b"\x89PNG\r\n\x1a\n", "a picture"),
        (b"no film at all", "no video"),
    ],
)
def test_what_is_no_film_is_called_by_its_name(tmp_path: Path, content: bytes, words: str) -> None:
    with pytest.raises(NoVideo, match=f"^{words}$"):
        _read(tmp_path, content)


@pytest.mark.parametrize("content", [MP4, WEBM], ids=["mp4", "webm"])
def test_the_beginning_of_a_film_is_none_or_tells_no_lies(tmp_path: Path, content: bytes) -> None:
    whole = _read(tmp_path, content)
    for size in range(0, len(content), max(1, len(content) // 200)):
        try:
            footage = _read(tmp_path, content[:size])
        except NoVideo:
            continue
        assert (footage.width, footage.height) == (whole.width, whole.height)


def test_an_mp4_that_was_cut_off_is_none(tmp_path: Path) -> None:
    with pytest.raises(NoVideo):
        _read(tmp_path, clip(movflags="faststart")[:-100])


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_damaged_film_is_read_or_refused_and_nothing_else(tmp_path: Path, data: st.DataObject) -> None:
    content = bytearray(data.draw(st.sampled_from([MP4, WEBM])))
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        footage = _read(tmp_path, bytes(content))
    except NoVideo:
        return
    assert 0 < footage.width <= 1 << 16
    assert 0 <= footage.seconds < 1e6


def test_boxes_without_end_are_refused(tmp_path: Path) -> None:
    box = struct.pack(">I4s", 8, b"free")
    nested = b""
    for _ in range(1000):
        nested = struct.pack(">I4s", len(nested) + 8, b"moov") + nested
    for content in (struct.pack(">I4s4s", 12, b"ftyp", b"isom") + box * 200_000, struct.pack(">I4s4s", 12, b"ftyp", b"isom") + nested):
        with pytest.raises(NoVideo):
            _read(tmp_path, content)
