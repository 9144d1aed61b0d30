"""What admins do with prices is dated, told in the audit log, and never in the past."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from reelgate.contracts.audit import Deed
from reelgate.contracts.endpoint import Catalog
from reelgate.contracts.price import DatedPrice, PriceBook
from reelgate.contracts.store import Store, StoreDriver
from reelgate.discovery import load_leaves
from reelgate.domain.errors import Conflict, InvalidInput, NotFound
from reelgate.domain.media import VideoInput
from reelgate.domain.pricing import dump_price
from reelgate.gateway.prices import PriceList
from reelgate.gateway.tariff import Tariff
from tests.clock import BEGINNING, FakeClock
from tests.story import deed
from tests.unit.gateway.test_prices import A, B, dated, price
from tests.unit.gateway.test_serving import endpoint

OLD = endpoint(price("0.05", BEGINNING.date() - timedelta(days=100)), "fal-ai/old")
FREE = endpoint(price("0"), "demo/a")
TITLED = replace(endpoint(None, "demo/b"), title="A title")
CATALOG = Catalog([A, B, OLD, FREE, TITLED])
LATER = BEGINNING + timedelta(days=3)
NOW, THEN = (at.isoformat(timespec="milliseconds") for at in (BEGINNING, LATER))


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = await load_leaves("reelgate.storage", "STORE", StoreDriver)["memory"].open(tmp_path, "")
    yield opened
    assert await opened.breaches() == []
    await opened.close()


@pytest.fixture
def prices(store: Store, clock: FakeClock) -> PriceList:
    return PriceList(store, CATALOG, clock)


@pytest.fixture
def tariff(store: Store, prices: PriceList, clock: FakeClock) -> Tariff:
    return Tariff(store, CATALOG, prices, clock)


def cost_of(prices: PriceList, book: str = "list", *, sound: bool = False, days: float = 0) -> str:
    found = prices.sale(book, A, BEGINNING + timedelta(days=days))
    return "" if found is None else f"{found.quote(VideoInput(seconds=5, sound=sound)).amount} of {found.book}"


async def newest(store: Store) -> Deed:
    """What the audit log says was done last."""
    return (await store.audit(limit=1))[0].deed


def done(actor: str, action: str, subject: str, *, reason: str = "", detail: dict[str, Any]) -> Deed:
    return Deed(actor=actor, action=action, subject=subject, at=BEGINNING, reason=reason, detail=detail)


def faults_of(refused: pytest.ExceptionInfo[InvalidInput]) -> list[tuple[str | int, ...]]:
    return [fault.path for fault in refused.value.faults]


async def test_a_price_is_set_from_now_on(tariff: Tariff, prices: PriceList, store: Store) -> None:
    await tariff.set(A.id, "second", "0.08", [("sound=true", "0.16")], actor="key_1", reason="the vendor's new list")
    assert (cost_of(prices), cost_of(prices, sound=True)) == ("$0.40 of list", "$0.80 of list")
    (line,) = await store.audit()
    assert (line.deed.actor, line.deed.action, line.deed.subject, line.deed.reason) == ("key_1", "price.set", A.id, "the vendor's new list")
    assert line.deed.detail["price"]["rates"][1] == {"micros": 80_000, "when": []}


async def test_a_price_may_begin_later_and_never_in_the_past(tariff: Tariff, prices: PriceList, store: Store) -> None:
    await tariff.set(A.id, "video", "1", [], actor="a", since=LATER)
    assert (cost_of(prices), cost_of(prices, days=3)) == ("$0.35 of list", "$1.00 of list")
    with pytest.raises(InvalidInput, match="never in the past") as refused:
        await tariff.set(A.id, "video", "1", [], actor="a", since=BEGINNING - timedelta(seconds=1))
    assert faults_of(refused) == [("since",)]
    assert len(await store.prices()) == 1
    (row,) = [row for row in await tariff.table() if row.endpoint == A.id]
    assert row.next is not None
    assert row.next.since == LATER


@pytest.mark.parametrize(
    ("unit", "amount", "special", "words"),
    [
        ("hour", "1", [], "one of second, video"),
        ("second", "-1", [], "an amount is written like"),
        ("second", "NaN", [], "an amount is written like"),
        ("second", "1e308", [], "an amount is written like"),
        ("second", "9999999999999", [], "an amount is written like"),
        ("second", "1", [("colour=red", "1")], "there is no field"),
    ],
)
async def test_what_is_no_price_changes_nothing(
    tariff: Tariff, store: Store, unit: str, amount: str, special: list[tuple[str, str]], words: str
) -> None:
    with pytest.raises(InvalidInput, match=words) as refused:
        await tariff.set(A.id, unit, amount, special, actor="a")
    assert faults_of(refused) == [("amount",)]
    assert (await store.prices(), await store.audit()) == ([], [])


async def test_only_what_is_there_can_be_priced(tariff: Tariff) -> None:
    with pytest.raises(NotFound, match=r"no model fal-ai/none; a \* at the end"):
        await tariff.set("fal-ai/none", "second", "1", [], actor="a")
    with pytest.raises(NotFound, match="no price book named gold"):
        await tariff.set(A.id, "second", "1", [], actor="a", book="gold")
    with pytest.raises(InvalidInput, match="the id of a model") as refused:
        await tariff.set("*", "second", "1", [], actor="a")
    assert faults_of(refused) == [("endpoint",)]
    assert (await tariff.set("fal-ai/none/*", "second", "1", [], actor="a")).endpoint == "fal-ai/none/*"
    assert "fal-ai/none/*" in {row.endpoint for row in await tariff.table()}


async def test_an_end_brings_back_what_was_before(tariff: Tariff, prices: PriceList) -> None:
    await tariff.set(A.id, "second", "0.08", [], actor="a")
    await tariff.end(A.id, actor="a", since=LATER)
    assert (cost_of(prices), cost_of(prices, days=3)) == ("$0.40 of list", "$0.35 of list")
    with pytest.raises(NotFound, match="no price was set"):
        await tariff.end(B.id, actor="a")


async def test_a_book_is_entered_by_a_factor_and_kept_as_amounts(tariff: Tariff, prices: PriceList, clock: FakeClock) -> None:
    await tariff.create_book("retail", "for the shop", actor="a")
    rows = await tariff.enter("retail", "1.3", "up:0.01", actor="a")
    assert {row.endpoint: str(row.price.rates[0].amount) for row in rows if row.price} == {A.id: "$0.10", OLD.id: "$0.07"}
    assert {row.entered for row in rows} == {"list × 1.3, rounded up to $0.01"}
    clock.tick(seconds=1)
    await tariff.set(A.id, "second", "0.50", [], actor="a")
    assert (cost_of(prices, "retail", days=1), cost_of(prices, days=1)) == ("$0.50 of retail", "$2.50 of list")  # amounts, not a factor


async def test_a_factor_takes_the_prices_of_the_day_on_which_it_begins(tariff: Tariff, prices: PriceList) -> None:
    await tariff.create_book("retail", "", actor="a")
    await tariff.set(A.id, "second", "0.10", [], actor="a", since=LATER)
    await tariff.enter("retail", "2", "up", actor="a", endpoints=[A.id], since=LATER)
    assert (cost_of(prices, "retail"), cost_of(prices, "retail", days=3)) == ("$0.35 of list", "$1.00 of retail")


async def test_what_cannot_be_entered_is_refused(tariff: Tariff) -> None:
    await tariff.create_book("retail", "", actor="a")
    with pytest.raises(Conflict, match="retail already"):
        await tariff.create_book("retail", "", actor="a")
    for name in ("", "List", "a b", "x" * 64):
        with pytest.raises(InvalidInput, match="beginning with a letter") as refused:
            await tariff.create_book(name, "", actor="a")
        assert faults_of(refused) == [("name",)]
    for note in ("x" * 201, "two\nlines"):
        with pytest.raises(InvalidInput, match="at most 200 printable") as refused:
            await tariff.create_book("other", note, actor="a")
        assert faults_of(refused) == [("note",)]
    for book, factor, endpoints, field, words in (
        ("list", "2", [], "book", "into another book"),
        ("retail", "-2", [], "factor", "a factor is a number"),
        ("retail", "2", [B.id], "endpoints", "none of them has a price"),
    ):
        with pytest.raises(InvalidInput, match=words) as refused:
            await tariff.enter(book, factor, "up", actor="a", endpoints=endpoints)
        assert faults_of(refused) == [(field,)]
    with pytest.raises(NotFound, match="no model x"):
        await tariff.enter("retail", "2", "up", actor="a", endpoints=["x"])


async def test_old_prices_are_confirmed(tariff: Tariff, prices: PriceList, store: Store) -> None:
    await prices.refresh()
    stale = prices.stale()
    assert stale is not None
    assert stale.endpoints == (OLD.id,)
    (row,) = await tariff.confirm(actor="a")
    assert (row.endpoint, row.entered) == (OLD.id, "confirmed")
    assert row.price is not None
    assert row.price.source.as_of == BEGINNING.date()
    assert prices.stale() is None
    assert await tariff.confirm(actor="a") == []
    assert row.price.source.text == "a test"
    assert row.created_at == BEGINNING
    (line,) = await store.audit()
    assert line.deed == done("a", "price.set", "list", reason="confirmed", detail={"endpoints": [OLD.id]})


async def test_a_price_that_another_process_has_confirmed_is_not_confirmed_again(
    tariff: Tariff, prices: PriceList, store: Store, clock: FakeClock
) -> None:
    await prices.refresh()
    await Tariff(store, CATALOG, PriceList(store, CATALOG, clock), clock).confirm(actor="a")
    assert await tariff.confirm(actor="b") == []
    (row,) = await tariff.confirm([A.id], actor="b", reason="looked at it")
    assert row.endpoint == A.id
    assert await newest(store) == done("b", "price.set", "list", reason="looked at it", detail={"endpoints": [A.id]})


async def test_every_deed_is_told_whole(tariff: Tariff, store: Store) -> None:
    assert await tariff.create_book("retail", "x" * 200, actor="a") == PriceBook(id="retail", note="x" * 200, created_at=BEGINNING)
    assert await newest(store) == done("a", "book.create", "retail", detail={"note": "x" * 200})

    row = await tariff.set(A.id, "second", "0.08", [], actor="b", book="retail", since=LATER)
    assert row.price is not None
    assert row.price.source.text == "set by the operator"
    assert row == DatedPrice(side="sale", holder="retail", endpoint=A.id, since=LATER, price=row.price, created_at=BEGINNING)
    told = {"side": "sale", "holder": "retail", "since": THEN, "price": dump_price(row.price)}
    assert await newest(store) == done("b", "price.set", A.id, detail=told)

    row = await tariff.end(A.id, actor="c", book="retail", since=LATER)
    assert row == DatedPrice(side="sale", holder="retail", endpoint=A.id, since=LATER, price=None, created_at=BEGINNING)
    assert await newest(store) == done("c", "price.end", A.id, detail={"side": "sale", "holder": "retail", "since": THEN})

    rows = await tariff.enter("retail", "2", "up:0.001", actor="d", since=LATER)
    assert [(each.since, each.created_at) for each in rows] == [(LATER, BEGINNING)] * 2
    told = {"factor": "× 2, rounded up to $0.001", "since": THEN, "endpoints": 2}
    assert await newest(store) == done("d", "book.enter", "retail", detail=told)

    await tariff.set_rate("CNY", "7.12", actor="e", since=LATER)
    assert await newest(store) == done("e", "rate.set", "CNY", detail={"per_dollar": "7.12", "since": THEN})


async def test_every_deed_has_the_reason_that_was_given(tariff: Tariff, store: Store) -> None:
    await tariff.create_book("retail", "", actor="a")
    await tariff.set(A.id, "second", "1", [], actor="a", reason="set")
    await tariff.end(A.id, actor="a", reason="end")
    await tariff.enter("retail", "2", "up", actor="a", reason="enter")
    await tariff.set_rate("CNY", "7", actor="a", reason="rate")
    assert [line.deed.reason for line in await store.audit()] == ["rate", "enter", "end", "set", ""]


async def test_what_another_process_has_set_can_be_ended_and_is_seen_at_once(tariff: Tariff, prices: PriceList, store: Store) -> None:
    await prices.refresh()
    await store.set_prices([dated("0.08"), dated("0.2", "other-ai/*")], deed())
    rows = {row.endpoint: row for row in await tariff.table()}
    assert rows["other-ai/*"].title == ""
    assert rows[TITLED.id].title == "A title"
    assert rows[A.id].next is None
    await store.set_prices([dated("0.09", OLD.id)], deed())
    assert (await tariff.end(OLD.id, actor="a")).price is None


async def test_a_table_is_of_one_book_at_one_instant(tariff: Tariff) -> None:
    await tariff.create_book("retail", "", actor="a")
    await tariff.set(A.id, "second", "0.5", [], actor="a", book="retail", since=BEGINNING)
    await tariff.set(A.id, "second", "0.6", [], actor="a", book="retail", since=LATER)
    await tariff.set(A.id, "second", "0.05", [], actor="a", channel="acme", since=LATER)
    seen: list[tuple[str, int, bool]] = []
    for book, at in (("list", None), ("retail", None), ("retail", LATER)):
        row = next(row for row in await tariff.table(book, at) if row.endpoint == A.id)
        assert row.sale is not None
        seen.append((str(row.sale.price.rates[0].amount), len(row.costs), row.next is not None))
    assert seen == [("$0.07", 0, False), ("$0.50", 0, True), ("$0.60", 1, False)]


async def test_what_a_channel_charges_can_end(tariff: Tariff, prices: PriceList, store: Store) -> None:
    await tariff.set(A.id, "second", "0.05", [], actor="a", channel="acme")
    assert (await newest(store)).detail["since"] == NOW
    await tariff.end(A.id, actor="a", channel="acme")
    assert (await newest(store)).detail == {"side": "cost", "holder": "acme", "since": NOW}
    assert prices.cost("acme", A.id) is None


async def test_what_a_channel_charges_stands_beside_the_price(tariff: Tariff) -> None:
    await tariff.set(A.id, "second", "0.05", [], actor="a", channel="acme")
    (row,) = [row for row in await tariff.table() if row.endpoint == A.id]
    assert row.sale is not None
    assert (str(row.costs["acme"].price.rates[0].amount), str(row.sale.price.rates[0].amount)) == ("$0.05", "$0.07")


async def test_that_a_channel_charges_the_vendor_s_price_is_said_once(tariff: Tariff, prices: PriceList, store: Store) -> None:
    await tariff.set(A.id, "second", "0.05", [], actor="a", channel="acme")
    await tariff.set(OLD.id, "second", "0.04", [], actor="a", channel="zeta")
    (row,) = await tariff.confirm_costs("acme", [A, B, OLD], actor="b")
    assert (row.side, row.holder, row.endpoint, row.since, row.created_at) == ("cost", "acme", OLD.id, BEGINNING, BEGINNING)
    assert row.entered == "the vendor's list price, confirmed"
    assert row.price is not None
    assert (row.price.rates, row.price.source.as_of) == (price("0.05").rates, BEGINNING.date())
    told = {"side": "cost", "endpoints": [OLD.id]}
    assert await newest(store) == done("b", "price.set", "acme", reason="costs confirmed", detail=told)
    costs = {name: prices.cost(channel, name) for channel, name in (("acme", OLD.id), ("acme", A.id), ("acme", B.id))}
    assert [None if found is None else str(found.price.rates[0].amount) for found in costs.values()] == ["$0.05", "$0.05", None]
    before = await store.audit()
    assert await tariff.confirm_costs("acme", [A, B, OLD], actor="c") == []
    assert await store.audit() == before


async def test_a_rate_shows_amounts_in_another_currency(tariff: Tariff, prices: PriceList, clock: FakeClock) -> None:
    await prices.refresh()
    await tariff.set_rate("CNY", "7.12", actor="a")
    assert str(prices.shown(1_000_000, "CNY")) == "¥7.12"  # at once
    clock.tick(days=1)
    await tariff.set_rate("CNY", "7", actor="a", since=BEGINNING + timedelta(days=2))
    assert str(prices.shown(1_000_000, "CNY")) == "¥7.12"
    assert str(prices.shown(1_000_000, "CNY", BEGINNING + timedelta(days=2))) == "¥7.00"
    for currency, rate in (
        ("USD", "1"),
        ("EUR", "1"),
        ("CNY", "0"),
        ("CNY", "0.000"),
        ("CNY", "-7"),
        ("CNY", "NaN"),
        ("CNY", "1e3"),
        ("CNY", ""),
    ):
        with pytest.raises(InvalidInput) as refused:
            await tariff.set_rate(currency, rate, actor="a")
        told = [(fault.path, fault.kind) for fault in refused.value.faults]
        assert told == [(("per_dollar",), "value_error") if currency == "CNY" else (("currency",), "one_of")]
