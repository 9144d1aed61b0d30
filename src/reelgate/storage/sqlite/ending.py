"""Units of work that end a job: the state, its hold, its attempt and its event move together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType

from reelgate.contracts.attempt import Cost
from reelgate.contracts.file import BlobRow
from reelgate.domain.clock import in_ms
from reelgate.domain.job import Failure, Job, JobState, Lease
from reelgate.domain.media import Dropped, Video, dump_input, forgotten
from reelgate.domain.money import Money
from reelgate.storage._rule import ATTEMPT_OF_END, NOT_STARTED, lost, note_of
from reelgate.storage.sqlite.connection import Transaction, Value
from reelgate.storage.sqlite.dispatch import job_of, write_state
from reelgate.storage.sqlite.ledger import settle, write_cost, write_possible_cost
from reelgate.storage.sqlite.outbox import owe
from reelgate.storage.sqlite.query import QUERIES
from reelgate.storage.sqlite.rows import dump, read_job, write_blob, write_drops, write_failure, write_video
from reelgate.storage.sqlite.writer import Unit

_END_RUNNING_JOB = QUERIES["end_running_job"]
_END_QUEUED_JOB = QUERIES["end_queued_job"]
_CLOSE_OPEN_ATTEMPT = QUERIES["close_open_attempt"]
_LEAVE_QUEUE = QUERIES["leave_queue"]
_LATE = QUERIES["late"]
_FORGET_INPUT = QUERIES["forget_input"]
_EXPIRE_INPUTS = QUERIES["expire_inputs"]
_ASK_TO_CANCEL = QUERIES["ask_to_cancel"]
_INSERT_BLOB = QUERIES["insert_blob"]
_JOB = QUERIES["job"]


def complete(
    lease: Lease,
    video: Video,
    blob: BlobRow | None,
    *,
    render_s: float,
    at: datetime,
    unused: Sequence[Dropped],
    charge: Money | None,
    cost: Cost | None,
) -> Unit[None]:
    """Done, and the hold captured, whole or up to a charge."""
    row = None if blob is None else write_blob(blob)
    made: dict[str, Value] = {"render_s": render_s, "video": write_video(video), "unused": write_drops(unused)}
    made["video_blob"] = None if blob is None else blob.name

    def unit(write: Transaction) -> None:
        _end_running(write, lease, JobState.DONE, at, None, charge=charge, cost=cost, columns=made)
        if row is not None:
            write.run(_INSERT_BLOB, row)

    return unit


def fail(lease: Lease, failure: Failure, *, render_s: float | None, at: datetime, cost: Cost | None, said: str) -> Unit[None]:
    """Failed, and the hold released."""
    return lambda write: _end_running(write, lease, JobState.FAILED, at, failure, cost=cost, said=said, columns={"render_s": render_s})


def cancel(lease: Lease, at: datetime, cost: Cost | None) -> Unit[None]:
    """Cancelled by the worker that was asked to, and the hold released."""
    return lambda write: _end_running(write, lease, JobState.CANCELLED, at, None, cost=cost)


def give_up(lease: Lease, failure: Failure, possible: Money, at: datetime) -> Unit[None]:
    """Nobody will know: unknown, the hold released, and what it may have cost booked."""

    def unit(write: Transaction) -> None:
        _end_running(write, lease, JobState.UNKNOWN, at, failure)
        write_possible_cost(write, lease.job.id, lease.job.account, possible, in_ms(at))

    return unit


def overdue(now: datetime) -> Unit[list[str]]:
    """Fail every queued job that did not start in time."""

    def unit(write: Transaction) -> list[str]:
        late = [job_id for (job_id,) in write.rows(_LATE, (in_ms(now),))]
        for job_id in late:
            _end_queued(write, job_of(write, job_id), JobState.FAILED, in_ms(now), NOT_STARTED)
        return late

    return unit


def request_cancel(account: str, job_id: str, at: datetime) -> Unit[Job | None]:
    """Cancel a queued job, ask for it on a running one, leave one that is over."""
    at_ms = in_ms(at)

    def unit(write: Transaction) -> Job | None:
        row = write.row(_JOB, {"id": job_id, "account": account})
        if row is None:
            return None
        job = read_job(row)
        if job.over:
            return job
        if job.state is JobState.QUEUED:
            _end_queued(write, job, JobState.CANCELLED, at_ms, asked_ms=at_ms)
        elif write.run(_ASK_TO_CANCEL, {"at": at_ms, "id": job_id}):
            write.changed.append(job_id)
        return job_of(write, job_id)

    return unit


def _end_running(
    write: Transaction,
    lease: Lease,
    state: JobState,
    at: datetime,
    failure: Failure | None,
    *,
    charge: Money | None = None,
    cost: Cost | None = None,
    said: str = "",
    columns: Mapping[str, Value] = MappingProxyType({}),
) -> None:
    at_ms, job_id = in_ms(at), lease.job.id
    facts: dict[str, Value] = {"render_s": None, "video": None, "video_blob": None, "unused": None, **columns, **write_failure(failure)}
    if write.run(_END_RUNNING_JOB, {**facts, "state": state.value, "at": at_ms, "id": job_id, "token": lease.token}) == 0:
        raise lost(lease)
    note = note_of(failure, said)
    write.run(_CLOSE_OPEN_ATTEMPT, {"state": ATTEMPT_OF_END[state].value, "at": at_ms, "note": note, "job_id": job_id})
    _close(write, lease.job, state, at_ms, charge=charge, video_blob=facts["video_blob"])
    write_cost(write, job_id, lease.job.account, cost, at_ms)


def _end_queued(
    write: Transaction, job: Job, state: JobState, at_ms: int, failure: Failure | None = None, *, asked_ms: int | None = None
) -> None:
    facts = {**write_failure(failure), "state": state.value, "at": at_ms, "cancel_requested_at": asked_ms, "id": job.id}
    if write.run(_END_QUEUED_JOB, facts) == 0:
        raise LookupError(f"job {job.id} is not queued")
    write.run(_LEAVE_QUEUE, (job.account,))
    _close(write, job, state, at_ms)


def _close(write: Transaction, job: Job, state: JobState, at_ms: int, *, charge: Money | None = None, video_blob: Value = None) -> None:
    """What every end has: a settlement, an event, word to the callback, and nothing of the input if that is to be forgotten."""
    settle(write, job.id, state, at_ms, charge)
    write_state(write, job, state, at_ms)
    owe(write, job, state, at_ms)
    if job.terms.forget_input:
        write.run(_FORGET_INPUT, {"input": dump(dump_input(forgotten(job.input))), "id": job.id})
        write.run(_EXPIRE_INPUTS, {"at": at_ms, "id": job.id, "video_blob": video_blob})
