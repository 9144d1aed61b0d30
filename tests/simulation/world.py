"""A whole dispatch in virtual time: stores, workers that die and stall, channels at simulated vendors, callers that change their minds."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from reelgate.app import load_catalog
from reelgate.contracts.account import Account
from reelgate.contracts.attempt import Attempt
from reelgate.contracts.blobs import Blob
from reelgate.contracts.channel import Channel
from reelgate.contracts.endpoint import Endpoint
from reelgate.contracts.provider import HttpCall, Provider
from reelgate.contracts.roster import Offer, Roster
from reelgate.contracts.store import Accepted, Store, StoreDriver
from reelgate.discovery import load_leaves
from reelgate.dispatch.attempt import Workshop
from reelgate.dispatch.crew import Crew
from reelgate.dispatch.darkroom import Darkroom
from reelgate.dispatch.enclosures import Enclosures
from reelgate.dispatch.fleet import Fleet
from reelgate.dispatch.guard import Guard
from reelgate.dispatch.health import Health
from reelgate.dispatch.outputs import Fetched
from reelgate.dispatch.pictures import Pictures
from reelgate.dispatch.talks import Talks
from reelgate.dispatch.worker import Worker
from reelgate.dispatch.yard import Yard
from reelgate.domain.errors import Garbled
from reelgate.domain.identity import unguessable
from reelgate.domain.job import AttemptState, Job, JobState, Serving
from reelgate.domain.media import Foreign, LocalFile, Video, VideoInput
from reelgate.domain.money import Money
from reelgate.settings import Settings, read_settings
from tests.simulation.vendors import Bought, FalVendor, KlingVendor, Network, Vendor
from tests.simulation.virtual import VirtualClock, VirtualLoop
from tests.story import deed, make_job, make_key

CATALOG = load_catalog()
PROVIDERS = load_leaves("reelgate.providers", "PROVIDER", Provider)
ENDPOINT = "fal-ai/kling-video/v2.5-turbo/pro/text-to-video"
COST = Money.dollars("0.30")
HOOKS = "https://gateway.example/v1/upstream/"
ACCOUNTS = ("ada", "bob", "carl")

Spoil = Callable[[Store], Store]
"""Puts a fault into a store: for the bugs that the simulation must find."""


class Purse:
    """Everybody's secret is the same."""

    async def secrets(self, channel_id: str) -> Mapping[str, str]:
        return {"api_key": "a-secret-of-this-simulation"}


class Costs:
    """Everything costs the same."""

    def cost_of(self, channel_id: str, endpoint: Endpoint, job: Job) -> Money:
        return COST


@dataclass(slots=True)
class Rolls:
    """The channels of the simulation."""

    roster: Roster

    async def current(self) -> Roster:
        return self.roster


class Shelf:
    """Blobs that hold nothing."""

    async def adopt(self, path: Path, *, content_type: str) -> Blob:
        return Blob(name=unguessable(), size_bytes=1000, sha256="0" * 64, content_type=content_type)

    async def put(self, chunks: AsyncIterator[bytes], *, content_type: str, limit_bytes: int, name: str = "") -> Blob:
        raise NotImplementedError

    async def local(self, name: str) -> Path | None:
        return None

    async def sizes(self, names: Collection[str]) -> Mapping[str, int]:
        return dict.fromkeys(names, 1000)

    async def remove(self, name: str) -> None:
        return None

    async def sweep(self, known: frozenset[str], older_than_s: float) -> int:
        return 0

    async def free_bytes(self) -> int:
        return 1 << 40


