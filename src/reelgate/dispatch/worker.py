"""The worker: leases jobs as slots come free, renews what it holds, publishes the order of the queue, stops gracefully."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Awaitable, Callable, Collection, Generator, Mapping, Sized
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import structlog

from reelgate.contracts.blobs import Still
from reelgate.contracts.dispatch import ChannelHealth, Forecast
from reelgate.contracts.store import Store
from reelgate.dispatch.attempt import Workshop, carry
from reelgate.dispatch.fleet import Fleet
from reelgate.dispatch.line import Line
from reelgate.dispatch.pace import Pace
from reelgate.dispatch.sweeper import sweep
from reelgate.domain.errors import NotFound, Unready
from reelgate.domain.job import Lease, Serving

_log = structlog.get_logger(__name__)
_LEASE = timedelta(seconds=30)
_RENEW_EVERY_S = 10.0
_LOOK_EVERY_S = 1.0
_SWEEP_EVERY_S = 600.0
_PUBLISH_EVERY_S = 0.25
_PUBLISH_SHARE = 20  # publishing a long order takes at most a twentieth of the time
_PUBLISHED = 10_000
_CARRIED = 1000
_TAKEN_OVER_AT_ONCE = 50


class _Grip:
    """A lease that this worker holds, and the task that works under it."""

    def __init__(self, lease: Lease) -> None:
        self.lease = lease
        self.task: asyncio.Task[None] | None = None
        self.aside = False  # it waits without needing a slot
        self.lost = False

    def let_go(self) -> None:
        """Somebody else owns the job: stop, and write nothing more."""
        self.lost = True
        if self.task is not None:
            self.task.cancel()


class Worker:
    """Runs the jobs of one gateway process. Implements the port `Dispatch`."""

    def __init__(
        self,
        shop: Workshop,
        *,
        name: str,
        fleet: Fleet | None = None,
        publish_every_s: float = _PUBLISH_EVERY_S,
        look_every_s: float = _LOOK_EVERY_S,
    ) -> None:
        """`fleet` carries what goes to channels; without one such jobs wait. `publish_every_s`: how old the shown order may be;
        `look_every_s`: how long it rests where nobody wakes it."""
        self._shop, self._name, self._fleet = shop, name, fleet
        self._publish_every_s, self._look_every_s = publish_every_s, look_every_s
        self._line, self._pace = Line(), Pace()
        self._wake = asyncio.Event()
        self._grips: set[_Grip] = set()
        self._good_until: datetime | None = None  # all leases held here are good at least so long
        self._trouble = "the worker has not started"

    # -- the port ----------------------------------------------------------------------------------------------------
    def wake(self, job_id: str) -> None:
        del job_id
        self._line.join()
        self._wake.set()

    def joins_at(self, account: str) -> int:
        del account
        return len(self._line)

    def forecast(self, endpoint: str, account: str) -> Forecast:
        running = self._rendering()
        return self._pace.forecast(endpoint, ahead=self.joins_at(account), running=running, slots=self._shop.crew.slots)

    def position(self, job_id: str, accepted_at: int) -> int:
        return self._line.position(job_id, accepted_at)

    def alive(self) -> str:
        return self._trouble

    async def check_channel(self, channel_id: str) -> str:
        if self._fleet is None:
            raise NotFound("no channels are served here")
        return await self._fleet.check(channel_id)

    def health(self) -> Mapping[str, ChannelHealth]:
        return {} if self._fleet is None else self._fleet.health()

    async def hear(self, token: str, headers: Mapping[str, str], body: bytes) -> bool:
        return self._fleet is not None and await self._fleet.hear(token, headers, body)

    async def still(self, video: str, kind: Still) -> Path | None:
        return await self._shop.darkroom.still(video, kind)

    @property
    def followed(self) -> Sized:
        """The jobs that upstreams have."""
        return () if self._fleet is None else self._fleet

    # -- the life ----------------------------------------------------------------------------------------------------
    async def run(self, *, alone: bool) -> None:
        """Work until cancelled. `alone`: no other process works on this store, so every lease found is a dead process's."""
        shutil.rmtree(self._shop.scratch, ignore_errors=True)
        if alone and (taken := await self._shop.store.expire_leases()):
            _log.info("took_over", jobs=taken)
        self._line.publish(await self._shop.store.line(_PUBLISHED))
        self._trouble = ""
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(_for_ever(self._renew, _RENEW_EVERY_S))
                tasks.create_task(_for_ever(self._publish, self._publish_every_s))
                tasks.create_task(_for_ever(self._sweep, _SWEEP_EVERY_S))
                if self._fleet is not None:
                    tasks.create_task(self._fleet.run())
                await _for_ever(lambda: self._lease_when_woken(tasks), 0)
        finally:
            self._trouble = "the worker has stopped"
            await self._shop.crew.stop()

    async def _lease_when_woken(self, tasks: asyncio.TaskGroup) -> None:
        self._wake.clear()
        try:
            await self._lease(tasks)
            self._trouble = ""
        except Unready as error:
            self._trouble = f"the store takes no writes: {error.message}"
            await asyncio.sleep(_LOOK_EVERY_S)
            raise
        with suppress(TimeoutError):
            async with asyncio.timeout(self._look_every_s):
                await self._wake.wait()

    async def _lease(self, tasks: asyncio.TaskGroup) -> None:
        store: Store = self._shop.store
        now = self._shop.clock.now()
        await store.overdue(now)
        want, without = await self._wanted()
        if not want:
            return
        # After a jump of the clock or a pause of the machine our own leases look like a dead process's.  Renewed first,
        # they are not taken over from ourselves.
        if self._good_until is not None and self._good_until <= now + _LEASE / 3:
            await self._renew()
            now = self._shop.clock.now()
        leases = await store.lease(
            self._name,
            now=now,
            until=now + _LEASE,
            want=want,
            per_account=self._shop.settings.running_per_account,
            without=without,
        )
        self._line.leave(lease.job.id for lease in leases if lease.job.started_at == now)
        for lease in leases:
            self._begin(_Grip(lease), tasks)
        if any(count == sum(lease.job.serving is serving for lease in leases) for serving, count in want.items()):
            self._wake.set()  # there may be more: scripted waits free their slots at once, and so do tickets

    async def _wanted(self) -> tuple[dict[Serving, int], Collection[str]]:
        """How many jobs of each class may be taken now, and the endpoints whose channels are all full."""
        free = min(self._shop.crew.slots - self._rendering(), _CARRIED - len(self._grips))
        want, without = ({Serving.PREVIEW: free} if free > 0 else {}), frozenset[str]()
        if self._fleet is not None:
            room, without = await self._fleet.room()
            # A job whose worker died has its place at its channel already; it is taken even where no new one may begin.
            carried = _CARRIED - sum(grip.lease.job.serving is Serving.PAID for grip in self._grips)
            if carried > 0:
                want[Serving.PAID] = min(room or _TAKEN_OVER_AT_ONCE, carried)
        return want, without

    def _rendering(self) -> int:
        return sum(grip.lease.job.serving is Serving.PREVIEW and not grip.aside for grip in self._grips)

    def _begin(self, grip: _Grip, tasks: asyncio.TaskGroup) -> None:
        def ended(_: asyncio.Task[None]) -> None:
            self._grips.discard(grip)
            self._wake.set()

        self._grips.add(grip)
        self._good_until = min(self._good_until or grip.lease.until, grip.lease.until)
        grip.task = tasks.create_task(self._carry(grip))
        grip.task.add_done_callback(ended)

    async def _carry(self, grip: _Grip) -> None:
        job, began_s = grip.lease.job, self._shop.clock.monotonic_s()
        try:
            if job.serving is Serving.PAID and self._fleet is not None:
                await self._fleet.carry(grip.lease, lost=lambda: grip.lost)
                return
            await carry(grip.lease, self._shop, aside=lambda: self._aside(grip), lost=lambda: grip.lost)
            self._pace.took(job.endpoint, self._shop.clock.monotonic_s() - began_s)
        except Exception:  # noqa: BLE001 -- one job's trouble must not stop the others
            _log.exception("worker_bug", job=job.id)

    @contextmanager
    def _aside(self, grip: _Grip) -> Generator[None]:
        grip.aside = True
        self._wake.set()
        try:
            yield
        finally:
            grip.aside = False

    async def _renew(self) -> None:
        grips = list(self._grips)
        followed = [] if self._fleet is None else self._fleet.held()
        if not grips and not followed:
            self._good_until = None
            return
        until = self._shop.clock.now() + _LEASE
        kept = await self._shop.store.renew([*(grip.lease for grip in grips), *followed], until)
        self._good_until = until
        for grip in grips:
            if grip.lease.job.id in kept:
                grip.lease = replace(grip.lease, until=until)
            elif grip in self._grips:
                _log.warning("lease_lost", job=grip.lease.job.id)
                grip.let_go()
        if self._fleet is not None:
            self._fleet.renewed([lease for lease in followed if lease.job.id in kept], until)
            for lease in followed:
                if lease.job.id not in kept:
                    self._fleet.let_go(lease)

    async def _publish(self) -> None:
        began_s = self._shop.clock.monotonic_s()
        self._line.publish(await self._shop.store.line(_PUBLISHED) if len(self._line) else ())
        await asyncio.sleep((self._shop.clock.monotonic_s() - began_s) * _PUBLISH_SHARE)

    async def _sweep(self) -> None:
        if removed := await sweep(self._shop):
            _log.info("swept", files=removed)


async def _for_ever(duty: Callable[[], Awaitable[None]], pause_s: float) -> None:
    """Do it again and again. One failure is logged and is no reason to stop: whoever waits for a job must not wait for a restart."""
    while True:
        try:
            await duty()
        except Unready as error:
            _log.warning("store_unready", why=error.message)
        except Exception:  # noqa: BLE001 -- a bug in one duty must end neither the others nor the gateway
            _log.exception("duty_failed")
            await asyncio.sleep(_LOOK_EVERY_S)
        await asyncio.sleep(pause_s)
