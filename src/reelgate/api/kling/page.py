"""Which tasks a caller wants to see: a page by number, tasks by their ids, or those between two instants."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from reelgate.contracts.store import JobFilter
from reelgate.domain.clock import from_ms
from reelgate.domain.errors import Fault, InvalidInput
from reelgate.domain.identity import read_id

_PAGES, _PAGE_SIZES, _USUAL_SIZE = 1000, 500, 30
_IDS_MAX = 20
_SECONDS_BELOW = 100_000_000_000  # a smaller number of milliseconds would be a day in 1973
_LATEST_MS = 253_402_300_799_000  # the last second of the year 9999


def read_page(asked: Mapping[str, str]) -> tuple[int, int]:
    """How many of the newest to leave out, and how many to show."""
    page, size = _number(asked.get("pageNum"), "pageNum", 1, _PAGES), _number(asked.get("pageSize"), "pageSize", _USUAL_SIZE, _PAGE_SIZES)
    return (page - 1) * size, size


def read_ids(asked: Mapping[str, str]) -> list[str]:
    """The ids that are asked for: our own, or the caller's."""
    named = [name for name in ("task_ids", "external_task_ids") if asked.get(name)]
    if len(named) != 1:
        raise InvalidInput([Fault(path=("task_ids",), message="Give exactly one of task_ids and external_task_ids", kind="missing")])
    ids = list(dict.fromkeys(each.strip() for each in asked[named[0]].split(",") if each.strip()))
    if len(ids) > _IDS_MAX:
        limits = {"max_length": _IDS_MAX}
        raise InvalidInput([Fault(path=(named[0],), message=f"At most {_IDS_MAX} ids", kind="sequence_too_long", limits=limits)])
    return ids


def read_cursor(body: Mapping[str, Any], endpoints: frozenset[str]) -> JobFilter:
    """The tasks between `start_time` and `end_time` (seconds or milliseconds), from `cursor` on, at most `limit`."""
    cursor = body.get("cursor") or ""
    before = read_id(cursor) if isinstance(cursor, str) and cursor else ""
    if before is None or not isinstance(cursor, str):
        raise InvalidInput([Fault(path=("cursor",), message="The next_cursor of the page before")])
    return JobFilter(
        endpoints=endpoints,
        before=before,
        since=_instant(body, "start_time"),
        until=_instant(body, "end_time"),
        limit=_number(body.get("limit"), "limit", _USUAL_SIZE, _PAGE_SIZES),
    )


def _number(told: Any, name: str, usual: int, most: int) -> int:
    if told is None or told == "":
        return usual
    text = str(told) if isinstance(told, int | str) and not isinstance(told, bool) else ""
    if not (text.isascii() and text.isdecimal() and len(text) <= len(str(most)) and 1 <= int(text) <= most):
        raise InvalidInput([Fault(path=(name,), message=f"A whole number from 1 to {most}", limits={"ge": 1, "le": most})])
    return int(text)


def _instant(body: Mapping[str, Any], name: str) -> datetime | None:
    told = body.get(name)
    if told is None or told == "":
        return None
    text = str(told) if isinstance(told, int | str) and not isinstance(told, bool) else ""
    number = int(text) if text.isascii() and text.isdecimal() and len(text) <= len(str(_LATEST_MS)) else -1
    in_ms = number * 1000 if number < _SECONDS_BELOW else number
    if not 0 <= in_ms <= _LATEST_MS:
        raise InvalidInput([Fault(path=(name,), message="Seconds or milliseconds since 1970")])
    return from_ms(in_ms)
