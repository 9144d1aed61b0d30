"""What has had its time is removed; what somebody owns is not."""

from __future__ import annotations

import os
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

import pytest

from reelgate.contracts.blobs import Blobs
from reelgate.contracts.store import Store
from reelgate.dispatch.attempt import carry
from reelgate.dispatch.sweeper import sweep
from reelgate.domain.media import BlobRef
from tests.clock import FakeClock
from tests.unit.dispatch.workshop import accept, end_of, lease, open_workshop


def _never() -> bool:
    return False


@dataclass(frozen=True)
class Later:
    """The same house, some days on."""

    store: Store
    blobs: Blobs
    clock: FakeClock


async def test_a_video_goes_when_its_days_are_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with open_workshop(tmp_path, monkeypatch, keep_files=7) as shop:
        job = await accept(shop, "go")
        await carry(await lease(shop), shop, aside=nullcontext, lost=_never)
        video = (await end_of(shop, job)).video
        assert video is not None
        assert isinstance(video.source, BlobRef)
        clock = FakeClock(shop.clock.now())
        clock.tick(days=6)
        assert await sweep(Later(shop.store, shop.blobs, clock)) == 0
        assert await shop.blobs.local(video.source.name) is not None
        clock.tick(days=2)
        assert await sweep(Later(shop.store, shop.blobs, clock)) == 1
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
