"""Every store, where a caller asked for the input to be forgotten when the job is over."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from reelgate.contracts.store import JobFilter, Store, StoreDriver
from reelgate.discovery import load_leaves
from reelgate.domain.job import Job, Lease
from reelgate.domain.media import forgotten
from tests.story import (
    BROKEN,
    FORGET,
    accepted,
    finish,
    later,
    make_blob,
    make_job,
    make_rich_job,
    take,
    with_accounts,
)

STORES = load_leaves("reelgate.storage", "STORE", StoreDriver)


@pytest.mark.parametrize("ending", ["done", "failed", "cancelled"])
async def test_an_input_is_kept_until_the_end_and_no_longer(store: Store, ending: str) -> None:
    lease = await _running(store)
    before = await _job(store, lease)
    assert before.input == lease.job.input == make_rich_job().input
    await _end(store, lease, ending)
    after = await _job(store, lease)
    assert after.input == forgotten(before.input)
    assert after.input != before.input
    assert (before.fingerprint, after.fingerprint) == (make_rich_job().fingerprint, None), "a prompt can be guessed by it"
    assert (after.quote, after.names, after.dropped, after.callback) == (before.quote, before.names, before.dropped, before.callback)
    assert await store.jobs("ada", JobFilter()) == [after]
    assert await store.job_by_external_id("ada", "mine-1") == after


async def test_the_time_of_its_pictures_is_over_and_that_of_the_video_is_not(store: Store) -> None:
    lease = await _running(store)
    other = await accepted(store, make_job("bob", age=5))
    assert await store.add_blob(make_blob(other, "7" * 32))
    video = await finish(store, lease, 9)
    assert await store.blob(video.name) == video
    expired = await store.expired_blobs(later(9), 10)
    assert [(blob.name, blob.expires_at) for blob in expired] == [("2" * 32, later(4)), ("0" * 32, later(9)), ("1" * 32, later(9))]
    assert await store.expired_blobs(later(8.999), 10) == expired[:1]


async def test_a_job_that_never_started_is_forgotten_too(store: Store) -> None:
    rich = replace(make_rich_job(), terms=FORGET)
    assert rich.start_by is not None
    await store.accept(rich, blobs=[make_blob(rich, "0" * 32)])
    cancelled = await store.request_cancel("ada", rich.id, later(5))
    assert cancelled is not None
    assert cancelled.input == forgotten(rich.input)
    late = replace(make_rich_job(), external_id=None, terms=FORGET)
    await store.accept(late, blobs=[make_blob(late, "1" * 32)])
    assert await store.overdue(later(601)) == [late.id]
    kept = await store.job("ada", late.id)
    assert kept is not None
    assert kept.input == forgotten(late.input)
    assert {blob.name for blob in await store.expired_blobs(later(601), 10)} == {"0" * 32, "1" * 32}


async def test_nothing_is_forgotten_that_nobody_asked_for(store: Store) -> None:
    job = make_rich_job()
    await store.accept(job, blobs=[make_blob(job, "0" * 32)])
    (lease,) = await take(store)
    await finish(store, lease, 9)
    kept = await _job(store, lease)
    assert (kept.input, kept.fingerprint) == (job.input, job.fingerprint)
    assert await store.expired_blobs(later(9), 10) == []


async def test_a_job_that_goes_on_needs_its_input(store: Store) -> None:
    lease = await _running(store)
    await store.request_cancel("ada", lease.job.id, later(5))
    await store.expire_leases()
    (again,) = await take(store, 6)
    assert again.job.input == lease.job.input
    await store.cancel(again, later(7))
    assert (await _job(store, again)).input == forgotten(lease.job.input)


@pytest.mark.parametrize(
    ("name", "erase"), [("memory", "reelgate.storage.memory.motion.forgotten"), ("sqlite", "reelgate.storage.sqlite.ending.forgotten")]
)
async def test_a_store_that_forgets_to_forget_is_caught(name: str, erase: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(erase, lambda wanted: replace(wanted, prompt=""))
    store = await with_accounts(await STORES[name].open(tmp_path, ""))
    lease = await _running(store)
    await store.fail(lease, BROKEN, render_s=None, at=later(9))
    assert await store.breaches() == [f"I7 job {lease.job.id} is over and its input is not forgotten"]
    await store.close()


async def _running(store: Store) -> Lease:
    """A job with words, shots and pictures, one of which will not last long anyway."""
    rich = replace(make_rich_job(), terms=FORGET, start_by=None)
    rows = [make_blob(rich, "0" * 32), make_blob(rich, "1" * 32, expires_at=later(3600)), make_blob(rich, "2" * 32, expires_at=later(4))]
    await store.accept(rich, blobs=rows)
    (lease,) = await take(store)
    return lease


async def _job(store: Store, lease: Lease) -> Job:
    job = await store.job("ada", lease.job.id)
    assert job is not None
    return job


async def _end(store: Store, lease: Lease, ending: str) -> None:
    match ending:
        case "done":
            await finish(store, lease, 9)
        case "failed":
            await store.fail(lease, BROKEN, render_s=1.0, at=later(9))
        case _:
            await store.cancel(lease, later(9))
