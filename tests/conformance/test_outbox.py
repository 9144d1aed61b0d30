"""Every store's outbox: what a callback is owed appears with the change, and is sent in order, by one sender at a time."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from reelgate.contracts.outbox import TRIES_KEPT, Delivery, DeliveryState, DeliveryTry
from reelgate.contracts.store import JobFilter, Store, StoreDriver
from reelgate.discovery import load_leaves
from reelgate.domain.errors import LeaseLost
from reelgate.domain.job import JobState, Lease
from tests.story import (
    BROKEN,
    EVERY_CHANGE,
    HOOK,
    accepted,
    collect,
    finish,
    later,
    make_job,
    make_try,
    started,
    take,
    with_accounts,
)

STORES = load_leaves("reelgate.storage", "STORE", StoreDriver)


# -- what is owed --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ending", ["done", "failed", "cancelled"])
async def test_the_end_of_a_job_and_word_of_it_appear_together(store: Store, ending: str) -> None:
    lease = await _begun(store)
    assert await store.deliveries("ada") == []
    await _end(store, lease, ending)
    (owed,) = await store.deliveries("ada")
    job_id, told = lease.job.id, JobState(ending)
    expected = Delivery(
        id=owed.id, account="ada", job_id=job_id, face="fal", url=HOOK, told=told, changed_at=later(9), state=DeliveryState.PENDING
    )
    assert owed == replace(expected, next_at=later(9))
    assert len(owed.id) == 32
    assert int(owed.id, 16)


async def test_a_job_that_never_started_owes_word_of_its_end_too(store: Store) -> None:
    cancelled = await accepted(store, make_job(callback=HOOK, terms=EVERY_CHANGE))
    await store.request_cancel("ada", cancelled.id, later(1))
    late = await accepted(store, make_job(age=2, callback=HOOK, start_by=later(5)))
    await store.overdue(later(6))
    assert _told(await store.deliveries("ada")) == [
        (late.id, JobState.FAILED, later(6)),
        (cancelled.id, JobState.CANCELLED, later(1)),
    ]


async def test_a_callback_that_wants_every_change_hears_of_the_start(store: Store) -> None:
    lease = await _begun(store, at=1, terms=EVERY_CHANGE)
    assert _told(await store.deliveries("ada")) == [(lease.job.id, JobState.RUNNING, later(1))]
    await finish(store, lease, 9)
    assert _told(await store.deliveries("ada")) == [
        (lease.job.id, JobState.DONE, later(9)),
        (lease.job.id, JobState.RUNNING, later(1)),
    ]


async def test_a_job_that_begins_again_and_again_is_told_of_once(store: Store) -> None:
    lease = await _begun(store, at=1, terms=EVERY_CHANGE)
    for second in range(2, 20):
        await store.requeue(lease, later(second), later(second))
        (lease,) = await take(store, second)
    assert _told(await store.deliveries("ada")) == [(lease.job.id, JobState.RUNNING, later(1))]
    await finish(store, lease, 30)
    assert [each.told for each in await store.deliveries("ada")] == [JobState.DONE, JobState.RUNNING]


async def test_a_job_that_is_taken_over_has_not_changed(store: Store) -> None:
    old = await _begun(store, terms=EVERY_CHANGE)
    (new,) = await take(store, 31, worker="w2")
    assert new.job.id == old.job.id
    assert len(await store.deliveries("ada")) == 1
    await store.request_cancel("ada", new.job.id, later(32))
    assert len(await store.deliveries("ada")) == 1


async def test_a_job_without_a_callback_owes_nothing(store: Store) -> None:
    await finish(store, await started(store))
    lease = await _begun(store, callback=None, terms=EVERY_CHANGE)
    await store.fail(lease, BROKEN, render_s=None, at=later(9))
    assert await store.deliveries("ada") == []


async def test_whatever_races_the_end_is_told_once(store: Store) -> None:
    ended: list[str] = []
    for second in range(10):
        lease = await _begun(store, at=second)
        calls = [_end(store, lease, ending) for ending in ("done", "failed", "cancelled", "done")]
        results = await asyncio.gather(*calls, store.request_cancel("ada", lease.job.id, later(9)), return_exceptions=True)
        assert sum(isinstance(each, LeaseLost) for each in results) == 3
        ended.append(lease.job.id)
        job = await store.job("ada", lease.job.id)
        assert job is not None
        assert [each.told for each in await store.deliveries("ada", lease.job.id)] == [job.state]
    queued = await accepted(store, make_job(callback=HOOK, age=20, start_by=later(21)))
    await asyncio.gather(store.request_cancel("ada", queued.id, later(30)), store.overdue(later(30)), take(store, 30))
    assert [each.job_id for each in await store.deliveries("ada")] == [queued.id, *reversed(ended)]


# -- sending -------------------------------------------------------------------------------------------------------------


async def test_what_is_due_is_given_to_one_sender(store: Store) -> None:
    owed = await _owed(store, at=9)
    assert await collect(store, 8.999) == []
    assert await collect(store, 9, taken_s=60) == [replace(owed, token=1, next_at=later(69))]
    assert await collect(store, 9) == await collect(store, 68.999) == []


async def test_senders_at_once_never_share(store: Store) -> None:
    owed = [await _owed(store, at=second) for second in range(20)]
    hands = await asyncio.gather(*(collect(store, 30, most=3) for _ in range(10)))
    taken = [each.id for hand in hands for each in hand]
    assert sorted(taken) == sorted(each.id for each in owed)
    assert max(map(len, hands)) == 3


async def test_those_that_wait_longest_go_first(store: Store) -> None:
    owed = [await _owed(store, at=second, account="ada" if second % 2 else "bob") for second in (3, 1, 2)]
    assert _ids(await collect(store, 5, most=2)) == [owed[1].id, owed[2].id]
    assert _ids(await collect(store, 5)) == [owed[0].id]


async def test_accounts_take_turns_however_much_one_is_owed(store: Store) -> None:
    many = [await _owed(store, at=second) for second in range(6)]
    few = [await _owed(store, at=second, account="bob") for second in (7, 8)]
    assert _ids(await collect(store, 9, most=3)) == [many[0].id, few[0].id, many[1].id]
    assert _ids(await collect(store, 9, most=3)) == [many[2].id, few[1].id, many[3].id]
    assert _ids(await collect(store, 9)) == [many[4].id, many[5].id]


async def test_of_an_account_no_more_is_taken_than_was_asked_for(store: Store) -> None:
    many = [await _owed(store, at=second) for second in range(4)]
    other = await _owed(store, at=5, account="bob")
    taken = await store.due(now=later(6), until=later(66), limit=10, per_account=2)
    assert _ids(taken) == [many[0].id, other.id, many[1].id]
    assert _ids(await collect(store, 6)) == [many[2].id, many[3].id]


async def test_accounts_that_are_passed_over_lose_nothing(store: Store) -> None:
    mine, other = await _owed(store, at=1), await _owed(store, at=2, account="bob")

    async def taken_without(*accounts: str) -> list[Delivery]:
        return await store.due(now=later(3), until=later(63), limit=10, per_account=10, without=accounts)

    assert await taken_without("ada", "bob") == []
    assert _ids(await taken_without("ada", "nobody")) == [other.id]
    assert await taken_without("ada") == []
    assert await taken_without() == [replace(mine, token=1, next_at=later(63))]


async def test_what_was_delivered_is_over(store: Store) -> None:
    owed = await _owed(store, at=9)
    (mine,) = await collect(store, 10)
    tried = make_try(1, 10)
    assert await store.delivered(mine, tried)
    assert await store.deliveries("ada") == [replace(owed, state=DeliveryState.DELIVERED, token=1, step=1, next_at=None, tries=(tried,))]
    assert await collect(store, 1_000) == []
    assert not await store.delivered(mine, make_try(2, 11))
    assert not await store.delivery_failed(mine, make_try(2, 11), later(20))
    assert len((await store.deliveries("ada"))[0].tries) == 1


async def test_what_failed_is_tried_again_when_it_was_said(store: Store) -> None:
    await _owed(store, at=9)
    (mine,) = await collect(store, 10)
    first, second = make_try(1, 10, status=503), make_try(2, 15, status=None, note="no answer in time")
    assert await store.delivery_failed(mine, first, later(15))
    assert await collect(store, 14.999) == []
    (mine,) = await collect(store, 15)
    assert (mine.step, mine.tries, mine.token) == (1, (), 2)  # who sends it needs none of them, and there may be many
    assert await store.delivery_failed(mine, second, None)
    (given_up,) = await store.deliveries("ada")
    assert (given_up.state, given_up.step, given_up.tries, given_up.next_at) == (DeliveryState.FAILED, 2, (first, second), None)
    assert await collect(store, 1_000) == []


async def test_what_a_sender_took_before_it_died_is_sent_by_another(store: Store) -> None:
    await _owed(store, at=9)
    (dead,) = await collect(store, 10, taken_s=60)
    assert await collect(store, 69.999) == []
    (alive,) = await collect(store, 70)
    assert (alive.id, alive.token, alive.step, alive.tries) == (dead.id, dead.token + 1, 0, ())
    before = await store.deliveries("ada")
    assert not await store.delivered(dead, make_try(1, 71))
    assert not await store.delivery_failed(dead, make_try(1, 71), None)
    assert await store.deliveries("ada") == before
    assert await store.delivered(alive, make_try(1, 72))


async def test_a_receiver_hears_of_changes_in_their_order(store: Store) -> None:
    lease = await _begun(store, terms=EVERY_CHANGE)
    await finish(store, lease, 1)
    (start,) = await collect(store, 2)
    assert start.told is JobState.RUNNING
    assert await collect(store, 3) == []
    assert await store.delivered(start, make_try(1, 3))
    (end,) = await collect(store, 3)
    assert end.told is JobState.DONE


async def test_a_change_waits_for_one_that_nobody_has_answered_for(store: Store) -> None:
    lease = await _begun(store, terms=EVERY_CHANGE)
    await finish(store, lease, 1)
    await collect(store, 2, taken_s=60)
    (again,) = await collect(store, 62)
    assert again.told is JobState.RUNNING
    assert await store.delivery_failed(again, make_try(1, 63), None)
    assert [each.told for each in await collect(store, 63)] == [JobState.DONE]


async def test_a_change_waits_for_one_try_of_those_before_it_and_no_longer(store: Store) -> None:
    lease = await _begun(store, terms=EVERY_CHANGE)
    await finish(store, lease, 1)
    (start,) = await collect(store, 2)
    assert await store.delivery_failed(start, make_try(1, 3, status=500), later(600))
    assert [each.told for each in await collect(store, 3)] == [JobState.DONE]


async def test_a_change_is_owed_though_the_end_was_told(store: Store) -> None:
    """A receiver may count them, and each says when it was."""
    lease = await _begun(store, terms=EVERY_CHANGE)
    (start,) = await collect(store, 0)
    await store.delivery_failed(start, make_try(1, 1, status=503), later(6))
    await finish(store, lease, 2)
    (end,) = await collect(store, 2)
    assert await store.delivered(end, make_try(1, 3))
    assert _ids(await collect(store, 6)) == [start.id]


async def test_an_end_that_is_not_delivered_leaves_what_was_before_it(store: Store) -> None:
    lease = await _begun(store, terms=EVERY_CHANGE)
    (start,) = await collect(store, 0)
    await store.delivery_failed(start, make_try(1, 1, status=503), later(6))
    await finish(store, lease, 2)
    (end,) = await collect(store, 2)
    await store.delivery_failed(end, make_try(1, 2, status=410), None)
    assert _ids(await collect(store, 6)) == [start.id]


async def test_a_start_that_is_told_again_leaves_the_end_as_it_is(store: Store) -> None:
    lease = await _begun(store, terms=EVERY_CHANGE)
    (start,) = await collect(store, 0)
    await store.delivery_failed(start, make_try(1, 1, status=503), later(6))
    await finish(store, lease, 2)
    (again,) = [each for each in await collect(store, 6) if each.id == start.id]
    await store.delivered(again, make_try(2, 7))
    end, _ = await store.deliveries("ada")
    assert end.state is DeliveryState.PENDING


async def test_no_job_waits_for_another(store: Store) -> None:
    slow = await _begun(store, terms=EVERY_CHANGE)
    await finish(store, slow, 1)
    await collect(store, 2)
    other = await _owed(store, at=3, account="bob")
    assert _ids(await collect(store, 4)) == [other.id]


async def test_instants_of_tries_are_kept_to_the_millisecond(store: Store) -> None:
    await _owed(store, at=9)
    (mine,) = await collect(store, 10)
    await store.delivery_failed(mine, make_try(1, 10.0004), later(20.0004))
    (kept,) = await store.deliveries("ada")
    assert (kept.next_at, kept.tries[0].at, kept.tries[0].took_s) == (later(20), later(10), 0.1 + 0.2)


# -- looking and sending again ---------------------------------------------------------------------------------------------


async def test_deliveries_are_listed_newest_first(store: Store) -> None:
    owed = [await _owed(store, at=second) for second in range(3)]
    await _owed(store, at=5, account="bob")
    assert await store.deliveries("ada") == owed[::-1]
    assert await store.deliveries("ada", limit=2) == owed[:0:-1]
    assert await store.deliveries("ada", owed[1].job_id) == [owed[1]]
    assert await store.deliveries("ada", "unknown") == []


async def test_another_accounts_deliveries_are_not_there(store: Store) -> None:
    owed = await _owed(store, at=9)
    (mine,) = await collect(store, 10)
    await store.delivered(mine, make_try(1, 10))
    before = await store.deliveries("ada")
    assert await store.deliveries("bob") == []
    assert await store.deliveries("bob", owed.job_id) == []
    assert await store.replay("bob", owed.id, later(20)) is None
    assert await store.replay("ada", "unknown", later(20)) is None
    assert await store.deliveries("ada") == before


@pytest.mark.parametrize("delivered", [True, False])
async def test_what_is_over_can_be_sent_again_by_the_whole_schedule(store: Store, delivered: bool) -> None:
    owed = await _owed(store, at=9)
    (mine,) = await collect(store, 10)
    first = make_try(1, 10, status=200 if delivered else 410)
    assert await (store.delivered(mine, first) if delivered else store.delivery_failed(mine, first, None))
    again = await store.replay("ada", owed.id, later(100))
    assert again == replace(owed, token=2, next_at=later(100), tries=(first,))
    assert await collect(store, 99) == []
    (mine,) = await collect(store, 100)
    assert (mine.id, mine.step, mine.tries) == (owed.id, 0, ())
    assert await store.delivered(mine, make_try(1, 101))  # whatever a sender counts, the store numbers
    (over,) = await store.deliveries("ada")
    assert (over.step, over.tries) == (1, (first, make_try(2, 101)))


async def test_a_replay_takes_it_from_whoever_has_it(store: Store) -> None:
    owed = await _owed(store, at=9)
    (before,) = await collect(store, 10)
    assert await store.replay("ada", owed.id, later(11)) is not None
    (after,) = await collect(store, 11)
    assert not await store.delivery_failed(before, make_try(1, 12), None)
    assert await store.delivered(after, make_try(1, 13))


async def test_a_replay_holds_up_nothing_that_is_newer(store: Store) -> None:
    lease = await _begun(store, terms=EVERY_CHANGE)
    (start,) = await collect(store, 1)
    await store.delivered(start, make_try(1, 1))
    await finish(store, lease, 2)
    await store.replay("ada", start.id, later(100))
    assert [each.told for each in await collect(store, 3)] == [JobState.DONE]


async def test_of_a_delivery_that_is_replayed_without_end_the_newest_tries_are_kept(store: Store) -> None:
    owed = await _owed(store, at=9)
    for number in range(1, TRIES_KEPT + 3):
        await store.replay("ada", owed.id, later(number * 100))
        (mine,) = await collect(store, number * 100)
        assert await store.delivered(mine, make_try(1, number * 100))
    (kept,) = await store.deliveries("ada")
    assert [each.number for each in kept.tries] == list(range(3, TRIES_KEPT + 3))


async def test_deliveries_that_are_over_go_when_they_are_old(store: Store) -> None:
    delivered, failed, pending, young = [await _owed(store, at=second) for second in (1, 2, 3, 9)]
    for each in await collect(store, 10):
        if each.id == failed.id:
            await store.delivery_failed(each, make_try(1, 10), None)
        elif each.id != pending.id:
            await store.delivered(each, make_try(1, 10))
    assert await store.sweep_deliveries(later(1), 10) == 0
    assert await store.sweep_deliveries(later(9), 1) == 1
    assert await store.sweep_deliveries(later(9), 10) == 1
    assert await store.sweep_deliveries(later(9), 10) == 0
    assert _ids(await store.deliveries("ada")) == [young.id, pending.id]
    assert [len(each.tries) for each in await store.deliveries("ada")] == [1, 0]
    assert await store.replay("ada", delivered.id, later(20)) is None
    jobs = {job.id: job.callback for job in await store.jobs("ada", JobFilter())}
    assert jobs == {delivered.job_id: None, failed.job_id: None, pending.job_id: HOOK, young.job_id: HOOK}


async def test_a_job_that_runs_still_tells_its_end_though_word_of_its_start_is_swept(store: Store) -> None:
    lease = await _begun(store, terms=EVERY_CHANGE)
    (start,) = await collect(store, 0)
    await store.delivered(start, make_try(1, 0))
    assert await store.sweep_deliveries(later(9), 10) == 1
    await finish(store, lease, 9)
    assert [each.told for each in await store.deliveries("ada")] == [JobState.DONE]


async def test_an_answer_wakes_those_who_watch_and_a_look_does_not(store: Store) -> None:
    owed = [await _owed(store, at=9), await _owed(store, at=9)]
    one, every = store.watch(owed[0].job_id), store.watch(None)
    first, second = await collect(store, 10)
    assert not await every.wait(0.01)
    await store.delivered(second, make_try(1, 11))
    assert await every.wait(5)
    assert not await one.wait(0)
    await store.delivery_failed(first, make_try(1, 11), None)
    assert await one.wait(5)
    assert await every.wait(5)
    await store.replay("ada", first.id, later(12))
    assert await one.wait(5)
    assert await every.wait(5)
    assert not await store.delivered(first, make_try(1, 12))
    assert not await every.wait(0.01)
    one.close()
    every.close()


# -- negative controls ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "owe"), [("memory", "reelgate.storage.memory.outbox.Outbox._owe"), ("sqlite", "reelgate.storage.sqlite.ending.owe")]
)
async def test_a_store_that_forgets_what_it_owes_is_caught(name: str, owe: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(owe, lambda *_: None)
    store = await with_accounts(await STORES[name].open(tmp_path, ""))
    with pytest.raises(ValueError, match="not enough values"):
        await test_the_end_of_a_job_and_word_of_it_appear_together(store, "failed")
    (job,) = await store.jobs("ada", JobFilter())
    assert await store.breaches() == [f"I14 job {job.id} is failed and has 0 deliveries of an end"]
    await store.close()


class _BelievesAnySender:
    """A store that takes any sender's answer for the newest."""

    def __init__(self, store: Any) -> None:
        self._store = store

    def __getattr__(self, verb: str) -> Any:
        return getattr(self._store, verb)

    async def delivered(self, delivery: Delivery, tried: DeliveryTry) -> bool:
        (newest,) = await self._store.deliveries(delivery.account, delivery.job_id)
        return await self._store.delivered(newest, tried)


