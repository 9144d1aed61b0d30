"""Every store's verbs for jobs that go to channels: what may buy is written before it is sent, and is neither forgotten nor done twice."""

from __future__ import annotations

import asyncio
import shutil
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import apsw
import pytest

from reelgate.contracts.account import Balance
from reelgate.contracts.attempt import Attempt, Claim, Cost
from reelgate.contracts.ledger import Receipt
from reelgate.contracts.store import JobFilter, Store, StoreDriver
from reelgate.discovery import load_leaves
from reelgate.domain.clock import from_ms
from reelgate.domain.errors import LeaseLost, NotFound
from reelgate.domain.job import AttemptState, Event, Failure, Job, JobState, Lease, Serving
from reelgate.domain.media import Foreign, VideoInput, forgotten
from reelgate.domain.money import FREE, Money
from reelgate.storage.sqlite.folder import DATABASE, MARKER
from tests.story import (
    ANY,
    BROKEN,
    FORGET,
    HOOK,
    PRICE,
    accepted,
    collect,
    finish,
    later,
    make_blob,
    make_job,
    make_video,
    started,
    take,
    with_accounts,
)

STORES = load_leaves("reelgate.storage", "STORE", StoreDriver)
HUNDRED = Balance(available=Money.dollars("100"), held=FREE)
TICKET = {"id": "u1", "model": "acme-1", "poll": "https://acme.example.com/jobs/u1?雪=1"}
NOBODY_KNOWS = Failure(code="upstream_unknown", message="Nobody knows whether it was bought.")
COST = Cost(expected=Money(300_000), told=Money(310_000))
POSSIBLE = Money(250_000)
OPEN = (AttemptState.PLANNED, AttemptState.SUBMITTING, AttemptState.IN_DOUBT, AttemptState.ACCEPTED)
ENDS = ("done", "failed", "cancelled", "unknown")
COST_KINDS = frozenset({"cost", "possible_cost", "late_cost"})


# -- an attempt begins ---------------------------------------------------------------------------------------------------


async def test_an_attempt_says_where_it_is_made_and_why(store: Store) -> None:
    lease = await _paid(store)
    attempt = await store.open_attempt(lease, "t1", later(1), channel="acme", model="acme-1", choice="weight 1 of 3; zeta is full")
    assert attempt == Attempt(
        token="t1",
        job_id=lease.job.id,
        number=1,
        engine="relay",
        state=AttemptState.PLANNED,
        opened_at=later(1),
        channel="acme",
        model="acme-1",
        choice="weight 1 of 3; zeta is full",
    )
    assert await store.attempts("ada", lease.job.id) == [attempt]
    assert await store.job("ada", lease.job.id) == replace(lease.job, channel="acme")


async def test_where_an_engine_works_there_is_no_channel(store: Store) -> None:
    lease = await started(store)
    attempt = await store.open_attempt(lease, "t1", later(1))
    assert (attempt.channel, attempt.model, attempt.choice, attempt.sent_at, attempt.ticket) == ("", "", "", None, None)
    assert await store.job("ada", lease.job.id) == lease.job


async def test_the_channel_of_a_job_is_that_of_its_last_attempt(store: Store) -> None:
    lease = await _paid(store)
    for number, channel in enumerate(("acme", "zeta", "acme"), 1):
        attempt = await store.open_attempt(lease, f"t{number}", later(number), channel=channel)
        assert attempt.number == number
        await store.close_attempt(lease, f"t{number}", AttemptState.FAILED, f"{number}", later(number))
        job = await store.job("ada", lease.job.id)
        assert job is not None
        assert job.channel == channel
        assert [each.channel for each in await store.jobs("ada", JobFilter())] == [channel]
    assert [each.channel for each in await store.attempts("ada", lease.job.id)] == ["acme", "zeta", "acme"]


@pytest.mark.parametrize("state", OPEN)
async def test_no_other_attempt_begins_while_one_may_have_bought(store: Store, state: AttemptState) -> None:
    lease = await _paid(store)
    attempt = await _tried(store, lease, state)
    with pytest.raises(ValueError, match="is open"):
        await store.open_attempt(lease, "t2", later(9), channel="zeta")
    assert await store.open_attempt(lease, "t1", later(9), channel="zeta", model="zeta-1", choice="another") == attempt
    assert await store.attempts("ada", lease.job.id) == [attempt]
    job = await store.job("ada", lease.job.id)
    assert job is not None
    assert job.channel == "acme"


# -- it is sent, in doubt, accepted --------------------------------------------------------------------------------------


async def test_what_is_about_to_be_sent_is_written_once(store: Store) -> None:
    lease = await _paid(store)
    planned = await _tried(store, lease, AttemptState.PLANNED)
    await store.sent(lease, "t1", later(2) + timedelta(microseconds=1_001))
    submitting = await _attempt(store, lease)
    assert submitting == replace(planned, state=AttemptState.SUBMITTING, sent_at=later(2.001))
    await store.sent(lease, "t1", later(3))
    assert await _attempt(store, lease) == submitting
    await store.doubt(lease, "t1", "it timed out", later(4))
    await store.sent(lease, "t1", later(5))
    assert await _attempt(store, lease) == replace(submitting, state=AttemptState.IN_DOUBT, note="it timed out")


async def test_what_was_accepted_or_has_ended_is_not_sent_again(store: Store) -> None:
    lease = await _paid(store)
    accepted_one = await _tried(store, lease, AttemptState.ACCEPTED)
    await store.sent(lease, "t1", later(9))
    assert await _attempt(store, lease) == accepted_one
    await store.close_attempt(lease, "t1", AttemptState.FAILED, "", later(9))
    await _tried(store, lease, AttemptState.PLANNED, "t2")
    await store.close_attempt(lease, "t2", AttemptState.ABANDONED, "", later(9))
    before = await store.attempts("ada", lease.job.id)
    for token in ("t1", "t2", "unknown"):
        await store.sent(lease, token, later(10))
    assert await store.attempts("ada", lease.job.id) == before


async def test_only_what_is_being_sent_comes_in_doubt(store: Store) -> None:
    lease = await _paid(store)
    submitting = await _tried(store, lease, AttemptState.SUBMITTING)
    await store.doubt(lease, "t1", "it timed out", later(3))
    assert await _attempt(store, lease) == replace(submitting, state=AttemptState.IN_DOUBT, note="it timed out")


@pytest.mark.parametrize("state", [AttemptState.PLANNED, AttemptState.IN_DOUBT, AttemptState.ACCEPTED])
async def test_in_any_other_state_a_doubt_does_nothing(store: Store, state: AttemptState) -> None:
    lease = await _paid(store)
    attempt = await _tried(store, lease, state)
    await store.doubt(lease, "t1", "another", later(9))
    assert await _attempt(store, lease) == attempt
    await store.close_attempt(lease, "t1", AttemptState.FAILED, "it ended", later(9))
    await store.doubt(lease, "t1", "another", later(10))
    assert await _attempt(store, lease) == replace(attempt, state=AttemptState.FAILED, note="it ended", closed_at=later(9))


@pytest.mark.parametrize("state", [AttemptState.SUBMITTING, AttemptState.IN_DOUBT])
async def test_a_ticket_is_kept_whole(store: Store, state: AttemptState) -> None:
    lease = await _paid(store)
    before = await _tried(store, lease, state)
    assert await store.note_ticket(lease, "t1", TICKET, later(4) + timedelta(microseconds=1_001))
    attempt = await _attempt(store, lease)
    assert attempt == replace(before, state=AttemptState.ACCEPTED, ticket=TICKET, accepted_at=later(4.001))
    assert await store.note_ticket(lease, "t1", TICKET, later(5))
    assert await _attempt(store, lease) == attempt


async def test_the_ticket_that_an_attempt_has_stays(store: Store) -> None:
    lease = await _paid(store)
    attempt = await _tried(store, lease, AttemptState.ACCEPTED)
    assert await store.note_ticket(lease, "t1", {"id": "u1", "more": "another text"}, later(9))
    assert not await store.note_ticket(lease, "t1", {"id": "u2"}, later(9))
    assert await _attempt(store, lease) == attempt
    assert await store.attempt_at("acme", "u2") is None


