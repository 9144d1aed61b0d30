"""Any sequence of a store's verbs, dreamt up by hypothesis: the books agree after every one, and no end is ever taken back.

Beside the store a small model keeps what each account paid, got back and spent, what was bought at channels, and what that costs the
house. A crash is an image of the files that is taken before a statement inside a transaction, as a power cut would leave them; the story
goes on with that.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Coroutine, Generator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import product
from pathlib import Path
from typing import Any, ClassVar, TypeVar
from unittest import mock

import apsw
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule, run_state_machine_as_test

from reelgate.contracts.account import Account, Key, Limits
from reelgate.contracts.attempt import Attempt, Claim, Cost
from reelgate.contracts.ledger import Posted, Reused, TooLittle
from reelgate.contracts.outbox import Delivery, DeliveryState
from reelgate.contracts.store import Accepted, Full, Mismatch, Replay, Revoked, Short, Spent, Store, StoreDriver, Taken
from reelgate.discovery import load_leaves
from reelgate.domain.calendar import day_of
from reelgate.domain.clock import in_ms
from reelgate.domain.errors import LeaseLost
from reelgate.domain.job import NEXT, NO_TERMS, TERMINAL, AttemptState, Event, Job, JobState, Lease, Priority, Serving, Terms
from reelgate.domain.money import Money
from reelgate.storage.memory.ledger import Txn
from reelgate.storage.memory.store import MemoryStore
from reelgate.storage.sqlite.connection import Transaction
from reelgate.storage.sqlite.folder import DATABASE, MARKER
from reelgate.storage.sqlite.ledger import settle
from reelgate.storage.sqlite.query import QUERIES
from reelgate.storage.sqlite.store import SqliteStore
from tests.story import (
    ANY,
    BROKEN,
    EVERY_CHANGE,
    FORGET,
    HOOK,
    deed,
    later,
    make_account,
    make_blob,
    make_job,
    make_key,
    make_try,
    make_video,
    same_request,
)

STORES = load_leaves("reelgate.storage", "STORE", StoreDriver)
ZONES = {"ada": "UTC", "bob": "Asia/Shanghai"}
ACCOUNTS = tuple(ZONES)
CHANNELS = ("acme", "zeta")
UPSTREAM_IDS = ("u1", "u2", "u3")
FOREVER_S = 10**9
IN_MEMORY = Path("/dev/shm")  # noqa: S108 - files there cost no disk: what is asked of them is an image, not that they last
COST_SORTS = ("provider_cost", "possible_cost", "variance", "payable")
T = TypeVar("T")

accounts = st.sampled_from(ACCOUNTS)
prices = st.sampled_from([0, 1, 350_000, 900_000])
picks = st.integers(0, 1_000)
amounts = st.sampled_from([1_000_000, 3, 0])
references = st.sampled_from(["", "", "r1", "r2"])
bounds = st.sampled_from([None, None, 0, 1, 400_000, 2_000_000])
BILL = Cost(expected=Money(7), told=Money(5))
costs = st.sampled_from([None, BILL, Cost(expected=Money(7)), Cost(expected=Money(0), told=Money(9))])
channels = st.sampled_from(CHANNELS)
upstream_ids = st.sampled_from(UPSTREAM_IDS)

# Steps of an attempt at a channel, and where each leads from; from everywhere else it leads nowhere.
ORDERS = (
    ("send",),
    ("send", "doubt", "ticket"),
    ("send", "doubt", "unknown"),
    ("send", "ticket", "failed"),
    ("send", "ticket", "done"),
    ("send", "ticket", "stop", "lease"),
    ("send", "wait", "lease"),
    ("wait long", "lease"),
)
STEPS = {
    ("send", AttemptState.PLANNED): AttemptState.SUBMITTING,
    ("doubt", AttemptState.SUBMITTING): AttemptState.IN_DOUBT,
    ("ticket", AttemptState.SUBMITTING): AttemptState.ACCEPTED,
    ("ticket", AttemptState.IN_DOUBT): AttemptState.ACCEPTED,
}


class Crash(Exception):
    """The power has gone."""


@dataclass(kw_only=True)
class Bought:
    """What the model knows of a job: who pays, where it counts, and what became of its price."""

    account: str
    key: Key
    day: str
    price: int
    charged: int = 0
    refunded: int = 0

    def spent(self, state: JobState) -> int:
        """What of it counts as spent."""
        return self.charged - self.refunded if state in TERMINAL else self.price


class StoreStory(RuleBasedStateMachine):
    """Two accounts with keys that come and go, a few workers, some of them with leases that are long stale."""

    driver: ClassVar[StoreDriver]
    template: ClassVar[Path]  # a folder in which a store has been opened: to make its tables anew takes longer than a story

    def __init__(self) -> None:
        super().__init__()
        self.place = tempfile.TemporaryDirectory(dir=IN_MEMORY if IN_MEMORY.is_dir() else None)
        self.folder = shutil.copytree(self.template, Path(self.place.name) / "0")
        self.loop = asyncio.new_event_loop()
        self.store: Store = self.run(self.driver.open(self.folder, ""))
        self.now = 0.0
        self.states: dict[str, JobState] = {}
        self.bought: dict[str, Bought] = {}
        self.leases: list[Lease] = []
        self.records: dict[str, Account] = {}
        self.keys: dict[str, Key] = {}
        self.current: dict[str, str] = {}
        self.paid_in: Counter[str] = Counter()
        self.posted: dict[str, tuple[Any, ...]] = {}
        self.done_before: list[Callable[[], Coroutine[Any, Any, Any]]] = []
        self.tokens: list[str] = []
        self.taken: list[Delivery] = []
        self.upstream: dict[tuple[str, str], str] = {}  # the token that has a job of a channel
        self.not_before: dict[str, float] = {}
        self.possible: dict[str, int] = {}
        self.known: set[str] = set()  # jobs that ended as unknown, and of which an upstream has said later what came of them
        self.house: Counter[str] = Counter()

    def run(self, verb: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(verb)

    @initialize()
    def open_accounts(self) -> None:
        for name, zone in ZONES.items():
            self.records[name] = make_account(name, time_zone=zone)
            self.run(self.store.add_account(self.records[name], deed()))
            self._new_key(make_key(name, ""))
            self.credit(name, 1_000_000, "")

    # -- money beside jobs -------------------------------------------------------------------------------------------
    @rule(account=accounts, amount=amounts, reference=references)
    def credit(self, account: str, amount: int, reference: str) -> None:
        posted = self.run(self.store.credit(account, Money(amount), deed(at=self.now), reference=reference))
        if self._is_new(posted, reference, ("credit", account, amount)):
            self.paid_in[account] += amount

    @rule(account=accounts, amount=amounts, reference=references)
    def debit(self, account: str, amount: int, reference: str) -> None:
        available = self.run(self.store.balance(account)).available
        posted = self.run(self.store.debit(account, Money(amount), deed(at=self.now), reference=reference))
        if isinstance(posted, TooLittle):
            assert posted.there_is == available < Money(amount)
        elif self._is_new(posted, reference, ("debit", account, amount)):
            self.paid_in[account] -= amount

    @precondition(lambda self: self.bought)
    @rule(pick=picks, amount=st.sampled_from([None, None, 0, 1, 100_000, 900_000]), reference=references)
    def refund(self, pick: int, amount: int | None, reference: str) -> None:
        charged = [job_id for job_id in sorted(self.bought) if self.bought[job_id].charged] or sorted(self.bought)
        job_id = charged[pick % len(charged)]
        bought = self.bought[job_id]
        left = bought.charged - bought.refunded
        wanted = left if amount is None else amount
        known = self.posted.get(reference)
        posted = self.run(self.store.refund(job_id, None if amount is None else Money(amount), deed(at=self.now), reference=reference))
        if known is not None:
            same = known[:2] == ("refund", job_id) and known[2] == (known[3] if amount is None else amount)
            assert isinstance(posted, Posted if same else Reused)
            assert isinstance(posted, Reused) or posted.replayed
        elif isinstance(posted, TooLittle):
            assert posted.there_is.micros == left < max(wanted, 1)
        else:
            assert isinstance(posted, Posted)
            assert not posted.replayed
            bought.refunded += wanted
            if reference:
                self.posted[reference] = ("refund", job_id, wanted, left)
        assert 0 <= bought.refunded <= bought.charged

    # -- keys and limits ---------------------------------------------------------------------------------------------
    @rule(account=accounts, daily=bounds, for_good=bounds, concurrency=st.sampled_from([None, None, 0, 1, 2]), of_key=st.booleans())
    def set_limits(self, *, account: str, daily: int | None, for_good: int | None, concurrency: int | None, of_key: bool) -> None:
        limits = Limits(concurrency=concurrency, daily_spend=None if daily is None else Money(daily))
        if of_key:
            key = self.keys[self.current[account]]
            changed = replace(key, limits=limits, spend_limit=None if for_good is None else Money(for_good))
            assert self.run(self.store.change_key(changed, deed(at=self.now)))
            self.keys[key.id] = changed
        else:
            self.records[account] = replace(self.records[account], limits=limits)
            assert self.run(self.store.change_account(self.records[account], deed(at=self.now)))

    @rule(account=accounts, overlap_s=st.sampled_from([0, 20]))
    def rotate(self, account: str, overlap_s: int) -> None:
        former = self.keys[self.current[account]]
        key = replace(former, id=self._key_id(account), mac=b"%d" % len(self.keys), origin=former.line, expires_at=None)
        until = later(self.now + overlap_s)
        assert self.run(self.store.rotate_key(former.id, key, until, deed(at=self.now))) == former.works(later(self.now))
        if former.works(later(self.now)):
            self.keys[former.id] = replace(former, expires_at=min(former.expires_at or until, until))
            self.keys[key.id], self.current[account] = key, key.id
            told = deed(at=self.now)
            self.done_before.append(lambda: self.store.rotate_key(former.id, key, until, told))

    @rule(pick=picks)
    def revoke(self, pick: int) -> None:
        key = self.keys[sorted(self.keys)[pick % len(self.keys)]]
        at, told = later(self.now), deed(at=self.now)
        assert self.run(self.store.revoke_key(key.id, at, told))
        self.done_before.append(lambda: self.store.revoke_key(key.id, at, told))
        self.keys[key.id] = replace(key, revoked_at=key.revoked_at or at)
        if key.id == self.current[key.account]:
            self._new_key(replace(make_key(key.account, ""), id=self._key_id(key.account), mac=b"%d" % len(self.keys)))

    # -- jobs --------------------------------------------------------------------------------------------------------
    @rule(
        account=accounts,
        price=prices,
        priority=st.sampled_from(Priority),
        serving=st.sampled_from(Serving),
        patience_s=st.sampled_from([None, 5, 40]),
        external_id=st.sampled_from([None, None, "mine", "yours"]),
        callback=st.sampled_from([None, HOOK]),
        terms=st.sampled_from([NO_TERMS, EVERY_CHANGE, FORGET]),
        key=st.sampled_from([None, "k1", "k2", "its own"]),
        max_queued=st.sampled_from([2, 1000]),
        pick=picks,
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
        pick: int = 1,
    ) -> None:
        shown = sorted(self.keys)[pick % len(self.keys)] if pick % 4 == 0 else self.current[account]
        wishes: dict[str, Any] = {"callback": callback, "terms": terms, "key_id": shown, "price": Money(price), "age": self.now}
        job = make_job(account, priority=priority, serving=serving, external_id=external_id, **wishes)
        if patience_s is not None:
            job = make_job(account, start_by=later(self.now + patience_s), **wishes)
        stamp = same_request(key, str(price).encode(), until=later(self.now + 60)) if key else None
        if key == "its own":
            stamp = same_request(f"key of {job.id}", until=later(FOREVER_S))
        outcome = self.run(self.store.accept(job, idempotency=stamp, max_queued=max_queued))
        self._judge(job, outcome, max_queued)
        if isinstance(outcome, Accepted) and key == "its own":
            self.done_before.append(lambda: self._submit_again(job, stamp))

    def _judge(self, job: Job, outcome: object, max_queued: int) -> None:
        """Compare what a store answers with what the model knows."""
        key, account = self.keys[job.key_id], job.account
        day, price = day_of(job.created_at, ZONES[account]), job.quote.amount.micros
        works = key.account == account and key.works(job.created_at)
        assert isinstance(outcome, Revoked) != works
        limits = self._limits(key, day)
        over = [(whose, daily) for whose, daily, limit, spent in limits if price and limit is not None and spent + price > limit]
        match outcome:
            case Accepted(made):
                assert not over
                self.states[made.id] = JobState.QUEUED
                self.bought[made.id] = Bought(account=account, key=key, day=day, price=price)
                return
            case Replay(made):
                assert self.bought[made.id].account == account
            case Taken(job_id):
                assert self.bought[job_id].account == account
            case Spent(whose, daily):
                assert (whose, daily) == over[0]
            case Full(queued):
                assert queued == self._count(account, JobState.QUEUED) >= max_queued
            case Short(available, missing):
                assert not over
                assert available.micros + missing.micros == price
            case _:
                assert isinstance(outcome, Revoked | Mismatch)
        assert self.run(self.store.job(account, job.id)) is None

    def _limits(self, key: Key, day: str) -> list[tuple[str, bool, int | None, int]]:
        account = self.records[key.account]
        mine = [(each, each.spent(self.states[job_id])) for job_id, each in self.bought.items() if each.account == key.account]
        of_line = [(each, spent) for each, spent in mine if each.key.line == key.line]
        asked = (
            ("key", False, key.spend_limit, sum(spent for _, spent in of_line)),
            ("key", True, key.limits.daily_spend, sum(spent for each, spent in of_line if each.day == day)),
            ("account", True, account.limits.daily_spend, sum(spent for each, spent in mine if each.day == day)),
        )
        return [(whose, daily, limit.micros if limit is not None else None, spent) for whose, daily, limit, spent in asked]

    @rule(seconds=st.sampled_from([0.001, 1, 10, 31, 30_000]))
    def let_time_pass(self, seconds: float) -> None:
        self.now = round(self.now + seconds, 3)

    @rule(most=st.integers(0, 3), per_account=st.integers(1, 3), full=st.sampled_from([False, False, True]))
    def lease(self, most: int, per_account: int, *, full: bool = False) -> None:
        before, claims = dict(self.states), self.run(self._claims())
        terms: dict[str, Any] = {"now": later(self.now), "until": later(self.now + 30), "per_account": per_account}
        without = [make_job().endpoint] if full else []
        hand = self.run(self.store.lease("w", want=dict.fromkeys(ANY, most), without=without, **terms))
        assert len({lease.job.id for lease in hand}) == len(hand)
        for lease in hand:
            assert all(lease.token > each.token for each in self.leases if each.job.id == lease.job.id)
        self.leases += hand
        assert self.run(self._claims()) == claims, "what may have been bought is left to who takes over"
        self.run(self._look())
        for lease in hand:
            if before[lease.job.id] is JobState.QUEUED:
                assert self.not_before.get(lease.job.id, 0) <= self.now
                assert not (full and lease.job.serving is Serving.PAID)
                own = self.records[lease.job.account].limits.concurrency
                assert self._count(lease.job.account, JobState.RUNNING) <= (per_account if own is None else own)
                of_key = self.keys[lease.job.key_id].limits.concurrency
                running = [job_id for job_id, state in self.states.items() if state is JobState.RUNNING]
                assert of_key is None or sum(self.bought[job_id].key.id == lease.job.key_id for job_id in running) <= of_key

    @rule(account=accounts, price=st.sampled_from([1, 350_000]))
    def submit_and_begin(self, account: str, price: int) -> None:
        """The way most jobs go; without this rule few stories would come far."""
        self.submit(
            account=account,
            price=price,
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
            self.try_it(pick=0, state=AttemptState.FAILED, close=False, channel="acme")

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
    @rule(pick=picks, state=st.sampled_from([AttemptState.FAILED, AttemptState.ABANDONED]), close=st.booleans(), channel=channels)
    def try_it(self, pick: int, state: AttemptState, *, close: bool, channel: str) -> None:
        lease = self._pick(pick)
        token = f"t{len(self.tokens) + 1}"
        where = {"channel": channel} if lease.job.serving is Serving.PAID else {}
        try:
            self.run(self.store.open_attempt(lease, token, later(self.now), **where))
            self.tokens.append(token)
            if close:
                self.run(self.store.close_attempt(lease, token, state, "", later(self.now)))
        except LeaseLost:
            assert not self.run(self.store.renew([lease], later(self.now)))
        except ValueError:
            assert sum(each.closed_at is None for each in self._attempts(lease)) == 1

    @precondition(lambda self: self.leases)
    @rule(
        pick=picks,
        ending=st.sampled_from(["done", "done", "failed", "cancelled", "unknown"]),
        charge=st.sampled_from([None, None, 0, 1, 350_001]),
        cost=costs,
    )
    def end(self, pick: int, ending: str, charge: int | None, cost: Cost | None = None) -> None:
        lease = self._pick(pick)
        held, price = self.run(self.store.renew([lease], later(self.now + 30))), lease.job.quote.amount.micros
        ended = self._ending(lease, ending, charge, cost)
        try:
            self.run(ended())
        except LeaseLost:
            assert not held
        except ValueError:
            assert held
            assert ending == "done"
            assert (charge or 0) > price
        else:
            assert held
            if ending == "done":
                assert charge is None or charge <= price
                self.bought[lease.job.id].charged = price if charge is None else charge
            if ending == "unknown":
                self.possible[lease.job.id] = 0 if cost is None else cost.expected.micros
                self._owe(self.possible[lease.job.id], "possible_cost")
            elif cost is not None:
                self._pay(cost)
            self.done_before.append(ended)

    # -- jobs that go to channels ------------------------------------------------------------------------------------
    @rule(account=accounts, price=prices, channel=channels, upstream_id=upstream_ids, steps=st.sampled_from(ORDERS))
    def buy(self, account: str, price: int, channel: str, upstream_id: str, steps: tuple[str, ...]) -> None:
        """A paid job comes as far as that at a channel."""
        wishes: dict[str, Any] = {"key": None, "external_id": None, "patience_s": None, "callback": HOOK, "terms": FORGET}
        self.submit(account=account, price=price, priority=Priority.NORMAL, serving=Serving.PAID, max_queued=1000, **wishes)
        self.lease(most=3, per_account=3)
        if self._paid():
            self.try_it(pick=0, state=AttemptState.FAILED, close=False, channel=channel)
        for step in steps if self._paid() else ():
            match step:
                case "unknown" | "failed" | "done":
                    self.end(pick=0, ending=step, charge=None, cost=BILL)
                case "wait" | "wait long":
                    self.wait(pick=0, wait_s=5 if step == "wait long" else 0, close=True)
                case "stop":
                    self.end_all_leases()
                case "lease":
                    self.lease(most=3, per_account=3)
                case _:
                    self.go_on(pick=0, step=step, upstream_id=upstream_id)

    @precondition(lambda self: self._paid())
    @rule(pick=picks, step=st.sampled_from(["send", "doubt", "ticket", "ticket"]), upstream_id=upstream_ids)
    def go_on(self, pick: int, step: str, upstream_id: str) -> None:
        """The last attempt of a job goes on as the table says, unless another one has the upstream's job."""
        lease, at, ticket = self._pick(pick, self._paid()), later(self.now), {"id": upstream_id}
        held, attempts = bool(self.run(self.store.renew([lease], later(self.now + 30)))), self._attempts(lease)
        if not attempts:
            return
        attempt = attempts[-1]
        whose = self.upstream.get((attempt.channel, upstream_id))
        goes = held and (step, attempt.state) in STEPS and not (step == "ticket" and whose)
        verb, changes = {
            "send": (lambda: self.store.sent(lease, attempt.token, at), {"sent_at": at}),
            "doubt": (lambda: self.store.doubt(lease, attempt.token, "it timed out", at), {"note": "it timed out"}),
            "ticket": (lambda: self.store.note_ticket(lease, attempt.token, ticket, at), {"ticket": ticket, "accepted_at": at}),
        }[step]
        try:
            noted = self.run(verb())
        except LeaseLost:
            assert not held
        else:
            assert held
            assert step != "ticket" or noted == (goes or (whose == attempt.token and attempt.state is AttemptState.ACCEPTED))
        if goes:
            attempts[-1] = replace(attempt, state=STEPS[step, attempt.state], **changes)
            self.done_before.append(verb)
        if goes and step == "ticket":
            self.upstream[attempt.channel, upstream_id] = attempt.token
        assert self._attempts(lease) == attempts

    @precondition(lambda self: self._paid())
    @rule(pick=picks, wait_s=st.sampled_from([0, 5, 40]), close=st.booleans())
    def wait(self, pick: int, wait_s: float, *, close: bool) -> None:
        """Back to the queue, if nothing may have been bought."""
        lease, at = self._pick(pick, self._paid()), later(self.now)
        held, attempts = bool(self.run(self.store.renew([lease], later(self.now + 30)))), self._attempts(lease)
        if held and close and attempts:
            self.run(self.store.close_attempt(lease, attempts[-1].token, AttemptState.FAILED, "", at))
            attempts = self._attempts(lease)
        until = round(self.now + wait_s, 3)
        job = self.run(self.store.job(lease.job.account, lease.job.id))
        asked = job is not None and job.cancel_requested_at is not None
        try:
            self.run(self.store.requeue(lease, later(until), at))
        except LeaseLost:
            assert not held
        except ValueError:
            assert held
            assert any(each.closed_at is None for each in attempts)
        else:
            assert held
            assert all(each.closed_at is not None for each in attempts)
            # What is to be cancelled does not wait for its time.
            self.states[lease.job.id], self.not_before[lease.job.id] = JobState.QUEUED, self.now if asked else until
            self.done_before.append(lambda: self.store.requeue(lease, later(until), at))

    @precondition(lambda self: self.possible)
    @rule(pick=picks, cost=costs)
    def come_late(self, pick: int, cost: Cost | None) -> None:
        """A video of any attempt there ever was, most often one of a job that ended as unknown."""
        claims = self.run(self._claims())
        lost = [each for each in claims if each.attempt.job_id in self.possible]
        among = lost if lost and pick % 4 else claims
        if not among:
            return
        claim = among[pick % len(among)]
        attempt, job = claim.attempt, self.run(self.store.job(claim.account, claim.attempt.job_id))
        assert job is not None
        blob, paid, at = make_blob(job, expires_at=later(self.now + 20)), cost or Cost(expected=Money(0)), later(self.now)
        kept = self.run(self.store.keep_late(attempt.token, make_video(blob), blob, paid, at))
        assert kept == (attempt.state is AttemptState.ABANDONED and job.id in self.possible and job.id not in self.known)
        if kept:
            self.known.add(job.id)
            self._owe(-self.possible[job.id], "possible_cost")
            self._pay(paid)
            self.done_before.append(lambda: self.store.keep_late(attempt.token, make_video(blob), blob, paid, at))

    @precondition(lambda self: self.possible)
    @rule(pick=picks, cost=costs)
    def come_to_nothing(self, pick: int, cost: Cost | None) -> None:
        """An upstream says of any attempt there ever was that it failed, most often of one whose job ended as unknown."""
        claims = self.run(self._claims())
        lost = [each for each in claims if each.attempt.job_id in self.possible]
        among = lost if lost and pick % 4 else claims
        if not among:
            return
        claim = among[pick % len(among)]
        attempt, at = claim.attempt, later(self.now)
        is_last = self.run(self.store.attempts(claim.account, attempt.job_id))[-1].token == attempt.token
        ended = self.run(self.store.rule_out(attempt.token, "E7", cost, at))
        in_doubt = attempt.job_id in self.possible and attempt.job_id not in self.known
        assert ended == (attempt.state is AttemptState.ABANDONED and is_last and in_doubt)
        if ended:
            self.known.add(attempt.job_id)
            self._owe(-self.possible[attempt.job_id], "possible_cost")
            if cost is not None:
                self._pay(cost)
            self.done_before.append(lambda: self.store.rule_out(attempt.token, "E7", cost, at))

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
        job_id, at = sorted(self.states)[pick % len(self.states)], later(self.now)
        job = self.run(self.store.request_cancel(account, job_id, at))
        assert (job is None) == (self.bought[job_id].account != account)
        assert job is None or (job_id in self.run(self.store.asked_to_cancel())) == (job.state is JobState.RUNNING)
        self.done_before.append(lambda: self._ask_again(account, job_id, at))

    @rule()
    def fail_the_overdue(self) -> None:
        late = self.run(self.store.overdue(later(self.now)))
        assert all(self.states[job_id] is JobState.QUEUED for job_id in late)

    # -- the same once more, and the end of the world ----------------------------------------------------------------
    @precondition(lambda self: self.done_before)
    @rule(pick=picks)
    def do_it_again(self, pick: int) -> None:
        """What was done before and comes once more, changes nothing."""
        again = self.done_before[-1 - pick % min(len(self.done_before), 3 if pick % 3 else 1_000)]
        before = self.run(self._picture())
        with suppress(LeaseLost):  # the end of a job that is over
            self.run(again())
        assert self.run(self._picture()) == before

    @precondition(lambda self: isinstance(self.store, SqliteStore))
    @rule(
        after=st.integers(0, 25),
        what=st.sampled_from(
            ["submit", "end", "credit", "refund", "cancel", "rotate", "lease", "buy", "ticket", "wait", "give up", "late", "none"]
        ),
        account=accounts,
        pick=picks,
    )
    def crash(self, after: int, what: str, account: str, pick: int) -> None:
        """The power goes before a statement of a verb, or right after its answer: what was answered is there, and nothing else."""
        image = self.folder.with_name(str(int(self.folder.name) + 1))
        verbs: dict[str, Callable[[], None]] = {
            "submit": lambda: self.submit_and_begin(account, 350_000),
            "credit": lambda: self.credit(account, 3, ""),
            "rotate": lambda: self.rotate(account, 20),
            "lease": lambda: self.lease(most=3, per_account=3),
            "buy": lambda: self.buy(account, 350_000, "acme", "u1", ORDERS[pick % len(ORDERS)]),
            **(
                {"end": lambda: self.end(pick, "done", None, BILL), "give up": lambda: self.end(pick, "unknown", None, BILL)}
                if self.leases
                else {}
            ),
            **(
                {"ticket": lambda: self.go_on(pick, "ticket", "u2"), "wait": lambda: self.wait(pick, 5, close=True)} if self._paid() else {}
            ),
            **({"late": lambda: self.come_late(pick, BILL), "none": lambda: self.come_to_nothing(pick, None)} if self.possible else {}),
            **({"refund": lambda: self.refund(pick, None, ""), "cancel": lambda: self.ask_to_cancel(pick, account)} if self.bought else {}),
        }
        with _power_cut(after, lambda: self._copy_to(image)), suppress(Crash):
            verbs.get(what, verbs["credit"])()
        if not image.exists():
            self._copy_to(image)
        self.run(self.store.close())
        shutil.rmtree(self.folder)
        self.folder = image
        self.store = self.run(self.driver.open(image, ""))

    def _copy_to(self, image: Path) -> None:
        image.mkdir()
        for name in (DATABASE, f"{DATABASE}-wal", MARKER):
            shutil.copy(self.folder / name, image)

    # -- the outbox --------------------------------------------------------------------------------------------------
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

    # -- what holds after each of them -------------------------------------------------------------------------------
    @invariant()
    def the_books_agree(self) -> None:
        self.run(self._audit())

    async def _audit(self) -> None:
        assert await self.store.breaches() == []
        await self._look()
        for account in ACCOUNTS:
            balance = await self.store.balance(account)
            mine = [(each, self.states[job_id]) for job_id, each in self.bought.items() if each.account == account]
            funds = self.paid_in[account] - sum(each.charged - each.refunded for each, _ in mine)
            assert balance.available.micros + balance.held.micros == funds
            assert balance.held.micros == sum(each.price for each, state in mine if state not in TERMINAL)
        for channel, upstream_id in product(CHANNELS, UPSTREAM_IDS):
            claim = await self.store.attempt_at(channel, upstream_id)
            assert (None if claim is None else claim.attempt.token) == self.upstream.get((channel, upstream_id))

    async def _look(self) -> None:
        """States move along the table."""
        for job_id, before in self.states.items():
            if before in TERMINAL:
                continue
            glance = await self.store.glance(self.bought[job_id].account, job_id)
            assert glance is not None
            assert glance.state in {before, *NEXT[before]} | {after for each in NEXT[before] for after in NEXT[each]}
            self.states[job_id] = glance.state

    async def _picture(self) -> tuple[object, ...]:
        """What a repeated command must leave as it is."""
        balances = [await self.store.balance(account) for account in ACCOUNTS]
        claims = [await self.store.claim(token) for token in self.tokens]
        return (balances, claims, await self.store.counts(), await self.store.audit_head(), await self.store.keys())

    # -- what the story is made of -----------------------------------------------------------------------------------
    def _new_key(self, key: Key) -> None:
        assert self.run(self.store.add_key(key, deed(at=self.now)))
        self.keys[key.id], self.current[key.account] = key, key.id

    def _key_id(self, account: str) -> str:
        return f"key-{account}-{len(self.keys)}"

    def _is_new(self, posted: object, reference: str, movement: tuple[Any, ...]) -> bool:
        """Whether money moved; what a reference stands for is told as the model knows it."""
        known = self.posted.get(reference)
        if known is None:
            assert isinstance(posted, Posted)
            assert not posted.replayed
            if reference:
                self.posted[reference] = movement
            return True
        assert isinstance(posted, Posted if known == movement else Reused)
        assert isinstance(posted, Reused) or posted.replayed
        return False

    async def _submit_again(self, job: Job, stamp: Any) -> None:
        outcome = await self.store.accept(job, idempotency=stamp)
        assert isinstance(outcome, Replay | Revoked)
        assert isinstance(outcome, Revoked) or outcome.job.id == job.id

    async def _ask_again(self, account: str, job_id: str, at: datetime) -> None:
        if self.states[job_id] is not JobState.QUEUED:  # a job that waits again is cancelled at once
            await self.store.request_cancel(account, job_id, at)

    def _count(self, account: str, wanted: JobState) -> int:
        return sum(state is wanted and self.bought[job_id].account == account for job_id, state in self.states.items())

    def _delivery(self, which: Delivery) -> Delivery:
        (found,) = [each for each in self.run(self.store.deliveries(which.account, which.job_id)) if each.id == which.id]
        return found

    def _pick(self, pick: int, among: list[Lease] | None = None) -> Lease:
        """One of the leases there ever were, often a late one."""
        leases = among or self.leases
        return leases[-1 - pick % min(len(leases), 4 if pick % 3 else 1_000)]

    def _paid(self) -> list[Lease]:
        return [lease for lease in self.leases if lease.job.serving is Serving.PAID]

    def _attempts(self, lease: Lease) -> list[Attempt]:
        return self.run(self.store.attempts(lease.job.account, lease.job.id))

    async def _claims(self) -> list[Claim]:
        """All attempts that there ever were at channels, in their order."""
        found = [await self.store.claim(token) for token in self.tokens]
        return [claim for claim in found if claim is not None and claim.attempt.channel]

    def _owe(self, micros: int, sort: str) -> None:
        """The house owes so much more, and for what."""
        self.house["payable"] += micros
        self.house[sort] -= micros

    def _pay(self, cost: Cost) -> None:
        self._owe(cost.expected.micros, "provider_cost")
        self._owe((cost.told or cost.expected).micros - cost.expected.micros, "variance")

    def _ending(self, lease: Lease, ending: str, charge: int | None, cost: Cost | None) -> Callable[[], Coroutine[Any, Any, None]]:
        at, blob = later(self.now), make_blob(lease.job, expires_at=later(self.now + 20))
        if ending == "done":
            paid = None if charge is None else Money(charge)
            return lambda: self.store.complete(lease, make_video(blob), blob, render_s=1.0, at=at, charge=paid, cost=cost)
        if ending == "failed":
            return lambda: self.store.fail(lease, BROKEN, render_s=1.0, at=at, cost=cost)
        if ending == "unknown":
            return lambda: self.store.give_up(lease, BROKEN, Money(0) if cost is None else cost.expected, at)
        return lambda: self.store.cancel(lease, at, cost=cost)

    async def _check_spending(self) -> None:
        """Breaches tell of it too, but not against the model; each answer takes a way to another thread, so it is asked for once."""
        for account in ACCOUNTS:
            mine = [each.spent(self.states[job_id]) for job_id, each in self.bought.items() if each.account == account]
            assert (await self.store.spent(account)).micros == sum(mine)

    def _check_costs(self) -> None:
        """What the house has spent at channels. No verb tells that: it is read where the store keeps it."""
        legs: list[tuple[str, int]]
        if isinstance(self.store, MemoryStore):
            legs = [(entry.kind, entry.amount) for entry in self.store.shelf.ledger.entries]
        else:
            connection: Any = apsw.Connection(str(self.folder / DATABASE))
            legs = connection.execute("select kind, sum(amount) from entry group by kind").fetchall()
            connection.close()
        sums = Counter[str]()
        for sort, amount in legs:
            sums[sort] += amount
        assert {sort: sums[sort] for sort in COST_SORTS} == {sort: self.house[sort] for sort in COST_SORTS}

    def teardown(self) -> None:
        try:
            self.run(self._check_spending())
            self._check_costs()
        finally:
            self.run(self.store.close())
            self.loop.close()
            self.place.cleanup()


