"""Files by their unguessable names."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import httpx  # noqa: TID251 -- calls an application in this process; nothing goes out
import pytest
from PIL import Image

from reelgate.contracts.blobs import still_name
from reelgate.dispatch.sweeper import sweep
from tests.house import Lodger, open_lodging
from tests.unit.dispatch.clips import clip

BODY = b"not a video, but enough for a test"


@pytest.fixture
async def gate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Lodger]:
    async with open_lodging(tmp_path, monkeypatch) as lodger:
        yield lodger


@pytest.fixture
async def address(gate: Lodger) -> str:
    job = (await gate.http.post("/scripted/text", json={"prompt": "go"})).json()["request_id"]
    return (await gate.ended(job))["video"]["url"]


async def test_a_file_needs_no_key_and_says_what_it_is(gate: Lodger, address: str) -> None:
    answer = await gate.http.get(address, headers={"Authorization": ""})
    assert (answer.status_code, answer.content) == (200, BODY)
    assert answer.headers["content-type"] == "video/mp4"
    assert answer.headers["x-content-type-options"] == "nosniff"
    head = await gate.http.head(address)
    assert (head.status_code, head.content, head.headers["content-length"]) == (200, b"", str(len(BODY)))


async def test_one_range_is_a_part_and_many_are_the_whole(gate: Lodger, address: str) -> None:
    part = await gate.http.get(address, headers={"Range": "bytes=4-8"})
    assert (part.status_code, part.content) == (206, BODY[4:9])
    assert part.headers["content-range"] == f"bytes 4-8/{len(BODY)}"
    tail = await gate.http.get(address, headers={"Range": "bytes=-4"})
    assert (tail.status_code, tail.content) == (206, BODY[-4:])
    many = await gate.http.get(address, headers={"Range": "bytes=0-1,3-4"})
    assert (many.status_code, many.content) == (200, BODY)
    assert (await gate.http.get(address, headers={"Range": "bytes=900-"})).status_code == 416


async def test_an_etag_saves_the_second_download(gate: Lodger, address: str) -> None:
    etag = (await gate.http.get(address)).headers["etag"]
    again = await gate.http.get(address, headers={"If-None-Match": etag})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    "path", ["/files/" + "0" * 32 + "/output.mp4", "/files/x/output.mp4", "/files/../key/output.mp4", "/files/%2e%2e/key"]
)
async def test_what_is_not_a_file_is_not_found(gate: Lodger, path: str) -> None:
    assert (await gate.http.get(path)).status_code == 404


async def test_the_name_belongs_to_the_address(gate: Lodger, address: str) -> None:
    assert (await gate.http.get(address.replace("output.mp4", "page.html"))).status_code == 404


async def test_a_file_whose_time_is_over_is_gone_before_it_is_swept(gate: Lodger, address: str) -> None:
    store = gate.house.gateway.store
    name = address.split("/")[-2]
    row = await store.blob(name)
    assert row is not None
    await store.forget_blob(name)
    now = gate.house.gateway.clock.now()
    await store.add_blob(replace(row, expires_at=now + timedelta(seconds=100)))
    assert 90 <= max_age(await gate.http.get(address)) <= 100, "no cache keeps it longer"
    await store.forget_blob(name)
    await store.add_blob(replace(row, expires_at=now))
    assert (await gate.http.get(address)).status_code == 404
    await store.forget_blob(name)
    await store.add_blob(replace(row, expires_at=None))
    assert max_age(await gate.http.get(address)) == 31_536_000


async def test_a_store_that_cannot_be_asked_is_no_fault_of_the_caller_s(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with open_lodging(tmp_path, monkeypatch, database="sqlite", working=False) as lodger:
        await lodger.house.gateway.store.close()
        answer = await lodger.http.get(f"/files/{'0' * 32}/output.mp4")
    assert (answer.status_code, answer.json()) == (503, {"detail": "The store is closed."})
    assert int(answer.headers["retry-after"]) > 0


def max_age(answer: httpx.Response) -> int:
    assert answer.status_code == 200
    return int(answer.headers["cache-control"].split("=")[1].split(",")[0])


async def test_a_video_has_stills_beside_it(gate: Lodger, address: str) -> None:
    folder, name = address.rpartition("/")[0], address.split("/")[-2]
    blobs = gate.house.gateway.blobs
    place = await blobs.local(name)
    assert place is not None
    place.write_bytes(clip(seconds=1, rate=4, size=(640, 360)))
    told = (await gate.http.get("/v1/jobs")).json()
    video = next(each for each in told.get("jobs", told.get("data", [])) if each["video"])["video"]
    for kind, width in (("poster", 640), ("preview", 320)):
        assert video[f"{kind}_url"] == f"{folder}/{kind}.webp"
        answer = await gate.http.get(f"{folder}/{kind}.webp", headers={"Authorization": ""})
        assert (answer.status_code, answer.headers["content-type"]) == (200, "image/webp")
        with Image.open(io.BytesIO(answer.content)) as still:
            assert still.width == width
        again = await gate.http.get(f"{folder}/{kind}.webp", headers={"If-None-Match": answer.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert (await gate.http.head(f"{folder}/{kind}.webp")).status_code == 200
    assert (await gate.http.get(f"{folder}/cover.webp")).status_code == 404


async def test_what_is_no_video_has_no_stills(gate: Lodger, address: str) -> None:
    answer = await gate.http.get(address.rpartition("/")[0] + "/poster.webp")
    assert (answer.status_code, answer.json()["detail"]) == (404, "there is no such file; files are kept for a limited time")


async def test_stills_go_with_their_video(gate: Lodger, address: str) -> None:
    folder, name = address.rpartition("/")[0], address.split("/")[-2]
    blobs = gate.house.gateway.blobs
    place = await blobs.local(name)
    assert place is not None
    place.write_bytes(clip(seconds=1))
    assert (await gate.http.get(f"{folder}/poster.webp")).status_code == 200
    row = await gate.house.gateway.store.blob(name)
    assert row is not None
    late = SimpleNamespace(
        store=gate.house.gateway.store,
        blobs=blobs,
        settings=gate.house.gateway.settings,
        clock=SimpleNamespace(now=lambda: gate.house.gateway.clock.now() + timedelta(days=60)),
    )
    await sweep(late)
    assert await blobs.local(still_name(name, "poster")) is None
    assert (await gate.http.get(f"{folder}/poster.webp")).status_code == 404