async def test_a_ticket_without_the_upstreams_id_is_refused(store: Store) -> None:
    lease = await _paid(store)
    attempt = await _tried(store, lease, AttemptState.SUBMITTING)
    for wrong in ({}, {"id": ""}, {"poll": "https://acme.example.com/u1"}):
        with pytest.raises(ValueError, match="a ticket has"):
            await store.note_ticket(lease, "t1", wrong, later(3))
    assert await _attempt(store, lease) == attempt


async def test_what_was_not_sent_or_has_ended_has_no_ticket(store: Store) -> None:
    lease = await _paid(store)
    planned = await _tried(store, lease, AttemptState.PLANNED)
    assert not await store.note_ticket(lease, "t1", TICKET, later(3))
    assert await _attempt(store, lease) == planned
    await store.close_attempt(lease, "t1", AttemptState.ABANDONED, "", later(4))
    await _tried(store, lease, AttemptState.IN_DOUBT, "t2")
    await store.close_attempt(lease, "t2", AttemptState.FAILED, "", later(4))
    before = await store.attempts("ada", lease.job.id)
    for token in ("t1", "t2", "unknown"):
        assert not await store.note_ticket(lease, token, TICKET, later(5))
    assert await store.attempts("ada", lease.job.id) == before
    assert await store.attempt_at("acme", "u1") is None


async def test_a_job_that_was_never_tried_has_nothing_to_note(store: Store) -> None:
    lease = await _paid(store)
    await store.sent(lease, "t1", later(3))
    await store.doubt(lease, "t1", "it timed out", later(3))
    assert not await store.note_ticket(lease, "t1", TICKET, later(3))
    assert await store.attempts("ada", lease.job.id) == []
    await store.give_up(lease, NOBODY_KNOWS, POSSIBLE, later(9))
    assert await store.given_up(later(0), 10) == []


@pytest.mark.parametrize("owner", ["another's", "over", "the same job's", "in doubt before"])
async def test_an_upstreams_job_belongs_to_one_attempt(store: Store, owner: str) -> None:
    if owner == "the same job's":
        first = lease = await _paid(store)
    else:
        first = await _paid(store, "bob")
        lease = await _paid(store, at=1)
    await _tried(store, first, AttemptState.ACCEPTED)
    match owner:
        case "over":
            await finish(store, first, 5)
        case "the same job's":
            await store.close_attempt(first, "t1", AttemptState.FAILED, "", later(5))
        case _:
            pass
    mine = await _tried(store, lease, AttemptState.IN_DOUBT if owner == "in doubt before" else AttemptState.SUBMITTING, "t2")
    assert not await store.note_ticket(lease, "t2", TICKET, later(6))
    assert (await store.attempts("ada", lease.job.id))[-1] == mine
    found = await store.attempt_at("acme", "u1")
    assert found is not None
    assert found.attempt.token == "t1"
    assert await store.note_ticket(lease, "t2", {"id": "u2"}, later(7))


async def test_each_channel_has_ids_of_its_own(store: Store) -> None:
    first, second = await _paid(store), await _paid(store, "bob", at=1)
    await _tried(store, first, AttemptState.ACCEPTED)
    await _tried(store, second, AttemptState.ACCEPTED, "t2", channel="zeta")
    claims = [await store.attempt_at("acme", "u1"), await store.attempt_at("zeta", "u1")]
    assert claims == [
        Claim(account="ada", attempt=await _attempt(store, first)),
        Claim(account="bob", attempt=await _attempt(store, second)),
    ]


async def test_of_many_that_name_one_job_of_an_upstream_one_has_it(store: Store) -> None:
    leases = [await _paid(store, "ada" if number % 2 else "bob", at=number / 1000) for number in range(20)]
    for number, lease in enumerate(leases):
        await _tried(store, lease, AttemptState.SUBMITTING, f"t{number}")
    noted = await asyncio.gather(*(store.note_ticket(lease, f"t{number}", TICKET, later(3)) for number, lease in enumerate(leases)))
    assert noted.count(True) == 1
    states = [(await _attempt(store, lease)).state for lease in leases]
    assert [state is AttemptState.ACCEPTED for state in states] == noted


async def test_a_lease_moves_the_attempts_of_its_own_job(store: Store) -> None:
    first, second = await _paid(store), await _paid(store, "bob", at=1)
    planned = await _tried(store, first, AttemptState.PLANNED, "t1")
    submitting = await _tried(store, second, AttemptState.SUBMITTING, "t2")
    await store.sent(second, "t1", later(9))
    await store.doubt(first, "t2", "it timed out", later(9))
    assert not await store.note_ticket(first, "t2", TICKET, later(9))
    with pytest.raises(NotFound):
        await store.close_attempt(second, "t1", AttemptState.FAILED, "", later(9))
    assert (await _attempt(store, first), await _attempt(store, second)) == (planned, submitting)


# -- an attempt ends, and is found again ---------------------------------------------------------------------------------


@pytest.mark.parametrize("end", [AttemptState.FAILED, AttemptState.ABANDONED])
@pytest.mark.parametrize("state", OPEN)
async def test_an_attempt_that_ends_keeps_what_it_was(store: Store, state: AttemptState, end: AttemptState) -> None:
    lease = await _paid(store)
    attempt = await _tried(store, lease, state)
    await store.close_attempt(lease, "t1", end, "upstream_down: 503", later(9) + timedelta(microseconds=1_001))
    closed = replace(attempt, state=end, note="upstream_down: 503", closed_at=later(9.001))
    assert await _attempt(store, lease) == closed
    assert await store.claim("t1") == Claim(account="ada", attempt=closed)
    assert (await store.attempt_at("acme", "u1") is not None) == (state is AttemptState.ACCEPTED)
    job = await store.job("ada", lease.job.id)
    assert job is not None
    assert (job.state, job.channel) == (JobState.RUNNING, "acme")


async def test_attempts_come_in_their_order(store: Store) -> None:
    lease = await _paid(store)
    told = list[Attempt]()
    # Tokens are drawn, so that their order says nothing.
    for second, token, state, end, channel in (
        (10, "zz", AttemptState.SUBMITTING, AttemptState.FAILED, "zeta"),
        (20, "aa", AttemptState.PLANNED, AttemptState.ABANDONED, "acme"),
        (25, "mm", AttemptState.IN_DOUBT, AttemptState.FAILED, "acme"),
    ):
        attempt = await _tried(store, lease, state, token, channel=channel)
        await store.close_attempt(lease, token, end, f"note of {token}", later(second))
        told.append(replace(attempt, state=end, note=f"note of {token}", closed_at=later(second)))
    told.append(await _tried(store, lease, AttemptState.ACCEPTED, "bb", channel="zeta"))
    assert await store.attempts("ada", lease.job.id) == told
    assert [each.number for each in told] == [1, 2, 3, 4]
    assert await store.attempts("bob", lease.job.id) == []


async def test_what_is_refused_alike_is_one_attempt_with_a_count(store: Store) -> None:
    lease = await _paid(store)
    first = await _tried(store, lease, AttemptState.SUBMITTING, "t1")
    await store.close_attempt(lease, "t1", AttemptState.ABANDONED, "upstream_busy: 429", later(4))
    for number in range(2, 50):
        attempt = await _tried(store, lease, AttemptState.SUBMITTING, f"t{number}")
        assert attempt.number == 2
        ended_at = later(4 + number) + timedelta(microseconds=1_001)
        await store.close_attempt(lease, f"t{number}", AttemptState.ABANDONED, "upstream_busy: 429", ended_at)
    kept = await _attempt(store, lease)
    closed = replace(first, state=AttemptState.ABANDONED, note="upstream_busy: 429", closed_at=later(4))
    assert kept == replace(closed, token="t49", tries=49, again_at=later(53.001))
    assert await store.claim("t49") == Claim(account="ada", attempt=kept)
    assert await store.claim("t1") is None
    # Its end may be written once more by whoever does not know that it was.
    await store.close_attempt(lease, "t49", AttemptState.ABANDONED, "upstream_busy: 429", later(60))
    assert await _attempt(store, lease) == kept
    assert (await _tried(store, lease, AttemptState.ACCEPTED, "t50")).number == 2


