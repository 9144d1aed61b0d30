"""Carries one leased job as far as it will go."""

from __future__ import annotations

import asyncio
import secrets
import shutil
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AbstractContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import structlog

from reelgate.contracts.blobs import Blobs
from reelgate.contracts.engine import Engine, Order
from reelgate.contracts.store import Store
from reelgate.dispatch.crew import Crew
from reelgate.dispatch.darkroom import Darkroom
from reelgate.dispatch.keeping import row_of
from reelgate.dispatch.patience import pause, until_stored
from reelgate.dispatch.pictures import Pictures
from reelgate.domain.clock import Clock
from reelgate.domain.errors import LeaseLost, Refused, RenderError, Unready, WorkerDied
from reelgate.domain.identity import unguessable
from reelgate.domain.job import AttemptState, Event, Failure, Job, Lease
from reelgate.domain.media import BlobRef, LocalFile, Video, VideoInput
from reelgate.metrics import WORKER_DEATHS
from reelgate.settings import Settings

_log = structlog.get_logger(__name__)
_DEATHS = 3
_SEEDS = 1 << 31


@dataclass(frozen=True, slots=True, kw_only=True)
class Workshop:
    """What the work is done with."""

    store: Store
    blobs: Blobs
    engines: Mapping[str, Engine]
    crew: Crew
    darkroom: Darkroom
    pictures: Pictures
    scratch: Path
    settings: Settings
    clock: Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class _Made:
    video: Video
    render_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Failed:
    failure: Failure
    render_s: float | None = None


class _Cancelled:
    """The caller took the job back."""


_Outcome = _Made | _Failed | _Cancelled
Aside = Callable[[], AbstractContextManager[None]]


async def carry(lease: Lease, shop: Workshop, *, aside: Aside, lost: Callable[[], bool]) -> None:
    """Work on a leased job until it has ended or the lease is lost.

    A wait that uses no render slot is spent inside `aside()`, so that others may have the slot. `lost` tells whether the lease
    is known to be somebody else's by now.
    Making the video can be interrupted by the caller's cancel; settling what came of it cannot.
    """
    log = _log.bind(job=lease.job.id)
    try:
        async with _folder(shop.scratch) as folder:
            outcome = await _made_or_cancelled(lease, shop, folder, aside)
            # A gateway that is told to stop finishes this write; the render it may leave.
            await asyncio.shield(until_stored(lambda: _settle(lease, outcome, shop), log, lost))
    except* LeaseLost:
        log.warning("lease_lost")


async def _made_or_cancelled(lease: Lease, shop: Workshop, folder: Path, aside: Aside) -> _Outcome:
    async with asyncio.TaskGroup() as tasks:
        work = tasks.create_task(_make(lease, shop, folder, aside))
        ask = tasks.create_task(_cancel_asked(lease.job, shop))
        await asyncio.wait({work, ask}, return_when=asyncio.FIRST_COMPLETED)
        finished = work.done()
        (ask if finished else work).cancel()
    return work.result() if finished else _Cancelled()


async def _cancel_asked(job: Job, shop: Workshop) -> None:
    watch = shop.store.watch(job.id)
    try:
        while True:
            now = await shop.store.job(job.account, job.id)
            if now is not None and now.cancel_requested_at is not None:
                return
            await watch.wait(5)
    finally:
        watch.close()


async def _make(lease: Lease, shop: Workshop, folder: Path, aside: Aside) -> _Outcome:
    job = lease.job
    try:
        wanted = await _gather(job.input, shop, folder)
        wait_s = shop.engines[job.engine].wait_s(wanted)
        if wait_s > 0:
            with aside():
                await asyncio.sleep(wait_s)
        return await _render(lease, shop, folder, wanted)
    except Refused as error:
        return _Failed(failure=Failure(code=error.code, message=error.message, fault=error.fault))
    except RenderError as error:
        return _Failed(failure=Failure(code=error.code, message=error.message))
    except (LeaseLost, Unready):
        raise
    except Exception:  # noqa: BLE001 -- a bug of ours must not leave a job without an end
        _log.exception("attempt_bug", job=job.id)
        return _Failed(failure=Failure(code="internal_error", message="the gateway failed at this job"))


async def _gather(wanted: VideoInput, shop: Workshop, folder: Path) -> VideoInput:
    waits = 0
    while True:
        try:
            return await shop.pictures.gather(wanted, folder)
        except Unready as error:
            _log.warning("picture_waits", why=error.message)
            await pause(waits)
            waits += 1


