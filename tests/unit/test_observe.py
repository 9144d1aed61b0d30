"""Logs: one line of JSON for each thing that happened."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from reelgate.observe import configure_logs


@pytest.fixture(autouse=True)
def _afterwards() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)


def test_a_line_is_json_with_its_facts(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("info")
    structlog.get_logger("x").info("started", job="1")
    line = json.loads(capsys.readouterr().err)
    assert (line["event"], line["job"], line["level"]) == ("started", "1", "info")


def test_what_is_less_severe_is_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("warning")
    structlog.get_logger("x").info("started")
    assert capsys.readouterr().err == ""


def test_what_a_library_logs_comes_out_in_the_same_form(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("info")
    logging.getLogger("some.library").info("chatter")
    logging.getLogger("some.library").warning("%d things are odd", 3)
    [line] = [json.loads(each) for each in capsys.readouterr().err.splitlines()]
    assert (line["logger"], line["message"], line["level"]) == ("some.library", "3 things are odd", "warning")


def test_people_get_lines_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("info", pretty=True)
    structlog.get_logger("x").info("started", job="1")
    told = capsys.readouterr().err
    assert "started" in told
    assert not told.startswith("{")
