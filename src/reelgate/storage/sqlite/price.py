"""Prices, the books they stand in, and rates of exchange."""

from __future__ import annotations

from collections.abc import Sequence

import orjson

from reelgate.contracts.audit import Deed
from reelgate.contracts.price import DatedPrice, ExchangeRate, PriceBook
from reelgate.domain.clock import from_ms, in_ms
from reelgate.domain.errors import NotFound
from reelgate.domain.pricing import dump_price, load_price
from reelgate.storage._rule import NO_BOOK
from reelgate.storage.sqlite.audit import write_deed
from reelgate.storage.sqlite.connection import Row, Transaction, Value
from reelgate.storage.sqlite.query import QUERIES
from reelgate.storage.sqlite.room import Room
from reelgate.storage.sqlite.rows import dump

_BOOK = QUERIES["book"]
_INSERT_PRICE = QUERIES["insert_price"]
_PRICE_VERSION = QUERIES["price_version"]


def check_book(write: Transaction, book: str) -> None:
    """Refuse what belongs to a price book that is not there."""
    if write.row(_BOOK, (book,)) is None:
        raise NotFound(NO_BOOK)


class Prices(Room):
    """Verbs for prices."""

    async def set_prices(self, prices: Sequence[DatedPrice], deed: Deed) -> None:
        rows = [_write_price(each) for each in prices]
        books = sorted({each.holder for each in prices if each.side == "sale"})

        def unit(write: Transaction) -> None:
            for book in books:
                check_book(write, book)
            for row in rows:
                write.run(_INSERT_PRICE, row)
            if rows:
                write_deed(write, deed)

        await self.writer.run(unit)

    async def prices(self) -> list[DatedPrice]:
        return await self._report(lambda read: [_read_price(row) for row in read.rows(QUERIES["prices"])])

    async def add_book(self, book: PriceBook, deed: Deed) -> bool:
        def unit(write: Transaction) -> bool:
            if write.run(QUERIES["insert_book"], (book.id, book.note, in_ms(book.created_at))) == 0:
                return False
            write_deed(write, deed)
            return True

        return await self.writer.run(unit)

    async def books(self) -> list[PriceBook]:
        rows = await self._report(lambda read: read.rows(QUERIES["books"]))
        return [PriceBook(id=book, note=note, created_at=from_ms(created_at)) for book, note, created_at in rows]

    async def set_exchange_rate(self, rate: ExchangeRate, deed: Deed) -> None:
        def unit(write: Transaction) -> None:
            write.run(QUERIES["insert_exchange_rate"], (rate.currency, rate.per_dollar, in_ms(rate.since)))
            write_deed(write, deed)

        await self.writer.run(unit)

    async def exchange_rates(self) -> list[ExchangeRate]:
        rows = await self._report(lambda read: read.rows(QUERIES["exchange_rates"]))
        return [ExchangeRate(currency=currency, per_dollar=per_dollar, since=from_ms(since)) for currency, per_dollar, since in rows]

    async def price_version(self) -> int:
        ((version,),) = self._near.rows(_PRICE_VERSION)
        return version


def _write_price(price: DatedPrice) -> tuple[Value, ...]:
    written = dump(dump_price(price.price)) if price.price is not None else None
    return price.side, price.holder, price.endpoint, in_ms(price.since), written, price.entered, in_ms(price.created_at)


def _read_price(row: Row) -> DatedPrice:
    number, side, holder, endpoint, since, price, entered, created_at = row
    return DatedPrice(
        number=number,
        side=side,
        holder=holder,
        endpoint=endpoint,
        since=from_ms(since),
        price=load_price(orjson.loads(price)) if price is not None else None,
        entered=entered,
        created_at=from_ms(created_at),
    )
