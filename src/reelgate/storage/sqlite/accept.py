"""A submit: the job, its hold, its files and the caller's own key, together or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from reelgate.contracts.file import BlobRow
from reelgate.contracts.store import Accepted, Full, IdempotencyKey, Mismatch, Outcome, Replay, Revoked, Short, Spent, Taken
from reelgate.domain.calendar import day_of_ms
from reelgate.domain.clock import in_ms
from reelgate.domain.job import Job
from reelgate.domain.money import Money
from reelgate.storage._rule import over_limit
from reelgate.storage.sqlite.connection import Transaction
from reelgate.storage.sqlite.ledger import write_hold
from reelgate.storage.sqlite.query import QUERIES
from reelgate.storage.sqlite.rows import read_job, write_blob, write_job
from reelgate.storage.sqlite.writer import Unit

_ADMISSION = QUERIES["admission"]
_READ_IDEMPOTENCY = QUERIES["read_idempotency"]
_DROP_IDEMPOTENCY = QUERIES["drop_idempotency"]
_OUTLIVED_IDEMPOTENCY = QUERIES["outlived_idempotency"]
_WRITE_IDEMPOTENCY = QUERIES["write_idempotency"]
_PURGE_IDEMPOTENCY = QUERIES["purge_idempotency"]
_FIND_EXTERNAL_ID = QUERIES["find_external_id"]
_ADMIT = QUERIES["admit"]
_READ_QUEUE = QUERIES["read_queue"]
_SPENT_BY_LINE = QUERIES["spent_by_line"]
_SPENT_BY_LINE_ON = QUERIES["spent_by_line_on"]
_SPENT_ON = QUERIES["spent_on"]
_INSERT_JOB = QUERIES["insert_job"]
_INSERT_BLOB = QUERIES["insert_blob"]
_INSERT_EVENT = QUERIES["insert_event"]
_JOB = QUERIES["job"]


class _Bounds(NamedTuple):
    """What bounds the spending of a key and its account, in micro-dollars; None where nothing does."""

    of_line: int | None
    of_line_daily: int | None
    of_account_daily: int | None


def accept(job: Job, idempotency: IdempotencyKey | None, blobs: Sequence[BlobRow], max_queued: int) -> Unit[Outcome]:
    """The unit of work of a submit; what can be prepared is prepared here, on the caller's side."""
    row, at_ms, micros = write_job(job), in_ms(job.created_at), job.quote.amount.micros
    shown = (job.key_id, job.account)
    room = {"account": job.account, "amount": micros, "max_queued": max_queued}
    queued = (job.id, job.account, "state", "queued", at_ms, "INFO", "queued", None, int(job.test))

    def unit(write: Transaction) -> Outcome:
        key = write.row(_ADMISSION, shown)
        if key is None or key[0] is not None or (key[1] is not None and key[1] <= at_ms):
            return Revoked()
        _, _, origin, *bounds, time_zone = key
        line, day = origin or job.key_id, day_of_ms(at_ms, time_zone)
        earlier = _earlier(write, job, idempotency, at_ms)
        if earlier is not None:
            return earlier
        if micros and bounds != [None, None, None]:
            spent = _overspent(write, job, line, day, _Bounds(*bounds))
            if spent is not None:
                return _full(write, job, max_queued) or spent
        if write.run(_ADMIT, room) == 0:
            return _full(write, job, max_queued) or _short(write, job)
        write.run(_INSERT_JOB, row)
        write_hold(write, job.id, job.account, micros, at_ms, line=line, day=day)
        write.run(_INSERT_EVENT, queued)
        for blob in blobs:
            write.run(_INSERT_BLOB, write_blob(blob))
        if idempotency is not None:
            _remember(write, job, idempotency, at_ms)
        write.changed.append(job.id)
        return Accepted(job)

    return unit


def _earlier(write: Transaction, job: Job, idempotency: IdempotencyKey | None, at_ms: int) -> Outcome | None:
    """What this account submitted before under the same key or the same id of its own."""
    outcome = _under_key(write, job, idempotency, at_ms) if idempotency is not None else None
    if outcome is None and job.external_id is not None:
        taken = write.row(_FIND_EXTERNAL_ID, (job.account, job.external_id))
        return Taken(taken[0]) if taken is not None else None
    return outcome


def _under_key(write: Transaction, job: Job, idempotency: IdempotencyKey, at_ms: int) -> Outcome | None:
    known = write.row(_READ_IDEMPOTENCY, (job.account, idempotency.key))
    if known is None:
        return None
    fingerprint, job_id, expires_ms = known
    made = write.row(_JOB, {"id": job_id, "account": job.account}) if expires_ms > at_ms else None
    if made is None:
        write.run(_DROP_IDEMPOTENCY, (job.account, idempotency.key))
        return None
    return Replay(read_job(made)) if fingerprint == idempotency.fingerprint else Mismatch()


def _overspent(write: Transaction, job: Job, line: str, day: str, bounds: _Bounds) -> Spent | None:
    """The first limit on spending that this job would pass."""
    asked = (
        ("key", False, bounds.of_line, _SPENT_BY_LINE, (job.account, line)),
        ("key", True, bounds.of_line_daily, _SPENT_BY_LINE_ON, (job.account, line, day)),
        ("account", True, bounds.of_account_daily, _SPENT_ON, (job.account, day)),
    )
    for whose, daily, limit, sql, bindings in asked:
        if limit is not None:
            (spent,) = write.row(sql, bindings) or (0,)
            over = over_limit(whose, limit, spent, job.quote.amount, daily=daily)
            if over is not None:
                return over
    return None


def _full(write: Transaction, job: Job, max_queued: int) -> Full | None:
    ((_, queued),) = write.rows(_READ_QUEUE, (job.account,))
    return Full(queued) if queued >= max_queued else None


def _short(write: Transaction, job: Job) -> Short:
    ((available, _),) = write.rows(_READ_QUEUE, (job.account,))
    return Short(Money(available), Money(job.quote.amount.micros - available))


def _remember(write: Transaction, job: Job, idempotency: IdempotencyKey, at_ms: int) -> None:
    if write.row(_OUTLIVED_IDEMPOTENCY, (at_ms,)) is not None:
        write.run(_PURGE_IDEMPOTENCY, (at_ms,))
    facts = (job.account, idempotency.key, idempotency.fingerprint, job.id, in_ms(idempotency.expires_at))
    write.run(_WRITE_IDEMPOTENCY, facts)
