"""Every store's files that callers send, whole or in parts."""

from __future__ import annotations

import asyncio

import pytest

from reelgate.contracts.file import Upload, Uploaded
from reelgate.contracts.store import Store
from reelgate.domain.errors import NotFound
from tests.story import accepted, later, make_blob, make_job, make_part, make_upload, upload_row


async def test_an_upload_comes_back_as_it_was_given(store: Store) -> None:
    upload, short = make_upload(), make_upload("bob", "b" * 32, keep_s=0.1)
    await store.open_upload(upload)
    await store.open_upload(short)
    assert await store.upload(upload.id) == upload
    assert await store.upload(short.id) == short
    assert await store.upload("unknown") is None
    assert await store.parts(upload.id) == await store.parts("unknown") == []
    assert await store.blob(upload.name) is None


async def test_an_upload_of_nobody_is_refused(store: Store) -> None:
    with pytest.raises(NotFound):
        await store.open_upload(make_upload("stranger"))


async def test_parts_may_come_in_any_order_and_again(store: Store) -> None:
    upload, other = await _opened(store), await _opened(store, "b" * 32)
    third, first, anew = make_part(upload, 3, "c" * 32), make_part(upload, 1, "d" * 32), make_part(upload, 3, "e" * 32)
    assert await store.add_part(third) is None
    assert await store.add_part(first) is None
    assert await store.add_part(make_part(other, 3, "f" * 32)) is None
    assert await store.parts(upload.id) == [first, third]
    assert await store.add_part(anew) == third.blob
    assert await store.parts(upload.id) == [first, anew]


async def test_a_part_that_is_told_twice_replaces_nothing(store: Store) -> None:
    part = make_part(await _opened(store), 1, "c" * 32)
    await store.add_part(part)
    assert await store.add_part(part) is None
    assert await store.parts(part.upload_id) == [part]


async def test_a_part_of_no_upload_is_refused(store: Store) -> None:
    with pytest.raises(NotFound):
        await store.add_part(make_part(make_upload(), 1, "c" * 32))


async def test_parts_are_known_until_their_upload_is_a_blob(store: Store) -> None:
    job = make_job()
    await store.accept(job, blobs=[make_blob(job, "9" * 32)])
    upload = await _opened(store)
    for number in (1, 2):
        await store.add_part(make_part(upload, number, str(number) * 32))
    assert await store.known_blobs() == {"1" * 32, "2" * 32, "9" * 32}
    row = upload_row(upload)
    assert await store.finish_upload(upload.id, row) == ["1" * 32, "2" * 32]
    assert await store.known_blobs() == {upload.name, "9" * 32}
    assert await store.blob(upload.name) == row
    assert await store.upload(upload.id) is None
    assert await store.parts(upload.id) == []
    with pytest.raises(NotFound):
        await store.add_part(make_part(upload, 3, "3" * 32))


async def test_an_upload_that_is_given_up_leaves_nothing(store: Store) -> None:
    upload, other = await _opened(store), await _opened(store, "b" * 32)
    await store.add_part(make_part(upload, 1, "c" * 32))
    await store.add_part(make_part(other, 1, "d" * 32))
    assert await store.finish_upload(upload.id, None) == ["c" * 32]
    assert await store.upload(upload.id) is None
    assert await store.blob(upload.name) is None
    assert await store.known_blobs() == {"d" * 32}
    assert await store.finish_upload(upload.id, None) == []
    with pytest.raises(NotFound):
        await store.finish_upload(upload.id, upload_row(upload))
    assert await store.blob(upload.name) is None


async def test_who_finishes_twice_is_told_once_what_is_left_over(store: Store) -> None:
    upload = await _opened(store)
    await store.add_part(make_part(upload, 1, "c" * 32))
    told = await asyncio.gather(*(store.finish_upload(upload.id, upload_row(upload)) for _ in range(5)))
    assert sorted(told, key=len) == [[], [], [], [], ["c" * 32]]
    assert await store.blob(upload.name) == upload_row(upload)


async def test_uploads_that_were_not_finished_in_time_are_found(store: Store) -> None:
    uploads = [await _opened(store, letter * 32, expires_at=later(second)) for letter, second in (("a", 20), ("b", 10), ("c", 30))]
    assert await store.stale_uploads(later(9.999), 10) == []
    assert await store.stale_uploads(later(20), 10) == [uploads[1], uploads[0]]
    assert await store.stale_uploads(later(99), 2) == [uploads[1], uploads[0]]
    await store.finish_upload(uploads[1].id, None)
    await store.finish_upload(uploads[0].id, upload_row(uploads[0]))
    assert await store.stale_uploads(later(99), 10) == [uploads[2]]


async def test_what_an_account_s_uploads_take_up_is_known(store: Store) -> None:
    assert await store.uploaded("ada", 1) == await store.uploaded("stranger", 1) == Uploaded(size_bytes=0, open_count=0)
    upload, other = await _opened(store), await _opened(store, "b" * 32)
    for part in (make_part(upload, 1, "c" * 32), make_part(upload, 2, "d" * 32), make_part(other, 1, "e" * 32)):
        await store.add_part(part)
    assert await store.uploaded("ada", 1) == Uploaded(size_bytes=3 * 500, open_count=2)
    await store.add_part(make_part(upload, 2, "f" * 32))
    assert await store.uploaded("ada", 600) == Uploaded(size_bytes=3 * 600, open_count=2), "each part counts for so much"
    await store.finish_upload(upload.id, upload_row(upload))
    assert await store.uploaded("ada", 600) == Uploaded(size_bytes=1000 + 600, open_count=1)
    assert await store.uploaded("ada", 2000) == Uploaded(size_bytes=2 * 2000, open_count=1), "and each file"
    await store.finish_upload(other.id, None)
    await store.forget_blob(upload.name)
    assert await store.uploaded("ada", 1) == Uploaded(size_bytes=0, open_count=0)


async def test_what_belongs_to_a_job_or_to_another_is_not_counted(store: Store) -> None:
    job = make_job()
    await store.accept(job, blobs=[make_blob(job, "9" * 32)])
    await store.add_blob(upload_row(make_upload("bob")))
    await store.open_upload(make_upload("bob", "b" * 32))
    assert await store.uploaded("ada", 1) == Uploaded(size_bytes=0, open_count=0)
    assert await store.uploaded("bob", 1) == Uploaded(size_bytes=1000, open_count=1)


async def test_a_blob_becomes_somebodys_once(store: Store) -> None:
    mine, yours = upload_row(make_upload("ada")), upload_row(make_upload("bob"))
    assert await store.add_blob(mine)
    assert not await store.add_blob(yours)
    assert await store.blob(mine.name) == mine
    assert await store.known_blobs() == {mine.name}
    job = await accepted(store, make_job())
    assert await store.add_blob(make_blob(job, "c" * 32, expires_at=later(5)))
    assert [blob.name for blob in await store.expired_blobs(later(5), 10)] == ["c" * 32]


async def _opened(store: Store, name: str = "a" * 32, **facts: object) -> Upload:
    upload = make_upload(name=name, **facts)
    await store.open_upload(upload)
    return upload
