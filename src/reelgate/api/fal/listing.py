"""Past requests of an endpoint, as fal's platform lists them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs

import orjson

from reelgate.contracts.store import JobFilter
from reelgate.domain.errors import CallerError, Fault, InvalidInput
from reelgate.domain.identity import read_id
from reelgate.gateway.door import Receive, Scope
from reelgate.gateway.face import Gateway
from reelgate.wire import fal
from reelgate.wire.own import VIDEO_NAME, video_address

_DAY = timedelta(hours=24)
_MOST = 100
_EPOCH = 1971  # with room for the day before
_ENDPOINTS_MAX = 50
_KINDS = {"": frozenset[int](), "success": frozenset({2}), "error": frozenset({5}), "user_error": frozenset({4})}


class Listing:
    """Lists what the caller's account has asked for."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    async def past_requests(self, scope: Scope, receive: Receive) -> fal.Reply:
        """Newest first, of the last 24 hours unless `start` and `end` say otherwise; `cursor` is the `next_cursor` of the page before.

        With a `status` a page may hold fewer than `limit` and yet have a next one. Errors have the platform's shape, not the queue's.
        """
        del receive
        try:
            return await self._past_requests(scope)
        except CallerError as error:
            return fal.write_platform_error(error)

    async def _past_requests(self, scope: Scope) -> fal.Reply:
        principal = await self._gateway.keyring.caller(scope)
        asked = parse_qs(scope["query_string"].decode("latin-1"))
        which = self._read_filter(asked)
        jobs = await self._gateway.follow.jobs(principal, which)
        kinds = _KINDS[_word(asked, "status")]
        told = ((job, fal.write_result(job, url=video_address(job.video, job.base), file_name=VIDEO_NAME)) for job in jobs)
        items = [fal.write_past_request(job, result) for job, result in told if not kinds or (job.over and result.status // 100 in kinds)]
        more = len(jobs) == which.limit
        return fal.Reply(200, orjson.dumps({"items": items, "next_cursor": jobs[-1].id if more else None, "has_more": more}))

    def _read_filter(self, asked: dict[str, list[str]]) -> JobFilter:
        faults: list[Fault] = []
        endpoints = frozenset(name for each in asked.get("endpoint_id", ()) for name in each.split(",") if name)
        if not 1 <= len(endpoints) <= _ENDPOINTS_MAX:
            faults.append(Fault(path=("endpoint_id",), message=f"1 to {_ENDPOINTS_MAX} endpoint ids", kind="missing"))
        cursor = _word(asked, "cursor") and read_id(_word(asked, "cursor"))
        if cursor is None:
            faults.append(Fault(path=("cursor",), message="the next_cursor of a page"))
        limit = _word(asked, "limit") or "50"
        if not (limit.isdecimal() and len(limit) <= len(str(_MOST)) and 1 <= int(limit) <= _MOST):
            faults.append(Fault(path=("limit",), message=f"1 to {_MOST}"))
        if _word(asked, "status") not in _KINDS:
            faults.append(Fault(path=("status",), message="one of success, error, user_error", kind="one_of"))
        until = _instant(asked, "end", faults)
        since = _instant(asked, "start", faults) or (until or self._gateway.clock.now()) - _DAY
        if faults:
            raise InvalidInput(faults)
        return JobFilter(endpoints=endpoints, before=cursor or "", since=since, until=until, limit=int(limit))


def _word(asked: dict[str, list[str]], name: str) -> str:
    return asked.get(name, [""])[0]


def _instant(asked: dict[str, list[str]], name: str, faults: list[Fault]) -> datetime | None:
    told = _word(asked, name)
    if not told:
        return None
    at = _read_instant(told)
    if at is None:
        faults.append(Fault(path=(name,), message="an instant such as 2026-11-25T08:00:00Z"))
    return at


def _read_instant(told: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(told)
        at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return at if at.year >= _EPOCH else None
