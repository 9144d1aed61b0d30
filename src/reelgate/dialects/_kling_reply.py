"""What Kling, and the gateways that speak like it, answer: one reader for all the shapes that are met under the same paths.

Success is `code` absent, 0 or "success". A task is the first object that has an id: `data`, or the body itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, cast

from reelgate.contracts.provider import Done, Failed, HttpReply, Pending, Verdict
from reelgate.dialects._reply import ODD_STATUS, code_of, failed, failed_as_unsafe, inner, meaning, path_part, retry_after_s, unsafe
from reelgate.domain.errors import Garbled, Misconfigured, Rejected, Throttled, Unserved, UpstreamError
from reelgate.domain.media import Foreign
from reelgate.domain.money import Money

NOT_FOUND = 1201
_GOOD = frozenset({"", "0", "success", "none"})
_QUEUED = frozenset({"submitted", "queued", "pending", "not_start", "in_queue"})
_RUNNING = frozenset({"processing", "in_progress", "running", "starting"})
_DONE = frozenset({"succeed", "succeeded", "success", "completed"})
_FAILED = frozenset({"failed", "failure", "error", "canceled", "cancelled", "expired"})
_DOLLARS_A_UNIT = Decimal("0.14")
_MICROS = 1_000_000
_MOST = 10**6  # of units or dollars for one task
_NUMBER = re.compile(r"\b(1[0-3]\d\d|500\d)\b")
_UNSAFE = frozenset({1300, 1301})
_OUR_ACCOUNT = frozenset({1000, 1001, 1002, 1003, 1004, 1100, 1101, 1102, 1304})
_THIS_MODEL = frozenset({1103, 1202, 1203})  # not this account's, no such method, no such model
_BUSY = frozenset({1302, 1303})
_WORDS_OF_POLICY = ("risk control", "sensitive", "safety", "policy", "moderation", "content")


def number_of(record: Mapping[str, Any]) -> int:
    """The vendor's number for what went wrong; 0 for none."""
    code = record.get("code")
    if isinstance(code, bool):
        return 0
    if isinstance(code, int):
        return code
    return int(code) if isinstance(code, str) and code.isdecimal() and len(code) < 8 else 0  # noqa: PLR2004 -- a number of the table


def is_good(reply: HttpReply, record: Mapping[str, Any]) -> bool:
    """Whether a reply says that all went well."""
    code = record.get("code")
    told = "" if code is None else str(code).lower()
    return 200 <= reply.status < 300 and told in _GOOD  # noqa: PLR2004 -- what HTTP calls success


def refusal(reply: HttpReply) -> UpstreamError:
    """What a reply that is no success means, by the vendor's table, else by its status."""
    try:
        record = reply.record
    except Garbled:
        return meaning(reply)
    number = number_of(record)
    said = str(number) if number else f"http {reply.status} {code_of(record.get('code', ''))}".strip()
    if number in _OUR_ACCOUNT or number in _THIS_MODEL:
        return (Unserved if number in _THIS_MODEL else Misconfigured)(said=said)
    if number in _BUSY:
        return Throttled(said=said, retry_after_s=retry_after_s(reply.headers))
    if number in _UNSAFE:
        return Rejected(said=said, fault=unsafe())
    if number in {1200, 1201}:
        return Rejected("the model refused this input", said=said)
    return meaning(reply, said)


def task_of(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """The task in a body, wherever it stands; `Garbled` if there is none."""
    data = record.get("data")
    listed = cast("list[Any]", data) if isinstance(data, list) else [data]
    for each in (*listed, record):
        if isinstance(each, dict) and _id_in(cast("dict[str, Any]", each)) is not None:
            return cast("dict[str, Any]", each)
    raise Garbled(said="no task")


def id_of(task: Mapping[str, Any]) -> str:
    """Its id, fit for a path."""
    return path_part(_id_in(task))


def read_verdict(record: Mapping[str, Any]) -> Verdict:
    """How a task stands. A status that is not known counts as running, with a line that says so."""
    task = task_of(record)
    status = str(task.get("task_status") or task.get("status") or "").lower()
    if status in _DONE:
        return _done(record, task)
    if status in _FAILED:
        return _failed(task)
    if status in _QUEUED:
        return Pending(queued=True)
    if status in _RUNNING:
        return Pending(fraction=_progress(task))
    return Pending(line=ODD_STATUS)


def _done(record: Mapping[str, Any], task: Mapping[str, Any]) -> Done:
    for url in _addresses(record, task):
        if isinstance(url, str) and url:
            return Done(source=Foreign(url), cost=_cost(task))
    raise Garbled(said="no video in the task")


def _addresses(record: Mapping[str, Any], task: Mapping[str, Any]) -> Iterator[Any]:
    for holder in (task, inner(task, "data"), record):
        if not isinstance(holder, dict):
            continue
        told = cast("dict[str, Any]", holder)
        yield _first_url(inner(told, "task_result", "videos"))
        yield _first_url(told.get("outputs"))
        yield from (told.get("result_url"), told.get("url"), inner(told, "metadata", "url"))


def _first_url(found: Any) -> Any:
    if not isinstance(found, list):
        return None
    for each in cast("list[Any]", found):
        if isinstance(each, dict) and inner(cast("dict[str, Any]", each), "type") in (None, "video"):
            return inner(cast("dict[str, Any]", each), "url")
    return None


def _failed(task: Mapping[str, Any]) -> Failed:
    reason = str(task.get("task_status_msg") or task.get("message") or task.get("fail_reason") or "")
    found = _NUMBER.search(reason)
    number = int(found[1]) if found else 0
    against_it = number in _UNSAFE or (not number and any(word in reason.lower() for word in _WORDS_OF_POLICY))
    said = str(number) if number else "failed"
    return failed_as_unsafe(said, _cost(task)) if against_it else failed(said, _cost(task))


def _cost(task: Mapping[str, Any]) -> Money | None:
    """What the vendor says it took: in units of a pack, or in money."""
    units = _decimal(task.get("final_unit_deduction"))
    if units is not None:
        return _money(units * _DOLLARS_A_UNIT)
    billing = task.get("billing")
    if not isinstance(billing, list):
        return None
    total = Decimal(0)
    for each in cast("list[Any]", billing):
        amount = _decimal(inner(cast("dict[str, Any]", each), "amount")) if isinstance(each, dict) else None
        if amount is None:
            return None
        kind = inner(cast("dict[str, Any]", each), "charge_type")
        if kind == "cash" and inner(cast("dict[str, Any]", each), "currency") not in ("USD", "usd"):
            return None  # in a currency that nobody here converts
        total += amount * _DOLLARS_A_UNIT if kind == "unit" else amount
    return _money(total) if billing else None


def _decimal(value: Any) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    try:
        found = Decimal(value)
    except InvalidOperation:
        return None
    return found if found.is_finite() and 0 <= found <= _MOST else None


def _money(dollars: Decimal) -> Money:
    return Money(int(dollars * _MICROS))


def _progress(task: Mapping[str, Any]) -> float | None:
    told = task.get("progress")
    text = str(told).rstrip("%") if isinstance(told, int | str) and not isinstance(told, bool) else ""
    return min(int(text), 100) / 100 if text.isdecimal() and len(text) < 4 else None  # noqa: PLR2004 -- up to 100


def _id_in(task: Mapping[str, Any]) -> Any:
    for name in ("task_id", "id"):
        value = task.get(name)
        if isinstance(value, str | int) and not isinstance(value, bool) and value != "":
            return value
    return None