async def test_what_is_refused_otherwise_is_an_attempt_of_its_own(store: Store) -> None:
    lease = await _paid(store)
    throttled = (AttemptState.ABANDONED, "upstream_busy: 429")
    refused: list[tuple[str, str, AttemptState, tuple[AttemptState, str]]] = [
        ("acme", "t1", AttemptState.SUBMITTING, throttled),
        ("zeta", "t2", AttemptState.SUBMITTING, throttled),
        ("acme", "t3", AttemptState.SUBMITTING, (AttemptState.FAILED, "upstream_busy: 429")),
        ("acme", "t4", AttemptState.SUBMITTING, (AttemptState.ABANDONED, "upstream_busy: 1303")),
        ("acme", "t5", AttemptState.IN_DOUBT, throttled),
        ("acme", "t6", AttemptState.ACCEPTED, throttled),
        ("zeta", "t7", AttemptState.PLANNED, throttled),
    ]
    for channel, token, state, (end, note) in refused:
        await _tried(store, lease, state, token, channel=channel)
        await store.close_attempt(lease, token, end, note, later(9))
    assert [(each.token, each.tries) for each in await store.attempts("ada", lease.job.id)] == [
        *(("t1", 1), ("t7", 2), ("t3", 1), ("t4", 1), ("t5", 1), ("t6", 1)),
    ]


async def test_what_an_engine_tries_is_never_counted_together(store: Store) -> None:
    lease = await started(store)
    for number in range(3):
        await store.open_attempt(lease, f"t{number}", later(number))
        await store.close_attempt(lease, f"t{number}", AttemptState.FAILED, "the worker died", later(number))
    assert [each.tries for each in await store.attempts("ada", lease.job.id)] == [1, 1, 1]


@pytest.mark.parametrize("said", ["", "1301"])
async def test_a_vendor_s_word_for_a_failure_stands_in_the_attempt_alone(store: Store, said: str) -> None:
    lease = await _paid(store)
    await _tried(store, lease, AttemptState.ACCEPTED)
    await store.fail(lease, BROKEN, render_s=None, at=later(9), said=said)
    assert (await _attempt(store, lease)).note == (f"{BROKEN.code}: {said}" if said else BROKEN.code)
    job = await store.job("ada", lease.job.id)
    assert job is not None
    assert job.failure == BROKEN


@pytest.mark.parametrize("end", ENDS)
async def test_an_attempt_is_found_by_its_token_whoevers_it_is(store: Store, end: str) -> None:
    first, second = await _paid(store), await _paid(store, "bob", at=1)
    await _tried(store, first, AttemptState.PLANNED, "t1")
    await _tried(store, second, AttemptState.ACCEPTED, "t2")
    assert await store.claim("t1") == Claim(account="ada", attempt=await _attempt(store, first))
    await _end(store, second, end)
    claim = Claim(account="bob", attempt=await _attempt(store, second))
    assert claim.attempt.closed_at == later(9)
    assert await store.claim("t2") == await store.attempt_at("acme", "u1") == claim
    assert await store.claim("unknown") is None


async def test_an_upstreams_job_is_found_by_its_channel_and_id(store: Store) -> None:
    lease = await _paid(store)
    await _tried(store, lease, AttemptState.IN_DOUBT)
    assert await store.attempt_at("acme", "u1") is None
    await store.note_ticket(lease, "t1", TICKET, later(4))
    assert await store.attempt_at("acme", "u1") == Claim(account="ada", attempt=await _attempt(store, lease))
    for channel, upstream_id in (("zeta", "u1"), ("", "u1"), ("acme", "u"), ("acme", "")):
        assert await store.attempt_at(channel, upstream_id) is None


# -- another worker takes over -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", OPEN)
async def test_what_may_have_been_bought_is_left_to_who_takes_over(store: Store, state: AttemptState) -> None:
    old = await _paid(store)
    attempt = await _tried(store, old, state)
    (new,) = await take(store, 31, worker="w2")
    assert new.job == replace(old.job, channel="acme")
    assert new.token > old.token
    assert await store.attempts("ada", old.job.id) == [attempt]
    with pytest.raises(LeaseLost):
        await store.note_ticket(old, "t1", TICKET, later(32))
    if state is AttemptState.PLANNED:
        await store.sent(new, "t1", later(32))
    assert await store.note_ticket(new, "t1", TICKET, later(33))
    await store.complete(new, make_video(make_blob(new.job)), make_blob(new.job), render_s=1.0, at=later(40))
    (attempt,) = await store.attempts("ada", old.job.id)
    assert (attempt.state, attempt.ticket, attempt.closed_at) == (AttemptState.DONE, TICKET, later(40))


async def test_the_end_of_all_leases_ends_no_attempt_at_a_channel(store: Store) -> None:
    old = await _paid(store)
    attempt = await _tried(store, old, AttemptState.ACCEPTED)
    assert await store.expire_leases() == 1
    (new,) = await take(store, 3)
    assert (new.job.id, new.token > old.token) == (old.job.id, True)
    assert await store.attempts("ada", old.job.id) == [attempt]


# -- back to the queue ---------------------------------------------------------------------------------------------------


async def test_a_job_waits_until_its_time_has_come(store: Store) -> None:
    lease = await _paid(store)
    await store.requeue(lease, later(10) + timedelta(microseconds=1_001), later(5))
    assert await store.job("ada", lease.job.id) == replace(lease.job, state=JobState.QUEUED, updated_at=later(5))
    assert await take(store, 10) == []
    (again,) = await take(store, 10.001)
    assert again.job == replace(lease.job, started_at=later(10.001), updated_at=later(10.001))
    assert again.token > lease.token
    told = [(event.state, event.at) for event in await store.events("ada", lease.job.id)]
    running, queued = JobState.RUNNING, JobState.QUEUED
    assert told == [(queued, later(0)), (running, later(0)), (queued, later(5)), (running, later(10.001))]


async def test_a_job_that_waits_again_keeps_its_money_and_its_attempts(store: Store) -> None:
    lease = await _paid(store)
    attempt = await _tried(store, lease, AttemptState.SUBMITTING)
    await store.close_attempt(lease, "t1", AttemptState.FAILED, "full", later(4))
    before = await store.balance("ada")
    await store.requeue(lease, later(10), later(5))
    assert await store.balance("ada") == before == Balance(available=Money(99_650_000), held=PRICE)
    assert (await store.counts())[JobState.QUEUED] == 1
    (again,) = await take(store, 10)
    assert again.job.channel == "acme"
    second = await store.open_attempt(again, "t2", later(11), channel="zeta")
    assert second.number == 2
    assert [each.token for each in await store.attempts("ada", attempt.job_id)] == ["t1", "t2"]


async def test_a_job_that_is_to_be_cancelled_does_not_wait_for_its_time(store: Store) -> None:
    lease = await _paid(store)
    await store.request_cancel("ada", lease.job.id, later(3))
    await store.requeue(lease, later(100), later(5))
    (again,) = await take(store, 5)
    assert again.job.id == lease.job.id


async def test_its_place_is_that_of_its_age(store: Store) -> None:
    lease = await _paid(store)
    younger = [await accepted(store, make_job(age=second, serving=Serving.PAID)) for second in (1, 2)]
    await store.requeue(lease, later(5), later(3))
    assert await store.line(10) == [lease.job.id, *(job.id for job in younger)]
    assert [each.job.id for each in await take(store, 4.999, most=1)] == [younger[0].id]
    assert [each.job.id for each in await take(store, 5, most=2)] == [lease.job.id, younger[1].id]


async def test_jobs_that_wait_for_their_time_do_not_stand_in_the_way(store: Store) -> None:
    for second in range(30):
        await accepted(store, make_job(age=second / 100, serving=Serving.PAID))
    for lease in await take(store, 1):
        await store.requeue(lease, later(100), later(2))
    younger = [await accepted(store, make_job(age=3 + second, serving=Serving.PAID)) for second in range(3)]
    assert [lease.job.id for lease in await take(store, 10, per_account=2)] == [job.id for job in younger[:2]]


