"""A submit as fal's clients make one: the endpoint in the path, the input as the body, all else in headers and the query."""

from __future__ import annotations

import math
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs

import orjson

from reelgate.contracts.endpoint import Endpoint
from reelgate.domain.errors import Fault, InvalidInput, Limited, NotFound
from reelgate.domain.job import NO_TERMS, Priority, Terms
from reelgate.gateway.door import Receive, Scope, header, loss, read_body
from reelgate.gateway.face import Gateway
from reelgate.gateway.keyring import Principal
from reelgate.gateway.submit import Request, Submitted, fingerprint_of
from reelgate.tracing import read_traceparent
from reelgate.wire import fal

_START_MIN_S, _START_MAX_S = 0.1, 86_400.0
_ON = frozenset({b"1", b"true", b"yes"})
_OFF = frozenset({b"0", b"false", b"no"})
_LENGTH_DIGITS = 18  # no queue is longer than a number of so many digits
_WEBHOOK = "fal_webhook"
_LIFECYCLE = "X-Fal-Object-Lifecycle-Preference"


class Reception:
    """Reads submits and hands them to the gateway."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    async def take(self, scope: Scope, receive: Receive, *, awaited: bool = False) -> tuple[Principal, Endpoint, Submitted]:
        """Who asked, for what, and the job. `awaited`: the answer comes at the job's end, not now."""
        gateway = self._gateway
        principal = await gateway.keyring.caller(scope, write=True)
        endpoint = await gateway.passing.find(scope["path_params"]["app"])
        if "fal" not in endpoint.inputs:
            raise NotFound("there is no such application; GET /v1/models lists those that are")
        webhook = self._read_query(scope) if scope["query_string"] else ""
        terms = _read_terms(scope)
        with gateway.budget.share() as share:
            body = fal.read_body(await read_body(scope, receive, gateway.settings.max_body, share))
            wanted, dropped = fal.read_input(endpoint.inputs["fal"], body)
            key, fingerprint = header(scope, b"idempotency-key") or b"", fingerprint_of(endpoint, body)
            del body  # a picture may be in it, and the parking makes its own copies
            submission = Request(
                principal=principal,
                endpoint=endpoint,
                face="fal",
                base=gateway.doorplate.base(scope),
                input=wanted,
                dropped=dropped,
                priority=Priority.LOW if header(scope, b"x-fal-queue-priority") == b"low" else Priority.NORMAL,
                start_within=_read_start_within(scope),
                idempotency_key=key.decode("latin-1"),
                fingerprint=fingerprint,
                callback=webhook or None,
                terms=terms,
                names={"awaited": True} if awaited else _NO_NAMES,
                trace=read_traceparent(header(scope, b"traceparent")),
                lost=loss(scope),
            )
            return principal, endpoint, await gateway.submit(submission)

    def _read_query(self, scope: Scope) -> str:
        """The address for a webhook, if one is asked for; `Limited` if the queue is longer than the caller would bear."""
        asked = parse_qs(scope["query_string"].decode("latin-1"))
        longest = asked.get("fal_max_queue_length", [""])[0]
        if longest.isdecimal() and len(longest) <= _LENGTH_DIGITS and self._gateway.dispatch.joins_at("") > int(longest):
            raise Limited("the queue is longer than fal_max_queue_length")
        address = asked.get(_WEBHOOK, [""])[0]
        return self._gateway.submit.check_callback(address, _WEBHOOK) if address else ""


def remarks(endpoint: Endpoint, *, replayed: bool) -> tuple[tuple[str, str], ...]:
    """What a submit's answer says in headers of our own."""
    headers: tuple[tuple[str, str], ...] = (("x-reelgate-replayed", "true"),) if replayed else ()
    if endpoint.ended is not None:
        headers += (("x-reelgate-ended", endpoint.ended.on.isoformat()),)
    return headers


def _read_start_within(scope: Scope) -> timedelta | None:
    told = header(scope, b"x-fal-request-timeout")
    if told is None:
        return None
    try:
        seconds = float(told)
    except ValueError:
        seconds = 0.0
    if not _START_MIN_S <= seconds <= _START_MAX_S:
        message = f"between {_START_MIN_S} and {_START_MAX_S:.0f} seconds"
        raise InvalidInput([Fault(path=("X-Fal-Request-Timeout",), message=message)])
    return timedelta(seconds=seconds)


def _read_terms(scope: Scope) -> Terms:
    named = {name: value for name, value in scope["headers"] if name in _TERMS}
    if not named:
        return NO_TERMS
    return Terms(
        keep_s=_read_keep(named.get(b"x-fal-object-lifecycle-preference")),
        forget_input=named.get(b"x-fal-store-io", b"").lower() in _OFF,
        retries=named.get(b"x-fal-no-retry", b"").lower() not in _ON,
        strict=named.get(b"x-reelgate-strict", b"").lower() in _ON,
    )


def _read_keep(told: bytes | None) -> float | None:
    """Seconds for which the video shall be kept; a wish that cannot be read is refused, for it may be one to forget."""
    if told is None:
        return None
    try:
        wish: Any = orjson.loads(told)
        kept = wish.get("expiration_duration_seconds")
        if kept is None:
            return None
        seconds = float(kept)
    except (ValueError, TypeError, AttributeError):
        seconds = math.nan
    if not seconds > 0:
        message = "a JSON object whose expiration_duration_seconds is a number above 0"
        raise InvalidInput([Fault(path=(_LIFECYCLE,), message=message)])
    return seconds


_TERMS = frozenset({b"x-fal-object-lifecycle-preference", b"x-fal-store-io", b"x-fal-no-retry", b"x-reelgate-strict"})
_NO_NAMES: dict[str, Any] = {}
