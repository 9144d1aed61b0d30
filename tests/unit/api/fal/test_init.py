"""fal's face as a whole: what is public, and what stands beside its queue."""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.routing import Route

from reelgate.api.fal import FACE
from tests.house import open_lodging


async def test_every_path_but_the_key_set_asks_for_a_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with open_lodging(tmp_path, monkeypatch, working=False) as lodger:
        paths = {route.path for route in FACE.routes(lodger.house.gateway) if isinstance(route, Route)}
        known = {"app:path": "scripted/text", "job_id": "01934c5e-7a1b-7c3d-8e9f-0a1b2c3d4e5f"}
        open_ones: set[str] = set()
        for path in paths:
            spelled = path
            for name, value in known.items():
                spelled = spelled.replace(f"{{{name}}}", value)
            method = "POST" if path in ("/run/{app:path}", "/{app:path}") else "PUT" if path.endswith("cancel") else "GET"
            answer = await lodger.http.request(method, spelled, headers={"Authorization": ""})
            if answer.status_code != 401:
                open_ones.add(path)
        assert open_ones == {"/.well-known/jwks.json"}
