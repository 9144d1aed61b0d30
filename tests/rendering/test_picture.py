"""Pictures from strangers."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms

from reelgate.domain.errors import Refused
from reelgate.domain.media import LocalFile
from reelgate.engines.preview.picture import read_picture

Save = Callable[..., LocalFile]


def given(tmp_path: Path, content: bytes) -> LocalFile:
    path = tmp_path / "given"
    path.write_bytes(content)
    return LocalFile(path, "image_url")


def refusal(medium: LocalFile) -> str:
    with pytest.raises(Refused) as caught:
        read_picture(medium)
    assert caught.value.fault.path == ("image_url",)
    return caught.value.fault.kind


def png_header(width: int, height: int) -> bytes:
    """A PNG that claims a size and holds next to nothing."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")


@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.webp", "a.gif", "a.avif"])
def test_five_formats_are_read(save: Save, name: str) -> None:
    picture = read_picture(save(Image.new("RGB", (64, 48), (200, 60, 30)), name))

    assert picture.shape == (48, 64, 3)
    assert np.abs(picture[20, 20].astype(int) - (200, 60, 30)).max() < 12


def test_the_bytes_decide_not_the_name(save: Save) -> None:
    medium = save(Image.new("RGB", (64, 48)), "a.png")
    renamed = medium.path.rename(medium.path.with_suffix(".jpg"))

    assert read_picture(LocalFile(renamed, "image_url")).shape == (48, 64, 3)


@pytest.mark.parametrize("content", [b"", b"hello", b"<html>", b"\x00" * 100])
def test_what_is_no_picture_is_refused(tmp_path: Path, content: bytes) -> None:
    assert refusal(given(tmp_path, content)) == "image_load_error"


@pytest.mark.parametrize("format", ["BMP", "TIFF", "ICO"])
def test_other_formats_are_refused_by_name(tmp_path: Path, format: str) -> None:
    buffer = io.BytesIO()
    Image.new("RGB", (64, 64)).save(buffer, format)

    assert refusal(given(tmp_path, buffer.getvalue())) == "unsupported_image_format"


def test_a_broken_picture_is_refused(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    Image.fromarray(np.random.default_rng(1).integers(0, 255, (64, 64, 3), np.uint8)).save(buffer, "PNG")

    assert refusal(given(tmp_path, buffer.getvalue()[:500])) == "image_load_error"
    assert refusal(given(tmp_path, b"\xff\xd8\xff" + b"\x07" * 200)) == "image_load_error"


@pytest.mark.parametrize(("width", "height"), [(10_001, 100), (100, 10_001), (8000, 8000), (2**31 - 1, 2**31 - 1), (40_000, 40_000)])
def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path, width: int, height: int) -> None:
    assert refusal(given(tmp_path, png_header(width, height))) == "image_too_large"


def test_a_speck_is_refused(save: Save) -> None:
    assert refusal(save(Image.new("RGB", (31, 400)), "a.png")) == "image_too_small"


def test_an_animation_gives_its_first_frame(save: Save) -> None:
    frames = [Image.new("RGB", (40, 40), (shade, shade, 255 - shade)) for shade in range(0, 250, 10)]

    picture = read_picture(save(frames[0], "a.gif", save_all=True, append_images=frames[1:]))

    assert np.abs(picture[0, 0].astype(int) - (0, 0, 255)).max() < 8


def test_a_film_disguised_as_a_picture_is_refused(save: Save) -> None:
    rng = np.random.default_rng(1)
    frames = [Image.fromarray(rng.integers(0, 255, (32, 32), np.uint8)) for _ in range(101)]

    assert refusal(save(frames[0], "a.gif", save_all=True, append_images=frames[1:])) == "image_too_large"


def test_a_picture_taken_sideways_is_turned_upright(save: Save) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # "rotate 90° clockwise to show"

    assert read_picture(save(Image.new("RGB", (64, 48)), "a.jpg", exif=exif)).shape == (64, 48, 3)


def test_what_is_transparent_shows_a_neutral_ground(save: Save) -> None:
    for name in ("a.png", "a.webp"):
        picture = read_picture(save(Image.new("RGBA", (64, 48), (255, 0, 0, 0)), name))
        assert np.abs(picture[9, 9].astype(int) - (232, 232, 234)).max() < 4


def test_a_colour_profile_is_honoured_and_a_broken_one_ignored(save: Save) -> None:
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    grey = Image.new("RGB", (64, 48), (128, 128, 128))

    assert read_picture(save(grey, "a.png", icc_profile=lab)).shape == (48, 64, 3)
    assert read_picture(save(grey, "b.png", icc_profile=b"not a profile"))[5, 5].tolist() == [128, 128, 128]


@pytest.mark.parametrize("mode", ["L", "P", "CMYK", "LA", "1", "I;16"])
def test_every_kind_of_pixel_becomes_three_bytes(save: Save, mode: str) -> None:
    picture = (
        Image.new(mode, (64, 48), 20_000 if mode == "I;16" else None)
        if mode == "I;16"
        else Image.new("RGB", (64, 48), (90, 90, 90)).convert(mode)
    )

    read = read_picture(save(picture, "a.jpg" if mode == "CMYK" else "a.png"))

    assert read.shape == (48, 64, 3)
    assert read.max() < 255 or mode == "1"


def test_a_large_picture_is_brought_down(save: Save) -> None:
    assert max(read_picture(save(Image.new("RGB", (9000, 400)), "a.jpg")).shape) <= 4096


@pytest.mark.parametrize("brand", [b"mif1", b"msf1"])
def test_an_avif_may_call_itself_some_picture_first(brand: bytes, save: Callable[[Image.Image, str], LocalFile]) -> None:
    medium = save(Image.new("RGB", (64, 48), (200, 30, 30)), "picture.avif")
    content = medium.path.read_bytes()
    assert content[8:12] == b"avif"
    medium.path.write_bytes(content[:8] + brand + content[12:])
    assert read_picture(medium).shape == (48, 64, 3)


def test_some_picture_that_is_no_avif_is_refused_as_what_it_is(tmp_path: Path) -> None:
    (tmp_path / "a.heic").write_bytes(b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic" + b"avif" * 20)
    with pytest.raises(Refused) as refused:
        read_picture(LocalFile(tmp_path / "a.heic", "image_url"))
    assert refused.value.fault.kind == "unsupported_image_format"
