"""What a caller may learn of a job afterwards, and cancel."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

from reelgate.contracts.attempt import Attempt
from reelgate.contracts.dispatch import Dispatch
from reelgate.contracts.store import Glance, JobFilter, Store
from reelgate.domain.clock import Clock
from reelgate.domain.errors import NotFound
from reelgate.domain.identity import read_id
from reelgate.domain.job import TERMINAL, Event, Job, JobState
from reelgate.gateway.keyring import Principal

_KEEP_ALIVE_S = 10.0


@dataclass(frozen=True, slots=True)
class Step:
    """One frame of a stream: where the job stands and what its story gained since the frame before, up to `sequence`."""

    glance: Glance
    position: int
    events: tuple[Event, ...]
    sequence: int


class Follow:
    """Reads jobs for their owners. A stranger's job is not found, and no live one by who shows a test key."""

    def __init__(self, store: Store, dispatch: Dispatch, clock: Clock) -> None:
        self._store, self._dispatch, self._clock = store, dispatch, clock

    async def glance(self, principal: Principal, job_id: str) -> Glance:
        """The little that a status needs; `job_id` in any face's spelling."""
        known = read_id(job_id)
        glance = None if known is None else await self._store.glance(principal.account, known)
        if glance is None or (principal.mode == "test" and not glance.test):
            raise NotFound("there is no such request")
        return glance

    def position(self, glance: Glance) -> int:
        """Jobs ahead of a queued one; never more than an earlier answer."""
        return self._dispatch.position(glance.id, glance.position) if glance.state is JobState.QUEUED else 0

    async def job(self, principal: Principal, job_id: str) -> Job:
        """One job whole."""
        known = read_id(job_id)
        job = None if known is None else await self._store.job(principal.account, known)
        if job is None or not _sees(principal, job):
            raise NotFound("there is no such request")
        return job

    async def job_by_any_id(self, principal: Principal, job_id: str) -> Job:
        """A job by our id or, failing that, by the caller's own."""
        known = read_id(job_id)
        job = None if known is None else await self._store.job(principal.account, known)
        if job is None:
            job = await self._store.job_by_external_id(principal.account, job_id)
        if job is None or not _sees(principal, job):
            raise NotFound("there is no such task")
        return job

    async def jobs(self, principal: Principal, which: JobFilter) -> list[Job]:
        """A page of jobs, newest first."""
        return await self._store.jobs(principal.account, replace(which, test_only=True) if principal.test else which)

    async def attempts(self, principal: Principal, job_id: str) -> list[Attempt]:
        """What was tried."""
        if principal.test:
            await self.glance(principal, job_id)
        return await self._store.attempts(principal.account, job_id)

    async def events(self, principal: Principal, job_id: str, after: int = 0) -> list[Event]:
        """The job's story."""
        if principal.test:
            await self.glance(principal, job_id)
        return await self._store.events(principal.account, job_id, after)

    async def cancel(self, principal: Principal, job_id: str) -> tuple[Job, bool]:
        """Take a job back. The job as it is now, and whether it had ended before."""
        before = await self.job(principal, job_id)
        if before.over:
            return before, True
        job = await self._store.request_cancel(principal.account, before.id, self._clock.now())
        if job is None:
            raise NotFound("there is no such request")
        return job, job.over and job.state is not JobState.CANCELLED

    async def steps(self, principal: Principal, job_id: str, after: int = 0) -> AsyncIterator[Step | None]:
        """A job's way from now to its end, a frame a change; None is a sign of life. Ends only when the job has ended."""
        glance = await self.glance(principal, job_id)
        watch = self._store.watch(glance.id)
        try:
            while True:
                glance = await self.glance(principal, glance.id)
                events = await self._store.events(principal.account, glance.id, after)
                after = events[-1].sequence if events else after
                yield Step(glance, self.position(glance), tuple(events), after)
                if glance.state in TERMINAL:
                    return
                while not await watch.wait(_KEEP_ALIVE_S):
                    yield None
        finally:
            watch.close()

    async def story(self, principal: Principal, after: int) -> AsyncIterator[Event | None]:
        """Every change of state of the account's jobs, from a sequence on (−1: from now); None is a sign of life. Never ends."""
        watch = self._store.watch(None)
        try:
            if after < 0:
                newest = await self._store.account_events(principal.account, -1, test_only=principal.test)
                after = newest[-1].sequence if newest else 0
            while True:
                for event in await self._store.account_events(principal.account, after, test_only=principal.test):
                    after = event.sequence
                    yield event
                if not await watch.wait(_KEEP_ALIVE_S):
                    yield None
        finally:
            watch.close()


def _sees(principal: Principal, job: Job) -> bool:
    return job.test or not principal.test