@pytest.mark.parametrize("state", OPEN)
async def test_what_may_have_been_bought_is_not_queued_again(store: Store, tmp_path: Path, state: AttemptState) -> None:
    lease = await _paid(store)
    await _tried(store, lease, state)
    before = await _picture(store, tmp_path, lease.job)
    with pytest.raises(ValueError, match="is not queued again"):
        await store.requeue(lease, later(10), later(5))
    assert await _picture(store, tmp_path, lease.job) == before
    assert await store.renew([lease], later(60)) == {lease.job.id}


async def test_a_job_that_waits_again_is_nobodys(store: Store) -> None:
    lease = await _paid(store)
    await store.requeue(lease, later(10), later(5))
    assert await store.renew([lease], later(60)) == frozenset()
    assert await store.expire_leases() == 0
    assert await take(store, 9) == []
    cancelled = await store.request_cancel("ada", lease.job.id, later(9))
    assert cancelled is not None
    assert cancelled.state is JobState.CANCELLED
    assert await take(store, 11) == []
    assert await store.balance("ada") == HUNDRED


async def test_however_often_it_waits_no_earlier_lease_is_good_again(store: Store) -> None:
    leases = [await _paid(store)]
    for second in (10, 20, 30):
        await store.requeue(leases[-1], later(second), later(second - 5))
        leases += await take(store, second)
    assert len({lease.token for lease in leases}) == len(leases) == 4
    for old in leases[:-1]:
        with pytest.raises(LeaseLost):
            await store.sent(old, "t1", later(31))


async def test_who_watches_hears_that_a_job_waits_again(store: Store) -> None:
    lease = await _paid(store)
    watch = store.watch(lease.job.id)
    await store.requeue(lease, later(10), later(5))
    assert await watch.wait(5)
    watch.close()


async def test_jobs_of_full_endpoints_are_passed_by(store: Store) -> None:
    full = [await accepted(store, make_job(age=second, serving=Serving.PAID)) for second in range(30)]
    other = await accepted(store, make_job(age=40, serving=Serving.PAID, endpoint="demo/a"))
    preview = await accepted(store, make_job(age=41))  # of the same endpoint as the others, but made here
    terms: dict[str, Any] = {"now": later(50), "until": later(80), "want": ANY}
    hand = await store.lease("w", **terms, per_account=2, without=[full[0].endpoint, "demo/unknown"])
    assert [lease.job.id for lease in hand] == [other.id, preview.id]
    assert await store.lease("w", **terms, per_account=9, without={full[0].endpoint}) == []
    assert [lease.job.id for lease in await store.lease("w", **terms, per_account=4)] == [job.id for job in full[:2]]


async def test_what_was_begun_at_a_full_endpoint_is_taken_over(store: Store) -> None:
    old = await _paid(store)
    terms: dict[str, Any] = {"now": later(31), "until": later(60), "want": ANY, "per_account": 9}
    assert [lease.job.id for lease in await store.lease("w2", **terms, without=[old.job.endpoint])] == [old.job.id]


# -- asked to stop -------------------------------------------------------------------------------------------------------


async def test_running_jobs_whose_callers_want_them_cancelled_are_named(store: Store) -> None:
    assert await store.asked_to_cancel() == []
    first, second = await _paid(store), await started(store, "bob", at=1)
    await accepted(store, make_job(age=2))
    assert await store.asked_to_cancel() == []
    await store.request_cancel("ada", first.job.id, later(3))
    await store.request_cancel("bob", first.job.id, later(3))
    assert await store.asked_to_cancel() == [first.job.id]
    await store.request_cancel("bob", second.job.id, later(4))
    await store.request_cancel("bob", second.job.id, later(5))
    assert sorted(await store.asked_to_cancel()) == sorted([first.job.id, second.job.id])
    await store.cancel(second, later(6))
    await finish(store, first, 6)
    assert await store.asked_to_cancel() == []


async def test_only_what_runs_is_asked_to_stop(store: Store) -> None:
    lease = await _paid(store)
    waiting = await accepted(store, make_job(age=1))
    await store.request_cancel("ada", waiting.id, later(2))
    assert await store.asked_to_cancel() == []
    await store.request_cancel("ada", lease.job.id, later(2))
    await store.requeue(lease, later(10), later(3))
    assert await store.asked_to_cancel() == []
    await take(store, 10)
    assert await store.asked_to_cancel() == [lease.job.id]


# -- what a job costs the house ------------------------------------------------------------------------------------------

COSTS = {
    "as expected": (Cost(expected=Money(300_000)), {"provider_cost": -300_000, "payable": 300_000}),
    "told the same": (Cost(expected=Money(300_000), told=Money(300_000)), {"provider_cost": -300_000, "payable": 300_000}),
    "more": (Cost(expected=Money(300_000), told=Money(310_000)), {"provider_cost": -300_000, "payable": 310_000, "variance": -10_000}),
    "less": (Cost(expected=Money(300_000), told=Money(120_000)), {"provider_cost": -300_000, "payable": 120_000, "variance": 180_000}),
    "nothing after all": (Cost(expected=Money(300_000), told=FREE), {"provider_cost": -300_000, "variance": 300_000}),
    "not expected": (Cost(expected=FREE, told=Money(5)), {"payable": 5, "variance": -5}),
}


@pytest.mark.parametrize("end", ["done", "failed", "cancelled"])
@pytest.mark.parametrize("what", COSTS)
async def test_a_cost_is_booked_with_the_end(store: Store, tmp_path: Path, what: str, end: str) -> None:
    lease = await _paid(store)
    await _tried(store, lease, AttemptState.ACCEPTED)
    cost, legs = COSTS[what]
    await _end(store, lease, end, cost)
    assert _booked(store, tmp_path) == [Booking("cost", "ada", lease.job.id, later(9), legs)]


@pytest.mark.parametrize("end", ["done", "failed", "cancelled"])
@pytest.mark.parametrize("cost", [None, Cost(expected=FREE), Cost(expected=FREE, told=FREE)])
async def test_what_costs_nothing_is_not_booked(store: Store, tmp_path: Path, cost: Cost | None, end: str) -> None:
    lease = await _paid(store)
    await _end(store, lease, end, cost)
    assert _booked(store, tmp_path) == []


@pytest.mark.parametrize("end", ["done", "failed", "cancelled"])
async def test_callers_do_not_see_what_a_job_costs_the_house(store: Store, end: str) -> None:
    plain, dear = await _paid(store, "bob"), await _paid(store, at=1)
    await _end(store, plain, end)
    await _end(store, dear, end, COST)
    assert await store.balance("ada") == await store.balance("bob")
    statements = [await store.statement(account, later(0), later(100)) for account in ("ada", "bob")]
    assert statements[0].closing == statements[1].closing
    assert [line.kind for line in statements[0].lines] == ["credit", "captured"][: 2 if end == "done" else 1]
    tallies = [await store.usage([], later(0), later(100), account) for account in ("ada", "bob")]
    assert tallies[0] == tallies[1]
    assert [each.jobs for each in tallies[0]] == ([1] if end == "done" else [])
    assert await store.spent("ada") == await store.spent("bob")


async def test_a_cost_is_not_booked_without_the_end(store: Store, tmp_path: Path) -> None:
    lease = await _paid(store)
    attempt = await _tried(store, lease, AttemptState.ACCEPTED)
    blob = make_blob(lease.job)
    with pytest.raises(ValueError, match="at most what is held"):
        await store.complete(
            lease, make_video(blob), blob, render_s=1.0, at=later(9), charge=Money(PRICE.micros + 1), cost=Cost(expected=Money(1))
        )
    assert _booked(store, tmp_path) == []
    assert await _attempt(store, lease) == attempt
    assert (await store.balance("ada")).held == PRICE


