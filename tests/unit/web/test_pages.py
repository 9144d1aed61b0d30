"""The front page."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.house import BASE, open_lodging


async def test_people_get_a_page_and_programs_json(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with open_lodging(tmp_path, monkeypatch, working=False) as lodger:
        told = (await lodger.http.get("/")).json()
        assert (told["name"], told["base"]) == ("reelgate", BASE)
        page = await lodger.http.get("/", headers={"Accept": "text/html"})
        assert page.headers["content-type"].startswith("text/html")
        assert "default-src 'none'" in page.headers["content-security-policy"]
        assert "<script" not in page.text
        for endpoint in lodger.house.gateway.catalog:
            assert endpoint.id in page.text
        for link in told["links"].values():
            assert (await lodger.http.get(link)).status_code in (200, 503)


async def test_a_hostile_host_header_is_shown_as_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with open_lodging(tmp_path, monkeypatch, working=False) as lodger:
        page = await lodger.http.get("/", headers={"Accept": "text/html", "Host": 'a"><img src=x onerror=alert(1)>'})
        assert "<img" not in page.text
