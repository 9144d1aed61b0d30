"""The outbox: what callbacks are to be told, and what became of the tries."""

from __future__ import annotations

from datetime import datetime

from reelgate.contracts.outbox import Delivery, DeliveryState, DeliveryTry
from reelgate.domain.clock import from_ms, in_ms
from reelgate.domain.job import Job, JobState
from reelgate.storage._rule import owed
from reelgate.storage.sqlite.connection import Reader, Row, Transaction
from reelgate.storage.sqlite.query import QUERIES
from reelgate.storage.sqlite.rows import instant_or_none, ms_or_none
from reelgate.storage.sqlite.writer import Unit

_INSERT_DELIVERY = QUERIES["insert_delivery"]
_DUE_DELIVERIES = QUERIES["due_deliveries"]
_CLAIM_DELIVERY = QUERIES["claim_delivery"]
_ANSWER_DELIVERY = QUERIES["answer_delivery"]
_INSERT_DELIVERY_TRY = QUERIES["insert_delivery_try"]
_REPLAY_DELIVERY = QUERIES["replay_delivery"]
_DELIVERY = QUERIES["delivery"]
_DELIVERIES_OF_ACCOUNT = QUERIES["deliveries_of_account"]
_DELIVERIES_OF_JOB = QUERIES["deliveries_of_job"]
_DELIVERY_TRIES = QUERIES["delivery_tries"]


def owe(write: Transaction, job: Job, told: JobState, at_ms: int) -> None:
    """Write the delivery of a change in the transaction that made it, if the job's callback wants to hear of it."""
    delivery = owed(job, told, from_ms(at_ms))
    if delivery is not None:
        whose = (delivery.id, delivery.account, delivery.job_id, delivery.face, delivery.url)
        write.run(_INSERT_DELIVERY, (*whose, told.value, at_ms, at_ms))


def is_due(read: Reader, now: datetime) -> bool:
    """Whether there is anything to send."""
    return read.row(_DUE_DELIVERIES, {"now": in_ms(now), "limit": 1}) is not None


def due(now: datetime, until: datetime, limit: int) -> Unit[list[Delivery]]:
    """Take those whose time has come."""
    now_ms, until_ms = in_ms(now), in_ms(until)

    def unit(write: Transaction) -> list[Delivery]:
        ids = [delivery_id for (delivery_id,) in write.rows(_DUE_DELIVERIES, {"now": now_ms, "limit": limit})]
        for delivery_id in ids:
            write.run(_CLAIM_DELIVERY, {"until": until_ms, "id": delivery_id})
        return [_delivery_of(write, delivery_id) for delivery_id in ids]

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
        write.changed.append(job_id)
        return True

    return unit


def replay(account: str, delivery_id: str, at: datetime) -> Unit[Delivery | None]:
    """Send it once more."""

    def unit(write: Transaction) -> Delivery | None:
        row = write.row(_REPLAY_DELIVERY, {"at": in_ms(at), "id": delivery_id, "account": account})
        if row is None:
            return None
        write.changed.append(row[0])
        return _delivery_of(write, delivery_id)

    return unit


def read_deliveries(read: Reader, account: str, job_id: str, limit: int) -> list[Delivery]:
    """An account's deliveries, newest first; of one job, or of all if that is empty."""
    bindings = {"account": account, "limit": limit}
    rows = read.rows(_DELIVERIES_OF_JOB, {**bindings, "job_id": job_id}) if job_id else read.rows(_DELIVERIES_OF_ACCOUNT, bindings)
    return [_read_delivery(row, read.rows(_DELIVERY_TRIES, (row[0],))) for row in rows]


def _delivery_of(read: Reader, delivery_id: str) -> Delivery:
    (row,) = read.rows(_DELIVERY, (delivery_id,))
    return _read_delivery(row, read.rows(_DELIVERY_TRIES, (delivery_id,)))


def _read_delivery(row: Row, tries: list[Row]) -> Delivery:
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
