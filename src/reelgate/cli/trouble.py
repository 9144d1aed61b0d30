"""How a command fails: one sentence, the command that helps, and an exit code that scripts can rely on."""

from __future__ import annotations

from enum import IntEnum


class Code(IntEnum):
    """Exit codes of every command."""

    DONE = 0
    FAILED = 1  # upstream, or whatever made the video, failed at it; or what was checked is not in order
    WRONG = 2  # wrong input, or an address or folder that cannot be used
    REFUSED = 3  # key or balance
    UNREACHED = 4  # no gateway answers
    INTERRUPTED = 130


class Trouble(Exception):
    """Ends the command. `tips` are commands, or short sentences, that lead on from here."""

    def __init__(self, message: str, code: Code, *tips: str) -> None:
        super().__init__(message)
        self.message, self.code, self.tips = message, code, tips
