"""What has become of money: an account's statement, and usage in groups.

Both are read from the ledger alone, so that no two pages can tell two totals. A report names the time zone whose days it is of:
the account's, and the owner's where it is of all accounts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from reelgate.contracts.account import Account, Balance
from reelgate.contracts.ledger import Dimension, Line, Receipt, Tally
from reelgate.contracts.store import Store
from reelgate.domain.calendar import day_of
from reelgate.domain.clock import Clock
from reelgate.domain.errors import Fault, InvalidInput, NotFound
from reelgate.gateway.accounts import OWNER
from reelgate.gateway.exchange import Shown
from reelgate.gateway.period import Period, read_period
from reelgate.gateway.prices import PriceList

_ORDER = ("credit", "debit", "captured", "refund")
_MOST_DIMENSIONS = 2
_WHOLE = 1000  # shares are told in tenths of a per cent


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """A line of a statement, the funds after it, and its change in the account's currency by the rate of then."""

    line: Line
    balance: int
    shown: Shown | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Total:
    """The sum of the lines of one kind, in micro-dollars. `shown` is the sum of what these lines show; None where one shows nothing."""

    kind: str
    lines: int
    change: int
    shown: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountStatement:
    """An account's movements of a period in order, with its funds (available and held) before and after them in micro-dollars.

    `balance` is what it has at `at`, when this was read. `rates` are those by which amounts are shown in its currency.
    """

    account: Account
    period: Period
    opening: int
    movements: tuple[Movement, ...]
    totals: tuple[Total, ...]
    balance: Balance
    at: datetime
    rates: tuple[Shown, ...] = ()

    @property
    def closing(self) -> int:
        """Its funds after the last one."""
        return self.movements[-1].balance if self.movements else self.opening


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageRow:
    """What was charged and refunded for one group, in micro-dollars. `of` are its values of the dimensions, in their order; `share` is
    its part of all that was charged, in tenths of a per cent, None where nothing was."""

    of: tuple[str, ...]
    jobs: int
    captured: int
    refunded: int
    share: int | None = None

    @property
    def net(self) -> int:
        """What was charged, less what was refunded."""
        return self.captured - self.refunded


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What was charged and refunded in a period, of one account or (None) of all; every total is the sum of the rows.

    `names` tells the names of keys by their ids, where a dimension is the key.
    """

    by: tuple[Dimension, ...]
    period: Period
    account: str | None
    rows: tuple[UsageRow, ...]
    names: Mapping[str, str]

    @property
    def total(self) -> UsageRow:
        """All rows together."""
        return UsageRow(
            of=(),
            jobs=sum(row.jobs for row in self.rows),
            captured=sum(row.captured for row in self.rows),
            refunded=sum(row.refunded for row in self.rows),
        )


class Reports:
    """Reads the books for people."""

    def __init__(self, store: Store, prices: PriceList, clock: Clock) -> None:
        self._store, self._prices, self._clock = store, prices, clock

    async def period(self, account: str | None, *, month: str = "", first: str = "", last: str = "") -> Period:
        """Days of an account's time zone, or of the owner's; this month if none are named."""
        zone = (await self.account(account or OWNER)).time_zone
        return read_period(zone, date.fromisoformat(day_of(self._clock.now(), zone)), month=month, first=first, last=last)

    async def statement(self, account: str, period: Period) -> AccountStatement:
        """The account's statement of a period."""
        of = await self.account(account)
        found = await self._store.statement(account, period.since, period.until)
        await self._prices.refresh()
        movements: list[Movement] = []
        funds = found.opening
        for line in found.lines:
            funds += line.change
            movements.append(Movement(line=line, balance=funds, shown=self._prices.shown(line.change, of.currency, line.at)))
        return AccountStatement(
            account=of,
            period=period,
            opening=found.opening,
            movements=tuple(movements),
            totals=totals_of(movements),
            balance=await self._store.balance(account),
            at=self._clock.now(),
            rates=_rates_of(movements),
        )

    async def usage(self, by: Sequence[Dimension], period: Period, account: str | None = None) -> Usage:
        """What was charged and refunded, by up to two dimensions; without any in one row."""
        if len(by) > _MOST_DIMENSIONS or len(set(by)) < len(by):
            raise InvalidInput([Fault(path=("by",), message=f"one or two of {', '.join(Dimension)}")])
        tallies = await self._store.usage(by, period.since, period.until, account)
        keys = await self._store.keys(account) if Dimension.KEY in by else []
        rows = in_order(by, fold(by, tallies, period.zone))
        return Usage(by=tuple(by), period=period, account=account, rows=tuple(rows), names={key.id: key.name for key in keys})

    async def receipt(self, account: str, job_id: str) -> Receipt | None:
        """What became of the money of one of the account's jobs."""
        return await self._store.receipt(account, job_id)

    async def account(self, account: str) -> Account:
        """An account; `NotFound` if there is none."""
        found = await self._store.account(account)
        if found is None:
            message = f"there is no account named {account}"
            raise NotFound(message)
        return found


