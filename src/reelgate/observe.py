"""Logs: one JSON line for each thing that happened, on stderr. An event and its facts; never a key, never a prompt."""

from __future__ import annotations

import io
import logging
import os
import sys
from typing import TextIO, cast

import structlog

_LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}


def configure_logs(level: str, *, pretty: bool = False) -> None:
    """Begin to log at a level; `pretty` writes lines for people instead of JSON.

    What libraries log from "warning" on comes out in the same form.
    """
    logging.basicConfig(handlers=[_FromLibraries(logging.WARNING)], level=logging.WARNING, force=True)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty()) if pretty else structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(_LEVELS[level]),
        logger_factory=structlog.WriteLoggerFactory(cast("TextIO", _Paper())),
        cache_logger_on_first_use=False,
    )


class _Paper(io.TextIOBase):
    """Standard error, without a buffer. A line that cannot be written, such as one to a file on a full disk, is lost and counted:
    the gateway has better to do than to end for it. The next line that can be written says how many were lost."""

    def __init__(self) -> None:
        super().__init__()
        self._lost = 0

    def write(self, text: str) -> int:
        try:
            if self._lost and text.strip():
                _put(f'{{"event": "log_lines_lost", "lines": {self._lost}}}\n')
                self._lost = 0
            _put(text)
        except OSError:
            self._lost += 1
        return len(text)


def _put(text: str) -> None:
    try:
        descriptor = sys.stderr.fileno()
    except (AttributeError, ValueError):  # what stands in for it is no file
        sys.stderr.write(text)
        return
    rest = text.encode("utf-8", "replace")
    while rest:
        rest = rest[os.write(descriptor, rest) :]


class _FromLibraries(logging.Handler):
    """Passes on what is logged in the standard library's way."""

    def emit(self, record: logging.LogRecord) -> None:
        log = structlog.get_logger(record.name)
        log.log(record.levelno, "library", logger=record.name, message=record.getMessage(), exc_info=record.exc_info)
