"""A job is one thing behind many faces, so its id has one value and a spelling for each face.

The value is a UUID of version 7: 48 bits of milliseconds, then random bits, so ids sort by age. Inside, and on
fal's face, it is spelled as a UUID; on Kling's as 26 characters of Crockford's base32. Every face and
the command line read every spelling.
"""

from __future__ import annotations

import re
import secrets

_BASE32 = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_VALUE_OF = {letter: value for value, letter in enumerate(_BASE32)} | {"O": 0, "I": 1, "L": 1}
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_HEX = re.compile(r"[0-9a-f]{32}")
_UUID_LENGTH = 36
_BASE32_LENGTH = 26
_DRAWN_AT_ONCE = 256


def new_id(now_ms: int, randomness: int | None = None) -> str:
    """Make a time-ordered id from milliseconds since 1970 and 74 random bits."""
    noise = secrets.randbits(74) if randomness is None else randomness
    value = (now_ms & (1 << 48) - 1) << 80 | 7 << 76 | (noise >> 62 & 0xFFF) << 64 | 2 << 62 | noise & (1 << 62) - 1
    return _uuid(value)


class Ids:
    """Makes ids that rise, within one millisecond and when the clock steps back too: the order of submits is the order of ids."""

    def __init__(self) -> None:
        self._last_ms, self._last_noise = 0, 0
        self._drawn: list[int] = []

    def next(self, now_ms: int) -> str:
        """The next id. It cannot be guessed from the one before: each step is up to 56 random bits wide."""
        if now_ms > self._last_ms:
            self._last_ms, self._last_noise = now_ms, (self._draw() << 56 | self._draw()) & (1 << 73) - 1
        else:
            self._last_noise += 1 + self._draw()
        return new_id(self._last_ms, self._last_noise)

    def _draw(self) -> int:
        """56 random bits. The system is asked for many at once: its call costs more than all the rest of an id."""
        if not self._drawn:
            noise = secrets.token_bytes(7 * _DRAWN_AT_ONCE)
            self._drawn = [int.from_bytes(noise[at : at + 7]) for at in range(0, len(noise), 7)]
        return self._drawn.pop()


def read_id(text: str) -> str | None:
    """Read any spelling of an id; None if it is no id at all."""
    if len(text) == _UUID_LENGTH and _UUID.fullmatch(text):
        return text
    if len(text) == _BASE32_LENGTH:
        return _read_base32(text.upper())
    lowered = text.lower()
    if _UUID.fullmatch(lowered):
        return lowered
    return _uuid(int(lowered, 16)) if _HEX.fullmatch(lowered) else None


def write_base32(job_id: str) -> str:
    """Spell an id as 26 characters, as Kling's face does; they sort as the ids do."""
    value = int(job_id.replace("-", ""), 16)
    return "".join(_BASE32[value >> shift & 31] for shift in range(125, -1, -5))


def unguessable() -> str:
    """128 random bits as 32 hex digits: the name of a file that only its owner is told."""
    return secrets.token_hex(16)


def _read_base32(text: str) -> str | None:
    value = 0
    for letter in text:
        digit = _VALUE_OF.get(letter)
        if digit is None:
            return None
        value = value << 5 | digit
    return _uuid(value) if value < 1 << 128 else None


def _uuid(value: int) -> str:
    text = f"{value:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
