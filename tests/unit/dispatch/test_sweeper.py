"""What has had its time is removed; what somebody owns is not."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from reelgate.contracts.blobs import Blobs
from reelgate.contracts.file import Part, Upload
from reelgate.contracts.outbox import DeliveryTry
from reelgate.contracts.store import Store
from reelgate.dispatch.attempt import carry
from reelgate.dispatch.sweeper import sweep
from reelgate.domain.media import BlobRef
from reelgate.settings import Settings
from tests.clock import FakeClock
from tests.unit.dispatch.workshop import a_job, accept, end_of, lease, open_workshop


def _never() -> bool:
    return False


@dataclass(frozen=True)
class Later:
    """The same house, some days on."""

    store: Store
    blobs: Blobs
    clock: FakeClock
    settings: Settings


async def test_a_video_goes_when_its_days_are_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with open_workshop(tmp_path, monkeypatch, keep_files=7) as shop:
        job = await accept(shop, "go")
        await carry(await lease(shop), shop, aside=nullcontext, lost=_never)
        video = (await end_of(shop, job)).video
        assert video is not None
        assert isinstance(video.source, BlobRef)
        clock = FakeClock(shop.clock.now())
        clock.tick(days=6)
        assert await sweep(Later(shop.store, shop.blobs, clock, shop.settings)) == 0
        assert await shop.blobs.local(video.source.name) is not None
        clock.tick(days=2)
        assert await sweep(Later(shop.store, shop.blobs, clock, shop.settings)) == 1
        assert await shop.blobs.local(video.source.name) is None
        assert await shop.store.blob(video.source.name) is None
        assert (await end_of(shop, job)).video == video


async def test_bytes_that_no_row_knows_go_after_a_day(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with open_workshop(tmp_path, monkeypatch) as shop:
        old, fresh = tmp_path / "blobs" / "ab" / ("ab" * 16), tmp_path / "blobs" / "cd" / f"{'cd' * 16}.part"
        for path in (old, fresh):
            path.parent.mkdir()
            path.write_bytes(b"x")
        yesterday = old.stat().st_mtime - 2 * 86_400
        os.utime(old, (yesterday, yesterday))
        assert await sweep(shop) == 1
        assert (old.exists(), fresh.exists()) == (False, True)


async def test_an_upload_that_nobody_finished_goes_after_its_day_with_all_its_parts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_workshop(tmp_path, monkeypatch) as shop:
        clock = FakeClock(shop.clock.now())
        house = Later(shop.store, shop.blobs, clock, shop.settings)
        parts = {name: [await begun(house, name, number) for number in (1, 2)] for name in ("old", "young")}
        clock.tick(hours=23)
        await shop.store.open_upload(upload("late", clock))
        assert await sweep(house) == 0
        await shop.store.finish_upload("young", None)
        clock.tick(hours=1)
        assert await sweep(house) == 2
        assert [await shop.blobs.local(part) for part in parts["old"]] == [None, None]
        assert await shop.store.upload("old") is None
        assert await shop.store.parts("old") == []
        assert await shop.store.upload("late") is not None
        assert all([await shop.blobs.local(part) for part in parts["young"]]), "a sweep takes what is stale, and orphans a day later"
        clock.tick(hours=24)
        assert await sweep(house) == 0, "an upload without a part is no file"
        assert await shop.store.upload("late") is None


async def test_deliveries_that_are_over_go_with_the_files_of_their_days(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with open_workshop(tmp_path, monkeypatch, keep_files=7) as shop:
        clock = FakeClock(shop.clock.now())
        house = Later(shop.store, shop.blobs, clock, shop.settings)
        for _ in range(3):
            job = a_job(clock.now(), callback="https://receiver.example/hook")
            await shop.store.accept(job)
            await shop.store.request_cancel("alice", job.id, clock.now())
        now = clock.now()
        _, *told = await shop.store.due(now=now, until=now + timedelta(seconds=60), limit=9, per_account=9)
        for each in told:
            await shop.store.delivered(each, DeliveryTry(number=1, at=now, status=200, note="", took_s=0.1))
        clock.tick(days=6)
        assert await sweep(house) == 0
        assert len(await shop.store.deliveries("alice")) == 3
        clock.tick(days=2)
        assert await sweep(house) == 0, "a delivery is no file"
        (pending,) = await shop.store.deliveries("alice")
        assert pending.id not in {each.id for each in told}
        assert await shop.store.breaches() == []


async def begun(house: Later, name: str, number: int) -> str:
    """An upload with a part; the blob of the part."""

    async def chunks() -> AsyncIterator[bytes]:
        yield b"x"

    if await house.store.upload(name) is None:
        await house.store.open_upload(upload(name, house.clock))
    blob = await house.blobs.put(chunks(), content_type="image/png", limit_bytes=1)
    await house.store.add_part(Part(upload_id=name, number=number, blob=blob.name, size_bytes=1, etag="x"))
    return blob.name


def upload(name: str, clock: FakeClock) -> Upload:
    return Upload(
        id=name,
        account="alice",
        name=f"{name:0>32}",
        file_name="a.png",
        content_type="image/png",
        keep_s=None,
        created_at=clock.now(),
        expires_at=clock.now() + timedelta(days=1),
    )
