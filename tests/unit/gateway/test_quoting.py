"""A quote tells the wait of the queue as it is; the rest is seen over HTTP in tests/unit/api/test_quote.py."""

from __future__ import annotations

from pathlib import Path

import pytest

from reelgate.contracts.dispatch import Forecast
from reelgate.domain.media import VideoInput
from reelgate.gateway.keyring import Principal
from tests.house import open_lodging


async def test_the_wait_is_the_dispatcher_s_forecast(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with open_lodging(tmp_path, monkeypatch, working=False) as lodger:
        gateway = lodger.house.gateway
        endpoint = gateway.catalog.find("scripted/text")
        assert endpoint is not None
        for _ in range(3):
            await lodger.http.post("/scripted/text", json={"prompt": "go"})
        told = await gateway.quoting(Principal("owner", "any", "live"), endpoint, VideoInput(prompt="go"))
        assert told.forecast == Forecast(ahead=3, wait_s=None, run_s=None)
        assert (told.missing.micros, told.refusal, told.shown) == (0, "", None)
