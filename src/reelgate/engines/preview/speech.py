"""Words in quotation marks, spoken by `espeak-ng` where the machine has it.

The words are an argument of a program, never of a shell, and never an option: they stand behind `--`.
"""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import wave

import numpy as np
import numpy.typing as npt

LONGEST_CHARS = 400


def quoted(prompt: str) -> str:
    """What somebody says in the prompt: all passages between double quotation marks."""
    said = (match["straight"] or match["curly"] or match["corner"] for match in _QUOTED.finditer(prompt))
    return " … ".join(" ".join(each.split()) for each in said)[:LONGEST_CHARS]


def speak(words: str, rate_hz: int) -> npt.NDArray[np.float32] | None:
    """One channel of samples at that rate, peak 0.9; None if there is nothing to say or nobody to say it."""
    program = shutil.which("espeak-ng")
    if program is None or not any(char.isalnum() for char in words):
        return None
    language = "cmn" if _CHINESE.search(words) else "en-us"
    command = [program, "-v", language, "-s", "150", "-p", "42", "--stdout", "--", words.replace("\0", " ")]
    try:
        spoken = subprocess.run(command, capture_output=True, timeout=_TIMEOUT_S, check=True)  # noqa: S603 - a fixed program, no shell
    except (subprocess.SubprocessError, OSError):
        # A voice that this build lacks, or a word that hangs it: the clip is silent there, and the render says so.
        return None
    return _samples(spoken.stdout, rate_hz)


def _samples(wav: bytes, rate_hz: int) -> npt.NDArray[np.float32] | None:
    with wave.open(io.BytesIO(wav)) as file:
        rate = file.getframerate()
        samples = np.frombuffer(wav[_WAV_HEADER_BYTES:], np.int16).astype(np.float32)
    if not samples.size or not samples.any():
        return None
    times = np.arange(int(samples.size * rate_hz / rate)) * (rate / rate_hz)
    placed = np.interp(times, np.arange(samples.size), samples)
    return np.asarray(placed * (0.9 / np.abs(placed).max()), np.float32)


_QUOTED = re.compile(r'"(?P<straight>[^"]{1,400})"|“(?P<curly>[^”]{1,400})”|「(?P<corner>[^」]{1,400})」')
_CHINESE = re.compile(r"[\u3400-\u9fff]")
_TIMEOUT_S = 10
_WAV_HEADER_BYTES = 44
