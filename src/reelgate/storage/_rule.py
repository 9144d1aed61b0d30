"""Small rules that every store follows, whatever it keeps its rows in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from datetime import datetime
from typing import TypeVar

from reelgate.contracts.account import LIST, Account, Key
from reelgate.contracts.attempt import Cost
from reelgate.contracts.audit import Deed
from reelgate.contracts.file import BlobRow, Upload
from reelgate.contracts.outbox import Delivery, DeliveryTry
from reelgate.contracts.price import DatedPrice, ExchangeRate, PriceBook
from reelgate.contracts.store import Spent
from reelgate.domain.calendar import is_zone
from reelgate.domain.clock import from_ms, in_ms
from reelgate.domain.errors import LeaseLost
from reelgate.domain.identity import unguessable
from reelgate.domain.job import NEXT, TERMINAL, AttemptState, Event, Failure, Job, JobState, Lease, Notify
from reelgate.domain.money import Money

Record = TypeVar("Record", Job, BlobRow, Account, Key, Upload, Delivery, DeliveryTry, Deed, DatedPrice, PriceBook, ExchangeRate)

NOT_STARTED = Failure(code="start_timeout", message="The job did not start in time.")

CLOSED_ATTEMPT = frozenset({AttemptState.DONE, AttemptState.FAILED, AttemptState.ABANDONED})

# States of an attempt in which it has the job of an upstream.
HAS_TICKET = frozenset({AttemptState.ACCEPTED, AttemptState.DONE})

# What becomes of the open attempt of a job that ends, and of its hold.
ATTEMPT_OF_END = {
    JobState.DONE: AttemptState.DONE,
    JobState.FAILED: AttemptState.FAILED,
    JobState.CANCELLED: AttemptState.ABANDONED,
    JobState.UNKNOWN: AttemptState.ABANDONED,
}
OUTCOME_OF_END = {
    JobState.DONE: "captured",
    JobState.FAILED: "released",
    JobState.CANCELLED: "released",
    JobState.UNKNOWN: "released",
}

# Which state may follow which in a job's story; "" stands before the first.
ARROWS = (("", JobState.QUEUED), *((before, after) for before, every in NEXT.items() for after in sorted(every)))

TAKEN_OVER = "the lease ran out"
CAME_LATE = "a video came after the job had ended; it is kept and costs nothing"
RULED_OUT = "the upstream says that no video will come of it after all"
OF_ONE_ATTEMPT = "a token is of one attempt"
NOT_QUEUED_AGAIN = "what may have been bought is not queued again"

FIRST_BOOK = PriceBook(id=LIST, note="The catalog's prices, and what was set in their place.", created_at=from_ms(0))

_LARGEST = 1 << 62  # no account has as much: sums of two amounts stay whole numbers of 64 bits

NO_ACCOUNT = "There is no such account."
NO_JOB = "There is no such job."
NO_BOOK = "There is no such price book."
NO_UPLOAD = "There is no such upload."


def lost(lease: Lease) -> LeaseLost:
    """The refusal of a write under a stale token."""
    return LeaseLost(f"token {lease.token} of job {lease.job.id} is no longer the newest, or the job is over")


def owed(job: Job, told: JobState, at: datetime) -> Delivery | None:
    """What the job's callback is to be told of this change; None if it does not want to hear of it."""
    if job.callback is None or (told not in TERMINAL and job.terms.notify is not Notify.CHANGES):
        return None
    return Delivery(
        id=unguessable(), account=job.account, job_id=job.id, face=job.face, url=job.callback, told=told, changed_at=at, next_at=at
    )


def note_of(failure: Failure | None, said: str) -> str:
    """How the attempt of a job that ended is told of: in our word for it, and in the vendor's."""
    code = "" if failure is None else failure.code
    return f"{code}: {said}" if said else code


def check_notes(lease: Lease, events: Sequence[Event]) -> None:
    """Refuse events that are not this job's, and states: those are written by the store alone."""
    for event in events:
        if event.job_id != lease.job.id or event.kind == "state":
            raise ValueError("a note is a log or progress line of the leased job")


def check_closing(state: AttemptState) -> None:
    """Refuse to close an attempt in a state that is still open."""
    if state not in CLOSED_ATTEMPT:
        raise ValueError(f"an attempt does not end as {state}")


def to_the_ms(record: Record) -> Record:
    """The same record with its instants as a store keeps them."""
    rounded = {
        each.name: whole_ms(value)
        for each in fields(record)
        if isinstance(value := getattr(record, each.name), datetime) and value.microsecond % 1000
    }
    return replace(record, **rounded) if rounded else record


def whole_ms(instant: datetime) -> datetime:
    """An instant as a store keeps it."""
    return from_ms(in_ms(instant))


def check_time_zone(name: str) -> None:
    """Refuse a name that no submit could find the day by."""
    if not is_zone(name):
        raise ValueError(f"there is no time zone {name!r}: it is an IANA name, such as Asia/Shanghai")


def check_funds(funds_micros: int, more: Money) -> None:
    """Refuse to give an account more than can be counted."""
    if funds_micros + more.micros >= _LARGEST:
        raise ValueError("an account cannot have so much: give it less")


def check_charge(charged_micros: int, held_micros: int) -> None:
    """Refuse to charge more than is held."""
    if charged_micros > held_micros:
        raise ValueError("a charge is at most what is held for the job")


def check_ticket(ticket: Mapping[str, str]) -> str:
    """The upstream's id in a ticket; refuse one without."""
    upstream_id = ticket.get("id")
    if not upstream_id:
        raise ValueError('a ticket has an "id"')
    return upstream_id


def legs_of_cost(cost: Cost | None) -> tuple[tuple[str, int], ...]:
    """What a cost moves between the house's own accounts; nothing if it is none at all. Expenses are below zero."""
    if cost is None:
        return ()
    expected = cost.expected.micros
    variance = 0 if cost.told is None else cost.told.micros - expected
    if expected == 0 and variance == 0:
        return ()
    legs = (("provider_cost", -expected), ("payable", expected + variance))
    return (*legs, ("variance", -variance)) if variance else legs


def legs_of_late_cost(cost: Cost | None, possible_micros: int) -> tuple[tuple[str, int], ...]:
    """The same where part of it was booked as possible before."""
    if cost is None:
        return (("possible_cost", possible_micros), ("payable", -possible_micros))
    expected = cost.expected.micros
    variance = 0 if cost.told is None else cost.told.micros - expected
    legs = (("possible_cost", possible_micros), ("provider_cost", -expected), ("payable", expected + variance - possible_micros))
    return (*legs, ("variance", -variance)) if variance else legs


def over_limit(whose: str, limit_micros: int | None, spent_micros: int, more: Money, *, daily: bool) -> Spent | None:
    """The refusal of what would pass a limit on spending, if there is one."""
    if limit_micros is None or spent_micros + more.micros <= limit_micros:
        return None
    return Spent(whose, daily, Money(limit_micros), Money(spent_micros))


def is_repeated(amount: Money | None, done_micros: int, left_micros: int) -> bool:
    """Whether a movement that is asked for once more is one of that much; to give back all is to give back what was left then."""
    return (left_micros if amount is None else amount.micros) == done_micros
