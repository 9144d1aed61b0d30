"""A data folder with a video, a picture and half an upload in it, and all its secrets."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import pytest

from reelgate.backup.source import Source, source_of
from reelgate.backup.take import Taken, Wish, take
from reelgate.contracts.blobs import Blobs
from reelgate.contracts.file import BlobRow, Part
from reelgate.contracts.store import Store
from reelgate.domain.job import Job
from tests.clock import FakeClock
from tests.story import later, make_blob, make_upload, make_video, started, with_accounts

VIDEO = b"a video" * 1000
SECRETS = ("pepper", "master.key", "key", "admin-key")


@dataclass(slots=True, kw_only=True)
class Home:
    """A data folder whose store is open, as it is while a gateway works on it."""

    source: Source
    store: Store
    blobs: Blobs
    clock: FakeClock
    part: str = ""

    @property
    def data(self) -> Path:
        return self.source.folder

    def place(self, name: str) -> Path:
        """Where the bytes of a blob lie."""
        return self.source.files / name[:2] / name

    async def put(self, content: bytes) -> str:
        async def chunks() -> AsyncIterator[bytes]:
            yield content

        return (await self.blobs.put(chunks(), content_type="video/mp4", limit_bytes=1 << 30)).name

    async def make_video(self, content: bytes, *, expires_at: datetime | None = None) -> BlobRow:
        """A job that is done, with its file."""
        lease = await started(self.store)
        row = await self._row(lease.job, content, expires_at)
        await self.store.complete(lease, make_video(row), row, render_s=1.0, at=later(1))
        return row

    async def videos(self) -> list[str]:
        """The names of all videos."""
        return [file.name for file in await self.store.kept_videos("", 1000)]

    async def take(self, to: Path, **wish: bool) -> Taken:
        """A backup of it."""
        return await take(self.source, to, Wish(**wish), self.clock, lambda _: None)

    async def _row(self, job: Job, content: bytes, expires_at: datetime | None) -> BlobRow:
        made = make_blob(job, await self.put(content), expires_at=expires_at)
        return replace(made, size_bytes=len(content), sha256=hashlib.sha256(content).hexdigest())


@pytest.fixture
async def home(tmp_path: Path, clock: FakeClock) -> AsyncIterator[Home]:
    source = source_of(tmp_path / "data", "sqlite")
    store = await with_accounts(await source.store.open(source.folder, ""))
    blobs = await source.blobs.open(source.files, "")
    home = Home(source=source, store=store, blobs=blobs, clock=clock)
    await home.make_video(VIDEO)
    upload = make_upload()
    await store.open_upload(upload)
    home.part = await home.put(b"half")
    await store.add_part(Part(upload_id=upload.id, number=1, blob=home.part, size_bytes=4, etag="any"))
    for name in SECRETS:
        (home.data / name).write_text(f"the secret {name}\n")
    (home.data / "tls").mkdir()
    (home.data / "tls" / "ca.pem").write_text("a certificate\n")
    (home.data / "lock").touch()
    (home.data / "repeats.json").write_text("[]\n")
    (home.data / "scratch").mkdir()
    (home.data / "scratch" / "half.mp4").touch()
    yield home
    await store.close()
