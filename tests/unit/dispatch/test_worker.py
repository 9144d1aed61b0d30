"""The worker: takes jobs as slots come free, keeps its leases, and leaves quietly."""

from __future__ import annotations

import asyncio
import errno
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from reelgate.dispatch.attempt import Workshop
from reelgate.dispatch.crew import Renderer
from reelgate.dispatch.worker import Worker
from reelgate.domain.clock import SystemClock
from reelgate.domain.job import Job, JobState
from tests.unit.dispatch.workshop import accept, end_of, open_workshop


@asynccontextmanager
async def working(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, slots: int = 2) -> AsyncGenerator[tuple[Workshop, Worker]]:
    async with open_workshop(tmp_path, monkeypatch, render_slots=slots) as shop, asyncio.TaskGroup() as tasks:
        worker = Worker(shop, name="w")
        running = tasks.create_task(worker.run(alone=True))
        yield shop, worker
        running.cancel()


async def until(shop: Workshop, job: Job, *states: JobState) -> Job:
    watch = shop.store.watch(job.id)
    try:
        async with asyncio.timeout(30):
            while (now := await end_of(shop, job)).state not in states:
                await watch.wait(1)
    finally:
        watch.close()
    return now


async def test_jobs_are_done_as_they_come(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with working(tmp_path, monkeypatch) as (shop, worker):
        jobs = [await accept(shop, "go") for _ in range(5)]
        worker.wake(jobs[0].id)
        for job in jobs:
            assert (await until(shop, job, JobState.DONE)).video is not None
        assert await shop.store.breaches() == []


async def test_a_scripted_wait_does_not_hold_up_those_behind_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with working(tmp_path, monkeypatch, slots=1) as (shop, worker):
        waiting = [await accept(shop, "wait 600") for _ in range(3)]
        behind = await accept(shop, "go")
        worker.wake(behind.id)
        await until(shop, behind, JobState.DONE)
        for job in waiting:
            assert (await end_of(shop, job)).state is JobState.RUNNING
            await shop.store.request_cancel("alice", job.id, shop.clock.now())
        for job in waiting:
            await until(shop, job, JobState.CANCELLED)


async def test_a_worker_that_stops_leaves_its_job_to_the_next_which_ends_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with open_workshop(tmp_path, monkeypatch) as shop:
        marker = tmp_path / "marker"
        job = await accept(shop, f"die once {marker}")
        marker.touch()
        hanging = await accept(shop, "hang")
        async with asyncio.TaskGroup() as tasks:
            first = tasks.create_task(Worker(shop, name="first").run(alone=True))
            await until(shop, hanging, JobState.RUNNING)
            first.cancel()
        assert (await end_of(shop, hanging)).state is JobState.RUNNING
        async with asyncio.TaskGroup() as tasks:
            second = tasks.create_task(Worker(shop, name="second").run(alone=True))
            await until(shop, job, JobState.DONE)
            await shop.store.request_cancel("alice", hanging.id, shop.clock.now())
            await until(shop, hanging, JobState.CANCELLED)
            second.cancel()
        assert await shop.store.breaches() == []


async def test_a_worker_says_whether_it_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with open_workshop(tmp_path, monkeypatch) as shop:
        worker = Worker(shop, name="w")
        assert worker.alive() == "the worker has not started"
        async with asyncio.TaskGroup() as tasks:
            running = tasks.create_task(worker.run(alone=True))
            job = await accept(shop, "go")
            worker.wake(job.id)
            await until(shop, job, JobState.DONE)
            assert worker.alive() == ""
            running.cancel()
        assert worker.alive() == "the worker has stopped"


async def test_places_in_the_queue_are_published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with working(tmp_path, monkeypatch, slots=1) as (shop, worker):
        running = await accept(shop, "hang")
        worker.wake(running.id)
        await until(shop, running, JobState.RUNNING)
        queued = [await accept(shop, "go") for _ in range(3)]
        for job in queued:
            worker.wake(job.id)
        async with asyncio.timeout(10):
            while [worker.position(job.id, 99) for job in queued] != [0, 1, 2]:  # noqa: ASYNC110 -- published four times a second
                await asyncio.sleep(0.05)
        await shop.store.request_cancel("alice", running.id, shop.clock.now())
        for job in queued:
            await until(shop, job, JobState.DONE)


class Leaping(SystemClock):
    """A clock that somebody sets forward."""

    ahead = timedelta()

    def now(self) -> datetime:
        return super().now() + self.ahead


async def test_a_leap_of_the_clock_does_not_take_a_job_from_its_own_worker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with open_workshop(tmp_path, monkeypatch) as shop, asyncio.TaskGroup() as tasks:
        clock = Leaping()
        worker = Worker(replace(shop, clock=clock), name="w")
        running = tasks.create_task(worker.run(alone=True))
        job = await accept(shop, "wait 1.6")
        worker.wake(job.id)
        await until(shop, job, JobState.RUNNING)
        clock.ahead = timedelta(hours=1)
        await until(shop, job, JobState.DONE)
        running.cancel()
        assert [each.number for each in await shop.store.attempts("alice", job.id)] == [1]
        assert (await end_of(shop, job)).deaths == 0


async def test_a_machine_without_room_for_a_process_makes_a_job_wait(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tries: list[int] = []
    start = Renderer.start

    async def scarce(*, memory_bytes: int, limit_s: float) -> Renderer:
        tries.append(1)
        if len(tries) == 1:
            raise OSError(errno.EMFILE, "Too many open files")
        return await start(memory_bytes=memory_bytes, limit_s=limit_s)

    monkeypatch.setattr(Renderer, "start", scarce)
    async with working(tmp_path, monkeypatch) as (shop, worker):
        job = await accept(shop, "go")
        worker.wake(job.id)
        assert (await until(shop, job, JobState.DONE, JobState.FAILED)).state is JobState.DONE
    assert len(tries) == 2


async def test_a_duty_that_fails_ends_neither_the_others_nor_the_worker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def odd(known: frozenset[str], older_than_s: float) -> int:
        del known, older_than_s
        raise IsADirectoryError(errno.EISDIR, "Is a directory")

    async with open_workshop(tmp_path, monkeypatch) as shop, asyncio.TaskGroup() as tasks:
        monkeypatch.setattr(shop.blobs, "sweep", odd)
        worker = Worker(shop, name="w")
        running = tasks.create_task(worker.run(alone=True))
        job = await accept(shop, "go")
        worker.wake(job.id)
        assert (await until(shop, job, JobState.DONE, JobState.FAILED)).state is JobState.DONE
        assert worker.alive() == ""
        running.cancel()


async def test_the_order_of_the_queue_is_published_before_anybody_can_ask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with open_workshop(tmp_path, monkeypatch, render_slots=1) as shop:
        first = await accept(shop, "hang")
        queued = [await accept(shop, "go", position=99) for _ in range(3)]
        async with asyncio.TaskGroup() as tasks:
            worker = Worker(shop, name="after a restart")
            running = tasks.create_task(worker.run(alone=True))
            await until(shop, first, JobState.RUNNING)
            assert [worker.position(job.id, 99) for job in queued] <= [1, 2, 3]
            assert worker.joins_at("alice") >= 3
            running.cancel()
