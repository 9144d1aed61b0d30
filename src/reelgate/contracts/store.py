"""The store: where jobs and money live.

A store is a leaf: a module in `reelgate.storage` that exports `STORE: StoreDriver`. Its verbs are verbs of the trade,
never "save this row", and each is one transaction: it has happened wholly and durably when the call returns, or
not at all. When one raises `Unready` (the disk is full, the commit failed) the outcome may be either; the idempotency key finds it.

Promises that the conformance suite holds every store to:

* A job and its hold appear together. `accept` returns after they are durable, never before.
* Every write under a lease carries its token. A stale token raises `LeaseLost` and changes nothing; only `lease` and `expire_leases`
  change a token.
* States move along `domain.job.NEXT` by compare-and-set. A terminal state never moves, and the transaction that makes
  a job terminal also settles its hold, closes its open attempt and writes its event.
* One settlement row a job, whatever races. Captured ≤ hold.
* A change of a job that its callback wants to hear of (`Terms.notify`) and the delivery that tells it appear together.
* A job whose `Terms.forget_input` is set has no words and no media of its input left once it is over.
* Every read on behalf of a caller takes the account: another account's job is not there.
* Nothing assumes one process: two processes with the same store never both hold a lease on one job.

In what follows `at` and `now` are the caller's clock, so that tests own time; instants are kept to the millisecond.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple, Protocol, TypeAlias

from reelgate.domain.job import AttemptState, Event, Failure, Job, JobState, Lease, Serving
from reelgate.domain.media import Dropped, Video
from reelgate.domain.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Who pays."""

    id: str
    name: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """What an account shows. The secret is not kept: `mac` is its HMAC, `prefix` and `last4` let its owner recognise it.

    `mode` is "live", "test" or "admin". A pair's secret half has to be read back, so it is kept as `sealed`; its access half is the
    `id`, and `mac` is made of that in a way that no plain key's can be.
    """

    id: str
    account: str
    name: str
    mode: str
    mac: bytes
    prefix: str
    last4: str
    created_at: datetime
    revoked_at: datetime | None = None
    sealed: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """What an account has, and what of it is reserved for jobs that have not ended."""

    available: Money
    held: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class BlobRow:
    """Whose a blob is and how long it lives."""

    name: str
    account: str
    job_id: str | None
    file_name: str
    content_type: str
    size_bytes: int
    sha256: str
    created_at: datetime
    expires_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file that is being sent in parts. `name` is that of the blob it will be, known before its first byte; the file lives for
    `keep_s` from its last part on, None for as long as the gateway keeps files. What is not finished by `expires_at` is dropped."""

    id: str
    account: str
    name: str
    file_name: str
    content_type: str
    keep_s: float | None
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part of an upload, kept as a blob of its own until all are there. Numbers begin at 1."""

    upload_id: str
    number: int
    blob: str
    size_bytes: int
    etag: str


class DeliveryState(StrEnum):
    """Where a delivery stands."""

    PENDING = "pending"  # to be tried at `next_at`
    DELIVERED = "delivered"  # the receiver answered 2xx
    FAILED = "failed"  # given up; it can be replayed


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryTry:
    """One try to deliver: the receiver's status, None if there was no answer, and a word on what went wrong, "" if nothing."""

    number: int
    at: datetime
    status: int | None
    note: str
    took_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One webhook to be sent: that a job became `told` at `changed_at`. It is written in the transaction that made it so.

    `id` is what the receiver may know a repetition by. `step` counts tries since it was written or last replayed; `tries` are all
    of them, oldest first. `token` fences a sender that was taken for dead.
    """

    id: str
    account: str
    job_id: str
    face: str
    url: str
    told: JobState
    changed_at: datetime
    state: DeliveryState = DeliveryState.PENDING
    step: int = 0
    token: int = 0
    next_at: datetime | None = None
    tries: tuple[DeliveryTry, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One try of a job. The row is durable before the work starts; `token` is what an upstream would be sent as our key."""

    token: str
    job_id: str
    number: int
    engine: str
    state: AttemptState
    opened_at: datetime
    closed_at: datetime | None = None
    note: str = ""


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


Outcome: TypeAlias = Accepted | Replay | Mismatch | Taken | Short | Full


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


