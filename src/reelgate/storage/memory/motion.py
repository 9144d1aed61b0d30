"""How jobs move in a memory store: from state to state, with their money, their story and what is owed for it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from reelgate.domain.job import NEXT, AttemptState, Event, Job, JobState, Lease
from reelgate.domain.media import forgotten
from reelgate.domain.money import Money
from reelgate.storage._rule import ATTEMPT_OF_END, CLOSED_ATTEMPT, OUTCOME_OF_END, lost, note_of, whole_ms
from reelgate.storage.memory.outbox import Outbox


class Motion(Outbox):
    """What verbs are made of."""

    def _end(self, job: Job, state: JobState, at: datetime, *, charge: Money | None = None, said: str = "", **changes: Any) -> None:
        self._move(job, state, at, ended_at=whole_ms(at), **changes)
        self.shelf.ledger.settle(job.id, OUTCOME_OF_END[state], whole_ms(at), charge)
        self._close_attempt(job.id, ATTEMPT_OF_END[state], note_of(changes.get("failure"), said), at)
        self.shelf.leased_until.pop(job.id, None)
        self._owe(job, state, at)
        if job.terms.forget_input:
            self._forget_input(job.id, whole_ms(at))

    def _forget_input(self, job_id: str, at: datetime) -> None:
        """Put what may be known of an input in the place of all of it, and nothing in that of its fingerprint; the time of its blobs
        is over."""
        job = self.shelf.jobs[job_id]
        self.shelf.jobs[job_id] = replace(job, input=forgotten(job.input), fingerprint=None)
        for name, blob in self.shelf.blobs.items():
            is_input = blob.job_id == job_id and name != self.shelf.video_of.get(job_id)
            if is_input and (blob.expires_at is None or blob.expires_at > at):
                self.shelf.blobs[name] = replace(blob, expires_at=at)

    def _move(self, job: Job, state: JobState, at: datetime, **changes: Any) -> Job:
        if state not in NEXT[job.state]:
            raise ValueError(f"a job that is {job.state} does not become {state}")
        moved = self.shelf.jobs[job.id] = replace(job, state=state, updated_at=whole_ms(at), **changes)
        self._tell(moved)
        return moved

    def _tell(self, job: Job) -> None:
        self._write(Event(job_id=job.id, kind="state", message=job.state, at=job.updated_at, state=job.state))
        self._hub.publish((job.id,))

    def _write(self, event: Event) -> None:
        self.shelf.story.append(replace(event, sequence=len(self.shelf.story) + 1, at=whole_ms(event.at)))

    def _held_job(self, lease: Lease) -> Job:
        self._check_open()
        if not self._holds(lease):
            raise lost(lease)
        return self.shelf.jobs[lease.job.id]

    def _holds(self, lease: Lease) -> bool:
        job = self.shelf.jobs.get(lease.job.id)
        return job is not None and job.state is JobState.RUNNING and self.shelf.tokens[job.id] == lease.token

    def _close_attempt(self, job_id: str, state: AttemptState, note: str, at: datetime, token: str | None = None) -> None:
        attempts = self.shelf.attempts.get(job_id, [])
        for index, each in enumerate(attempts):
            if each.state not in CLOSED_ATTEMPT and token in (None, each.token):
                attempts[index] = replace(each, state=state, closed_at=whole_ms(at), note=note)
