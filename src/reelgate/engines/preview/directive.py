"""Words in double square brackets that make the preview engine play a part.

`[[fail]]`, `[[refuse]]`, `[[slow 30]]`, `[[hang]]`, and `[[quiet]]` for a job that tells nothing of its progress.

They let a client's author see every ending of a job without a camera in the room. They are read from the prompt, never
drawn into the picture.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

LONGEST_WAIT_S = 600.0
"""A hanging job lets go after this long: what waits must end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """What the directives of a prompt ask for."""

    wait_s: float = 0.0
    fail: bool = False
    refuse: bool = False
    quiet: bool = False


def read_script(prompt: str) -> Script:
    """The directives of a prompt; unknown ones and unreadable numbers ask for nothing."""
    wait_s = 0.0
    words: set[str] = set()
    for match in _DIRECTIVE.finditer(prompt):
        word = match["word"].lower()
        words.add(word)
        if word == "hang":
            wait_s = LONGEST_WAIT_S
        elif word == "slow":
            wait_s = max(wait_s, float(match["number"] or _SLOW_S))
    return Script(wait_s=min(wait_s, LONGEST_WAIT_S), fail="fail" in words, refuse="refuse" in words, quiet="quiet" in words)


def without_directives(prompt: str) -> str:
    """The prompt as a reader should see it."""
    return " ".join(_DIRECTIVE.sub(" ", prompt).split())


_SLOW_S = 10.0
_DIRECTIVE = re.compile(r"\[\[\s*(?P<word>fail|refuse|slow|hang|quiet)(?:\s+(?P<number>\d{1,6}(?:\.\d{1,6})?))?\s*\]\]", re.IGNORECASE)
