"""What people see: messages on stderr, in colour where a terminal shows it, and results on stdout."""

from __future__ import annotations

import json
import os
import sys
import unicodedata
from collections.abc import Sequence
from typing import Any, Literal, TextIO

from reelgate.cli.trouble import Code, Trouble

Tone = Literal["bold", "dim", "red", "green", "yellow", "cyan"]
_CODE_OF_TONE: dict[Tone, str] = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "cyan": "36"}


def say(line: str = "") -> None:
    """A message to the person, on stderr."""
    print(line, file=sys.stderr, flush=True)


def complain(trouble: Trouble) -> None:
    """The sentence of a failure, and below it what leads on."""
    mark = "" if trouble.code is Code.INTERRUPTED else f"{paint('error', 'red', sys.stderr)} "
    say(f"{mark}{printable(trouble.message)}")
    for tip in trouble.tips:
        say(f"  see: {tip}")


def wants_json(asked: bool) -> bool:
    """Whether the result is to be JSON: `--json`, or `REELGATE_OUTPUT=json`."""
    return asked or os.environ.get("REELGATE_OUTPUT", "").lower() == "json"


def give_json(value: Any) -> None:
    """A result as JSON, on stdout."""
    print(json.dumps(value, indent=2, ensure_ascii=False))


def is_live(stream: TextIO) -> bool:
    """Whether a stream is a terminal that can redraw a line."""
    return stream.isatty() and os.environ.get("TERM", "") != "dumb"


def paint(text: str, tone: Tone, stream: TextIO) -> str:
    """The text in a tone, if the stream is a terminal and `NO_COLOR` is not set."""
    if not is_live(stream) or os.environ.get("NO_COLOR"):
        return text
    return f"\033[{_CODE_OF_TONE[tone]}m{text}\033[0m"


def printable(text: str) -> str:
    """The text without characters that would steer the terminal."""
    return "".join(each if each.isprintable() or each in "\n\t" else "�" for each in text)


def width_of(text: str) -> int:
    """How many columns a text takes on a terminal."""
    return sum(2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in text)


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Columns side by side, each as wide as its widest cell; the last one runs free. Control characters are taken out."""
    cells = [[printable(cell).replace("\n", " ") for cell in row] for row in rows]
    every = [list(head), *cells] if head else cells
    widths = [max(width_of(row[column]) for row in every) for column in range(len(every[0]))]
    lines = ["  ".join(_padded(cell, width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in every]
    if head:
        lines[0] = paint(lines[0], "dim", sys.stdout)
    return "\n".join(lines)


def _padded(cell: str, width: int) -> str:
    return cell + " " * (width - width_of(cell))
