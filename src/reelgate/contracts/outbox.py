"""Webhooks that are owed: a delivery is written in the transaction that moves its job, and stays until the receiver has it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from reelgate.domain.job import JobState

TRIES_KEPT = 100


class DeliveryState(StrEnum):
    """Where a delivery stands."""

    PENDING = "pending"  # to be tried at `next_at`
    DELIVERED = "delivered"  # the receiver answered 2xx
    FAILED = "failed"  # given up; it can be replayed


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryTry:
    """One try to deliver: the receiver's status, None if there was no answer, and a word on what went wrong, "" if nothing."""

    number: int
    at: datetime
    status: int | None
    note: str
    took_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One webhook to be sent: that a job became `told` at `changed_at`. It is written in the transaction that made it so.

    `id` is what the receiver may know a repetition by. `step` counts tries since it was written or last replayed; `tries` are the
    newest hundred of all, oldest first, numbered from 1 by the store. `token` fences a sender that was taken for dead.
    """

    id: str
    account: str
    job_id: str
    face: str
    url: str
    told: JobState
    changed_at: datetime
    state: DeliveryState = DeliveryState.PENDING
    step: int = 0
    token: int = 0
    next_at: datetime | None = None
    tries: tuple[DeliveryTry, ...] = ()


class OutboxStore(Protocol):
    """What a store does with deliveries."""

    async def due(self, *, now: datetime, until: datetime, limit: int, per_account: int, without: Collection[str] = ()) -> list[Delivery]:
        """Take pending deliveries whose time has come; until `until` nobody else is given them. They come without their tries.

        Accounts take turns: the oldest of each, then the second oldest of each, at most `per_account` of one, and none of the accounts
        that are named in `without`. What it costs depends on how many accounts are owed something, never on how much is owed to one.
        A delivery waits until every older one of its job has been tried once, so that a receiver hears of changes in their order.
        """
        ...

    async def delivered(self, delivery: Delivery, tried: DeliveryTry) -> bool:
        """The receiver has it. False, and nothing was written, if the delivery was given to somebody else since."""
        ...

    async def delivery_failed(self, delivery: Delivery, tried: DeliveryTry, next_at: datetime | None) -> bool:
        """The receiver does not have it: to be tried again then, or given up if that is None. False as above."""
        ...

    async def deliveries(self, account: str, job_id: str = "", limit: int = 50, *, test_only: bool = False) -> list[Delivery]:
        """The account's deliveries with their tries, newest first; of one job, or of all; `test_only` leaves out those of live jobs."""
        ...

    async def replay(self, account: str, delivery_id: str, at: datetime, *, test_only: bool = False) -> Delivery | None:
        """Send it once more from then on, whether it was delivered or given up, by the whole schedule; None if there is none."""
        ...

    async def sweep_deliveries(self, before: datetime, limit: int) -> int:
        """Remove those of changes before then that are delivered or given up, with their tries; how many went.

        A job whose end was told by one of them forgets its callback: nobody is owed word of it any more.
        """
        ...
