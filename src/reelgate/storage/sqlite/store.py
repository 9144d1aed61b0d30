"""The verbs of a store over SQLite.

Every write is a unit of work for the writer's thread; the function that makes it has the name of its verb. Reads by a
primary key happen inside the event loop, where they cost less than a way to another thread; lists and reports are read by a
connection of their own, in a thread. The verbs for what goes with jobs are in the modules named after it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from reelgate.contracts.attempt import Attempt, Claim, Cost
from reelgate.contracts.file import BlobRow, KeptFile, Part, Upload, Uploaded
from reelgate.contracts.outbox import Delivery, DeliveryState, DeliveryTry
from reelgate.contracts.store import Census, Glance, IdempotencyKey, JobFilter, Live, Outcome, Watch
from reelgate.domain.clock import in_ms
from reelgate.domain.identity import new_id
from reelgate.domain.job import AttemptState, Event, Failure, Job, JobState, Lease, Serving
from reelgate.domain.media import Dropped, Video
from reelgate.domain.money import Money
from reelgate.storage.sqlite.accept import accept
from reelgate.storage.sqlite.account import Accounts
from reelgate.storage.sqlite.audit import Deeds
from reelgate.storage.sqlite.books import Books
from reelgate.storage.sqlite.breach import find_breaches
from reelgate.storage.sqlite.channel import Channels
from reelgate.storage.sqlite.connection import Reader, Row, Transaction
from reelgate.storage.sqlite.dispatch import close_attempt, count_death, expire_leases, lease, note, open_attempt, renew
from reelgate.storage.sqlite.ending import cancel, complete, fail, give_up, overdue, request_cancel
from reelgate.storage.sqlite.outbox import answer, due, is_due, is_old, read_deliveries, replay, sweep_deliveries
from reelgate.storage.sqlite.price import Prices
from reelgate.storage.sqlite.query import QUERIES
from reelgate.storage.sqlite.relay import doubt, keep_late, note_ticket, requeue, rule_out, sent
from reelgate.storage.sqlite.rows import (
    dump,
    instant_or_none,
    ms_or_none,
    read_attempt,
    read_blob,
    read_claim,
    read_event,
    read_glance,
    read_job,
)
from reelgate.storage.sqlite.snapshot import read_kept_file
from reelgate.storage.sqlite.upload import add_blob, add_part, finish_upload, open_upload, read_part, read_upload

_GLANCE = QUERIES["glance"]
_JOB = QUERIES["job"]


class SqliteStore(Accounts, Books, Prices, Channels, Deeds):
    """Jobs and money in one file. Made on the event loop it serves, for a database that has been migrated."""

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
        sql = QUERIES["list_test_jobs"] if which.test_only else QUERIES["list_jobs"]
        return await self._report(lambda read: _whole(read, read.rows(sql, bindings)))

    async def accepted_since(self, at: datetime) -> list[Job]:
        since = {"at": in_ms(at), "lowest": new_id(in_ms(at), 0)}
        return await self._report(lambda read: _whole(read, read.rows(QUERIES["accepted_since"], since)))

    async def events(self, account: str, job_id: str, after: int = 0) -> list[Event]:
        rows = self._near.rows(QUERIES["events"], {"job_id": job_id, "account": account, "after": after})
        return [read_event(row) for row in rows]

    async def account_events(self, account: str, after: int, limit: int = 200, *, test_only: bool = False) -> list[Event]:
        if after < 0:
            rows = self._near.rows(QUERIES["newest_test_account_event"] if test_only else QUERIES["newest_account_event"], (account,))
        else:
            sql = QUERIES["test_account_events"] if test_only else QUERIES["account_events"]
            rows = await self._report(lambda read: read.rows(sql, (account, after, limit)))
        return [read_event(row) for row in rows]

    async def attempts(self, account: str, job_id: str) -> list[Attempt]:
        return [read_attempt(row) for row in self._near.rows(QUERIES["attempts"], (job_id, account))]

    async def blob(self, name: str) -> BlobRow | None:
        row = self._near.row(QUERIES["blob"], (name,))
        return None if row is None else read_blob(row)

    # -- dispatch ----------------------------------------------------------------------------------------------------
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
        return await self.writer.run(lease(worker, now=now, until=until, want=want, per_account=per_account, without=without))

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

    async def open_attempt(
        self, lease: Lease, token: str, at: datetime, *, channel: str = "", model: str = "", choice: str = ""
    ) -> Attempt:
        return await self.writer.run(open_attempt(lease, token, at, channel=channel, model=model, choice=choice))

    async def sent(self, lease: Lease, token: str, at: datetime) -> None:
        await self.writer.run(sent(lease, token, at))

    async def doubt(self, lease: Lease, token: str, note: str, at: datetime) -> None:
        await self.writer.run(doubt(lease, token, note))

    async def note_ticket(self, lease: Lease, token: str, ticket: Mapping[str, str], at: datetime) -> bool:
        return await self.writer.run(note_ticket(lease, token, ticket, at))

    async def requeue(self, lease: Lease, not_before: datetime, at: datetime) -> None:
        await self.writer.run(requeue(lease, not_before, at))

    async def claim(self, token: str) -> Claim | None:
        row = self._near.row(QUERIES["claim"], (token,))
        return None if row is None else read_claim(row)

    async def attempt_at(self, channel: str, upstream_id: str) -> Claim | None:
        row = self._near.row(QUERIES["attempt_at"], (channel, upstream_id))
        return None if row is None else read_claim(row)

    async def given_up(self, since: datetime, limit: int, before: str = "") -> list[Claim]:
        asked = {"since": in_ms(since), "limit": limit, "before": before}
        return await self._report(lambda read: [read_claim(row) for row in read.rows(QUERIES["given_up"], asked)])

    async def asked_to_cancel(self) -> list[str]:
        return [job_id for (job_id,) in self._near.rows(QUERIES["asked_to_cancel"])]

    async def close_attempt(self, lease: Lease, token: str, state: AttemptState, note: str, at: datetime) -> None:
        await self.writer.run(close_attempt(lease, token, state, note, at))

    async def count_death(self, lease: Lease) -> int:
        return await self.writer.run(count_death(lease))

    async def note(self, lease: Lease, events: Sequence[Event]) -> None:
        await self.writer.run(note(lease, events))

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
        await self.writer.run(complete(lease, video, blob, render_s=render_s, at=at, unused=unused, charge=charge, cost=cost))

    async def fail(
        self, lease: Lease, failure: Failure, *, render_s: float | None, at: datetime, cost: Cost | None = None, said: str = ""
    ) -> None:
        await self.writer.run(fail(lease, failure, render_s=render_s, at=at, cost=cost, said=said))

    async def cancel(self, lease: Lease, at: datetime, *, cost: Cost | None = None) -> None:
        await self.writer.run(cancel(lease, at, cost))

    async def give_up(self, lease: Lease, failure: Failure, possible: Money, at: datetime) -> None:
        await self.writer.run(give_up(lease, failure, possible, at))

    async def keep_late(self, token: str, video: Video, blob: BlobRow | None, cost: Cost, at: datetime) -> bool:
        return await self.writer.run(keep_late(token, video, blob, cost, at))

    async def rule_out(self, token: str, said: str, cost: Cost | None, at: datetime) -> bool:
        return await self.writer.run(rule_out(token, said, cost, at))

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

    async def deliveries(self, account: str, job_id: str = "", limit: int = 50, *, test_only: bool = False) -> list[Delivery]:
        return await self._report(lambda read: read_deliveries(read, account, job_id, limit, test_only=test_only))

    async def replay(self, account: str, delivery_id: str, at: datetime, *, test_only: bool = False) -> Delivery | None:
        return await self.writer.run(replay(account, delivery_id, at, test_only=test_only))

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

    async def kept_videos(self, after: str, limit: int) -> list[KeptFile]:
        return await self._check(lambda read: [read_kept_file(row) for row in read.rows(QUERIES["kept_videos"], (after, limit))])

    async def known_blobs(self) -> frozenset[str]:
        return await self._report(lambda read: frozenset(name for (name,) in read.rows(QUERIES["known_blobs"])))

    async def owner_of(self, job_id: str) -> str | None:
        row = self._near.row(QUERIES["owner_of"], (job_id,))
        return None if row is None else row[0]

    # -- health ------------------------------------------------------------------------------------------------------
    async def counts(self) -> Mapping[JobState, int]:
        rows = await self._report(lambda read: read.rows(QUERIES["count_states"]))
        return dict.fromkeys(JobState, 0) | {JobState(state): count for state, count in rows}

    async def census(self) -> Census:
        def look(read: Reader) -> Census:
            with read.snapshot():
                live, held = read.rows(QUERIES["live_jobs"]), read.row(QUERIES["held_of_all"])
                owed = read.row(QUERIES["waiting_webhooks"]) or (0, None)
            queued = [since for state, _, _, _, since in live if state == JobState.QUEUED.value]
            return Census(
                jobs={Live(JobState(state), endpoint, channel or ""): count for state, endpoint, channel, count, _ in live},
                oldest_queued_at=instant_or_none(min(queued, default=None)),
                held=Money(0 if held is None else held[0]),
                webhooks=owed[0],
                oldest_webhook_at=instant_or_none(owed[1]),
            )

        return await self._report(look)

    async def check_writable(self) -> None:
        await self.writer.run(lambda write: write.run(QUERIES["beat"]))

    async def breaches(self) -> list[str]:
        return await self._check(find_breaches)


def _whole(read: Reader, ids: Sequence[Row]) -> list[Job]:
    rows = [read.row(_JOB, {"id": job_id, "account": None}) for (job_id,) in ids]
    return [read_job(row) for row in rows if row is not None]
