"""Looks for broken invariants in the books, the states and the log of a memory store."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise

from reelgate.contracts.audit import broken_links
from reelgate.contracts.outbox import Delivery
from reelgate.domain.job import TERMINAL, AttemptState, Event, Job, JobState
from reelgate.domain.media import forgotten
from reelgate.storage._rule import ARROWS, CLOSED_ATTEMPT, OUTCOME_OF_END
from reelgate.storage.memory.ledger import Ledger, Txn
from reelgate.storage.memory.shelf import Shelf

_FEWEST_ENTRIES = 2
_ARROWS = frozenset(ARROWS)
_MAY_HAVE_BOUGHT = frozenset({AttemptState.SUBMITTING, AttemptState.IN_DOUBT, AttemptState.ACCEPTED})
_COSTS = frozenset({"cost", "possible_cost", "late_cost"})


def find_breaches(shelf: Shelf) -> list[str]:
    """Every broken invariant, in words."""
    found = [*_sums(shelf.ledger), *_changes(shelf.ledger), *_spend(shelf.ledger), *_balances(shelf.jobs, shelf.ledger)]
    for job in shelf.jobs.values():
        found += [*_money_of(job, shelf.ledger), *_faults_of(job), *_open_attempts(job, shelf)]
    found += [*_movements(shelf.ledger), *_order(shelf.ledger), *_idempotency(shelf), *_bought(shelf), *_costs(shelf)]
    found += [f"I16 job {job_id} is done and its video has no row" for job_id, name in shelf.video_of.items() if name not in shelf.blobs]
    found += [*_ends(shelf.jobs, shelf.story), *_deliveries(shelf.jobs, shelf.deliveries.values()), *_arrows(shelf.jobs, shelf.story)]
    return [*found, *(f"audit: line {number} does not follow from the one before it" for number in broken_links(shelf.audit))]


def _sums(ledger: Ledger) -> Iterator[str]:
    sums, legs = Counter[int](), Counter[int]()
    for entry in ledger.entries:
        sums[entry.txn] += entry.amount
        legs[entry.txn] += 1
    if sum(sums.values()) != 0:
        yield "I1 the entries do not sum to zero"
    for txn in ledger.txns:
        if sums[txn.id] != 0 or legs[txn.id] < _FEWEST_ENTRIES:
            yield f"I2 transaction {txn.id} does not sum to zero, or has fewer than two entries"


def _changes(ledger: Ledger) -> Iterator[str]:
    changes: defaultdict[int, Counter[str]] = defaultdict(Counter)
    for entry in ledger.entries:
        if entry.account:
            changes[entry.txn][entry.account] += entry.amount
    for txn in ledger.txns:
        expected = {} if txn.kind in _COSTS else {txn.account: txn.change}
        if changes[txn.id] != expected:
            yield f"I3 transaction {txn.id} of account {txn.account}: its change is not the sum of its entries"


def _spend(ledger: Ledger) -> Iterator[str]:
    derived = Counter[tuple[str, str, str]]()
    for job_id, hold in ledger.holds.items():
        settlement = ledger.settlements.get(job_id)
        spent = hold.amount if settlement is None else ledger.captured(job_id) - ledger.refunded(job_id)
        derived[hold.account, hold.line, hold.day] += spent
    for account, line, day in derived.keys() | ledger.spend.keys():
        if derived[account, line, day] != ledger.spend[account, line, day]:
            yield f"I3 account {account}: what {line} spent on {day} is not the sum of its entries"


def _balances(jobs: Mapping[str, Job], ledger: Ledger) -> Iterator[str]:
    booked, held = Counter[tuple[str, str]](), Counter[str]()
    for entry in ledger.entries:
        booked[entry.account, entry.kind] += entry.amount
    for job_id, hold in ledger.holds.items():
        if not jobs[job_id].over:
            held[hold.account] += hold.amount
    for (account, kind), amount in ledger.balances.items():
        if amount != booked[account, kind]:
            yield f"I3 account {account}: the balance is not the sum of its entries"
        if amount < 0:
            yield f"I4 account {account}: available or held is below zero"
        if kind == "held" and amount != held[account]:
            yield f"I5 account {account}: held or queued is not what its live jobs say"


def _money_of(job: Job, ledger: Ledger) -> Iterator[str]:
    hold, settlement = ledger.holds.get(job.id), ledger.settlements.get(job.id)
    if hold is None or hold.account != job.account:
        yield f"I6 job {job.id} has no hold"
    if job.over != (settlement is not None):
        yield f"I6 job {job.id} is {job.state} and {settlement.outcome if settlement is not None else 'not settled'}"
    if settlement is not None and job.over and settlement.outcome != OUTCOME_OF_END[job.state]:
        yield f"I7 job {job.id} is {job.state} and {settlement.outcome}"
    settled = settlement.amount if settlement is not None else 0
    if hold is not None and (hold.amount != job.quote.amount.micros or settled > hold.amount):
        yield f"I8 job {job.id} has a hold of another amount than its quote, or is settled above it"
    if ledger.refunded(job.id) > ledger.captured(job.id):
        yield f"I9 job {job.id}: more was given back than was captured"


def _faults_of(job: Job) -> Iterator[str]:
    if job.over and job.terms.forget_input and (job.fingerprint is not None or job.input != forgotten(job.input)):
        yield f"I7 job {job.id} is over and its input is not forgotten"
    if job.state is JobState.DONE and job.video is None:
        yield f"I16 job {job.id} is done and its video has no row"


def _open_attempts(job: Job, shelf: Shelf) -> Iterator[str]:
    count = sum(each.state not in CLOSED_ATTEMPT for each in shelf.attempts.get(job.id, ()))
    if count > 1 or (count and job.over):
        yield f"I10 job {job.id} has {count} open attempts and is {job.state}"
    if count and job.state is JobState.QUEUED:
        yield f"I10 job {job.id} waits and has an open attempt"


def _bought(shelf: Shelf) -> Iterator[str]:
    every = [each for attempts in shelf.attempts.values() for each in attempts]
    for each in every:
        sent = each.state in _MAY_HAVE_BOUGHT and (each.sent_at is None or not each.channel or each.closed_at is not None)
        untold = each.state is AttemptState.ACCEPTED and each.ticket is None
        if sent or untold or (each.state is AttemptState.PLANNED and each.sent_at is not None):
            yield f"I10 attempt {each.number} of job {each.job_id} is {each.state} and its row does not say so"
    owners = Counter((each.channel, each.ticket["id"]) for each in every if each.ticket is not None)
    for (channel, upstream_id), count in owners.items():
        if count > 1:
            yield f"I10 job {upstream_id} of channel {channel} belongs to {count} attempts"


def _costs(shelf: Shelf) -> Iterator[str]:
    booked = Counter((txn.job_id, txn.kind) for txn in shelf.ledger.txns if txn.kind in _COSTS)
    unbooked = (job.id for job in shelf.jobs.values() if job.state is JobState.UNKNOWN and job.channel)
    for job_id in unbooked:
        if not any(booked[job_id, kind] for kind in _COSTS):
            yield f"I18 job {job_id} is unknown and its possible cost is not booked"
    told = Counter(event.job_id for event in shelf.story if event.kind == "late")
    for job_id in {job_id for job_id, _ in booked}:
        job = shelf.jobs[job_id or ""]
        possible, late, real = (booked[job_id, kind] for kind in ("possible_cost", "late_cost", "cost"))
        wrong = (job.state is JobState.UNKNOWN) != (possible == 1) or late > possible or (possible and real)
        if wrong or max(possible, late, real) > 1 or late != told[job.id] or not _is_settled(job, shelf, late):
            yield f"I18 job {job_id} is {job.state} and its possible cost is not what its end says"


def _is_settled(job: Job, shelf: Shelf, late: int) -> bool:
    """Whether what came of a job in doubt is what was booked for it: a video, or a failure of its last attempt, or nothing yet."""
    if job.late_video is not None:
        return late == 1
    return late == 0 or any(each.state is AttemptState.FAILED for each in shelf.attempts.get(job.id, ())[-1:])


def _movements(ledger: Ledger) -> Iterator[str]:
    for txn in ledger.txns:
        if txn.job_id is not None and not _is_of_its_job(txn, txn.job_id, ledger):
            yield f"I6 transaction {txn.id} moves money of job {txn.job_id} once more"


def _is_of_its_job(txn: Txn, job_id: str, ledger: Ledger) -> bool:
    hold, settlement = ledger.holds.get(job_id), ledger.settlements.get(job_id)
    if txn.kind == "hold":
        return hold is not None and hold.txn == txn.id
    if settlement is None:
        return False
    if txn.kind == "refund":
        return settlement.outcome == "captured"
    if txn.kind in _COSTS:
        return txn.kind == "cost" or settlement.outcome == "released"
    return (settlement.txn, settlement.outcome) == (txn.id, txn.kind)


def _order(ledger: Ledger) -> Iterator[str]:
    for former, entry in pairwise(ledger.entries):
        if former.txn > entry.txn:
            yield f"I17 transaction {entry.txn} has an entry after one of transaction {former.txn}"
    for txn in ledger.txns:
        hold, settlement = ledger.holds.get(txn.job_id or ""), ledger.settlements.get(txn.job_id or "")
        if hold is None or txn.kind == "hold":
            continue
        if txn.id < hold.txn or (txn.kind == "refund" and settlement is not None and txn.id < settlement.txn):
            yield f"I17 transaction {txn.id} of job {txn.job_id} comes before the one that it follows"


def _idempotency(shelf: Shelf) -> Iterator[str]:
    stands_for = Counter(stamp.job_id for stamp in shelf.stamps.values())
    for (account, _), stamp in shelf.stamps.items():
        job = shelf.jobs.get(stamp.job_id)
        if stands_for[stamp.job_id] > 1 or job is None or job.account != account:
            yield f"I13 account {account}: the key of job {stamp.job_id} does not stand for one job of its own"


def _ends(jobs: Mapping[str, Job], story: Sequence[Event]) -> Iterator[str]:
    ends = Counter((event.job_id, event.state) for event in story if event.state in TERMINAL)
    total = Counter(job_id for job_id, _ in ends.elements())
    for job in jobs.values():
        if total[job.id] != job.over or ends[job.id, job.state] != job.over:
            yield f"I14 job {job.id} is {job.state} and has {total[job.id]} events of an end"


def _deliveries(jobs: Mapping[str, Job], outbox: Iterable[Delivery]) -> Iterator[str]:
    told = Counter((each.job_id, each.told) for each in outbox if each.told in TERMINAL)
    total = Counter(job_id for job_id, _ in told.elements())
    for job in jobs.values():
        expected = job.over and job.callback is not None
        if total[job.id] != expected or told[job.id, job.state] != expected:
            yield f"I14 job {job.id} is {job.state} and has {total[job.id]} deliveries of an end"


def _arrows(jobs: Mapping[str, Job], story: Sequence[Event]) -> Iterator[str]:
    stands = dict.fromkeys(jobs, "")
    for event in story:
        if event.state is not None:
            if (stands[event.job_id], event.state) not in _ARROWS:
                yield f"I15 job {event.job_id} went from {stands[event.job_id] or 'nothing'} to {event.state}"
            stands[event.job_id] = event.state
    for job in jobs.values():
        if stands[job.id] != job.state:
            yield f"I15 job {job.id} is {job.state} and its story ends with {stands[job.id] or 'nothing'}"
