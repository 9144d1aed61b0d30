"""Alive, and ready."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.house import open_lodging


async def test_a_working_gateway_is_alive_and_ready(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with open_lodging(tmp_path, monkeypatch) as lodger:
        job = (await lodger.http.post("/scripted/text", json={"prompt": "go"})).json()["request_id"]
        await lodger.ended(job)
        assert (await lodger.http.get("/healthz")).json() == {"status": "alive"}
        assert (await lodger.http.get("/readyz")).json() == {"status": "ready", "workers": "ok", "store": "ok", "disk": "ok", "books": "ok"}


async def test_books_that_do_not_agree_are_told_without_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with open_lodging(tmp_path, monkeypatch) as lodger:
        gateway: Any = lodger.house.gateway
        gateway.store.shelf.ledger.balances["owner", "available"] += 1  # a micro-dollar out of nowhere
        await gateway.inspector.look()
        ready = await lodger.http.get("/readyz")
        assert (ready.status_code, ready.json()["books"]) == (503, "1 breaches of I3; nothing is accepted")
        refused = await lodger.http.post("/scripted/text", json={"prompt": "go"})
        assert (refused.status_code, refused.json()["detail"]) == (503, "the gateway's books do not agree; nothing was accepted")
        assert (await lodger.http.get("/v1/jobs")).json()["data"] == []


async def test_a_lost_video_is_no_reason_to_refuse_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with open_lodging(tmp_path, monkeypatch) as lodger:
        await lodger.ended((await lodger.http.post("/scripted/text", json={"prompt": "go"})).json()["request_id"])
        for path in list((tmp_path / "data" / "blobs").glob("??/*")):
            path.unlink()
        assert len(await lodger.house.gateway.inspector.look()) == 1
        assert (await lodger.http.get("/readyz")).json()["books"] == "ok"


async def test_without_workers_or_room_it_is_alive_but_not_ready(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with open_lodging(tmp_path, monkeypatch, working=False, min_free_bytes=1 << 60) as lodger:
        assert (await lodger.http.get("/healthz")).status_code == 200
        ready = await lodger.http.get("/readyz")
        assert ready.status_code == 503
        assert ready.json()["workers"] == "the worker has not started"
        assert "MiB are left" in ready.json()["disk"]
        full = await lodger.http.post("/scripted/text", json={"prompt": "go"})
        assert full.status_code == 503
        assert (await lodger.http.get("/v1/jobs")).json()["data"] == []
