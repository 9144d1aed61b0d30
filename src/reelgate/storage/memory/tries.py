"""Attempts at channels: what may have been bought, and by which of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from reelgate.contracts.attempt import Attempt, Claim, Cost
from reelgate.contracts.file import BlobRow
from reelgate.domain.job import AttemptState, Event, Failure, Job, JobState, Lease
from reelgate.domain.media import Video
from reelgate.domain.money import Money
from reelgate.storage._rule import (
    CAME_LATE,
    CLOSED_ATTEMPT,
    HAS_TICKET,
    NOT_QUEUED_AGAIN,
    RULED_OUT,
    check_ticket,
    legs_of_late_cost,
    to_the_ms,
    whole_ms,
)
from reelgate.storage.memory.motion import Motion


class Tries(Motion):
    """Verbs for attempts at channels."""

    async def sent(self, lease: Lease, token: str, at: datetime) -> None:
        self._held_job(lease)
        self._change(lease, token, {AttemptState.PLANNED}, state=AttemptState.SUBMITTING, sent_at=whole_ms(at))

    async def doubt(self, lease: Lease, token: str, note: str, at: datetime) -> None:
        self._held_job(lease)
        self._change(lease, token, {AttemptState.SUBMITTING}, state=AttemptState.IN_DOUBT, note=note)

    async def note_ticket(self, lease: Lease, token: str, ticket: Mapping[str, str], at: datetime) -> bool:
        self._held_job(lease)
        upstream_id = check_ticket(ticket)
        attempt = next((each for each in self.shelf.attempts.get(lease.job.id, ()) if each.token == token), None)
        if attempt is None:
            return False
        if attempt.state in HAS_TICKET:
            return attempt.ticket is not None and attempt.ticket["id"] == upstream_id
        if (attempt.channel, upstream_id) in self.shelf.upstream:
            return False
        open_states = {AttemptState.SUBMITTING, AttemptState.IN_DOUBT}
        if not self._change(lease, token, open_states, state=AttemptState.ACCEPTED, ticket=dict(ticket), accepted_at=whole_ms(at)):
            return False
        self.shelf.upstream[attempt.channel, upstream_id] = token
        return True

    async def requeue(self, lease: Lease, not_before: datetime, at: datetime) -> None:
        job = self._held_job(lease)
        if any(each.state not in CLOSED_ATTEMPT for each in self.shelf.attempts.get(job.id, ())):
            raise ValueError(NOT_QUEUED_AGAIN)
        self.shelf.not_before[job.id] = whole_ms(not_before if job.cancel_requested_at is None else at)
        self.shelf.tokens[job.id] += 1
        del self.shelf.leased_until[job.id]
        self._move(job, JobState.QUEUED, at)

    async def claim(self, token: str) -> Claim | None:
        for job_id, attempts in self.shelf.attempts.items():
            for each in attempts:
                if each.token == token:
                    return Claim(account=self.shelf.jobs[job_id].account, attempt=each)
        return None

    async def attempt_at(self, channel: str, upstream_id: str) -> Claim | None:
        return await self.claim(self.shelf.upstream.get((channel, upstream_id), ""))

    async def given_up(self, since: datetime, limit: int, before: str = "") -> list[Claim]:
        since, found = whole_ms(since), list[Claim]()
        for job in sorted(self.shelf.in_state(JobState.UNKNOWN), key=lambda each: each.id, reverse=True):
            if job.late_video is None and job.ended_at is not None and job.ended_at >= since and (not before or job.id < before):
                attempts = self.shelf.attempts.get(job.id, ())
                found += [
                    Claim(account=job.account, attempt=each)
                    for each in attempts
                    if each.state is AttemptState.ABANDONED and each.ticket is not None
                ]
        return found[:limit]

    async def asked_to_cancel(self) -> list[str]:
        return [job.id for job in self.shelf.in_state(JobState.RUNNING) if job.cancel_requested_at is not None]

    async def give_up(self, lease: Lease, failure: Failure, possible: Money, at: datetime) -> None:
        job = self._held_job(lease)
        self._end(job, JobState.UNKNOWN, at, failure=failure)
        legs = (("possible_cost", -possible.micros), ("payable", possible.micros))
        self.shelf.ledger.cost("possible_cost", job.id, job.account, whole_ms(at), legs)

    async def keep_late(self, token: str, video: Video, blob: BlobRow | None, cost: Cost, at: datetime) -> bool:
        self._check_open()
        found = await self.claim(token)
        if found is None or found.attempt.state is not AttemptState.ABANDONED:
            return False
        job = self.shelf.jobs[found.attempt.job_id]
        if job.state is not JobState.UNKNOWN or job.late_video is not None:
            return False
        self._set(replace(found.attempt, state=AttemptState.DONE, note=CAME_LATE))
        self.shelf.jobs[job.id] = replace(job, late_video=video)
        if blob is not None:
            self.shelf.blobs.setdefault(blob.name, to_the_ms(blob))
        self._end_doubt(job, cost, CAME_LATE, at)
        return True

    async def rule_out(self, token: str, said: str, cost: Cost | None, at: datetime) -> bool:
        self._check_open()
        found = await self.claim(token)
        if found is None or found.attempt.state is not AttemptState.ABANDONED:
            return False
        job = self.shelf.jobs[found.attempt.job_id]
        is_last = self.shelf.attempts[job.id][-1].token == token
        if job.state is not JobState.UNKNOWN or job.late_video is not None or not is_last:
            return False
        self._set(replace(found.attempt, state=AttemptState.FAILED, note=said))
        self._end_doubt(job, cost, RULED_OUT, at)
        return True

    def _end_doubt(self, job: Job, cost: Cost | None, message: str, at: datetime) -> None:
        """Nobody knew what came of this job, and now it is known: what it may have cost becomes what it did cost."""
        legs = legs_of_late_cost(cost, self.shelf.ledger.possible_cost(job.id))
        self.shelf.ledger.cost("late_cost", job.id, job.account, whole_ms(at), legs)
        self._write(Event(job_id=job.id, kind="late", message=message, at=at))
        self._hub.publish((job.id,))

    def _change(self, lease: Lease, token: str, states: set[AttemptState], **changes: Any) -> bool:
        """Change an attempt if it stands in one of these states."""
        for each in self.shelf.attempts.get(lease.job.id, ()):
            if each.token == token and each.state in states:
                self._set(replace(each, **changes))
                return True
        return False

    def _set(self, attempt: Attempt) -> None:
        attempts = self.shelf.attempts[attempt.job_id]
        attempts[attempt.number - 1] = attempt


def refused_alike(attempts: Sequence[Attempt], latest: Attempt, state: AttemptState, note: str) -> Attempt | None:
    """The earlier one of a job's attempts to which one comes that is refused now."""
    if not latest.channel or latest.state not in {AttemptState.PLANNED, AttemptState.SUBMITTING}:
        return None
    came_to = (latest.channel, latest.model, state, note, None)
    former = [each for each in attempts if (each.channel, each.model, each.state, each.note, each.ticket) == came_to]
    return former[-1] if former else None
