"""What admins do with prices: set them, end them, enter a whole book by a factor, confirm that they still hold."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from reelgate.contracts.account import LIST
from reelgate.contracts.audit import Deed
from reelgate.contracts.endpoint import Catalog, Endpoint
from reelgate.contracts.price import DatedPrice, ExchangeRate, PriceBook, Side
from reelgate.contracts.store import Store
from reelgate.domain.clock import Clock
from reelgate.domain.errors import Conflict, Fault, InvalidInput, NotFound
from reelgate.domain.pricing import Price, Source, dump_price, read_factor, read_price
from reelgate.gateway.exchange import CURRENCIES
from reelgate.gateway.prices import Priced, PriceList

_BOOK = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")
_PATTERN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,200}\*?")
_PER_DOLLAR = re.compile(r"[0-9]{1,6}(\.[0-9]{1,6})?")
_OURS = "set by the operator"
_NOTE_MAX = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceRow:
    """One endpoint of a price book as it counts at an instant: its price and, if another book's is what counts, whose that is; and what
    channels charge for it, by their ids."""

    endpoint: str
    title: str
    sale: Priced | None
    costs: dict[str, Priced]
    next: DatedPrice | None  # the next one that was set to begin later


class Tariff:
    """Changes prices. Nothing is ever overwritten: what was set stays readable, with who set it in the audit log."""

    def __init__(self, store: Store, catalog: Catalog, prices: PriceList, clock: Clock) -> None:
        self._store, self._catalog, self._prices, self._clock = store, catalog, prices, clock

    async def set(
        self,
        endpoint: str,
        unit: str,
        amount: str,
        special: Sequence[tuple[str, str]],
        *,
        actor: str,
        book: str = LIST,
        channel: str = "",
        since: datetime | None = None,
        reason: str = "",
    ) -> DatedPrice:
        """From `since` on (None: now) an endpoint, or every one that a pattern fits, costs this in a book, or at a channel if one is
        named. `special` are amounts under conditions, asked in their order, as texts: ("sound=true", "0.14")."""
        now = self._clock.now()
        try:
            price = read_price(unit, amount, special, Source(text=_OURS, as_of=now.date()))
        except ValueError as error:
            raise InvalidInput([Fault(path=("amount",), message=str(error))]) from None
        self._check_endpoint(endpoint)
        side, holder = place = await self._holder(book, channel)
        dated = _dated(place, endpoint, price, _begins(since, now), now=now)
        told = {"side": side, "holder": holder, "since": dated.since, "price": price}
        await self._keep([dated], _deed((actor, reason), "price.set", endpoint, now, **told))
        return dated

    async def end(
        self, endpoint: str, *, actor: str, book: str = LIST, channel: str = "", since: datetime | None = None, reason: str = ""
    ) -> DatedPrice:
        """From `since` on an endpoint costs again what it would without what was set for it there."""
        now = self._clock.now()
        side, holder = place = await self._holder(book, channel)
        if not self._prices.history(side, holder, endpoint):
            message = f"no price was set for {endpoint} in {holder}"
            raise NotFound(message)
        dated = _dated(place, endpoint, None, _begins(since, now), now=now)
        await self._keep([dated], _deed((actor, reason), "price.end", endpoint, now, side=side, holder=holder, since=dated.since))
        return dated

    async def create_book(self, name: str, note: str, *, actor: str) -> PriceBook:
        """A new price book, without prices of its own."""
        if not _BOOK.fullmatch(name):
            raise InvalidInput([Fault(path=("name",), message="1 to 63 of a-z, 0-9, '.', '_' and '-', beginning with a letter or digit")])
        if len(note) > _NOTE_MAX or not note.isprintable():
            raise InvalidInput([Fault(path=("note",), message=f"at most {_NOTE_MAX} printable characters")])
        book = PriceBook(id=name, note=note, created_at=self._clock.now())
        deed = Deed(actor=actor, action="book.create", subject=name, at=book.created_at, detail={"note": note})
        if not await self._store.add_book(book, deed):
            message = f"there is a price book named {name} already"
            raise Conflict(message)
        return book

    async def enter(
        self,
        book: str,
        times: str,
        rounding: str,
        *,
        actor: str,
        endpoints: Sequence[str] = (),
        since: datetime | None = None,
        reason: str = "",
    ) -> list[DatedPrice]:
        """Write amounts into a book: those of "list" at `since` times a factor, rounded by a rule ("up:0.001"); of these endpoints, or of
        all that have a price and are not free."""
        now = self._clock.now()
        try:
            factor = read_factor(times, rounding)
        except ValueError as error:
            raise InvalidInput([Fault(path=("factor",), message=str(error))]) from None
        place = await self._holder(book, "")
        if book == LIST:
            raise InvalidInput([Fault(path=("book",), message='prices are entered by a factor of "list" into another book')])
        begins = _begins(since, now)
        rows = [
            _dated(place, name, priced.price.scaled(factor), begins, now=now, entered=f"list {factor.words}")
            for name, priced in self._listed(endpoints, begins)
        ]
        if not rows:
            raise InvalidInput([Fault(path=("endpoints",), message='none of them has a price in "list"')])
        await self._keep(rows, _deed((actor, reason), "book.enter", book, now, factor=factor.words, since=begins, endpoints=len(rows)))
        return rows

    async def confirm(self, endpoints: Sequence[str] = (), *, actor: str, reason: str = "") -> list[DatedPrice]:
        """Say that prices of "list" still hold: they are written anew with today's date. Of these endpoints, or of all that are older
        than 60 days."""
        now = self._clock.now()
        await self._prices.refresh(now=True)
        stale = self._prices.stale(now)
        chosen = list(endpoints) or list(stale.endpoints if stale is not None else ())
        rows = [
            _dated(("sale", LIST), name, _as_of(priced.price, now), now, now=now, entered="confirmed")
            for name, priced in (self._listed(chosen, now) if chosen else ())
        ]
        if rows:
            await self._keep(rows, _deed((actor, reason or "confirmed"), "price.set", LIST, now, endpoints=[row.endpoint for row in rows]))
        return rows

    async def confirm_costs(self, channel: str, endpoints: Sequence[Endpoint], *, actor: str) -> list[DatedPrice]:
        """Say that a channel charges the vendor's list price for these: each of them that has one and no cost there yet."""
        now = self._clock.now()
        place = await self._holder(LIST, channel)
        rows = [
            _dated(place, each.id, _as_of(each.price, now), now, now=now, entered="the vendor's list price, confirmed")
            for each in endpoints
            if each.price is not None and self._prices.cost(channel, each.id) is None
        ]
        if rows:
            named = [row.endpoint for row in rows]
            await self._keep(rows, _deed((actor, "costs confirmed"), "price.set", channel, now, side="cost", endpoints=named))
        return rows

    async def set_rate(
        self, currency: str, per_dollar: str, *, actor: str, since: datetime | None = None, reason: str = ""
    ) -> ExchangeRate:
        """From `since` on a dollar is shown as so many units of a currency."""
        now = self._clock.now()
        if currency not in CURRENCIES or currency == "USD":
            raise InvalidInput([Fault(path=("currency",), message="CNY", kind="one_of")])
        if not _PER_DOLLAR.fullmatch(per_dollar) or not per_dollar.strip("0."):
            raise InvalidInput([Fault(path=("per_dollar",), message="a number above 0 with at most six places, like 7.12")])
        rate = ExchangeRate(currency=currency, per_dollar=per_dollar, since=_begins(since, now))
        deed = _deed((actor, reason), "rate.set", currency, now, per_dollar=per_dollar, since=rate.since)
        await self._store.set_exchange_rate(rate, deed)
        await self._prices.refresh(now=True)
        return rate

    async def table(self, book: str = LIST, at: datetime | None = None) -> list[PriceRow]:
        """Every endpoint, and every pattern that has a price, as it counts in a book."""
        await self._prices.refresh(now=True)
        at = at or self._clock.now()
        known = {endpoint.id: endpoint for endpoint in self._catalog}
        ids = [*known, *sorted({each for holder in {book, LIST} for each in self._prices.patterns("sale", holder)})]
        channels = self._prices.holders("cost")
        rows: list[PriceRow] = []
        for name in ids:
            endpoint = known.get(name)
            costs = {channel: cost for channel in channels if (cost := self._prices.cost(channel, name, at)) is not None}
            coming = [each for holder in (book, LIST) for each in self._prices.history("sale", holder, name) if each.since > at]
            rows.append(
                PriceRow(
                    endpoint=name,
                    title=endpoint.title if endpoint is not None else "",
                    sale=self._prices.sale_of(book, name, at, endpoint.price if endpoint is not None else None),
                    costs=costs,
                    next=min(coming, key=lambda each: each.since, default=None),
                )
            )
        return rows

    async def _keep(self, rows: Sequence[DatedPrice], deed: Deed) -> None:
        await self._store.set_prices(rows, deed)
        await self._prices.refresh(now=True)

    def _listed(self, endpoints: Sequence[str], at: datetime) -> list[tuple[str, Priced]]:
        """Endpoints with the price that "list" has for them."""
        found: list[tuple[str, Priced]] = []
        for name in endpoints or [endpoint.id for endpoint in self._catalog]:
            endpoint = self._catalog.find(name)
            if endpoint is None:
                message = f"there is no model {name}"
                raise NotFound(message)
            priced = self._prices.sale(LIST, endpoint, at)
            if priced is not None and (endpoints or priced.price.describe() != "free"):
                found.append((name, priced))
        return found

    def _check_endpoint(self, endpoint: str) -> None:
        if not _PATTERN.fullmatch(endpoint):
            raise InvalidInput([Fault(path=("endpoint",), message="the id of a model, or the beginning of some with a * at the end")])
        if not endpoint.endswith("*") and self._catalog.find(endpoint) is None:
            message = f"there is no model {endpoint}; a * at the end sets a price for models that are not in the catalog"
            raise NotFound(message)

    async def _holder(self, book: str, channel: str) -> tuple[Side, str]:
        await self._prices.refresh(now=True)
        if channel:
            return "cost", channel
        if book not in {each.id for each in await self._store.books()}:
            message = f"there is no price book named {book}"
            raise NotFound(message)
        return "sale", book


def _dated(
    place: tuple[Side, str], endpoint: str, price: Price | None, begins_at: datetime, *, now: datetime, entered: str = ""
) -> DatedPrice:
    side, holder = place
    return DatedPrice(side=side, holder=holder, endpoint=endpoint, since=begins_at, price=price, entered=entered, created_at=now)


def _begins(since: datetime | None, now: datetime) -> datetime:
    # What was quoted yesterday was quoted by yesterday's prices: a price that began in the past would belie it.
    if since is not None and since < now:
        raise InvalidInput([Fault(path=("since",), message="a price begins now or later, never in the past")])
    return since or now


def _deed(who: tuple[str, str], action: str, subject: str, now: datetime, **detail: Any) -> Deed:
    """What an admin does, given with the reason."""
    actor, reason = who
    told = {name: _plain(each) for name, each in detail.items()}
    return Deed(actor=actor, action=action, subject=subject, at=now, reason=reason, detail=told)


def _as_of(price: Price, now: datetime) -> Price:
    return replace(price, source=Source(text=price.source.text, as_of=now.date()))


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat(timespec="milliseconds")
    return dump_price(value) if isinstance(value, Price) else value
