"""Any sequence of a store's verbs, dreamt up by hypothesis: the books agree after every one, and no end is ever taken back."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Coroutine
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar, TypeVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule, run_state_machine_as_test

from reelgate.contracts.outbox import Delivery, DeliveryState
from reelgate.contracts.store import Accepted, Mismatch, Replay, Store, StoreDriver, Taken
from reelgate.discovery import load_leaves
from reelgate.domain.errors import LeaseLost
from reelgate.domain.job import NEXT, NO_TERMS, AttemptState, Event, JobState, Lease, Priority, Serving, Terms
from reelgate.domain.money import Money
from tests.story import (
    ANY,
    BROKEN,
    EVERY_CHANGE,
    FORGET,
    HOOK,
    later,
    make_account,
    make_blob,
    make_job,
    make_try,
    make_video,
    same_request,
)

STORES = load_leaves("reelgate.storage", "STORE", StoreDriver)
ACCOUNTS = ("ada", "bob")
T = TypeVar("T")

accounts = st.sampled_from(ACCOUNTS)
prices = st.sampled_from([0, 1, 350_000, 900_000])
picks = st.integers(0, 1_000)


class StoreStory(RuleBasedStateMachine):
    """Two accounts, a few workers, some of them with leases that are long stale."""

    driver: ClassVar[StoreDriver]

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.loop = asyncio.Runner()
        self.store: Store = self.run(self.driver.open(Path(self.folder.name), ""))
        self.now = 0.0
        self.states: dict[str, JobState] = {}
        self.account_of: dict[str, str] = {}
        self.leases: list[Lease] = []
        self.credited = dict.fromkeys(ACCOUNTS, 0)
        self.captured = dict.fromkeys(ACCOUNTS, 0)
        self.tokens = 0
        self.taken: list[Delivery] = []

    def run(self, verb: Coroutine[Any, Any, T]) -> T:
        return self.loop.run(verb)

    @initialize()
    def open_accounts(self) -> None:
        for name in ACCOUNTS:
            self.run(self.store.add_account(make_account(name)))
            self.credit(name, 1_000_000)

    @rule(account=accounts, amount=st.sampled_from([1_000_000, 3]))
    def credit(self, account: str, amount: int) -> None:
        self.run(self.store.credit(account, Money(amount), "a top-up", later(self.now)))
        self.credited[account] += amount

    @rule(
        account=accounts,
        price=prices,
        priority=st.sampled_from(Priority),
        serving=st.sampled_from(Serving),
        patience_s=st.sampled_from([None, 5, 40]),
        external_id=st.sampled_from([None, None, "mine", "yours"]),
        callback=st.sampled_from([None, HOOK]),
        terms=st.sampled_from([NO_TERMS, EVERY_CHANGE, FORGET]),
        key=st.sampled_from([None, None, "k1", "k2"]),
        max_queued=st.sampled_from([2, 1000]),
    )
    def submit(
        self,
        *,
        account: str,
        price: int,
        priority: Priority,
        serving: Serving,
        patience_s: float | None,
        external_id: str | None,
        callback: str | None,
        terms: Terms,
        key: str | None,
        max_queued: int,
    ) -> None:
        wishes = {"callback": callback, "terms": terms}
        job = make_job(account, age=self.now, price=Money(price), priority=priority, serving=serving, external_id=external_id, **wishes)
        if patience_s is not None:
            job = make_job(account, age=self.now, price=Money(price), start_by=later(self.now + patience_s), **wishes)
        stamp = same_request(key, str(price).encode(), until=later(self.now + 60)) if key else None
        outcome = self.run(self.store.accept(job, idempotency=stamp, max_queued=max_queued))
        match outcome:
            case Accepted(made):
                self.states[made.id], self.account_of[made.id] = JobState.QUEUED, account
            case Replay(made):
                assert self.account_of[made.id] == account
            case Taken(job_id):
                assert self.account_of[job_id] == account
            case Mismatch():
                assert key is not None
            case _:
                assert self.run(self.store.job(account, job.id)) is None

    @rule(seconds=st.sampled_from([0.001, 1, 10, 31]))
    def let_time_pass(self, seconds: float) -> None:
        self.now = round(self.now + seconds, 3)

    @rule(most=st.integers(0, 3), per_account=st.integers(1, 3))
    def lease(self, most: int, per_account: int) -> None:
        running = {account: self._running(account) for account in ACCOUNTS}
        terms = {"now": later(self.now), "until": later(self.now + 30), "want": dict.fromkeys(ANY, most), "per_account": per_account}
        hand = self.run(self.store.lease("w", **terms))
        assert len({lease.job.id for lease in hand}) == len(hand)
        for lease in hand:
            assert all(lease.token > each.token for each in self.leases if each.job.id == lease.job.id)
        self.leases += hand
        self._look()
        for account in ACCOUNTS:
            assert self._running(account) <= max(per_account, running[account])

    @rule(account=accounts)
    def submit_and_begin(self, account: str) -> None:
        """The way most jobs go; without this rule few stories would come far."""
        self.submit(
            account=account,
            price=1,
            priority=Priority.NORMAL,
            serving=Serving.PREVIEW,
            patience_s=None,
            external_id=None,
            callback=HOOK,
            terms=replace(EVERY_CHANGE, forget_input=True),
            key=None,
            max_queued=1000,
        )
        self.lease(most=3, per_account=3)
        if self.leases:
            self.try_it(pick=0, state=AttemptState.FAILED, close=False)

    @rule()
    def end_all_leases(self) -> None:
        self.run(self.store.expire_leases())

    @precondition(lambda self: self.leases)
    @rule(pick=picks)
    def renew(self, pick: int) -> None:
        lease = self._pick(pick)
        held = self.run(self.store.renew([lease], later(self.now + 30)))
        assert held <= {lease.job.id}

    @precondition(lambda self: self.leases)
    @rule(pick=picks, state=st.sampled_from([AttemptState.FAILED, AttemptState.ABANDONED]), close=st.booleans())
    def try_it(self, pick: int, state: AttemptState, *, close: bool) -> None:
        lease = self._pick(pick)
        self.tokens += 1
        token = f"t{self.tokens}"
        try:
            self.run(self.store.open_attempt(lease, token, later(self.now)))
            if close:
                self.run(self.store.close_attempt(lease, token, state, "", later(self.now)))
        except LeaseLost:
            assert not self.run(self.store.renew([lease], later(self.now)))
        except ValueError:
            tries = self.run(self.store.attempts(lease.job.account, lease.job.id))
            assert sum(each.closed_at is None for each in tries) == 1

    @precondition(lambda self: self.leases)
    @rule(pick=picks, ending=st.sampled_from(["done", "failed", "cancelled"]))
    def end(self, pick: int, ending: str) -> None:
        lease = self._pick(pick)
        held = self.run(self.store.renew([lease], later(self.now + 30)))
        try:
            self._end(lease, ending)
        except LeaseLost:
            assert not held
        else:
            assert held
            if ending == "done":
                self.captured[lease.job.account] += lease.job.quote.amount.micros

    @precondition(lambda self: self.leases)
    @rule(pick=picks)
    def die_and_tell(self, pick: int) -> None:
        lease = self._pick(pick)
        line = Event(job_id=lease.job.id, kind="log", message="the worker died", at=later(self.now))
        try:
            self.run(self.store.note(lease, [line]))
            self.run(self.store.count_death(lease))
        except LeaseLost:
            assert not self.run(self.store.renew([lease], later(self.now)))

    @precondition(lambda self: self.states)
    @rule(pick=picks, account=accounts)
    def ask_to_cancel(self, pick: int, account: str) -> None:
        job_id = sorted(self.states)[pick % len(self.states)]
        job = self.run(self.store.request_cancel(account, job_id, later(self.now)))
        assert (job is None) == (self.account_of[job_id] != account)

    @rule()
    def fail_the_overdue(self) -> None:
        late = self.run(self.store.overdue(later(self.now)))
        assert all(self.states[job_id] is JobState.QUEUED for job_id in late)

    @rule(most=st.integers(1, 3))
    def take_what_is_owed(self, most: int) -> None:
        hand = self.run(self.store.due(now=later(self.now), until=later(self.now + 20), limit=most, per_account=most))
        assert len({each.id for each in hand}) == len(hand)
        for each in hand:
            assert all(each.token > former.token for former in self.taken if former.id == each.id)
            older = self.run(self.store.deliveries(each.account, each.job_id))
            assert all(one.tries or one.state is not DeliveryState.PENDING for one in older[[one.id for one in older].index(each.id) + 1 :])
        self.taken += hand

    @precondition(lambda self: self.taken)
    @rule(pick=picks, pause_s=st.sampled_from([-1, None, 0, 5]))
    def answer(self, pick: int, pause_s: float | None) -> None:
        mine = self.taken[-1 - pick % min(len(self.taken), 4 if pick % 3 else 1_000)]
        before = self._delivery(mine)
        tried = make_try(len(before.tries) + 1, self.now)
        if pause_s == -1:
            kept = self.run(self.store.delivered(mine, tried))
        else:
            kept = self.run(self.store.delivery_failed(mine, tried, None if pause_s is None else later(self.now + pause_s)))
        assert kept == (before.token == mine.token and before.state is DeliveryState.PENDING)
        assert self._delivery(mine).tries == ((*before.tries, tried) if kept else before.tries)

    @precondition(lambda self: self.taken)
    @rule(pick=picks, account=accounts)
    def send_again(self, pick: int, account: str) -> None:
        found = self.taken[pick % len(self.taken)]
        again = self.run(self.store.replay(account, found.id, later(self.now)))
        assert (again is None) == (found.account != account)

    @rule()
    def sweep(self) -> None:
        for blob in self.run(self.store.expired_blobs(later(self.now), 10)):
            self.run(self.store.forget_blob(blob.name))

    @invariant()
    def the_books_agree(self) -> None:
        assert self.run(self.store.breaches()) == []
        for account in ACCOUNTS:
            balance = self.run(self.store.balance(account))
            assert balance.available.micros + balance.held.micros + self.captured[account] == self.credited[account]

    @invariant()
    def states_move_along_the_table(self) -> None:
        self._look()

    def _look(self) -> None:
        for job_id, before in self.states.items():
            glance = self.run(self.store.glance(self.account_of[job_id], job_id))
            assert glance is not None
            assert glance.state in {before, *NEXT[before]} | {after for each in NEXT[before] for after in NEXT[each]}
            self.states[job_id] = glance.state

    def _running(self, account: str) -> int:
        return sum(state is JobState.RUNNING and self.account_of[job_id] == account for job_id, state in self.states.items())

    def _delivery(self, which: Delivery) -> Delivery:
        (found,) = [each for each in self.run(self.store.deliveries(which.account, which.job_id)) if each.id == which.id]
        return found

    def _pick(self, pick: int) -> Lease:
        """One of the leases there ever were, often a late one."""
        return self.leases[-1 - pick % min(len(self.leases), 4 if pick % 3 else 1_000)]

    def _end(self, lease: Lease, ending: str) -> None:
        at = later(self.now)
        if ending == "done":
            blob = make_blob(lease.job, expires_at=later(self.now + 20))
            self.run(self.store.complete(lease, make_video(blob), blob, render_s=1.0, at=at))
        elif ending == "failed":
            self.run(self.store.fail(lease, BROKEN, render_s=1.0, at=at))
        else:
            self.run(self.store.cancel(lease, at))

    def teardown(self) -> None:
        self.run(self.store.close())
        self.loop.close()
        self.folder.cleanup()


def counts(*, large: bool, **more: Any) -> settings:
    """How many stories, and how long."""
    examples, steps = (1_000, 60) if large else (40, 25)
    slow = [HealthCheck.too_slow, HealthCheck.data_too_large]
    values = {"max_examples": examples, "stateful_step_count": steps, "deadline": None, "database": None, "suppress_health_check": slow}
    return settings(**{**values, **more})


@pytest.mark.parametrize("name", sorted(STORES))
def test_no_sequence_of_verbs_breaks_the_books(name: str, large: bool) -> None:
    story = type(f"StoryOf{name.title()}", (StoreStory,), {"driver": STORES[name]})
    run_state_machine_as_test(story, settings=counts(large=large))


@pytest.mark.parametrize(
    "fault", ["ledger.Ledger.settle", "outbox.Outbox._owe", "store.MemoryStore._close_attempt", "store.MemoryStore._forget_input"]
)
def test_stories_find_a_planted_fault(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f"reelgate.storage.memory.{fault}", lambda *_: None)
    story = type("StoryWithAFault", (StoreStory,), {"driver": STORES["memory"]})
    with pytest.raises((AssertionError, ExceptionGroup)):
        run_state_machine_as_test(story, settings=counts(large=False, max_examples=500, phases=[Phase.generate]))