@contextmanager
def _power_cut(after: int, take_image: Callable[[], None]) -> Generator[None]:
    """Before the statement of that number the files are copied as they are, and nothing more is done."""
    left, gone = after, False

    def guard(verb: Callable[..., T]) -> Callable[..., T]:
        def guarded(write: Transaction, *statement: Any) -> T:
            nonlocal left, gone
            left -= 1
            if left < 0 and not gone:
                gone = True
                take_image()
            if gone:
                raise Crash
            return verb(write, *statement)

        return guarded

    verbs: dict[str, Any] = {name: guard(getattr(Transaction, name)) for name in ("run", "insert", "row", "rows")}
    with mock.patch.multiple(Transaction, **verbs):
        yield


@contextmanager
def _stories_of(driver: StoreDriver, folder: Path) -> Generator[type[StoreStory]]:
    """Stories of one kind of store. What would go to a thread stays in this one: nobody waits meanwhile."""

    async def here(function: Callable[..., T], *arguments: Any) -> T:
        return function(*arguments)

    async def open_once() -> None:
        await (await driver.open(folder, "")).close()

    asyncio.run(open_once())
    with mock.patch("asyncio.to_thread", here):
        yield type(f"StoryOf{driver.name.title()}", (StoreStory,), {"driver": driver, "template": folder})


