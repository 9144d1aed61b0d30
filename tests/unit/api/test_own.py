"""Paths of our own that are not there."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.house import open_lodging


async def test_what_is_not_there_under_our_own_prefixes_is_said_in_our_own_shape(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with open_lodging(tmp_path, monkeypatch, working=False) as lodger:
        for path in ("/v1", "/v1/", "/v1/nothing", "/v1/jobs/x/y/z", "/v1/chat/completions", "/admin", "/admin/v1/nothing"):
            for method in ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "BREW"):
                answer = await lodger.http.request(method, path)
                assert answer.status_code == 404
                assert answer.json()["error"]["code"] == "not_found"


async def test_what_is_there_still_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with open_lodging(tmp_path, monkeypatch, working=False) as lodger:
        for path in ("/v1/models", "/v1/jobs", "/v1/models/scripted/text", "/v1/models/scripted/text/openapi.json"):
            assert (await lodger.http.get(path)).status_code == 200
        assert (await lodger.http.get("/admin/v1/state", headers=await lodger.key("admin"))).status_code == 200
