"""The verbs of a store over dictionaries. One event loop and no await inside a verb: each is a transaction by itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from reelgate.contracts.account import Key
from reelgate.contracts.attempt import Attempt, Cost
from reelgate.contracts.file import BlobRow
from reelgate.contracts.outbox import DeliveryState
from reelgate.contracts.store import (
    Accepted,
    Census,
    Full,
    Glance,
    IdempotencyKey,
    JobFilter,
    Live,
    Mismatch,
    Outcome,
    Replay,
    Revoked,
    Short,
    Spent,
    Taken,
    Watch,
)
from reelgate.domain.calendar import day_of_ms
from reelgate.domain.clock import in_ms
from reelgate.domain.errors import NotFound
from reelgate.domain.job import AttemptState, Event, Failure, Job, JobState, Lease, Serving
from reelgate.domain.media import Dropped, Video
from reelgate.domain.money import FREE, Money
from reelgate.storage._rule import (
    CLOSED_ATTEMPT,
    NOT_STARTED,
    OF_ONE_ATTEMPT,
    TAKEN_OVER,
    check_charge,
    check_closing,
    check_notes,
    legs_of_cost,
    over_limit,
    to_the_ms,
    whole_ms,
)
from reelgate.storage.memory.account import Accounts
from reelgate.storage.memory.books import Books
from reelgate.storage.memory.breach import find_breaches
from reelgate.storage.memory.channel import Channels
from reelgate.storage.memory.shelf import Stamp
from reelgate.storage.memory.tries import Tries, refused_alike
from reelgate.storage.memory.upload import Uploads


class MemoryStore(Tries, Uploads, Books, Accounts, Channels):
    """Jobs and money in this process. The verbs for what goes with jobs are in the modules named after it."""

    def __init__(self) -> None:
        super().__init__()
        self._external: dict[tuple[str, str], str] = {}

    # -- a submit ----------------------------------------------------------------------------------------------------
    async def accept(
        self, job: Job, *, idempotency: IdempotencyKey | None = None, blobs: Sequence[BlobRow] = (), max_queued: int = 1000
    ) -> Outcome:
        self._check_open()
        kept, key = to_the_ms(job), self.shelf.keys.get(job.key_id)
        if key is None or key.account != job.account or not key.works(kept.created_at):
            return Revoked()
        day = day_of_ms(in_ms(job.created_at), self.shelf.accounts[job.account].time_zone)
        refusal = self._refusal(job, idempotency, max_queued) or self._overspent(job, key, day) or self._short(job)
        if refusal is not None:
            return refusal
        self._forget_stamps(job.created_at)
        self.shelf.jobs[job.id] = kept
        self.shelf.ledger.hold(job.id, job.account, job.quote.amount, kept.created_at, line=key.line, day=day)
        for blob in blobs:
            self.shelf.blobs.setdefault(blob.name, to_the_ms(blob))
        if job.external_id is not None:
            self._external[job.account, job.external_id] = job.id
        if idempotency is not None:
            self.shelf.stamps[job.account, idempotency.key] = Stamp(idempotency.fingerprint, job.id, idempotency.expires_at)
        self._tell(kept)
        return Accepted(job)

    def _refusal(self, job: Job, idempotency: IdempotencyKey | None, max_queued: int) -> Outcome | None:
        stamp = self.shelf.stamps.get((job.account, idempotency.key)) if idempotency is not None else None
        if idempotency is not None and stamp is not None and stamp.expires_at > job.created_at:
            same = stamp.fingerprint == idempotency.fingerprint
            return Replay(self.shelf.jobs[stamp.job_id]) if same else Mismatch()
        taken = self._external.get((job.account, job.external_id)) if job.external_id is not None else None
        if taken is not None:
            return Taken(taken)
        queued = sum(each.account == job.account for each in self.shelf.in_state(JobState.QUEUED))
        return Full(queued) if queued >= max_queued else None

    def _overspent(self, job: Job, key: Key, day: str) -> Spent | None:
        """The first limit on spending that this job would pass."""
        if job.quote.amount == FREE:
            return None
        account, spent = self.shelf.accounts[job.account], self.shelf.ledger.spent
        asked = (
            ("key", False, key.spend_limit, spent(job.account, key.line, None)),
            ("key", True, key.limits.daily_spend, spent(job.account, key.line, day)),
            ("account", True, account.limits.daily_spend, spent(job.account, None, day)),
        )
        over = (
            over_limit(whose, limit.micros, micros, job.quote.amount, daily=daily)
            for whose, daily, limit, micros in asked
            if limit is not None
        )
        return next(filter(None, over), None)

    def _short(self, job: Job) -> Short | None:
        available = self.shelf.ledger.balance(job.account).available
        missing = job.quote.amount.micros - available.micros
        return Short(available, Money(missing)) if missing > 0 else None

    def _forget_stamps(self, now: datetime) -> None:
        for each in [each for each, stamp in self.shelf.stamps.items() if stamp.expires_at <= now]:
            del self.shelf.stamps[each]

    # -- reading -----------------------------------------------------------------------------------------------------
    async def glance(self, account: str, job_id: str) -> Glance | None:
        job = await self.job(account, job_id)
        if job is None:
            return None
        code, message = (job.failure.code, job.failure.message) if job.failure is not None else (None, None)
        whose = (job.id, job.account, job.endpoint, job.face, job.base)
        return Glance(*whose, job.state, job.position, job.render_s, code, message, job.unused, job.test)

    async def job(self, account: str, job_id: str) -> Job | None:
        job = self.shelf.jobs.get(job_id)
        return job if job is not None and job.account == account else None

    async def job_by_external_id(self, account: str, external_id: str) -> Job | None:
        return self.shelf.jobs.get(self._external.get((account, external_id), ""))

    async def jobs(self, account: str, which: JobFilter) -> list[Job]:
        found = [
            job
            for job in self.shelf.jobs.values()
            if job.account == account
            and (not which.states or job.state in which.states)
            and (not which.endpoints or job.endpoint in which.endpoints)
            and (job.test or not which.test_only)
            and (which.since is None or job.created_at >= which.since)
            and (which.until is None or job.created_at < which.until)
            and (not which.before or job.id < which.before)
        ]
        return sorted(found, key=lambda job: job.id, reverse=True)[which.skip :][: which.limit]

    async def accepted_since(self, at: datetime) -> list[Job]:
        known = (job for job in self.shelf.jobs.values() if job.fingerprint is not None)
        found = [job for job in known if job.created_at >= at or not job.over]
        return sorted(found, key=lambda job: (job.created_at, job.id))

    async def events(self, account: str, job_id: str, after: int = 0) -> list[Event]:
        if await self.job(account, job_id) is None:
            return []
        return [event for event in self.shelf.story if event.job_id == job_id and event.sequence > after]

    async def account_events(self, account: str, after: int, limit: int = 200, *, test_only: bool = False) -> list[Event]:
        mine = {job.id for job in self.shelf.jobs.values() if job.account == account and (job.test or not test_only)}
        found = [event for event in self.shelf.story if event.kind == "state" and event.sequence > after and event.job_id in mine]
        return found[-1:] if after < 0 else found[:limit]

    async def attempts(self, account: str, job_id: str) -> list[Attempt]:
        return list(self.shelf.attempts.get(job_id, ())) if await self.job(account, job_id) is not None else []

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
        self._check_open()
        left = Counter({serving: count for serving, count in want.items() if count > 0})
        leases = [self._lease(job, until) for job in self.shelf.adrift(now) if _take(left, job.serving)]
        for lease in leases:
            if lease.job.serving is not Serving.PAID:  # what may have been bought is not forgotten
                self._close_attempt(lease.job.id, AttemptState.ABANDONED, TAKEN_OVER, now)
        for job in self.shelf.line():
            late = job.start_by is not None and job.start_by < now
            early = self.shelf.not_before.get(job.id, now) > now
            barred = job.serving is Serving.PAID and job.endpoint in without
            if late or early or barred or not self._has_slot(job, per_account) or not _take(left, job.serving):
                continue
            moved = self._move(job, JobState.RUNNING, now, started_at=whole_ms(now))
            self._owe(moved, JobState.RUNNING, now)
            leases.append(self._lease(moved, until))
        return leases

    def _has_slot(self, job: Job, per_account: int) -> bool:
        """Whether one more job of this one's account, and of its key, may run."""
        running = list(self.shelf.in_state(JobState.RUNNING))
        account, key = self.shelf.accounts[job.account].limits.concurrency, self.shelf.keys[job.key_id].limits.concurrency
        if sum(each.account == job.account for each in running) >= (per_account if account is None else account):
            return False
        return key is None or sum(each.key_id == job.key_id for each in running) < key

    def _lease(self, job: Job, until: datetime) -> Lease:
        self.shelf.tokens[job.id] += 1
        self.shelf.leased_until[job.id] = whole_ms(until)
        return Lease(job=job, token=self.shelf.tokens[job.id], until=whole_ms(until))

    async def renew(self, leases: Sequence[Lease], until: datetime) -> frozenset[str]:
        self._check_open()
        held = frozenset(lease.job.id for lease in leases if self._holds(lease))
        self.shelf.leased_until.update(dict.fromkeys(held, whole_ms(until)))
        return held

    async def expire_leases(self) -> int:
        self._check_open()
        ended = len(self.shelf.leased_until)
        self.shelf.tokens.update(self.shelf.leased_until.keys())
        self.shelf.leased_until.clear()
        return ended

    async def line(self, limit: int) -> list[str]:
        return [job.id for job in self.shelf.line()[:limit]]

    async def overdue(self, now: datetime) -> list[str]:
        self._check_open()
        late = [job for job in self.shelf.in_state(JobState.QUEUED) if job.start_by is not None and job.start_by < now]
        for job in sorted(late, key=lambda job: job.id):
            self._end(job, JobState.FAILED, now, failure=NOT_STARTED)
        return sorted(job.id for job in late)

    async def open_attempt(
        self, lease: Lease, token: str, at: datetime, *, channel: str = "", model: str = "", choice: str = ""
    ) -> Attempt:
        job = self._held_job(lease)
        before = self.shelf.attempts.setdefault(job.id, [])
        open_ones = [each for each in before if each.state not in CLOSED_ATTEMPT]
        if open_ones and open_ones[0].token == token:
            return open_ones[0]
        if open_ones:
            raise ValueError("an attempt of this job is open")
        if await self.claim(token) is not None:
            raise ValueError(OF_ONE_ATTEMPT)
        attempt = Attempt(
            token=token,
            job_id=job.id,
            number=len(before) + 1,
            engine=job.engine,
            state=AttemptState.PLANNED,
            opened_at=whole_ms(at),
            channel=channel,
            model=model,
            choice=choice,
        )
        before.append(attempt)
        if channel:
            self.shelf.jobs[job.id] = replace(job, channel=channel)
        return attempt

    async def close_attempt(self, lease: Lease, token: str, state: AttemptState, note: str, at: datetime) -> None:
        check_closing(state)
        job = self._held_job(lease)
        attempts = self.shelf.attempts.get(job.id, [])
        latest = next((each for each in attempts if each.token == token), None)
        if latest is None:
            raise NotFound("There is no such attempt.")
        former = refused_alike(attempts, latest, state, note)
        if former is None:
            self._close_attempt(job.id, state, note, at, token)
        else:
            attempts.remove(latest)
            attempts[former.number - 1] = replace(former, token=token, tries=former.tries + 1, again_at=whole_ms(at))

    async def count_death(self, lease: Lease) -> int:
        job = self._held_job(lease)
        self.shelf.jobs[job.id] = replace(job, deaths=job.deaths + 1)
        return job.deaths + 1

    async def note(self, lease: Lease, events: Sequence[Event]) -> None:
        check_notes(lease, events)
        job = self._held_job(lease)
        for event in events:
            self._write(event)
        if events:
            self._hub.publish((job.id,))

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
        job = self._held_job(lease)
        if charge is not None:
            check_charge(charge.micros, job.quote.amount.micros)
        if blob is not None:
            self.shelf.blobs[blob.name] = to_the_ms(blob)
            self.shelf.video_of[job.id] = blob.name
        self._end(job, JobState.DONE, at, charge=charge, video=video, render_s=render_s, unused=tuple(unused))
        self._cost(job, cost, at)

    async def fail(
        self, lease: Lease, failure: Failure, *, render_s: float | None, at: datetime, cost: Cost | None = None, said: str = ""
    ) -> None:
        job = self._held_job(lease)
        self._end(job, JobState.FAILED, at, said=said, failure=failure, render_s=render_s)
        self._cost(job, cost, at)

    async def cancel(self, lease: Lease, at: datetime, *, cost: Cost | None = None) -> None:
        job = self._held_job(lease)
        self._end(job, JobState.CANCELLED, at)
        self._cost(job, cost, at)

    def _cost(self, job: Job, cost: Cost | None, at: datetime) -> None:
        self.shelf.ledger.cost("cost", job.id, job.account, whole_ms(at), legs_of_cost(cost))

    async def request_cancel(self, account: str, job_id: str, at: datetime) -> Job | None:
        self._check_open()
        job = await self.job(account, job_id)
        if job is None or job.over:
            return job
        if job.state is JobState.QUEUED:
            self._end(replace(job, cancel_requested_at=whole_ms(at)), JobState.CANCELLED, at)
        elif job.cancel_requested_at is None:
            self.shelf.jobs[job_id] = replace(job, cancel_requested_at=whole_ms(at), updated_at=whole_ms(at))
            self._hub.publish((job_id,))
        return self.shelf.jobs[job_id]

    def watch(self, job_id: str | None) -> Watch:
        return self._hub.watch(job_id)

    async def owner_of(self, job_id: str) -> str | None:
        job = self.shelf.jobs.get(job_id)
        return None if job is None else job.account

    # -- health ------------------------------------------------------------------------------------------------------
    async def counts(self) -> Mapping[JobState, int]:
        return {state: sum(1 for _ in self.shelf.in_state(state)) for state in JobState}

    async def census(self) -> Census:
        live = [job for state in (JobState.QUEUED, JobState.RUNNING) for job in self.shelf.in_state(state)]
        owed = [each.changed_at for each in self.shelf.deliveries.values() if each.state is DeliveryState.PENDING]
        return Census(
            jobs=Counter(Live(job.state, job.endpoint, job.channel) for job in live),
            oldest_queued_at=min((job.created_at for job in live if job.state is JobState.QUEUED), default=None),
            held=Money(sum(amount for (_, kind), amount in self.shelf.ledger.balances.items() if kind == "held")),
            webhooks=len(owed),
            oldest_webhook_at=min(owed, default=None),
        )

    async def check_writable(self) -> None:
        self._check_open()

    async def breaches(self) -> list[str]:
        return find_breaches(self.shelf)

    async def close(self) -> None:
        self._closed = True


def _take(left: Counter[Serving], serving: Serving) -> bool:
    """Use up one of those that are wanted, if there is one."""
    if left[serving] <= 0:
        return False
    left[serving] -= 1
    return True
