"""A yard in virtual time over a memory store: one channel at Acme, whose answers a test scripts."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from reelgate.app import load_catalog
from reelgate.contracts.attempt import Attempt
from reelgate.contracts.channel import Channel
from reelgate.contracts.provider import HttpCall, Powers
from reelgate.contracts.roster import Offer, Roster
from reelgate.contracts.store import Accepted, Store, StoreDriver
from reelgate.discovery import load_leaves
from reelgate.dispatch.doubt import Doubts
from reelgate.dispatch.enclosures import Enclosures
from reelgate.dispatch.fleet import Fleet
from reelgate.dispatch.follower import Follower
from reelgate.dispatch.guard import Guard
from reelgate.dispatch.health import Health
from reelgate.dispatch.homecoming import Homecoming
from reelgate.dispatch.outputs import Fetched
from reelgate.dispatch.relay import Relay
from reelgate.dispatch.talks import Talks
from reelgate.dispatch.yard import Yard
from reelgate.domain.errors import UpstreamError
from reelgate.domain.job import Job, Lease, Serving
from reelgate.domain.media import Foreign, LocalFile, Video, VideoInput
from reelgate.domain.money import Money
from reelgate.settings import read_settings
from tests.simulation.virtual import VirtualClock, VirtualLoop, run
from tests.simulation.world import Shelf
from tests.story import make_job, with_accounts
from tests.unit.dispatch.channels import ENDPOINT, PLAIN, Acme, Purse, Script, Wire, make_channel

CATALOG = load_catalog()
COST = Money.dollars("0.30")
URL = "https://cdn.acme.example/1.mp4"


class Outputs:
    """Fetches at once, unless a test has said what goes wrong; the last trouble is kept up."""

    def __init__(self) -> None:
        self.troubles: list[UpstreamError] = []
        self.asked: list[Foreign | HttpCall] = []

    async def fetch(self, offer: Offer, source: Foreign | HttpCall, *, wanted: VideoInput) -> Fetched:
        self.asked.append(source)
        if self.troubles:
            raise self.troubles.pop(0)
        path = Path("video.mp4")
        return Fetched(video=Video(source=LocalFile(path), width=64, height=64, fps=24, frames=120, sound=False), path=path)

    async def look(self, offer: Offer, source: Foreign, *, wanted: VideoInput) -> Video:
        return Video(source=source, width=64, height=64, fps=24, frames=120, sound=False)


class Costs:
    """Everything costs the same."""

    def cost_of(self, channel_id: str, endpoint: Any, job: Job) -> Money:
        return COST


@dataclass
class Rolls:
    """The channels of a test."""

    roster: Roster

    async def current(self) -> Roster:
        return self.roster


@dataclass
class Depot:
    """Everything that jobs at channels are worked on with, and what is looked at afterwards."""

    store: Store
    clock: VirtualClock
    wire: Wire
    acme: Acme
    channels: list[Channel]
    outputs: Outputs = field(default_factory=Outputs)

    def __post_init__(self) -> None:
        chance = random.Random(1)  # noqa: S311 -- the same in every run
        guard, blobs = Guard(clock=self.clock), Shelf()
        self.rolls = Rolls(Roster(self.channels, {"acme": self.acme}))
        self.health = Health(self.clock, chance)
        self.yard = Yard(
            store=self.store,
            blobs=blobs,
            outputs=self.outputs,
            enclosures=Enclosures(guard, blobs, limit_bytes=1 << 20, deadline_s=5),
            talks=Talks(self.wire, Purse(), self.clock),
            rolls=self.rolls,
            costs=Costs(),
            health=self.health,
            providers={"acme": self.acme},
            find=CATALOG.find,
            callback=lambda token: f"https://us.example/v1/upstream/{token}",
            settings=read_settings({}),
            clock=self.clock,
            chance=chance,
        )
        self.homecoming = Homecoming(self.yard)
        self.doubts, self.follower = Doubts(self.yard), Follower(self.yard, self.homecoming)
        self.relay = Relay(self.yard, self.follower, self.doubts)

    def fleet(self) -> Fleet:
        """A fleet of its own over the same yard."""
        return Fleet(self.yard, CATALOG)

    async def lease(self, **facts: Any) -> Lease:
        """A job that was accepted and taken up."""
        given: dict[str, Any] = {"endpoint": ENDPOINT, "serving": Serving.PAID, "engine": "relay", "created_at": self.clock.now()}
        wanted = VideoInput(prompt="a boat", aspect_ratio="16:9", resolution="1080p")
        job = replace(make_job(input=wanted), **{**given, "updated_at": self.clock.now(), **facts})
        assert isinstance(await self.store.accept(job), Accepted)
        return await self.again()

    async def again(self) -> Lease:
        """Whatever may be leased now."""
        now = self.clock.now()
        (lease,) = await self.store.lease("w", now=now, until=now + timedelta(hours=48), want={Serving.PAID: 1}, per_account=999)
        return lease

    async def carry(self, lease: Lease) -> Job:
        """Carry it to its ticket or its end; the job as it is then."""
        await self.relay.carry(lease, lost=bool)
        return await self.job(lease)

    async def follow(self, lease: Lease, hours: float = 1) -> Job:
        """Follow what was taken, until it has ended or the hours are over; the job as it is then."""
        task = asyncio.get_running_loop().create_task(self.follower.run())
        until = self.clock.now() + timedelta(hours=hours)
        while self.clock.now() < until and not (await self.job(lease)).over:  # noqa: ASYNC110 -- time is virtual
            await asyncio.sleep(1)
        task.cancel()
        await asyncio.wait([task])
        return await self.job(lease)

    async def job(self, lease: Lease) -> Job:
        """The job as it is now."""
        job = await self.store.job(lease.job.account, lease.job.id)
        assert job is not None
        return job

    async def attempts(self, lease: Lease) -> list[Attempt]:
        """Its tries."""
        return await self.store.attempts(lease.job.account, lease.job.id)


def tell(story: Callable[[Depot], Awaitable[None]], *script: Script, powers: Powers = PLAIN, **facts: Any) -> None:
    """Tell a story in virtual time; the books must agree when it is over."""
    loop = VirtualLoop()
    acme_facts = {name: facts.pop(name) for name in ("lost", "signs") if name in facts}
    channels = facts.pop("channels", None) or [make_channel(**facts)]

    async def told() -> None:
        driver = load_leaves("reelgate.storage", "STORE", StoreDriver)["memory"]
        store = await with_accounts(await driver.open(Path(), ""))
        await story(Depot(store, VirtualClock(loop), Wire(*script), Acme(has=powers, **acme_facts), channels))
        assert await store.breaches() == []

    run(told(), loop)
