"""Accounts over a real store: who pays, what they have, what their webhooks are signed with."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from reelgate.contracts.account import Account, Limits
from reelgate.contracts.audit import Deed
from reelgate.contracts.store import Store, StoreDriver
from reelgate.discovery import load_leaves
from reelgate.domain.errors import Conflict, InsufficientFunds, InvalidInput, NotFound
from reelgate.domain.identity import write_base32
from reelgate.domain.money import Money
from reelgate.gateway.accounts import OWNER, Accounts
from reelgate.gateway.vault import Vault
from tests.clock import FakeClock
from tests.story import deed, finish, make_job, make_key, started

VAULT = Vault(bytes(32))
TEN = Money.dollars("10")


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = await load_leaves("reelgate.storage", "STORE", StoreDriver)["memory"].open(tmp_path, "")
    yield opened
    await opened.close()


@pytest.fixture
async def accounts(store: Store, clock: FakeClock) -> Accounts:
    made = Accounts(store, clock, VAULT)
    await made.found_owner(TEN)
    await made.create("ada", actor="key_root")
    return made


async def deeds(store: Store, action: str) -> list[Deed]:
    """What the audit log says of this, oldest first."""
    return [line.deed for line in reversed(await store.audit()) if line.deed.action == action]


def told(deed: Deed) -> tuple[str, str, str]:
    return deed.actor, deed.subject, deed.reason


# -- accounts --------------------------------------------------------------------------------------------------------------


async def test_a_new_account_has_nothing_and_is_like_others(accounts: Accounts, store: Store, clock: FakeClock) -> None:
    made = await accounts.create("alice", actor="key_root", reason="a customer")
    assert await store.account("alice") == made == Account(id="alice", name="alice", created_at=clock.now())
    assert (await store.balance("alice")).available == Money(0)
    assert told((await deeds(store, "account.create"))[-1]) == ("key_root", "alice", "a customer")
    assert (await deeds(store, "account.create"))[-1].detail == {"name": "alice", "book": "list", "currency": "USD", "time_zone": "UTC"}


async def test_an_account_has_what_it_was_given(accounts: Accounts, store: Store) -> None:
    limits = Limits(per_second=3, daily_spend=TEN)
    made = await accounts.create("alice", actor="x", name="Alice & Sons", currency="CNY", time_zone="Asia/Shanghai", limits=limits)
    assert await store.account("alice") == made
    assert (made.name, made.currency, made.time_zone, made.limits) == ("Alice & Sons", "CNY", "Asia/Shanghai", limits)
    (done,) = [each for each in await deeds(store, "account.create") if each.subject == "alice"]
    assert (done.detail["per_second"], done.detail["daily_spend"]) == (3, "10.000000")


@pytest.mark.parametrize("id", ["", "Alice", "a b", "../x", "-a", "a" * 64, "é", "a\n"])
async def test_an_id_that_cannot_stand_in_a_path_is_refused(accounts: Accounts, id: str) -> None:
    with pytest.raises(InvalidInput):
        await accounts.create(id, actor="x")


async def test_an_id_is_used_once(accounts: Accounts, store: Store) -> None:
    with pytest.raises(Conflict):
        await accounts.create("ada", actor="x", name="Another Ada")
    assert {account.name for account in await store.accounts()} == {OWNER, "ada"}


CANNOT_BE = [
    ({"name": " "}, "name"),
    ({"name": "x" * 101}, "name"),
    ({"book": "Not A Book"}, "book"),
    ({"currency": "EUR"}, "currency"),
    ({"currency": "usd"}, "currency"),
    ({"time_zone": "Mars/Olympus"}, "time_zone"),
    ({"time_zone": "localtime"}, "time_zone"),
    ({"time_zone": "Factory"}, "time_zone"),
    ({"time_zone": "+08:00"}, "time_zone"),
    ({"time_zone": "../etc/passwd"}, "time_zone"),
    ({"time_zone": "America"}, "time_zone"),
    ({"limits": Limits(per_second=0)}, "limits.per_second"),
    ({"reason": "x" * 501}, "reason"),
]


@pytest.mark.parametrize(("facts", "where"), CANNOT_BE)
async def test_what_cannot_be_is_named_and_nothing_is_kept(accounts: Accounts, store: Store, facts: dict[str, Any], where: str) -> None:
    before = await store.accounts(), len(await store.audit())
    for verb, id in ((accounts.create, "bob"), (accounts.change, "ada")):
        with pytest.raises(InvalidInput) as refused:
            await verb(id, actor="x", **facts)
        assert [".".join(map(str, fault.path)) for fault in refused.value.faults] == [where]
    assert (await store.accounts(), len(await store.audit())) == before


async def test_a_price_book_that_is_not_there_is_no_account_s(accounts: Accounts, store: Store) -> None:
    with pytest.raises(NotFound):
        await accounts.create("bob", actor="x", book="partners")
    with pytest.raises(NotFound):
        await accounts.change("ada", actor="x", book="partners")
    assert {account.id for account in await store.accounts()} == {OWNER, "ada"}


async def test_an_account_is_changed_and_the_log_tells_from_what_to_what(accounts: Accounts, store: Store) -> None:
    limits = Limits(concurrency=2)
    changed = await accounts.change("ada", actor="key_root", reason="moved", name="Ada", time_zone="Europe/Berlin", limits=limits)
    assert await store.account("ada") == changed
    assert (changed.name, changed.time_zone, changed.currency, changed.limits) == ("Ada", "Europe/Berlin", "USD", limits)
    (done,) = await deeds(store, "account.change")
    assert told(done) == ("key_root", "ada", "moved")
    assert done.detail == {"name": ["ada", "Ada"], "time_zone": ["UTC", "Europe/Berlin"], "concurrency": [None, 2]}
    assert await accounts.change("ada", actor="x", limits=Limits()) == replace(changed, limits=Limits())
    assert (await deeds(store, "account.change"))[-1].detail == {"concurrency": [2, None]}


async def test_what_changes_nothing_is_not_told(accounts: Accounts, store: Store) -> None:
    assert await accounts.change("ada", actor="x", name="ada", limits=Limits()) == await store.account("ada")
    assert await deeds(store, "account.change") == []


async def test_nothing_is_done_to_an_account_that_is_not_there(accounts: Accounts) -> None:
    for doing in (
        accounts.change("nobody", actor="x", name="y"),
        accounts.credit("nobody", TEN, "a top-up", actor="x"),
        accounts.debit("nobody", TEN, "a correction", actor="x"),
        accounts.new_webhook_secret("nobody", actor="x"),
    ):
        with pytest.raises(NotFound):
            await doing


# -- money -----------------------------------------------------------------------------------------------------------------


async def test_what_was_paid_in_is_there(accounts: Accounts, store: Store) -> None:
    posted = await accounts.credit("ada", TEN, "invoice 7", actor="key_root", reference="invoice-7")
    assert (posted.balance.available, posted.replayed) == (TEN, False)
    assert (await store.balance("ada")).available == TEN
    last = (await deeds(store, "account.credit"))[-1]
    assert told(last) == ("key_root", "ada", "invoice 7")
    assert last.detail == {"amount": "10.000000", "against": "cash", "reference": "invoice-7"}


async def test_the_same_reference_moves_money_once(accounts: Accounts, store: Store) -> None:
    first = await accounts.credit("ada", TEN, "invoice 7", actor="x", reference="invoice-7")
    again = await accounts.credit("ada", TEN, "invoice 7", actor="x", reference="invoice-7")
    assert (again.txn, again.replayed) == (first.txn, True)
    for other in (
        accounts.credit("ada", Money.dollars("11"), "invoice 7", actor="x", reference="invoice-7"),
        accounts.credit(OWNER, TEN, "invoice 7", actor="x", reference="invoice-7"),
        accounts.debit("ada", TEN, "invoice 7", actor="x", reference="invoice-7"),
    ):
        with pytest.raises(InvalidInput, match="used before"):
            await other
    assert (await store.balance("ada")).available == TEN


async def test_no_more_is_taken_than_is_there(accounts: Accounts, store: Store) -> None:
    await accounts.credit("ada", TEN, "a top-up", actor="x")
    posted = await accounts.debit("ada", Money.dollars("4"), "a correction", actor="key_root")
    assert posted.balance.available == Money.dollars("6")
    with pytest.raises(InsufficientFunds) as refused:
        await accounts.debit("ada", Money.dollars("6.5"), "a correction", actor="x")
    assert all(amount in refused.value.message for amount in ("$6.50", "$6.00", "$0.50"))
    assert (await store.balance("ada")).available == Money.dollars("6")
    assert [told(each) for each in await deeds(store, "account.debit")] == [("key_root", "ada", "a correction")]


@pytest.mark.parametrize("amount", [Money(0), Money.dollars("1000000000.000001"), Money((1 << 62) - 1)])
async def test_an_amount_is_above_nothing_and_within_bounds(accounts: Accounts, store: Store, amount: Money) -> None:
    for verb, whose in ((accounts.credit, "ada"), (accounts.debit, "ada"), (accounts.refund, make_job().id)):
        with pytest.raises(InvalidInput, match="amount"):
            await verb(whose, amount, "a reason", actor="x")
    assert (await store.balance("ada")).available == Money(0)


@pytest.mark.parametrize(("reason", "reference"), [("", ""), ("  ", ""), ("x" * 501, ""), ("a\nb", ""), ("ok", "a b"), ("ok", "x" * 256)])
async def test_money_moves_for_a_reason(accounts: Accounts, store: Store, reason: str, reference: str) -> None:
    for verb, whose in ((accounts.credit, "ada"), (accounts.debit, "ada"), (accounts.refund, make_job().id)):
        with pytest.raises(InvalidInput):
            await verb(whose, TEN, reason, actor="x", reference=reference)
    assert (await store.balance("ada")).available == Money(0)


async def charged(accounts: Accounts, store: Store) -> str:
    """A job of Ada's that cost 0.35 dollars."""
    await accounts.credit("ada", TEN, "a top-up", actor="x")
    await store.add_key(make_key("ada", ""), deed())
    lease = await started(store, "ada")
    await finish(store, lease)
    return lease.job.id


