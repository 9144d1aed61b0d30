"""What an account's uploads may take up together, also when many come at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from reelgate.contracts.store import Store, StoreDriver
from reelgate.discovery import load_leaves
from reelgate.domain.errors import Limited
from reelgate.gateway import quota as module
from reelgate.gateway.quota import LEAST_BYTES, Quota
from reelgate.settings import read_settings
from tests.story import make_part, make_upload, upload_row, with_accounts

MOST = 4 * LEAST_BYTES


@pytest.fixture
async def store(tmp_path: Path) -> Store:
    return await with_accounts(await load_leaves("reelgate.storage", "STORE", StoreDriver)["memory"].open(tmp_path, ""))


@pytest.fixture
def quota(store: Store) -> Quota:
    return Quota(store, read_settings({"upload_quota": MOST}))


async def body(size_bytes: int, gate: asyncio.Event | None = None) -> AsyncIterator[bytes]:
    for _ in range(size_bytes // LEAST_BYTES):
        yield bytes(LEAST_BYTES)
        if gate is not None:
            await gate.wait()


async def come(quota: Quota, size_bytes: int, *, announced_bytes: int = 0, gate: asyncio.Event | None = None) -> int:
    """Take a body of ada's in; how much of it came."""
    async with quota.intake("ada", announced_bytes) as counted:
        return sum([len(chunk) async for chunk in counted(body(size_bytes, gate))])


async def test_a_body_may_fill_the_quota_and_not_go_beyond_it(quota: Quota) -> None:
    assert await come(quota, MOST) == await come(quota, MOST, announced_bytes=MOST) == MOST
    with pytest.raises(Limited, match=f"take up {MOST} bytes together") as refused:
        await come(quota, MOST + LEAST_BYTES)
    assert refused.value.retry_after_s > 0
    with pytest.raises(Limited):
        await come(quota, 0, announced_bytes=MOST + 1)
    assert await come(quota, MOST) == MOST, "a refusal takes up nothing"


async def test_bodies_that_come_at_once_are_counted_together(quota: Quota) -> None:
    gate = asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        first = tasks.create_task(come(quota, MOST // 2, gate=gate))
        second = tasks.create_task(come(quota, MOST // 4, announced_bytes=MOST // 2))
        await asyncio.sleep(0)
        with pytest.raises(Limited):
            await come(quota, MOST)
        gate.set()
    assert (first.result(), second.result()) == (MOST // 2, MOST // 4)


async def test_what_is_announced_is_reserved(quota: Quota) -> None:
    async with quota.intake("ada", MOST):
        with pytest.raises(Limited):
            await come(quota, LEAST_BYTES)
        with pytest.raises(Limited):
            await quota.check_begin("ada")
        await quota.check_begin("bob")
        async with quota.intake("bob", MOST):
            pass
    await quota.check_begin("ada")


async def test_a_file_that_came_while_another_is_coming_is_not_forgotten(quota: Quota) -> None:
    async with quota.intake("ada", 0) as counted:
        assert await come(quota, MOST // 2) == MOST // 2
        with pytest.raises(Limited):  # as if its row had been there since
            assert [chunk async for chunk in counted(body(MOST))] == []


async def test_the_store_is_asked_again_on_the_way(quota: Quota, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_LOOK_EVERY_BYTES", LEAST_BYTES)
    gate = asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        coming = tasks.create_task(refused(quota, MOST, gate))
        await asyncio.sleep(0)
        upload = make_upload()
        await store.open_upload(upload)
        await store.add_part(make_part(upload, 1, "c" * 32))  # by another process
        gate.set()
    assert "bytes together" in coming.result()


async def refused(quota: Quota, size_bytes: int, gate: asyncio.Event) -> str:
    with pytest.raises(Limited) as error:
        await come(quota, size_bytes, gate=gate)
    return error.value.message


async def test_the_smallest_file_counts_for_something(quota: Quota, store: Store) -> None:
    for letter in "abcd":
        await quota.check_begin("ada")
        await store.add_blob(upload_row(make_upload(name=letter * 32)))
    with pytest.raises(Limited):
        await quota.check_begin("ada")
    with pytest.raises(Limited):
        await come(quota, 0)


async def test_only_so_many_uploads_may_be_begun_and_left(quota: Quota, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_OPEN", 2)
    uploads = [make_upload(name=letter * 32) for letter in "ab"]
    for upload in uploads:
        await quota.check_begin("ada")
        await store.open_upload(upload)
    with pytest.raises(Limited, match="2 uploads of this account were begun"):
        await quota.check_begin("ada")
    await quota.check_begin("bob")
    await store.finish_upload(uploads[0].id, None)
    await quota.check_begin("ada")
