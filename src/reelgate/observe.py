"""Logs: one JSON line for each thing that happened, on stderr. An event and its facts; never a key, never a prompt."""

from __future__ import annotations

import asyncio
import atexit
import json
import logging
import os
import sys
import threading
from typing import Any

import orjson
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
            structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty()) if pretty else structlog.processors.JSONRenderer(_dump),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(_LEVELS[level]),
        logger_factory=_Paper(),
        cache_logger_on_first_use=False,
    )


class _Paper:
    """Standard error, without a buffer but for one turn of the event loop: sixty-four jobs that became durable in one commit are told
    in one call of the system, which costs as much as telling one. What is worse than "info" goes out at once.

    A line that cannot be written, such as one to a file on a full disk, is lost and counted: the gateway has better to do than to
    end for it. The next line that can be written says how many were lost.
    """

    def __init__(self) -> None:
        self._kept: list[bytes] = []
        self._lost = 0
        self._waiting = False
        self._lock = threading.RLock()
        atexit.register(self.put)

    def __call__(self, *_: Any) -> _Paper:
        return self

    def info(self, line: bytes | str) -> None:
        """Write a line before the event loop next waits; at once, where none runs in this thread."""
        with self._lock:
            self._keep(line)
            if not self._waiting:
                try:
                    asyncio.get_running_loop().call_soon(self.put)
                except RuntimeError:
                    self.put()
                else:
                    self._waiting = True

    debug = info

    def warning(self, line: bytes | str) -> None:
        """Write a line, and all that were kept before it."""
        with self._lock:
            self._keep(line)
            self.put()

    warn = error = critical = fatal = failure = exception = log = warning

    def put(self) -> None:
        """Write what is kept."""
        with self._lock:
            self._waiting = False
            lines, self._kept = self._kept, []
            if not lines:
                return
            told = [_dump({"event": "log_lines_lost", "lines": self._lost})] if self._lost else []
            try:
                _put(b"\n".join([*told, *lines, b""]))
            except OSError:
                self._lost += len(lines)
            else:
                self._lost = 0

    def _keep(self, line: bytes | str) -> None:
        self._kept.append(line.encode("utf-8", "replace") if isinstance(line, str) else line)


def _dump(event: Any, **_: Any) -> bytes:
    try:
        return orjson.dumps(event, default=repr, option=orjson.OPT_NON_STR_KEYS)
    except TypeError:  # half of a surrogate pair, or a number of more than 64 bits
        return json.dumps(event, default=repr).encode()


def _put(text: bytes) -> None:
    try:
        descriptor = sys.stderr.fileno()
    except (AttributeError, ValueError):  # what stands in for it is no file
        sys.stderr.write(text.decode("utf-8", "replace"))
        return
    while text:
        text = text[os.write(descriptor, text) :]


class _FromLibraries(logging.Handler):
    """Passes on what is logged in the standard library's way."""

    def emit(self, record: logging.LogRecord) -> None:
        log = structlog.get_logger(record.name)
        log.log(record.levelno, "library", logger=record.name, message=record.getMessage(), exc_info=record.exc_info)
