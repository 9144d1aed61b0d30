"""Prices that an operator set, with the dates from which they count. A price is never changed: a later one follows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol, TypeAlias

from reelgate.contracts.audit import Deed
from reelgate.domain.pricing import Price

Side: TypeAlias = Literal["sale", "cost"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DatedPrice:
    """From `since` on `endpoint` costs this in a price book (side "sale"), or at a channel (side "cost"); `holder` is the id of either.

    `price` None ends what was set before, so that the endpoint costs again what it would without. `entered` tells how it was entered
    if not as an amount ("× 1.2, rounded up to $0.001"). Of two for the same instant the one that was set later counts.
    """

    number: int = 0  # given by the store, in the order in which they were set
    side: Side
    holder: str
    endpoint: str
    since: datetime
    price: Price | None
    entered: str = ""
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceBook:
    """Prices for the accounts that belong to it. Where it has none for an endpoint, that of the book "list" counts."""

    id: str
    note: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ExchangeRate:
    """How many units of a currency a dollar was from `since` on: a decimal text such as "7.12". For showing amounts only."""

    currency: str
    per_dollar: str
    since: datetime


class PriceStore(Protocol):
    """What a store keeps of prices. The book "list" is always there."""

    async def set_prices(self, prices: Sequence[DatedPrice], deed: Deed) -> None:
        """Keep prices, all or none; `NotFound` if a book is not there."""
        ...

    async def prices(self) -> list[DatedPrice]:
        """Every price that was ever set, in the order in which they were."""
        ...

    async def add_book(self, book: PriceBook, deed: Deed) -> bool:
        """False if there is one of this id."""
        ...

    async def books(self) -> list[PriceBook]:
        """All price books, oldest first."""
        ...

    async def set_exchange_rate(self, rate: ExchangeRate, deed: Deed) -> None:
        """Keep a rate."""
        ...

    async def exchange_rates(self) -> list[ExchangeRate]:
        """Every rate that was ever set, in the order in which they were."""
        ...

    async def price_version(self) -> int:
        """Grows whenever a price or a rate is set; asked with every submit."""
        ...
