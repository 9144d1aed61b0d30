"""Logs: one line of JSON for each thing that happened."""

from __future__ import annotations

import asyncio
import errno
import json
import logging
import os
import sys
from collections.abc import Iterator
from pathlib import Path

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


def test_a_line_that_cannot_be_written_is_lost_and_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As when the log lies on a disk that is full."""
    with (tmp_path / "log").open("w") as file, monkeypatch.context() as patch:
        patch.setattr(sys, "stderr", file)
        configure_logs("info")
        write, full = os.write, [True]

        def no_room(descriptor: int, data: bytes) -> int:
            if full[0]:
                raise OSError(errno.ENOSPC, "No space left on device")
            return write(descriptor, data)

        patch.setattr(os, "write", no_room)
        structlog.get_logger("x").info("first")
        full[0] = False
        structlog.get_logger("x").info("second")
    lines = [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()]
    assert [line["event"] for line in lines] == ["log_lines_lost", "second"]
    assert lines[0]["lines"] >= 1


def test_lines_of_one_turn_of_the_loop_are_written_in_one_call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[bytes] = []

    def write(descriptor: int, data: bytes) -> int:
        calls.append(data)
        return len(data)

    async def turn() -> None:
        log = structlog.get_logger("x")
        for number in range(3):
            log.info("told", number=number)
        assert calls == []
        await asyncio.sleep(0)
        assert len(calls) == 1
        log.info("told", number=3)
        log.error("broken")
        assert len(calls) == 2, "an error waits for nothing"

    with (tmp_path / "log").open("w") as file, monkeypatch.context() as patch:
        patch.setattr(sys, "stderr", file)
        patch.setattr(os, "write", write)
        configure_logs("info")
        asyncio.run(turn())
    lines = [json.loads(line) for line in b"".join(calls).splitlines()]
    assert [line.get("number", line["event"]) for line in lines] == [0, 1, 2, 3, "broken"]


def test_what_is_no_unicode_is_told_all_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("info")
    structlog.get_logger("x").info("odd", half="\ud800", large=1 << 70)
    line = json.loads(capsys.readouterr().err)
    assert (line["half"], line["large"]) == ("\ud800", 1 << 70)
