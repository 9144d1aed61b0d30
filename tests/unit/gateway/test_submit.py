"""A submit: what is answered is durable, and what is refused leaves nothing behind."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Mapping
from pathlib import Path

import pytest

from reelgate.domain.errors import InvalidInput
from reelgate.domain.identity import write_base32
from reelgate.domain.media import MADE_HERE, BlobRef, Foreign, Media, VideoInput
from reelgate.gateway.parking import Parking
from tests.house import Lodger, open_lodging

PICTURE = "data:image/png;base64," + base64.b64encode(b"a picture").decode()


async def post(lodger: Lodger, body: Mapping[str, object], path: str = "/scripted/picture", **headers: str) -> int:
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


async def test_a_key_knows_its_body_again_though_nobody_kept_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with open_lodging(tmp_path, monkeypatch, working=False) as lodger:
        body = {"prompt": "go", "image_url": PICTURE}
        assert [await post(lodger, each, **{"Idempotency-Key": "k"}) for each in (body, body, body | {"prompt": "no"})] == [200, 200, 422]


LARGE = {"prompt": "go", "image_url": "data:image/png;base64," + "AAAA" * 30_000}


@pytest.mark.parametrize(
    ("path", "body"), [("/scripted/picture", LARGE), ("/kling/v1/videos/text2video", {"model_name": "x", "prompt": "x" * 120_000})]
)
async def test_a_large_body_that_finds_no_room_is_a_503_that_says_when_to_come_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str, body: dict[str, object]
) -> None:
    async with open_lodging(tmp_path, monkeypatch, working=False) as lodger:
        budget = lodger.house.gateway.budget
        with budget.share() as others:
            others.hold(budget.limit_bytes)
            refused = await lodger.http.post(path, json=body)
            assert (refused.status_code, refused.headers["retry-after"]) == (503, "2")
            assert await post(lodger, {"prompt": "go"}, "/scripted/text") == 200
        assert budget.taken_bytes == 0
        assert (await lodger.http.post(path, json=body)).status_code != 503
        assert budget.taken_bytes == 0
        assert await post(lodger, LARGE | {"duration": "never"}) == 422
        assert budget.taken_bytes == 0


async def test_an_earlier_video_is_named_by_its_job_and_by_its_owner_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with open_lodging(tmp_path, monkeypatch) as lodger:
        made = (await lodger.http.post("/scripted/text", json={"prompt": "go"})).json()["request_id"]
        job = await lodger.ended(made)
        gateway = lodger.house.gateway

        async def parked(account: str, name: str) -> Media | None:
            wanted = VideoInput(source_video=Foreign(f"{MADE_HERE}{name}", "video_id"))
            found, _ = await Parking(gateway.store, gateway.blobs, gateway.settings).park(
                wanted, account=account, base="", now=gateway.clock.now()
            )
            return found.source_video

        for name in (made, write_base32(made)):
            source = await parked("owner", name)
            assert isinstance(source, BlobRef)
            assert source.name in job["video"]["url"]
        for account, name in (("mallory", made), ("owner", "nothing"), ("owner", "01934c5e-7a1b-7c3d-8e9f-0a1b2c3d4e5f")):
            with pytest.raises(InvalidInput, match="no such video"):
                await parked(account, name)
        await gateway.store.forget_blob(source.name)
        with pytest.raises(InvalidInput, match="no longer kept"):
            await parked("owner", made)
