"""Letters, and whether there are any for a text.

Nothing is shipped: Latin letters come from a system's DejaVu or from Pillow itself, Chinese, Japanese and Korean from
whatever wide font the system has. A text that no font here covers is not drawn at all; nobody shows a customer boxes.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TypeAlias

from PIL import ImageFont

from reelgate.domain.errors import Broken

Font: TypeAlias = ImageFont.FreeTypeFont
Run: TypeAlias = tuple[str, Font]


def fonts(size: int, *, bold: bool = False) -> tuple[Font, ...]:
    """Fonts of a size in pixels, the nicest first."""
    names = (_LATIN_BOLD if bold else _LATIN) + WIDE
    found = (font_files().get(name) for name in names)
    system = [_load(path, size) for path in found if path is not None]
    return tuple(system) if system and _covers(system[0], "a") else (_built_in(size), *system)


def runs(text: str, size: int) -> tuple[Run, ...] | None:
    """The text in pieces of one font each; None if a letter of it has no shape in any font here. Symbols without one are left out."""
    pieces: list[tuple[str, Font]] = []
    for char in text:
        font = _font_for(char, size)
        if font is None:
            if char.isalnum():
                return None
            continue
        if pieces and (pieces[-1][1] is font or char.isspace()):
            pieces[-1] = (pieces[-1][0] + char, pieces[-1][1])
        else:
            pieces.append((char, font))
    return tuple(pieces)


@cache
def _font_for(char: str, size: int) -> Font | None:
    """The nicest font that has a shape for it."""
    return next((each for each in fonts(size) if char.isspace() or _covers(each, char)), None)


@cache
def _covers(font: Font, char: str) -> bool:
    return _shape(font, char) != _shape(font, _NO_LETTER)


def _shape(font: Font, char: str) -> tuple[tuple[int, int], tuple[object, ...]]:
    mask = font.getmask(char)
    width, height = mask.size
    return mask.size, tuple(mask[at] for at in range(width * height))


@cache
def _load(path: Path, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(path), size)


@cache
def _built_in(size: int) -> ImageFont.FreeTypeFont:
    font = ImageFont.load_default(size)
    if not isinstance(font, ImageFont.FreeTypeFont):
        raise Broken("this Pillow was built without FreeType")
    return font


@cache
def font_files() -> dict[str, Path]:
    wanted = {*_LATIN, *_LATIN_BOLD, *WIDE}
    found: dict[str, Path] = {}
    for path in _all_font_files():
        if path.name in wanted:
            found.setdefault(path.name, path)
    return found


def _all_font_files() -> Iterator[Path]:
    for root in ROOTS:
        for folder, folders, names in os.walk(root.expanduser()):
            folders.sort()
            yield from (Path(folder, name) for name in sorted(names))


ROOTS = (
    Path("/usr/share/fonts"),
    Path("/usr/local/share/fonts"),
    Path("~/.local/share/fonts"),
    Path("/System/Library/Fonts"),
    Path("/Library/Fonts"),
)
_LATIN = ("DejaVuSans.ttf",)
_LATIN_BOLD = ("DejaVuSans-Bold.ttf",)
WIDE = (
    "NotoSansCJK-Regular.ttc",
    "wqy-microhei.ttc",
    "DroidSansFallbackFull.ttf",
    "DroidSansFallback.ttf",
    "PingFang.ttc",
    "Hiragino Sans GB.ttc",
)
_NO_LETTER = "\U0010ffff"
"""A code point that will never have a letter: what a font draws for it is its box."""
