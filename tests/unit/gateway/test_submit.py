"""A submit: what is answered is durable, and what is refused leaves nothing behind."""

from __future__ import annotations

import asyncio
import base64
from pathlib import Path

import pytest

from tests.house import Lodger, open_lodging

PICTURE = "data:image/png;base64," + base64.b64encode(b"a picture").decode()


async def post(lodger: Lodger, body: dict[str, object], path: str = "/scripted/picture", **headers: str) -> int:
    return (await lodger.http.post(path, json=body, headers=headers)).status_code


async def test_a_data_uri_reaches_the_engine_and_no_row_holds_its_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with open_lodging(tmp_path, monkeypatch) as lodger:
        submitted = (await lodger.http.post("/scripted/picture", json={"prompt": "go", "image_url": PICTURE})).json()
        job = await lodger.ended(submitted["request_id"])
        assert (await lodger.http.get(job["video"]["url"])).content == b"a picture"
        whole = await lodger.house.gateway.store.job("owner", submitted["request_id"])
        assert PICTURE.partition(",")[2] not in repr(whole)


async def test_a_refused_submit_leaves_no_blob_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with open_lodging(tmp_path, monkeypatch, working=False, preview_price="list") as lodger:
        poor = await lodger.key(account="poor")
        assert await post(lodger, {"prompt": "go", "image_url": PICTURE}, **poor) == 402
        assert list(lodger.folder.blobs.glob("*/*")) == []


async def test_a_replayed_submit_keeps_one_copy_of_the_picture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with open_lodging(tmp_path, monkeypatch, working=False) as lodger:
        for _ in range(3):
            assert await post(lodger, {"prompt": "go", "image_url": PICTURE}, **{"Idempotency-Key": "k"}) == 200
        assert len(list(lodger.folder.blobs.glob("*/*"))) == 1


async def test_a_key_used_by_many_at_once_makes_one_job(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with open_lodging(tmp_path, monkeypatch, working=False) as lodger:
        calls = [lodger.http.post("/scripted/text", json={"prompt": "go"}, headers={"Idempotency-Key": "k"}) for _ in range(50)]
        answers = await asyncio.gather(*calls)
        assert len({answer.json()["request_id"] for answer in answers}) == 1


async def test_money_for_three_buys_exactly_three(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with open_lodging(tmp_path, monkeypatch, working=False, preview_price="list", demo_credit=1) as lodger:
        calls = [post(lodger, {"prompt": "go", "duration": 4}, "/scripted/text") for _ in range(20)]
        answers = await asyncio.gather(*calls)
        assert sorted(answers) == [200] * 3 + [402] * 17
        assert await lodger.house.gateway.store.breaches() == []


async def test_as_many_wait_as_may_and_one_more_is_told_when_to_come_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with open_lodging(tmp_path, monkeypatch, working=False, max_queued=2) as lodger:
        assert [await post(lodger, {"prompt": "go"}, "/scripted/text") for _ in range(2)] == [200, 200]
        refused = await lodger.http.post("/scripted/text", json={"prompt": "go"})
        assert (refused.status_code, refused.headers["retry-after"]) == (429, "5")


@pytest.mark.parametrize("key", ["x" * 256, "two words", "tab\tbed"])
async def test_an_idempotency_key_that_cannot_be_kept_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    async with open_lodging(tmp_path, monkeypatch, working=False) as lodger:
        assert await post(lodger, {"prompt": "go"}, "/scripted/text", **{"Idempotency-Key": key}) == 422
