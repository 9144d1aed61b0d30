"""The lower third."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from reelgate.engines.preview.caption import Caption, lines_of, make_caption, tidy
from reelgate.engines.preview.font import runs
from reelgate.engines.preview.overlay import Overlay
from reelgate.engines.preview.plane import Size, new_planes
from tests.rendering.clip import SMALL

HD = Size(width=1280, height=720)
LONG = "As the sun dips below the horizon, painting the sky in fiery hues, powerful waves crash against jagged, dark rocks " * 4


@pytest.mark.parametrize("size", [HD, Size(width=720, height=1280), Size(width=960, height=960), SMALL])
@pytest.mark.parametrize("text", ["Waves", LONG, "一" * 200, "Donaudampfschifffahrtsgesellschaft" * 9])
def test_it_stays_inside_the_frame_and_below_its_middle(size: Size, text: str) -> None:
    overlay = make_caption(text, size)
    if overlay is None:
        assert runs(text, 20) is None  # no font for Chinese here
        return
    height, width = overlay.alpha.shape
    assert overlay.top > size.height / 2
    assert overlay.top + height <= size.height
    assert overlay.left + width <= size.width
    assert overlay.left % 2 == overlay.top % 2 == height % 2 == width % 2 == 0
    assert overlay.rgb.max() > 0.9


@pytest.mark.parametrize("size", [HD, Size(width=720, height=1280), Size(width=854, height=480)])
def test_it_can_be_read_on_snow_and_on_night(size: Size) -> None:
    overlay = make_caption("Un chat noir dort sur un fauteuil rouge, l'hiver", size)

    assert overlay is not None
    assert _contrast(overlay, ground=1.0) > 2.5
    assert _contrast(overlay, ground=0.8) > 3.5
    assert _contrast(overlay, ground=0.1) > 12
    bare = replace(overlay, alpha=overlay.rgb[..., 0])
    assert _contrast(bare, ground=1.0) < 1.2, "what makes it so is the shadow"


def _contrast(overlay: Overlay, *, ground: float) -> float:
    """How many times as light letters are as what is around them, as it is reckoned for pages (WCAG 2)."""
    shown = overlay.rgb[..., 0] + (1.0 - overlay.alpha) * np.float32(ground)
    linear = np.where(shown <= 0.04045, shown / 12.92, ((shown + 0.055) / 1.055) ** 2.4)
    letters = overlay.rgb[..., 0] > 0.8
    beside = (cv2.dilate(letters.astype(np.uint8), np.ones((7, 7), np.uint8)) > 0) & (overlay.rgb[..., 0] < 0.05)
    return float((np.median(linear[letters]) + 0.05) / (linear[beside].mean() + 0.05))


def test_three_lines_are_enough() -> None:
    one, three = make_caption("Waves", HD), make_caption(LONG, HD)

    assert one is not None
    assert three is not None
    assert 1.5 * one.alpha.shape[0] < three.alpha.shape[0] < 3.2 * one.alpha.shape[0]


def test_no_word_is_left_alone_on_a_line() -> None:
    overlay = make_caption("Neon skyline of a future Tokyo at night, reflections on the water, light rain", HD)

    assert overlay is not None
    half = overlay.rgb.shape[0] // 2
    widths = [rows.any(axis=(0, 2)).nonzero()[0].max() for rows in (overlay.rgb[:half], overlay.rgb[half:])]
    assert min(widths) > 0.7 * max(widths)


URL = "https://example.com/galleries/2026/summer/a-lighthouse-on-a-skerry?width=1280&height=720&seed=7#top"


@pytest.mark.parametrize("size", [HD, Size(width=720, height=1280), SMALL])
@pytest.mark.parametrize("word", ["Donaudampfschifffahrtsgesellschaftskapitaenskajuetentuerschluesselanhaengerfach", URL, "x" * 80])
def test_a_word_too_long_for_a_line_is_broken_and_nothing_of_it_lost(size: Size, word: str) -> None:
    letter, width = max(11, round(size.least * 0.039)), int(size.width * (0.76 if size.width > size.height else 0.86))
    for text in (word, f"see {word} there"):
        lines = broken(text, size)
        assert "".join(lines).replace(" ", "") == text.replace(" ", "")
        assert 2 <= len(lines) <= 3
        assert all(sum(font.getlength(piece) for piece, font in runs(line, letter) or ()) <= width for line in lines)


def test_a_word_that_fits_is_never_broken() -> None:
    assert all(word in " ".join(broken(LONG[:120], HD)).split() for word in LONG[:118].split())


def test_an_address_breaks_behind_a_mark() -> None:
    assert all(line[-1] in "/-?=&#." for line in broken(URL, HD)[:-1])


def test_what_is_longer_than_three_lines_ends_in_an_ellipsis() -> None:
    lines = broken("x" * 500, HD)
    assert len(lines) == 3
    assert lines[-1].endswith("x…")


def test_an_accent_stays_on_its_letter() -> None:
    lines = broken("e\u0301" * 150, HD)
    assert len(lines) > 1
    assert all(line.startswith("e") for line in lines)


@pytest.mark.parametrize("text", ["「海」（空）ーっ、" * 12, "（山）" * 40])
def test_no_line_of_wide_characters_begins_or_ends_with_the_wrong_mark(text: str) -> None:
    for width in range(120, 800, 20):
        lines = lines_of(text, 28, width)
        assert not any(line[0] in "」）ーっ、" for line in lines[1:])
        assert not any(line[-1] in "「（" for line in lines)


def broken(text: str, size: Size) -> list[str]:
    """The lines of a caption."""
    letter = max(11, round(size.least * 0.039))
    return lines_of(text, letter, int(size.width * (0.76 if size.width > size.height else 0.86)))


def test_nothing_to_say_is_nothing_drawn() -> None:
    assert make_caption(" \n\t ", HD) is None


def test_control_characters_are_not_text() -> None:
    assert tidy("a\x00b\n\tc\x1b[31m d\u202e") == "a b c [31m d"


def test_it_fades_in_stays_and_goes() -> None:
    caption = Caption("Waves crash against the rocks", SMALL, 5.0)

    def light(second: float) -> int:
        planes = new_planes(SMALL)
        caption.lay(planes, second)
        return int((planes.y > 24).sum())

    assert light(0.0) == 0
    assert light(0.2) > 0
    assert light(2.0) >= light(0.2)
    assert light(4.0) == 0


def test_in_a_short_shot_it_is_gone_before_the_end() -> None:
    caption = Caption("Waves", SMALL, 1.0)
    planes = new_planes(SMALL)

    caption.lay(planes, 0.9)

    assert planes.y.max() == 16
