"""Files: parts of them, their names for a cache, their type, and a large one for four at once in little memory."""

from __future__ import annotations

import asyncio
import hashlib
import http.client
import threading
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psutil
import pytest

from reelgate.contracts.blobs import BlobsDriver
from reelgate.contracts.file import BlobRow
from reelgate.contracts.store import Accepted, StoreDriver
from reelgate.discovery import load_leaves
from reelgate.domain.clock import in_ms
from reelgate.domain.identity import new_id
from reelgate.domain.job import Job, Serving
from reelgate.domain.media import VideoInput
from reelgate.domain.pricing import NOTHING
from tests.acceptance._gateway import Gateway, loading, running, start

MEGABYTE = 1 << 20
LARGE_BYTES = 200 * MEGABYTE
READERS = 4
CEILING_BYTES = 150 * MEGABYTE


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A file that is kept: where, and its bytes."""

    url: str
    content: bytes


@pytest.fixture(scope="module")
def kept(gateway: Gateway) -> Kept:
    """A finished video."""
    result = gateway.result(gateway.submit("demo/text-to-video", {"prompt": "x", "duration": "1", "resolution": "480p"}))
    url = result.json["video"]["url"]
    return Kept(url=url, content=gateway.call("GET", url, key=None).body)


def test_a_file_says_what_it_is(gateway: Gateway, kept: Kept) -> None:
    answer = gateway.call("GET", kept.url, key=None)
    assert answer.status == 200
    assert answer.headers["content-type"] == "video/mp4"
    assert answer.headers["content-length"] == str(len(kept.content))
    assert answer.headers["accept-ranges"] == "bytes"
    assert answer.headers["etag"] == f'"{hashlib.sha256(kept.content).hexdigest()}"'
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_its_head_is_the_same_without_the_bytes(gateway: Gateway, kept: Kept) -> None:
    whole, head = gateway.call("GET", kept.url, key=None), gateway.call("HEAD", kept.url, key=None)
    assert (head.status, head.body) == (200, b"")
    assert head.headers == whole.headers


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [("bytes=0-99", 0, 100), ("bytes=100-", 100, None), ("bytes=-50", -50, None), ("bytes=0-0", 0, 1), ("bytes=10-999999999", 10, None)],
)
def test_a_part_of_it_can_be_had(gateway: Gateway, kept: Kept, asked: str, first: int, last: int | None) -> None:
    answer = gateway.call("GET", kept.url, key=None, headers={"Range": asked})
    assert (answer.status, answer.body) == (206, kept.content[first:last])
    begin = first % len(kept.content)
    assert answer.headers["content-range"] == f"bytes {begin}-{begin + len(answer.body) - 1}/{len(kept.content)}"


def test_a_part_that_is_not_there_is_416(gateway: Gateway, kept: Kept) -> None:
    answer = gateway.call("GET", kept.url, key=None, headers={"Range": "bytes=999999999-"})
    assert answer.status == 416
    assert answer.headers["content-range"].endswith(f"*/{len(kept.content)}")


def test_many_parts_at_once_are_the_whole(gateway: Gateway, kept: Kept) -> None:
    parts = ",".join(f"{each}-{each}" for each in range(0, 200, 2))
    answer = gateway.call("GET", kept.url, key=None, headers={"Range": f"bytes={parts}"})
    assert (answer.status, answer.body) == (200, kept.content)


def test_who_has_it_already_is_told_so(gateway: Gateway, kept: Kept) -> None:
    tag = gateway.call("HEAD", kept.url, key=None).headers["etag"]
    answer = gateway.call("GET", kept.url, key=None, headers={"If-None-Match": tag})
    assert (answer.status, answer.body) == (304, b"")
    assert gateway.call("GET", kept.url, key=None, headers={"If-None-Match": '"another"'}).status == 200
    stale = gateway.call("GET", kept.url, key=None, headers={"Range": "bytes=0-9", "If-Range": '"another"'})
    assert (stale.status, stale.body) == (200, kept.content)


@pytest.mark.parametrize("name", ["0" * 32, "../key", "%2e%2e/key", "..%2f..%2fkey", "", "a" * 5000])
def test_a_name_that_nobody_was_given_opens_nothing(gateway: Gateway, name: str) -> None:
    answer = gateway.call("GET", f"/files/{name}/output.mp4", key=None)
    assert 400 <= answer.status < 500
    assert b"rg_live" not in answer.body


def test_a_large_file_for_four_at_once_needs_little_memory(tmp_path: Path) -> None:
    data = tmp_path / "data"
    first = start(data, environment=loading())
    assert first.stop() == 0
    name, sha256 = asyncio.run(_keep(data, _bytes()))
    try:
        with running(data, environment=loading()) as gateway, _peak_of(gateway) as peak, ThreadPoolExecutor(READERS) as readers:
            digests = list(readers.map(_read_through, [f"{gateway.url}/files/{name}/large.bin"] * READERS))
            assert digests == [sha256] * READERS
            assert 0 < peak[0] < CEILING_BYTES, f"{peak[0] / MEGABYTE:.0f} MB"
    finally:
        (data / "blobs" / name[:2] / name).unlink()


def _read_through(url: str) -> str:
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=60)
    try:
        connection.request("GET", urlsplit(url).path)
        answer, digest = connection.getresponse(), hashlib.sha256()
        while piece := answer.read(MEGABYTE):
            digest.update(piece)
        return digest.hexdigest()
    finally:
        connection.close()


@contextmanager
def _peak_of(gateway: Gateway) -> Iterator[list[int]]:
    """The most memory that a gateway has had during a block, in bytes; looked at every five milliseconds."""
    process, over, peak = psutil.Process(gateway.pid), threading.Event(), [0]

    def look() -> None:
        while not over.wait(0.005):
            peak[0] = max(peak[0], process.memory_info().rss)

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    try:
        yield peak
    finally:
        over.set()
        thread.join()


def _bytes() -> Iterator[bytes]:
    for number in range(LARGE_BYTES // MEGABYTE):
        yield hashlib.sha256(str(number).encode()).digest() * (MEGABYTE // 32)


async def _keep(data: Path, content: Iterator[bytes]) -> tuple[str, str]:
    """Put a file into a data folder whose gateway is not running, by the verbs of its blobs and its store."""

    async def chunks() -> AsyncIterator[bytes]:
        for each in content:
            yield each

    blobs = await load_leaves("reelgate.blobs", "BLOBS", BlobsDriver)["local"].open(data / "blobs", "")
    blob = await blobs.put(chunks(), content_type="application/octet-stream", limit_bytes=LARGE_BYTES)
    now = datetime.now(UTC)
    row = BlobRow(
        name=blob.name,
        account="owner",
        job_id=None,
        file_name="large.bin",
        content_type=blob.content_type,
        size_bytes=blob.size_bytes,
        sha256=blob.sha256,
        created_at=now,
        expires_at=now + timedelta(days=1),
    )
    store = await load_leaves("reelgate.storage", "STORE", StoreDriver)["sqlite"].open(data, "")
    try:
        job = _job(now, (await store.keys("owner"))[0].id)
        assert isinstance(await store.accept(job, blobs=[row]), Accepted)
        assert await store.request_cancel("owner", job.id, now)
    finally:
        await store.close()
    return blob.name, blob.sha256


def _job(now: datetime, key_id: str) -> Job:
    facts: dict[str, Any] = {"account": "owner", "key_id": key_id, "endpoint": "scripted/clip", "face": "fal", "base": "http://127.0.0.1"}
    return Job(
        id=new_id(in_ms(now)),
        **facts,
        input=VideoInput(prompt="x"),
        quote=NOTHING,
        serving=Serving.PREVIEW,
        engine="scripted",
        created_at=now,
        updated_at=now,
    )
