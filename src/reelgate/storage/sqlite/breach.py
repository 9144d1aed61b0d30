"""Looks for broken invariants in the books, the states and the log."""

from __future__ import annotations

from collections.abc import Iterator

import orjson

from reelgate.contracts.audit import AuditLine, Deed, broken_links
from reelgate.domain.clock import from_ms
from reelgate.storage._rule import ARROWS
from reelgate.storage.sqlite.audit import read_line
from reelgate.storage.sqlite.connection import Reader, Row
from reelgate.storage.sqlite.query import QUERIES
from reelgate.storage.sqlite.rows import dump

_QUESTIONS = tuple(sql for name, sql in QUERIES.items() if name.startswith("breach_"))
_TERMS = {"arrows": dump([f"{before} {after}" for before, after in ARROWS])}


def find_breaches(read: Reader) -> list[str]:
    """Every broken invariant, in words, of one state of the database."""
    with read.snapshot():
        found = [words for sql in _QUESTIONS for (words,) in read.rows(sql, _TERMS)]
        lines = read.rows(QUERIES["all_deeds"])
    return [*found, *_broken(lines)]


def _broken(rows: list[Row]) -> Iterator[str]:
    for number in broken_links(map(_line, rows)):
        yield f"audit: line {number} does not follow from the one before it"


def _line(row: Row) -> AuditLine:
    """A line as it stands; what is no JSON any more stands for a deed that nobody wrote."""
    try:
        return read_line(row)
    except orjson.JSONDecodeError:
        return AuditLine(number=row[0], deed=Deed(actor="", action="", subject="", at=from_ms(0)), hash=b"")
