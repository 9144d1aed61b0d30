"""Every store's books beside jobs: credits, debits and refunds, and what statements and usage say of them."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any

import apsw
import pytest

from reelgate.contracts.account import Balance
from reelgate.contracts.ledger import Dimension, Line, Posted, Receipt, Reused, Statement, Tally, TooLittle
from reelgate.contracts.store import Store
from reelgate.domain.clock import from_ms
from reelgate.domain.errors import LeaseLost, NotFound
from reelgate.domain.job import Job, Lease
from reelgate.domain.money import FREE, Money
from reelgate.domain.pricing import Quote
from tests.story import BROKEN, PRICE, accepted, deed, finish, later, make_blob, make_job, make_key, make_video, started, take

HUNDRED = Money.dollars("100")
LARGEST = Money((1 << 62) - 1)


# -- credits and debits --------------------------------------------------------------------------------------------------


async def test_a_credit_and_a_debit_move_the_balance(store: Store) -> None:
    posted = await store.credit("ada", Money(5), deed())
    assert posted == Posted(txn=posted.txn, account="ada", change=5, balance=Balance(available=Money(100_000_005), held=FREE))
    taken = await store.debit("ada", Money(7), deed())
    assert taken == Posted(txn=taken.txn, account="ada", change=-7, balance=Balance(available=Money(99_999_998), held=FREE))
    assert taken.txn > posted.txn
    assert await store.balance("ada") == taken.balance
    assert (await store.balance("bob")).available == HUNDRED


async def test_no_more_is_taken_than_is_available(store: Store) -> None:
    await accepted(store, make_job(price=Money.dollars("60")))
    assert await store.debit("ada", Money.dollars("40.000001"), deed()) == TooLittle(Money.dollars("40"))
    assert isinstance(await store.debit("ada", Money.dollars("40"), deed()), Posted)
    assert await store.debit("ada", Money(1), deed()) == TooLittle(FREE)
    assert await store.balance("ada") == Balance(available=FREE, held=Money.dollars("60"))


async def test_nobody_has_money_without_an_account(store: Store) -> None:
    for verb in (store.credit, store.debit):
        with pytest.raises(NotFound, match="no such account"):
            await verb("stranger", Money(1), deed(), reference="r")
    with pytest.raises(NotFound, match="no such job"):
        await store.refund("no-job", None, deed())


async def test_the_same_reference_moves_money_once(store: Store) -> None:
    first = await store.credit("ada", Money(5), deed(), reference="r")
    assert isinstance(first, Posted)
    await store.debit("ada", Money(1), deed(), reference="s")
    again = await store.credit("ada", Money(5), deed(reason="in other words"), reference="r")
    assert again == Posted(txn=first.txn, account="ada", change=5, balance=Balance(available=Money(100_000_004), held=FREE), replayed=True)
    assert isinstance(await store.debit("ada", Money(1), deed(), reference="s"), Posted)
    assert (await store.balance("ada")).available == Money(100_000_004)


async def test_a_reference_stands_for_one_movement(store: Store) -> None:
    first = await store.credit("ada", Money(5), deed(), reference="r")
    assert isinstance(first, Posted)
    job = await _done(store)
    for other in (
        store.credit("ada", Money(6), deed(), reference="r"),
        store.credit("bob", Money(5), deed(), reference="r"),
        store.debit("ada", Money(5), deed(), reference="r"),
        store.refund(job.id, Money(5), deed(), reference="r"),
    ):
        assert await other == Reused(first.txn)
    assert isinstance(await store.credit("ada", Money(5), deed()), Posted)
    assert isinstance(await store.credit("ada", Money(5), deed()), Posted)


async def test_fifty_copies_of_one_credit_are_one(store: Store) -> None:
    posted = await asyncio.gather(*(store.credit("ada", Money(5), deed(), reference="r") for _ in range(50)))
    assert sum(isinstance(each, Posted) and not each.replayed for each in posted) == 1
    assert (await store.balance("ada")).available == Money(100_000_005)


async def test_a_debit_and_a_submit_do_not_share_the_same_money(store: Store) -> None:
    dear = [store.accept(make_job(price=Money.dollars("60"))), store.debit("ada", Money.dollars("60"), deed())]
    await asyncio.gather(*dear)
    balance = await store.balance("ada")
    assert (balance.available, balance.held) in {(Money.dollars("40"), Money.dollars("60")), (Money.dollars("40"), FREE)}


async def test_no_account_has_more_than_can_be_counted(store: Store) -> None:
    with pytest.raises(ValueError, match="cannot have so much"):
        await store.credit("ada", LARGEST, deed())
    assert (await store.balance("ada")).available == HUNDRED
    job = await _done(store, price=Money(5))
    rest = Money(LARGEST.micros - (HUNDRED.micros - 5))
    assert isinstance(await store.credit("ada", rest, deed()), Posted)
    assert (await store.balance("ada")).available == LARGEST
    for verb in (store.credit("ada", Money(1), deed()), store.refund(job.id, None, deed())):
        with pytest.raises(ValueError, match="cannot have so much"):
            await verb
    assert (await store.balance("ada")).available == LARGEST


async def test_what_is_held_counts_as_well(store: Store) -> None:
    job = await _done(store, price=Money(5))
    await accepted(store, make_job(price=Money(10)))
    rest = Money(LARGEST.micros - (HUNDRED.micros - 5))
    assert isinstance(await store.credit("ada", rest, deed()), Posted)
    assert await store.balance("ada") == Balance(available=Money(LARGEST.micros - 10), held=Money(10))
    for verb in (store.credit("ada", Money(1), deed()), store.refund(job.id, Money(1), deed())):
        with pytest.raises(ValueError, match="cannot have so much"):
            await verb


async def test_what_an_account_has_the_house_has_given(store: Store, tmp_path: Path) -> None:
    job = await _done(store, price=Money(300))
    await store.fail(await _lease(store, make_job(price=Money(9))), BROKEN, render_s=None, at=later(9))
    await _complete(store, await _lease(store, make_job(price=Money(70))), Money(7))
    await store.refund(job.id, Money(50), deed())
    await store.debit("ada", Money(20), deed())
    await store.credit("ada", Money(1), deed(), against="promo")
    expected = {"cash": -2 * HUNDRED.micros, "promo": -1, "adjustment": 20, "revenue": 300 + 7 - 50}
    assert _house(store, tmp_path) == expected


async def test_every_movement_says_of_which_job_it_was_and_when_and_who_made_it(store: Store, tmp_path: Path) -> None:
    lease = await _lease(store, make_job(price=Money(70), age=1))
    await store.complete(lease, make_video(make_blob(lease.job)), make_blob(lease.job), render_s=1, at=later(2), charge=Money(7))
    other = await _lease(store, make_job(price=Money(9), age=3))
    await store.cancel(other, later(4))
    await store.refund(lease.job.id, Money(5), deed(reason="too dark", at=5), reference="r")
    await store.debit("ada", Money(2), deed(reason="a mistake", at=6))
    assert _movements(store, tmp_path)[2:] == [
        ("hold", "ada", lease.job.id, later(1), 0, "", "", ""),
        ("captured", "ada", lease.job.id, later(2), -7, "", "", ""),
        ("hold", "ada", other.job.id, later(3), 0, "", "", ""),
        ("released", "ada", other.job.id, later(4), 0, "", "", ""),
        ("refund", "ada", lease.job.id, later(5), 5, "too dark", "key-admin", "r"),
        ("debit", "ada", None, later(6), -2, "a mistake", "key-admin", ""),
    ]


# -- what a job is charged -----------------------------------------------------------------------------------------------


async def test_a_part_is_captured_and_the_rest_released(store: Store) -> None:
    lease = await started(store)
    assert await store.receipt("ada", lease.job.id) == _receipt(lease.job, PRICE, "", FREE)
    await _complete(store, lease, Money(100_000))
    assert await store.balance("ada") == Balance(available=Money(99_900_000), held=FREE)
    assert await store.receipt("ada", lease.job.id) == _receipt(lease.job, PRICE, "captured", Money(100_000))
    assert await store.spent("ada") == Money(100_000)


@pytest.mark.parametrize("charge", [FREE, PRICE])
async def test_nothing_and_all_may_be_charged(store: Store, charge: Money) -> None:
    lease = await started(store)
    await _complete(store, lease, charge)
    assert (await store.balance("ada")).available == Money(HUNDRED.micros - charge.micros)
    assert await store.receipt("ada", lease.job.id) == _receipt(lease.job, PRICE, "captured", charge)


async def test_no_more_is_charged_than_is_held(store: Store) -> None:
    lease = await started(store)
    with pytest.raises(ValueError, match="at most what is held"):
        await _complete(store, lease, Money(PRICE.micros + 1))
    assert (await store.balance("ada")).held == PRICE
    assert await store.known_blobs() == frozenset()
    await _complete(store, lease, PRICE)
    with pytest.raises(LeaseLost):
        await _complete(store, lease, Money(PRICE.micros + 1))


async def test_what_is_released_was_not_charged(store: Store) -> None:
    lease = await started(store)
    await store.fail(lease, BROKEN, render_s=None, at=later(1))
    assert await store.receipt("ada", lease.job.id) == _receipt(lease.job, PRICE, "released", FREE)
    assert await store.refund(lease.job.id, None, deed()) == TooLittle(FREE)


async def test_a_receipt_is_for_who_paid(store: Store) -> None:
    job = await accepted(store, make_job())
    assert await store.receipt("bob", job.id) is None
    assert await store.receipt("ada", "no-job") is None


# -- refunds -------------------------------------------------------------------------------------------------------------


async def test_a_charge_is_given_back_in_parts_and_never_twice(store: Store) -> None:
    job = await _done(store)
    assert await store.refund(job.id, Money(350_001), deed()) == TooLittle(PRICE)
    assert isinstance(await store.refund(job.id, Money(100_000), deed()), Posted)
    assert await store.refund(job.id, Money(250_001), deed()) == TooLittle(Money(250_000))
    posted = await store.refund(job.id, None, deed())
    assert isinstance(posted, Posted)
    assert posted.balance == Balance(available=HUNDRED, held=FREE)
    for amount in (None, Money(1), FREE):
        assert await store.refund(job.id, amount, deed()) == TooLittle(FREE)
    assert await store.receipt("ada", job.id) == _receipt(job, PRICE, "captured", PRICE, PRICE)
    assert await store.spent("ada") == FREE


async def test_a_hold_that_stands_is_not_refunded(store: Store) -> None:
    lease = await started(store)
    assert await store.refund(lease.job.id, None, deed()) == TooLittle(FREE)
    await _complete(store, lease, FREE)
    assert await store.refund(lease.job.id, None, deed()) == TooLittle(FREE)


async def test_the_same_refund_is_given_once(store: Store) -> None:
    job, other = await _done(store), await _done(store)
    part = await store.refund(job.id, Money(100_000), deed(), reference="part")
    rest = await store.refund(job.id, None, deed(), reference="rest")
    assert isinstance(part, Posted)
    assert isinstance(rest, Posted)
    for reference, amount, expected in (
        ("part", Money(100_000), part),
        ("rest", None, rest),
        ("rest", Money(250_000), rest),  # all is what was left
    ):
        again = await store.refund(job.id, amount, deed(), reference=reference)
        assert again == replace(expected, balance=rest.balance, replayed=True)
    assert (part.change, rest.change) == (100_000, 250_000)
    for reference, amount in (("part", None), ("part", Money(1)), ("rest", Money(1))):
        assert isinstance(await store.refund(job.id, amount, deed(), reference=reference), Reused)
    assert isinstance(await store.refund(other.id, Money(100_000), deed(), reference="part"), Reused)
    assert await store.balance("ada") == rest.balance


async def test_fifty_refunds_at_once_share_one_charge(store: Store) -> None:
    job = await _done(store)
    outcomes = await asyncio.gather(*(store.refund(job.id, Money(100_000), deed()) for _ in range(50)))
    assert sum(isinstance(each, Posted) for each in outcomes) == 3
    assert (await store.balance("ada")).available == Money(HUNDRED.micros - 50_000)


# -- statements ----------------------------------------------------------------------------------------------------------


async def test_a_statement_has_all_that_changed_the_funds(store: Store) -> None:
    quote = Quote(PRICE, "5 s × $0.07", "list", later(-5))
    lease = await _lease(store, make_job(age=10, quote=quote))
    await store.fail(await _lease(store, make_job(age=10)), BROKEN, render_s=None, at=later(11))
    await finish(store, lease, 20)
    await store.refund(lease.job.id, Money(50_000), deed(reason="too dark", at=30))
    await store.debit("ada", Money(7), deed(reason="a mistake", at=40))
    await store.credit("bob", Money(1), deed(at=20))
    statement = await store.statement("ada", later(0), later(100))
    bought: dict[str, Any] = {"job_id": lease.job.id, "endpoint": lease.job.endpoint, "words": "5 s × $0.07", "book": "list"}
    numbers = [line.txn for line in statement.lines]
    assert numbers == sorted(set(numbers))
    assert statement == Statement(
        opening=0,
        lines=(
            Line(txn=numbers[0], at=later(0), kind="credit", change=100_000_000, note="a top-up"),
            Line(txn=numbers[1], at=later(20), kind="captured", change=-350_000, **bought),
            Line(txn=numbers[2], at=later(30), kind="refund", change=50_000, note="too dark", **bought),
            Line(txn=numbers[3], at=later(40), kind="debit", change=-7, note="a mistake"),
        ),
    )
    assert statement.closing == (await store.balance("ada")).available.micros
    posted = await store.credit("ada", Money(1), deed(at=100))
    assert [line.txn for line in (await store.statement("ada", later(100), later(101))).lines] == [posted.txn]


async def test_the_statements_of_any_periods_follow_one_another(store: Store) -> None:
    for second in (5, 10, 10, 15):
        await store.credit("ada", Money(second), deed(at=second))
    whole = await store.statement("ada", later(-1), later(1000))
    for cut in (-1, 0, 5, 10, 10.001, 15, 16):
        before, after = await store.statement("ada", later(-1), later(cut)), await store.statement("ada", later(cut), later(1000))
        assert before.lines + after.lines == whole.lines
        assert (before.opening, before.closing, after.closing) == (0, after.opening, whole.closing)
    assert await store.statement("stranger", later(-1), later(1000)) == Statement(opening=0, lines=())


async def test_what_a_hold_reserves_is_no_line(store: Store) -> None:
    await _done(store, price=FREE)
    await accepted(store, make_job())
    statement = await store.statement("ada", later(0), later(1000))
    balance = await store.balance("ada")
    assert [line.kind for line in statement.lines] == ["credit"]
    assert statement.closing == balance.available.micros + balance.held.micros


# -- usage ---------------------------------------------------------------------------------------------------------------


async def test_usage_is_counted_for_whatever_is_asked(store: Store) -> None:
    await _use(store)
    first = {"model": "demo/a", "key": "key-ada", "account": "ada", "channel": "preview", "quarter_at": later(0)}
    every = [Dimension.MODEL, Dimension.KEY, Dimension.ACCOUNT, Dimension.CHANNEL, Dimension.DAY]
    assert await store.usage(every, later(0), later(5000)) == [
        Tally(jobs=2, captured=300, refunded=0, **first),
        Tally(jobs=0, captured=0, refunded=50, **{**first, "quarter_at": later(900)}),
        Tally(jobs=1, captured=1000, refunded=0, **{**first, "key": "key-ada-first", "quarter_at": later(900)}),
        Tally(jobs=1, captured=0, refunded=0, **{**first, "model": "demo/b", "channel": "acme", "quarter_at": later(900)}),
        Tally(jobs=1, captured=7, refunded=0, **{**first, "model": "demo/b", "account": "bob", "key": "key-bob"}),
    ]
    assert await store.usage([], later(0), later(5000)) == [Tally(jobs=5, captured=1307, refunded=50)]
    assert await store.usage([], later(0), later(5000), "ada") == [Tally(jobs=4, captured=1300, refunded=50)]
    assert await store.usage([Dimension.ACCOUNT], later(0), later(5000), "bob") == [Tally(jobs=1, captured=7, refunded=0, account="bob")]
    assert await store.usage([], later(0), later(5000), "stranger") == []


async def test_what_is_given_back_in_parts_adds_up(store: Store) -> None:
    job = await _done(store, price=Money(300))
    for micros in (50, 70):
        await store.refund(job.id, Money(micros), deed(at=2))
    assert await store.usage([], later(0), later(3)) == [Tally(jobs=1, captured=300, refunded=120)]


async def test_usage_has_a_period(store: Store) -> None:
    await _use(store)
    assert await store.usage([], later(0), later(1)) == []
    assert await store.usage([], later(1), later(2)) == [Tally(jobs=1, captured=100, refunded=0)]
    assert await store.usage([], later(1), later(2.001)) == [Tally(jobs=2, captured=300, refunded=0)]


async def test_every_grouping_adds_up_to_the_statements(store: Store) -> None:
    await _use(store)
    charged = 0
    for account in ("ada", "bob"):
        lines = (await store.statement(account, later(0), later(5000))).lines
        charged -= sum(line.change for line in lines if line.kind in {"captured", "refund"})
    for count in range(len(Dimension) + 1):
        for by in combinations(Dimension, count):
            tallies = await store.usage(by, later(0), later(5000))
            assert sum(each.captured - each.refunded for each in tallies) == charged
            assert sum(each.jobs for each in tallies) == 5


# -- what stories are made of --------------------------------------------------------------------------------------------


async def _use(store: Store) -> None:
    """Five jobs of two accounts, on two endpoints, by three keys, in two quarters of an hour; one is given back in part."""
    await store.add_key(make_key("ada"), deed())
    first = await _lease(store, make_job(endpoint="demo/a", price=Money(100)))
    await finish(store, first, 1)
    await finish(store, await _lease(store, make_job(endpoint="demo/a", price=Money(200))), 2)
    await finish(store, await _lease(store, make_job("bob", endpoint="demo/b", price=Money(7))), 899.999)
    await finish(store, await _lease(store, make_job(endpoint="demo/a", price=Money(1000), key_id="key-ada-first")), 900)
    await finish(store, await _lease(store, make_job(endpoint="demo/b", price=FREE, engine="acme")), 901)
    await store.refund(first.job.id, Money(50), deed(at=902))
    await store.fail(await _lease(store, make_job(price=Money(300))), BROKEN, render_s=None, at=later(903))


def _house(store: Any, folder: Path) -> dict[str, int]:
    """What the house's own accounts have. No verb tells that: it is read where the store keeps it."""
    sums = Counter[str]()
    if hasattr(store, "shelf"):
        legs = [(entry.kind, entry.amount) for entry in store.shelf.ledger.entries if not entry.account]
    else:
        connection = apsw.Connection(str(folder / "store.sqlite"))
        legs = connection.execute("select kind, amount from entry where account is null").fetchall()
        connection.close()
    for kind, amount in legs:
        sums[kind] += amount
    return dict(sums)


