"""Endpoints that the operator lets through without knowing them: by a price for a pattern, to a channel that speaks fal."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import orjson
import pytest

from reelgate.contracts.channel import Channel
from tests.clock import BEGINNING
from tests.house import Lodger, open_lodging
from tests.unit.dispatch.clips import clip
from tests.unit.dispatch.origin import Origin, body, serving

UNKNOWN = "acme/films/v2"


@asynccontextmanager
async def lodging(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, origin: Origin, *, models: dict[str, str] | None = None
) -> AsyncIterator[Lodger]:
    """A gateway with a channel at a vendor on the loopback."""
    async with open_lodging(tmp_path, monkeypatch, allow_private="127.0.0.0/8") as lodger:
        channel = Channel(id="acme", provider="fal_gateway", address=origin.url(""), models=models or {}, created_at=BEGINNING)
        await lodger.house.gateway.channels.add(channel, {"api_key": "k"}, actor="admin")
        yield lodger


def told(value: Any, status: str = "200 OK") -> bytes:
    """A reply of JSON."""
    return body(orjson.dumps(value), "Content-Type: application/json", status=status)


async def test_without_a_price_it_is_not_there_and_the_answer_says_how(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with serving() as origin, lodging(tmp_path, monkeypatch, origin) as lodger:
        answer = await lodger.http.post(f"/{UNKNOWN}", json={"prompt": "x"})
        assert answer.status_code == 404
        assert "reelgate prices set 'OWNER/*'" in answer.json()["detail"]
        assert origin.asked == []


async def test_without_a_channel_the_price_alone_is_not_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with open_lodging(tmp_path, monkeypatch) as lodger:
        await lodger.house.gateway.tariff.set("acme/*", "video", "0.40", (), actor="admin")
        answer = await lodger.http.post(f"/{UNKNOWN}", json={"prompt": "x"})
        assert (answer.status_code, "no channel that speaks fal" in answer.json()["detail"]) == (404, True)


@pytest.mark.parametrize("models", [{}, {"acme/*": ""}])
async def test_its_body_goes_through_and_its_video_comes_home_at_the_pattern_s_price(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, models: dict[str, str]
) -> None:
    async with serving() as origin, lodging(tmp_path, monkeypatch, origin, models=models) as lodger:
        video = clip()
        origin.says(f"/{UNKNOWN}", told({"request_id": "r1", "status": "IN_QUEUE"}))
        origin.says("/acme/films/requests/r1/status", told({"status": "COMPLETED"}))
        origin.says("/acme/films/requests/r1", told({"videos": [{"url": origin.url("/v.mp4")}]}))
        origin.says("/v.mp4", body(video, "Content-Type: video/mp4"))
        await lodger.house.gateway.tariff.set("acme/*", "video", "0.40", (), actor="admin")
        sent = {"prompt": "x", "strength": 0.5, "nested": {"a": [None]}, "duration": "2"}
        quoted = await lodger.http.post("/v1/quote", json={"endpoint": UNKNOWN, "input": sent})
        assert quoted.json()["amount"] == "0.400000"
        submitted = await lodger.http.post(f"/{UNKNOWN}", json=sent)
        assert submitted.status_code == 200
        job = await lodger.ended(submitted.json()["request_id"])
        assert (job["state"], job["cost"]["amount"]) == ("done", "0.400000")
        assert orjson.loads(origin.bodies[0]) == sent
        result = await lodger.http.get(f"/acme/films/requests/{job['id']}")
        assert result.status_code == 200
        assert origin.url("") not in result.text


async def test_a_model_that_the_vendor_does_not_know_is_the_caller_s_mistake_and_no_illness_of_the_channel(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serving() as origin, lodging(tmp_path, monkeypatch, origin) as lodger:
        origin.says(f"/{UNKNOWN}", told({"detail": "no"}, "404 Not Found"))
        await lodger.house.gateway.tariff.set("acme/*", "video", "0.40", (), actor="admin")
        job = await lodger.ended((await lodger.http.post(f"/{UNKNOWN}", json={"prompt": "x"})).json()["request_id"])
        assert (job["state"], job["failure"]["code"]) == ("failed", "rejected")
        assert [health.reason for health in lodger.house.gateway.dispatch.health().values()] == [""]
        assert await lodger.house.gateway.store.breaches() == []
