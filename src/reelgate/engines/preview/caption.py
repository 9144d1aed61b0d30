"""The prompt as a lower third: up to three lines, a soft shadow instead of a box, gone after a few seconds."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence

import cv2
import numpy as np
from PIL import Image, ImageDraw

from reelgate.engines.preview.font import runs
from reelgate.engines.preview.overlay import Laying, Overlay
from reelgate.engines.preview.plane import Floats, Planes, Size

MAX_LINES = 3
_LONGEST = 600  # characters: three lines have no room for half of them


class Caption:
    """A caption over the first seconds of a shot."""

    def __init__(self, text: str, size: Size, seconds: float) -> None:
        overlay = make_caption(text, size)
        self._laying = None if overlay is None else Laying(overlay)
        self._end_s = min(_SHOWN_S, seconds * 0.8)

    def lay(self, planes: Planes, second: float) -> None:
        """Draw what of it is to be seen at that second of the shot."""
        if self._laying is not None:
            fade_in, fade_out = second / _FADE_S, (self._end_s - second) / _FADE_S
            self._laying.lay(planes, max(0.0, min(1.0, fade_in, fade_out)))


def make_caption(text: str, size: Size) -> Overlay | None:
    """The overlay of a caption; None if there is nothing to say or no font to say it in."""
    letter = max(11, round(size.least * 0.039))
    plain = tidy(text)
    if not plain or runs(plain, letter) is None:
        return None
    lines = lines_of(plain, letter, int(size.width * (0.76 if size.width > size.height else 0.86)))
    mask = _drawn(lines, letter)
    left = max(0, round(size.width * 0.05) - letter) & ~1
    top = max(0, size.height - round(size.height * 0.075) - mask.shape[0] + letter) & ~1
    mask = mask[: size.height - top & ~1, : size.width - left & ~1]
    return _with_shadow(mask, letter, left, top)


def tidy(text: str, longest: int = _LONGEST) -> str:
    """One line without control characters, of no more than so many."""
    kept = "".join(" " if unicodedata.category(char) in {"Cc", "Zl", "Zp"} else char for char in text[:longest])
    return " ".join("".join(char for char in kept if unicodedata.category(char) not in {"Cf", "Co", "Cs", "Cn"}).split())


def lines_of(text: str, letter: int, width: int) -> list[str]:
    """Broken into lines of that width, no line much shorter than the others: no last word stands alone."""
    pieces = [part for piece in _pieces(text) for part in _fitting(piece, letter, width)]
    lines = _broken(pieces, letter, width)
    if not _is_whole(lines, text):
        return lines
    while len(narrower := _broken(pieces, letter, width - letter)) == len(lines) and _is_whole(narrower, text):
        lines, width = narrower, width - letter
    return lines


def _is_whole(lines: Sequence[str], text: str) -> bool:
    return "".join(lines).replace(" ", "") == text.replace(" ", "")


def _broken(pieces: Sequence[str], letter: int, width: int) -> list[str]:
    """Broken into at most three lines, with an ellipsis where it does not fit."""
    lines = [""]
    for piece in pieces:
        if not lines[-1] or _length(lines[-1] + piece.rstrip(), letter) <= width:
            lines[-1] += piece
        elif len(lines) < MAX_LINES:
            lines.append(piece)
        else:
            lines[-1] = _ended(lines[-1], letter, width)
            break
    return [line.rstrip() if _length(line.rstrip(), letter) <= width else _ended(line, letter, width) for line in lines]


def _fitting(piece: str, letter: int, width: int) -> Iterator[str]:
    """The piece; or, of a word or an address too long for a line, what lies between the marks in it; or, if that is too long, its letters,
    each with its accents."""
    if _length(piece.rstrip(), letter) <= width:
        yield piece
        return
    for part in filter(None, _MARKED.split(piece)):
        yield from (part,) if _length(part.rstrip(), letter) <= width else _letters(part)


def _letters(word: str) -> list[str]:
    letters: list[str] = []
    for char in word:
        if letters and (_joins(char) or char == " "):
            letters[-1] += char
        else:
            letters.append(char)
    return letters


def _pieces(text: str) -> list[str]:
    """Where a line may end: after a space, and between wide characters unless punctuation belongs to the one before or after it."""
    pieces = [""]
    for char in text:
        before = pieces[-1][-1:]
        wide = any(unicodedata.east_asian_width(each) in _WIDE for each in (before, char) if each)
        starts = bool(before) and (before == " " or wide) and not _stays(char) and not _opens(before)
        if starts and char != " ":
            pieces.append(char)
        else:
            pieces[-1] += char
    return pieces


def _stays(char: str) -> bool:
    """Whether it may not begin a line."""
    return unicodedata.category(char) in {"Pe", "Pf", "Po"} or char in _SMALL or _joins(char)


def _opens(char: str) -> bool:
    """Whether it may not end a line."""
    return unicodedata.category(char) in {"Ps", "Pi"}


def _joins(char: str) -> bool:
    """Whether it is written over or under the letter before it."""
    return unicodedata.category(char) in {"Mn", "Me", "Mc"}


def _ended(line: str, letter: int, width: int) -> str:
    line = line.rstrip()
    while line and _length(line + "…", letter) > width:
        line = line[:-1].rstrip()
    return line.rstrip(_PAUSES) + "…"


def _length(text: str, letter: int) -> float:
    return sum(font.getlength(piece) for piece, font in runs(text, letter) or ())


def _drawn(lines: list[str], letter: int) -> Floats:
    """White letters on black, 0 to 1, with a letter's width of room on all sides."""
    step = round(letter * 1.42)
    width = round(max(_length(line, letter) for line in lines)) + 2 * letter + 2
    image = Image.new("L", (width + width % 2, (step * len(lines) + 2 * letter) & ~1), 0)
    draw = ImageDraw.Draw(image)
    for number, line in enumerate(lines):
        x = float(letter)
        baseline = letter + number * step + round(letter * 1.0)
        for piece, font in runs(line, letter) or ():
            draw.text((x, baseline), piece, fill=255, font=font, anchor="ls")
            x += font.getlength(piece)
    return np.asarray(image, np.float32) / np.float32(255)


def _with_shadow(mask: Floats, letter: int, left: int, top: int) -> Overlay:
    haze, wide, close = (np.asarray(cv2.GaussianBlur(mask, (0, 0), letter * share), np.float32) for share in (0.4, 0.15, 0.06))
    shadow = np.clip(np.float32(1.5) * haze + np.float32(1.2) * wide + np.float32(0.5) * close, 0, 0.75)
    text = mask * np.float32(0.97)
    alpha = np.asarray(text + shadow * (1 - text), np.float32)
    return Overlay(rgb=np.repeat(text[..., None], 3, axis=2), alpha=alpha, left=left, top=top)


_SHOWN_S = 3.5
_FADE_S = 0.4
_WIDE = {"W", "F"}
_PAUSES = " ,.;:、。\uff0c\uff1b\uff1a"
_SMALL = "々〻ーぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶ"
_MARKED = re.compile(r"(?<=[/_?&=.:#%+,-])(?![/_?&=.:#%+,-])")  # where an address breaks
