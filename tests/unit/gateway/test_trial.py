"""Trials: the cheapest real video of a channel."""

from __future__ import annotations

from pathlib import Path

import pytest

from reelgate.contracts.channel import Channel
from reelgate.domain.errors import NotFound
from tests.clock import BEGINNING
from tests.house import Lodger, open_lodging


async def _with_channel(lodger: Lodger, *models: str) -> None:
    channel = Channel(id="main", provider="reelgate", address="http://127.0.0.1:9", models=dict.fromkeys(models, ""), created_at=BEGINNING)
    await lodger.house.gateway.channels.add(channel, {"api_key": "k"}, actor="admin")


async def test_the_cheapest_by_what_the_operator_says_it_costs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with open_lodging(tmp_path, monkeypatch, working=False) as lodger:
        await _with_channel(lodger, "fal-ai/veo3", "fal-ai/veo3/fast")
        trials, tariff = lodger.house.gateway.trials, lodger.house.gateway.tariff
        assert (await trials.find("main")).endpoint.id == "fal-ai/veo3/fast"
        await tariff.set("fal-ai/veo3", "second", "0.001", (), actor="admin", channel="main")
        found = await trials.find("main")
        assert (found.endpoint.id, found.cost.amount.decimal) == ("fal-ai/veo3", "0.008000")
        assert (await trials.find("main", "fal-ai/veo3/fast")).endpoint.id == "fal-ai/veo3/fast"


async def test_nothing_that_needs_somebody_s_file_is_tried(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with open_lodging(tmp_path, monkeypatch, working=False) as lodger:
        await _with_channel(lodger, "fal-ai/veo3/image-to-video", "fal-ai/kling-video/ai-avatar/v2/pro")
        with pytest.raises(NotFound):
            await lodger.house.gateway.trials.find("main")
        with pytest.raises(NotFound):
            await lodger.house.gateway.trials.find("nobody")
