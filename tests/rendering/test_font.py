"""Letters, and whether there are any."""

from __future__ import annotations

from pathlib import Path

import pytest

from reelgate.engines.preview import font


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A system without a single font."""
    monkeypatch.setattr(font, "ROOTS", (tmp_path,))
    monkeypatch.setattr(font, "font_files", dict)


def text_of(runs: tuple[font.Run, ...] | None) -> str | None:
    return None if runs is None else "".join(piece for piece, _ in runs)


def test_latin_letters_are_always_there() -> None:
    assert text_of(font.runs("Waves, “crash” & foam.", 20)) == "Waves, “crash” & foam."


def test_a_bare_system_has_latin_letters_too(bare: None) -> None:
    assert text_of(font.runs("Waves crash.", 20)) == "Waves crash."


def test_a_text_without_a_font_is_no_text(bare: None) -> None:
    assert font.runs("海边日落", 20) is None


def test_a_symbol_without_a_shape_is_left_out(bare: None) -> None:
    assert text_of(font.runs("sea \U0001f30a side", 20)) == "sea  side"


def test_chinese_is_drawn_with_a_font_that_has_it() -> None:
    runs = font.runs("sunset 海边日落 waves", 20)
    if runs is None:
        assert not set(font.WIDE) & set(font.font_files())
        return
    assert text_of(runs) == "sunset 海边日落 waves"
    assert len({id(each) for _, each in runs}) == 2
