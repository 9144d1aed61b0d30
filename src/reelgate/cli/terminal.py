"""What people see: messages on stderr, in colour where a terminal shows it, and results on stdout."""

from __future__ import annotations

import json
import os
import shutil
import sys
import unicodedata
from collections.abc import Collection, Sequence
from typing import Any, Literal, TextIO

from reelgate.cli.trouble import Code, Trouble

Tone = Literal["bold", "dim", "red", "green", "yellow", "cyan"]
_CODE_OF_TONE: dict[Tone, str] = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "cyan": "36"}
_NARROWEST = 24


def say(line: str = "") -> None:
    """A message to the person, on stderr."""
    print(line, file=sys.stderr, flush=True)


def agrees(question: str) -> bool:
    """Ask at a terminal; no where nobody can be asked."""
    if not sys.stdin.isatty():
        return False
    sys.stderr.write(f"{question} [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in {"y", "yes"}


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


def wrapped(text: str, room: int) -> list[str]:
    """A text in lines of so many columns, broken where two spaces part it, and what is longer than a line between its words."""
    lines: list[str] = []
    for part in text.split("  "):
        if lines and width_of(f"{lines[-1]}  {part}") <= room:
            lines[-1] += f"  {part}"
        else:
            lines += _by_words(part, room)
    return lines


def _by_words(text: str, room: int) -> list[str]:
    """One part in lines; a word that is longer than a line is broken behind a slash, or where it must be."""
    lines = [""]
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}" if lines[-1] else word
        if width_of(longer) <= room:
            lines[-1] = longer
            continue
        lines += [""] if lines[-1] else []
        while width_of(word) > room:
            cut = next(at for at in range(len(word), 0, -1) if width_of(word[:at]) <= room or at == 1)
            cut = word.rfind("/", 0, cut) + 1 or cut
            lines[-1:] = [word[:cut], ""]
            word = word[cut:]  # noqa: PLW2901 -- what is left of it
        lines[-1] = word
    return lines


def table(head: Sequence[str], rows: Sequence[Sequence[str]], *, right: Collection[int] = ()) -> str:
    """Columns side by side, each as wide as its widest cell; the last one runs free, and goes on below itself where a terminal is too
    narrow for it. Control characters are taken out; numbers in the columns of `right` end below each other."""
    cells = [[printable(cell).replace("\n", " ") for cell in row] for row in rows]
    every = [list(head), *cells] if head else cells
    widths = [max(width_of(row[column]) for row in every) for column in range(len(every[0]))]
    room = shutil.get_terminal_size().columns - sum(widths[:-1]) - 2 * (len(widths) - 1) if is_live(sys.stdout) else 0
    lines: list[str] = []
    for row in every:
        first, *more = _broken(row[-1], room)
        padded = (_padded(cell, width, at in right) for at, (cell, width) in enumerate(zip([*row[:-1], first], widths, strict=True)))
        lines.append("  ".join(padded).rstrip())
        lines += [" " * (sum(widths[:-1]) + 2 * (len(widths) - 1)) + each for each in more]
    if head:
        lines[0] = paint(lines[0], "dim", sys.stdout)
    return "\n".join(lines)


def _padded(cell: str, width: int, right: bool = False) -> str:
    space = " " * (width - width_of(cell))
    return space + cell if right else cell + space


def _broken(cell: str, room: int) -> list[str]:
    """The cell in lines of so many columns; whole, where that would leave hardly a word on each."""
    return wrapped(cell, room) if room >= _NARROWEST else [cell]
