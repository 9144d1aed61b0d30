"""Kling's own words: media in base64, voices and elements."""

from __future__ import annotations

import base64

import pytest
from pydantic import ValidationError
from pydantic_core import PydanticCustomError

from reelgate.catalog._kling_own import ElementById, Voice, picture_or_address, sound_or_address, yes_or_no

HEADS = {
    "image/jpeg": b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00",
    "image/png": b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
    "image/webp": b"RIFF\x24\x00\x00\x00WEBPVP8 ",
    "image/gif": b"GIF89a\x01\x00\x01\x00\x80\x00",
    "application/octet-stream": b"\x00\x00\x00\x1cftypavif\x00\x00",
}


@pytest.mark.parametrize(("kind", "head"), HEADS.items())
def test_a_picture_in_base64_becomes_a_data_uri_of_the_type_that_it_shows(kind: str, head: bytes) -> None:
    bare = base64.b64encode(head * 20).decode()
    assert picture_or_address(bare) == f"data:{kind};base64,{bare}"


def test_base64_in_lines_is_joined() -> None:
    lines = base64.encodebytes(HEADS["image/png"] * 20).decode()
    assert picture_or_address(lines) == f"data:image/png;base64,{''.join(lines.split())}"


@pytest.mark.parametrize("url", ["https://e/a.png", "HTTP://e/a.png", "data:image/png;base64,AAAA"])
def test_an_address_stays_as_it_is(url: str) -> None:
    assert picture_or_address(url) is url


@pytest.mark.parametrize("text", ["fox.png", "/etc/passwd", "file:///etc/passwd", "fox", "", "ftp://example.com/pictures/a.png"])
def test_what_is_neither_is_refused(text: str) -> None:
    for read in (picture_or_address, sound_or_address):
        with pytest.raises(PydanticCustomError):
            read(text)


@pytest.mark.parametrize(
    ("head", "kind"), [(b"ID3\x04", "audio/mpeg"), (b"RIFF\x24\x00", "audio/wav"), (b"\x00\x01", "application/octet-stream")]
)
def test_a_sound_in_base64_is_told_by_its_first_bytes_too(head: bytes, kind: str) -> None:
    bare = base64.b64encode(head + bytes(30)).decode()
    assert sound_or_address(bare).startswith(f"data:{kind};base64,")


def test_ids_are_taken_as_numbers_and_as_text() -> None:
    assert Voice.model_validate({"voice_id": 123}).voice_id == "123"
    assert ElementById.model_validate({"element_id": "160"}).element_id == 160
    with pytest.raises(ValidationError):
        ElementById.model_validate({"element_id": 1 << 63})


def test_yes_is_said_in_many_ways() -> None:
    assert [yes_or_no(each) for each in (True, "true", "yes", False, "false", "no", "perhaps", 5)] == [
        *("yes", "yes", "yes"),
        *("no", "no", "no"),
        *("perhaps", 5),
    ]
