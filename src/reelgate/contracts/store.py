"""The store: where jobs and money live.

A store is a leaf: a module in `reelgate.storage` that exports `STORE: StoreDriver`. Its verbs are verbs of the trade,
never "save this row", and each is one transaction: it has happened wholly and durably when the call returns, or
not at all. When one raises `Unready` (the disk is full, the commit failed) the outcome may be either; the idempotency key finds it.

Promises that the conformance suite holds every store to:

* A job and its hold appear together. `accept` returns after they are durable, never before.
* Every write under a lease carries its token. A stale token raises `LeaseLost` and changes nothing; only `lease` and `expire_leases`
  change a token.
* An attempt that may have bought is never forgotten: a lease that is taken over leaves the open attempt of a paid job as it is, `doubt`
  and `note_ticket` move it by compare-and-set, and no two attempts have one upstream job of a channel.
* States move along `domain.job.NEXT` by compare-and-set. A terminal state never moves, and the transaction that makes
  a job terminal also settles its hold, closes its open attempt and writes its event.
* One settlement row a job, whatever races. Captured ≤ hold, refunded ≤ captured. Zero is an amount: free jobs have their rows.
* `accept` asks for the job's key and its limits inside its own transaction: a key that was revoked or has expired holds no money.
* What an admin does and the line of the audit log that tells of it appear together.
* A change of a job that its callback wants to hear of (`Terms.notify`) and the delivery that tells it appear together. That it has begun
  is told once, however often it has to wait again.
* A job whose `Terms.forget_input` is set has no words, no media and no fingerprint of its input left once it is over.
* Every read on behalf of a caller takes the account: another account's job is not there.
* Nothing assumes one process: two processes with the same store never both hold a lease on one job.

In what follows `at` and `now` are the caller's clock, so that tests own time; instants are kept to the millisecond.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import NamedTuple, Protocol, TypeAlias

from reelgate.contracts.account import AccountStore
from reelgate.contracts.attempt import AttemptStore, Cost
from reelgate.contracts.audit import AuditStore
from reelgate.contracts.channel import ChannelStore
from reelgate.contracts.file import BlobRow, FileStore, KeptFile
from reelgate.contracts.ledger import LedgerStore
from reelgate.contracts.outbox import OutboxStore
from reelgate.contracts.price import PriceStore
from reelgate.domain.job import Event, Failure, Job, JobState, Lease, Serving
from reelgate.domain.media import Dropped, Video
from reelgate.domain.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class IdempotencyKey:
    """A caller's own key for one submit, with the fingerprint of the request it stands for."""

    key: str
    fingerprint: bytes
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Accepted:
    """The job is durable and its hold stands."""

    job: Job


@dataclass(frozen=True, slots=True)
class Replay:
    """This idempotency key made this job before; nothing was done."""

    job: Job


@dataclass(frozen=True, slots=True)
class Mismatch:
    """This idempotency key stands for another request; nothing was done."""


@dataclass(frozen=True, slots=True)
class Taken:
    """The account has used this external id before; nothing was done."""

    job_id: str


@dataclass(frozen=True, slots=True)
class Short:
    """The balance does not cover the quote; nothing was done."""

    available: Money
    missing: Money


@dataclass(frozen=True, slots=True)
class Full:
    """The account has as many jobs waiting as it may; nothing was done."""

    queued: int


@dataclass(frozen=True, slots=True)
class Spent:
    """A limit on spending would be passed; nothing was done. `whose` is "key" or "account", `daily` tells a limit a day from one for
    good."""

    whose: str
    daily: bool
    limit: Money
    spent: Money


@dataclass(frozen=True, slots=True)
class Revoked:
    """The job's key is not there, was revoked or has expired; nothing was done."""


Outcome: TypeAlias = Accepted | Replay | Mismatch | Taken | Short | Full | Spent | Revoked


class Glance(NamedTuple):
    """The little of a job that a status needs; statuses are asked thousands of times a second."""

    id: str
    account: str
    endpoint: str
    face: str
    base: str
    state: JobState
    position: int
    render_s: float | None
    failure_code: str | None
    failure_message: str | None
    unused: tuple[Dropped, ...] = ()
    test: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class JobFilter:
    """Which jobs to list, newest first.

    Empty sets let all pass; `test_only` leaves out the jobs of live keys. `before` is the id of the last one of the page before;
    `since` and `until` bound the time of accept, `until` excluded; `skip` leaves out so many of the newest that fit.
    """

    states: frozenset[JobState] = frozenset()
    endpoints: frozenset[str] = frozenset()
    test_only: bool = False
    before: str = ""
    since: datetime | None = None
    until: datetime | None = None
    skip: int = 0
    limit: int = 50


