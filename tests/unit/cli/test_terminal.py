from __future__ import annotations

import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelgate.cli.terminal import complain, give_json, is_live, paint, printable, table, wants_json, width_of, wrapped
from reelgate.cli.trouble import Code, Trouble


class Tty(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_colour_is_for_terminals_that_want_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert paint("done", "green", Tty()) == "\033[32mdone\033[0m"
    assert paint("done", "green", io.StringIO()) == "done"
    monkeypatch.setenv("NO_COLOR", "1")
    assert paint("done", "green", Tty()) == "done"


def test_a_dumb_terminal_is_not_redrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "dumb")
    assert not is_live(Tty())


@given(st.text())
def test_nothing_that_steers_a_terminal_gets_through(text: str) -> None:
    assert all(each.isprintable() or each in "\n\t" for each in printable(text))


def test_columns_of_a_table_stand_below_each_other_for_wide_letters_too() -> None:
    drawn = table(["name", "what"], [["猫", "x"], ["long name", "y\nz"]]).splitlines()
    assert drawn == ["name       what", "猫         x", "long name  y z"]
    assert {width_of(line[: line.index(end)]) for line, end in zip(drawn, ["what", "x", "y"], strict=True)} == {11}


def test_numbers_end_below_each_other() -> None:
    assert table(["what", "sum"], [["a", "$0.35"], ["b", "$1,000.00"]], right={1}).splitlines() == [
        "what        sum",
        "a         $0.35",
        "b     $1,000.00",
    ]


def test_the_last_column_goes_on_below_itself_where_a_terminal_is_too_narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [["1", "a reason of many words that has no place in one line"], ["2", "short"]]
    whole = table(["n", "why"], rows)
    assert len(whole.splitlines()) == 3
    monkeypatch.setattr("reelgate.cli.terminal.is_live", lambda _: True)
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "33")
    assert table(["n", "why"], rows).splitlines() == [
        "n  why",
        "1  a reason of many words that",
        "   has no place in one line",
        "2  short",
    ]
    monkeypatch.setenv("COLUMNS", "20")  # too narrow for anything
    assert table(["n", "why"], rows) == whole


@given(st.text(st.sampled_from("ab /猫")), st.integers(2, 12))
def test_no_line_is_longer_than_there_is_room_and_no_letter_is_lost(text: str, room: int) -> None:
    lines = wrapped(text, room)
    assert all(width_of(line) <= room for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())


def test_a_long_word_is_broken_behind_a_slash() -> None:
    assert wrapped("see fal-ai/kling-video/v2.5/pro", 16) == ["see", "fal-ai/", "kling-video/", "v2.5/pro"]
    assert wrapped("aaaaaaaaaa", 4) == ["aaaa", "aaaa", "aa"]


def test_json_is_asked_for_by_option_or_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    assert wants_json(True)
    assert not wants_json(False)
    monkeypatch.setenv("REELGATE_OUTPUT", "json")
    assert wants_json(False)


def test_json_keeps_letters_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    give_json({"title": "中文"})
    out = capsys.readouterr().out
    assert "中文" in out
    assert json.loads(out) == {"title": "中文"}


def test_a_failure_goes_to_stderr_with_what_leads_on(capsys: pytest.CaptureFixture[str]) -> None:
    complain(Trouble("the port is taken", Code.WRONG, "reelgate up --port 0"))
    assert capsys.readouterr() == ("", "error the port is taken\n  see: reelgate up --port 0\n")


def test_an_interrupt_is_not_called_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    complain(Trouble("cancelled; nothing was charged", Code.INTERRUPTED))
    assert capsys.readouterr().err == "cancelled; nothing was charged\n"