@pytest.mark.parametrize("name", sorted(STORES))
async def test_a_store_that_believes_any_sender_is_caught(name: str, tmp_path: Path) -> None:
    store = await with_accounts(await STORES[name].open(tmp_path, ""))
    with pytest.raises(AssertionError):
        await test_what_a_sender_took_before_it_died_is_sent_by_another(_BelievesAnySender(store))  # pyright: ignore[reportArgumentType]
    await store.close()


# -- what stories are made of --------------------------------------------------------------------------------------------


async def _begun(store: Store, account: str = "ada", at: float = 0, **facts: Any) -> Lease:
    """A job with a callback that runs."""
    job = await accepted(store, make_job(account, age=at, **{"callback": HOOK, **facts}))
    (lease,) = await take(store, at)
    assert lease.job.id == job.id
    return lease


async def _owed(store: Store, at: float, account: str = "ada") -> Delivery:
    """Word of a job that ended then."""
    lease = await _begun(store, account, at)
    await finish(store, lease, at)
    (owed,) = await store.deliveries(account, lease.job.id)
    return owed


async def _end(store: Store, lease: Lease, ending: str) -> None:
    match ending:
        case "done":
            await finish(store, lease, 9)
        case "failed":
            await store.fail(lease, BROKEN, render_s=1.0, at=later(9))
        case _:
            await store.cancel(lease, later(9))


def _told(deliveries: list[Delivery]) -> list[tuple[str, JobState, Any]]:
    return [(each.job_id, each.told, each.changed_at) for each in deliveries]


def _ids(deliveries: list[Delivery]) -> list[str]:
    return [each.id for each in deliveries]
