"""Every store's prices: nothing that was ever set is changed, and who asks for them hears that there are new ones."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from reelgate.contracts.account import LIST
from reelgate.contracts.price import DatedPrice, ExchangeRate, PriceBook, Side
from reelgate.contracts.store import Store
from reelgate.domain.errors import NotFound
from reelgate.domain.pricing import Price, Quote, Source, read_price
from tests.story import PRICE, accepted, deed, later, make_job, take

FRIENDS = PriceBook(id="friends", note="less for friends", created_at=later(5))
SPECIAL = [("sound=true, resolution=4k", "0.42"), ("seconds>=10", "0.06")]


async def test_the_list_is_always_there(store: Store) -> None:
    (book,) = await store.books()
    assert book.id == LIST
    assert not await store.add_book(replace(FRIENDS, id=LIST), deed())
    assert await store.books() == [book]


async def test_a_book_is_made_once(store: Store) -> None:
    assert await store.add_book(FRIENDS, deed())
    assert not await store.add_book(replace(FRIENDS, note="another"), deed())
    assert (await store.books())[1:] == [FRIENDS]


async def test_prices_come_back_as_they_were_set(store: Store) -> None:
    await store.add_book(FRIENDS, deed())
    wanted = [
        _price(book="friends", since=9, price=_rates("second", "0.07", SPECIAL), entered="× 1.2, rounded up to $0.001"),
        _price(since=3, price=None),
        _price(side="cost", book="acme", price=_rates("video", "1.5", [])),
    ]
    await store.set_prices(wanted[:2], deed())
    await store.set_prices(wanted[2:], deed())
    assert await store.prices() == [replace(price, number=number) for number, price in enumerate(wanted, 1)]


async def test_an_instant_is_kept_to_the_millisecond(store: Store) -> None:
    fine = timedelta(microseconds=1_234)
    await store.set_prices([replace(_price(), since=later(1) + fine, created_at=later(0) + fine)], deed())
    await store.set_exchange_rate(ExchangeRate(currency="CNY", per_dollar="7.12", since=later(1) + fine), deed())
    await store.add_book(replace(FRIENDS, created_at=later(5) + fine), deed())
    (price,), (rate,) = await store.prices(), await store.exchange_rates()
    assert (price.since, price.created_at, rate.since) == (later(1.001), later(0.001), later(1.001))
    assert (await store.books())[1].created_at == later(5.001)


async def test_prices_are_set_together_or_not_at_all(store: Store) -> None:
    before = await store.audit()
    with pytest.raises(NotFound):
        await store.set_prices([_price(), _price(book="nobody's")], deed())
    assert await store.prices() == []
    assert await store.audit() == before
    assert await store.price_version() == 0


async def test_whoever_asks_hears_of_new_prices(store: Store) -> None:
    versions = [await store.price_version()]
    await store.set_prices([_price(), _price()], deed())
    versions.append(await store.price_version())
    await store.set_exchange_rate(ExchangeRate(currency="CNY", per_dollar="7.12", since=later(0)), deed())
    versions.append(await store.price_version())
    await store.set_prices([_price()], deed())
    versions.append(await store.price_version())
    assert versions == sorted(set(versions))
    await store.set_prices([], deed())
    await store.accept(make_job())
    assert await store.price_version() == versions[-1]


async def test_rates_come_in_the_order_in_which_they_were_set(store: Store) -> None:
    rates = [ExchangeRate(currency=currency, per_dollar=text, since=later(at)) for currency, text, at in RATES]
    for rate in rates:
        await store.set_exchange_rate(rate, deed())
    assert await store.exchange_rates() == rates


async def test_a_quote_names_whose_price_it_is(store: Store) -> None:
    job = await accepted(store, make_job(quote=Quote(PRICE, "5 s × $0.07", "friends", later(-3600))))
    catalog = await accepted(store, make_job(quote=Quote(PRICE, "5 s × $0.07", "list")))
    assert await store.job("ada", job.id) == job
    assert await store.job("ada", catalog.id) == catalog
    assert {lease.job.quote for lease in await take(store)} == {job.quote, catalog.quote}


RATES = (("CNY", "7.12", 10), ("CNY", "7.1", 0), ("EUR", "0.91", 5))


def _price(book: str = LIST, *, side: Side = "sale", since: float = 0, price: Price | None = None, entered: str = "") -> DatedPrice:
    return DatedPrice(side=side, holder=book, endpoint="demo/a", since=later(since), price=price, entered=entered, created_at=later(0))


def _rates(unit: str, amount: str, special: list[tuple[str, str]]) -> Price:
    return read_price(unit, amount, special, Source(text="a letter", as_of=later(0).date()))
