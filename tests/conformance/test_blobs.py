"""Every blob backend against the promises of its contract."""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from reelgate.contracts.blobs import Blobs, BlobsDriver
from reelgate.discovery import load_leaves
from reelgate.domain.errors import TooLarge
from reelgate.domain.identity import unguessable

DRIVERS = load_leaves("reelgate.blobs", "BLOBS", BlobsDriver)
BODY = os.urandom(3 << 20)


@pytest.fixture(params=DRIVERS, ids=list(DRIVERS))
async def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> Blobs:
    return await DRIVERS[request.param].open(tmp_path / "blobs", "")


async def chunks(body: bytes, size: int = 1 << 16) -> AsyncIterator[bytes]:
    for start in range(0, len(body), size):
        yield body[start : start + size]


async def broken() -> AsyncIterator[bytes]:
    yield b"half"
    message = "the other side is gone"
    raise ConnectionError(message)


def files(tmp_path: Path) -> list[Path]:
    return [path for path in tmp_path.rglob("*") if path.is_file()]


async def test_sizes_are_told_of_those_that_are_there(blobs: Blobs) -> None:
    blob, empty = [await blobs.put(chunks(body), content_type="video/mp4", limit_bytes=len(BODY)) for body in (BODY, b"")]
    assert await blobs.sizes([blob.name, empty.name, unguessable()]) == {blob.name: len(BODY), empty.name: 0}
    await blobs.remove(blob.name)
    assert await blobs.sizes([blob.name]) == {}


async def test_what_is_put_can_be_read_and_its_sum_is_known(blobs: Blobs) -> None:
    blob = await blobs.put(chunks(BODY), content_type="video/mp4", limit_bytes=len(BODY))
    assert (blob.size_bytes, blob.sha256, blob.content_type) == (len(BODY), hashlib.sha256(BODY).hexdigest(), "video/mp4")
    assert len(blob.name) == 32
    path = await blobs.local(blob.name)
    assert path is not None
    assert path.read_bytes() == BODY


async def test_a_blob_appears_whole_or_not_at_all(blobs: Blobs, tmp_path: Path) -> None:
    with pytest.raises(TooLarge):
        await blobs.put(chunks(BODY), content_type="x", limit_bytes=len(BODY) - 1)
    with pytest.raises(ConnectionError):
        await blobs.put(broken(), content_type="x", limit_bytes=100)
    assert files(tmp_path) == []


async def test_a_file_is_taken_over(blobs: Blobs, tmp_path: Path) -> None:
    (tmp_path / "made.mp4").write_bytes(BODY)
    blob = await blobs.adopt(tmp_path / "made.mp4", content_type="video/mp4")
    assert not (tmp_path / "made.mp4").exists()
    assert (blob.size_bytes, blob.sha256) == (len(BODY), hashlib.sha256(BODY).hexdigest())


async def test_names_cannot_be_guessed_from_each_other(blobs: Blobs) -> None:
    names = {(await blobs.put(chunks(b"x"), content_type="x", limit_bytes=9)).name for _ in range(20)}
    assert len(names) == 20


async def test_what_is_removed_is_gone_and_may_be_removed_again(blobs: Blobs) -> None:
    blob = await blobs.put(chunks(b"x"), content_type="x", limit_bytes=9)
    await blobs.remove(blob.name)
    await blobs.remove(blob.name)
    assert await blobs.local(blob.name) is None


async def test_a_blob_may_have_a_name_that_was_made_before(blobs: Blobs, tmp_path: Path) -> None:
    name = unguessable()
    blob = await blobs.put(chunks(BODY), content_type="x", limit_bytes=len(BODY), name=name)
    assert (blob.name, blob.size_bytes) == (name, len(BODY))
    newer = await blobs.put(chunks(b"newer"), content_type="x", limit_bytes=9, name=name)
    assert newer.sha256 == hashlib.sha256(b"newer").hexdigest()
    path = await blobs.local(name)
    assert path is not None
    assert path.read_bytes() == b"newer"
    assert files(tmp_path) == [path]


async def test_a_name_keeps_its_bytes_when_newer_ones_do_not_come(blobs: Blobs, tmp_path: Path) -> None:
    name = unguessable()
    await blobs.put(chunks(b"whole"), content_type="x", limit_bytes=9, name=name)
    with pytest.raises(ConnectionError):
        await blobs.put(broken(), content_type="x", limit_bytes=100, name=name)
    path = await blobs.local(name)
    assert path is not None
    assert path.read_bytes() == b"whole"
    assert files(tmp_path) == [path]


async def test_two_may_put_the_same_name_at_once(blobs: Blobs, tmp_path: Path) -> None:
    name, bodies = unguessable(), [bytes([letter]) * 100_000 for letter in b"abcd"]
    await asyncio.gather(*(blobs.put(chunks(body), content_type="x", limit_bytes=100_000, name=name) for body in bodies))
    path = await blobs.local(name)
    assert path is not None
    assert path.read_bytes() in bodies
    assert files(tmp_path) == [path]


async def test_a_sweep_removes_what_nobody_knows(blobs: Blobs) -> None:
    known = await blobs.put(chunks(b"x"), content_type="x", limit_bytes=9)
    unknown = await blobs.put(chunks(b"y"), content_type="x", limit_bytes=9)
    assert await blobs.sweep(frozenset({known.name}), older_than_s=3600) == 0
    assert await blobs.sweep(frozenset({known.name}), older_than_s=-1) == 1
    assert await blobs.local(known.name) is not None
    assert await blobs.local(unknown.name) is None


async def test_there_is_room(blobs: Blobs) -> None:
    assert await blobs.free_bytes() > 0
