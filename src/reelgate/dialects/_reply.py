"""What all dialects read of a reply: what its status means, and what of a stranger's text may become part of a path."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, cast

from reelgate.contracts.provider import Failed, HttpReply
from reelgate.domain.errors import Fault, Garbled, Misconfigured, Rejected, Throttled, Unavailable, Unserved, UpstreamError
from reelgate.domain.job import Failure
from reelgate.domain.money import Money

POLICY = "content_policy_violation"
TAKEN = frozenset({200, 201, 202})
"""Statuses by which a call is answered well."""
ODD_STATUS = "it is at work, under a status that is not known here"
"""What a job's log says of a status that no page of the vendor's has: never the word itself, which is a stranger's."""

_PATH_PART = re.compile(r"[0-9A-Za-z_.~:-]{1,200}")
_LONGEST_WAIT_S = 600.0
_CODE = re.compile(r"[0-9A-Za-z_.-]{1,64}")
_CREDENTIAL = frozenset({401, 403})
_NO_MONEY = 402
_NOT_THERE = frozenset({404, 405})
_FULL = 429
_SERVER = 500


def path_part(value: Any) -> str:
    """An id that a reply gave, if it may stand in a path; `Garbled` for anything else."""
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if not isinstance(text, str) or not _PATH_PART.fullmatch(text) or text in {".", ".."}:
        raise Garbled(said="an id that is none")
    return text


def code_of(value: Any) -> str:
    """A vendor's own code, if it looks like one: never a sentence, which may repeat what was sent."""
    text = str(value)
    return text if _CODE.fullmatch(text) else ""


def meaning(reply: HttpReply, said: str = "") -> UpstreamError:
    """What a reply that is no success means, by its status alone."""
    said = said or f"http {reply.status}"
    if reply.status in _CREDENTIAL or reply.status == _NO_MONEY:
        return Misconfigured(said=said)
    if reply.status in _NOT_THERE:
        return Unserved(said=said)  # the name under which we ask for this model is not known there; others may be
    if reply.status == _FULL:
        return Throttled(said=said, retry_after_s=retry_after_s(reply.headers))
    if reply.status >= _SERVER:
        return Unavailable(said=said)
    return Rejected(said=said)


def good_key(reply: HttpReply, asked: str) -> str:
    """What an operator is told whose key was taken. `Garbled` unless a JSON object came: any web server answers 200 or 404, and knows
    no key."""
    if not isinstance(reply.json, dict):
        raise Garbled(said=f"http {reply.status}, no object")
    return f"the key is good: {asked}, which costs nothing"


def asked_again(reply: HttpReply, error: UpstreamError) -> UpstreamError:
    """What a poll that was refused means: never that the job has failed. Not there yet, or not to be read, is asked again."""
    return Garbled(said=error.said) if isinstance(error, Rejected) or reply.status in _NOT_THERE else error


def unsafe() -> Fault:
    """The vendor's safety check is against it."""
    return Fault(path=("prompt",), message="the content was refused by the model's safety check", kind=POLICY)


def failed_as_unsafe(said: str, cost: Money | None = None) -> Failed:
    """It was against it while the video was made."""
    fault = unsafe()
    return Failed(failure=Failure(code="rejected", message=fault.message, fault=fault), said=said, cost=cost)


def failed(said: str, cost: Money | None = None) -> Failed:
    """There will be no video, and it is not known to be the input's fault."""
    return Failed(failure=Failure(code="upstream_failed", message="the model failed to make the video"), said=said, cost=cost)


def cancelled(said: str) -> Failed:
    """Somebody stopped it."""
    return Failed(failure=Failure(code="cancelled", message="the video was cancelled"), said=said)


def retry_after_s(headers: Mapping[str, str]) -> float | None:
    """Seconds that a reply asks us to wait, as a number or as a date, at most ten minutes; None if it does not say."""
    text = headers.get("retry-after", "").strip()
    try:
        wait_s = float(text)
    except ValueError:
        until, since = _instant(text), _instant(headers.get("date", "")) or datetime.now(UTC)
        return None if until is None else min(max((until - since).total_seconds(), 0.0), _LONGEST_WAIT_S)
    return None if math.isnan(wait_s) else min(max(wait_s, 0.0), _LONGEST_WAIT_S)


def _instant(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text)
    except (ValueError, TypeError):
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


def inner(record: Mapping[str, Any], *names: str) -> Any:
    """A value at a place inside objects; None where there is nothing."""
    found: Any = record
    for name in names:
        if not isinstance(found, dict):
            return None
        found = cast("dict[str, Any]", found).get(name)
    return found