async def test_a_video_may_stay_where_the_upstream_has_it(store: Store) -> None:
    lease = await _paid(store, terms=FORGET)
    await _tried(store, lease, AttemptState.ACCEPTED)
    video = replace(make_video(make_blob(lease.job)), source=Foreign("https://acme.example.com/u1.mp4"))
    await store.complete(lease, video, None, render_s=2.5, at=later(9), cost=COST)
    job = await store.job("ada", lease.job.id)
    assert job is not None
    assert (job.state, job.video, job.render_s) == (JobState.DONE, video, 2.5)
    assert job.input == forgotten(lease.job.input) != lease.job.input
    assert await store.known_blobs() == frozenset()
    assert await store.kept_videos("", 10) == []
    assert (await store.balance("ada")).available == Money(99_650_000)


# -- given up, and what comes late ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", OPEN)
async def test_what_nobody_will_know_ends_as_unknown(store: Store, tmp_path: Path, state: AttemptState) -> None:
    lease = await _paid(store, callback=HOOK)
    attempt = await _tried(store, lease, state)
    await store.give_up(lease, NOBODY_KNOWS, POSSIBLE, later(9))
    job = await store.job("ada", lease.job.id)
    ended: dict[str, Any] = {"state": JobState.UNKNOWN, "updated_at": later(9), "ended_at": later(9), "failure": NOBODY_KNOWS}
    assert job == replace(lease.job, channel="acme", **ended)
    assert await store.balance("ada") == HUNDRED
    receipt = await store.receipt("ada", lease.job.id)
    assert receipt == Receipt(job_id=lease.job.id, held=PRICE, outcome="released", charged=FREE, refunded=FREE)
    abandoned = replace(attempt, state=AttemptState.ABANDONED, closed_at=later(9), note=NOBODY_KNOWS.code)
    assert await store.claim("t1") == Claim(account="ada", attempt=abandoned)
    assert [event.state for event in await store.events("ada", lease.job.id)][-1] is JobState.UNKNOWN
    assert [delivery.told for delivery in await collect(store, 9)] == [JobState.UNKNOWN]
    legs = {"possible_cost": -POSSIBLE.micros, "payable": POSSIBLE.micros}
    assert _booked(store, tmp_path) == [Booking("possible_cost", "ada", lease.job.id, later(9), legs)]


async def test_what_was_given_up_is_booked_even_if_it_cost_nothing(store: Store, tmp_path: Path) -> None:
    lease = await _paid(store)
    await store.give_up(lease, NOBODY_KNOWS, FREE, later(9))
    assert _booked(store, tmp_path) == [Booking("possible_cost", "ada", lease.job.id, later(9), {})]


async def test_what_was_given_up_is_forgotten_if_that_was_asked(store: Store) -> None:
    lease = await _paid(store, terms=FORGET, fingerprint=b"one")
    await store.give_up(lease, NOBODY_KNOWS, POSSIBLE, later(9))
    job = await store.job("ada", lease.job.id)
    assert job is not None
    assert (job.input, job.fingerprint) == (VideoInput(seconds=5), None)


async def test_a_video_that_comes_late_costs_the_caller_nothing(store: Store) -> None:
    lease, blob = await _given_up(store)
    before, receipt = await store.job("ada", lease.job.id), await store.receipt("ada", lease.job.id)
    told = await store.account_events("ada", 0)
    assert before is not None
    assert await store.keep_late("t1", make_video(blob), blob, COST, later(60) + timedelta(microseconds=1_001))
    assert await store.job("ada", lease.job.id) == replace(before, late_video=make_video(blob))
    assert await store.blob(blob.name) == blob
    assert await store.balance("ada") == HUNDRED
    assert await store.receipt("ada", lease.job.id) == receipt
    assert [line.kind for line in (await store.statement("ada", later(0), later(100))).lines] == ["credit"]
    *_, last = await store.events("ada", lease.job.id)
    assert (last.kind, last.at, last.state, last.level) == ("late", later(60.001), None, "INFO")
    assert await store.account_events("ada", 0) == told
    claim = await store.claim("t1")
    assert claim is not None
    assert (claim.attempt.state, claim.attempt.closed_at, claim.attempt.note) == (AttemptState.DONE, later(9), last.message)


async def test_a_late_video_may_stay_where_the_upstream_has_it(store: Store, tmp_path: Path) -> None:
    lease, blob = await _given_up(store)
    video = replace(make_video(blob), source=Foreign("https://acme.example.com/u1.mp4"))
    assert await store.keep_late("t1", video, None, COST, later(60))
    job = await store.job("ada", lease.job.id)
    assert job is not None
    assert (job.state, job.late_video) == (JobState.UNKNOWN, video)
    assert await store.known_blobs() == frozenset()
    assert [each.kind for each in _booked(store, tmp_path)] == ["possible_cost", "late_cost"]
    assert not await store.keep_late("t1", video, None, COST, later(61))


@pytest.mark.parametrize("what", COSTS)
@pytest.mark.parametrize("possible", [POSSIBLE, FREE])
async def test_a_possible_cost_becomes_a_real_one(store: Store, tmp_path: Path, possible: Money, what: str) -> None:
    lease, blob = await _given_up(store, possible)
    other = await _paid(store, "bob", at=1)
    await store.give_up(other, NOBODY_KNOWS, Money(70_000), later(9))
    cost, legs = COSTS[what]
    await store.keep_late("t1", make_video(blob), blob, cost, later(60))
    first, _, second = _booked(store, tmp_path)
    sums = Counter(first.legs)
    sums.update(second.legs)
    assert (second.kind, second.account, second.job_id, second.at) == ("late_cost", "ada", lease.job.id, later(60))
    assert {kind: amount for kind, amount in sums.items() if amount} == legs  # as if it had been known from the start
    assert second.legs.get("possible_cost", 0) == possible.micros


async def test_one_late_video_is_kept(store: Store, tmp_path: Path) -> None:
    lease, blob = await _given_up(store)
    assert await store.keep_late("t1", make_video(blob), blob, COST, later(60))
    before = await _picture(store, tmp_path, lease.job)
    another = make_blob(lease.job, "d" * 32)
    assert not await store.keep_late("t1", make_video(another), another, COST, later(61))
    assert await _picture(store, tmp_path, lease.job) == before


async def test_whatever_races_one_late_video_is_kept(store: Store, tmp_path: Path) -> None:
    lease, _ = await _given_up(store)
    rows = [make_blob(lease.job, f"{number:032x}") for number in range(20)]
    kept = await asyncio.gather(*(store.keep_late("t1", make_video(row), row, COST, later(60)) for row in rows))
    assert kept.count(True) == 1
    assert await store.known_blobs() == {rows[kept.index(True)].name}
    assert [each.kind for each in _booked(store, tmp_path)] == ["possible_cost", "late_cost"]


async def test_a_late_video_is_of_an_attempt_that_was_abandoned(store: Store, tmp_path: Path) -> None:
    lease = await _paid(store)
    for token, end in (("t1", AttemptState.FAILED), ("t2", AttemptState.ABANDONED)):
        await _tried(store, lease, AttemptState.SUBMITTING, token)
        await store.close_attempt(lease, token, end, "", later(4))
    await _tried(store, lease, AttemptState.IN_DOUBT, "t3")
    await store.give_up(lease, NOBODY_KNOWS, POSSIBLE, later(9))
    blob, before = make_blob(lease.job), await _picture(store, tmp_path, lease.job)
    for wrong in ("t1", "unknown", ""):
        assert not await store.keep_late(wrong, make_video(blob), blob, COST, later(60))
    assert await _picture(store, tmp_path, lease.job) == before
    assert await store.keep_late("t2", make_video(blob), blob, COST, later(60))
    assert not await store.keep_late("t3", make_video(blob), blob, COST, later(61))


@pytest.mark.parametrize("end", ["queued", "running", "done", "failed", "cancelled"])
async def test_no_other_job_has_a_late_video(store: Store, tmp_path: Path, end: str) -> None:
    lease = await _paid(store)
    await _tried(store, lease, AttemptState.ACCEPTED)
    await store.close_attempt(lease, "t1", AttemptState.ABANDONED, "", later(4))
    if end == "queued":
        await store.requeue(lease, later(90), later(9))
    elif end != "running":
        await _end(store, lease, end)
    blob, before = make_blob(lease.job, "d" * 32), await _picture(store, tmp_path, lease.job)
    assert not await store.keep_late("t1", make_video(blob), blob, COST, later(60))
    assert await _picture(store, tmp_path, lease.job) == before


