"""Looks for broken invariants in the books and the states of a memory store."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from reelgate.contracts.outbox import Delivery
from reelgate.domain.job import TERMINAL, Event, Job, JobState
from reelgate.domain.media import forgotten
from reelgate.storage._rule import CLOSED_ATTEMPT, OUTCOME_OF_END
from reelgate.storage.memory.ledger import Ledger
from reelgate.storage.memory.shelf import Shelf

_FEWEST_ENTRIES = 2


def find_breaches(shelf: Shelf) -> list[str]:
    """Every broken invariant, in words."""
    found = [*_sums(shelf.ledger), *_balances(shelf.jobs, shelf.ledger)]
    for job in shelf.jobs.values():
        found += [f"job {job.id} {fault}" for fault in (*_faults_of(job, shelf.ledger), *_open_attempts(job, shelf))]
    found += [f"job {job_id} is done and its video has no row" for job_id, name in shelf.video_of.items() if name not in shelf.blobs]
    return [*found, *_ends(shelf.jobs, shelf.story), *_deliveries(shelf.jobs, shelf.deliveries.values())]


def _sums(ledger: Ledger) -> Iterator[str]:
    sums, legs = Counter[int](), Counter[int]()
    for entry in ledger.entries:
        sums[entry.txn] += entry.amount
        legs[entry.txn] += 1
    if sum(sums.values()) != 0:
        yield "the entries do not sum to zero"
    for txn in ledger.txns:
        if sums[txn.id] != 0:
            yield f"transaction {txn.id} does not sum to zero"
        if legs[txn.id] < _FEWEST_ENTRIES:
            yield f"transaction {txn.id} has fewer than two entries"


def _balances(jobs: Mapping[str, Job], ledger: Ledger) -> Iterator[str]:
    booked, held = Counter[tuple[str, str]](), Counter[str]()
    for entry in ledger.entries:
        booked[entry.account, entry.kind] += entry.amount
    for job_id, hold in ledger.holds.items():
        if not jobs[job_id].over:
            held[hold.account] += hold.amount
    for (account, kind), amount in ledger.balances.items():
        if amount != booked[account, kind]:
            yield f"account {account}: {kind} is not the sum of its entries"
        if amount < 0:
            yield f"account {account}: {kind} is below zero"
        if kind == "held" and amount != held[account]:
            yield f"account {account}: held is not the sum of the holds of its live jobs"


def _faults_of(job: Job, ledger: Ledger) -> Iterator[str]:
    hold, settlement = ledger.holds.get(job.id), ledger.settlements.get(job.id)
    if hold is None:
        yield "has no hold"
    elif hold.amount != job.quote.amount.micros:
        yield "has a hold of another amount than its quote"
    if job.over and settlement is None:
        yield "is over and not settled"
    if not job.over and settlement is not None:
        yield "is live and settled"
    if job.over and settlement is not None and settlement.outcome != OUTCOME_OF_END[job.state]:
        yield f"is {job.state} and {settlement.outcome}"
    if hold is not None and settlement is not None and settlement.amount > hold.amount:
        yield "is settled above its hold"
    if job.state is JobState.DONE and job.video is None:
        yield "is done without a video"
    if job.over and job.terms.forget_input and (job.fingerprint is not None or job.input != forgotten(job.input)):
        yield "is over and its input is not forgotten"


def _ends(jobs: Mapping[str, Job], story: Sequence[Event]) -> Iterator[str]:
    ends = Counter((event.job_id, event.state) for event in story if event.state in TERMINAL)
    total = Counter(job_id for job_id, _ in ends.elements())
    for job in jobs.values():
        if total[job.id] != job.over or ends[job.id, job.state] != job.over:
            yield f"job {job.id} is {job.state} and has {total[job.id]} events of an end"


def _deliveries(jobs: Mapping[str, Job], outbox: Iterable[Delivery]) -> Iterator[str]:
    told = Counter((each.job_id, each.told) for each in outbox if each.told in TERMINAL)
    total = Counter(job_id for job_id, _ in told.elements())
    for job in jobs.values():
        expected = job.over and job.callback is not None
        if total[job.id] != expected or told[job.id, job.state] != expected:
            yield f"job {job.id} is {job.state} and has {total[job.id]} deliveries of an end"


def _open_attempts(job: Job, shelf: Shelf) -> Iterator[str]:
    count = sum(each.state not in CLOSED_ATTEMPT for each in shelf.attempts.get(job.id, ()))
    if count > 1:
        yield "has more than one open attempt"
    if count and job.over:
        yield "is over and has an open attempt"
