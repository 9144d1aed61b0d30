"""A store whose changes of jobs are told: one line in the log and the figures of each, once it is durable and never before."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Any, cast

import structlog

from reelgate.contracts.attempt import Cost
from reelgate.contracts.file import BlobRow
from reelgate.contracts.store import Accepted, IdempotencyKey, Outcome, Store
from reelgate.domain.clock import Clock
from reelgate.domain.errors import Unready
from reelgate.domain.job import Failure, Job, JobState, Lease, Serving
from reelgate.domain.media import Dropped, Video
from reelgate.domain.money import Money
from reelgate.metrics import ACCEPTED, ENDED, LATE, SETTLED, STATE_S
from reelgate.tracing import TRACE, TRACING

_log = structlog.get_logger("reelgate.jobs")
_OTHER = "other"
_MICROS = 1_000_000


def witness(store: Store, known: Callable[[str], bool], clock: Clock) -> Store:
    """The same store, watched. `known` says which endpoints are the catalog's: only those become labels."""
    return cast("Store", _Witness(store, known, clock))


class _Witness:
    """Passes every verb on. Those that move jobs are verbs of its own; the others are the store's, without a way around."""

    def __init__(self, store: Store, known: Callable[[str], bool], clock: Clock) -> None:
        self._store, self._known, self._clock = store, known, clock
        for name in dir(store):
            if not name.startswith("_") and not hasattr(type(self), name):
                verb = getattr(store, name)
                if callable(verb):
                    setattr(self, name, verb)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    # -- verbs that move jobs ----------------------------------------------------------------------------------------
    async def accept(
        self, job: Job, *, idempotency: IdempotencyKey | None = None, blobs: Sequence[BlobRow] = (), max_queued: int = 1000
    ) -> Outcome:
        outcome = await self._store.accept(job, idempotency=idempotency, blobs=blobs, max_queued=max_queued)
        if isinstance(outcome, Accepted):
            ACCEPTED.labels(self._label(job)).inc()
            self._tell(outcome.job, JobState.QUEUED, "", None, cost=job.quote.amount.decimal)
        return outcome

    async def lease(
        self,
        worker: str,
        *,
        now: datetime,
        until: datetime,
        want: Mapping[Serving, int],
        per_account: int,
        without: Collection[str] = (),
    ) -> list[Lease]:
        leases = await self._store.lease(worker, now=now, until=until, want=want, per_account=per_account, without=without)
        for lease in leases:
            job = lease.job
            taken_over = job.started_at is None or job.started_at < now
            self._tell(job, JobState.RUNNING, JobState.RUNNING if taken_over else JobState.QUEUED, None if taken_over else job.created_at)
        return leases

    async def requeue(self, lease: Lease, not_before: datetime, at: datetime) -> None:
        await self._store.requeue(lease, not_before, at)
        self._tell(lease.job, JobState.QUEUED, JobState.RUNNING, lease.job.started_at, not_before=not_before.isoformat())

    async def overdue(self, now: datetime) -> list[str]:
        late = await self._store.overdue(now)
        for job_id in late:
            job = await self._read(job_id)
            if job is not None:
                self._count_end(job, now, JobState.QUEUED, {"code": "start_timeout"})
        return late

    async def complete(
        self,
        lease: Lease,
        video: Video,
        blob: BlobRow | None,
        *,
        render_s: float,
        at: datetime,
        unused: Sequence[Dropped] = (),
        charge: Money | None = None,
        cost: Cost | None = None,
    ) -> None:
        await self._store.complete(lease, video, blob, render_s=render_s, at=at, unused=unused, charge=charge, cost=cost)
        await self._end(lease.job, JobState.DONE, at, _said(cost), charge=charge)

    async def fail(
        self, lease: Lease, failure: Failure, *, render_s: float | None, at: datetime, cost: Cost | None = None, said: str = ""
    ) -> None:
        await self._store.fail(lease, failure, render_s=render_s, at=at, cost=cost, said=said)
        await self._end(lease.job, JobState.FAILED, at, {"code": failure.code, **_said(cost)})

    async def cancel(self, lease: Lease, at: datetime, *, cost: Cost | None = None) -> None:
        await self._store.cancel(lease, at, cost=cost)
        await self._end(lease.job, JobState.CANCELLED, at, _said(cost))

    async def give_up(self, lease: Lease, failure: Failure, possible: Money, at: datetime) -> None:
        await self._store.give_up(lease, failure, possible, at)
        await self._end(lease.job, JobState.UNKNOWN, at, {"code": failure.code, "possible_cost": possible.decimal})

    async def request_cancel(self, account: str, job_id: str, at: datetime) -> Job | None:
        job = await self._store.request_cancel(account, job_id, at)
        if job is not None and job.state is JobState.CANCELLED and job.ended_at == _to_the_ms(at):
            self._count_end(job, at, JobState.QUEUED, {})
        elif job is not None and job.cancel_requested_at == _to_the_ms(at):
            _log.info("cancel_requested", job=job_id, account=account)
        return job

    async def keep_late(self, token: str, video: Video, blob: BlobRow | None, cost: Cost, at: datetime) -> bool:
        kept = await self._store.keep_late(token, video, blob, cost, at)
        if kept:
            with suppress(Unready):  # it is kept, whether or not it can be counted
                claim = await self._store.claim(token)
                LATE.labels("" if claim is None else claim.attempt.channel).inc()
        return kept

    # -- telling -----------------------------------------------------------------------------------------------------
    async def _end(self, leased: Job, state: JobState, at: datetime, facts: Mapping[str, str], *, charge: Money | None = None) -> None:
        # A lease has the job as it was when it was taken: which channel it went to came later.
        job = await self._read(leased.id)
        self._count_end(replace(leased, state=state) if job is None else job, at, JobState.RUNNING, facts, charge=charge)

    async def _read(self, job_id: str) -> Job | None:
        """A job as it is by now. It never raises: what has happened has happened, and its caller must not take it for a failure."""
        try:
            account = await self._store.owner_of(job_id)
            return None if account is None else await self._store.job(account, job_id)
        except Unready:
            return None

    def _count_end(self, job: Job, at: datetime, before: JobState, facts: Mapping[str, str], *, charge: Money | None = None) -> None:
        held = job.quote.amount.micros
        captured = 0 if job.state is not JobState.DONE else held if charge is None else min(charge.micros, held)
        SETTLED.labels("captured").inc(captured / _MICROS)
        SETTLED.labels("released").inc((held - captured) / _MICROS)
        ENDED.labels(job.state.value, self._label(job), job.channel).inc()
        self._tell(job, job.state, before, job.created_at if before is JobState.QUEUED else job.started_at, at, **facts)
        TRACING.job_ended(job, job.state, at)

    def _tell(self, job: Job, state: JobState, before: str, since: datetime | None, at: datetime | None = None, **facts: str) -> None:
        told: dict[str, Any] = {"job": job.id, "state": state.value, "endpoint": job.endpoint, "account": job.account}
        told |= {"before": str(before)} if before else {}
        told |= {"channel": job.channel} if job.channel else {}
        told |= {"traceparent": job.names[TRACE]} if job.names and TRACE in job.names else {}
        if since is not None:
            seconds = max(0.0, ((at or self._clock.now()) - since).total_seconds())
            STATE_S.labels(str(before), job.channel).observe(seconds)
            told["seconds"] = round(seconds, 3)
        _log.info("job", **told, **facts)

    def _label(self, job: Job) -> str:
        return job.endpoint if self._known(job.endpoint) else _OTHER


def _said(cost: Cost | None) -> dict[str, str]:
    return {} if cost is None else {"channel_cost": (cost.told or cost.expected).decimal}


def _to_the_ms(at: datetime) -> datetime:
    return at.replace(microsecond=at.microsecond // 1000 * 1000)