class Live(NamedTuple):
    """Which jobs that are not over: `channel` is empty where none was tried yet."""

    state: JobState
    endpoint: str
    channel: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Census:
    """What there is at one moment. Instants are those of the first of their kind, None where there is none."""

    jobs: Mapping[Live, int]
    oldest_queued_at: datetime | None
    held: Money
    webhooks: int
    oldest_webhook_at: datetime | None


class Watch(Protocol):
    """A wake-up for those who wait for a job to change, or for any job (`Store.watch(None)`)."""

    async def wait(self, timeout_s: float) -> bool:
        """Return as soon as something has changed since the last `wait` (or since the watch began); False at the time-out."""
        ...

    def close(self) -> None:
        """Stop watching."""
        ...


class Store(AccountStore, LedgerStore, PriceStore, AuditStore, FileStore, OutboxStore, ChannelStore, AttemptStore, Protocol):
    """Where jobs and money live. What does not move jobs has its verbs in modules of its own."""

    # -- a submit ------------------------------------------------------------------------------------------------
    async def accept(
        self, job: Job, *, idempotency: IdempotencyKey | None = None, blobs: Sequence[BlobRow] = (), max_queued: int = 1000
    ) -> Outcome:
        """Store a queued job, its hold of `job.quote.amount`, its blobs' rows and its idempotency record, or do nothing.

        Checked in this order: the key, idempotency key, external id, queue length, limits on spending (of the key for good, of the
        key and of the account for the day of `created_at` in the account's time zone), balance.
        """
        ...

    # -- reading, on behalf of an account ------------------------------------------------------------------------
    async def glance(self, account: str, job_id: str) -> Glance | None:
        """The little of a job that its status needs."""
        ...

    async def job(self, account: str, job_id: str) -> Job | None:
        """One job whole."""
        ...

    async def job_by_external_id(self, account: str, external_id: str) -> Job | None:
        """The job that the caller gave this id of its own."""
        ...

    async def jobs(self, account: str, which: JobFilter) -> list[Job]:
        """A page of jobs, newest first."""
        ...

    async def accepted_since(self, at: datetime) -> list[Job]:
        """Every account's jobs that have a fingerprint and were accepted from then on or are not over, oldest first: for the start
        after a crash."""
        ...

    async def events(self, account: str, job_id: str, after: int = 0) -> list[Event]:
        """The job's events with a sequence greater than `after`, in order; empty for another account's job."""
        ...

    async def account_events(self, account: str, after: int, limit: int = 200, *, test_only: bool = False) -> list[Event]:
        """The "state" events of all the account's jobs after a sequence, in order; with after = −1 the newest one only. `test_only`
        leaves out those of live jobs."""
        ...

    # -- dispatch ------------------------------------------------------------------------------------------------
    async def lease(
        self,
        worker: str,
        *,
        now: datetime,
        until: datetime,
        want: Mapping[Serving, int],
        per_account: int,
        without: Collection[str] = (),
    ) -> list[Lease]:
        """Take up to `want[serving]` jobs of each class: first running ones whose lease ran out, then queued ones in the order of `line`.

        Queued jobs whose time has not come (`requeue`), and paid ones of the endpoints `without`, are passed by. The open attempt of a
        paid job that is taken over stays as it is, that of any other is closed as abandoned.

        No account ever has more than `per_account` running, or than its own limit says, and no key more than its own limit says:
        jobs of another key pass by those that wait for that. A job taken from the queue becomes `running`, with
        `started_at` and an event; one taken over keeps its state and gets a new token.
        """
        ...

    async def renew(self, leases: Sequence[Lease], until: datetime) -> frozenset[str]:
        """Prolong leases with one statement; the ids of those that are still held."""
        ...

    async def expire_leases(self) -> int:
        """End every lease at once: for the start of the only process on a data folder. How many."""
        ...

    async def line(self, limit: int) -> list[str]:
        """Ids of queued jobs in the order in which they would start: turns between accounts (an account's running jobs
        count as turns it had), inside one by priority, then age."""
        ...

    async def overdue(self, now: datetime) -> list[str]:
        """Fail every queued job whose `start_by` has passed, with code "start_timeout"; their ids."""
        ...

    async def requeue(self, lease: Lease, not_before: datetime, at: datetime) -> None:
        """Back to the queue, with no attempt open: queued, to be leased again from `not_before` on, or at once if it is to be cancelled.
        Its place is that of its age. An open attempt is a `ValueError`: what may have been bought is not queued again."""
        ...

    async def asked_to_cancel(self) -> list[str]:
        """Running jobs of any account whose callers want them cancelled. Cheap: asked twice a second."""
        ...

    async def count_death(self, lease: Lease) -> int:
        """One more worker died under this job; how many by now."""
        ...

    async def note(self, lease: Lease, events: Sequence[Event]) -> None:
        """Add log and progress lines to the job's story."""
        ...

    async def complete(
        self,
        lease: Lease,
        video: Video,
        blob: BlobRow | None,
        *,
        render_s: float,
        at: datetime,
        unused: Sequence[Dropped] = (),
        charge: Money | None = None,
        cost: Cost | None = None,
    ) -> None:
        """The video is ours: done, and the hold captured, whole or, where less was delivered than was asked for, up to the `charge`;
        the rest is released. `unused` is what its maker could not use of the input. `cost` is booked in the same transaction.

        `blob` None, with a `video` whose source is `Foreign`: it stays where the upstream has it."""
        ...

    async def fail(
        self, lease: Lease, failure: Failure, *, render_s: float | None, at: datetime, cost: Cost | None = None, said: str = ""
    ) -> None:
        """It will not be made: failed, and the hold released. `cost` is what the house has to pay all the same, `said` the vendor's word
        for it, which stands in the attempt's note and nowhere else."""
        ...

    async def cancel(self, lease: Lease, at: datetime, *, cost: Cost | None = None) -> None:
        """The worker stopped because it was asked to: cancelled, and the hold released. `cost` is what the house has to pay all the
        same."""
        ...

    async def request_cancel(self, account: str, job_id: str, at: datetime) -> Job | None:
        """Cancel a queued job at once, or leave a request on a running one; the job as it is now, None if there is none.

        A job that is over is returned as it was.
        """
        ...

    def watch(self, job_id: str | None) -> Watch:
        """Be told of changes of one job, or of any. Begin to watch before you look."""
        ...

    async def owner_of(self, job_id: str) -> str | None:
        """Whose job it is; for admins."""
        ...

    # -- health --------------------------------------------------------------------------------------------------
    async def counts(self) -> Mapping[JobState, int]:
        """How many jobs stand in each state."""
        ...

    async def census(self) -> Census:
        """What there is that is not over, of all accounts. Its cost grows with that, not with all that ever was."""
        ...

    async def check_writable(self) -> None:
        """Commit something; raises `Unready` if it cannot."""
        ...

    async def breaches(self) -> list[str]:
        """Every broken invariant of the books and the states, in words that begin with its number ("I3 account ada: …"); empty when
        all is well. One snapshot, whatever goes on meanwhile; who submits or asks for a status does not wait for it."""
        ...

    async def close(self) -> None:
        """Finish the writes under way and let go of the data."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """What lies in a folder with a store. `schema` is the version of its form, `size_bytes` what a copy of it takes up."""

    schema: int
    size_bytes: int
    jobs: int
    files: tuple[KeptFile, ...]


class StoreDriver(Protocol):
    """How a store is opened, and how one that lies in a folder is looked at and copied without being opened.

    A store that lies in no folder refuses what it cannot do, with a `StoreError` in words.
    """

    name: str

    async def open(self, folder: Path, address: str) -> Store:
        """Open the store that lives in the folder (embedded) or at the address (a server's), migrating it to this version.

        `StoreError` if a newer program wrote it, or if it cannot be used.
        """
        ...

    async def survey(self, folder: Path) -> Survey:
        """What the store in this folder holds at one moment. Nothing is written, and whoever works on it goes on meanwhile.

        `StoreError` if there is none, if it cannot be read, or if it has the form of another version.
        """
        ...

    async def copy(self, folder: Path, to: Path) -> None:
        """Write the store in this folder, as it is at one moment, into another folder, durably; a former copy there is replaced.

        Whoever works on it goes on meanwhile. The copy is all that `open` needs. `StoreError` if it cannot be read or written.
        """
        ...

    async def check(self, folder: Path) -> list[str]:
        """All that is wrong with a copy that nobody has open: damage, rows that refer to what is gone, and breaches, in words; empty
        when all is well. Nothing is written."""
        ...
