"""What an endpoint costs whom, from when: the catalog's prices, and those that admins set over them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from reelgate.contracts.account import LIST
from reelgate.contracts.endpoint import Catalog, Endpoint
from reelgate.contracts.price import DatedPrice, ExchangeRate, Side
from reelgate.contracts.store import Store
from reelgate.domain.clock import Clock
from reelgate.domain.job import Job
from reelgate.domain.media import VideoInput
from reelgate.domain.money import Money
from reelgate.domain.pricing import Price, Quote
from reelgate.gateway.exchange import Shown, convert, rate_at

_TRUST_S = 1.0  # a price that another process sets counts here within this time
_STALE = timedelta(days=60)
_QUOTES_KEPT = 1000


@dataclass(frozen=True, slots=True)
class Priced:
    """A price with whose it is: the book, and from when it counts, None for one of the catalog. `entered` tells how it was entered."""

    price: Price
    book: str
    since: datetime | None
    entered: str = ""
    _told: dict[tuple[int, int], Quote] = field(default_factory=dict[tuple[int, int], Quote], compare=False, repr=False)

    def quote(self, wanted: VideoInput) -> Quote:
        """What this input costs, with where that is written. There are few quotes of a price, and they are asked for with every submit:
        they are kept."""
        rate = self.price.rate_of(wanted)
        told = self._told.get((id(rate), wanted.seconds))
        if told is None:
            told = replace(self.price.quote_at(rate, wanted.seconds), book=self.book, since=self.since)
            if len(self._told) < _QUOTES_KEPT:
                self._told[id(rate), wanted.seconds] = told
        return told


@dataclass(frozen=True, slots=True, kw_only=True)
class Stale:
    """Prices that nobody has looked at for long: how many, and the date of the oldest."""

    endpoints: tuple[str, ...]
    oldest: date


class PriceList:
    """Looks prices up. What was set is read once and again when its version has grown."""

    def __init__(self, store: Store, catalog: Catalog, clock: Clock) -> None:
        self._store, self._catalog, self._clock = store, catalog, clock
        self._set: dict[tuple[Side, str], dict[str, list[DatedPrice]]] = {}
        self._rates: list[ExchangeRate] = []
        self._version, self._until_s = -1, 0.0
        self._listed = {endpoint.id: Priced(endpoint.price, LIST, None) for endpoint in catalog if endpoint.price is not None}

    async def refresh(self, *, now: bool = False) -> None:
        """Read what was set since; asked before every look, it costs nothing for a second. `now`: look at once."""
        now_s = self._clock.monotonic_s()
        if now_s < self._until_s and not now:
            return
        version = await self._store.price_version()
        if version != self._version:
            self._set = _by_holder(await self._store.prices())
            self._rates = await self._store.exchange_rates()
            self._version = version
        self._until_s = now_s + _TRUST_S

    def sale(self, book: str, endpoint: Endpoint, at: datetime | None = None) -> Priced | None:
        """What an endpoint costs an account of this book; None if it has no price."""
        if not self._set:
            listed = self._listed.get(endpoint.id)
            if listed is not None and listed.price is endpoint.price:
                return listed
        return self.sale_of(book, endpoint.id, at, endpoint.price)

    def sale_of(self, book: str, endpoint_id: str, at: datetime | None = None, listed: Price | None = None) -> Priced | None:
        """The same for any id, with the price that the catalog has for it."""
        if self._set:
            at = at or self._clock.now()
            for holder in (book, LIST) if book != LIST else (LIST,):
                found = self._find("sale", holder, endpoint_id, at)
                if found is not None and found.price is not None:
                    return Priced(found.price, holder, found.since, found.entered)
        return None if listed is None else Priced(listed, LIST, None)

    def cost(self, channel: str, endpoint_id: str, at: datetime | None = None) -> Priced | None:
        """What a channel charges the house for an endpoint, as the operator has set it."""
        found = self._find("cost", channel, endpoint_id, at or self._clock.now())
        return None if found is None or found.price is None else Priced(found.price, channel, found.since, found.entered)

    def cost_of(self, channel_id: str, endpoint: Endpoint, job: Job) -> Money:
        """What a job is expected to cost the house at a channel: by the cost price that was set there, else by the vendor's list price,
        which the catalog has, else as much as the caller pays."""
        priced = self.cost(channel_id, endpoint.id)
        price = endpoint.price if priced is None else priced.price
        return job.quote.amount if price is None else price.quote(job.input).amount

    def history(self, side: Side, holder: str, endpoint_id: str) -> list[DatedPrice]:
        """Everything that was set for one endpoint by its exact id or pattern, in the order in which it was."""
        return list(self._set.get((side, holder), {}).get(endpoint_id, ()))

    def holders(self, side: Side) -> list[str]:
        """Books, or channels, for which a price was ever set."""
        return sorted(holder for each, holder in self._set if each == side)

    def patterns(self, side: Side, holder: str) -> list[str]:
        """Ids with a `*` at the end, for which a price was ever set."""
        return sorted(each for each in self._set.get((side, holder), {}) if each.endswith("*"))

    def stale(self, at: datetime | None = None) -> Stale | None:
        """Prices of the book "list" that are older than 60 days; free ones do not age."""
        at = at or self._clock.now()
        before = (at - _STALE).date()
        old: dict[str, date] = {}
        for endpoint in self._catalog:
            priced = self.sale(LIST, endpoint, at)
            if priced is not None and priced.price.describe() != "free" and priced.price.source.as_of < before:
                old[endpoint.id] = priced.price.source.as_of
        return Stale(endpoints=tuple(old), oldest=min(old.values())) if old else None

    def shown(self, micros: int, currency: str, at: datetime | None = None) -> Shown | None:
        """Micro-dollars in another currency; None for dollars, and where no rate was set for then."""
        if currency == "USD":
            return None
        rate = rate_at(self._rates, currency, at or self._clock.now())
        return None if rate is None else convert(micros, rate)

    def _find(self, side: Side, holder: str, endpoint_id: str, at: datetime) -> DatedPrice | None:
        """What counts there then: by its exact id, else by the longest pattern that fits."""
        of_holder = self._set.get((side, holder))
        if of_holder is None:
            return None
        for each in (endpoint_id, *_patterns_for(endpoint_id, of_holder)):
            found = _newest(of_holder.get(each, ()), at)
            if found is not None and found.price is not None:
                return found
        return None


def _by_holder(prices: Iterable[DatedPrice]) -> dict[tuple[Side, str], dict[str, list[DatedPrice]]]:
    found: dict[tuple[Side, str], dict[str, list[DatedPrice]]] = {}
    for each in prices:
        found.setdefault((each.side, each.holder), {}).setdefault(each.endpoint, []).append(each)
    return found


def _newest(prices: Sequence[DatedPrice], at: datetime) -> DatedPrice | None:
    newest: DatedPrice | None = None
    for each in prices:  # in the order in which they were set: of two for one instant the later one counts
        if each.since <= at and (newest is None or each.since >= newest.since):
            newest = each
    return newest


def _patterns_for(endpoint_id: str, ids: Iterable[str]) -> Iterator[str]:
    fitting = [each for each in ids if each.endswith("*") and endpoint_id.startswith(each[:-1])]
    yield from sorted(fitting, key=len, reverse=True)
