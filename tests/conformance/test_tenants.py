"""Every store's accounts and keys: what is kept of them, and what bounds them."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from reelgate.contracts.account import Limits
from reelgate.contracts.price import PriceBook
from reelgate.contracts.store import Accepted, Full, JobFilter, Mismatch, Replay, Revoked, Short, Spent, Store
from reelgate.domain.errors import NotFound
from reelgate.domain.identity import new_id
from reelgate.domain.job import Job, JobState, Serving
from reelgate.domain.money import FREE, Money
from tests.story import (
    EVERY_CHANGE,
    HOOK,
    PRICE,
    accepted,
    deed,
    finish,
    later,
    make_account,
    make_job,
    make_key,
    same_request,
    started,
    take,
)

LIMITS = Limits(per_second=5, concurrency=2, daily_spend=Money.dollars("50"), models=("demo/*", "fal-ai/veo3"))


# -- what is kept --------------------------------------------------------------------------------------------------------


async def test_an_account_comes_back_as_it_was_given(store: Store) -> None:
    await store.add_book(PriceBook(id="friends", note="", created_at=later(0)), deed())
    carl = make_account("carl", book="friends", currency="CNY", time_zone="Asia/Shanghai", limits=LIMITS)
    assert await store.add_account(carl, deed())
    assert await store.account("carl") == carl
    changed = replace(make_account("carl"), name="Charles", created_at=later(99), limits=Limits(concurrency=0))
    assert await store.change_account(changed, deed())
    assert await store.account("carl") == replace(changed, created_at=later(0))
    assert not await store.change_account(make_account("stranger"), deed())
    assert await store.account("stranger") is None


async def test_an_account_has_a_book_and_a_time_zone_that_are_there(store: Store) -> None:
    for verb, name in ((store.add_account, "carl"), (store.change_account, "ada")):
        with pytest.raises(NotFound):
            await verb(make_account(name, book="nobody's"), deed())
        for zone in ("Asia/Nowhere", "", "../etc/passwd", "Europe"):
            with pytest.raises(ValueError, match="there is no time zone"):
                await verb(make_account(name, time_zone=zone), deed())
    assert await store.account("carl") is None
    assert await store.account("ada") == make_account("ada")


async def test_a_key_comes_back_as_it_was_given(store: Store) -> None:
    key = _rich_key()
    assert await store.add_key(key, deed())
    assert await store.key(key.id) == await store.key_by_mac(key.mac) == key
    assert await store.key("unknown") is None


async def test_a_key_is_kept_once(store: Store) -> None:
    key = make_key("ada")
    assert await store.add_key(key, deed())
    assert not await store.add_key(replace(key, id="another"), deed())
    assert not await store.add_key(replace(key, mac=b"another"), deed())
    assert await store.keys("ada") == [make_key("ada", ""), key]


async def test_what_may_change_of_a_key_changes(store: Store) -> None:
    key = _rich_key()
    await store.add_key(key, deed())
    other: dict[str, Any] = {"mode": "admin", "mac": b"x", "prefix": "x", "last4": "x", "created_at": later(9), "origin": "x"}
    plain = make_key("ada", "pair", id=key.id)
    wanted = replace(plain, name="renamed", scopes=frozenset({"read", "write"}), created_by="x", revoked_at=later(1), **other)
    assert await store.change_key(wanted, deed())
    bounds: dict[str, Any] = {"limits": plain.limits, "spend_limit": None, "expires_at": None, "networks": ()}
    assert await store.key(key.id) == replace(key, name="renamed", scopes=wanted.scopes, **bounds)
    assert not await store.change_key(replace(wanted, account="bob"), deed())
    assert not await store.change_key(replace(wanted, id="unknown"), deed())


async def test_a_key_is_followed_by_another(store: Store) -> None:
    first, second = make_key("ada"), make_key("ada", "second", origin="key-ada-first")
    await store.add_key(first, deed())
    assert await store.rotate_key(first.id, second, later(60), deed(at=10))
    assert await store.key(first.id) == replace(first, expires_at=later(60))
    assert await store.key(second.id) == second
    assert (first.line, second.line) == (first.id, first.id)


async def test_a_former_key_ends_no_later_than_it_was_to(store: Store) -> None:
    first = make_key("ada", expires_at=later(30))
    await store.add_key(first, deed())
    assert await store.rotate_key(first.id, make_key("ada", "second"), later(60), deed(at=10))
    assert await store.key(first.id) == first


async def test_only_a_key_that_works_is_followed(store: Store) -> None:
    first, other = make_key("ada", expires_at=later(30)), make_key("ada", "other")
    await store.add_key(first, deed())
    await store.add_key(other, deed())
    await store.revoke_key(other.id, later(5), deed())
    second = make_key("ada", "second")
    assert not await store.rotate_key(first.id, second, later(60), deed(at=30))
    assert not await store.rotate_key(other.id, second, later(60), deed(at=10))
    assert not await store.rotate_key("unknown", second, later(60), deed(at=10))
    assert not await store.rotate_key(first.id, make_key("bob", "second"), later(60), deed(at=10))
    assert not await store.rotate_key(first.id, replace(second, mac=other.mac), later(20), deed(at=10))
    assert not await store.rotate_key(first.id, replace(second, id=other.id), later(20), deed(at=10))
    assert await store.key(second.id) is None
    assert await store.key(first.id) == first


async def test_the_last_use_of_a_key_goes_forward(store: Store) -> None:
    await store.touch_keys({})
    await store.touch_keys({"key-ada": later(5), "unknown": later(5), "key-bob": later(7)})
    await store.touch_keys({"key-ada": later(4), "key-bob": later(8)})
    assert [key.last_used_at for key in await store.keys()] == [later(5), later(8)]


# -- which key may submit ------------------------------------------------------------------------------------------------


async def test_a_key_that_does_not_work_holds_no_money(store: Store) -> None:
    await store.add_key(make_key("ada", expires_at=later(30)), deed())
    await store.revoke_key("key-bob", later(0), deed())
    assert isinstance(await store.accept(make_job(key_id="key-ada-first", age=29.999)), Accepted)
    for job in (
        make_job(key_id="key-ada-first", age=30),
        make_job("bob"),
        make_job(key_id="key-bob"),
        make_job("bob", key_id="key-ada"),
        make_job(key_id="unknown"),
        make_job("stranger", key_id="key-ada"),
    ):
        assert await store.accept(job) == Revoked()
        assert await store.job(job.account, job.id) is None
    assert (await store.balance("bob")).held == FREE


async def test_a_key_is_revoked_between_two_submits(store: Store) -> None:
    await accepted(store, make_job())
    outcomes = await asyncio.gather(
        store.accept(make_job()), store.revoke_key("key-ada", later(0), deed()), store.accept(make_job()), store.accept(make_job())
    )
    assert outcomes[2:] == [Revoked(), Revoked()]


async def test_the_key_is_asked_for_first(store: Store) -> None:
    await store.accept(make_job(external_id="mine"), idempotency=same_request("k"))
    await store.revoke_key("key-ada", later(0), deed())
    assert await store.accept(make_job(external_id="mine"), idempotency=same_request("k"), max_queued=0) == Revoked()


# -- limits on spending --------------------------------------------------------------------------------------------------


async def test_a_key_spends_no_more_than_its_limit_for_good(store: Store) -> None:
    await _bound_key(store, spend_limit=Money(400_000))
    await accepted(store, make_job())
    assert await store.accept(make_job(age=90_000)) == Spent("key", daily=False, limit=Money(400_000), spent=PRICE)
    await accepted(store, make_job(price=Money(50_000)))
    await accepted(store, make_job(price=FREE))
    await accepted(store, make_job("bob"))
    assert await store.spent("ada", line="key-ada") == Money(400_000)


@pytest.mark.parametrize("whose", ["key for good", "key", "account"])
async def test_a_first_job_may_take_a_limit_whole_and_not_more(store: Store, whose: str) -> None:
    if whose == "key for good":
        await _bound_key(store, spend_limit=PRICE)
    elif whose == "key":
        await _bound_key(store, limits=Limits(daily_spend=PRICE))
    else:
        await store.change_account(make_account("ada", limits=Limits(daily_spend=PRICE)), deed())
    assert isinstance(await store.accept(make_job(price=Money(PRICE.micros + 1))), Spent)
    await accepted(store, make_job())


@pytest.mark.parametrize("bounds", [{"spend_limit": PRICE}, {"limits": Limits(daily_spend=PRICE)}])
async def test_what_another_key_spends_is_not_this_one_s(store: Store, bounds: dict[str, Any]) -> None:
    await store.add_key(make_key("ada"), deed())
    await accepted(store, make_job(key_id="key-ada-first"))
    await _bound_key(store, **bounds)
    await accepted(store, make_job())
    assert isinstance(await store.accept(make_job()), Spent)


async def test_what_costs_nothing_passes_a_limit_that_is_used_up(store: Store) -> None:
    await accepted(store, make_job())
    await _bound_key(store, spend_limit=Money(1), limits=Limits(daily_spend=Money(1)))
    await store.change_account(make_account("ada", limits=Limits(daily_spend=Money(1))), deed())
    await accepted(store, make_job(price=FREE))


async def test_a_line_of_keys_shares_its_limit(store: Store) -> None:
    await _bound_key(store, spend_limit=Money(400_000))
    await accepted(store, make_job())
    second = make_key("ada", "second", origin="key-ada", spend_limit=Money(400_000))
    await store.rotate_key("key-ada", second, later(60), deed())
    assert await store.accept(make_job(key_id=second.id)) == Spent("key", daily=False, limit=Money(400_000), spent=PRICE)
    await store.add_key(make_key("ada"), deed())
    await accepted(store, make_job(key_id="key-ada-first"))


@pytest.mark.parametrize("whose", ["key", "account"])
async def test_a_day_has_its_limit(store: Store, whose: str) -> None:
    limits = Limits(daily_spend=Money(400_000))
    if whose == "key":
        await _bound_key(store, limits=limits)
    else:
        await store.change_account(make_account("ada", limits=limits), deed())
    await accepted(store, make_job())
    midnight = 43_200  # the story begins at noon
    assert await store.accept(make_job(age=midnight - 0.001)) == Spent(whose, daily=True, limit=Money(400_000), spent=PRICE)
    await accepted(store, make_job(age=midnight))
    assert await store.spent("ada", day="2026-01-01") == await store.spent("ada", line="key-ada", day="2026-01-02") == PRICE


async def test_the_days_of_an_account_are_those_of_its_time_zone(store: Store) -> None:
    account = make_account("ada", time_zone="Asia/Kathmandu", limits=Limits(daily_spend=PRICE))  # 5 h 45 min east of Greenwich
    await store.change_account(account, deed())
    midnight = 43_200 - 20_700
    await accepted(store, make_job(age=midnight - 0.001))
    await accepted(store, make_job(age=midnight))
    assert await store.accept(make_job(age=midnight + 1)) == Spent("account", daily=True, limit=PRICE, spent=PRICE)
    assert await store.spent("ada", day="2026-01-02") == PRICE


async def test_all_keys_of_an_account_share_its_limit(store: Store) -> None:
    await store.change_account(make_account("ada", limits=Limits(daily_spend=Money(400_000))), deed())
    await store.add_key(make_key("ada"), deed())
    await accepted(store, make_job())
    assert await store.accept(make_job(key_id="key-ada-first")) == Spent("account", daily=True, limit=Money(400_000), spent=PRICE)


async def test_what_comes_back_may_be_spent_again(store: Store) -> None:
    await store.change_account(make_account("ada", limits=Limits(daily_spend=PRICE)), deed())
    lease = await started(store)
    assert isinstance(await store.accept(make_job()), Spent)
    await store.cancel(lease, later(1))
    lease = await started(store, at=2)
    await finish(store, lease, 90_000)
    assert isinstance(await store.accept(make_job(age=3)), Spent)
    await store.refund(lease.job.id, Money(100_000), deed(at=90_001))
    assert await store.accept(make_job(age=4)) == Spent("account", daily=True, limit=PRICE, spent=Money(250_000))
    await accepted(store, make_job(age=4, price=Money(100_000)))


async def test_limits_are_asked_for_in_their_order(store: Store) -> None:
    await store.accept(make_job(external_id="mine"), idempotency=same_request("k"))
    await store.change_account(make_account("ada", limits=Limits(daily_spend=FREE)), deed())
    await _bound_key(store, limits=Limits(daily_spend=Money(1)))
    dear = make_job(price=Money.dollars("1000"))
    assert isinstance(await store.accept(dear, idempotency=same_request("k", b"two")), Mismatch)
    assert isinstance(await store.accept(dear, idempotency=same_request("k")), Replay)
    assert isinstance(await store.accept(dear, max_queued=0), Full)
    assert await store.accept(dear) == Spent("key", daily=True, limit=Money(1), spent=PRICE)
    await _bound_key(store, limits=Limits(daily_spend=Money(1)), spend_limit=Money(2))
    assert await store.accept(dear) == Spent("key", daily=False, limit=Money(2), spent=PRICE)
    await _bound_key(store)
    assert await store.accept(dear) == Spent("account", daily=True, limit=FREE, spent=PRICE)
    await store.change_account(make_account("ada", limits=Limits(daily_spend=Money.dollars("2000"))), deed())
    assert isinstance(await store.accept(dear), Short)


async def test_a_hundred_at_once_share_a_limit_for_three(store: Store) -> None:
    await _bound_key(store, spend_limit=Money.dollars("1.05"))
    outcomes = await asyncio.gather(*(store.accept(make_job()) for _ in range(100)))
    assert sum(isinstance(each, Accepted) for each in outcomes) == 3
    assert sum(isinstance(each, Spent) for each in outcomes) == 97


# -- how many run --------------------------------------------------------------------------------------------------------


async def test_an_account_has_a_bound_of_its_own(store: Store) -> None:
    await store.change_account(make_account("ada", limits=Limits(concurrency=3)), deed())
    await store.change_account(make_account("bob", limits=Limits(concurrency=1)), deed())
    await _queue(store, "ada", 5)
    await _queue(store, "bob", 5)
    assert sorted(lease.job.account for lease in await take(store, 10, per_account=2)) == ["ada", "ada", "ada", "bob"]
    assert await take(store, 11, per_account=2) == []
    await store.change_account(make_account("bob"), deed())
    assert [lease.job.account for lease in await take(store, 12, per_account=2)] == ["bob"]


async def test_jobs_of_other_keys_pass_by_those_that_wait_for_theirs(store: Store) -> None:
    await _bound_key(store, limits=Limits(concurrency=1))
    await store.add_key(make_key("ada"), deed())
    bound = await _queue(store, "ada", 30)
    free = await _queue(store, "ada", 3, key_id="key-ada-first")
    bob = await _queue(store, "bob", 2)
    first = await take(store, 50, per_account=2)
    assert {lease.job.id for lease in first} == {bound[0].id, free[0].id, bob[0].id, bob[1].id}
    assert await take(store, 51, per_account=2) == []
    await finish(store, next(lease for lease in first if lease.job.id == bound[0].id), 52)
    assert [lease.job.id for lease in await take(store, 53, per_account=2)] == [bound[1].id]
    assert len(await take(store, 54, per_account=100)) == 2


async def test_of_a_key_as_many_run_as_it_may(store: Store) -> None:
    await _bound_key(store, limits=Limits(concurrency=3))
    jobs = await _queue(store, "ada", 6)
    first = await take(store, 10)
    assert [lease.job.id for lease in first] == [job.id for job in jobs[:3]]
    await finish(store, first[1], 11)
    assert [lease.job.id for lease in await take(store, 12)] == [jobs[3].id]


async def test_a_job_behind_others_that_cannot_start_has_its_turn_as_well(store: Store) -> None:
    await store.change_account(make_account("bob", limits=Limits(concurrency=4)), deed())
    await started(store, "bob")
    for _ in range(2):
        await accepted(store, make_job("ada", age=1, start_by=later(5)))
    third = await accepted(store, make_job("ada", age=2))
    bob = [await accepted(store, make_job("bob", age=3)) for _ in range(2)]
    # Bob's second one would be his third that runs, as Ada's is the third of hers; and hers is older.
    assert [lease.job.id for lease in await take(store, 10, most=2, per_account=2)] == [bob[0].id, third.id]


async def test_a_job_behind_others_has_its_turn_when_no_more_are_wanted(store: Store) -> None:
    await store.change_account(make_account("bob", limits=Limits(concurrency=4)), deed())
    await started(store, "bob")
    for _ in range(2):
        await accepted(store, make_job("ada", age=1, start_by=later(5)))
    third = await accepted(store, make_job("ada", age=2))
    bob = [await accepted(store, make_job("bob", age=3)) for _ in range(2)]
    want = {Serving.PREVIEW: 2}  # nothing of the other class, so that nothing is left to look for but who comes first
    leases = await store.lease("worker", now=later(10), until=later(40), want=want, per_account=2)
    assert [lease.job.id for lease in leases] == [bob[0].id, third.id]


async def test_whose_bound_is_nothing_waits(store: Store) -> None:
    await store.change_account(make_account("ada", limits=Limits(concurrency=0)), deed())
    await _bound_key(store, "bob", limits=Limits(concurrency=0))
    ada, bob = await _queue(store, "ada", 1), await _queue(store, "bob", 1)
    assert await take(store, 10) == []
    assert await store.line(10) == [ada[0].id, bob[0].id]


async def test_a_job_adrift_is_taken_over_whatever_the_bound(store: Store) -> None:
    lease = await started(store)
    await store.change_account(make_account("ada", limits=Limits(concurrency=0)), deed())
    (again,) = await take(store, 31)
    assert again.job.id == lease.job.id


# -- what a test key sees ------------------------------------------------------------------------------------------------


async def test_whoever_asks_for_tests_sees_no_live_job(store: Store) -> None:
    live = await accepted(store, make_job(callback=HOOK, terms=EVERY_CHANGE))
    test = await accepted(store, make_job(test=True, callback=HOOK, terms=EVERY_CHANGE, price=FREE))
    await accepted(store, make_job("bob", test=True))
    for job, expected in ((live, False), (test, True)):
        glance = await store.glance("ada", job.id)
        assert glance is not None
        assert glance.test is expected
    assert [job.id for job in await store.jobs("ada", JobFilter())] == [test.id, live.id]
    assert [job.id for job in await store.jobs("ada", JobFilter(test_only=True))] == [test.id]
    assert await store.jobs("ada", JobFilter(test_only=True, states=frozenset({JobState.RUNNING}))) == []
    for lease in await take(store, 1):
        await finish(store, lease, 2)
    states = ["queued", "running", "done"]
    every = await store.account_events("ada", 0)
    assert {event.job_id for event in every} == {live.id, test.id}
    events = await store.account_events("ada", 0, test_only=True)
    assert events == [event for event in every if event.job_id == test.id]
    assert [event.message for event in events] == states
    assert await store.account_events("ada", events[0].sequence, limit=1, test_only=True) == events[1:2]
    assert await store.account_events("ada", -1, test_only=True) == events[-1:]
    assert len(await store.deliveries("ada")) == 4
    owed = await store.deliveries("ada", test_only=True)
    assert [(each.job_id, each.told) for each in owed] == [(test.id, JobState.DONE), (test.id, JobState.RUNNING)]
    assert await store.deliveries("ada", test.id, test_only=True) == owed
    assert await store.deliveries("ada", live.id, test_only=True) == []
    assert len(await store.deliveries("ada", live.id)) == 2


async def test_the_word_of_a_live_job_is_not_sent_again_for_a_test_key(store: Store) -> None:
    live = await accepted(store, make_job(callback=HOOK))
    test = await accepted(store, make_job(test=True, callback=HOOK))
    for job in (live, test):
        await store.request_cancel("ada", job.id, later(1))
    of_live, of_test = [(await store.deliveries("ada", job.id))[0] for job in (live, test)]
    assert await store.replay("ada", of_live.id, later(2), test_only=True) is None
    assert await store.deliveries("ada", live.id) == [of_live]
    assert (await store.replay("ada", of_test.id, later(2), test_only=True)) is not None
    assert (await store.replay("ada", of_live.id, later(2))) is not None
    assert await store.account_events("ada", -1, test_only=True) == (await store.events("ada", test.id))[-1:]


async def test_a_page_of_tests_begins_where_the_one_before_ended(store: Store) -> None:
    made: list[Job] = []
    for second in range(4):
        await accepted(store, make_job(age=second))
        made.append(await accepted(store, make_job(age=second, test=True)))
    newest = [job.id for job in reversed(made)]
    assert [job.id for job in await store.jobs("ada", JobFilter(test_only=True, limit=2))] == newest[:2]
    assert [job.id for job in await store.jobs("ada", JobFilter(test_only=True, before=newest[1]))] == newest[2:]
    assert [job.id for job in await store.jobs("ada", JobFilter(test_only=True, skip=3))] == newest[3:]
    since = JobFilter(test_only=True, since=later(1), until=later(3), endpoints=frozenset({made[0].endpoint}))
    assert [job.id for job in await store.jobs("ada", since)] == newest[1:3]
    assert await store.glance("ada", new_id(0)) is None


# -- what stories are made of --------------------------------------------------------------------------------------------


def _rich_key() -> Any:
    return make_key(
        "ada",
        "pair",
        mode="test",
        sealed=b"\x01\x00sealed",
        scopes=frozenset({"read"}),
        limits=LIMITS,
        spend_limit=Money.dollars("20"),
        expires_at=later(600),
        networks=("10.0.0.0/8", "2001:db8::/32"),
        last_used_at=later(2),
        origin="key-ada",
        created_by="key-root",
    )


async def _bound_key(store: Store, account: str = "ada", **bounds: Any) -> None:
    """The key under which an account's jobs come has these bounds from now on."""
    assert await store.change_key(make_key(account, "", **bounds), deed())


async def _queue(store: Store, account: str, count: int, **facts: Any) -> list[Job]:
    return [await accepted(store, make_job(account, age=number, **facts)) for number in range(count)]
