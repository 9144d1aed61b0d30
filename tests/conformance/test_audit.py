"""Every store's log of deeds: a line appears with what it tells, and no line can be changed unseen."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from reelgate.contracts.audit import FIRST, AuditLine, Deed, broken_links, chain
from reelgate.contracts.price import DatedPrice, ExchangeRate, PriceBook
from reelgate.contracts.store import Store
from reelgate.domain.errors import NotFound
from reelgate.domain.money import Money
from tests.story import deed, finish, later, make_account, make_key, started

DETAIL = {"amount": "1.000000", "models": ["demo/*"], "nested": {"b": None, "a": True}, "text": "雪 😀", "number": 7}


async def test_each_deed_is_a_line_after_the_one_before_it(store: Store) -> None:
    head = await store.audit_head()
    assert head is not None
    told = deed("account.credit", "ada", reason="invoice 7", at=1.5, **DETAIL)
    await store.credit("ada", Money(1), told)
    line = await store.audit_head()
    assert line == AuditLine(number=head.number + 1, deed=told, hash=chain(head.hash, head.number + 1, told))
    assert (await store.audit(limit=2)) == [line, head]


async def test_the_log_is_read_in_pages(store: Store) -> None:
    whole = await store.audit()
    assert [line.number for line in whole] == list(range(len(whole), 0, -1))
    assert list(broken_links(reversed(whole))) == []
    assert await store.audit(limit=2) == whole[:2]
    assert await store.audit(before=whole[1].number, limit=2) == whole[2:4]
    assert await store.audit(before=1) == []
    assert await store.audit(subject="key-bob") == [line for line in whole if line.deed.subject == "key-bob"] != []
    assert await store.audit(subject="ada", limit=1) == [line for line in whole if line.deed.subject == "ada"][:1]
    assert await store.audit(subject="nothing") == []


async def test_the_detail_of_a_deed_is_kept_as_json_keeps_it(store: Store) -> None:
    at = later(1) + timedelta(microseconds=1_234)
    await store.credit("ada", Money(1), replace(deed(many=("a", "b")), at=at))
    line = await store.audit_head()
    assert line is not None
    assert (line.deed.detail, line.deed.at) == ({"many": ["a", "b"]}, later(1.001))


async def test_what_cannot_be_told_is_not_done(store: Store) -> None:
    before = await store.audit()
    for wrong in (deed(secret={"x"}), deed(who=object())):
        with pytest.raises(TypeError):
            await store.credit("ada", Money(1), wrong)
        with pytest.raises(TypeError):
            await store.add_account(make_account("carl"), wrong)
    assert await store.audit() == before
    assert (await store.balance("ada")).available == Money.dollars("100")
    assert await store.account("carl") is None


async def test_whatever_races_the_chain_has_no_gap(store: Store) -> None:
    before = len(await store.audit())
    await asyncio.gather(*(store.credit("ada", Money(1), deed(number=number)) for number in range(50)))
    whole = await store.audit(limit=1000)
    assert list(broken_links(reversed(whole))) == []
    assert sorted(line.deed.detail["number"] for line in whole[:50]) == list(range(50))
    assert len(whole) == before + 50


async def test_every_verb_of_an_admin_is_told_once(store: Store) -> None:
    job_id = await _paid(store)
    for verb in _verbs(store, job_id):
        before = await store.audit_head()
        await verb(deed("a.deed", "it"))
        line = await store.audit_head()
        assert before is not None
        assert line is not None
        assert (line.number, line.deed) == (before.number + 1, deed("a.deed", "it"))


async def test_what_has_no_effect_is_not_told(store: Store) -> None:
    job_id = await _paid(store)
    await store.credit("ada", Money(5), deed(), reference="r")
    await store.refund(job_id, None, deed())
    await store.add_book(PriceBook(id="friends", note="", created_at=later(0)), deed())
    await store.revoke_key("key-bob", later(0), deed())
    idle: list[Awaitable[Any]] = [
        store.credit("ada", Money(5), deed(), reference="r"),
        store.credit("ada", Money(6), deed(), reference="r"),
        store.debit("ada", Money.dollars("1000"), deed()),
        store.refund(job_id, None, deed()),
        store.add_account(make_account("ada"), deed()),
        store.change_account(make_account("stranger"), deed()),
        store.add_key(make_key("ada", ""), deed()),
        store.change_key(make_key("ada", "unknown"), deed()),
        store.rotate_key("unknown", make_key("ada", "second"), later(9), deed()),
        store.revoke_key("key-bob", later(0), deed()),
        store.revoke_key("unknown", later(0), deed()),
        store.add_book(PriceBook(id="friends", note="", created_at=later(0)), deed()),
        store.set_prices([], deed()),
    ]
    before = await store.audit_head()
    for verb in idle:
        await verb
        assert await store.audit_head() == before
    for refused in (store.credit("stranger", Money(1), deed()), store.add_key(make_key("stranger"), deed())):
        with pytest.raises(NotFound):
            await refused
    assert await store.audit_head() == before


def test_the_first_line_follows_from_nothing_and_each_other_one_from_the_one_before() -> None:
    lines = _written(4)
    assert list(broken_links(lines)) == []
    assert lines[0].hash == chain(FIRST, 1, lines[0].deed)


@pytest.mark.parametrize("change", ["actor", "action", "subject", "at", "reason", "detail"])
def test_a_line_that_was_changed_is_found(change: str) -> None:
    lines = _written(4)
    other: dict[str, Any] = {"at": later(99), "detail": {"amount": 2}}
    lines[1] = replace(lines[1], deed=replace(lines[1].deed, **{change: other.get(change, "other")}))
    assert list(broken_links(lines)) == [2]


def test_a_line_that_was_taken_out_or_put_in_is_found() -> None:
    lines = _written(4)
    assert list(broken_links(lines[:1] + lines[2:])) == [3]
    assert list(broken_links(lines[1:])) == [2]
    assert list(broken_links(lines[:2] + lines[1:])) == [2]


def _written(count: int) -> list[AuditLine]:
    lines: list[AuditLine] = []
    for number in range(1, count + 1):
        told = deed(number=number)
        lines.append(AuditLine(number=number, deed=told, hash=chain(lines[-1].hash if lines else FIRST, number, told)))
    return lines


def _verbs(store: Store, job_id: str) -> list[Callable[[Deed], Awaitable[Any]]]:
    """Every verb that takes a deed, with an effect."""
    key, second = make_key("ada"), make_key("ada", "second")
    price = DatedPrice(side="sale", holder="list", endpoint="demo/a", since=later(0), price=None, created_at=later(0))
    return [
        lambda told: store.add_account(make_account("carl"), told),
        lambda told: store.change_account(make_account("carl", currency="CNY"), told),
        lambda told: store.add_key(key, told),
        lambda told: store.change_key(replace(key, name="renamed"), told),
        lambda told: store.rotate_key(key.id, second, later(9), told),
        lambda told: store.revoke_key(key.id, later(9), told),
        lambda told: store.add_webhook_secret("ada", b"x", at=later(0), former_until=later(9), deed=told),
        lambda told: store.credit("ada", Money(5), told, reference="r"),
        lambda told: store.debit("ada", Money(5), told),
        lambda told: store.refund(job_id, Money(5), told),
        lambda told: store.set_prices([price, price], told),
        lambda told: store.add_book(PriceBook(id="friends", note="", created_at=later(0)), told),
        lambda told: store.set_exchange_rate(ExchangeRate(currency="CNY", per_dollar="7", since=later(0)), told),
    ]


async def _paid(store: Store) -> str:
    lease = await started(store)
    await finish(store, lease)
    return lease.job.id
