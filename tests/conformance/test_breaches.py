"""Every store's checker of its own books: each invariant has a fault that breaks it, which is planted here and must be named."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeAlias

import apsw
import pytest

from reelgate.contracts.attempt import Cost
from reelgate.contracts.store import Accepted, Store
from reelgate.domain.job import AttemptState, Event, JobState, Lease, Serving, Terms
from reelgate.domain.money import Money
from reelgate.storage.memory import STORE as MEMORY
from reelgate.storage.memory.ledger import Entry, Settlement, Txn
from reelgate.storage.memory.shelf import Shelf, Stamp
from reelgate.storage.memory.store import MemoryStore
from reelgate.storage.sqlite import STORE as SQLITE
from tests.story import (
    BROKEN,
    EVERY_CHANGE,
    HOOK,
    accepted,
    deed,
    finish,
    later,
    make_blob,
    make_job,
    make_video,
    same_request,
    started,
    take,
    with_accounts,
)

Ids: TypeAlias = dict[str, str]
Plant: TypeAlias = Callable[[Shelf, Ids], object]

# What a database refuses by itself has to be switched off before a fault can be planted.
UNGUARDED = """
pragma ignore_check_constraints = on;
pragma foreign_keys = off;
drop trigger txn_is_not_changed; drop trigger txn_is_not_removed;
drop trigger entry_is_not_changed; drop trigger entry_is_not_removed;
drop trigger hold_is_not_changed; drop trigger hold_is_not_removed;
drop trigger settlement_is_not_changed; drop trigger settlement_is_not_removed;
drop trigger audit_is_not_changed; drop trigger audit_is_not_removed;
drop index open_attempt_by_job; drop index delivery_of_end; drop index attempt_by_upstream; drop index cost_by_job;
"""

A_COST = """
insert into txn (id, kind, account, job_id, at, change, note, actor, reference) values (:next, :kind, 'ada', :job, 0, 0, '', '', '');
insert into entry (txn_id, account, kind, amount) values (:next, null, 'possible_cost', -7), (:next, null, 'payable', 7);
"""


@dataclass(frozen=True, kw_only=True)
class Fault:
    """What is planted in either store, and how the breach begins that tells of it; `{done}` and the like stand for ids."""

    words: str
    sql: str
    plant: Plant


def _without_costs(shelf: Shelf, job_id: str) -> None:
    """As if nobody had ever booked what a job may have cost."""
    ledger = shelf.ledger
    gone = {txn.id for txn in ledger.txns if txn.job_id == job_id and txn.kind == "possible_cost"}
    ledger.txns[:] = [txn for txn in ledger.txns if txn.id not in gone]
    ledger.entries[:] = [entry for entry in ledger.entries if entry.txn not in gone]


def _book(kind: str, *legs: tuple[str, str, int], change: int = 0, job: str = "done") -> Plant:
    """A transaction that no verb of a store would write; balances move with it."""

    def plant(shelf: Shelf, ids: Ids) -> None:
        ledger = shelf.ledger
        ledger.post(Txn(id=ledger.next_id, kind=kind, account="ada", job_id=ids[job], at=later(99), change=change), *legs)

    return plant


def _settled(job: str, **changes: Any) -> Plant:
    def plant(shelf: Shelf, ids: Ids) -> None:
        settlements = shelf.ledger.settlements
        settlements[ids[job]] = settlements[ids[job]]._replace(**changes)

    return plant


def _job(name: str, **changes: Any) -> Plant:
    def plant(shelf: Shelf, ids: Ids) -> None:
        shelf.jobs[ids[name]] = replace(shelf.jobs[ids[name]], **changes)

    return plant


def _without_event(job: str, state: JobState) -> Plant:
    def plant(shelf: Shelf, ids: Ids) -> None:
        shelf.story[:] = [event for event in shelf.story if (event.job_id, event.state) != (ids[job], state)]

    return plant


def _with_event(job: str, state: JobState) -> Plant:
    return lambda shelf, ids: shelf.story.append(Event(job_id=ids[job], kind="state", message=state, at=later(99), state=state))


def _tried_again(job: str) -> Plant:
    def plant(shelf: Shelf, ids: Ids) -> None:
        tries = shelf.attempts[ids[job]]
        tries.append(replace(tries[0], token="another", number=2, state=AttemptState.PLANNED, closed_at=None))

    return plant


def _attempt(job: str, **changes: Any) -> Plant:
    """The only attempt of a job stands otherwise."""

    def plant(shelf: Shelf, ids: Ids) -> None:
        (attempt,) = shelf.attempts[ids[job]]
        shelf.attempts[ids[job]] = [replace(attempt, **changes)]

    return plant


def _waits_with_an_attempt(shelf: Shelf, ids: Ids) -> None:
    (attempt,) = shelf.attempts[ids["running"]]
    shelf.attempts[ids["queued"]] = [replace(attempt, token="another", job_id=ids["queued"])]


def _cost_too_many(kind: str, job: str, words: str) -> Fault:
    """A cost of this kind that is booked for a job beside what there is."""
    return Fault(
        words=words,
        sql=A_COST.replace(":kind", f"'{kind}'").replace(":job", f":{job}"),
        plant=_book(kind, ("", "possible_cost", -7), ("", "payable", 7), job=job),
    )


def _other_kind(job: str, before: str, after: str) -> Plant:
    """A transaction that is told as another."""

    def plant(shelf: Shelf, ids: Ids) -> None:
        txns = shelf.ledger.txns
        txns[:] = [replace(each, kind=after) if (each.kind, each.job_id) == (before, ids[job]) else each for each in txns]

    return plant


def _told_otherwise(number: int) -> Plant:
    def plant(shelf: Shelf, _: Ids) -> None:
        line = shelf.audit[number - 1]
        shelf.audit[number - 1] = replace(line, deed=replace(line.deed, reason="another"))

    return plant


FAULTS = {
    "the entries of all": Fault(
        words="I1 the entries do not sum to zero",
        sql="insert into entry (txn_id, account, kind, amount) values (1, null, 'cash', 5)",
        plant=lambda shelf, _: shelf.ledger.entries.append(Entry(1, "", "cash", 5)),
    ),
    "the entries of one": Fault(
        words="I2 transaction 1 does not sum to zero",
        sql="insert into entry (txn_id, account, kind, amount) values (1, null, 'cash', 5), (2, null, 'cash', -5)",
        plant=lambda shelf, _: shelf.ledger.entries.extend([Entry(1, "", "cash", 5), Entry(2, "", "cash", -5)]),
    ),
    "a lonely entry": Fault(
        words="I2 transaction 3 does not sum to zero, or has fewer than two entries",
        sql="delete from entry where txn_id = 3 and kind = 'held'; update entry set amount = 0 where txn_id = 3",
        plant=lambda shelf, _: shelf.ledger.entries.__setitem__(
            slice(None),
            [
                entry._replace(amount=0) if entry.txn == 3 else entry
                for entry in shelf.ledger.entries
                if (entry.txn, entry.kind) != (3, "held")
            ],
        ),
    ),
    "a balance": Fault(
        words="I3 account ada: the balance is not the sum of its entries",
        sql="update balance set available = available + 1 where account = 'ada'",
        plant=lambda shelf, _: shelf.ledger.balances.update({("ada", "available"): 1}),
    ),
    "a change": Fault(
        words="I3 transaction 1 of account ada: its change",
        sql="update txn set change = change + 1 where id = 1",
        plant=lambda shelf, _: shelf.ledger.txns.__setitem__(0, replace(shelf.ledger.txns[0], change=1)),
    ),
    "whose change": Fault(
        words="I3 transaction 1 of account bob: its change",
        sql="update txn set account = 'bob' where id = 1",
        plant=lambda shelf, _: shelf.ledger.txns.__setitem__(0, replace(shelf.ledger.txns[0], account="bob")),
    ),
    "what was spent": Fault(
        words="I3 account ada: what key-ada spent on 2026-01-01 is not the sum of its entries",
        sql="update spend set micros = micros + 1",
        plant=lambda shelf, _: shelf.ledger.spend.update({("ada", "key-ada", "2026-01-01"): 1}),
    ),
    "what was spent and is not told": Fault(
        words="I3 account ada: what key-ada spent on 2026-01-01 is not the sum of its entries",
        sql="delete from spend",
        plant=lambda shelf, _: shelf.ledger.spend.clear(),
    ),
    "a cost that a caller pays": Fault(
        words="I3 transaction {next} of account ada: its change",
        sql="""
        insert into txn (id, kind, account, job_id, at, change, note, actor, reference)
            values (:next, 'cost', 'ada', :done, 0, 0, '', '', '');
        insert into entry (txn_id, account, kind, amount) values (:next, 'ada', 'available', -7), (:next, null, 'payable', 7);
        update balance set available = available - 7 where account = 'ada'
        """,
        plant=_book("cost", ("ada", "available", -7), ("", "payable", 7)),
    ),
    "below zero": Fault(
        words="I4 account ada: available or held is below zero",
        sql="update balance set available = -1 where account = 'ada'",
        plant=lambda shelf, _: shelf.ledger.balances.update({("ada", "available"): -1}),
    ),
    "what is held": Fault(
        words="I5 account ada: held or queued",
        sql="update balance set held = held + 1 where account = 'ada'",
        plant=lambda shelf, _: shelf.ledger.balances.update({("ada", "held"): 1}),
    ),
    "an early refund": Fault(
        words="I5 account ada: held or queued",
        sql="""
        insert into txn (id, kind, account, job_id, at, change, note, actor, reference)
            values (99, 'released', 'ada', :running, 0, 0, '', '', '');
        insert into entry (txn_id, account, kind, amount) values (99, 'ada', 'held', -350000), (99, 'ada', 'available', 350000);
        update balance set held = held - 350000, available = available + 350000 where account = 'ada'
        """,
        plant=_book("released", ("ada", "held", -350_000), ("ada", "available", 350_000), job="running"),
    ),
    "no hold": Fault(
        words="I6 job {running} has no hold",
        sql="delete from hold where job_id = :running",
        plant=lambda shelf, ids: shelf.ledger.holds.pop(ids["running"]),
    ),
    "no settlement": Fault(
        words="I6 job {done} is done and not settled",
        sql="delete from settlement where job_id = :done",
        plant=lambda shelf, ids: shelf.ledger.settlements.pop(ids["done"]),
    ),
    "a settlement too early": Fault(
        words="I6 job {running} is running and released",
        sql="insert into settlement (job_id, outcome, amount, txn_id) values (:running, 'released', 350000, 1)",
        plant=lambda shelf, ids: shelf.ledger.settlements.update({ids["running"]: Settlement("released", 350_000, 1)}),
    ),
    "capture and release": Fault(
        words="I6 transaction {next} moves money of job {failed} once more",
        sql="""
        insert into txn (id, kind, account, job_id, at, change, note, actor, reference)
            values (:next, 'captured', 'ada', :failed, 0, 0, '', '', '');
        insert into entry (txn_id, account, kind, amount) values (:next, 'ada', 'held', 0), (:next, null, 'revenue', 0)
        """,
        plant=_book("captured", ("ada", "held", 0), ("", "revenue", 0), job="failed"),
    ),
    "a refund of nothing": Fault(
        words="I6 transaction {next} moves money of job {failed} once more",
        sql="""
        insert into txn (id, kind, account, job_id, at, change, note, actor, reference)
            values (:next, 'refund', 'ada', :failed, 0, 0, '', '', '');
        insert into entry (txn_id, account, kind, amount) values (:next, null, 'revenue', 0), (:next, 'ada', 'available', 0)
        """,
        plant=_book("refund", ("", "revenue", 0), ("ada", "available", 0), job="failed"),
    ),
    "a cost before the end": _cost_too_many("cost", "running", "I6 transaction {next} moves money of job {running} once more"),
    "a possible cost of what was charged": _cost_too_many(
        "possible_cost", "done", "I6 transaction {next} moves money of job {done} once more"
    ),
    "a late cost of what was charged": _cost_too_many("late_cost", "done", "I6 transaction {next} moves money of job {done} once more"),
    "a done job that is released": Fault(
        words="I7 job {done} is done and released",
        sql="update settlement set outcome = 'released' where job_id = :done",
        plant=_settled("done", outcome="released"),
    ),
    "a failed job that is captured": Fault(
        words="I7 job {failed} is failed and captured",
        sql="update settlement set outcome = 'captured' where job_id = :failed",
        plant=_settled("failed", outcome="captured"),
    ),
    "a fingerprint that is kept": Fault(
        words="I7 job {failed} is over and its input is not forgotten",
        sql="update job set fingerprint = x'00' where id = :failed",
        plant=_job("failed", fingerprint=b"\x00"),
    ),
    "another amount than the quote": Fault(
        words="I8 job {running} has a hold of another amount",
        sql="update job set quote_micros = 1 where id = :running",
        plant=lambda shelf, ids: _job("running", quote=replace(shelf.jobs[ids["running"]].quote, amount=Money(1)))(shelf, ids),
    ),
    "a charge above the hold": Fault(
        words="I8 job {done} has a hold of another amount than its quote, or is settled above it",
        sql="update settlement set amount = amount + 1 where job_id = :done",
        plant=_settled("done", amount=350_001),
    ),
    "more given back than charged": Fault(
        words="I9 job {done}: more was given back than was captured",
        sql="""
        insert into txn (id, kind, account, job_id, at, change, note, actor, reference)
            values (:next, 'refund', 'ada', :done, 0, 300000, '', '', '');
        insert into entry (txn_id, account, kind, amount) values (:next, null, 'revenue', -300000), (:next, 'ada', 'available', 300000);
        update balance set available = available + 300000 where account = 'ada';
        """,
        plant=_book("refund", ("", "revenue", -300_000), ("ada", "available", 300_000), change=300_000),
    ),
    "two open attempts": Fault(
        words="I10 job {running} has 2 open attempts",
        sql="""
        insert into attempt (token, job_id, number, engine, state, opened_at, note)
            values ('another', :running, 2, '', 'planned', 0, '')
        """,
        plant=_tried_again("running"),
    ),
    "an attempt after the end": Fault(
        words="I10 job {done} has 1 open attempts and is done",
        sql="update attempt set closed_at = null where job_id = :done",
        plant=_tried_again("done"),
    ),
    "an attempt of a job that waits": Fault(
        words="I10 job {queued} waits and has an open attempt",
        sql="""
        insert into attempt (token, job_id, number, engine, state, opened_at, note)
            values ('another', :queued, 1, '', 'planned', 0, '')
        """,
        plant=_waits_with_an_attempt,
    ),
    "an attempt that is sent before that is written": Fault(
        words="I10 attempt 1 of job {running} is submitting and its row does not say so",
        sql="update attempt set state = 'submitting', channel = 'acme' where job_id = :running",
        plant=_attempt("running", state=AttemptState.SUBMITTING, channel="acme"),
    ),
    "a doubt of what was not sent": Fault(
        words="I10 attempt 1 of job {running} is in_doubt and its row does not say so",
        sql="update attempt set state = 'in_doubt', channel = 'acme' where job_id = :running",
        plant=_attempt("running", state=AttemptState.IN_DOUBT, channel="acme"),
    ),
    "a ticket for what was not sent": Fault(
        words="I10 attempt 1 of job {bought} is accepted and its row does not say so",
        sql="update attempt set sent_at = null where job_id = :bought",
        plant=_attempt("bought", sent_at=None),
    ),
    "a ticket of no channel": Fault(
        words="I10 attempt 1 of job {bought} is accepted and its row does not say so",
        sql="update attempt set channel = '' where job_id = :bought",
        plant=_attempt("bought", channel=""),
    ),
    "an accepted attempt without a ticket": Fault(
        words="I10 attempt 1 of job {bought} is accepted and its row does not say so",
        sql="update attempt set upstream_id = null, ticket = null where job_id = :bought",
        plant=_attempt("bought", ticket=None),
    ),
    "an accepted attempt that is closed": Fault(
        words="I10 attempt 1 of job {bought} is accepted and its row does not say so",
        sql="update attempt set closed_at = 0 where job_id = :bought",
        plant=_attempt("bought", closed_at=later(99)),
    ),
    "a plan that was sent": Fault(
        words="I10 attempt 1 of job {bought} is planned and its row does not say so",
        sql="update attempt set state = 'planned' where job_id = :bought",
        plant=_attempt("bought", state=AttemptState.PLANNED),
    ),
    "a job of an upstream that two attempts have": Fault(
        words="I10 job u1 of channel acme belongs to 2 attempts",
        sql="""update attempt set channel = 'acme', upstream_id = 'u1', ticket = '{"id": "u1"}' where job_id = :done""",
        plant=_attempt("done", channel="acme", ticket={"id": "u1"}),
    ),
    "a key for another's job": Fault(
        words="I13 account bob: the key of job {queued}",
        sql="update idempotency set account = 'bob'",
        plant=lambda shelf, _: shelf.stamps.update({("bob", "k"): shelf.stamps.pop(("ada", "k"))}),
    ),
    "two keys for one job": Fault(
        words="I13 account ada: the key of job {queued}",
        sql="insert into idempotency (account, key, fingerprint, job_id, expires_at) values ('ada', 'l', x'', :queued, 0)",
        plant=lambda shelf, ids: shelf.stamps.update({("ada", "l"): Stamp(b"", ids["queued"], later(0))}),
    ),
    "an end that is not told": Fault(
        words="I14 job {done} is done and has 0 events of an end",
        sql="delete from event where job_id = :done and state = 'done'",
        plant=_without_event("done", JobState.DONE),
    ),
    "an end that is told twice": Fault(
        words="I14 job {done} is done and has 2 events of an end",
        sql="insert into event (job_id, account, kind, message, at, level, state) values (:done, 'ada', 'state', '', 0, '', 'failed')",
        plant=_with_event("done", JobState.FAILED),
    ),
    "a webhook that is not owed": Fault(
        words="I14 job {failed} is failed and has 0 deliveries of an end",
        sql="delete from delivery where told = 'failed'",
        plant=lambda shelf, _: shelf.deliveries.clear(),
    ),
    "a state that was passed over": Fault(
        words="I15 job {done} went from queued to done",
        sql="delete from event where job_id = :done and state = 'running'",
        plant=_without_event("done", JobState.RUNNING),
    ),
    "a story without its beginning": Fault(
        words="I15 job {done} went from nothing to running",
        sql="delete from event where job_id = :done and state = 'queued'",
        plant=_without_event("done", JobState.QUEUED),
    ),
    "a life after the end": Fault(
        words="I15 job {done} went from done to queued",
        sql="insert into event (job_id, account, kind, message, at, level, state) values (:done, 'ada', 'state', '', 0, '', 'queued')",
        plant=_with_event("done", JobState.QUEUED),
    ),
    "a state that nobody told": Fault(
        words="I15 job {running} is queued and its story ends with running",
        sql="update job set state = 'queued' where id = :running",
        plant=_job("running", state=JobState.QUEUED),
    ),
    "a video without a row": Fault(
        words="I16 job {done} is done and its video has no row",
        sql="delete from blob",
        plant=lambda shelf, _: shelf.blobs.clear(),
    ),
    "an entry that comes late": Fault(
        words="I17 transaction 1 has an entry after one of transaction",
        sql="update entry set id = id + 1000 where id = 1",
        plant=lambda shelf, _: shelf.ledger.entries.append(shelf.ledger.entries.pop(0)),
    ),
    "a refund before the charge": Fault(
        words="I17 transaction {refund} of job {done} comes before the one that it follows",
        sql="update settlement set txn_id = 1000 where job_id = :done",
        plant=_settled("done", txn=1000),
    ),
    "a possible cost of a known end": _cost_too_many(
        "possible_cost", "failed", "I18 job {failed} is failed and its possible cost is not what its end says"
    ),
    "a real cost of what nobody knows": _cost_too_many(
        "cost", "unknown", "I18 job {unknown} is unknown and its possible cost is not what its end says"
    ),
    "a real cost in the place of a possible one": Fault(
        words="I18 job {unknown} is unknown and its possible cost is not what its end says",
        sql="update txn set kind = 'cost' where kind = 'possible_cost' and job_id = :unknown",
        plant=_other_kind("unknown", "possible_cost", "cost"),
    ),
    "a possible cost that is booked twice": _cost_too_many(
        "possible_cost", "unknown", "I18 job {unknown} is unknown and its possible cost is not what its end says"
    ),
    "a cost that is booked twice": _cost_too_many(
        "cost", "failed", "I18 job {failed} is failed and its possible cost is not what its end says"
    ),
    "a late cost of no video": _cost_too_many(
        "late_cost", "unknown", "I18 job {unknown} is unknown and its possible cost is not what its end says"
    ),
    "a failure that nobody has booked": Fault(
        words="I18 job {unknown} is unknown and its possible cost is not what its end says",
        sql="""insert into event (job_id, account, kind, message, at, level, test)
            select job_id, account, 'late', message, at, level, test from event where job_id = :unknown limit 1""",
        plant=lambda shelf, ids: shelf.story.append(Event(job_id=ids["unknown"], kind="late", message="it failed", at=later(99))),
    ),
    "a late cost of a known end": _cost_too_many(
        "late_cost", "failed", "I18 job {failed} is failed and its possible cost is not what its end says"
    ),
    "a late cost that is booked twice": _cost_too_many(
        "late_cost", "late", "I18 job {late} is unknown and its possible cost is not what its end says"
    ),
    "an unknown end of which nobody booked what it may have cost": Fault(
        words="I18 job {unknown} is unknown and its possible cost is not booked",
        sql="""delete from entry where txn_id in (select id from txn where kind = 'possible_cost' and job_id = :unknown);
            delete from txn where kind = 'possible_cost' and job_id = :unknown""",
        plant=lambda shelf, ids: _without_costs(shelf, ids["unknown"]),
    ),
    "a late cost of what was never possible": Fault(
        words="I18 job {late} is unknown and its possible cost is not what its end says",
        sql="update txn set kind = 'cost' where kind = 'possible_cost' and job_id = :late",
        plant=_other_kind("late", "possible_cost", "cost"),
    ),
    "a late video that costs nothing": Fault(
        words="I18 job {unknown} is unknown and its possible cost is not what its end says",
        sql="update job set late_video = (select late_video from job where id = :late) where id = :unknown",
        plant=lambda shelf, ids: _job("unknown", late_video=shelf.jobs[ids["late"]].late_video)(shelf, ids),
    ),
    "a late video that is gone": Fault(
        words="I18 job {late} is unknown and its possible cost is not what its end says",
        sql="update job set late_video = null where id = :late",
        plant=_job("late", late_video=None),
    ),
    "a line of the log": Fault(
        words="audit: line 3 does not follow from the one before it",
        sql="update audit set reason = 'another' where number = 3",
        plant=_told_otherwise(3),
    ),
    "a line that is gone": Fault(
        words="audit: line 4 does not follow from the one before it",
        sql="delete from audit where number = 3",
        plant=lambda shelf, _: shelf.audit.pop(2),
    ),
}


async def test_a_story_without_a_fault_has_no_breach(store: Store) -> None:
    await _tell(store)
    assert await store.breaches() == []


@pytest.mark.parametrize("name", FAULTS)
async def test_a_fault_is_named_by_the_memory(name: str, tmp_path: Path) -> None:
    store = await with_accounts(await MEMORY.open(tmp_path, ""))
    assert isinstance(store, MemoryStore)
    ids = await _tell(store)
    FAULTS[name].plant(store.shelf, ids)
    _assert_named(await store.breaches(), FAULTS[name], ids)


@pytest.mark.parametrize("name", FAULTS)
async def test_a_fault_is_named_by_the_database(name: str, tmp_path: Path) -> None:
    store = await with_accounts(await SQLITE.open(tmp_path, ""))
    ids = await _tell(store)
    _plant(tmp_path, FAULTS[name].sql, ids)
    _assert_named(await store.breaches(), FAULTS[name], ids)
    await store.close()


def test_every_invariant_has_a_fault() -> None:
    planted = {fault.words.split()[0] for fault in FAULTS.values()}
    assert planted == {f"I{number}" for number in range(1, 19) if number not in {11, 12}} | {"audit:"}


async def test_half_a_ticket_is_told(tmp_path: Path) -> None:
    store = await with_accounts(await SQLITE.open(tmp_path, ""))
    ids = await _tell(store)
    _plant(tmp_path, "update attempt set upstream_id = null where job_id = :bought", ids)
    assert await store.breaches() == [f"I10 attempt 1 of job {ids['bought']} is accepted and its row does not say so"]
    await store.close()


@pytest.mark.parametrize("sql", ["update audit set detail = 'no json' where number = 3", "update audit set hash = x'' where number = 3"])
async def test_a_line_that_cannot_be_read_is_told(sql: str, tmp_path: Path) -> None:
    store = await with_accounts(await SQLITE.open(tmp_path, ""))
    _plant(tmp_path, sql, {})
    assert "audit: line 3 does not follow from the one before it" in await store.breaches()
    await store.close()


@pytest.mark.parametrize(
    "sql",
    [
        "update txn set change = 1",
        "delete from txn",
        "update entry set amount = 1",
        "delete from entry",
        "update hold set amount = 1",
        "delete from hold",
        "update settlement set amount = 1",
        "delete from settlement",
        "update audit set reason = ''",
        "delete from audit",
        "update balance set available = -1",
        "update spend set micros = -1",
        "insert into txn (kind, account, at, change, note, actor, reference) values ('gift', 'ada', 0, 0, '', '', '')",
        "insert into txn (kind, account, at, change, note, actor, reference) values ('cost', 'ada', 0, 0, '', '', '')",
        "insert into txn (kind, account, job_id, at, change, note, actor, reference) select 'cost', 'ada', id, 0, 1, '', '', '' from job",
        """
        insert into txn (kind, account, job_id, at, change, note, actor, reference)
        select kind, 'ada', job_id, 0, 0, '', '', '' from txn where kind = 'possible_cost'
        """,
        "update attempt set channel = 'acme', upstream_id = 'u1' where token = 't2'",
        """
        insert into attempt (token, job_id, number, engine, state, opened_at, note)
        select 'another', job_id, 2, '', 'planned', 0, '' from attempt where token = 't2'
        """,
        "insert into entry (txn_id, account, kind, amount) values (1, null, 'available', 0)",
        "insert into entry (txn_id, account, kind, amount) values (1, 'ada', 'cash', 0)",
        "insert into entry (txn_id, account, kind, amount) values (1, null, 'gift', 0)",
    ],
)
async def test_the_database_itself_refuses_what_no_verb_would_do(sql: str, tmp_path: Path) -> None:
    store = await with_accounts(await SQLITE.open(tmp_path, ""))
    await _tell(store)
    connection: Any = apsw.Connection(str(tmp_path / "store.sqlite"))
    with pytest.raises(apsw.ConstraintError):
        connection.execute(sql).fetchall()
    connection.close()
    assert await store.breaches() == []
    await store.close()


async def _tell(store: Store) -> Ids:
    """One job for each way it may stand: done and given back in part, failed, unknown, unknown and late, bought and not home, running,
    queued. Their ids, and numbers of transactions."""
    done = await started(store)
    await store.open_attempt(done, "t1", later(1))
    await finish(store, done, 2)
    refund = await store.refund(done.job.id, Money(100_000), deed())
    failed = await accepted(store, make_job(age=3, callback=HOOK, terms=Terms(notify=EVERY_CHANGE.notify, forget_input=True)))
    (lease,) = await take(store, 3)
    await store.fail(lease, BROKEN, render_s=None, at=later(4), cost=Cost(expected=Money(9)))
    unknown, late = await _sent(store, "lost"), await _sent(store, "late")
    for lost in (unknown, late):
        await store.give_up(lost, BROKEN, Money(300_000), later(4))
    blob = make_blob(late.job, "d" * 32)
    assert await store.keep_late("late", make_video(blob), blob, Cost(expected=Money(300_000), told=Money(7)), later(5))
    bought = await _sent(store, "bought")
    assert await store.note_ticket(bought, "bought", {"id": "u1"}, later(5))
    running = await started(store, at=5)
    await store.open_attempt(running, "t2", later(5))
    queued = make_job(age=6)
    assert isinstance(await store.accept(queued, idempotency=same_request("k"), blobs=[make_blob(queued, "e" * 32)]), Accepted)
    numbers = {"refund": str(getattr(refund, "txn", 0)), "next": "19"}
    ids = {"unknown": unknown.job.id, "late": late.job.id, "bought": bought.job.id, "running": running.job.id, "queued": queued.id}
    return {"done": done.job.id, "failed": failed.id, **ids, **numbers}


async def _sent(store: Store, token: str) -> Lease:
    """A paid job whose call has gone to a channel."""
    await accepted(store, make_job(age=4, serving=Serving.PAID))
    (lease,) = await take(store, 4)
    await store.open_attempt(lease, token, later(4), channel="acme")
    await store.sent(lease, token, later(4))
    return lease


def _plant(folder: Path, sql: str, ids: Ids) -> None:
    connection: Any = apsw.Connection(str(folder / "store.sqlite"))
    connection.execute(UNGUARDED).fetchall()
    connection.execute(sql, ids or None).fetchall()
    connection.close()


def _assert_named(found: list[str], fault: Fault, ids: Ids) -> None:
    words = fault.words.format(**ids)
    assert any(each.startswith(words) for each in found), (words, found)