async def test_what_came_to_nothing_costs_nothing(store: Store, tmp_path: Path) -> None:
    lease, blob = await _given_up(store)
    before, receipt = await store.job("ada", lease.job.id), await store.receipt("ada", lease.job.id)
    told, attempt = await store.account_events("ada", 0), await _attempt(store, lease)
    assert await store.rule_out("t1", "E7", None, later(60) + timedelta(microseconds=1_001))
    assert await store.job("ada", lease.job.id) == before
    assert await store.receipt("ada", lease.job.id) == receipt
    assert await _attempt(store, lease) == replace(attempt, state=AttemptState.FAILED, note="E7")
    *_, last = await store.events("ada", lease.job.id)
    assert (last.kind, last.at, last.state, last.level) == ("late", later(60.001), None, "INFO")
    assert "no video" in last.message
    assert await store.account_events("ada", 0) == told
    first, second = _booked(store, tmp_path)
    assert (second.kind, second.account, second.job_id, second.at) == ("late_cost", "ada", lease.job.id, later(60.001))
    assert {kind: -amount for kind, amount in first.legs.items()} == second.legs
    assert not await store.rule_out("t1", "E7", None, later(61))
    assert not await store.keep_late("t1", make_video(blob), blob, COST, later(61))
    assert _booked(store, tmp_path) == [first, second]


@pytest.mark.parametrize("what", COSTS)
@pytest.mark.parametrize("possible", [POSSIBLE, FREE])
async def test_what_came_to_nothing_costs_what_the_upstream_charged(store: Store, tmp_path: Path, possible: Money, what: str) -> None:
    await _given_up(store, possible)
    cost, legs = COSTS[what]
    assert await store.rule_out("t1", "E7", cost, later(60))
    first, second = _booked(store, tmp_path)
    sums = Counter(first.legs)
    sums.update(second.legs)
    assert {kind: amount for kind, amount in sums.items() if amount} == legs
    assert await store.balance("ada") == HUNDRED


async def test_what_might_have_been_free_and_came_to_nothing_is_booked_as_nothing(store: Store, tmp_path: Path) -> None:
    await _given_up(store, FREE)
    assert await store.rule_out("t1", "", None, later(60))
    assert [(each.kind, each.legs) for each in _booked(store, tmp_path)] == [("possible_cost", {}), ("late_cost", {})]


async def test_what_has_a_video_or_is_not_the_last_attempt_is_not_ruled_out(store: Store, tmp_path: Path) -> None:
    lease = await _paid(store)
    await _tried(store, lease, AttemptState.SUBMITTING, "t1")
    await store.close_attempt(lease, "t1", AttemptState.ABANDONED, "", later(4))
    await _tried(store, lease, AttemptState.IN_DOUBT, "t2")
    await store.give_up(lease, NOBODY_KNOWS, POSSIBLE, later(9))
    blob, before = make_blob(lease.job), await _picture(store, tmp_path, lease.job)
    for wrong in ("t1", "unknown", ""):
        assert not await store.rule_out(wrong, "E7", None, later(60))
    assert await _picture(store, tmp_path, lease.job) == before
    assert await store.keep_late("t2", make_video(blob), blob, COST, later(60))
    before = await _picture(store, tmp_path, lease.job)
    for wrong in ("t1", "t2"):
        assert not await store.rule_out(wrong, "E7", None, later(61))
    assert await _picture(store, tmp_path, lease.job) == before


@pytest.mark.parametrize("end", ["queued", "running", "done", "failed", "cancelled"])
async def test_no_other_job_is_ruled_out(store: Store, tmp_path: Path, end: str) -> None:
    lease = await _paid(store)
    await _tried(store, lease, AttemptState.ACCEPTED)
    await store.close_attempt(lease, "t1", AttemptState.ABANDONED, "", later(4))
    if end == "queued":
        await store.requeue(lease, later(90), later(9))
    elif end != "running":
        await _end(store, lease, end)
    before = await _picture(store, tmp_path, lease.job)
    assert not await store.rule_out("t1", "E7", None, later(60))
    assert await _picture(store, tmp_path, lease.job) == before


async def test_whatever_races_it_is_known_once(store: Store, tmp_path: Path) -> None:
    lease, blob = await _given_up(store)
    said = await asyncio.gather(
        *(store.rule_out("t1", f"E{number}", None, later(60)) for number in range(10)),
        *(store.keep_late("t1", make_video(blob), blob, COST, later(60)) for _ in range(10)),
    )
    assert said.count(True) == 1
    assert [each.kind for each in _booked(store, tmp_path)] == ["possible_cost", "late_cost"]
    assert [each.kind for each in await store.events("ada", lease.job.id)].count("late") == 1


async def test_who_watches_hears_that_it_came_to_nothing(store: Store) -> None:
    lease, _ = await _given_up(store)
    watch = store.watch(lease.job.id)
    assert await store.rule_out("t1", "E7", None, later(60))
    assert await watch.wait(5)
    assert not await store.rule_out("t1", "E7", None, later(61))
    assert not await watch.wait(0.01)
    watch.close()


async def test_who_watches_hears_of_a_late_video(store: Store) -> None:
    lease, blob = await _given_up(store)
    watch = store.watch(lease.job.id)
    assert await store.keep_late("t1", make_video(blob), blob, COST, later(60))
    assert await watch.wait(5)
    assert not await store.keep_late("t1", make_video(blob), blob, COST, later(61))
    assert not await watch.wait(0.01)
    watch.close()


# -- of which a video may still come --------------------------------------------------------------------------------------


async def test_a_job_that_came_to_nothing_is_not_named_again(store: Store) -> None:
    await _left(store, "u1", 9)
    (claim,) = await store.given_up(later(9), 10)
    assert await store.rule_out(claim.attempt.token, "E7", None, later(60))
    assert await store.given_up(later(0), 10) == []


async def test_jobs_that_were_given_up_are_named_until_their_video_comes(store: Store) -> None:
    lease, attempt = await _left(store, "u1", 9)
    (claim,) = await store.given_up(later(9), 10)
    assert claim == Claim(account="ada", attempt=replace(attempt, state=AttemptState.ABANDONED, closed_at=later(9), note=NOBODY_KNOWS.code))
    assert await store.given_up(later(9.001), 10) == []
    blob = make_blob(lease.job)
    assert await store.keep_late(claim.attempt.token, make_video(blob), blob, COST, later(60))
    assert await store.given_up(later(0), 10) == []


@pytest.mark.parametrize("end", ["running", "done", "failed", "cancelled"])
async def test_of_no_other_job_a_video_may_still_come(store: Store, end: str) -> None:
    lease = await _paid(store)
    await _tried(store, lease, AttemptState.ACCEPTED)
    if end != "running":
        await _end(store, lease, end)
    assert await store.given_up(later(0), 10) == []


async def test_of_an_attempt_without_an_upstream_s_job_nobody_can_be_asked(store: Store) -> None:
    await _given_up(store)
    lease = await _paid(store, at=1)
    await _tried(store, lease, AttemptState.SUBMITTING, "t2")
    await store.close_attempt(lease, "t2", AttemptState.ABANDONED, "throttled", later(4))
    await _tried(store, lease, AttemptState.ACCEPTED, "t3")
    await store.give_up(lease, NOBODY_KNOWS, POSSIBLE, later(9))
    assert [each.attempt.token for each in await store.given_up(later(0), 10)] == ["t3"]


async def test_what_was_given_up_comes_in_pages(store: Store) -> None:
    left = [(await _left(store, f"u{number}", 9 + number, "bob" if number % 2 else "ada", at=number))[0].job for number in range(5)]
    whole = [(each.account, each.attempt.job_id) for each in await store.given_up(later(0), 10)]
    assert whole == [(job.account, job.id) for job in reversed(left)]
    pages, before = list[list[str]](), ""
    while page := await store.given_up(later(0), 2, before):
        pages.append([each.attempt.job_id for each in page])
        before = pages[-1][-1]
    assert pages == [[job.id for job in each] for each in ((left[4], left[3]), (left[2], left[1]), (left[0],))]
    assert [each.attempt.job_id for each in await store.given_up(later(11), 10)] == [job.id for job in reversed(left[2:])]