async def test_a_charge_is_given_back_in_part_then_whole_and_never_more(accounts: Accounts, store: Store) -> None:
    job = await charged(accounts, store)
    posted = await accounts.refund(job, Money.dollars("0.1"), "half a video", actor="key_root", reference="r-1")
    assert posted.balance.available == Money.dollars("9.75")
    with pytest.raises(InsufficientFunds) as refused:
        await accounts.refund(job, Money.dollars("0.3"), "all of it", actor="x")
    assert all(amount in refused.value.message for amount in ("$0.30", "$0.25"))
    assert (await accounts.refund(write_base32(job), None, "all of it", actor="x")).balance.available == TEN
    for amount in (None, Money.dollars("0.1")):
        with pytest.raises(Conflict, match="nothing is left"):
            await accounts.refund(job, amount, "once more", actor="x")
    assert (await store.balance("ada")).available == TEN
    first, second = await deeds(store, "job.refund")
    assert told(first) == ("key_root", job, "half a video")
    assert (first.detail, second.detail) == ({"amount": "0.100000", "reference": "r-1"}, {"amount": None})


async def test_what_was_not_charged_is_not_given_back(accounts: Accounts) -> None:
    for job in (make_job().id, "no id at all"):
        with pytest.raises(NotFound, match="no such job"):
            await accounts.refund(job, None, "a reason", actor="x")


