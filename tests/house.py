"""A whole gateway in this process, over the memory store, with the scripted engine: for tests of what callers see."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx  # noqa: TID251 -- calls an application in this process; nothing goes out
import pytest

from reelgate.app import House, load_faces, open_house
from reelgate.contracts.endpoint import Catalog
from reelgate.domain.clock import SystemClock
from reelgate.folder import DataFolder
from reelgate.gateway.accounts import OWNER
from reelgate.gateway.bounds import NO_BOUNDS, Bounds
from reelgate.gateway.document import draw
from reelgate.gateway.manual import Described
from reelgate.settings import read_settings

PLUGINS = Path(__file__).parent / "fixtures" / "engines"
BASE = "http://gateway.test"


@dataclass(frozen=True)
class Lodger:
    """An open gateway and a caller with a live key."""

    house: House
    folder: DataFolder
    http: httpx.AsyncClient

    async def key(self, mode: str = "live", account: str = OWNER, bounds: Bounds = NO_BOUNDS) -> dict[str, str]:
        """Headers with a new key."""
        if await self.house.gateway.store.account(account) is None:
            await self.house.gateway.accounts.create(account, actor="gateway")
        _, secret = await self.house.gateway.keys.create(account, "for a test", mode, actor="gateway", bounds=bounds)
        return {"Authorization": f"Key {secret.text}"}

    async def ended(self, job_id: str, headers: dict[str, str] | None = None) -> dict[str, Any]:
        """The job, once it has ended."""
        watch = self.house.gateway.store.watch(None)
        try:
            async with asyncio.timeout(60):
                while True:
                    job = (await self.http.get(f"/v1/jobs/{job_id}", headers=headers)).raise_for_status().json()
                    if job["ended_at"]:
                        return job
                    await watch.wait(1)
        finally:
            watch.close()


@asynccontextmanager
async def open_lodging(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, working: bool = True, **given: Any) -> AsyncGenerator[Lodger]:
    """A gateway on an empty folder; `working=False` leaves every job in the queue."""
    monkeypatch.setenv("PYTHONPATH", str(PLUGINS))
    monkeypatch.syspath_prepend(str(PLUGINS))
    folder = DataFolder(tmp_path / "data")
    settings = read_settings({"database": "memory", "min_free_bytes": 0, "render_slots": 1, **given})
    try:
        async with open_house(settings, folder, SystemClock()) as house, asyncio.TaskGroup() as tasks:
            worker = tasks.create_task(house.work(alone=True)) if working else None
            key = (folder.secret("key") or b"").decode()
            transport = httpx.ASGITransport(house.door)
            async with httpx.AsyncClient(transport=transport, base_url=BASE, headers={"Authorization": f"Key {key}"}) as http:
                yield Lodger(house, folder, http)
            if worker is not None:
                worker.cancel()
    finally:
        folder.close()


def document() -> dict[str, Any]:
    """The gateway's OpenAPI document, without a gateway, and so without examples from a catalog."""
    empty: Any = SimpleNamespace(catalog=Catalog([]))
    return draw({face.name: face.manual(empty) for face in load_faces() if isinstance(face, Described)}, (), empty.catalog, BASE)