async def _left(store: Store, upstream_id: str, end: float, account: str = "ada", at: float = 0) -> tuple[Lease, Attempt]:
    """A job that an upstream has and that was given up at that second, and its attempt as it was before."""
    lease = await _paid(store, account, at=at)
    token = f"t-{upstream_id}"
    await _tried(store, lease, AttemptState.SUBMITTING, token)
    await store.note_ticket(lease, token, {"id": upstream_id}, later(at + 4))
    (attempt,) = await store.attempts(account, lease.job.id)
    await store.give_up(lease, NOBODY_KNOWS, POSSIBLE, later(end))
    return lease, attempt


# -- stale tokens --------------------------------------------------------------------------------------------------------

Call: TypeAlias = Callable[[Store, Lease], Awaitable[object]]


@dataclass(frozen=True)
class Verb:
    """A write under a lease, and where the open attempt "t1" must stand for it to change something; None where none may be open."""

    state: AttemptState | None
    call: Call


async def _complete(store: Store, lease: Lease) -> None:
    blob = make_blob(lease.job, "e" * 32)
    await store.complete(lease, make_video(blob), blob, render_s=1.0, at=later(40), cost=COST)


async def _complete_elsewhere(store: Store, lease: Lease) -> None:
    video = replace(make_video(make_blob(lease.job)), source=Foreign("https://acme.example.com/u1.mp4"))
    await store.complete(lease, video, None, render_s=1.0, at=later(40), cost=COST)


VERBS = {
    "open_attempt": Verb(None, lambda store, lease: store.open_attempt(lease, "t9", later(40), channel="zeta", model="m", choice="c")),
    "sent": Verb(AttemptState.PLANNED, lambda store, lease: store.sent(lease, "t1", later(40))),
    "doubt": Verb(AttemptState.SUBMITTING, lambda store, lease: store.doubt(lease, "t1", "it timed out", later(40))),
    "note_ticket": Verb(AttemptState.SUBMITTING, lambda store, lease: store.note_ticket(lease, "t1", {"id": "u9"}, later(40))),
    "note_ticket in doubt": Verb(AttemptState.IN_DOUBT, lambda store, lease: store.note_ticket(lease, "t1", {"id": "u9"}, later(40))),
    "close_attempt": Verb(AttemptState.ACCEPTED, lambda store, lease: store.close_attempt(lease, "t1", AttemptState.FAILED, "", later(40))),
    "requeue": Verb(None, lambda store, lease: store.requeue(lease, later(90), later(40))),
    "give_up": Verb(AttemptState.IN_DOUBT, lambda store, lease: store.give_up(lease, NOBODY_KNOWS, POSSIBLE, later(40))),
    "complete": Verb(AttemptState.ACCEPTED, _complete),
    "complete elsewhere": Verb(AttemptState.ACCEPTED, _complete_elsewhere),
    "fail": Verb(AttemptState.ACCEPTED, lambda store, lease: store.fail(lease, BROKEN, render_s=None, at=later(40), cost=COST)),
    "cancel": Verb(AttemptState.ACCEPTED, lambda store, lease: store.cancel(lease, later(40), cost=COST)),
    "count_death": Verb(None, lambda store, lease: store.count_death(lease)),
    "note": Verb(
        None, lambda store, lease: store.note(lease, [Event(job_id=lease.job.id, kind="log", message="I am still here", at=later(40))])
    ),
}


@pytest.mark.parametrize("name", VERBS)
async def test_a_stale_token_changes_nothing(store: Store, tmp_path: Path, name: str) -> None:
    verb, old = VERBS[name], await _paid(store)
    if verb.state is not None:
        await _tried(store, old, verb.state)
    (new,) = await take(store, 31, worker="w2")
    before = await _picture(store, tmp_path, old.job)
    with pytest.raises(LeaseLost, match="is no longer the newest"):
        await verb.call(store, old)
    assert await _picture(store, tmp_path, old.job) == before
    await verb.call(store, new)
    assert await _picture(store, tmp_path, old.job) != before


@pytest.mark.parametrize("name", VERBS)
async def test_nothing_is_written_of_a_job_that_waits_again(store: Store, tmp_path: Path, name: str) -> None:
    verb, old = VERBS[name], await _paid(store)
    await store.requeue(old, later(10), later(5))
    before = await _picture(store, tmp_path, old.job)
    with pytest.raises(LeaseLost):
        await verb.call(store, old)
    assert await _picture(store, tmp_path, old.job) == before
    (new,) = await take(store, 10)
    if verb.state is not None:
        await _tried(store, new, verb.state)
    before = await _picture(store, tmp_path, old.job)
    with pytest.raises(LeaseLost):
        await verb.call(store, old)
    assert await _picture(store, tmp_path, old.job) == before


@pytest.mark.parametrize("end", ENDS)
async def test_nothing_is_written_of_a_job_that_is_over(store: Store, tmp_path: Path, end: str) -> None:
    lease = await _paid(store)
    await _tried(store, lease, AttemptState.SUBMITTING)
    await _end(store, lease, end)
    before = await _picture(store, tmp_path, lease.job)
    for verb in VERBS.values():
        with pytest.raises(LeaseLost):
            await verb.call(store, lease)
    assert await store.renew([lease], later(99)) == frozenset()
    assert await _picture(store, tmp_path, lease.job) == before


async def test_whatever_races_a_job_ends_once(store: Store, tmp_path: Path) -> None:
    for number in range(10):
        lease = await _paid(store, at=number)
        calls = [_end(store, lease, end, COST if end != "unknown" else None) for end in ENDS]
        results = await asyncio.gather(*calls, store.requeue(lease, later(90), later(9)), return_exceptions=True)
        assert sum(isinstance(each, LeaseLost) for each in results) == 4
        job = await store.job("ada", lease.job.id)
        assert job is not None
        assert job.over
    assert len(_booked(store, tmp_path)) == 10


# -- power cuts ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(set(STORES) - {"memory"}))
async def test_what_may_have_been_bought_outlives_a_power_cut(name: str, tmp_path: Path) -> None:
    """An image of the files right after each answer, opened as after a crash, knows what was answered."""
    driver, folder = STORES[name], tmp_path / "0"
    store = await with_accounts(await driver.open(folder, ""))
    lease = await _paid(store)
    steps: list[Callable[[], Awaitable[object]]] = [
        lambda: store.open_attempt(lease, "t1", later(1), channel="acme", model="acme-1", choice="the only one"),
        lambda: store.sent(lease, "t1", later(2)),
        lambda: store.doubt(lease, "t1", "it timed out", later(3)),
        lambda: store.note_ticket(lease, "t1", TICKET, later(4)),
        lambda: store.close_attempt(lease, "t1", AttemptState.ABANDONED, "", later(5)),
        lambda: store.requeue(lease, later(10), later(6)),
    ]
    seen = list[AttemptState]()
    for number, step in enumerate(steps, 1):
        await step()
        image = tmp_path / str(number)
        image.mkdir()
        for file in (DATABASE, f"{DATABASE}-wal", MARKER):
            shutil.copy(folder / file, image)
        again = await driver.open(image, "")
        (attempt,) = await again.attempts("ada", lease.job.id)
        assert attempt == await _attempt(store, lease)
        assert await again.job("ada", lease.job.id) == await store.job("ada", lease.job.id)
        seen.append(attempt.state)
        if number == len(steps):
            assert await take(again, 9.999) == []
            assert len(await take(again, 10)) == 1
        assert await again.breaches() == []
        await again.close()
    assert seen == [*OPEN, AttemptState.ABANDONED, AttemptState.ABANDONED]
    await store.close()


# -- negative controls: a suite that cannot fail measures nothing --------------------------------------------------------


class Spoilt:
    """A store with one verb changed."""

    def __init__(self, inner: Store) -> None:
        self.inner = inner

    def __getattr__(self, verb: str) -> Any:
        return getattr(self.inner, verb)


