"""The worker: leases jobs as slots come free, renews what it holds, publishes the order of the queue, stops gracefully."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Generator
from contextlib import contextmanager
from datetime import timedelta

import structlog

from reelgate.contracts.store import Store
from reelgate.dispatch.attempt import Workshop, carry
from reelgate.dispatch.line import Line
from reelgate.dispatch.sweeper import sweep_for_ever
from reelgate.domain.errors import Unready
from reelgate.domain.job import Lease, Serving

_log = structlog.get_logger(__name__)
_LEASE = timedelta(seconds=30)
_RENEW_EVERY_S = 10.0
_LOOK_EVERY_S = 1.0
_PUBLISH_EVERY_S = 0.25
_PUBLISH_SHARE = 20  # publishing a long order takes at most a twentieth of the time
_PUBLISHED = 10_000
_CARRIED = 1000


class Worker:
    """Runs the jobs of one gateway process. Implements the port `Dispatch`."""

    def __init__(self, shop: Workshop, *, name: str) -> None:
        self._shop, self._name = shop, name
        self._line = Line()
        self._wake = asyncio.Event()
        self._held: dict[str, tuple[Lease, asyncio.Task[None]]] = {}
        self._scripted: set[str] = set()
        self._task: asyncio.Task[None] | None = None
        self._trouble = "the worker has not started"

    # -- the port ----------------------------------------------------------------------------------------------------
    def wake(self, job_id: str) -> None:
        del job_id
        self._line.join()
        self._wake.set()

    def joins_at(self, account: str) -> int:
        del account
        return len(self._line)

    def position(self, job_id: str, accepted_at: int) -> int:
        return self._line.position(job_id, accepted_at)

    def alive(self) -> str:
        return self._trouble

    # -- the life ----------------------------------------------------------------------------------------------------
    async def run(self, *, alone: bool) -> None:
        """Work until cancelled. `alone`: no other process works on this store, so every lease found is a dead process's."""
        shutil.rmtree(self._shop.scratch, ignore_errors=True)
        if alone and (taken := await self._shop.store.expire_leases()):
            _log.info("took_over", jobs=taken)
        self._trouble = ""
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._renew_for_ever())
                tasks.create_task(self._publish())
                tasks.create_task(sweep_for_ever(self._shop))
                await self._lease_for_ever(tasks)
        finally:
            self._trouble = "the worker has stopped"
            await self._shop.crew.stop()

    async def _lease_for_ever(self, tasks: asyncio.TaskGroup) -> None:
        while True:
            self._wake.clear()
            try:
                await self._lease(tasks)
                self._trouble = ""
            except Unready as error:
                self._trouble = f"the store takes no writes: {error.message}"
                _log.warning("lease_failed", why=error.message)
                await asyncio.sleep(_LOOK_EVERY_S)
            try:
                async with asyncio.timeout(_LOOK_EVERY_S):
                    await self._wake.wait()
            except TimeoutError:
                continue

    async def _lease(self, tasks: asyncio.TaskGroup) -> None:
        store: Store = self._shop.store
        now = self._shop.clock.now()
        await store.overdue(now)
        free = min(self._shop.crew.slots - (len(self._held) - len(self._scripted)), _CARRIED - len(self._held))
        if free <= 0:
            return
        leases = await store.lease(
            self._name,
            now=now,
            until=now + _LEASE,
            want={Serving.PREVIEW: free},
            per_account=self._shop.settings.running_per_account,
        )
        for lease in leases:
            task = tasks.create_task(self._carry(lease))
            self._held[lease.job.id] = lease, task
        if len(leases) == free:
            self._wake.set()  # scripted waits free their slots at once, so look again

    async def _carry(self, lease: Lease) -> None:
        job_id = lease.job.id
        _log.info("started", job=job_id, endpoint=lease.job.endpoint, account=lease.job.account)
        try:
            await carry(lease, self._shop, aside=lambda: self._aside(job_id))
        except Exception:  # noqa: BLE001 -- one job's trouble must not stop the others
            _log.exception("worker_bug", job=job_id)
        finally:
            self._held.pop(job_id, None)
            self._scripted.discard(job_id)
            self._wake.set()

    @contextmanager
    def _aside(self, job_id: str) -> Generator[None]:
        self._scripted.add(job_id)
        self._wake.set()
        try:
            yield
        finally:
            self._scripted.discard(job_id)

    async def _renew_for_ever(self) -> None:
        while True:
            await asyncio.sleep(_RENEW_EVERY_S)
            if self._held:
                await self._renew()

    async def _renew(self) -> None:
        leases = [lease for lease, _ in self._held.values()]
        try:
            kept = await self._shop.store.renew(leases, self._shop.clock.now() + _LEASE)
        except Unready as error:
            _log.warning("renew_failed", why=error.message)
            return
        for lease in leases:
            if lease.job.id not in kept and lease.job.id in self._held:
                _log.warning("lease_lost", job=lease.job.id)
                self._held[lease.job.id][1].cancel()

    async def _publish(self) -> None:
        while True:
            began_s = self._shop.clock.monotonic_s()
            self._line.publish(await self._shop.store.line(_PUBLISHED) if len(self._line) else ())
            took_s = self._shop.clock.monotonic_s() - began_s
            await asyncio.sleep(max(_PUBLISH_EVERY_S, took_s * _PUBLISH_SHARE))
