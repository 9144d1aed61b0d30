"""The verbs of a store over SQLite.

Every write is a unit of work for the writer's thread; the function that makes it has the name of its verb. Reads by a
primary key happen inside the event loop, where they cost less than a way to another thread; lists and reports are read by a
connection of their own, in a thread.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from reelgate.contracts.account import Account, Balance, Key
from reelgate.contracts.file import BlobRow, Part, Upload, Uploaded
from reelgate.contracts.outbox import Delivery, DeliveryState, DeliveryTry
from reelgate.contracts.store import Attempt, Glance, IdempotencyKey, JobFilter, Outcome, Watch
from reelgate.domain.clock import in_ms
from reelgate.domain.errors import NotFound
from reelgate.domain.identity import new_id
from reelgate.domain.job import AttemptState, Event, Failure, Job, JobState, Lease, Serving
from reelgate.domain.media import Dropped, Video
from reelgate.domain.money import Money
from reelgate.storage._hub import Hub
from reelgate.storage._rule import NO_ACCOUNT
from reelgate.storage.sqlite.accept import accept
from reelgate.storage.sqlite.connection import ClosedReader, Reader, Row, Transaction, open_reader, open_writer
from reelgate.storage.sqlite.dispatch import close_attempt, count_death, expire_leases, lease, note, open_attempt, renew
from reelgate.storage.sqlite.ending import cancel, complete, fail, overdue, request_cancel
from reelgate.storage.sqlite.ledger import credit
from reelgate.storage.sqlite.outbox import answer, due, is_due, is_old, read_deliveries, replay, sweep_deliveries
from reelgate.storage.sqlite.query import QUERIES
from reelgate.storage.sqlite.rows import (
    dump,
    ms_or_none,
    read_account,
    read_attempt,
    read_blob,
    read_event,
    read_glance,
    read_job,
    read_key,
    write_key,
)
from reelgate.storage.sqlite.secret import add_webhook_secret, keep_secret
from reelgate.storage.sqlite.upload import add_blob, add_part, finish_upload, open_upload, read_part, read_upload
from reelgate.storage.sqlite.writer import Writer

T = TypeVar("T")

_GLANCE = QUERIES["glance"]
_JOB = QUERIES["job"]
_AUDITS = tuple(sql for name, sql in QUERIES.items() if name.startswith("audit_"))


class SqliteStore:
    """Jobs and money in one file. Made on the event loop it serves, for a database that has been migrated."""

    def __init__(self, path: Path) -> None:
        self._hub = Hub()
        self.writer = Writer(lambda: open_writer(path), self._hub.publish)
        self._near = open_reader(path)
        self._far = open_reader(path)
        self._far_lock = asyncio.Lock()
        self._closed = False

    # -- a submit ----------------------------------------------------------------------------------------------------
    async def accept(
        self, job: Job, *, idempotency: IdempotencyKey | None = None, blobs: Sequence[BlobRow] = (), max_queued: int = 1000
    ) -> Outcome:
        return await self.writer.run(accept(job, idempotency, blobs, max_queued))

    # -- reading -----------------------------------------------------------------------------------------------------
    async def glance(self, account: str, job_id: str) -> Glance | None:
        row = self._near.row(_GLANCE, (job_id, account))
        return None if row is None else read_glance(row)

    async def job(self, account: str, job_id: str) -> Job | None:
        row = self._near.row(_JOB, {"id": job_id, "account": account})
        return None if row is None else read_job(row)

    async def job_by_external_id(self, account: str, external_id: str) -> Job | None:
        found = self._near.row(QUERIES["find_external_id"], (account, external_id))
        return None if found is None else await self.job(account, found[0])

    async def jobs(self, account: str, which: JobFilter) -> list[Job]:
        sets = {"states": dump(sorted(which.states)), "endpoints": dump(sorted(which.endpoints))}
        bounds = {"before": which.before, "since": ms_or_none(which.since), "until": ms_or_none(which.until)}
        bindings = {**sets, **bounds, "skip": which.skip, "limit": which.limit, "account": account}
        return await self._report(lambda read: _whole(read, read.rows(QUERIES["list_jobs"], bindings)))

    async def accepted_since(self, at: datetime) -> list[Job]:
        since = {"at": in_ms(at), "lowest": new_id(in_ms(at), 0)}
        return await self._report(lambda read: _whole(read, read.rows(QUERIES["accepted_since"], since)))

    async def events(self, account: str, job_id: str, after: int = 0) -> list[Event]:
        rows = self._near.rows(QUERIES["events"], {"job_id": job_id, "account": account, "after": after})
        return [read_event(row) for row in rows]

    async def account_events(self, account: str, after: int, limit: int = 200) -> list[Event]:
        if after < 0:
            rows = self._near.rows(QUERIES["newest_account_event"], (account,))
        else:
            rows = await self._report(lambda read: read.rows(QUERIES["account_events"], (account, after, limit)))
        return [read_event(row) for row in rows]

    async def attempts(self, account: str, job_id: str) -> list[Attempt]:
        return [read_attempt(row) for row in self._near.rows(QUERIES["attempts"], (job_id, account))]

    async def blob(self, name: str) -> BlobRow | None:
        row = self._near.row(QUERIES["blob"], (name,))
        return None if row is None else read_blob(row)

    # -- dispatch ----------------------------------------------------------------------------------------------------
    async def lease(self, worker: str, *, now: datetime, until: datetime, want: Mapping[Serving, int], per_account: int) -> list[Lease]:
        return await self.writer.run(lease(worker, now=now, until=until, want=want, per_account=per_account))

    async def renew(self, leases: Sequence[Lease], until: datetime) -> frozenset[str]:
        return await self.writer.run(renew(leases, until)) if leases else frozenset()

    async def expire_leases(self) -> int:
        return await self.writer.run(expire_leases)

    async def line(self, limit: int) -> list[str]:
        return await self._report(lambda read: [row[0] for row in read.rows(QUERIES["line"], {"depth": limit, "limit": limit})])

    async def overdue(self, now: datetime) -> list[str]:
        if not self._near.row(QUERIES["late"], (in_ms(now),)):
            return []
        return await self.writer.run(overdue(now))

    async def open_attempt(self, lease: Lease, token: str, at: datetime) -> Attempt:
        return await self.writer.run(open_attempt(lease, token, at))

    async def close_attempt(self, lease: Lease, token: str, state: AttemptState, note: str, at: datetime) -> None:
        await self.writer.run(close_attempt(lease, token, state, note, at))

    async def count_death(self, lease: Lease) -> int:
        return await self.writer.run(count_death(lease))

    async def note(self, lease: Lease, events: Sequence[Event]) -> None:
        await self.writer.run(note(lease, events))

    async def complete(
        self, lease: Lease, video: Video, blob: BlobRow, *, render_s: float, at: datetime, unused: Sequence[Dropped] = ()
    ) -> None:
        await self.writer.run(complete(lease, video, blob, render_s=render_s, at=at, unused=unused))

    async def fail(self, lease: Lease, failure: Failure, *, render_s: float | None, at: datetime) -> None:
        await self.writer.run(fail(lease, failure, render_s, at))

    async def cancel(self, lease: Lease, at: datetime) -> None:
        await self.writer.run(cancel(lease, at))

    async def request_cancel(self, account: str, job_id: str, at: datetime) -> Job | None:
        return await self.writer.run(request_cancel(account, job_id, at))

    def watch(self, job_id: str | None) -> Watch:
        return self._hub.watch(job_id)

    # -- the outbox --------------------------------------------------------------------------------------------------
    async def due(self, *, now: datetime, until: datetime, limit: int, per_account: int, without: Collection[str] = ()) -> list[Delivery]:
        if not is_due(self._near, now, without):
            return []
        return await self.writer.run(due(now, until, limit=limit, per_account=per_account, without=without))

    async def delivered(self, delivery: Delivery, tried: DeliveryTry) -> bool:
        return await self.writer.run(answer(delivery, tried, DeliveryState.DELIVERED))

    async def delivery_failed(self, delivery: Delivery, tried: DeliveryTry, next_at: datetime | None) -> bool:
        state = DeliveryState.FAILED if next_at is None else DeliveryState.PENDING
        return await self.writer.run(answer(delivery, tried, state, next_at))

    async def deliveries(self, account: str, job_id: str = "", limit: int = 50) -> list[Delivery]:
        return await self._report(lambda read: read_deliveries(read, account, job_id, limit))

    async def replay(self, account: str, delivery_id: str, at: datetime) -> Delivery | None:
        return await self.writer.run(replay(account, delivery_id, at))

    async def sweep_deliveries(self, before: datetime, limit: int) -> int:
        return await self.writer.run(sweep_deliveries(before, limit)) if is_old(self._near, before) else 0

    # -- uploads -----------------------------------------------------------------------------------------------------
    async def add_blob(self, row: BlobRow) -> bool:
        return await self.writer.run(add_blob(row))

    async def open_upload(self, upload: Upload) -> None:
        await self.writer.run(open_upload(upload))

    async def upload(self, upload_id: str) -> Upload | None:
        row = self._near.row(QUERIES["upload"], (upload_id,))
        return None if row is None else read_upload(row)

    async def add_part(self, part: Part) -> str | None:
        return await self.writer.run(add_part(part))

    async def parts(self, upload_id: str) -> list[Part]:
        return await self._report(lambda read: [read_part(row) for row in read.rows(QUERIES["parts"], (upload_id,))])

    async def finish_upload(self, upload_id: str, row: BlobRow | None) -> list[str]:
        return await self.writer.run(finish_upload(upload_id, row))

    async def uploaded(self, account: str, least_bytes: int) -> Uploaded:
        asked = {"account": account, "least": least_bytes}
        rows = await self._report(lambda read: read.rows(QUERIES["uploaded"], asked))
        return Uploaded(size_bytes=rows[0][0], open_count=rows[0][1])

    async def stale_uploads(self, now: datetime, limit: int) -> list[Upload]:
        return await self._report(lambda read: [read_upload(row) for row in read.rows(QUERIES["stale_uploads"], (in_ms(now), limit))])

    # -- blobs -------------------------------------------------------------------------------------------------------
    async def expired_blobs(self, now: datetime, limit: int) -> list[BlobRow]:
        return await self._report(lambda read: [read_blob(row) for row in read.rows(QUERIES["expired_blobs"], (in_ms(now), limit))])

    async def forget_blob(self, name: str) -> None:
        def unit(write: Transaction) -> None:
            write.run(QUERIES["forget_video"], {"name": name})
            write.run(QUERIES["delete_blob"], (name,))

        await self.writer.run(unit)

    async def known_blobs(self) -> frozenset[str]:
        return await self._report(lambda read: frozenset(name for (name,) in read.rows(QUERIES["known_blobs"])))

    # -- secrets -----------------------------------------------------------------------------------------------------
    async def secret(self, name: str) -> bytes | None:
        row = self._near.row(QUERIES["secret"], (name,))
        return None if row is None else row[0]

    async def keep_secret(self, name: str, sealed: bytes, at: datetime) -> bytes:
        return await self.writer.run(keep_secret(name, sealed, at))

    async def add_webhook_secret(self, account: str, sealed: bytes, *, at: datetime, former_until: datetime) -> None:
        await self.writer.run(add_webhook_secret(account, sealed, at, former_until))

    async def webhook_secrets(self, account: str, now: datetime) -> list[bytes]:
        return [sealed for (sealed,) in self._near.rows(QUERIES["webhook_secrets"], (account, in_ms(now)))]

    # -- accounts, keys, money ---------------------------------------------------------------------------------------
    async def add_account(self, account: Account) -> bool:
        def unit(write: Transaction) -> bool:
            if write.run(QUERIES["insert_account"], (account.id, account.name, in_ms(account.created_at))) == 0:
                return False
            write.run(QUERIES["insert_balance"], (account.id,))
            return True

        return await self.writer.run(unit)

    async def accounts(self) -> list[Account]:
        return await self._report(lambda read: [read_account(row) for row in read.rows(QUERIES["accounts"])])

    async def account(self, account_id: str) -> Account | None:
        row = self._near.row(QUERIES["account"], (account_id,))
        return None if row is None else read_account(row)

    async def add_key(self, key: Key) -> None:
        def unit(write: Transaction) -> None:
            if write.row(QUERIES["account"], (key.account,)) is None:
                raise NotFound(NO_ACCOUNT)
            write.run(QUERIES["insert_key"], write_key(key))

        await self.writer.run(unit)

    async def key_by_mac(self, mac: bytes) -> Key | None:
        row = self._near.row(QUERIES["key_by_mac"], (mac,))
        return None if row is None else read_key(row)

    async def keys(self, account: str | None = None) -> list[Key]:
        return await self._report(lambda read: [read_key(row) for row in read.rows(QUERIES["keys"], {"account": account})])

    async def revoke_key(self, key_id: str, at: datetime) -> bool:
        return await self.writer.run(lambda write: write.run(QUERIES["revoke_key"], (in_ms(at), key_id)) > 0)

    async def credit(self, account: str, amount: Money, reason: str, at: datetime) -> None:
        await self.writer.run(lambda write: credit(write, account, amount, reason, at))

    async def balance(self, account: str) -> Balance:
        available, held = self._near.row(QUERIES["read_balance"], (account,)) or (0, 0)
        return Balance(available=Money(available), held=Money(held))

    # -- health ------------------------------------------------------------------------------------------------------
    async def counts(self) -> Mapping[JobState, int]:
        rows = await self._report(lambda read: read.rows(QUERIES["count_states"]))
        return dict.fromkeys(JobState, 0) | {JobState(state): count for state, count in rows}

    async def check_writable(self) -> None:
        await self.writer.run(lambda write: write.run(QUERIES["beat"]))

    async def breaches(self) -> list[str]:
        def audit(read: Reader) -> list[str]:
            read.rows("begin")  # one snapshot for all questions
            try:
                return [words for sql in _AUDITS for (words,) in read.rows(sql)]
            finally:
                read.rows("commit")

        return await self._report(audit)

    async def close(self) -> None:
        await self.writer.close()
        async with self._far_lock:
            if not self._closed:
                self._closed = True
                self._near, self._far = ClosedReader(self._near), ClosedReader(self._far)

    async def _report(self, question: Callable[[Reader], T]) -> T:
        """Ask in a thread, one question at a time."""
        async with self._far_lock:
            return await asyncio.to_thread(question, self._far)


def _whole(read: Reader, ids: Sequence[Row]) -> list[Job]:
    rows = [read.row(_JOB, {"id": job_id, "account": None}) for (job_id,) in ids]
    return [read_job(row) for row in rows if row is not None]