class WithoutAFence(Spoilt):
    """Whoever has a ticket may note it, with or without the job."""

    async def note_ticket(self, lease: Lease, token: str, ticket: Mapping[str, str], at: datetime) -> bool:
        held = await self.inner.renew([lease], later(60))
        return await self.inner.note_ticket(lease if held else replace(lease, token=lease.token + 1), token, ticket, at)


class WithoutPatience(Spoilt):
    """What is queued again is leased at once."""

    async def requeue(self, lease: Lease, _not_before: datetime, at: datetime) -> None:
        await self.inner.requeue(lease, at, at)


class WithoutCosts(Spoilt):
    """Nobody books what a job costs the house."""

    async def fail(self, lease: Lease, failure: Failure, *, cost: Cost | None, **facts: Any) -> None:
        del cost
        await self.inner.fail(lease, failure, **facts)


class WithoutMemory(Spoilt):
    """Who takes a job over begins anew."""

    async def lease(self, worker: str, *, now: datetime, **terms: Any) -> list[Lease]:
        leases = await self.inner.lease(worker, now=now, **terms)
        for lease in leases:
            for attempt in await self.inner.attempts(lease.job.account, lease.job.id):
                await self.inner.close_attempt(lease, attempt.token, AttemptState.ABANDONED, "", now)
        return leases


async def _stale_ticket(store: Any, folder: Path) -> None:
    await test_a_stale_token_changes_nothing(store, folder, "note_ticket")


async def _time(store: Any, _: Path) -> None:
    await test_a_job_waits_until_its_time_has_come(store)


async def _cost(store: Any, folder: Path) -> None:
    await test_a_cost_is_booked_with_the_end(store, folder, "more", "failed")


async def _taken_over(store: Any, _: Path) -> None:
    await test_what_may_have_been_bought_is_left_to_who_takes_over(store, AttemptState.ACCEPTED)


FAULTY: dict[type[Spoilt], Callable[[Any, Path], Awaitable[None]]] = {
    WithoutAFence: _stale_ticket,
    WithoutPatience: _time,
    WithoutCosts: _cost,
    WithoutMemory: _taken_over,
}


@pytest.mark.parametrize("kind", FAULTY, ids=lambda each: each.__name__)
@pytest.mark.parametrize("name", sorted(STORES))
async def test_a_store_with_a_fault_is_caught(name: str, kind: type[Spoilt], tmp_path: Path) -> None:
    store = await with_accounts(await STORES[name].open(tmp_path, ""))
    with pytest.raises((AssertionError, pytest.fail.Exception)):
        await FAULTY[kind](kind(store), tmp_path)
    await store.close()


# -- what stories are made of --------------------------------------------------------------------------------------------


async def _paid(store: Store, account: str = "ada", *, at: float = 0, **facts: Any) -> Lease:
    """A paid job that is accepted and taken up at once; nothing else may wait."""
    job = await accepted(store, make_job(account, age=at, serving=Serving.PAID, engine="relay", **facts))
    (lease,) = await take(store, at)
    assert lease.job.id == job.id
    return lease


async def _tried(store: Store, lease: Lease, state: AttemptState, named: str = "t1", *, channel: str = "acme") -> Attempt:
    """An attempt at a channel that has come as far as that."""
    await store.open_attempt(lease, named, later(1), channel=channel, model=f"{channel}-1", choice="the only one")
    if state is not AttemptState.PLANNED:
        await store.sent(lease, named, later(2))
    if state is AttemptState.IN_DOUBT:
        await store.doubt(lease, named, "it timed out", later(3))
    if state is AttemptState.ACCEPTED:
        assert await store.note_ticket(lease, named, TICKET, later(3))
    *_, attempt = await store.attempts(lease.job.account, lease.job.id)
    assert (attempt.token, attempt.state) == (named, state)
    return attempt


async def _attempt(store: Store, lease: Lease) -> Attempt:
    """The only attempt of the lease's job."""
    (attempt,) = await store.attempts(lease.job.account, lease.job.id)
    return attempt


async def _given_up(store: Store, possible: Money = POSSIBLE) -> tuple[Lease, Any]:
    """A job of which nobody knows, and the row of a video that may come of it."""
    lease = await _paid(store)
    await _tried(store, lease, AttemptState.IN_DOUBT)
    await store.give_up(lease, NOBODY_KNOWS, possible, later(9))
    return lease, make_blob(lease.job, expires_at=later(3600))


async def _end(store: Store, lease: Lease, end: str, cost: Cost | None = None) -> None:
    blob = make_blob(lease.job)
    match end:
        case "done":
            await store.complete(lease, make_video(blob), blob, render_s=2.5, at=later(9), cost=cost)
        case "failed":
            await store.fail(lease, BROKEN, render_s=None, at=later(9), cost=cost)
        case "cancelled":
            await store.cancel(lease, later(9), cost=cost)
        case _:
            await store.give_up(lease, NOBODY_KNOWS, POSSIBLE, later(9))


async def _picture(store: Store, folder: Path, job: Job) -> tuple[Any, ...]:
    """All that there is to see of a job, to compare before and after."""
    return (
        await store.job(job.account, job.id),
        await store.events(job.account, job.id),
        await store.attempts(job.account, job.id),
        await store.balance(job.account),
        await store.known_blobs(),
        await store.counts(),
        await store.audit_head(),
        _booked(store, folder),
    )


class Booking(NamedTuple):
    """A cost as the store keeps it, without legs of nothing."""

    kind: str
    account: str
    job_id: str
    at: datetime
    legs: dict[str, int]


def _booked(store: Any, folder: Path) -> list[Booking]:
    """What was booked of costs. No verb tells that: it is read where the store keeps it."""
    txns: list[tuple[int, str, str, str, datetime]]
    legs: list[tuple[int, str, str, int]]
    if hasattr(store, "shelf"):
        ledger = store.shelf.ledger
        txns = [(each.id, each.kind, each.account, each.job_id, each.at) for each in ledger.txns]
        legs = [(each.txn, each.account, each.kind, each.amount) for each in ledger.entries]
    else:
        connection: Any = apsw.Connection(str(folder / DATABASE))
        rows: list[Any] = connection.execute("select id, kind, account, job_id, at from txn order by id").fetchall()
        txns = [(*row[:4], from_ms(row[4])) for row in rows]
        legs = connection.execute("select txn_id, coalesce(account, ''), kind, amount from entry").fetchall()
        connection.close()
    found = list[Booking]()
    for number, kind, account, job_id, at in txns:
        if kind in COST_KINDS:
            mine = [leg for leg in legs if leg[0] == number]
            assert all(not whose for _, whose, _, _ in mine), "a cost is the house's alone"
            found.append(Booking(kind, account, job_id, at, {sort: amount for _, _, sort, amount in mine if amount}))
    return found


# -- what a comparison of both stores found ------------------------------------------------------------------------------


async def test_a_wish_to_stop_outlives_a_start_that_came_too_late(store: Store) -> None:
    await accepted(store, make_job(serving=Serving.PAID, start_by=later(6)))
    (lease,) = await take(store, 1)
    await store.request_cancel("ada", lease.job.id, later(2))
    await store.requeue(lease, later(5), later(3))
    assert await store.overdue(later(9)) == [lease.job.id]
    job = await store.job("ada", lease.job.id)
    assert job is not None
    assert job.cancel_requested_at == later(2)


async def test_a_token_is_of_one_attempt(store: Store) -> None:
    await accepted(store, make_job(serving=Serving.PAID))
    await accepted(store, make_job("bob", serving=Serving.PAID))
    first, second = await take(store)
    await store.open_attempt(first, "t1", later(1), channel="acme")
    with pytest.raises(ValueError, match="one attempt"):
        await store.open_attempt(second, "t1", later(1), channel="acme")
    await store.close_attempt(first, "t1", AttemptState.FAILED, "no", later(2))
    with pytest.raises(ValueError, match="one attempt"):
        await store.open_attempt(first, "t1", later(3), channel="acme")
    assert await store.attempts("bob", second.job.id) == []
