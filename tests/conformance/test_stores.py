"""Every store against the promises of its contract. The suite finds the stores by itself."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import apsw
import pytest

from reelgate.contracts.account import Balance
from reelgate.contracts.attempt import Attempt
from reelgate.contracts.store import Accepted, Full, Glance, JobFilter, Mismatch, Replay, Revoked, Short, Store, StoreDriver, Taken
from reelgate.discovery import load_leaves
from reelgate.domain.errors import Fault, LeaseLost, NotFound, Unready
from reelgate.domain.identity import new_id
from reelgate.domain.job import AttemptState, Event, Failure, Job, JobState, Lease, Notify, Priority, Serving, Terms
from reelgate.domain.media import Dropped
from reelgate.domain.money import FREE, Money
from tests.story import (
    BROKEN,
    PRICE,
    accepted,
    deed,
    finish,
    later,
    make_account,
    make_blob,
    make_job,
    make_key,
    make_rich_job,
    make_video,
    same_request,
    started,
    take,
    with_accounts,
)

STORES = load_leaves("reelgate.storage", "STORE", StoreDriver)
ROUNDS = 100


# -- a submit ------------------------------------------------------------------------------------------------------------


async def test_a_job_and_its_hold_appear_together(store: Store) -> None:
    job = make_job()
    assert await store.accept(job) == Accepted(job)
    assert await store.job("ada", job.id) == job
    assert await store.balance("ada") == Balance(available=Money(99_650_000), held=PRICE)
    assert [(event.kind, event.message, event.state) for event in await store.events("ada", job.id)] == [
        ("state", "queued", JobState.QUEUED)
    ]


async def test_a_job_comes_back_as_it_was_given(store: Store) -> None:
    job = await accepted(store, make_rich_job())
    assert await store.job("ada", job.id) == job


async def test_whose_a_job_is_can_be_asked_by_who_may_see_all(store: Store) -> None:
    mine, theirs = await accepted(store, make_job()), await accepted(store, make_job("bob"))
    assert [await store.owner_of(each) for each in (mine.id, theirs.id, "no such job")] == ["ada", "bob", None]


@pytest.mark.parametrize(
    "term", [{"notify": Notify.CHANGES}, {"keep_s": 0.5}, {"forget_input": True}, {"retries": False}, {"strict": True}]
)
async def test_each_term_is_kept(store: Store, term: dict[str, Any]) -> None:
    job = await accepted(store, make_job(terms=Terms(**term)))
    kept = await store.job("ada", job.id)
    assert kept is not None
    assert kept.terms == Terms(**term)


async def test_instants_are_kept_to_the_millisecond(store: Store) -> None:
    job = await accepted(store, make_job(start_by=later(60) + timedelta(microseconds=1_001)))
    kept = await store.job("ada", job.id)
    assert kept is not None
    assert kept.start_by == later(60.001)
    (lease,) = await take(store, 1)
    odd = later(2) + timedelta(microseconds=2_345)
    await store.note(lease, [Event(job_id=job.id, kind="log", message="hello", at=odd)])
    assert (await store.events("ada", job.id))[-1].at == later(2.002)


async def test_a_glance_is_the_little_of_a_job(store: Store) -> None:
    job = await accepted(store, make_job(position=4))
    assert await store.glance("ada", job.id) == Glance(job.id, "ada", job.endpoint, "fal", job.base, JobState.QUEUED, 4, None, None, None)
    (lease,) = await take(store)
    await store.fail(lease, BROKEN, render_s=1.5, at=later(1))
    glance = await store.glance("ada", job.id)
    assert glance is not None
    assert glance[5:] == (JobState.FAILED, 4, 1.5, BROKEN.code, BROKEN.message, (), False)
    assert type(glance.state) is JobState


async def test_the_same_key_and_request_give_the_same_job(store: Store) -> None:
    first = await store.accept(make_job(), idempotency=same_request("k"))
    assert isinstance(first, Accepted)
    assert await store.accept(make_job(), idempotency=same_request("k")) == Replay(first.job)
    (lease,) = await take(store)
    await finish(store, lease)
    again = await store.accept(make_job(), idempotency=same_request("k"))
    assert isinstance(again, Replay)
    assert (again.job.id, again.job.state) == (first.job.id, JobState.DONE)


async def test_a_key_that_stands_for_another_request_is_refused(store: Store) -> None:
    await store.accept(make_job(), idempotency=same_request("k", b"one"))
    assert await store.accept(make_job(), idempotency=same_request("k", b"two")) == Mismatch()
    assert isinstance(await store.accept(make_job("bob"), idempotency=same_request("k", b"two")), Accepted)
    assert (await store.counts())[JobState.QUEUED] == 2


async def test_a_key_is_forgotten_when_its_time_is_over(store: Store) -> None:
    await store.accept(make_job(), idempotency=same_request("k", b"one", until=later(60)))
    assert await store.accept(make_job(age=59), idempotency=same_request("k", b"two")) == Mismatch()
    assert isinstance(await store.accept(make_job(age=60), idempotency=same_request("k", b"two")), Accepted)
    assert await store.accept(make_job(age=61), idempotency=same_request("k", b"one")) == Mismatch()


async def test_of_keys_whose_time_is_over_nothing_is_kept(store: Store, tmp_path: Path) -> None:
    for key, until in (("a", 10), ("b", 20), ("c", 30)):
        await store.accept(make_job(), idempotency=same_request(key, until=later(until)))
    await store.accept(make_job(age=20), idempotency=same_request("d"))
    assert _kept_keys(store, tmp_path) == ["c", "d"]


async def test_a_refusal_is_not_remembered(store: Store) -> None:
    dear = make_job(price=Money.dollars("101"))
    assert isinstance(await store.accept(dear, idempotency=same_request("k")), Short)
    assert isinstance(await store.accept(make_job(), idempotency=same_request("k", b"two")), Accepted)


async def test_an_external_id_is_used_once_by_an_account(store: Store) -> None:
    job = await accepted(store, make_job(external_id="mine"))
    assert await store.accept(make_job(external_id="mine")) == Taken(job.id)
    await accepted(store, make_job("bob", external_id="mine"))
    assert await store.job_by_external_id("ada", "mine") == job
    assert await store.job_by_external_id("ada", "yours") is None


async def test_who_cannot_pay_is_told_what_is_missing(store: Store) -> None:
    await accepted(store, make_job(price=Money.dollars("99.9")))
    assert await store.accept(make_job()) == Short(Money(100_000), Money(250_000))
    assert await store.balance("ada") == Balance(available=Money(100_000), held=Money.dollars("99.9"))
    assert await store.accept(make_job(price=Money(100_001))) == Short(Money(100_000), Money(1))
    await accepted(store, make_job(price=Money(100_000)))
    await accepted(store, make_job(price=FREE))


async def test_a_full_queue_takes_no_more(store: Store) -> None:
    for _ in range(3):
        assert isinstance(await store.accept(make_job(), max_queued=3), Accepted)
    assert await store.accept(make_job(), max_queued=3) == Full(3)
    assert isinstance(await store.accept(make_job("bob"), max_queued=3), Accepted)
    await take(store, most=1)
    assert isinstance(await store.accept(make_job(), max_queued=3), Accepted)


async def test_the_checks_of_a_submit_have_an_order(store: Store) -> None:
    job = make_job(external_id="mine")
    await store.accept(job, idempotency=same_request("k"))
    hopeless = make_job(external_id="mine", price=Money.dollars("1000"))
    assert isinstance(await store.accept(hopeless, idempotency=same_request("k", b"two"), max_queued=0), Mismatch)
    assert isinstance(await store.accept(hopeless, idempotency=same_request("k"), max_queued=0), Replay)
    assert isinstance(await store.accept(hopeless, max_queued=0), Taken)
    hopeless = replace(hopeless, external_id=None)
    assert isinstance(await store.accept(hopeless, max_queued=0), Full)
    assert isinstance(await store.accept(hopeless), Short)


async def test_a_refused_job_leaves_nothing(store: Store) -> None:
    job = make_job(price=Money.dollars("101"))
    await store.accept(job, blobs=[make_blob(job, "f" * 32)])
    assert await store.job("ada", job.id) is None
    assert await store.events("ada", job.id) == []
    assert await store.blob("f" * 32) is None
    assert (await store.balance("ada")).held == FREE


async def test_a_job_of_nobody_is_refused(store: Store) -> None:
    assert await store.accept(make_job("stranger")) == Revoked()
    with pytest.raises(NotFound):
        await store.credit("stranger", PRICE, deed())
    with pytest.raises(NotFound):
        await store.add_key(make_key("stranger"), deed())


async def test_a_hundred_at_once_share_the_money_for_three(store: Store) -> None:
    for number in range(ROUNDS):
        eve = f"eve-{number}"
        await with_accounts(store, {eve: "1.05"})
        outcomes = await asyncio.gather(*(store.accept(make_job(eve)) for _ in range(100)))
        assert sum(isinstance(each, Accepted) for each in outcomes) == 3
        assert sum(isinstance(each, Short) for each in outcomes) == 97
        assert await store.balance(eve) == Balance(available=FREE, held=Money.dollars("1.05"))


async def test_fifty_copies_of_one_submit_make_one_job(store: Store) -> None:
    for number in range(ROUNDS):
        same = same_request(f"k{number}")
        outcomes = await asyncio.gather(*(store.accept(make_job(), idempotency=same) for _ in range(50)))
        (made,) = [each.job for each in outcomes if isinstance(each, Accepted)]
        assert {each.job.id for each in outcomes if isinstance(each, Replay)} == {made.id}
        assert (await store.balance("ada")).held == PRICE.times(number + 1)


# -- reading -------------------------------------------------------------------------------------------------------------


async def test_another_accounts_job_is_not_there(store: Store) -> None:
    lease = await started(store, "ada")
    job_id = lease.job.id
    await store.open_attempt(lease, "t1", later(0))
    await store.accept(make_job("ada", external_id="mine"))
    assert await store.glance("bob", job_id) is None
    assert await store.job("bob", job_id) is None
    assert await store.job_by_external_id("bob", "mine") is None
    assert await store.jobs("bob", JobFilter()) == []
    assert await store.events("bob", job_id) == []
    assert await store.account_events("bob", 0) == []
    assert await store.account_events("bob", -1) == []
    assert await store.attempts("bob", job_id) == []
    assert await store.request_cancel("bob", job_id, later(1)) is None
    kept = await store.job("ada", job_id)
    assert kept is not None
    assert kept.cancel_requested_at is None


async def test_jobs_are_listed_newest_first_in_pages(store: Store) -> None:
    made = [await accepted(store, make_job(age=second)) for second in range(5)]
    newest = [job.id for job in reversed(made)]
    page = await store.jobs("ada", JobFilter(limit=2))
    assert [job.id for job in page] == newest[:2]
    page = await store.jobs("ada", JobFilter(limit=2, before=page[-1].id))
    assert [job.id for job in page] == newest[2:4]
    page = await store.jobs("ada", JobFilter(limit=2, before=page[-1].id))
    assert page == [made[0]]


async def test_lists_are_filtered_by_state_and_endpoint(store: Store) -> None:
    running = await started(store)
    other = await accepted(store, make_job(age=1, endpoint="demo/slow"))
    queued = await accepted(store, make_job(age=2))
    assert [job.id for job in await store.jobs("ada", JobFilter(endpoints=frozenset({"demo/slow"})))] == [other.id]
    assert [job.id for job in await store.jobs("ada", JobFilter(states=frozenset({JobState.QUEUED})))] == [queued.id, other.id]
    both = JobFilter(states=frozenset({JobState.QUEUED, JobState.RUNNING}), endpoints=frozenset({queued.endpoint}))
    assert [job.id for job in await store.jobs("ada", both)] == [queued.id, running.job.id]


async def test_lists_are_filtered_by_several_endpoints(store: Store) -> None:
    made = [await accepted(store, make_job(age=second, endpoint=f"demo/{second}")) for second in range(3)]
    which = JobFilter(endpoints=frozenset({"demo/0", "demo/2", "demo/unknown"}))
    assert [job.id for job in await store.jobs("ada", which)] == [made[2].id, made[0].id]


async def test_lists_are_bounded_in_time(store: Store) -> None:
    made = [await accepted(store, make_job(age=second)) for second in range(5)]
    assert await store.jobs("ada", JobFilter(since=later(3))) == [made[4], made[3]]
    assert await store.jobs("ada", JobFilter(until=later(1))) == [made[0]]
    assert await store.jobs("ada", JobFilter(since=later(1), until=later(3))) == [made[2], made[1]]
    assert await store.jobs("ada", JobFilter(since=later(1), until=later(1))) == []


async def test_the_newest_of_a_list_are_skipped(store: Store) -> None:
    made = [await accepted(store, make_job(age=second)) for second in range(5)]
    await accepted(store, make_job(age=9, endpoint="demo/slow"))
    which = JobFilter(endpoints=frozenset({made[0].endpoint}), skip=1, limit=2)
    assert await store.jobs("ada", which) == [made[3], made[2]]
    assert await store.jobs("ada", replace(which, skip=4)) == [made[0]]
    assert await store.jobs("ada", replace(which, skip=5)) == []
    assert await store.jobs("ada", replace(which, before=made[4].id)) == [made[2], made[1]]


async def test_jobs_that_stand_for_a_request_are_found_again_after_a_crash(store: Store) -> None:
    second = await accepted(store, make_job("bob", age=2, fingerprint=b"two"))
    old = await accepted(store, make_job("ada", age=0.999, fingerprint=b"old"))
    first = await accepted(store, make_job("ada", age=1, fingerprint=b"one"))
    await accepted(store, make_job("ada", age=3))
    assert await store.accepted_since(later(1)) == [old, first, second]  # the old one is not over
    await store.request_cancel("ada", old.id, later(4))
    assert await store.accepted_since(later(1)) == [first, second]
    await store.request_cancel("bob", second.id, later(4))
    assert [job.state for job in await store.accepted_since(later(1))] == [JobState.QUEUED, JobState.CANCELLED]
    assert [job.id for job in await store.accepted_since(later(2))] == [first.id, second.id]
    assert [job.id for job in await store.accepted_since(later(2.001))] == [first.id]


async def test_a_story_is_told_in_order_and_from_any_place(store: Store) -> None:
    lease = await started(store)
    job_id = lease.job.id
    notes = [
        Event(job_id=job_id, kind="log", message="frame 1", at=later(1), level="DEBUG"),
        Event(job_id=job_id, kind="progress", message="half", at=later(2), fraction=0.5),
    ]
    await store.note(lease, notes)
    await finish(store, lease, 3)
    story = await store.events("ada", job_id)
    assert [(event.kind, event.message) for event in story] == [
        ("state", "queued"),
        ("state", "running"),
        ("log", "frame 1"),
        ("progress", "half"),
        ("state", "done"),
    ]
    assert [replace(event, sequence=0) for event in story[2:4]] == notes
    assert [event.at for event in story] == [later(0), later(0), later(1), later(2), later(3)]
    assert [event.level for event in story] == ["INFO", "INFO", "DEBUG", "INFO", "INFO"]
    sequences = [event.sequence for event in story]
    assert sequences == sorted(set(sequences))
    assert await store.events("ada", job_id, after=story[2].sequence) == story[3:]
    assert await store.events("ada", job_id, after=story[-1].sequence) == []


async def test_an_account_follows_the_states_of_all_its_jobs(store: Store) -> None:
    assert await store.account_events("ada", -1) == []
    first = await started(store, "ada")
    await store.note(first, [Event(job_id=first.job.id, kind="log", message="hello", at=later(0))])
    await accepted(store, make_job("bob"))
    second = await accepted(store, make_job("ada", age=1))
    events = await store.account_events("ada", 0)
    assert [(event.job_id, event.state) for event in events] == [
        (first.job.id, JobState.QUEUED),
        (first.job.id, JobState.RUNNING),
        (second.id, JobState.QUEUED),
    ]
    assert await store.account_events("ada", 0, limit=2) == events[:2]
    for number in range(198):
        await accepted(store, make_job("ada", age=1, price=Money(number)))
    assert len(await store.account_events("ada", 0)) == 200
    assert len(await store.account_events("ada", 0, limit=1000)) == 201
    assert (await store.account_events("ada", events[0].sequence))[:2] == events[1:]
    (newest,) = await store.account_events("ada", -1)
    assert newest == (await store.account_events("ada", 0, limit=1000))[-1]


# -- leases --------------------------------------------------------------------------------------------------------------


async def test_a_leased_job_runs(store: Store) -> None:
    job = await accepted(store, make_job())
    (lease,) = await take(store, 5)
    assert lease.job == replace(job, state=JobState.RUNNING, started_at=later(5), updated_at=later(5))
    assert lease.until == later(35)
    assert await store.job("ada", job.id) == lease.job
    assert await take(store, 6) == []


async def test_two_leasers_never_share(store: Store) -> None:
    jobs = [await accepted(store, make_job(age=second / 1000)) for second in range(40)]
    hands = await asyncio.gather(*(take(store, 1, worker=f"w{number}", most=3) for number in range(16)))
    taken = [lease.job.id for hand in hands for lease in hand]
    assert len(taken) == len(set(taken)) == len(jobs)


async def test_a_stale_token_changes_nothing(store: Store) -> None:
    old = await started(store)
    (new,) = await take(store, 31, worker="w2")
    assert new.job.id == old.job.id
    assert new.token > old.token
    await store.open_attempt(new, "t2", later(31))
    before = await _picture(store, old.job)
    for write in _writes_under(store, old):
        with pytest.raises(LeaseLost, match="is no longer the newest"):
            await write()
    assert await store.renew([old], later(99)) == frozenset()
    assert await _picture(store, old.job) == before
    await finish(store, new, 40)


async def test_nothing_is_written_under_a_lease_of_a_job_that_is_over(store: Store) -> None:
    lease = await started(store)
    await store.fail(lease, BROKEN, render_s=None, at=later(1))
    before = await _picture(store, lease.job)
    for write in _writes_under(store, lease):
        with pytest.raises(LeaseLost):
            await write()
    assert await store.renew([lease], later(99)) == frozenset()
    assert await _picture(store, lease.job) == before


async def test_a_job_is_taken_over_when_its_lease_has_run_out(store: Store) -> None:
    old = await started(store)
    await store.open_attempt(old, "t1", later(1))
    assert await take(store, 29.999, worker="w2") == []
    (new,) = await take(store, 30, worker="w2")
    assert (old.until, new.until) == (later(30), later(60))
    assert new.job == replace(old.job)
    assert new.job.started_at == later(0)
    assert [event.state for event in await store.events("ada", old.job.id)] == [JobState.QUEUED, JobState.RUNNING]
    (attempt,) = await store.attempts("ada", old.job.id)
    assert (attempt.state, attempt.closed_at, attempt.note) == (AttemptState.ABANDONED, later(30), "the lease ran out")
    await store.open_attempt(new, "t2", later(31))


async def test_a_renewed_lease_is_not_taken_over(store: Store) -> None:
    first, second = await started(store), await started(store, "bob")
    assert await store.renew([first, second], later(60)) == {first.job.id, second.job.id}
    assert await take(store, 59, worker="w2") == []
    assert await store.renew([replace(first, token=first.token + 1), second], later(90)) == {second.job.id}
    assert await store.renew([], later(90)) == frozenset()
    assert [lease.job.id for lease in await take(store, 61, worker="w2")] == [first.job.id]


async def test_a_lease_that_ran_out_holds_until_somebody_takes_the_job(store: Store) -> None:
    lease = await started(store)
    assert await store.renew([lease], later(100)) == {lease.job.id}
    await finish(store, lease, 200)


async def test_all_leases_end_at_once(store: Store) -> None:
    await finish(store, await started(store))
    old = await started(store)
    await started(store, "bob")
    assert await store.expire_leases() == 2
    assert await store.expire_leases() == 0
    with pytest.raises(LeaseLost):
        await finish(store, old)
    new = await take(store, 1)
    assert {lease.job.account for lease in new} == {"ada", "bob"}
    assert all(lease.job.state is JobState.RUNNING for lease in new)


async def test_jobs_adrift_go_before_queued_ones(store: Store) -> None:
    old = await started(store)
    queued = await accepted(store, make_job("bob"))
    hand = await take(store, 31, most=1)
    assert [lease.job.id for lease in hand] == [old.job.id]
    assert await store.line(10) == [queued.id]


async def test_each_class_is_leased_as_wanted(store: Store) -> None:
    paid = [await accepted(store, make_job(age=second, serving=Serving.PAID)) for second in range(12)]
    preview = [await accepted(store, make_job(age=20 + second)) for second in range(3)]
    want = {Serving.PREVIEW: 2, Serving.PAID: 0}
    hand = await store.lease("w", now=later(60), until=later(90), want=want, per_account=2)
    assert [lease.job.id for lease in hand] == [job.id for job in preview[:2]]
    hand = await store.lease("w", now=later(60), until=later(90), want={Serving.PAID: 1}, per_account=3)
    assert [lease.job.id for lease in hand] == [paid[0].id]
    assert await store.lease("w", now=later(60), until=later(90), want={}, per_account=10) == []


async def test_no_account_has_more_running_than_it_may(store: Store) -> None:
    for second in range(5):
        await accepted(store, make_job("ada", age=second))
    await accepted(store, make_job("bob", age=9))
    hand = await take(store, 10, per_account=2)
    assert [lease.job.account for lease in hand] == ["ada", "bob", "ada"]
    assert await take(store, 11, per_account=2) == []
    await finish(store, hand[0], 12)
    assert [lease.job.account for lease in await take(store, 13, per_account=2)] == ["ada"]


# -- the line ------------------------------------------------------------------------------------------------------------


async def test_accounts_take_turns(store: Store) -> None:
    ada = [await accepted(store, make_job("ada", age=second)) for second in range(3)]
    bob = [await accepted(store, make_job("bob", age=10 + second)) for second in range(2)]
    assert await store.line(10) == [ada[0].id, bob[0].id, ada[1].id, bob[1].id, ada[2].id]
    assert await store.line(3) == [ada[0].id, bob[0].id, ada[1].id]


async def test_running_jobs_count_as_turns_had(store: Store) -> None:
    await accepted(store, make_job("ada"))
    await accepted(store, make_job("ada"))
    await take(store)
    ada = await accepted(store, make_job("ada", age=1))
    bob = [await accepted(store, make_job("bob", age=2 + second)) for second in range(3)]
    assert await store.line(10) == [bob[0].id, bob[1].id, ada.id, bob[2].id]


async def test_priority_goes_before_age_inside_an_account(store: Store) -> None:
    low = await accepted(store, make_job("ada", age=0, priority=Priority.LOW))
    normal = await accepted(store, make_job("ada", age=1))
    bob = await accepted(store, make_job("bob", age=2, priority=Priority.LOW))
    assert await store.line(10) == [normal.id, bob.id, low.id]


async def test_jobs_are_leased_in_the_order_of_the_line(store: Store) -> None:
    for second in range(6):
        await accepted(store, make_job("ada" if second % 3 else "bob", age=second, priority=Priority(second % 2)))
    line = await store.line(100)
    assert [lease.job.id for lease in await take(store, 10, most=4)] == line[:4]
    assert await store.line(100) == line[4:]


async def test_jobs_that_cannot_start_do_not_stand_in_the_way(store: Store) -> None:
    for second in range(30):
        await accepted(store, make_job("ada", age=second, start_by=later(40)))
    late = [await accepted(store, make_job("ada", age=35 + second)) for second in range(2)]
    bob = [await accepted(store, make_job("bob", age=38, serving=Serving.PAID)), await accepted(store, make_job("bob", age=39))]
    want = {Serving.PREVIEW: 2}
    hand = await store.lease("w", now=later(41), until=later(90), want=want, per_account=2)
    assert [lease.job.id for lease in hand] == [bob[1].id, late[0].id]


# -- start timeouts ------------------------------------------------------------------------------------------------------


async def test_a_job_that_did_not_start_in_time_fails(store: Store) -> None:
    job = await accepted(store, make_job(start_by=later(60)))
    waiting = await accepted(store, make_job("bob"))
    assert await store.overdue(later(60)) == []
    assert await store.overdue(later(60.001)) == [job.id]
    failed = await store.job("ada", job.id)
    assert failed is not None
    assert (failed.state, failed.ended_at) == (JobState.FAILED, later(60.001))
    assert failed.failure is not None
    assert failed.failure.code == "start_timeout"
    assert await store.balance("ada") == Balance(available=Money.dollars("100"), held=FREE)
    assert await store.line(10) == [waiting.id]
    assert await store.overdue(later(61)) == []


async def test_of_jobs_that_did_not_start_in_time_the_oldest_fails_first(store: Store) -> None:
    jobs = [make_job(start_by=later(60)) for _ in range(3)]
    for job in (jobs[1], jobs[2], jobs[0]):
        await accepted(store, job)
    assert await store.overdue(later(61)) == [job.id for job in jobs]
    told = [event.job_id for event in await store.account_events("ada", 0) if event.state is JobState.FAILED]
    assert told == [job.id for job in jobs]


async def test_a_job_past_its_start_is_never_leased(store: Store) -> None:
    await accepted(store, make_job(start_by=later(60)))
    on_time = await accepted(store, make_job("bob", start_by=later(60.001)))
    assert [lease.job.id for lease in await take(store, 60.001)] == [on_time.id]


async def test_a_job_that_has_started_is_not_overdue(store: Store) -> None:
    await accepted(store, make_job(start_by=later(60)))
    (lease,) = await take(store, 60)
    assert await store.overdue(later(99)) == []
    await finish(store, lease, 100)


# -- attempts ------------------------------------------------------------------------------------------------------------


async def test_an_attempt_is_there_before_the_work_starts(store: Store) -> None:
    lease = await started(store)
    attempt = await store.open_attempt(lease, "t1", later(1))
    assert attempt == Attempt(token="t1", job_id=lease.job.id, number=1, engine="preview", state=AttemptState.PLANNED, opened_at=later(1))
    assert await store.attempts("ada", lease.job.id) == [attempt]
    assert await store.open_attempt(lease, "t1", later(2)) == attempt


async def test_one_attempt_is_open_at_a_time(store: Store) -> None:
    lease = await started(store)
    await store.open_attempt(lease, "t1", later(1))
    with pytest.raises(ValueError, match="is open"):
        await store.open_attempt(lease, "t2", later(1))
    await store.close_attempt(lease, "t1", AttemptState.FAILED, "the worker died", later(2))
    await store.open_attempt(lease, "t2", later(3))
    first, second = await store.attempts("ada", lease.job.id)
    assert (first.state, first.note, first.closed_at) == (AttemptState.FAILED, "the worker died", later(2))
    assert (second.number, second.token, second.closed_at) == (2, "t2", None)


async def test_a_closed_attempt_stays_as_it_ended(store: Store) -> None:
    lease = await started(store)
    await store.open_attempt(lease, "t1", later(1))
    await store.close_attempt(lease, "t1", AttemptState.FAILED, "first", later(2))
    await store.close_attempt(lease, "t1", AttemptState.DONE, "second", later(3))
    (attempt,) = await store.attempts("ada", lease.job.id)
    assert (attempt.state, attempt.note) == (AttemptState.FAILED, "first")
    await store.open_attempt(lease, "t2", later(3))
    with pytest.raises(NotFound):
        await store.close_attempt(lease, "unknown", AttemptState.FAILED, "", later(3))
    await store.close_attempt(lease, "t1", AttemptState.DONE, "third", later(4))
    assert [each.state for each in await store.attempts("ada", lease.job.id)] == [AttemptState.FAILED, AttemptState.PLANNED]
    other = await started(store, "bob", 5)
    with pytest.raises(NotFound, match="no such attempt"):
        await store.close_attempt(other, "t2", AttemptState.FAILED, "", later(6))
    with pytest.raises(ValueError, match="does not end"):
        await store.close_attempt(lease, "t1", AttemptState.ACCEPTED, "", later(3))


@pytest.mark.parametrize(
    ("ending", "state"), [("done", AttemptState.DONE), ("failed", AttemptState.FAILED), ("cancelled", AttemptState.ABANDONED)]
)
async def test_the_end_of_a_job_closes_its_attempt(store: Store, ending: str, state: AttemptState) -> None:
    lease = await started(store)
    await store.open_attempt(lease, "t1", later(1))
    await _end(store, lease, ending)
    (attempt,) = await store.attempts("ada", lease.job.id)
    assert (attempt.state, attempt.closed_at, attempt.note) == (state, later(9), BROKEN.code if ending == "failed" else "")


async def test_deaths_are_counted(store: Store) -> None:
    lease = await started(store)
    assert await store.count_death(lease) == 1
    assert await store.count_death(lease) == 2
    job = await store.job("ada", lease.job.id)
    assert job is not None
    assert job.deaths == 2


async def test_a_note_is_of_the_leased_job_and_no_state(store: Store) -> None:
    lease = await started(store)
    for wrong in (
        Event(job_id=new_id(0), kind="log", message="another's", at=later(1)),
        Event(job_id=lease.job.id, kind="state", message="done", at=later(1), state=JobState.DONE),
    ):
        with pytest.raises(ValueError, match="a note is"):
            await store.note(lease, [wrong])
    await store.note(lease, [])
    assert len(await store.events("ada", lease.job.id)) == 2


# -- ends and money ------------------------------------------------------------------------------------------------------


async def test_a_video_is_kept_and_the_hold_captured(store: Store) -> None:
    lease = await started(store)
    blob = make_blob(lease.job)
    await store.complete(lease, make_video(blob), blob, render_s=2.5, at=later(9))
    job = await store.job("ada", lease.job.id)
    assert job == replace(lease.job, state=JobState.DONE, updated_at=later(9), ended_at=later(9), video=make_video(blob), render_s=2.5)
    assert await store.blob(blob.name) == blob
    assert await store.balance("ada") == Balance(available=Money(99_650_000), held=FREE)


async def test_what_the_maker_could_not_use_is_told(store: Store) -> None:
    lease = await started(store)
    assert lease.job.unused == ()
    blob, unused = make_blob(lease.job), (Dropped(field="seed", reason="it draws no numbers"), Dropped(field="mask", reason="—"))
    await store.complete(lease, make_video(blob), blob, render_s=2.5, at=later(9), unused=list(unused))
    job, glance = await store.job("ada", lease.job.id), await store.glance("ada", lease.job.id)
    assert job is not None
    assert glance is not None
    assert job.unused == glance.unused == unused
    assert job.dropped == ()


async def test_a_failure_is_told_and_the_hold_released(store: Store) -> None:
    lease = await started(store)
    fault = Fault(path=("image_url",), message="This is no picture.", kind="image_load_error", limits={"max_bytes": 10})
    failure = Failure(code="rejected", message="This is no picture.", fault=fault)
    await store.fail(lease, failure, render_s=None, at=later(9))
    job = await store.job("ada", lease.job.id)
    assert job == replace(lease.job, state=JobState.FAILED, updated_at=later(9), ended_at=later(9), failure=failure)
    assert await store.balance("ada") == Balance(available=Money.dollars("100"), held=FREE)


@pytest.mark.parametrize("ending", ["done", "failed", "cancelled"])
async def test_the_end_is_one_event_and_one_settlement(store: Store, ending: str) -> None:
    lease = await started(store)
    await _end(store, lease, ending)
    for again in ("done", "failed", "cancelled"):
        with pytest.raises(LeaseLost):
            await _end(store, lease, again)
    assert [event.message for event in await store.events("ada", lease.job.id)] == ["queued", "running", ending]
    spent = PRICE.micros if ending == "done" else 0
    assert await store.balance("ada") == Balance(available=Money(100_000_000 - spent), held=FREE)


async def test_whatever_races_the_job_is_settled_once(store: Store) -> None:
    for second in range(10):
        lease = await started(store, at=second)
        calls = [_end(store, lease, ending) for ending in ("done", "failed", "cancelled", "done")]
        results = await asyncio.gather(*calls, store.request_cancel("ada", lease.job.id, later(9)), return_exceptions=True)
        assert sum(isinstance(each, LeaseLost) for each in results) == 3
        assert [event.kind for event in await store.events("ada", lease.job.id)] == ["state"] * 3
    counts = await store.counts()
    spent = counts[JobState.DONE] * PRICE.micros
    assert await store.balance("ada") == Balance(available=Money(100_000_000 - spent), held=FREE)


async def test_a_job_without_a_price_is_settled_too(store: Store) -> None:
    await accepted(store, make_job(price=FREE))
    (lease,) = await take(store)
    await finish(store, lease)
    assert await store.balance("ada") == Balance(available=Money.dollars("100"), held=FREE)


# -- cancelling ----------------------------------------------------------------------------------------------------------


async def test_a_queued_job_is_cancelled_at_once(store: Store) -> None:
    job = await accepted(store, make_job())
    cancelled = await store.request_cancel("ada", job.id, later(5))
    assert cancelled == replace(job, state=JobState.CANCELLED, updated_at=later(5), ended_at=later(5), cancel_requested_at=later(5))
    assert await store.job("ada", job.id) == cancelled
    assert await store.balance("ada") == Balance(available=Money.dollars("100"), held=FREE)
    assert await take(store, 6) == []
    assert [event.message for event in await store.events("ada", job.id)] == ["queued", "cancelled"]


async def test_a_running_job_is_asked_to_stop(store: Store) -> None:
    lease = await started(store)
    asked = await store.request_cancel("ada", lease.job.id, later(5))
    assert asked == replace(lease.job, cancel_requested_at=later(5), updated_at=later(5))
    assert await store.request_cancel("ada", lease.job.id, later(6)) == asked
    assert (await store.balance("ada")).held == PRICE
    await store.cancel(lease, later(7))
    job = await store.job("ada", lease.job.id)
    assert job is not None
    assert (job.state, job.cancel_requested_at, job.ended_at) == (JobState.CANCELLED, later(5), later(7))
    assert await store.balance("ada") == Balance(available=Money.dollars("100"), held=FREE)


async def test_a_job_that_is_over_is_left_as_it_was(store: Store) -> None:
    lease = await started(store)
    await finish(store, lease)
    before = await _picture(store, lease.job)
    assert await store.request_cancel("ada", lease.job.id, later(9)) == await store.job("ada", lease.job.id)
    assert await _picture(store, lease.job) == before
    assert await store.request_cancel("ada", new_id(0), later(9)) is None


# -- watching ------------------------------------------------------------------------------------------------------------


async def test_a_watch_wakes_at_every_change_of_its_job(store: Store) -> None:
    job, other = await accepted(store, make_job("ada")), await accepted(store, make_job("bob"))
    watch = store.watch(job.id)
    assert not await watch.wait(0)
    (first, second) = sorted(await take(store), key=lambda lease: lease.job.id != job.id)
    assert await watch.wait(5)
    await store.request_cancel("bob", other.id, later(1))
    await finish(store, second)
    assert not await watch.wait(0.01)
    await store.note(first, [Event(job_id=job.id, kind="log", message="hello", at=later(1))])
    assert await watch.wait(5)
    await store.request_cancel("ada", job.id, later(1))
    assert await watch.wait(5)
    await store.cancel(first, later(2))
    assert await watch.wait(5)
    watch.close()


async def test_who_waits_already_is_woken(store: Store) -> None:
    job = await accepted(store, make_job())
    one, all_of_them = store.watch(job.id), store.watch(None)
    waiting = asyncio.gather(one.wait(5), all_of_them.wait(5))
    await asyncio.sleep(0)
    await store.request_cancel("ada", job.id, later(1))
    assert await waiting == [True, True]
    one.close()
    all_of_them.close()


async def test_a_watch_of_any_job_hears_of_new_ones(store: Store) -> None:
    watch = store.watch(None)
    await accepted(store, make_job())
    assert await watch.wait(5)
    await accepted(store, make_job(start_by=later(1)))
    await store.overdue(later(2))
    assert await watch.wait(5)
    assert not await watch.wait(0.01)
    watch.close()


async def test_who_watches_a_job_before_it_is_there_hears_of_its_beginning(store: Store) -> None:
    job = make_job()
    watch, other = store.watch(job.id), store.watch("another")
    await accepted(store, job)
    assert await watch.wait(5)
    assert not await other.wait(0.01)
    watch.close()
    other.close()


async def test_a_refused_submit_wakes_nobody(store: Store) -> None:
    watch = store.watch(None)
    await store.accept(make_job(price=Money.dollars("101")))
    assert not await watch.wait(0.01)
    watch.close()
    watch.close()


async def test_closing_a_watch_lets_go_whoever_waits(store: Store) -> None:
    watch = store.watch(None)
    waiting = asyncio.gather(watch.wait(60))
    await asyncio.sleep(0)
    watch.close()
    assert await waiting == [False]


# -- blobs ---------------------------------------------------------------------------------------------------------------


async def test_a_submits_blobs_have_rows(store: Store) -> None:
    job = make_job()
    parked = make_blob(job, "a" * 32, expires_at=later(3600))
    await store.accept(job, blobs=[parked])
    assert await store.blob("a" * 32) == parked
    assert await store.blob("b" * 32) is None
    assert await store.known_blobs() == {"a" * 32}


async def test_blobs_whose_time_is_over_are_found_and_forgotten(store: Store) -> None:
    job = make_job()
    rows = [make_blob(job, letter * 32, expires_at=later(seconds)) for letter, seconds in (("a", 20), ("b", 10), ("c", 30))]
    await store.accept(job, blobs=[*rows, make_blob(job, "d" * 32)])
    assert await store.expired_blobs(later(9.999), 10) == []
    assert await store.expired_blobs(later(20), 10) == [rows[1], rows[0]]
    assert await store.expired_blobs(later(99), 2) == [rows[1], rows[0]]
    await store.forget_blob("b" * 32)
    await store.forget_blob("b" * 32)
    assert await store.known_blobs() == {"a" * 32, "c" * 32, "d" * 32}


async def test_a_job_outlives_its_video(store: Store) -> None:
    lease = await started(store)
    blob = await finish(store, lease)
    await store.forget_blob(blob.name)
    job = await store.job("ada", lease.job.id)
    assert job is not None
    assert (job.state, job.video) == (JobState.DONE, make_video(blob))


# -- accounts, keys, money -----------------------------------------------------------------------------------------------


async def test_an_account_is_made_once(store: Store) -> None:
    assert not await store.add_account(make_account("ada"), deed())
    assert (await store.balance("ada")).available == Money.dollars("100")
    young = replace(make_account("carl"), created_at=later(-60))
    assert await store.add_account(young, deed())
    assert [account.id for account in await store.accounts()] == ["carl", "ada", "bob"]
    assert await store.account("carl") == young
    assert await store.account("stranger") is None
    assert await store.balance("carl") == await store.balance("stranger") == Balance(available=FREE, held=FREE)


async def test_a_key_is_found_by_its_mac_and_revoked(store: Store) -> None:
    key, other = make_key("ada"), make_key("bob", created_at=later(1), sealed=b"\x01\x00sealed")
    assert await store.add_key(other, deed())
    assert await store.add_key(key, deed())
    assert await store.key_by_mac(key.mac) == key
    assert await store.key_by_mac(b"unknown") is None
    assert await store.keys() == [make_key("ada", ""), key, make_key("bob", ""), other]
    assert await store.keys("bob") == [make_key("bob", ""), other]
    assert await store.key_by_mac(other.mac) == other
    assert await store.revoke_key(key.id, later(5), deed())
    assert await store.revoke_key(key.id, later(6), deed())
    assert not await store.revoke_key("unknown", later(5), deed())
    assert await store.key_by_mac(key.mac) == replace(key, revoked_at=later(5))


async def test_credits_add_up(store: Store) -> None:
    await store.credit("ada", Money(1), deed(reason="a gift"))
    await store.credit("ada", FREE, deed(reason="nothing"))
    assert await store.balance("ada") == Balance(available=Money(100_000_001), held=FREE)


# -- health --------------------------------------------------------------------------------------------------------------


async def test_jobs_are_counted_by_state(store: Store) -> None:
    for ending in ("done", "failed", "cancelled"):
        await _end(store, await started(store), ending)
    await started(store)
    await accepted(store, make_job())
    assert await store.counts() == {
        JobState.QUEUED: 1,
        JobState.RUNNING: 1,
        JobState.DONE: 1,
        JobState.FAILED: 1,
        JobState.CANCELLED: 1,
        JobState.UNKNOWN: 0,
    }


async def test_a_healthy_store_is_writable(store: Store) -> None:
    await store.check_writable()


@pytest.mark.parametrize("name", sorted(STORES))
async def test_a_closed_store_takes_nothing(name: str, tmp_path: Path) -> None:
    store = await with_accounts(await STORES[name].open(tmp_path, ""))
    last = asyncio.gather(store.accept(make_job()))
    await asyncio.sleep(0)
    await store.close()
    assert isinstance((await last)[0], Accepted)
    with pytest.raises(Unready):
        await store.accept(make_job())
    with pytest.raises(Unready):
        await store.check_writable()
    await store.close()


# -- negative controls: a suite that cannot fail measures nothing ---------------------------------------------------------


class _ForgetsTheToken:
    """A store that takes any worker for the newest."""

    def __init__(self, store: Any) -> None:
        self._store = store
        self._newest: dict[str, Lease] = {}

    def __getattr__(self, verb: str) -> Any:
        return getattr(self._store, verb)

    async def lease(self, worker: str, **terms: Any) -> list[Lease]:
        leases: list[Lease] = await self._store.lease(worker, **terms)
        self._newest.update({lease.job.id: lease for lease in leases})
        return leases

    async def complete(self, lease: Lease, *rest: Any, **more: Any) -> None:
        await self._store.complete(self._newest[lease.job.id], *rest, **more)


@pytest.mark.parametrize("name", sorted(STORES))
async def test_a_store_that_forgets_the_token_is_caught(name: str, tmp_path: Path) -> None:
    store = await with_accounts(await STORES[name].open(tmp_path, ""))
    with pytest.raises(pytest.fail.Exception, match="DID NOT RAISE"):
        await test_a_stale_token_changes_nothing(_ForgetsTheToken(store))  # pyright: ignore[reportArgumentType]
    await store.close()


@pytest.mark.parametrize(
    ("name", "settlement"),
    [("memory", "reelgate.storage.memory.ledger.Ledger.settle"), ("sqlite", "reelgate.storage.sqlite.ending.settle")],
)
async def test_a_store_that_forgets_the_settlement_is_caught(
    name: str, settlement: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settlement, lambda *_: None)
    store = await with_accounts(await STORES[name].open(tmp_path, ""))
    with pytest.raises(AssertionError):
        await test_the_end_is_one_event_and_one_settlement(store, "failed")
    assert len(await store.breaches()) >= 2
    await store.close()


# -- what stories are made of --------------------------------------------------------------------------------------------


async def _picture(store: Store, job: Job) -> tuple[Any, ...]:
    """All that a caller can see of a job, to compare before and after."""
    return (
        await store.job(job.account, job.id),
        await store.events(job.account, job.id),
        await store.attempts(job.account, job.id),
        await store.balance(job.account),
        await store.known_blobs(),
        await store.counts(),
    )


def _writes_under(store: Store, lease: Lease) -> list[Callable[[], Awaitable[Any]]]:
    """Every write that a worker may try with a lease."""
    blob, at = make_blob(lease.job, "e" * 32), later(35)
    log = Event(job_id=lease.job.id, kind="log", message="I am still here", at=at)
    return [
        lambda: store.complete(lease, make_video(blob), blob, render_s=1.0, at=at),
        lambda: store.fail(lease, BROKEN, render_s=None, at=at),
        lambda: store.cancel(lease, at),
        lambda: store.open_attempt(lease, "t9", at),
        lambda: store.close_attempt(lease, "t2", AttemptState.FAILED, "", at),
        lambda: store.count_death(lease),
        lambda: store.note(lease, [log]),
    ]


async def _end(store: Store, lease: Lease, ending: str) -> None:
    match ending:
        case "done":
            await finish(store, lease, 9)
        case "failed":
            await store.fail(lease, BROKEN, render_s=1.0, at=later(9))
        case _:
            await store.cancel(lease, later(9))


def _kept_keys(store: Any, folder: Path) -> list[str]:
    """Under which keys of callers something is remembered. No verb tells that: it is read where the store keeps it."""
    if hasattr(store, "shelf"):
        return sorted(key for _, key in store.shelf.stamps)
    connection = apsw.Connection(str(folder / "store.sqlite"))
    found = connection.execute("select key from idempotency order by key").fetchall()
    connection.close()
    return [key for (key,) in found]


async def test_a_census_counts_what_is_not_over(store: Store) -> None:
    nothing = await store.census()
    assert (dict(nothing.jobs), nothing.oldest_queued_at, nothing.webhooks, nothing.oldest_webhook_at) == ({}, None, 0, None)
    first = await started(store)
    await store.open_attempt(first, "t", later(0), channel="acme", model="m")
    for age in (1, 2):
        await accepted(store, make_job(age=age))
    over = await accepted(store, make_job(age=3, callback="https://receiver.example/hook"))
    await store.request_cancel("ada", over.id, later(4))
    found = await store.census()
    endpoint = first.job.endpoint
    assert dict(found.jobs) == {(JobState.RUNNING, endpoint, "acme"): 1, (JobState.QUEUED, endpoint, ""): 2}
    assert found.oldest_queued_at == later(1)
    assert found.held == Money(PRICE.micros * 3)
    assert (found.webhooks, found.oldest_webhook_at) == (1, later(4))
