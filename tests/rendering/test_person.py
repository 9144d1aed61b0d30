"""Finding a person in a picture. The network is fetched by `make setup`; these tests need it, as the engine does not."""

from __future__ import annotations

import io
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from bench.portrait import portrait
from reelgate.engines.preview import person
from tests.rendering.clip import noise

ROOT = Path(__file__).parents[2]
SEEING = pytest.mark.skipif(not person.can_see(), reason="the network that finds people is not fetched: no npm, or nothing to fetch from")


@SEEING
def test_a_person_is_found_where_one_stands() -> None:
    mask = person.find_person(portrait())
    assert mask is not None
    mask = cv2.resize(mask, (480, 360))
    for x, y in ((240, 120), (240, 200), (240, 330), (160, 345)):
        assert mask[y, x] > 0.9, (x, y)
    for x, y in ((60, 60), (400, 60), (40, 330), (430, 300)):
        assert mask[y, x] < 0.1, (x, y)


@SEEING
def test_nobody_is_found_where_nobody_is() -> None:
    grey = np.full((300, 400, 3), 120, np.uint8)
    for picture in (grey, noise(300, 400), np.random.default_rng(2).integers(0, 255, (300, 400, 3)).astype(np.uint8)):
        assert person.find_person(picture) is None


@SEEING
def test_mountains_are_nobody() -> None:
    with Image.open(ROOT / "docs/pictures/mountains.jpg") as picture:
        assert person.find_person(np.asarray(picture.convert("RGB"))) is None


@SEEING
@pytest.mark.parametrize("quality", [50, 75])
def test_the_command_line_s_sample_is_nobody_however_it_is_packed(quality: int) -> None:
    packed = io.BytesIO()
    with Image.open(ROOT / "src/reelgate/cli/sample.jpg") as picture:
        picture.convert("RGB").save(packed, "AVIF", quality=quality)
    with Image.open(packed) as picture:
        assert person.find_person(np.asarray(picture.convert("RGB"))) is None


@SEEING
def test_what_is_somebody_else_in_the_mirror_is_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = [np.zeros((256, 256), np.float32) for _ in range(2)]
    seen[0][100:200, 20:100] = seen[1][100:200, 20:100] = 1  # not where it would be in the mirror
    monkeypatch.setattr(person, "_seen", lambda _network, _picture: seen.pop())
    assert person.find_person(portrait()) is None


@SEEING
def test_the_mask_is_of_the_picture_s_shape_whatever_that_is() -> None:
    tall = person.find_person(portrait(900, 1600))
    assert tall is None or max(tall.shape) <= 640
    wide = person.find_person(portrait(1280, 960))
    assert wide is not None
    assert wide.shape == (480, 640)


def test_without_the_network_nobody_is_found_and_another_file_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(person, "MODEL", tmp_path / "gone.tflite")
    assert not person.can_see()
    assert person.find_person(portrait()) is None
    (tmp_path / "other.tflite").write_bytes(b"TFL3" + bytes(1000))
    monkeypatch.setattr(person, "MODEL", tmp_path / "other.tflite")
    assert not person.can_see()
