"""One leased job, carried as far as it goes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, nullcontext
from datetime import timedelta
from pathlib import Path

import pytest

from reelgate.dispatch.attempt import Workshop, carry
from reelgate.domain.job import NO_TERMS, AttemptState, JobState, Serving, Terms
from reelgate.domain.media import BlobRef, Foreign
from reelgate.domain.money import FREE, Money
from tests.story import FORGET
from tests.unit.dispatch.workshop import FUNDS, PRICE, accept, end_of, lease, open_workshop


def _never() -> bool:
    return False


@pytest.fixture
async def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Workshop]:
    async with open_workshop(tmp_path, monkeypatch) as opened:
        yield opened


async def settled(shop: Workshop) -> Money:
    """What alice was charged; nothing may be left held, and the books must be in order."""
    balance = await shop.store.balance("alice")
    assert balance.held == FREE
    assert await shop.store.breaches() == []
    return Money(FUNDS.micros - balance.available.micros)


async def test_a_clip_is_kept_before_the_job_is_done(shop: Workshop) -> None:
    job = await accept(shop, "go")
    await carry(await lease(shop), shop, aside=nullcontext, lost=_never)
    done = await end_of(shop, job)
    assert done.state is JobState.DONE
    assert done.video is not None
    assert isinstance(done.video.source, BlobRef)
    path = await shop.blobs.local(done.video.source.name)
    assert path is not None
    assert path.stat().st_size == done.video.size_bytes
    assert await settled(shop) == PRICE.amount
    assert [each.state for each in await shop.store.attempts("alice", job.id)] == [AttemptState.DONE]
    assert list(shop.scratch.iterdir()) == []


@pytest.mark.parametrize("terms", [NO_TERMS, FORGET])
async def test_an_order_is_discreet_if_its_input_is_to_be_forgotten(shop: Workshop, terms: Terms) -> None:
    job = await accept(shop, "discreet", terms=terms)
    await carry(await lease(shop), shop, aside=nullcontext, lost=_never)
    assert (await end_of(shop, job)).state is JobState.DONE
    assert f"discreet: {terms.forget_input}" in [event.message for event in await shop.store.events("alice", job.id)]


@pytest.mark.parametrize(
    ("prompt", "code", "field"),
    [("fail", "render_failed", None), ("bug", "render_failed", None), ("refuse", "rejected", "prompt"), ("die", "worker_died", None)],
)
async def test_a_failure_releases_the_hold_and_says_why(shop: Workshop, prompt: str, code: str, field: str | None) -> None:
    job = await accept(shop, prompt)
    await carry(await lease(shop), shop, aside=nullcontext, lost=_never)
    failed = await end_of(shop, job)
    assert failed.state is JobState.FAILED
    assert failed.failure is not None
    assert failed.failure.code == code
    assert (failed.failure.fault.path[0] if failed.failure.fault else None) == field
    assert await settled(shop) == FREE


async def test_a_job_is_tried_again_after_a_death_and_given_up_at_the_third(shop: Workshop, tmp_path: Path) -> None:
    once = await accept(shop, f"die once {tmp_path / 'marker'}")
    await carry(await lease(shop), shop, aside=nullcontext, lost=_never)
    assert (await end_of(shop, once)).state is JobState.DONE
    assert (await end_of(shop, once)).deaths == 1
    always = await accept(shop, "die")
    await carry(await lease(shop), shop, aside=nullcontext, lost=_never)
    assert (await end_of(shop, always)).deaths == 3
    assert len(await shop.store.attempts("alice", always.id)) == 3


async def test_a_cancel_stops_the_render_and_releases_the_hold(shop: Workshop) -> None:
    job = await accept(shop, "hang")
    taken, watch = await lease(shop), shop.store.watch(job.id)
    async with asyncio.timeout(10), asyncio.TaskGroup() as tasks:
        tasks.create_task(carry(taken, shop, aside=nullcontext, lost=_never))
        while not await shop.store.attempts("alice", job.id):
            await watch.wait(1)
        await shop.store.request_cancel("alice", job.id, shop.clock.now())
    assert (await end_of(shop, job)).state is JobState.CANCELLED
    assert await settled(shop) == FREE


async def test_a_scripted_wait_is_told_so_that_the_slot_goes_to_others(shop: Workshop) -> None:
    told: list[str] = []

    @contextmanager
    def aside() -> Iterator[None]:
        told.append("begins")
        yield
        told.append("ends")

    job = await accept(shop, "wait 0.05")
    await carry(await lease(shop), shop, aside=aside, lost=_never)
    assert told == ["begins", "ends"]
    assert (await end_of(shop, job)).state is JobState.DONE


async def test_a_lost_lease_does_no_harm(shop: Workshop) -> None:
    job = await accept(shop, "go")
    old = await lease(shop)
    await shop.store.expire_leases()
    now = shop.clock.now()
    [new] = await shop.store.lease("other", now=now, until=now + timedelta(seconds=30), want={Serving.PREVIEW: 1}, per_account=10)
    await carry(old, shop, aside=nullcontext, lost=_never)
    assert (await end_of(shop, job)).state is JobState.RUNNING
    await carry(new, shop, aside=nullcontext, lost=_never)
    assert (await end_of(shop, job)).state is JobState.DONE
    assert await settled(shop) == PRICE.amount


async def test_a_picture_that_cannot_be_fetched_fails_the_job_at_its_field(shop: Workshop) -> None:
    job = await accept(shop, "go", first_frame=Foreign("http://127.0.0.1:1/a.png", "start_image_url"))
    await carry(await lease(shop), shop, aside=nullcontext, lost=_never)
    failure = (await end_of(shop, job)).failure
    assert failure is not None
    assert failure.fault is not None
    assert (failure.fault.path, failure.fault.kind) == (("start_image_url",), "file_download_error")
    assert await settled(shop) == FREE


async def test_a_render_waits_for_room_on_the_disk(shop: Workshop, tmp_path: Path) -> None:
    job = await accept(shop, f"full once {tmp_path / 'marker'}")
    await carry(await lease(shop), shop, aside=nullcontext, lost=_never)
    done = await end_of(shop, job)
    assert (done.state, done.deaths) == (JobState.DONE, 0)
    assert [each.state for each in await shop.store.attempts("alice", job.id)] == [AttemptState.FAILED, AttemptState.DONE]
    assert await settled(shop) == PRICE.amount