class Outputs:
    """Fetches in no time, and now and then not at all."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance

    async def fetch(self, offer: Offer, source: Foreign | HttpCall, *, wanted: VideoInput) -> Fetched:
        await asyncio.sleep(self._chance.uniform(0.1, 20))
        if self._chance.random() < 0.05:
            raise Garbled(said="output: html")
        path = Path("video.mp4")
        return Fetched(video=Video(source=LocalFile(path), width=1280, height=720, fps=24, frames=120, sound=False), path=path)

    async def look(self, offer: Offer, source: Foreign, *, wanted: VideoInput) -> Video:
        return Video(source=source, width=1280, height=720, fps=24, frames=120, sound=False)


class Stalling:
    """A store as one process sees it, which may stand still: so that its leases run out under it and its writes come too late."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.moving = asyncio.Event()
        self.moving.set()

    def __getattr__(self, name: str) -> Any:
        verb = getattr(self._store, name)
        if not asyncio.iscoroutinefunction(verb):
            return verb

        async def when_moving(*given: Any, **named: Any) -> Any:
            if not self.moving.is_set():  # hardly ever, and asking first is cheaper than a wait that ends at once
                await self.moving.wait()
            return await verb(*given, **named)

        setattr(self, name, when_moving)  # so that the next call finds it without asking here
        return when_moving


@cache
def _settings() -> Settings:
    return read_settings({"render_slots": 1, "database": "memory"})


@dataclass(slots=True)
class Process:
    """A gateway's worker, which can be killed or stall."""

    store: Stalling
    worker: Worker
    fleet: Fleet
    task: asyncio.Task[None]

    async def kill(self) -> None:
        """It is gone between two of its steps."""
        self.task.cancel()
        with suppress(asyncio.CancelledError):
            await self.task


@dataclass(slots=True)
class World:
    """Everything there is."""

    chance: random.Random
    clock: VirtualClock
    store: Store
    network: Network
    vendors: dict[str, Vendor]
    rolls: Rolls
    scratch: Path
    spoil: Spoil
    jobs: list[Job] = field(default_factory=list[Job])
    processes: list[Process] = field(default_factory=list[Process])

    def start(self, *, alone: bool) -> Process:
        """Start a process on the store."""
        store = Stalling(self.spoil(self.store))
        settings = _settings()
        health, guard, blobs = Health(self.clock, self.chance), Guard(clock=self.clock), Shelf()
        yard = Yard(
            store=store,  # type: ignore[arg-type]
            blobs=blobs,
            outputs=Outputs(self.chance),
            enclosures=Enclosures(guard, blobs, limit_bytes=1 << 20, deadline_s=5),
            talks=Talks(self.network, Purse(), self.clock),
            rolls=self.rolls,
            costs=Costs(),
            health=health,
            providers=PROVIDERS,
            find=CATALOG.find,
            callback=lambda token: HOOKS + token,
            settings=settings,
            clock=self.clock,
            chance=self.chance,
        )
        fleet = Fleet(yard, CATALOG)
        shop = Workshop(
            store=store,  # type: ignore[arg-type]
            blobs=blobs,
            engines={},
            crew=Crew(slots=1, memory_bytes=1 << 30, limit_s=10),
            darkroom=Darkroom(blobs, self.scratch, memory_bytes=1 << 30),
            pictures=Pictures(guard, blobs, limit_bytes=1 << 20, deadline_s=5),
            scratch=self.scratch,
            settings=settings,
            clock=self.clock,
        )
        # Nobody here asks for places, and who submits wakes it; the rest may come a little later: hours have fewer seconds to look in.
        worker = Worker(shop, name=f"w{len(self.processes)}", fleet=fleet, publish_every_s=5.0, look_every_s=3.0)
        task = asyncio.get_running_loop().create_task(worker.run(alone=alone))
        process = Process(store, worker, fleet, task)
        self.processes.append(process)
        return process

    async def submit(self) -> None:
        """A caller submits a job."""
        facts: dict[str, Any] = {"endpoint": ENDPOINT, "serving": Serving.PAID, "engine": "relay"}
        wanted = VideoInput(prompt=f"a boat, number {len(self.jobs)}", seconds=5, aspect_ratio="16:9", resolution="1080p")
        now = self.clock.now()
        job = make_job(self.chance.choice(ACCOUNTS), input=wanted, created_at=now, updated_at=now, **facts)
        outcome = await self.store.accept(job)
        assert isinstance(outcome, Accepted)
        self.jobs.append(job)
        for process in self.processes:
            process.worker.wake(job.id)

    async def deliver_callbacks(self) -> None:
        """Vendors call back, some of them twice, some never, some before their time."""
        while True:
            await asyncio.sleep(1.0)
            for vendor in self.vendors.values():
                due = [each for each in vendor.callbacks if each[0] <= vendor.now_s() + self.chance.choice((0, 0, 60))]
                for each in due:
                    vendor.callbacks.remove(each)
                    _, token, body = each
                    for _ in range(self.chance.choice((0, 1, 1, 2))):
                        for process in self.processes:
                            if not process.task.done():
                                await process.worker.hear(token, {}, body)

    async def over(self) -> bool:
        """Whether every job has ended."""
        counts = await self.store.counts()
        return not counts[JobState.QUEUED] and not counts[JobState.RUNNING]


