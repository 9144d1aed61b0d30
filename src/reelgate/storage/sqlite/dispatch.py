"""Units of work under a lease, and those that move jobs out of the queue."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from reelgate.contracts.attempt import Attempt
from reelgate.domain.clock import from_ms, in_ms
from reelgate.domain.errors import NotFound
from reelgate.domain.job import AttemptState, Event, Job, JobState, Lease, Serving
from reelgate.storage._rule import OF_ONE_ATTEMPT, TAKEN_OVER, check_closing, check_notes, lost
from reelgate.storage.sqlite.connection import Transaction
from reelgate.storage.sqlite.outbox import owe
from reelgate.storage.sqlite.query import QUERIES
from reelgate.storage.sqlite.rows import dump, read_attempt, read_job, write_event
from reelgate.storage.sqlite.writer import Unit

_ADRIFT = QUERIES["adrift"]
_TAKE_OVER = QUERIES["take_over"]
_RUNNING_BY_ACCOUNT = QUERIES["running_by_account"]
_RUNNING_BY_KEY = QUERIES["running_by_key"]
_BOUNDS_OF_ACCOUNTS = QUERIES["bounds_of_accounts"]
_BOUNDS_OF_KEYS = QUERIES["bounds_of_keys"]
_LINE = QUERIES["line"]
_START_JOB = QUERIES["start_job"]
_LEAVE_QUEUE = QUERIES["leave_queue"]
_RENEW = QUERIES["renew"]
_EXPIRE_LEASES = QUERIES["expire_leases"]
_HOLDS_LEASE = QUERIES["holds_lease"]
_INSERT_EVENT = QUERIES["insert_event"]
_OPEN_ATTEMPT_OF = QUERIES["open_attempt_of"]
_CLAIM = QUERIES["claim"]
_INSERT_ATTEMPT = QUERIES["insert_attempt"]
_SET_CHANNEL = QUERIES["set_channel"]
_ATTEMPTS = QUERIES["attempts"]
_ATTEMPT_EXISTS = QUERIES["attempt_exists"]
_CLOSE_ATTEMPT = QUERIES["close_attempt"]
_REFUSED_ALIKE = QUERIES["refused_alike"]
_DROP_ATTEMPT = QUERIES["drop_attempt"]
_COUNT_ATTEMPT = QUERIES["count_attempt"]
_CLOSE_OPEN_ATTEMPT = QUERIES["close_open_attempt"]
_COUNT_DEATH = QUERIES["count_death"]
_JOB = QUERIES["job"]


def lease(
    worker: str, *, now: datetime, until: datetime, want: Mapping[Serving, int], per_account: int, without: Collection[str] = ()
) -> Unit[list[Lease]]:
    """Take jobs: first those whose lease ran out, then queued ones in the order of the line."""
    now_ms, until_ms = in_ms(now), in_ms(until)
    terms = {"worker": worker, "until": until_ms}

    def unit(write: Transaction) -> list[Lease]:
        left = Counter({serving.value: count for serving, count in want.items() if count > 0})
        leases: list[Lease] = []
        for job_id, serving in _adrift(write, now_ms, left):
            if serving != Serving.PAID:  # what may have been bought is not forgotten
                write.run(_CLOSE_OPEN_ATTEMPT, {"state": AttemptState.ABANDONED.value, "at": now_ms, "note": TAKEN_OVER, "job_id": job_id})
            token = _token(write, _TAKE_OVER, {**terms, "id": job_id})
            leases.append(Lease(job=job_of(write, job_id), token=token, until=from_ms(until_ms)))
        for job_id, account in _startable(write, now_ms, left, per_account, frozenset(without)):
            token = _token(write, _START_JOB, {**terms, "now": now_ms, "id": job_id})
            write.run(_LEAVE_QUEUE, (account,))
            job = job_of(write, job_id)
            write_state(write, job, JobState.RUNNING, now_ms)
            owe(write, job, JobState.RUNNING, now_ms)
            leases.append(Lease(job=job, token=token, until=from_ms(until_ms)))
        return leases

    return unit


def _adrift(write: Transaction, now_ms: int, left: Counter[str]) -> list[tuple[str, str]]:
    return [(job_id, serving) for job_id, serving in write.rows(_ADRIFT, (now_ms,)) if _take(left, serving)]


def _startable(
    write: Transaction, now_ms: int, left: Mapping[str, int], per_account: int, without: frozenset[str]
) -> list[tuple[str, str]]:
    """Which queued jobs start now, with their accounts.

    As deep as an account may run is deep enough, unless jobs that cannot start now stand in front: then it is looked deeper.
    """
    depth, found, enough = per_account, list[tuple[str, str]](), sum(left.values()) <= 0
    while not enough:
        found, enough = _startable_within(write, now_ms, Counter(left), _Slots(write, per_account, without), depth)
        depth *= 8
    return found


def _startable_within(write: Transaction, now_ms: int, left: Counter[str], slots: _Slots, depth: int) -> tuple[list[tuple[str, str]], bool]:
    """The same among the first few of each account, and whether no job further back could have a better right."""
    chosen: list[tuple[str, str]] = []
    seen, turn_of, last_turn = Counter[str](), dict[str, int](), 0
    for job_id, account, key_id, serving, start_by, turn, endpoint, not_before in write.rows(_LINE, {"depth": depth, "limit": -1}):
        seen[account] += 1
        turn_of[account] = turn
        in_time = (start_by is None or start_by >= now_ms) and (not_before is None or not_before <= now_ms)
        if in_time and slots.serves(serving, endpoint) and slots.free(account) and slots.free_for(key_id) and _take(left, serving):
            slots.fill(account, key_id)
            chosen.append((job_id, account))
            last_turn = turn
    unseen = [account for account, count in seen.items() if count == depth and slots.free(account)]
    return chosen, not any(left.total() > 0 or turn_of[account] < last_turn for account in unseen)


class _Slots:
    """How many jobs run, of each account and of each key that has a bound, and how many may; and which endpoints have no room at all."""

    def __init__(self, write: Transaction, per_account: int, without: frozenset[str]) -> None:
        self._per_account, self._without = per_account, without
        self._of_account = dict[str, int](write.rows(_BOUNDS_OF_ACCOUNTS))
        self._of_key = dict[str, int](write.rows(_BOUNDS_OF_KEYS))
        self._running = Counter[str](dict(write.rows(_RUNNING_BY_ACCOUNT)))
        self._running_by_key = Counter[str](dict(write.rows(_RUNNING_BY_KEY) if self._of_key else ()))

    def serves(self, serving: str, endpoint: str) -> bool:
        """Whether there is room for a job of this class and endpoint anywhere."""
        return serving != Serving.PAID or endpoint not in self._without

    def free(self, account: str) -> bool:
        """Whether one more of this account may run."""
        return self._running[account] < self._of_account.get(account, self._per_account)

    def free_for(self, key_id: str) -> bool:
        """Whether one more of this key may run."""
        return key_id not in self._of_key or self._running_by_key[key_id] < self._of_key[key_id]

    def fill(self, account: str, key_id: str) -> None:
        """One more runs."""
        self._running[account] += 1
        self._running_by_key[key_id] += 1


def _take(left: Counter[str], serving: str) -> bool:
    """Use up one of those that are wanted, if there is one."""
    if left[serving] <= 0:
        return False
    left[serving] -= 1
    return True


def _token(write: Transaction, sql: str, bindings: Mapping[str, str | int]) -> int:
    row = write.row(sql, bindings)
    if row is None:
        raise LookupError("a job that was just seen is gone")
    return row[0]


def renew(leases: Sequence[Lease], until: datetime) -> Unit[frozenset[str]]:
    """Prolong leases with one statement."""
    held = dump([[lease.job.id, lease.token] for lease in leases])
    return lambda write: frozenset(job_id for (job_id,) in write.rows(_RENEW, (in_ms(until), held)))


def expire_leases(write: Transaction) -> int:
    """End every lease at once."""
    return write.run(_EXPIRE_LEASES)


def open_attempt(lease: Lease, token: str, at: datetime, *, channel: str, model: str, choice: str) -> Unit[Attempt]:
    """Write the intent to work; the same token again finds the same attempt."""

    def unit(write: Transaction) -> Attempt:
        account, _ = check_lease(write, lease)
        under_way = write.row(_OPEN_ATTEMPT_OF, (lease.job.id,))
        if under_way is not None and under_way[0] != token:
            raise ValueError("an attempt of this job is open")
        if under_way is None:
            if write.row(_CLAIM, (token,)) is not None:
                raise ValueError(OF_ONE_ATTEMPT)
            facts = {"token": token, "job_id": lease.job.id, "engine": lease.job.engine, "state": AttemptState.PLANNED.value}
            write.run(_INSERT_ATTEMPT, {**facts, "at": in_ms(at), "channel": channel, "model": model, "choice": choice})
            if channel:
                write.run(_SET_CHANNEL, {"channel": channel, "id": lease.job.id})
        return read_attempt(write.rows(_ATTEMPTS, (lease.job.id, account))[-1])

    return unit


def close_attempt(lease: Lease, token: str, state: AttemptState, note: str, at: datetime) -> Unit[None]:
    """End an attempt that did not end the job, or count it in the row of one that was refused alike."""
    check_closing(state)

    def unit(write: Transaction) -> None:
        check_lease(write, lease)
        if write.row(_ATTEMPT_EXISTS, (token, lease.job.id)) is None:
            raise NotFound("There is no such attempt.")
        which = {"token": token, "job_id": lease.job.id}
        end = {**which, "state": state.value, "note": note}
        alike = write.row(_REFUSED_ALIKE, end)
        if alike is None:
            write.run(_CLOSE_ATTEMPT, {**end, "at": in_ms(at)})
        else:
            write.run(_DROP_ATTEMPT, which)
            write.run(_COUNT_ATTEMPT, {**which, "at": in_ms(at), "number": alike[0]})

    return unit


def count_death(lease: Lease) -> Unit[int]:
    """One more worker died under this job."""

    def unit(write: Transaction) -> int:
        row = write.row(_COUNT_DEATH, (lease.job.id, lease.token))
        if row is None:
            raise lost(lease)
        return row[0]

    return unit


def note(lease: Lease, events: Sequence[Event]) -> Unit[None]:
    """Add log and progress lines."""
    check_notes(lease, events)

    def unit(write: Transaction) -> None:
        account, test = check_lease(write, lease)
        for event in events:
            write.run(_INSERT_EVENT, write_event(event, account, test))
        if events:
            write.changed.append(lease.job.id)

    return unit


def write_state(write: Transaction, job: Job, state: JobState, at_ms: int) -> None:
    """Tell a job's story that it has changed, and those who watch it."""
    write.run(_INSERT_EVENT, (job.id, job.account, "state", state.value, at_ms, "INFO", state.value, None, int(job.test)))
    write.changed.append(job.id)


def job_of(write: Transaction, job_id: str) -> Job:
    """A job as it stands inside this transaction."""
    row = write.row(_JOB, {"id": job_id, "account": None})
    if row is None:
        raise LookupError(f"there is no job {job_id}")
    return read_job(row)


def check_lease(write: Transaction, lease: Lease) -> tuple[str, int]:
    """The account of a job whose lease is still held, and whether it is a test; `LeaseLost` otherwise."""
    row = write.row(_HOLDS_LEASE, (lease.job.id, lease.token))
    if row is None:
        raise lost(lease)
    account, test = row
    return account, test