def counts(*, large: bool, **more: Any) -> settings:
    """How many stories, and how long."""
    examples, steps = (5_000, 60) if large else (300, 40)
    slow = [HealthCheck.too_slow, HealthCheck.data_too_large]
    values: dict[str, Any] = {
        "max_examples": examples,
        "stateful_step_count": steps,
        "deadline": None,
        "database": None,
        "suppress_health_check": slow,
    }
    return settings(**{**values, **more})


@pytest.mark.timeout(7200)
@pytest.mark.parametrize("name", sorted(STORES))
def test_no_sequence_of_verbs_breaks_the_books(name: str, large: bool, tmp_path: Path) -> None:
    with _stories_of(STORES[name], tmp_path) as story:
        run_state_machine_as_test(story, settings=counts(large=large))


# -- negative controls: a story that finds nothing proves nothing ----------------------------------------------------------


@pytest.mark.parametrize(
    "fault",
    [
        "ledger.Ledger.settle",
        "ledger.Ledger.cost",
        "outbox.Outbox._owe",
        "store.MemoryStore._close_attempt",
        "store.MemoryStore._forget_input",
        "tries.Tries._set",
    ],
)
def test_stories_find_a_planted_fault(fault: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def nothing(*_: Any, **__: Any) -> None: ...

    monkeypatch.setattr(f"reelgate.storage.memory.{fault}", nothing)
    _assert_found(STORES["memory"], tmp_path)


class CapturesWhatItReleases(MemoryStore):
    """A failure is charged, after its hold was released."""

    async def fail(self, lease: Lease, *rest: Any, **more: Any) -> None:
        await super().fail(lease, *rest, **more)
        job, ledger, micros = lease.job, self.shelf.ledger, lease.job.quote.amount.micros
        txn = Txn(id=ledger.next_id, kind="captured", account=job.account, job_id=job.id, at=job.created_at, change=-micros)
        ledger.post(txn, (job.account, "available", -micros), ("", "revenue", micros))


class CapturesWhatItReleasesInSqlite(SqliteStore):
    """The same in a database."""

    async def fail(self, lease: Lease, *rest: Any, **more: Any) -> None:
        await super().fail(lease, *rest, **more)
        account, micros = lease.job.account, lease.job.quote.amount.micros

        def unit(write: Transaction) -> None:
            txn = write.insert(QUERIES["insert_end_txn"], ("captured", account, lease.job.id, in_ms(lease.job.created_at), -micros))
            write.run(QUERIES["insert_entries"], (txn, account, "available", -micros, txn, None, "revenue", micros))
            write.run(QUERIES["move_balance"], (-micros, 0, account))

        await self.writer.run(unit)


class RefundsTooEarly(MemoryStore):
    """Whoever asks for a running job to stop has the money back at once."""

    async def request_cancel(self, account: str, job_id: str, at: datetime) -> Job | None:
        job = await super().request_cancel(account, job_id, at)
        if job is not None and job.state is JobState.RUNNING and job_id not in self.shelf.ledger.settlements:
            self.shelf.ledger.settle(job_id, "released", at)
        return job


class RefundsTooEarlyInSqlite(SqliteStore):
    """The same in a database."""

    async def request_cancel(self, account: str, job_id: str, at: datetime) -> Job | None:
        job = await super().request_cancel(account, job_id, at)
        if job is not None and job.state is JobState.RUNNING:
            await self.writer.run(lambda write: settle(write, job_id, JobState.CANCELLED, in_ms(at)))
        return job


class SharesAJob(MemoryStore):
    """Two attempts may have one job of an upstream."""

    async def note_ticket(self, lease: Lease, token: str, ticket: Mapping[str, str], at: datetime) -> bool:
        self.shelf.upstream.clear()
        return await super().note_ticket(lease, token, ticket, at)


class ForgetsWhatWasBought(MemoryStore):
    """Who takes a job over begins anew."""

    async def lease(self, *terms: Any, **more: Any) -> list[Lease]:
        leases = await super().lease(*terms, **more)
        await _begin_anew(self, leases)
        return leases


class ForgetsWhatWasBoughtInSqlite(SqliteStore):
    """The same in a database."""

    async def lease(self, *terms: Any, **more: Any) -> list[Lease]:
        leases = await super().lease(*terms, **more)
        await _begin_anew(self, leases)
        return leases


async def _begin_anew(store: Store, leases: list[Lease]) -> None:
    for lease in leases:
        for attempt in await store.attempts(lease.job.account, lease.job.id):
            await store.close_attempt(lease, attempt.token, AttemptState.ABANDONED, "", lease.job.updated_at)


class LeasesTooEarly(MemoryStore):
    """What is queued again is leased at once."""

    async def requeue(self, lease: Lease, not_before: datetime, at: datetime) -> None:
        await super().requeue(lease, at, at)


class LeasesTooEarlyInSqlite(SqliteStore):
    """The same in a database."""

    async def requeue(self, lease: Lease, not_before: datetime, at: datetime) -> None:
        await super().requeue(lease, at, at)


class Faulty:
    """Opens a store with a fault."""

    name = "faulty"

    def __init__(self, kind: type[Any]) -> None:
        self.kind = kind

    async def open(self, folder: Path, address: str) -> Any:
        if issubclass(self.kind, MemoryStore):
            return self.kind()
        await (await STORES["sqlite"].open(folder, address)).close()
        return self.kind(folder / DATABASE)


FAULTY = [
    CapturesWhatItReleases,
    CapturesWhatItReleasesInSqlite,
    RefundsTooEarly,
    RefundsTooEarlyInSqlite,
    SharesAJob,
    ForgetsWhatWasBought,
    ForgetsWhatWasBoughtInSqlite,
    LeasesTooEarly,
    LeasesTooEarlyInSqlite,
]


@pytest.mark.parametrize("kind", FAULTY, ids=lambda each: each.__name__)
def test_stories_find_a_store_with_a_fault(kind: type[Any], tmp_path: Path) -> None:
    _assert_found(Faulty(kind), tmp_path)


def _assert_found(driver: Any, folder: Path) -> None:
    with _stories_of(driver, folder) as story, pytest.raises((AssertionError, ExceptionGroup)):
        run_state_machine_as_test(story, settings=counts(large=False, max_examples=500, phases=[Phase.generate]))