async def open_world(seed: int, loop: VirtualLoop, scratch: Path, spoil: Spoil = lambda store: store) -> World:
    """A world with three accounts and three channels of different powers."""
    chance = random.Random(seed)  # noqa: S311 -- the seed is what a failure is told by
    clock = VirtualClock(loop)
    store = await load_leaves("reelgate.storage", "STORE", StoreDriver)["memory"].open(scratch, "")
    for name in ACCOUNTS:
        await store.add_account(Account(id=name, name=name, created_at=clock.now()), deed())
        await store.add_key(make_key(name, id=f"key-{name}"), deed())
        await store.credit(name, Money.dollars("1000"), deed())
    vendors: dict[str, Vendor] = {
        "fal": FalVendor(chance, loop.time),
        "kling": KlingVendor(chance, loop.time),
        "reelgate": FalVendor(chance, loop.time, replays=True),
    }
    priorities = [chance.choice((0, 0, 1)) for _ in vendors]
    channels = [
        Channel(
            id=name,
            provider=name,
            address="https://vendor.example",
            priority=priority,
            concurrency=chance.choice((2, 5, 20)),
            job_limit_s=chance.choice((400.0, 86_400.0, 86_400.0)),
            on_cancel=chance.choice(("finish", "release")),
            options={} if name == "kling" else {"callbacks": "open"},  # their keys lie on no host of this world
            created_at=clock.now(),
        )
        for name, priority in zip(vendors, priorities, strict=True)
    ]
    used = chance.sample(channels, chance.choice((1, 2, 3)))
    rolls = Rolls(Roster(used, PROVIDERS))
    return World(chance, clock, store, Network(chance, vendors), vendors, rolls, scratch, spoil)


async def live(world: World) -> None:
    """One life: callers come and change their minds, vendors go down, processes are killed and stall; then all is well until the end."""
    loop = asyncio.get_running_loop()
    callbacks = loop.create_task(world.deliver_callbacks())
    world.start(alone=True)
    for _ in range(world.chance.randrange(8, 25)):
        await asyncio.sleep(world.chance.expovariate(1 / 20))
        await world.chance.choice(_HAPPENINGS)(world)
    await world.submit()
    await _end_well(world)
    callbacks.cancel()
    with suppress(asyncio.CancelledError):
        await callbacks


async def _submit(world: World) -> None:
    await world.submit()


async def _submit_two(world: World) -> None:
    await world.submit()
    await world.submit()


async def _cancel(world: World) -> None:
    if world.jobs:
        job = world.chance.choice(world.jobs)
        await world.store.request_cancel(job.account, job.id, world.clock.now())


async def _kill(world: World) -> None:
    await world.processes[-1].kill()
    await asyncio.sleep(world.chance.choice((0, 1, 60)))
    world.start(alone=all(each.task.done() for each in world.processes))


