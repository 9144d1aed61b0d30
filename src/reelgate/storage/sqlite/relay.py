"""Units of work of attempts at channels: what may have been bought, and by which of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from reelgate.contracts.attempt import Cost
from reelgate.contracts.file import BlobRow
from reelgate.domain.clock import in_ms
from reelgate.domain.job import AttemptState, Job, JobState, Lease
from reelgate.domain.media import Video
from reelgate.storage._rule import CAME_LATE, HAS_TICKET, NOT_QUEUED_AGAIN, RULED_OUT, check_ticket
from reelgate.storage.sqlite.connection import Transaction
from reelgate.storage.sqlite.dispatch import check_lease, job_of, write_state
from reelgate.storage.sqlite.ledger import write_late_cost
from reelgate.storage.sqlite.query import QUERIES
from reelgate.storage.sqlite.rows import dump, write_blob, write_video
from reelgate.storage.sqlite.writer import Unit

_SENT = QUERIES["attempt_sent"]
_DOUBTED = QUERIES["attempt_doubted"]
_ACCEPTED = QUERIES["attempt_accepted"]
_STATE = QUERIES["attempt_state"]
_HOLDER = QUERIES["holder_of_upstream"]
_OPEN_ATTEMPT_OF = QUERIES["open_attempt_of"]
_BACK_TO_QUEUE = QUERIES["back_to_queue"]
_JOIN_QUEUE = QUERIES["join_queue"]
_CLAIM = QUERIES["claim"]
_END_LATE = QUERIES["end_late"]
_CLOSE_LATE = QUERIES["close_late"]
_RULE_OUT = QUERIES["rule_out"]
_INSERT_BLOB = QUERIES["insert_blob"]
_INSERT_EVENT = QUERIES["insert_event"]


def sent(lease: Lease, token: str, at: datetime) -> Unit[None]:
    """The call that buys is about to be sent."""

    def unit(write: Transaction) -> None:
        check_lease(write, lease)
        write.run(_SENT, {"at": in_ms(at), "token": token, "job_id": lease.job.id})

    return unit


def doubt(lease: Lease, token: str, note: str) -> Unit[None]:
    """Nobody knows whether it was taken."""

    def unit(write: Transaction) -> None:
        check_lease(write, lease)
        write.run(_DOUBTED, {"note": note, "token": token, "job_id": lease.job.id})

    return unit


def note_ticket(lease: Lease, token: str, ticket: Mapping[str, str], at: datetime) -> Unit[bool]:
    """The upstream has taken it, unless its job is that of another attempt."""
    upstream_id, told = check_ticket(ticket), dump(dict(ticket))

    def unit(write: Transaction) -> bool:
        check_lease(write, lease)
        found = write.row(_STATE, (token, lease.job.id))
        if found is None:
            return False
        state, has, channel = found
        if state in HAS_TICKET:
            return has == upstream_id
        if write.row(_HOLDER, (channel, upstream_id)) is not None:
            return False
        taken = {"upstream_id": upstream_id, "ticket": told, "at": in_ms(at)}
        return write.run(_ACCEPTED, {**taken, "token": token, "job_id": lease.job.id}) == 1

    return unit


def requeue(lease: Lease, not_before: datetime, at: datetime) -> Unit[None]:
    """Back to the queue."""

    def unit(write: Transaction) -> None:
        account, _ = check_lease(write, lease)
        if write.row(_OPEN_ATTEMPT_OF, (lease.job.id,)) is not None:
            raise ValueError(NOT_QUEUED_AGAIN)
        write.run(_BACK_TO_QUEUE, {"at": in_ms(at), "not_before": in_ms(not_before), "id": lease.job.id, "token": lease.token})
        write.run(_JOIN_QUEUE, (account,))
        write_state(write, lease.job, JobState.QUEUED, in_ms(at))

    return unit


def keep_late(token: str, video: Video, blob: BlobRow | None, cost: Cost, at: datetime) -> Unit[bool]:
    """A video came after all."""
    row, told, at_ms = None if blob is None else write_blob(blob), write_video(video), in_ms(at)

    def unit(write: Transaction) -> bool:
        found = write.row(_CLAIM, (token,))
        if found is None or found[4] != AttemptState.ABANDONED.value or write.run(_END_LATE, {"video": told, "id": found[1]}) == 0:
            return False
        job = job_of(write, found[1])
        write.run(_CLOSE_LATE, {"note": CAME_LATE, "token": token})
        if row is not None:
            write.run(_INSERT_BLOB, row)
        _end_doubt(write, job, cost, CAME_LATE, at_ms)
        return True

    return unit


def rule_out(token: str, said: str, cost: Cost | None, at: datetime) -> Unit[bool]:
    """Nothing came of it, says its upstream."""

    def unit(write: Transaction) -> bool:
        found = write.row(_RULE_OUT, {"note": said, "token": token})
        if found is None:
            return False
        _end_doubt(write, job_of(write, found[0]), cost, RULED_OUT, in_ms(at))
        return True

    return unit


def _end_doubt(write: Transaction, job: Job, cost: Cost | None, message: str, at_ms: int) -> None:
    """Nobody knew what came of this job, and now it is known: what it may have cost becomes what it did cost."""
    write_late_cost(write, job.id, job.account, cost, at_ms)
    write.run(_INSERT_EVENT, (job.id, job.account, "late", message, at_ms, "INFO", None, None, int(job.test)))
    write.changed.append(job.id)