@dataclass(frozen=True, slots=True, kw_only=True)
class JobFilter:
    """Which jobs to list, newest first.

    Empty sets let all pass. `before` is the id of the last one of the page before; `since` and `until` bound the time of accept,
    `until` excluded; `skip` leaves out so many of the newest that fit.
    """

    states: frozenset[JobState] = frozenset()
    endpoints: frozenset[str] = frozenset()
    before: str = ""
    since: datetime | None = None
    until: datetime | None = None
    skip: int = 0
    limit: int = 50


class Watch(Protocol):
    """A wake-up for those who wait for a job to change, or for any job (`Store.watch(None)`)."""

    async def wait(self, timeout_s: float) -> bool:
        """Return as soon as something has changed since the last `wait` (or since the watch began); False at the time-out."""
        ...

    def close(self) -> None:
        """Stop watching."""
        ...


class Store(Protocol):
    """Where jobs and money live."""

    # -- a submit ------------------------------------------------------------------------------------------------
    async def accept(
        self, job: Job, *, idempotency: IdempotencyKey | None = None, blobs: Sequence[BlobRow] = (), max_queued: int = 1000
    ) -> Outcome:
        """Store a queued job, its hold of `job.quote.amount`, its blobs' rows and its idempotency record, or do nothing.

        Checked in this order: idempotency key, external id, queue length, balance.
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
        """Every account's jobs accepted from then on that have a fingerprint, oldest first: for the start after a crash."""
        ...

    async def events(self, account: str, job_id: str, after: int = 0) -> list[Event]:
        """The job's events with a sequence greater than `after`, in order; empty for another account's job."""
        ...

    async def account_events(self, account: str, after: int, limit: int = 200) -> list[Event]:
        """The "state" events of all the account's jobs after a sequence, in order; with after = −1 the newest one only."""
        ...

    async def attempts(self, account: str, job_id: str) -> list[Attempt]:
        """The job's attempts in order."""
        ...

    async def blob(self, name: str) -> BlobRow | None:
        """A blob by its unguessable name: the name is the right to it."""
        ...

    # -- dispatch ------------------------------------------------------------------------------------------------
    async def lease(self, worker: str, *, now: datetime, until: datetime, want: Mapping[Serving, int], per_account: int) -> list[Lease]:
        """Take up to `want[serving]` jobs of each class: first running ones whose lease ran out, then queued ones in the order of `line`.

        No account ever has more than `per_account` running. A job taken from the queue becomes `running`, with
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

    async def open_attempt(self, lease: Lease, token: str, at: datetime) -> Attempt:
        """Write the intent to work, before the work starts."""
        ...

    async def close_attempt(self, lease: Lease, token: str, state: AttemptState, note: str, at: datetime) -> None:
        """End an attempt that did not end the job."""
        ...

    async def count_death(self, lease: Lease) -> int:
        """One more worker died under this job; how many by now."""
        ...

    async def note(self, lease: Lease, events: Sequence[Event]) -> None:
        """Add log and progress lines to the job's story."""
        ...

    async def complete(
        self, lease: Lease, video: Video, blob: BlobRow, *, render_s: float, at: datetime, unused: Sequence[Dropped] = ()
    ) -> None:
        """The video is ours: done, and the whole hold captured. `unused` is what its maker could not use of the input."""
        ...

    async def fail(self, lease: Lease, failure: Failure, *, render_s: float | None, at: datetime) -> None:
        """It will not be made: failed, and the hold released."""
        ...

    async def cancel(self, lease: Lease, at: datetime) -> None:
        """The worker stopped because it was asked to: cancelled, and the hold released."""
        ...

    async def request_cancel(self, account: str, job_id: str, at: datetime) -> Job | None:
        """Cancel a queued job at once, or leave a request on a running one; the job as it is now, None if there is none.

        A job that is over is returned as it was.
        """
        ...

    def watch(self, job_id: str | None) -> Watch:
        """Be told of changes of one job, or of any. Begin to watch before you look."""
        ...

    # -- the outbox ----------------------------------------------------------------------------------------------
    async def due(self, *, now: datetime, until: datetime, limit: int) -> list[Delivery]:
        """Take pending deliveries whose time has come, oldest first; until `until` nobody else is given them. One waits
        until every older one of its job has been tried once, so that a receiver hears of changes in their order."""
        ...

    async def delivered(self, delivery: Delivery, tried: DeliveryTry) -> bool:
        """The receiver has it. False, and nothing was written, if the delivery was given to somebody else since."""
        ...

    async def delivery_failed(self, delivery: Delivery, tried: DeliveryTry, next_at: datetime | None) -> bool:
        """The receiver does not have it: to be tried again then, or given up if that is None. False as above."""
        ...

    async def deliveries(self, account: str, job_id: str = "", limit: int = 50) -> list[Delivery]:
        """The account's deliveries with their tries, newest first; of one job, or of all."""
        ...

    async def replay(self, account: str, delivery_id: str, at: datetime) -> Delivery | None:
        """Send it once more from then on, whether it was delivered or given up, by the whole schedule; None if there is none."""
        ...

    # -- uploads -------------------------------------------------------------------------------------------------
    async def add_blob(self, row: BlobRow) -> bool:
        """Make a blob somebody's; False if the name has a row already."""
        ...

    async def open_upload(self, upload: Upload) -> None:
        """Begin an upload in parts."""
        ...

    async def upload(self, upload_id: str) -> Upload | None:
        """One upload: its id, which is unguessable, is the right to it."""
        ...

    async def add_part(self, part: Part) -> str | None:
        """Add or replace a part; the name of the blob that it replaced. `NotFound` if the upload is gone."""
        ...

    async def parts(self, upload_id: str) -> list[Part]:
        """The parts that are there, in order."""
        ...

    async def finish_upload(self, upload_id: str, row: BlobRow | None) -> list[str]:
        """The upload is now this blob, or is given up if that is None; the blobs of its parts, which have no row any more."""
        ...

    async def stale_uploads(self, now: datetime, limit: int) -> list[Upload]:
        """Uploads that were not finished in time."""
        ...

    # -- blobs ---------------------------------------------------------------------------------------------------
    async def expired_blobs(self, now: datetime, limit: int) -> list[BlobRow]:
        """Blobs whose time is over."""
        ...

    async def forget_blob(self, name: str) -> None:
        """Remove a blob's row."""
        ...

    async def known_blobs(self) -> frozenset[str]:
        """The names of all blobs that have a row, and of all parts of uploads."""
        ...

    # -- secrets, all of them sealed before they come here ---------------------------------------------------------
    async def secret(self, name: str) -> bytes | None:
        """A secret of the gateway's own."""
        ...

    async def keep_secret(self, name: str, sealed: bytes, at: datetime) -> bytes:
        """Keep a secret unless one of this name is there; the one that is kept, whoever came first."""
        ...

    async def add_webhook_secret(self, account: str, sealed: bytes, *, at: datetime, former_until: datetime) -> None:
        """The account's webhooks are signed with this one from now on, and with its former ones too until then."""
        ...

    async def webhook_secrets(self, account: str, now: datetime) -> list[bytes]:
        """The secrets that the account's webhooks are signed with now, newest first."""
        ...

    # -- accounts, keys, money -----------------------------------------------------------------------------------
    async def add_account(self, account: Account) -> bool:
        """False if the id is taken."""
        ...

    async def accounts(self) -> list[Account]:
        """All accounts, oldest first."""
        ...

    async def account(self, account_id: str) -> Account | None:
        """One account."""
        ...

    async def add_key(self, key: Key) -> None:
        """Keep a key."""
        ...

    async def key_by_mac(self, mac: bytes) -> Key | None:
        """The key of this HMAC, revoked or not."""
        ...

    async def keys(self, account: str | None = None) -> list[Key]:
        """Keys, oldest first."""
        ...

    async def revoke_key(self, key_id: str, at: datetime) -> bool:
        """Refuse this key from now on; False if there is none."""
        ...

    async def credit(self, account: str, amount: Money, reason: str, at: datetime) -> None:
        """Add to an account's balance."""
        ...

    async def balance(self, account: str) -> Balance:
        """What the account has."""
        ...

    # -- health --------------------------------------------------------------------------------------------------
    async def counts(self) -> Mapping[JobState, int]:
        """How many jobs stand in each state."""
        ...

    async def check_writable(self) -> None:
        """Commit something; raises `Unready` if it cannot."""
        ...

    async def breaches(self) -> list[str]:
        """Every broken invariant of the books and the states, in words; empty when all is well."""
        ...

    async def close(self) -> None:
        """Finish the writes under way and let go of the data."""
        ...


class StoreDriver(Protocol):
    """How a store is opened."""

    name: str

    async def open(self, folder: Path, address: str) -> Store:
        """Open the store that lives in the folder (embedded) or at the address (a server's), migrating it to this version.

        `StoreError` if a newer program wrote it, or if it cannot be used.
        """
        ...
