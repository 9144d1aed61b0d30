"""A submit: check, price, hold, queue. What it answers is durable before it is answered."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import orjson

from reelgate.contracts.blobs import Blobs
from reelgate.contracts.dispatch import Dispatch
from reelgate.contracts.endpoint import Endpoint
from reelgate.contracts.store import Accepted, IdempotencyKey, Replay, Store
from reelgate.domain.address import NotAllowed, Reach, check_webhook
from reelgate.domain.clock import Clock, in_ms
from reelgate.domain.errors import Fault, InvalidInput, Unready
from reelgate.domain.identity import Ids
from reelgate.domain.job import NO_TERMS, Job, Priority, Terms
from reelgate.domain.media import Dropped, VideoInput
from reelgate.gateway.admission import check_model, refusal_of
from reelgate.gateway.gates import Gates
from reelgate.gateway.inspector import Inspector
from reelgate.gateway.keyring import Principal
from reelgate.gateway.parking import Parking
from reelgate.gateway.repeat import Repeats, Way
from reelgate.gateway.serving import ServingRule
from reelgate.settings import Settings
from reelgate.tracing import TRACE

_KEPT = timedelta(hours=72)
_LONGEST_WAIT = timedelta(hours=24)  # a hold must not stand for ever on a job that nobody gets to
_ROOM_TRUSTED_S = 1.0
_VISIBLE_ASCII = re.compile(r"[!-~]{1,255}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One submit, as a face has read it.

    `base` is the gateway's address as the caller reached it. `fingerprint` is what `fingerprint_of` makes of the body: a second
    use of the `idempotency_key` must repeat it, and without a key a repetition is known by it. `lost` tells whether the caller
    has gone. `callback` is an address that was judged.
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
    terms: Terms = NO_TERMS
    names: dict[str, Any] = field(default_factory=dict[str, Any])
    trace: str = ""  # the caller's `traceparent`, no part of what is asked for
    lost: Callable[[], bool] = bool  # never, where nobody can tell


@dataclass(frozen=True, slots=True)
class Submitted:
    """The job; `replayed` if it was made before by this idempotency key, or by a request of which this is the repetition."""

    job: Job
    replayed: bool


def fingerprint_of(endpoint: Endpoint, body: Mapping[str, Any]) -> bytes:
    """By which a repeated request is known, whatever the order and spacing of its fields. Taken when the body is read, so that
    nobody keeps the body for it."""
    digest = hashlib.sha256(f"{endpoint.id}\n".encode())
    for name in sorted(body):
        digest.update(orjson.dumps((name, body[name]), option=orjson.OPT_SORT_KEYS))
    return digest.digest()


class Submit:
    """Takes work on."""

    def __init__(
        self,
        *,
        store: Store,
        blobs: Blobs,
        dispatch: Dispatch,
        rule: ServingRule,
        gates: Gates,
        inspector: Inspector,
        parking: Parking,
        repeats: Repeats,
        secret: bytes,
        settings: Settings,
        clock: Clock,
    ) -> None:
        """`secret` keys the fingerprints of requests: a short prompt must not be guessed from what is kept of it."""
        self._store, self._blobs, self._dispatch, self._repeats = store, blobs, dispatch, repeats
        self._rule, self._gates, self._inspector = rule, gates, inspector
        self._parking, self._settings, self._clock = parking, settings, clock
        self._secret = secret[: hashlib.blake2b.MAX_KEY_SIZE]
        self._reach = Reach(opened=settings.allow_private)
        self._ids = Ids()
        self._room_until_s = 0.0

    async def __call__(self, request: Request) -> Submitted:
        """Accept a job, or raise a `CallerError` or `Unready`; then nothing was kept and nothing was held."""
        self._inspector.check_open()
        self._gates.admit(request.principal)
        check_model(request.principal, request.endpoint.id)
        fingerprint = self._fingerprint(request)
        if request.idempotency_key or not fingerprint:
            return await self._submit(request, fingerprint, Way(bool, ""))
        account = request.principal.account
        with self._repeats.under_way(account, fingerprint, request.lost) as way:
            former = await self._repeats.former(account, fingerprint, way, self._store)
            if former is not None:
                way.job_id = former.id  # should this answer be lost as well, the next one finds it again
                return Submitted(former, replayed=True)
            return await self._submit(request, fingerprint, way)

    def _fingerprint(self, request: Request) -> bytes:
        """By which a repetition is known. What costs nothing never stands for what does; without a key of the caller's own, all that
        it asked for beside the input must be the same too."""
        if not request.fingerprint:
            return b""
        told = request.fingerprint + (b"test" if request.principal.test else b"live")
        if not request.idempotency_key and (request.callback or request.terms is not NO_TERMS or request.names):
            told += repr((request.callback, request.terms, sorted(request.names.items()))).encode()
        return hashlib.blake2b(told, key=self._secret, digest_size=32).digest()

    def awaited(self, job: Job, lost: Callable[[], bool]) -> AbstractContextManager[object]:
        """Around the wait for a job's end, where that is the answer to its submit: a caller that has gone may ask again."""
        return self._repeats.under_way(job.account, job.fingerprint, lost, job.id) if job.fingerprint else nullcontext()

    def check_callback(self, url: str, *place: str) -> str:
        """An address that wants to be called, if it may be; `InvalidInput` at its place in the request if not."""
        try:
            return check_webhook(url, self._reach).url
        except NotAllowed as refusal:
            raise InvalidInput([Fault(path=place, message=refusal.message)]) from None

    async def _submit(self, request: Request, fingerprint: bytes, way: Way) -> Submitted:
        await self._check_room()
        now = self._clock.now()
        principal, account = request.principal, request.principal.account
        await self._rule.refresh()
        strictly = request.dropped if request.terms.strict else None
        served = self._rule.choose(request.endpoint, request.input, test=principal.test, book=principal.book, strictly=strictly)
        idempotency = _idempotency(request, fingerprint, now)
        wanted, blobs = request.input, []
        if any(True for _ in wanted.media()):
            wanted, blobs = await self._parking.park(wanted, account=account, base=request.base, now=now, test=principal.test)
        job = Job(
            id=self._ids.next(in_ms(now)),
            account=account,
            key_id=principal.key_id,
            endpoint=request.endpoint.id,
            face=request.face,
            base=request.base,
            input=wanted,
            quote=served.quote,
            serving=served.serving,
            engine=served.engine,
            priority=request.priority,
            test=principal.test,
            dropped=request.dropped,
            external_id=request.external_id,
            callback=request.callback,
            terms=request.terms,
            fingerprint=None if request.idempotency_key else fingerprint or None,
            names={**request.names, TRACE: request.trace} if request.trace else request.names,
            start_by=now + min(request.start_within or _LONGEST_WAIT, _LONGEST_WAIT),
            position=self._dispatch.joins_at(account),
            created_at=now,
            updated_at=now,
        )
        owned = [replace(row, job_id=job.id) for row in blobs]
        way.job_id = job.id  # from here on it may be there, whatever comes back
        outcome = await self._store.accept(job, idempotency=idempotency, blobs=owned, max_queued=self._settings.max_queued)
        if isinstance(outcome, Accepted):
            self._dispatch.wake(outcome.job.id)
            return Submitted(outcome.job, replayed=False)
        way.job_id = ""
        for row in blobs:
            await self._blobs.remove(row.name)
        if isinstance(outcome, Replay):
            return Submitted(outcome.job, replayed=True)
        raise refusal_of(outcome, job.quote)

    async def _check_room(self) -> None:
        # A video must have somewhere to go before it is promised.  Asked once a second, not once a submit.
        now_s = self._clock.monotonic_s()
        if now_s < self._room_until_s:
            return
        if await self._blobs.free_bytes() < self._settings.min_free_bytes:
            raise Unready("the gateway's disk is full; nothing was accepted")
        self._room_until_s = now_s + _ROOM_TRUSTED_S


def _idempotency(request: Request, fingerprint: bytes, now: datetime) -> IdempotencyKey | None:
    if not request.idempotency_key:
        return None
    if not _VISIBLE_ASCII.fullmatch(request.idempotency_key):
        raise InvalidInput([Fault(path=("Idempotency-Key",), message="1 to 255 visible ASCII characters")])
    return IdempotencyKey(key=request.idempotency_key, fingerprint=fingerprint, expires_at=now + _KEPT)
