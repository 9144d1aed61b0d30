"""Submits that a client sends again because it never heard the answer to the first.

fal's clients repeat a POST whose connection broke, and send no key by which the repetition could be known. So a job is
marked when its caller was gone before the answer was written; the next request of the same account that is the same in
endpoint and body gets that job, once. Nothing else is merged: two equal prompts make two videos.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from datetime import datetime, timedelta

from reelgate.contracts.store import Store
from reelgate.domain.clock import Clock, from_ms, in_ms
from reelgate.domain.job import TERMINAL, Job

KEPT = timedelta(minutes=10)
_BEFORE_A_CRASH = timedelta(seconds=60)
_MOST = 10_000

Mark = tuple[str, str, str, int]
"""Account, fingerprint in hexadecimal, job id, milliseconds when it was marked: as it is kept from a stop to the next start."""


class Way:
    """An exchange under way: whether its caller is gone, its job once there is one, and when it is through."""

    def __init__(self, lost: Callable[[], bool], job_id: str) -> None:
        self.lost, self.job_id = lost, job_id
        self.through = asyncio.Event()
        self.repeated = False  # a repetition has got the job


class Repeats:
    """The marks of one gateway process."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._marked: dict[tuple[str, bytes], list[tuple[str, datetime]]] = {}
        self._ways: dict[tuple[str, bytes], list[Way]] = {}

    async def take(self, account: str, fingerprint: bytes) -> str | None:
        """The marked job that this request is a repetition of; it is marked no more. An exchange of the same whose caller has gone
        and that has no job yet is waited for."""
        key = (account, fingerprint)
        for way in tuple(self._ways.get(key, ())):
            if way.lost() and not way.repeated:
                if way.job_id:
                    way.repeated = True
                    return way.job_id
                await way.through.wait()
        since = self._clock.now() - KEPT
        marks = self._marked.get(key)
        while marks:
            job_id, at = marks.pop(0)
            if not marks:
                del self._marked[key]
            if at >= since:
                return job_id
        return None

    @contextmanager
    def under_way(self, account: str, fingerprint: bytes, lost: Callable[[], bool], job_id: str = "") -> Generator[Way]:
        """Around an exchange that makes a job, or waits for one. If its caller is gone at the end, the job is marked."""
        ways, way = self._ways.setdefault((account, fingerprint), []), Way(lost, job_id)
        ways.append(way)
        heard = False
        try:
            yield way
            heard = not lost()
        finally:
            ways.remove(way)
            if not ways:
                self._ways.pop((account, fingerprint), None)
            if not heard and way.job_id and not way.repeated:
                self._mark(account, fingerprint, way.job_id)
            way.through.set()

    def _mark(self, account: str, fingerprint: bytes, job_id: str) -> None:
        if len(self._marked) >= _MOST:
            self._forget()
        self._marked.setdefault((account, fingerprint), []).append((job_id, self._clock.now()))

    # -- from one life of the process to the next --------------------------------------------------------------------
    def dump(self) -> list[Mark]:
        """All marks that still count, for the next start."""
        self._forget()
        return [
            (account, fingerprint.hex(), job_id, in_ms(at))
            for (account, fingerprint), marks in self._marked.items()
            for job_id, at in marks
        ]

    def load(self, marks: Iterable[Mark]) -> None:
        """Take over what the process before has left."""
        for account, fingerprint, job_id, at_ms in marks:
            self._marked.setdefault((account, bytes.fromhex(fingerprint)), []).append((job_id, from_ms(at_ms)))
        self._forget()

    async def recover(self, store: Store) -> int:
        """After a process that left nothing because it died: mark every job whose answer may have been lost with it. How many."""
        since = self._clock.now() - _BEFORE_A_CRASH
        found = [job for job in await store.accepted_since(since) if job.created_at >= since or _was_awaited(job)]
        for job in found:
            self._mark(job.account, job.fingerprint or b"", job.id)
        return len(found)

    def _forget(self) -> None:
        since = self._clock.now() - KEPT
        kept = {key: [mark for mark in marks if mark[1] >= since] for key, marks in self._marked.items()}
        self._marked = {key: marks for key, marks in kept.items() if marks}


def _was_awaited(job: Job) -> bool:
    """Whether its caller was to hear of it only at its end, which has not come."""
    return job.state not in TERMINAL and bool((job.names or {}).get("awaited"))
