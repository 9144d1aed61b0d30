"""A submit: check, price, hold, queue. What it answers is durable before it is answered."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from reelgate.contracts.blobs import Blobs
from reelgate.contracts.dispatch import Dispatch
from reelgate.contracts.endpoint import Endpoint
from reelgate.contracts.store import Accepted, Full, IdempotencyKey, Mismatch, Replay, Short, Store, Taken
from reelgate.domain.clock import Clock, in_ms
from reelgate.domain.errors import Conflict, Fault, InsufficientFunds, InvalidInput, Limited, Unready
from reelgate.domain.identity import Ids
from reelgate.domain.job import Job, Priority
from reelgate.domain.media import Dropped, VideoInput
from reelgate.gateway.accounts import Principal
from reelgate.gateway.parking import Parking
from reelgate.gateway.serving import ServingRule
from reelgate.settings import Settings

_KEPT = timedelta(hours=72)
_LONGEST_WAIT = timedelta(hours=24)  # a hold must not stand for ever on a job that nobody gets to
_ROOM_TRUSTED_S = 1.0
_VISIBLE_ASCII = re.compile(r"[!-~]{1,255}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One submit, as a face has read it.

    `base` is the gateway's address as the caller reached it. `fingerprint` is what `fingerprint_of` makes of the body that a
    second use of the `idempotency_key` must repeat.
    """

    principal: Principal
    endpoint: Endpoint
    face: str
    base: str
    input: VideoInput
    dropped: tuple[Dropped, ...] = ()
    priority: Priority = Priority.NORMAL
    start_within: timedelta | None = None
    idempotency_key: str = ""
    fingerprint: bytes = b""
    external_id: str | None = None
    callback: str | None = None
    names: dict[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class Submitted:
    """The job; `replayed` if this idempotency key had made it before."""

    job: Job
    replayed: bool


def fingerprint_of(endpoint: Endpoint, raw: bytes) -> bytes:
    """By which a repeated request is known. Taken when the body is read, so that nobody keeps the body for it."""
    digest = hashlib.sha256(f"{endpoint.id}\n".encode())
    digest.update(raw)
    return digest.digest()


class Submit:
    """Takes work on."""

    def __init__(
        self, *, store: Store, blobs: Blobs, dispatch: Dispatch, rule: ServingRule, parking: Parking, settings: Settings, clock: Clock
    ) -> None:
        self._store, self._blobs, self._dispatch = store, blobs, dispatch
        self._rule, self._parking, self._settings, self._clock = rule, parking, settings, clock
        self._ids = Ids()
        self._room_until_s = 0.0

    async def __call__(self, request: Request) -> Submitted:
        """Accept a job, or raise a `CallerError` or `Unready`; then nothing was kept and nothing was held."""
        await self._check_room()
        now = self._clock.now()
        account = request.principal.account
        served = self._rule.choose(request.endpoint, request.input, test=request.principal.test)
        idempotency = _idempotency(request, now)
        wanted, blobs = request.input, []
        if any(True for _ in wanted.media()):
            wanted, blobs = await self._parking.park(wanted, account=account, base=request.base, now=now)
        job = Job(
            id=self._ids.next(in_ms(now)),
            account=account,
            key_id=request.principal.key_id,
            endpoint=request.endpoint.id,
            face=request.face,
            base=request.base,
            input=wanted,
            quote=served.quote,
            serving=served.serving,
            engine=served.engine,
            priority=request.priority,
            test=request.principal.test,
            dropped=request.dropped,
            external_id=request.external_id,
            callback=request.callback,
            names=request.names,
            start_by=now + min(request.start_within or _LONGEST_WAIT, _LONGEST_WAIT),
            position=self._dispatch.joins_at(account),
            created_at=now,
            updated_at=now,
        )
        owned = [replace(row, job_id=job.id) for row in blobs]
        outcome = await self._store.accept(job, idempotency=idempotency, blobs=owned, max_queued=self._settings.max_queued)
        if isinstance(outcome, Accepted):
            self._dispatch.wake(outcome.job.id)
            return Submitted(outcome.job, replayed=False)
        for row in blobs:
            await self._blobs.remove(row.name)
        return self._refuse(outcome, job)

    def _refuse(self, outcome: Replay | Mismatch | Taken | Short | Full, job: Job) -> Submitted:
        match outcome:
            case Replay(former):
                return Submitted(former, replayed=True)
            case Mismatch():
                raise Conflict("this Idempotency-Key was used before with another request")
            case Taken():
                raise Conflict("this external task id was used before")
            case Short(available, missing):
                message = f"this request costs {job.quote.amount} ({job.quote.words}); the balance is {available}, {missing} short"
                raise InsufficientFunds(message)
            case Full(queued):
                message = f"{queued} jobs of this account are waiting, which is as many as may wait"
                raise Limited(message, retry_after_s=5)

    async def _check_room(self) -> None:
        # A video must have somewhere to go before it is promised.  Asked once a second, not once a submit.
        now_s = self._clock.monotonic_s()
        if now_s < self._room_until_s:
            return
        if await self._blobs.free_bytes() < self._settings.min_free_bytes:
            raise Unready("the gateway's disk is full; nothing was accepted")
        self._room_until_s = now_s + _ROOM_TRUSTED_S


def _idempotency(request: Request, now: datetime) -> IdempotencyKey | None:
    if not request.idempotency_key:
        return None
    if not _VISIBLE_ASCII.fullmatch(request.idempotency_key):
        raise InvalidInput([Fault(path=("Idempotency-Key",), message="1 to 255 visible ASCII characters")])
    return IdempotencyKey(key=request.idempotency_key, fingerprint=request.fingerprint, expires_at=now + _KEPT)
