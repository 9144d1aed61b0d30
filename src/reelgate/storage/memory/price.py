"""Prices, the books they stand in, and rates of exchange."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from reelgate.contracts.audit import Deed
from reelgate.contracts.price import DatedPrice, ExchangeRate, PriceBook
from reelgate.domain.errors import NotFound
from reelgate.storage._rule import NO_BOOK, to_the_ms
from reelgate.storage.memory.audit import Deeds


class Prices(Deeds):
    """Verbs for prices."""

    async def set_prices(self, prices: Sequence[DatedPrice], deed: Deed) -> None:
        self._check_open()
        for each in prices:
            if each.side == "sale":
                self._check_book(each.holder)
        line = self._next_line(deed)
        for each in prices:
            self.shelf.prices.append(replace(to_the_ms(each), number=len(self.shelf.prices) + 1))
        if prices:
            self.shelf.audit.append(line)

    async def prices(self) -> list[DatedPrice]:
        return list(self.shelf.prices)

    async def add_book(self, book: PriceBook, deed: Deed) -> bool:
        self._check_open()
        if book.id in self.shelf.books:
            return False
        line = self._next_line(deed)
        self.shelf.books[book.id] = to_the_ms(book)
        self.shelf.audit.append(line)
        return True

    async def books(self) -> list[PriceBook]:
        return sorted(self.shelf.books.values(), key=lambda book: (book.created_at, book.id))

    async def set_exchange_rate(self, rate: ExchangeRate, deed: Deed) -> None:
        self._check_open()
        line = self._next_line(deed)
        self.shelf.rates.append(to_the_ms(rate))
        self.shelf.audit.append(line)

    async def exchange_rates(self) -> list[ExchangeRate]:
        return list(self.shelf.rates)

    async def price_version(self) -> int:
        return len(self.shelf.prices) + len(self.shelf.rates)

    def _check_book(self, book: str) -> None:
        if book not in self.shelf.books:
            raise NotFound(NO_BOOK)
