"""Prices are looked up by book, date and id, and a price that is set counts at once here and soon elsewhere."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from reelgate.contracts.endpoint import Catalog
from reelgate.contracts.price import DatedPrice, ExchangeRate, PriceBook
from reelgate.contracts.store import Store, StoreDriver
from reelgate.discovery import load_leaves
from reelgate.domain.media import VideoInput
from reelgate.domain.money import Money
from reelgate.domain.pricing import Price, Rate, Source
from reelgate.gateway.prices import Priced, PriceList
from tests.clock import BEGINNING, FakeClock
from tests.story import deed, make_job
from tests.unit.gateway.test_serving import endpoint

A, B, UNKNOWN = endpoint(), endpoint(None, "fal-ai/b"), "other-ai/new/model"
CATALOG = Catalog([A, B])
TODAY = BEGINNING.date()


def price(amount: str, as_of: date = TODAY) -> Price:
    return Price(unit="second", rates=(Rate(Money.dollars(amount)),), source=Source(text="a test", as_of=as_of))


def dated(amount: str | None, name: str = A.id, *, holder: str = "list", days: float = 0, side: str = "sale") -> DatedPrice:
    since = BEGINNING + timedelta(days=days)
    of = None if amount is None else price(amount)
    return DatedPrice(side=side, holder=holder, endpoint=name, since=since, price=of, created_at=BEGINNING)  # pyright: ignore[reportArgumentType]


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = await load_leaves("reelgate.storage", "STORE", StoreDriver)["memory"].open(tmp_path, "")
    await opened.add_book(PriceBook(id="retail", note="", created_at=BEGINNING), deed())
    yield opened
    await opened.close()


@pytest.fixture
def prices(store: Store, clock: FakeClock) -> PriceList:
    return PriceList(store, CATALOG, clock)


async def keep(store: Store, prices: PriceList, *rows: DatedPrice) -> None:
    await store.set_prices(rows, deed())
    await prices.refresh(now=True)


def rate_of(prices: PriceList, book: str = "list", days: float = 0) -> tuple[str, str] | None:
    found = prices.sale(book, A, BEGINNING + timedelta(days=days))
    return None if found is None else (str(found.price.rates[0].amount), found.book)


async def test_without_anything_set_the_catalog_counts(prices: PriceList) -> None:
    await prices.refresh()
    assert rate_of(prices) == rate_of(prices, "retail") == ("$0.07", "list")
    assert prices.sale("list", B) is None


async def test_before_the_first_look_nothing_is_set(prices: PriceList) -> None:
    assert (prices.history("sale", "list", A.id), prices.holders("sale"), prices.patterns("sale", "list")) == ([], [], [])
    assert prices.shown(1, "CNY") is None
    assert rate_of(prices) == ("$0.07", "list")


class Counting:
    """A store that counts how often all prices are read."""

    def __init__(self, store: Store) -> None:
        self._store, self.read = store, 0

    async def prices(self) -> list[DatedPrice]:
        self.read += 1
        return await self._store.prices()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


async def test_what_was_set_is_read_again_only_when_it_has_changed(store: Store, clock: FakeClock) -> None:
    counting: Any = Counting(store)
    prices = PriceList(counting, CATALOG, clock)
    for _ in range(3):
        clock.tick(seconds=1)
        await prices.refresh()
    assert counting.read == 1
    await keep(store, prices, dated("0.08"))
    assert counting.read == 2


async def test_a_book_comes_before_the_list_and_the_list_before_the_catalog(store: Store, prices: PriceList) -> None:
    await keep(store, prices, dated("0.08"))
    assert rate_of(prices) == rate_of(prices, "retail") == ("$0.08", "list")
    await keep(store, prices, dated("0.10", holder="retail"))
    assert rate_of(prices, "retail") == ("$0.10", "retail")
    assert rate_of(prices) == ("$0.08", "list")
    await keep(store, prices, dated(None, holder="retail"))
    assert rate_of(prices, "retail") == ("$0.08", "list")
    await keep(store, prices, dated(None))
    assert rate_of(prices, "retail") == ("$0.07", "list")


async def test_a_price_counts_from_its_date_on(store: Store, prices: PriceList) -> None:
    await keep(store, prices, dated("0.09", days=10), dated("0.08", days=5), dated("0.11", days=10))
    assert [rate_of(prices, days=each) for each in (4.999, 5, 9.999, 10)] == [
        ("$0.07", "list"),
        ("$0.08", "list"),
        ("$0.08", "list"),
        ("$0.11", "list"),  # of two for one instant the one that was set later
    ]
    assert [each.since for each in prices.history("sale", "list", A.id)] == [BEGINNING + timedelta(days=each) for each in (10, 5, 10)]


async def test_a_quote_names_the_book_and_the_date(store: Store, prices: PriceList) -> None:
    await keep(store, prices, replace(dated("0.10", holder="retail", days=1), entered="by hand"))
    found = prices.sale("retail", A, BEGINNING + timedelta(days=2))
    assert found == Priced(price("0.10"), "retail", BEGINNING + timedelta(days=1), "by hand")
    quote = found.quote(VideoInput(seconds=5))
    assert (quote.words, quote.book, quote.since) == ("5 s × $0.10", "retail", BEGINNING + timedelta(days=1))


async def test_what_was_quoted_is_not_worked_out_again(prices: PriceList, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reelgate.gateway.prices._QUOTES_KEPT", 2)
    found = prices.sale("list", A)
    assert found is not None
    assert prices.sale("list", A) is found
    quotes = {seconds: found.quote(VideoInput(seconds=seconds)) for seconds in (5, 6, 7, 8)}
    assert [str(quote.amount) for quote in quotes.values()] == ["$0.35", "$0.42", "$0.49", "$0.56"]
    again = {seconds: found.quote(VideoInput(seconds=seconds)) for seconds in quotes}
    assert again == quotes
    assert [again[seconds] is quotes[seconds] for seconds in quotes] == [True, True, False, False]  # no more than may be kept


async def test_a_pattern_prices_models_that_are_not_in_the_catalog(store: Store, prices: PriceList) -> None:
    await keep(store, prices, dated("0.2", "other-ai/*"), dated("0.3", "other-ai/new/*"), dated("0.4", "other-ai/new/mod"))
    found = prices.sale_of("list", UNKNOWN)
    assert found is not None
    assert found.price.rates[0].amount == Money.dollars("0.3")  # the longest one that fits
    assert [prices.sale_of("list", each) for each in ("nobody/a", "other-b/a", "other-ai-too/a", "other-a")] == [None] * 4
    assert prices.patterns("sale", "list") == ["other-ai/*", "other-ai/new/*"]
    await keep(store, prices, dated(None, "other-ai/new/*"))
    assert prices.sale_of("list", UNKNOWN) is not None


async def test_an_exact_price_that_ended_leaves_the_pattern(store: Store, prices: PriceList) -> None:
    await keep(store, prices, dated("0.2", "fal-ai/*"), dated("0.3"), dated(None))
    assert rate_of(prices) == ("$0.20", "list")


async def test_what_a_channel_charges_is_kept_apart(store: Store, prices: PriceList) -> None:
    await keep(store, prices, replace(dated("0.05", holder="acme", side="cost"), entered="by hand"))
    assert prices.cost("acme", A.id) == Priced(price("0.05"), "acme", BEGINNING, "by hand")
    assert prices.cost("other", A.id) is None
    assert rate_of(prices) == ("$0.07", "list")
    assert (prices.holders("cost"), prices.holders("sale")) == (["acme"], [])


async def test_a_job_costs_what_its_channel_charges_else_the_vendor_s_price_else_what_its_caller_pays(
    store: Store, prices: PriceList
) -> None:
    await keep(store, prices, dated("0.05", holder="acme", side="cost"), dated("0.9", B.id, holder="zeta", side="cost"))
    job = make_job(price=Money.dollars("0.33"))
    assert job.input.seconds == 5
    assert prices.cost_of("acme", A, job) == Money.dollars("0.25")
    assert prices.cost_of("zeta", A, job) == Money.dollars("0.35")
    assert prices.cost_of("zeta", B, job) == Money.dollars("4.5")
    assert prices.cost_of("acme", B, job) == Money.dollars("0.33")


async def test_a_price_that_another_process_sets_counts_within_a_second(store: Store, prices: PriceList, clock: FakeClock) -> None:
    await prices.refresh()
    await store.set_prices([dated("0.08")], deed())
    await prices.refresh()
    assert rate_of(prices) == ("$0.07", "list")  # trusted for a second
    clock.tick(seconds=1)
    await prices.refresh()
    assert rate_of(prices) == ("$0.08", "list")


async def test_prices_age_and_free_ones_do_not(store: Store, clock: FakeClock) -> None:
    free = endpoint(Price(unit="second", rates=(Rate(Money(0)),), source=Source(text="ours", as_of=date(2020, 1, 1))), "demo/a")
    fresh = endpoint(price("1", TODAY - timedelta(days=60)), "fal-ai/fresh")
    old = endpoint(price("1", TODAY - timedelta(days=61)), "fal-ai/old")
    prices = PriceList(store, Catalog([free, fresh, old, B]), clock)
    await prices.refresh()
    stale = prices.stale()
    assert stale is not None
    assert (stale.endpoints, stale.oldest) == (("fal-ai/old",), TODAY - timedelta(days=61))
    await keep(store, prices, dated("1", "fal-ai/old", days=5))
    assert prices.stale(BEGINNING + timedelta(days=5 - 0.001)) is not None
    in_time = prices.stale(BEGINNING + timedelta(days=5))
    assert in_time is not None
    assert in_time.endpoints == ("fal-ai/fresh",)


async def test_amounts_are_shown_by_the_rate_of_then(store: Store, prices: PriceList) -> None:
    await store.set_exchange_rate(ExchangeRate(currency="CNY", per_dollar="7", since=BEGINNING), deed())
    await prices.refresh(now=True)
    shown = prices.shown(350_000, "CNY")
    assert shown is not None
    assert str(shown) == "¥2.45"
    assert prices.shown(350_000, "USD") is None
    assert prices.shown(350_000, "CNY", BEGINNING - timedelta(seconds=1)) is None
