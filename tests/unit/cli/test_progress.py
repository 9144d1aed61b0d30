from __future__ import annotations

import io
import re
import sys

import pytest

from reelgate.cli.progress import Plain, Progress, read_event, show_progress

EVENTS = [
    {"kind": "state", "state": "queued", "message": "queued", "fraction": None},
    {"kind": "state", "state": "running", "message": "running", "fraction": None},
    {"kind": "log", "state": None, "message": "channel acme took it", "fraction": None},
    *({"kind": "progress", "state": None, "message": f"frame {number}", "fraction": number / 100} for number in range(101)),
    {"kind": "state", "state": "done", "message": "done", "fraction": None},
]


class Tty(io.StringIO):
    def isatty(self) -> bool:
        return True


def tell(progress: Progress) -> None:
    for ahead in (3, 3, 1, 0):
        progress.waiting(ahead)
    for event in EVENTS:
        read_event(event, progress)


def test_without_a_terminal_there_is_one_line_for_each_new_thing(capsys: pytest.CaptureFixture[str]) -> None:
    with show_progress() as progress:
        tell(progress)
    out, err = capsys.readouterr()
    lines = [re.sub(r"^ +\d+\.\ds  ", "", line) for line in err.splitlines()]
    assert lines == [
        "in the queue, 3 before it",
        "in the queue, 1 before it",
        "next in the queue",
        "started",
        "channel acme took it",
        "frame 0  0%",
        "frame 25  25%",
        "frame 50  50%",
        "frame 75  75%",
        "frame 100  100%",
    ]
    assert not out
    assert "\033" not in err


def test_a_terminal_has_a_live_line_that_is_gone_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Tty()
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setattr(sys, "stderr", screen)
    with show_progress() as progress:
        tell(progress)
    drawn = screen.getvalue()
    assert "channel acme took it" in drawn
    assert "frame 100" in drawn
    assert drawn.endswith("\033[2K") or "\033[?25h" in drawn


def test_quiet_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with show_progress(quiet=True) as progress:
        tell(progress)
    assert capsys.readouterr() == ("", "")


def test_a_line_of_an_engine_cannot_steer_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    Plain().note("\033[2Jgone")
    assert "\033" not in capsys.readouterr().err
