"""Names and types that strangers give their files."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelgate.gateway.label import ANYTHING, KNOWN_TYPES, read_name, read_type


@pytest.mark.parametrize(
    ("claim", "kept"),
    [
        ("a.png", "a.png"),
        ("été à Zürich 雪 😀.png", "été à Zürich 雪 😀.png"),
        ("a b.png", "a b.png"),
        ("100%.png", "100%.png"),
        ("a%2Fb.png", "a%2Fb.png"),
        (".env", ".env"),
        ("/etc/passwd", "passwd"),
        ("../../key", "key"),
        ("C:\\Users\\ada\\a.png", "a.png"),
        ("a\r\nSet-Cookie: x.png", "aSet-Cookie: x.png"),
        ("a\x00b\x7f\x9f.png", "ab.png"),
        ("\u202egnp.exe", "gnp.exe"),
        ("lone \ud800.png", "lone .png"),
        ("  a.png  ", "a.png"),
    ],
)
def test_a_name_keeps_what_can_stand_in_an_address(claim: str, kept: str) -> None:
    assert read_name(claim, ANYTHING) == kept


@pytest.mark.parametrize("claim", ["", "/", "..", ".", "...", " . ", "a/", "\\", "\n", "\x00", "\ud800"])
def test_without_a_name_a_file_is_called_by_its_type(claim: str) -> None:
    assert read_name(claim, "image/png") == "image.png"
    assert read_name(claim, "video/quicktime") == "video.mov"
    assert read_name(claim, "audio/mpeg") == "audio.mp3"
    assert read_name(claim, ANYTHING) == "file.bin"


def test_a_long_name_is_cut_before_its_ending_and_not_inside_a_letter() -> None:
    assert read_name("a" * 300 + ".jpeg", ANYTHING) == "a" * 250 + ".jpeg"
    cut = read_name("雪" * 200 + ".png", ANYTHING)
    assert cut == "雪" * 83 + ".png"
    assert len(cut.encode()) <= 255
    assert read_name("x." + "e" * 400, ANYTHING) == "x." + "e" * 253


@given(st.text())
def test_whatever_it_is_called_it_is_one_printable_word_of_at_most_255_bytes(claim: str) -> None:
    name = read_name(claim, "image/png")
    assert 1 <= len(name.encode()) <= 255
    assert name.isprintable()
    assert not set(name) & {"/", "\\"}
    assert name.strip(". ")
    assert read_name(name, ANYTHING) == name


@pytest.mark.parametrize(
    ("claim", "kept"),
    [
        ("image/png", "image/png"),
        ("IMAGE/PNG", "image/png"),
        ("image/jpeg; charset=binary", "image/jpeg"),
        ("image/jpg", "image/jpeg"),
        ("video/mp4", "video/mp4"),
        ("text/html", ANYTHING),
        ("image/svg+xml", ANYTHING),
        ("application/javascript", ANYTHING),
        ("image/png\r\nx: y", ANYTHING),
        ("image", ANYTHING),
        ("", ANYTHING),
        ("x" * 100_000, ANYTHING),
    ],
)
def test_a_type_is_believed_where_no_browser_would_run_it(claim: str, kept: str) -> None:
    assert read_type(claim) == kept


def test_no_known_type_is_one_of_a_page() -> None:
    assert {name.partition("/")[0] for name in KNOWN_TYPES} == {"image", "video", "audio"}
    assert not [name for name in KNOWN_TYPES if "svg" in name or "xml" in name or "html" in name]
