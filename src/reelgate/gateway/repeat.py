"""Submits that a client sends again because it never heard the answer to the first.

fal's clients repeat a POST whose connection broke, and send no key by which the repetition could be known. So a job is
marked when its caller was gone before the answer was written; the next request of the same account that is the same in all it
asks for gets that job, once. Nothing else is merged: two equal prompts make two videos.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import NamedTuple, TypeAlias

from reelgate.contracts.store import Store
from reelgate.domain.clock import Clock, from_ms, in_ms
from reelgate.domain.job import Job, JobState

KEPT = timedelta(minutes=10)
_BEFORE_A_CRASH = timedelta(seconds=60)
_PER_ACCOUNT = 500

Kept: TypeAlias = tuple[str, str, str, int]
"""Account, fingerprint in hexadecimal, job id, milliseconds when it was marked: as it is kept from a stop to the next start."""


class _Mark(NamedTuple):
    fingerprint: bytes
    at: datetime


class Way:
    """An exchange under way: whether its caller is gone, its job once there may be one, and when it is through."""

    def __init__(self, lost: Callable[[], bool], job_id: str) -> None:
        self.lost, self.job_id = lost, job_id
        self.through = asyncio.Event()
        self.repeated = False  # a repetition has got the job


class Repeats:
    """The marks of one gateway process. A job has one mark at most, and an account a few hundred, of which the oldest go first."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._marks: dict[str, OrderedDict[str, _Mark]] = {}
        self._ways: dict[tuple[str, bytes], list[Way]] = {}

    @contextmanager
    def under_way(self, account: str, fingerprint: bytes, lost: Callable[[], bool], job_id: str = "") -> Generator[Way]:
        """Around an exchange that makes a job, or waits for one. If its caller does not hear of the job, that is marked: because it
        has gone, or because the exchange fails though there may be a job."""
        ways, way = self._ways.setdefault((account, fingerprint), []), Way(lost, job_id)
        ways.append(way)
        heard = False
        try:
            yield way
            heard = not lost()
        finally:
            ways.remove(way)
            if not ways:
                del self._ways[account, fingerprint]
            if not heard and way.job_id and not way.repeated:
                self._mark(account, fingerprint, way.job_id, self._clock.now())
            way.through.set()

    async def former(self, account: str, fingerprint: bytes, mine: Way, store: Store) -> Job | None:
        """The job that this exchange is a repetition for, which is given out once; what was cancelled meanwhile is not wanted back.

        An exchange of the same whose caller has gone and that has no job yet is waited for.
        """
        while True:
            job_id = await self._take(account, fingerprint, mine)
            job = await store.job(account, job_id) if job_id else None
            if not job_id or (job is not None and job.state is not JobState.CANCELLED):
                return job

    async def _take(self, account: str, fingerprint: bytes, mine: Way) -> str:
        while True:
            ways = self._ways.get((account, fingerprint), ())
            if len(ways) <= 1 and account not in self._marks:
                return ""  # nobody else asks for the same, and nothing is marked: so it is nearly always
            lost = [way for way in ways if way is not mine and way.lost() and not way.repeated]
            waiting = next((way for way in lost if not way.job_id), None)
            marks = self._marks.get(account, OrderedDict[str, _Mark]())
            oldest = self._clock.now() - KEPT
            marked = (job_id for job_id, mark in marks.items() if mark.fingerprint == fingerprint and mark.at >= oldest)
            job_id = next((way.job_id for way in lost if way.job_id), "") or next(marked, "")
            if job_id or waiting is None:
                marks.pop(job_id, None)
                for way in lost:
                    way.repeated = way.repeated or way.job_id == job_id
                return job_id
            await waiting.through.wait()

    def _mark(self, account: str, fingerprint: bytes, job_id: str, at: datetime) -> None:
        marks = self._marks.setdefault(account, OrderedDict())
        marks.pop(job_id, None)
        marks[job_id] = _Mark(fingerprint, at)
        oldest = self._clock.now() - KEPT
        while len(marks) > _PER_ACCOUNT or next(iter(marks.values())).at < oldest:
            marks.popitem(last=False)
            if not marks:
                del self._marks[account]
                return

    # -- from one life of the process to the next --------------------------------------------------------------------
    def dump(self) -> list[Kept]:
        """All marks that still count, for the next start."""
        oldest = self._clock.now() - KEPT
        return [
            (account, mark.fingerprint.hex(), job_id, in_ms(mark.at))
            for account, marks in self._marks.items()
            for job_id, mark in marks.items()
            if mark.at >= oldest
        ]

    def load(self, kept: Iterable[Kept]) -> None:
        """Take over what the process before has left."""
        for account, fingerprint, job_id, at_ms in kept:
            self._mark(account, bytes.fromhex(fingerprint), job_id, from_ms(at_ms))

    async def recover(self, store: Store) -> int:
        """After a process that left nothing because it died: mark every job whose answer may have been lost with it. How many."""
        now = self._clock.now()
        since = now - _BEFORE_A_CRASH
        found = [job for job in await store.accepted_since(since) if job.created_at >= since or _was_awaited(job)]
        for job in found:
            self._mark(job.account, job.fingerprint or b"", job.id, now)
        return len(found)


def _was_awaited(job: Job) -> bool:
    """Whether its caller was to hear of it only at its end, which has not come."""
    return not job.over and bool((job.names or {}).get("awaited"))
