"""While the books do not agree nothing is accepted, and a look costs no more than its share of the time."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import structlog

from reelgate.blobs.local import BLOBS
from reelgate.contracts.file import BlobRow
from reelgate.domain.errors import Unready
from reelgate.gateway import inspector as module
from reelgate.gateway.inspector import Inspector, pause_s
from reelgate.storage.memory import STORE
from tests.clock import FakeClock
from tests.story import later, make_blob, make_video, started, with_accounts

CONTENT = b"a video"


@dataclass
class Audited:
    """A store whose books say what a test wants."""

    inner: Any
    says: list[str] = field(default_factory=list[str])
    trouble: Exception | None = None
    looks: int = 0
    third: asyncio.Event = field(default_factory=asyncio.Event)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    async def breaches(self) -> list[str]:
        self.looks += 1
        if self.looks == 3:
            self.third.set()
        if self.trouble:
            raise self.trouble
        return list(self.says)


@dataclass
class Gate:
    store: Audited
    blobs: Any
    clock: FakeClock
    inspector: Inspector
    folder: Path

    async def video(self, content: bytes = CONTENT, **facts: Any) -> BlobRow:
        """A job that is done, and its file."""

        async def chunks() -> AsyncIterator[bytes]:
            yield content

        lease = await started(self.store.inner)
        blob = await self.blobs.put(chunks(), content_type="video/mp4", limit_bytes=1000)
        row = replace(make_blob(lease.job, blob.name, **facts), size_bytes=len(content), sha256=hashlib.sha256(content).hexdigest())
        await self.store.complete(lease, make_video(row), row, render_s=1.0, at=later(1))
        return row

    def place(self, row: BlobRow) -> Path:
        return self.folder / row.name[:2] / row.name


@pytest.fixture
async def gate(tmp_path: Path, clock: FakeClock) -> Gate:
    store = Audited(await with_accounts(await STORE.open(tmp_path, "")))
    blobs = await BLOBS.open(tmp_path / "blobs", "")
    return Gate(store, blobs, clock, Inspector(store, blobs, clock), tmp_path / "blobs")


async def run_until_third_look(gate: Gate) -> None:
    async with asyncio.timeout(30), asyncio.TaskGroup() as tasks:
        running = tasks.create_task(gate.inspector.run())
        await gate.store.third.wait()
        running.cancel()


async def test_books_that_agree_let_everything_pass(gate: Gate) -> None:
    await gate.video()
    gate.inspector.check_open()
    assert await gate.inspector.look() == []
    gate.inspector.check_open()
    assert gate.inspector.trouble() == ""


async def test_a_breach_stops_submits_until_a_look_finds_none(gate: Gate) -> None:
    gate.store.says = ["I3 account ada: entries say 5, the balance 6", "I1 the sum is 1"]
    with structlog.testing.capture_logs() as lines:
        await gate.inspector.look()
        await gate.inspector.look()
    assert [(line["event"], line["count"]) for line in lines] == [("books_do_not_agree", 2)]  # once, not every minute
    with pytest.raises(Unready, match="books do not agree; nothing was accepted"):
        gate.inspector.check_open()
    assert gate.inspector.trouble() == "2 breaches of I1, I3; nothing is accepted"  # and no account
    gate.store.says = []
    with structlog.testing.capture_logs() as lines:
        await gate.inspector.look()
    assert [line["event"] for line in lines] == ["books_agree_again"]
    gate.inspector.check_open()


async def test_a_video_that_is_gone_or_has_another_size_is_told_and_stops_nothing(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_PAGE", 2)
    fine, gone, short, fine_too = [await gate.video() for _ in range(4)]
    gate.place(gone).unlink()
    gate.place(short).write_bytes(b"half")
    with structlog.testing.capture_logs() as lines:
        assert sorted(await gate.inspector.look()) == sorted(
            [f"I16 job {gone.job_id}: its video is gone", f"I16 job {short.job_id}: its video has 4 bytes instead of 7"]
        )
        await gate.inspector.look()
    assert [(line["event"], line["count"]) for line in lines] == [("videos_lost", 2)]  # once, not every minute
    gate.inspector.check_open()
    assert (gate.inspector.trouble(), len(gate.inspector.losses)) == ("", 2)
    for row in (gone, short):
        gate.place(row).write_bytes(CONTENT)
    assert await gate.inspector.look() == []
    assert fine.name != fine_too.name


async def test_a_video_that_had_its_time_may_be_gone(gate: Gate) -> None:
    row = await gate.video(expires_at=gate.clock.now() + timedelta(minutes=1))
    gate.place(row).unlink()
    assert len(await gate.inspector.look()) == 1
    gate.clock.tick(minutes=2)
    assert await gate.inspector.look() == []


async def test_a_video_that_is_forgotten_while_it_is_looked_for_is_none(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    row = await gate.video()
    sizes = gate.blobs.sizes

    async def forgotten_meanwhile(names: list[str]) -> Any:
        await gate.blobs.remove(row.name)
        found = await sizes(names)
        await gate.store.forget_blob(row.name)
        return found

    monkeypatch.setattr(gate.blobs, "sizes", forgotten_meanwhile)
    assert await gate.inspector.look() == []


@pytest.mark.parametrize("trouble", [Unready("the store cannot read"), RuntimeError("a bug")])
async def test_a_look_that_fails_decides_nothing_and_ends_nothing(gate: Gate, monkeypatch: pytest.MonkeyPatch, trouble: Exception) -> None:
    monkeypatch.setattr(module, "_EVERY_S", 0)
    gate.store.trouble = trouble
    with structlog.testing.capture_logs() as lines:
        await run_until_third_look(gate)
    assert {line["event"] for line in lines} <= {"books_not_checked", "inspector_bug"}
    assert len(lines) >= 2
    gate.inspector.check_open()


async def test_it_looks_at_once_and_again_and_again(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_EVERY_S", 0)
    await run_until_third_look(gate)
    assert gate.store.looks == 3


@pytest.mark.parametrize(("took_s", "pause"), [(0, 60), (1, 60), (1.2, 60), (3, 150), (60, 3000)])
def test_a_look_has_a_fiftieth_of_the_time_at_most(took_s: float, pause: float) -> None:
    assert pause_s(took_s) == pytest.approx(pause)
    assert took_s / (took_s + pause_s(took_s)) <= 0.02