# -- the owner ---------------------------------------------------------------------------------------------------------------


async def test_the_owner_is_founded_once(accounts: Accounts, store: Store) -> None:
    await accounts.found_owner(TEN)
    assert (await store.balance(OWNER)).available == TEN
    (done,) = await deeds(store, "account.credit")
    assert told(done) == ("gateway", OWNER, "demo credit")
    assert done.detail["against"] == "promo"


async def test_an_owner_may_begin_with_nothing(store: Store, clock: FakeClock) -> None:
    await Accounts(store, clock, VAULT).found_owner(Money(0))
    assert (await store.balance(OWNER)).available == Money(0)
    assert await deeds(store, "account.credit") == []


# -- secrets of webhooks -----------------------------------------------------------------------------------------------------


async def test_a_new_webhook_secret_signs_first_and_its_former_for_a_week_more(accounts: Accounts, clock: FakeClock) -> None:
    assert await accounts.webhook_secrets(OWNER) == []
    first = await accounts.new_webhook_secret(OWNER, actor="x")
    assert first.startswith("whsec_")
    clock.tick(days=1)
    second = await accounts.new_webhook_secret(OWNER, actor="x")
    assert await accounts.webhook_secrets(OWNER) == [second, first]
    clock.tick(days=6.9)
    assert await accounts.webhook_secrets(OWNER) == [second, first]
    clock.tick(days=0.1)
    assert await accounts.webhook_secrets(OWNER) == [second]


async def test_webhook_secrets_are_kept_sealed_and_apart(accounts: Accounts, store: Store, clock: FakeClock) -> None:
    secret = await accounts.new_webhook_secret("ada", actor="key_root", reason="a new receiver")
    (sealed,) = await store.webhook_secrets("ada", clock.now() + timedelta(seconds=1))
    assert secret.encode() not in sealed
    assert await accounts.webhook_secrets(OWNER) == []
    (done,) = await deeds(store, "webhook_secret.create")
    assert told(done) == ("key_root", "ada", "a new receiver")
    assert secret not in repr(done)