def totals_of(movements: Iterable[Movement]) -> tuple[Total, ...]:
    """The sum of each kind of movement that there is."""
    of_kind: dict[str, list[Movement]] = {}
    for each in movements:
        of_kind.setdefault(each.line.kind, []).append(each)
    return tuple(
        Total(kind=kind, lines=len(found), change=sum(each.line.change for each in found), shown=_shown_sum(found))
        for kind, found in sorted(of_kind.items(), key=lambda each: _ORDER.index(each[0]))
    )


def fold(by: Sequence[Dimension], tallies: Iterable[Tally], zone: str) -> list[UsageRow]:
    """One row for each group. Quarters of an hour become days: no zone of today begins its days within one."""
    sums: dict[tuple[str, ...], list[int]] = {}
    for tally in tallies:
        sums_of = sums.setdefault(tuple(_value(tally, each, zone) for each in by), [0, 0, 0])
        for place, more in enumerate((tally.jobs, tally.captured, tally.refunded)):
            sums_of[place] += more
    shares = parts_of_whole([captured for _, captured, _ in sums.values()])
    return [
        UsageRow(of=of, jobs=jobs, captured=captured, refunded=refunded, share=share)
        for (of, (jobs, captured, refunded)), share in zip(sums.items(), shares, strict=True)
    ]


def in_order(by: Sequence[Dimension], rows: Iterable[UsageRow]) -> list[UsageRow]:
    """Days in their order, other groups by what was charged for them, most first; of two dimensions the first one's groups stay
    together."""
    rows = list(rows)
    charged: dict[tuple[str, ...], int] = {}
    for row in rows:
        for length in range(1, len(by) + 1):
            charged[row.of[:length]] = charged.get(row.of[:length], 0) + row.captured

    def rank(row: UsageRow) -> tuple[tuple[int, str], ...]:
        return tuple((0 if each is Dimension.DAY else -charged[row.of[: at + 1]], row.of[at]) for at, each in enumerate(by))

    return sorted(rows, key=rank)


def parts_of_whole(amounts: Sequence[int]) -> list[int | None]:
    """Each amount's part of their sum in tenths of a per cent, so rounded that together they are the whole; None if the sum is 0."""
    whole = sum(amounts)
    if whole <= 0:
        return [None] * len(amounts)
    parts, rests = [amount * _WHOLE // whole for amount in amounts], [amount * _WHOLE % whole for amount in amounts]
    for place in sorted(range(len(amounts)), key=lambda each: (-rests[each], each))[: _WHOLE - sum(parts)]:
        parts[place] += 1
    return [*parts]


def _value(tally: Tally, dimension: Dimension, zone: str) -> str:
    match dimension:
        case Dimension.MODEL:
            return tally.model
        case Dimension.KEY:
            return tally.key
        case Dimension.ACCOUNT:
            return tally.account
        case Dimension.CHANNEL:
            return tally.channel
        case Dimension.DAY:
            return "" if tally.quarter_at is None else day_of(tally.quarter_at, zone)


def _shown_sum(movements: Sequence[Movement]) -> str | None:
    """The sum of what lines show, not the sum of the lines converted: whoever adds them up finds this."""
    amounts = [each.shown.amount for each in movements if each.shown is not None]
    if len(amounts) < len(movements):
        return None
    whole, _, places = f"{sum(map(Decimal, amounts)):f}".partition(".")
    return f"{whole}.{places.rstrip('0').ljust(2, '0')}"


def _rates_of(movements: Iterable[Movement]) -> tuple[Shown, ...]:
    """One example of each rate that was used, in the order of their beginning."""
    found = {(each.shown.per_dollar, each.shown.since): each.shown for each in movements if each.shown is not None}
    return tuple(sorted(found.values(), key=lambda each: each.since))
