"""Words in quotation marks."""

from __future__ import annotations

import pytest

from reelgate.engines.preview.speech import quoted, speak

RATE_HZ = 48_000


@pytest.mark.parametrize(
    ("prompt", "words"),
    [
        ('A captain says "hello there" and waves', "hello there"),
        ("她说：“你好，世界”", "你好，世界"),
        ("「こんにちは」と言う", "こんにちは"),
        ('"One." then "two."', "One. … two."),
        ("it's a cat's life", ""),
        ('an open " quote', ""),
    ],
)
def test_what_is_said_stands_in_quotation_marks(prompt: str, words: str) -> None:
    assert quoted(prompt) == words


@pytest.mark.needs("espeak-ng")
def test_words_become_sound() -> None:
    spoken = speak("hello there, captain", RATE_HZ)

    assert spoken is not None
    assert 0.5 < spoken.size / RATE_HZ < 5
    assert abs(spoken).max() == pytest.approx(0.9)


@pytest.mark.needs("espeak-ng")
@pytest.mark.parametrize("words", ["-f /etc/passwd", "--path=/tmp", "$(touch it); `touch it`"])
def test_words_are_never_options_nor_commands(words: str) -> None:
    assert speak(words, RATE_HZ) is not None


def test_without_a_voice_nothing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")

    assert speak("hello", RATE_HZ) is None


def test_silence_is_not_spoken() -> None:
    assert speak(" … ", RATE_HZ) is None
