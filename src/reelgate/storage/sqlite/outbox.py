"""The outbox: what callbacks are to be told, and what became of the tries."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from reelgate.contracts.outbox import TRIES_KEPT, Delivery, DeliveryState, DeliveryTry
from reelgate.domain.clock import from_ms, in_ms
from reelgate.domain.job import TERMINAL, Job, JobState
from reelgate.storage._rule import owed
from reelgate.storage.sqlite.connection import Reader, Row, Transaction
from reelgate.storage.sqlite.query import QUERIES
from reelgate.storage.sqlite.rows import dump, instant_or_none, ms_or_none
from reelgate.storage.sqlite.writer import Unit

_TOLD_BEFORE = QUERIES["told_before"]
_INSERT_DELIVERY = QUERIES["insert_delivery"]
_ANY_DUE = QUERIES["any_due"]
_DUE_DELIVERIES = QUERIES["due_deliveries"]
_CLAIM_DELIVERY = QUERIES["claim_delivery"]
_ANSWER_DELIVERY = QUERIES["answer_delivery"]
_INSERT_DELIVERY_TRY = QUERIES["insert_delivery_try"]
_FORGET_DELIVERY_TRIES = QUERIES["forget_delivery_tries"]
_REPLAY_DELIVERY = QUERIES["replay_delivery"]
_DELIVERY = QUERIES["delivery"]
_DELIVERIES_OF_ACCOUNT = QUERIES["deliveries_of_account"]
_TEST_DELIVERIES_OF_ACCOUNT = QUERIES["test_deliveries_of_account"]
_DELIVERIES_OF_JOB = QUERIES["deliveries_of_job"]
_DELIVERY_TRIES = QUERIES["delivery_tries"]
_OLD_DELIVERIES = QUERIES["old_deliveries"]
_DELETE_DELIVERY_TRIES = QUERIES["delete_delivery_tries"]
_DELETE_DELIVERY = QUERIES["delete_delivery"]
_FORGET_CALLBACK = QUERIES["forget_callback"]


def owe(write: Transaction, job: Job, told: JobState, at_ms: int) -> None:
    """Write the delivery of a change in the transaction that made it, if the job's callback wants to hear of it and has not yet."""
    delivery = owed(job, told, from_ms(at_ms))
    if delivery is not None and write.row(_TOLD_BEFORE, (job.id, told.value)) is None:
        whose = (delivery.id, delivery.account, delivery.job_id, delivery.face, delivery.url)
        write.run(_INSERT_DELIVERY, (*whose, told.value, at_ms, at_ms, int(job.test)))


def is_due(read: Reader, now: datetime, without: Collection[str]) -> bool:
    """Whether there is anything to send."""
    return read.row(_ANY_DUE, {"now": in_ms(now), "without": dump(sorted(without))}) is not None


def due(now: datetime, until: datetime, *, limit: int, per_account: int, without: Collection[str]) -> Unit[list[Delivery]]:
    """Take those whose time has come, in turns between accounts."""
    which = {"now": in_ms(now), "limit": limit, "per_account": per_account, "without": dump(sorted(without))}
    until_ms = in_ms(until)

    def unit(write: Transaction) -> list[Delivery]:
        claimed = [write.row(_CLAIM_DELIVERY, {"until": until_ms, "id": found}) for (found,) in write.rows(_DUE_DELIVERIES, which)]
        return [_read_delivery(row) for row in claimed if row is not None]

    return unit


def answer(delivery: Delivery, tried: DeliveryTry, state: DeliveryState, next_at: datetime | None = None) -> Unit[bool]:
    """What became of a try; False if another sender has the delivery by now."""
    answered = {"state": state.value, "next_at": ms_or_none(next_at), "id": delivery.id, "token": delivery.token}

    def unit(write: Transaction) -> bool:
        row = write.row(_ANSWER_DELIVERY, answered)
        if row is None:
            return False
        number, job_id = row
        write.run(_INSERT_DELIVERY_TRY, (delivery.id, number, in_ms(tried.at), tried.status, tried.note, tried.took_s))
        write.run(_FORGET_DELIVERY_TRIES, (delivery.id, number - TRIES_KEPT))
        write.changed.append(job_id)
        return True

    return unit


def replay(account: str, delivery_id: str, at: datetime, *, test_only: bool) -> Unit[Delivery | None]:
    """Send it once more."""
    which = {"at": in_ms(at), "id": delivery_id, "account": account, "test_only": test_only}

    def unit(write: Transaction) -> Delivery | None:
        row = write.row(_REPLAY_DELIVERY, which)
        if row is None:
            return None
        write.changed.append(row[0])
        return _delivery_of(write, delivery_id)

    return unit


def is_old(read: Reader, before: datetime) -> bool:
    """Whether there is anything to sweep."""
    return read.row(_OLD_DELIVERIES, {"before": in_ms(before), "limit": 1}) is not None


def sweep_deliveries(before: datetime, limit: int) -> Unit[int]:
    """Remove those that are over and old."""
    which = {"before": in_ms(before), "limit": limit}

    def unit(write: Transaction) -> int:
        old = write.rows(_OLD_DELIVERIES, which)
        for delivery_id, job_id, told in old:
            write.run(_DELETE_DELIVERY_TRIES, (delivery_id,))
            write.run(_DELETE_DELIVERY, (delivery_id,))
            if told in TERMINAL:
                write.run(_FORGET_CALLBACK, (job_id,))
        return len(old)

    return unit


def read_deliveries(read: Reader, account: str, job_id: str, limit: int, *, test_only: bool) -> list[Delivery]:
    """An account's deliveries, newest first; of one job, or of all if that is empty."""
    of_account = _TEST_DELIVERIES_OF_ACCOUNT if test_only else _DELIVERIES_OF_ACCOUNT
    which = {"account": account, "limit": limit, "job_id": job_id, "test_only": test_only}
    rows = read.rows(_DELIVERIES_OF_JOB if job_id else of_account, which)
    return [_read_delivery(row, read.rows(_DELIVERY_TRIES, (row[0],))) for row in rows]


def _delivery_of(read: Reader, delivery_id: str) -> Delivery:
    (row,) = read.rows(_DELIVERY, (delivery_id,))
    return _read_delivery(row, read.rows(_DELIVERY_TRIES, (delivery_id,)))


def _read_delivery(row: Row, tries: Iterable[Row] = ()) -> Delivery:
    delivery_id, account, job_id, face, url, told, changed_at, state, step, token, next_at = row
    return Delivery(
        id=delivery_id,
        account=account,
        job_id=job_id,
        face=face,
        url=url,
        told=JobState(told),
        changed_at=from_ms(changed_at),
        state=DeliveryState(state),
        step=step,
        token=token,
        next_at=instant_or_none(next_at),
        tries=tuple(map(_read_try, tries)),
    )


def _read_try(row: Row) -> DeliveryTry:
    number, at, status, note, took_s = row
    return DeliveryTry(number=number, at=from_ms(at), status=status, note=note, took_s=took_s)
