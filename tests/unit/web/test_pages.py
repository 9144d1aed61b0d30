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


@pytest.mark.parametrize(
    ("base", "headers", "told"),
    [
        ("http://127.0.0.1:8000", {}, True),
        ("http://localhost:8000", {}, True),
        ("http://gateway.test", {}, False),
        ("http://127.0.0.1:8000", {"X-Forwarded-For": "192.0.2.1"}, False),
        ("http://127.0.0.1:8000", {"Forwarded": "for=192.0.2.1"}, False),
    ],
)
async def test_only_those_at_this_machine_are_told_where_the_key_lies(
    base: str, headers: dict[str, str], told: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_lodging(tmp_path, monkeypatch, working=False, data=tmp_path / "data") as lodger:
        page = await lodger.http.get(f"{base}/", headers={"Accept": "text/html", **headers})
        assert ("data/key)" in page.text) == told
        assert f"export REELGATE_URL={base}" in page.text
        assert (await lodger.key())["Authorization"].removeprefix("Key ") not in page.text