async def _stall(world: World) -> None:
    process = world.processes[-1]
    process.store.moving.clear()
    if world.chance.random() < 0.7:
        world.start(alone=False)
    await asyncio.sleep(world.chance.choice((5, 45, 200)))
    process.store.moving.set()


async def _outage(world: World) -> None:
    name = world.chance.choice(list(world.vendors))
    world.network.down_until_s[name] = asyncio.get_running_loop().time() + world.chance.choice((10, 300, 5000))


async def _refuse(world: World) -> None:
    world.chance.choice(list(world.vendors.values())).refusing = world.chance.choice(("", "", "busy", "broke"))


_HAPPENINGS = (_submit, _submit, _submit_two, _cancel, _kill, _stall, _outage, _refuse)


async def _end_well(world: World) -> None:
    """Everything works from now on, in one process, until every job has ended and latecomers have come home."""
    for vendor in world.vendors.values():
        vendor.refusing = ""
    world.network.faulty = False
    world.network.down_until_s.clear()
    for process in world.processes[:-1]:
        process.store.moving.set()
        await process.kill()
    world.processes[-1].store.moving.set()
    if world.processes[-1].task.done():
        world.start(alone=True)
    for _ in range(4000):
        if await world.over():
            break
        await asyncio.sleep(30)
    await asyncio.sleep(700)
    for _ in range(40):
        if not await _awaited(world):
            break
        await asyncio.sleep(100)
    for process in world.processes:
        await process.kill()


async def _awaited(world: World) -> list[Attempt]:
    """Attempts whose job was given up and of which their vendors know what came of them: a video for the caller, or a cost that is none."""
    bought = {each.token for vendor in world.vendors.values() for each in vendor.bought.values()}
    page = await world.store.given_up(datetime.min.replace(tzinfo=UTC), 1000)
    return [each.attempt for each in page if each.attempt.token in bought]


async def complaints(world: World) -> list[str]:
    """What went wrong, in words; empty if nothing did."""
    told = list(await world.store.breaches())
    bought = {each.token: each for vendor in world.vendors.values() for each in vendor.bought.values()}
    if sum(len(vendor.bought) for vendor in world.vendors.values()) != len(bought):
        told.append("one attempt has bought twice")
    known: set[str] = set()
    paid = {txn.job_id for txn in world.store.shelf.ledger.txns if txn.kind == "cost"}  # type: ignore[attr-defined]
    for job in world.jobs:
        attempts = await world.store.attempts(job.account, job.id)
        known |= {each.token for each in attempts}
        now = await world.store.job(job.account, job.id)
        told += _complaints_of(now or job, [(each, bought[each.token]) for each in attempts if each.token in bought], paid=job.id in paid)
    told += [f"nobody knows who bought {each.id}" for each in bought.values() if each.token not in known]
    told += [f"what came of job {each.job_id} was never found out" for each in await _awaited(world)]
    last = world.processes[-1].fleet.health()
    return told + [f"a place at {name} was never left" for name, how in last.items() if how.running]


def _complaints_of(job: Job, mine: list[tuple[Attempt, Bought]], *, paid: bool) -> Iterator[str]:
    if not job.over:
        yield f"job {job.id} never ended"
    if len(mine) > 1:
        yield f"job {job.id} was bought {len(mine)} times"
    if job.state is JobState.DONE and not any(each.state is AttemptState.DONE for each, _ in mine):
        yield f"job {job.id} is done and was never bought"
    code = job.failure.code if job.failure is not None else ""
    for attempt, sold in mine:
        if job.state is JobState.FAILED and code != "output_lost" and sold.made:
            yield f"job {job.id} failed with {code} though attempt {attempt.number} made a video"
        if job.state is JobState.CANCELLED and sold.made and not paid:
            yield f"job {job.id} was cancelled though attempt {attempt.number} made a video, and nobody pays for that"
