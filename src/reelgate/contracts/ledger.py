"""The books: what moves money beside jobs, and what can be read of it.

Each transaction has at least two entries that sum to zero, and none is ever changed. An account has two balances, *available* and
*held*; their sum is its funds. A hold and its release leave the funds as they are; a credit, a debit, a capture and a refund change
them, and these are the lines of a statement. The house's own side is "cash" (paid in), "promo" (given away), "adjustment" (taken
back by a debit) and "revenue" (captured, less refunded).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal, Protocol, TypeAlias

from reelgate.contracts.account import Balance
from reelgate.contracts.audit import Deed
from reelgate.domain.money import Money

Against: TypeAlias = Literal["cash", "promo"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """It is in the books under this number: `change` is what it changed the account's funds by, in micro-dollars. `replayed` if it was
    there before under the same reference."""

    txn: int
    account: str
    change: int
    balance: Balance
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class TooLittle:
    """There is less to take from (available, or what of the charge was not refunded yet); nothing was done."""

    there_is: Money


@dataclass(frozen=True, slots=True)
class Reused:
    """This reference stands for another movement; nothing was done."""

    txn: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What became of a job's money: `outcome` is "captured" or "released", "" as long as the hold stands."""

    job_id: str
    held: Money
    outcome: str
    charged: Money
    refunded: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A movement that changed an account's funds. `change` is in micro-dollars, below zero for what it cost.

    `kind` is "credit", "debit", "captured" or "refund". `words` is the arithmetic of the job's price and `book` whose price it was;
    `note` is the reason that an admin gave.
    """

    txn: int
    at: datetime
    kind: str
    change: int
    note: str = ""
    job_id: str | None = None
    endpoint: str = ""
    words: str = ""
    book: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """An account's lines of a period, in order; `opening` is its funds before the first, in micro-dollars."""

    opening: int
    lines: tuple[Line, ...]

    @property
    def closing(self) -> int:
        """Its funds after the last."""
        return self.opening + sum(line.change for line in self.lines)


class Dimension(StrEnum):
    """By what usage is grouped."""

    MODEL = "model"  # the endpoint
    KEY = "key"  # the key by which the job came
    ACCOUNT = "account"
    CHANNEL = "channel"  # who made the video
    DAY = "day"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What was charged and refunded for jobs of one group, in micro-dollars; `jobs` counts those whose charge was booked, at $0 too.

    Fields of dimensions that were not asked for are "". `quarter_at` is the quarter of an hour in which it was booked, None unless
    days are asked for: whoever knows the time zone makes days of them.
    """

    jobs: int
    captured: int
    refunded: int
    model: str = ""
    key: str = ""
    account: str = ""
    channel: str = ""
    quarter_at: datetime | None = None


class LedgerStore(Protocol):
    """What moves money beside jobs. A `reference` makes a movement repeatable: the same one again is `Posted(replayed=True)`."""

    async def credit(self, account: str, amount: Money, deed: Deed, *, against: Against = "cash", reference: str = "") -> Posted | Reused:
        """Add to an account's balance, for the deed's reason; `NotFound` if there is no such account."""
        ...

    async def debit(self, account: str, amount: Money, deed: Deed, *, reference: str = "") -> Posted | TooLittle | Reused:
        """Take from an account's balance what is available there; `NotFound` if there is no such account."""
        ...

    async def refund(self, job_id: str, amount: Money | None, deed: Deed, *, reference: str = "") -> Posted | TooLittle | Reused:
        """Give back of what was captured for a job, all that is left of it if no amount is said; `NotFound` if there is no such job.

        `TooLittle` also where nothing is left, or nothing was captured.
        """
        ...

    async def balance(self, account: str) -> Balance:
        """What the account has."""
        ...

    async def receipt(self, account: str, job_id: str) -> Receipt | None:
        """What became of the money of one of the account's jobs."""
        ...

    async def statement(self, account: str, since: datetime, until: datetime) -> Statement:
        """The account's lines from an instant to another, which is excluded."""
        ...

    async def usage(self, by: Sequence[Dimension], since: datetime, until: datetime, account: str | None = None) -> list[Tally]:
        """What was charged and refunded from an instant to another, which is excluded, in groups; of one account, or of all."""
        ...
