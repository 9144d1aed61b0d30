"""Logs: one line of JSON for each thing that happened."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
import structlog

from reelgate.observe import configure_logs


@pytest.fixture(autouse=True)
def _afterwards() -> Iterator[None]:
    yield
    structlog.reset_defaults()


def test_a_line_is_json_with_its_facts(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("info")
    structlog.get_logger("x").info("started", job="1")
    line = json.loads(capsys.readouterr().err)
    assert (line["event"], line["job"], line["level"]) == ("started", "1", "info")


def test_what_is_less_severe_is_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("warning")
    structlog.get_logger("x").info("started")
    assert capsys.readouterr().err == ""


def test_people_get_lines_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("info", pretty=True)
    structlog.get_logger("x").info("started", job="1")
    told = capsys.readouterr().err
    assert "started" in told
    assert not told.startswith("{")