async def _render(lease: Lease, shop: Workshop, folder: Path, wanted: VideoInput) -> _Outcome:
    job = lease.job
    seed = job.input.seed if job.input.seed is not None else secrets.randbelow(_SEEDS)
    order = Order(endpoint=job.endpoint, input=wanted, seed=seed % _SEEDS, discreet=job.terms.forget_input)
    waits = 0
    while True:
        try:
            return await _attempt(lease, shop, folder, order)
        except WorkerDied as error:
            deaths = await _deaths(lease, shop)
            _log.warning("worker_died", job=job.id, deaths=deaths, why=error.message)
            if deaths >= _DEATHS or not job.terms.retries:
                raise
        except Unready as error:
            _log.warning("render_waits", job=job.id, why=error.message)
            await pause(waits)
            waits += 1


async def _attempt(lease: Lease, shop: Workshop, folder: Path, order: Order) -> _Made:
    """One try in one slot: its row is written before the work starts, and closed if the work may be tried again."""
    store, clock, token = shop.store, shop.clock, unguessable()
    async with shop.crew.renderer() as renderer:
        await until_stored(lambda: store.open_attempt(lease, token, clock.now()), _log)
        began_s = clock.monotonic_s()
        try:
            video = await renderer.render(lease.job.engine, order, _subfolder(folder, token), _Story(lease, shop))
        except (WorkerDied, Unready) as error:
            why = error.message
            await until_stored(lambda: store.close_attempt(lease, token, AttemptState.FAILED, why, clock.now()), _log)
            raise
    return _Made(video=video, render_s=clock.monotonic_s() - began_s)


def _subfolder(folder: Path, name: str) -> Path:
    try:
        (folder / name).mkdir()
    except OSError as error:
        raise Unready("there is no room to render") from error
    return folder / name


async def _deaths(lease: Lease, shop: Workshop) -> int:
    counted: list[int] = []

    async def count() -> None:
        counted.append(await shop.store.count_death(lease))

    await until_stored(count, _log)
    WORKER_DEATHS.inc()
    return counted[-1]


class _Story:
    """Writes what a renderer reports into the job's story."""

    def __init__(self, lease: Lease, shop: Workshop) -> None:
        self._lease, self._shop = lease, shop

    async def __call__(self, fraction: float, line: str) -> None:
        event = Event(job_id=self._lease.job.id, kind="progress", message=line, at=self._shop.clock.now(), fraction=fraction)
        try:
            await self._shop.store.note(self._lease, [event])
        except Unready:
            _log.warning("progress_lost", job=self._lease.job.id)


async def _settle(lease: Lease, outcome: _Outcome, shop: Workshop) -> None:
    now, store = shop.clock.now(), shop.store
    match outcome:
        case _Cancelled():
            await store.cancel(lease, now)
        case _Failed(failure=failure, render_s=render_s):
            await store.fail(lease, failure, render_s=render_s, at=now)
        case _Made(video=video, render_s=render_s):
            await _keep(lease, video, render_s, shop)


async def _keep(lease: Lease, video: Video, render_s: float, shop: Workshop) -> None:
    if not isinstance(video.source, LocalFile):
        message = "an engine gives a file on this machine"
        raise TypeError(message)
    now = shop.clock.now()
    if not video.source.path.exists():
        # Only a disk that failed in the middle of a move could do that.  Better an end than a wait for a file that is gone.
        await shop.store.fail(lease, Failure(code="internal_error", message="the video was lost on the disk"), render_s=render_s, at=now)
        return
    blob = await shop.blobs.adopt(video.source.path, content_type=video.content_type)
    row = row_of(blob, lease.job, shop.settings, now)
    kept = replace(video, source=BlobRef(blob.name), size_bytes=blob.size_bytes)
    try:
        unused = shop.engines[lease.job.engine].unused(lease.job.endpoint, lease.job.input)
        await until_stored(lambda: shop.store.complete(lease, kept, row, render_s=render_s, at=now, unused=unused), _log)
    except LeaseLost:
        await shop.blobs.remove(blob.name)
        raise


@asynccontextmanager
async def _folder(scratch: Path) -> AsyncGenerator[Path]:
    folder = scratch / unguessable()
    folder.mkdir(mode=0o700, parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