def _movements(store: Any, folder: Path) -> list[tuple[Any, ...]]:
    """Every transaction as the store keeps it, in its order."""
    if hasattr(store, "shelf"):
        txns = store.shelf.ledger.txns
        return [(each.kind, each.account, each.job_id, each.at, each.change, each.note, each.actor, each.reference) for each in txns]
    connection = apsw.Connection(str(folder / "store.sqlite"))
    rows = connection.execute("select kind, account, job_id, at, change, note, actor, reference from txn order by id").fetchall()
    connection.close()
    return [(*row[:3], from_ms(row[3]), *row[4:]) for row in rows]


async def _lease(store: Store, job: Job) -> Lease:
    await accepted(store, job)
    (lease,) = await take(store, 0, lease_s=10_000)
    return lease


async def _done(store: Store, price: Money = PRICE) -> Job:
    """A job that is done and paid for."""
    lease = await _lease(store, make_job(price=price))
    await finish(store, lease)
    return lease.job


async def _complete(store: Store, lease: Lease, charge: Money) -> None:
    blob = make_blob(lease.job)
    await store.complete(lease, make_video(blob), blob, render_s=1.0, at=later(1), charge=charge)


def _receipt(job: Job, held: Money, outcome: str, charged: Money, refunded: Money = FREE) -> Receipt:
    return Receipt(job_id=job.id, held=held, outcome=outcome, charged=charged, refunded=refunded)
