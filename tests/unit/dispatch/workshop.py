"""A workshop for tests: a memory store, blobs in a temporary folder, and the scripted engine in real child processes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from reelgate.contracts.account import Account
from reelgate.contracts.blobs import BlobsDriver
from reelgate.contracts.engine import Engine
from reelgate.contracts.store import Accepted, StoreDriver
from reelgate.discovery import load_leaves
from reelgate.dispatch.attempt import Workshop
from reelgate.dispatch.crew import Crew
from reelgate.dispatch.darkroom import Darkroom
from reelgate.dispatch.guard import Guard
from reelgate.dispatch.pictures import Pictures
from reelgate.domain.address import Reach, read_ranges
from reelgate.domain.clock import SystemClock, in_ms
from reelgate.domain.identity import Ids
from reelgate.domain.job import Job, Lease, Serving
from reelgate.domain.media import VideoInput
from reelgate.domain.money import Money
from reelgate.domain.pricing import NOTHING, Quote
from reelgate.settings import read_settings
from tests.story import deed, make_key

ENGINES = Path(__file__).parents[2] / "fixtures" / "engines"
PRICE = Quote(Money.dollars("0.35"), "5 s × $0.07")
FUNDS = Money.dollars("100")
_IDS = Ids()


@asynccontextmanager
async def open_workshop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, **given: Any) -> AsyncIterator[Workshop]:
    """Everything that the work is done with; the account "alice" has $100."""
    monkeypatch.setenv("PYTHONPATH", str(ENGINES))
    monkeypatch.syspath_prepend(str(ENGINES))
    settings = read_settings({"render_slots": 2, **given})
    clock = SystemClock()
    store = await load_leaves("reelgate.storage", "STORE", StoreDriver)["memory"].open(tmp_path, "")
    blobs = await load_leaves("reelgate.blobs", "BLOBS", BlobsDriver)["local"].open(tmp_path / "blobs", "")
    engines = {engine.name: engine for engine in load_leaves("reelgate.engines", "ENGINE", Engine).values()}
    crew = Crew(slots=settings.render_slots, memory_bytes=1 << 32, limit_s=settings.render_limit_s)
    guard = Guard(Reach(opened=read_ranges("127.0.0.0/8")), clock=clock)
    await store.add_account(Account(id="alice", name="alice", created_at=clock.now()), deed())
    await store.add_key(make_key("alice", id="key_1"), deed())
    await store.credit("alice", FUNDS, deed())
    try:
        yield Workshop(
            store=store,
            blobs=blobs,
            engines=engines,
            crew=crew,
            darkroom=Darkroom(blobs, tmp_path / "scratch", memory_bytes=3 << 30),
            pictures=Pictures(guard, blobs, limit_bytes=1 << 20, deadline_s=5),
            scratch=tmp_path / "scratch",
            settings=settings,
            clock=clock,
        )
    finally:
        await crew.stop()
        await store.close()


def a_job(now: datetime, prompt: str = "go", **given: Any) -> Job:
    """A queued job of alice's for the scripted engine, free unless told otherwise."""
    values: dict[str, Any] = {
        "id": _IDS.next(in_ms(now)),
        "account": "alice",
        "key_id": "key_1",
        "endpoint": "scripted/a",
        "face": "fal",
        "base": "http://127.0.0.1",
        "input": VideoInput(prompt=prompt, first_frame=given.pop("first_frame", None)),
        "quote": NOTHING,
        "serving": Serving.PREVIEW,
        "engine": "scripted",
        "created_at": now,
        "updated_at": now,
    }
    return Job(**{**values, **given})


async def accept(shop: Workshop, prompt: str, **given: Any) -> Job:
    """A job of alice's in the queue of this workshop, at the price."""
    outcome = await shop.store.accept(a_job(shop.clock.now(), prompt, **{"quote": PRICE, **given}))
    assert isinstance(outcome, Accepted)
    return outcome.job


async def lease(shop: Workshop) -> Lease:
    """The next job, for half a minute."""
    now = shop.clock.now()
    [taken] = await shop.store.lease("w", now=now, until=now + timedelta(seconds=30), want={Serving.PREVIEW: 1}, per_account=10)
    return taken


async def end_of(shop: Workshop, job: Job) -> Job:
    """The job as it is now."""
    found = await shop.store.job("alice", job.id)
    assert found is not None
    return found
