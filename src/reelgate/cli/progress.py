"""What a person sees while a job is under way: a live line on a terminal, plain lines elsewhere; all of it on stderr."""

from __future__ import annotations

import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, Protocol

from reelgate.cli.terminal import is_live, paint, printable, say

_STEP = 0.25


class Progress(Protocol):
    """Is told what happens, in the order in which it happens."""

    def note(self, text: str) -> None:
        """A line that stays."""
        ...

    def waiting(self, ahead: int | None) -> None:
        """It is in the queue, with so many before it."""
        ...

    def running(self, fraction: float | None, words: str) -> None:
        """It is being made; None for the fraction if nobody says how far it is."""
        ...


@contextmanager
def show_progress(*, quiet: bool = False) -> Generator[Progress]:
    """Progress as stderr can show it, until the block ends; the live line is gone after it."""
    if quiet:
        yield Silent()
    elif is_live(sys.stderr):
        with _live() as live:
            yield live
    else:
        yield Plain()


def read_event(event: dict[str, Any], progress: Progress) -> None:
    """Tell of one event of a job's story."""
    match event["kind"]:
        case "progress":
            progress.running(event["fraction"], event["message"])
        case "log":
            progress.note(event["message"])
        case "state" if event["state"] == "running":
            progress.running(None, "started")
        case _:
            return


class Silent:
    """Shows nothing."""

    def note(self, text: str) -> None:
        del text

    def waiting(self, ahead: int | None) -> None:
        del ahead

    def running(self, fraction: float | None, words: str) -> None:
        del fraction, words


class Plain:
    """One line for each thing that is new; no escape codes."""

    def __init__(self) -> None:
        self._began_s = time.monotonic()
        self._told = ""
        self._reached = -1.0

    def note(self, text: str) -> None:
        if text != self._told:
            self._told = text
            say(f"  {elapsed(self._began_s)}  {printable(text)}")

    def waiting(self, ahead: int | None) -> None:
        self.note(_waiting(ahead))

    def running(self, fraction: float | None, words: str) -> None:
        if fraction is None:
            self.note(words)
        elif fraction >= self._reached + _STEP or (fraction >= 1 and self._reached < 1):
            self._reached = fraction
            self.note(f"{words}  {fraction:.0%}" if words else f"{fraction:.0%}")


def elapsed(began_s: float) -> str:
    """Seconds since then, in a column of one width."""
    return f"{time.monotonic() - began_s:6.1f}s"


def _waiting(ahead: int | None) -> str:
    return "in the queue" if ahead is None else "next in the queue" if ahead == 0 else f"in the queue, {ahead} before it"


@contextmanager
def _live() -> Generator[Progress]:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TaskProgressColumn, TextColumn, TimeElapsedColumn

    console = Console(stderr=True, highlight=False)
    bar = Progress(
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=30),
        TaskProgressColumn(show_speed=False),
        TimeElapsedColumn(),
        console=console,
        transient=True,
    )
    with bar:
        yield _Live(bar)


class _Live:
    """Notes above a line that is redrawn."""

    def __init__(self, bar: Any) -> None:
        self._bar = bar
        self._task = bar.add_task("Submitting", total=None)
        self._began_s = time.monotonic()
        self._told = ""

    def note(self, text: str) -> None:
        if text != self._told:
            self._told = text
            line = f"{paint(elapsed(self._began_s), 'dim', sys.stderr)}  {printable(text)}"
            self._bar.console.print(_ansi(line))

    def waiting(self, ahead: int | None) -> None:
        self._bar.update(self._task, description=_waiting(ahead).capitalize(), total=None)

    def running(self, fraction: float | None, words: str) -> None:
        if fraction is None:
            self._bar.update(self._task, description="Running", total=None)
            self.note(words)
        else:
            self._bar.update(self._task, description=printable(words)[:40] or "Running", total=1.0, completed=min(fraction, 1.0))


def _ansi(line: str) -> Any:
    from rich.text import Text

    return Text.from_ansi(f"  {line}")
