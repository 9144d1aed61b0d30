"""Every store: what it holds can be looked at and copied beside whoever works on it, or that is refused in words."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from reelgate.contracts.file import KeptFile
from reelgate.contracts.store import Store, StoreDriver
from reelgate.discovery import load_leaves
from reelgate.domain.errors import StoreError
from tests.story import accepted, finish, later, make_blob, make_job, make_part, make_upload, started, upload_row, with_accounts

STORES = load_leaves("reelgate.storage", "STORE", StoreDriver)
IN_A_FOLDER = ["sqlite"]


@dataclass(frozen=True)
class At:
    """An open store of a folder, and the way to another."""

    driver: StoreDriver
    store: Store
    folder: Path
    to: Path


@pytest.fixture(params=IN_A_FOLDER)
async def at(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[At]:
    driver = STORES[request.param]
    folder, to = tmp_path / "folder", tmp_path / "copy"
    to.mkdir()
    store = await with_accounts(await driver.open(folder, ""))
    yield At(driver, store, folder, to)
    await store.close()


@pytest.mark.parametrize("name", sorted(set(STORES) - set(IN_A_FOLDER)))
async def test_a_store_in_no_folder_refuses_in_words(name: str, tmp_path: Path) -> None:
    driver = STORES[name]
    for asked in (driver.survey(tmp_path), driver.copy(tmp_path, tmp_path), driver.check(tmp_path)):
        with pytest.raises(StoreError, match="there is nothing in the data folder"):
            await asked


async def test_a_survey_names_every_file_and_part(at: At) -> None:
    lease = await started(at.store)
    video = await finish(at.store, lease)
    upload = make_upload()
    row = upload_row(make_upload(name="b" * 32))
    await at.store.add_blob(row)
    await at.store.open_upload(upload)
    await at.store.add_part(make_part(upload, 1, "c" * 32))
    survey = await at.driver.survey(at.folder)
    assert survey.jobs == 1
    assert set(survey.files) == {
        KeptFile(video.name, video.size_bytes, video.sha256, None),
        KeptFile(row.name, row.size_bytes, row.sha256, None),
        KeptFile("c" * 32, 500, "", None),
    }
    assert survey.size_bytes > 0


async def test_a_copy_opens_as_the_store_of_that_moment(at: At) -> None:
    before = await accepted(at.store, make_job())
    await at.driver.copy(at.folder, at.to)
    after = await accepted(at.store, make_job())
    assert await at.driver.check(at.to) == []
    assert (await at.driver.survey(at.to)).schema == (await at.driver.survey(at.folder)).schema
    copy = await at.driver.open(at.to, "")
    assert await copy.job("ada", before.id) == before
    assert await copy.job("ada", after.id) is None
    assert await copy.breaches() == []
    await copy.close()


async def test_a_copy_takes_the_place_of_a_former_one(at: At) -> None:
    await at.driver.copy(at.folder, at.to)
    job = await accepted(at.store, make_job())
    await at.driver.copy(at.folder, at.to)
    copy = await at.driver.open(at.to, "")
    assert await copy.job("ada", job.id) == job
    await copy.close()


async def test_looking_and_copying_change_nothing(at: At) -> None:
    await accepted(at.store, make_job())
    await at.driver.copy(at.folder, at.to)
    before = {path.name: path.read_bytes() for path in at.to.iterdir()}
    await at.driver.survey(at.to)
    await at.driver.check(at.to)
    assert {path.name: path.read_bytes() for path in at.to.iterdir()} == before


async def test_a_folder_without_a_store_is_refused(at: At, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(StoreError):
        await at.driver.survey(tmp_path / "empty")
    with pytest.raises(StoreError):
        await at.driver.copy(tmp_path / "empty", at.to)
    assert await at.driver.check(tmp_path / "empty") != []


async def test_kept_videos_come_page_by_page_until_they_are_forgotten(store: Store) -> None:
    leases = [await started(store, at=number) for number in range(3)]
    rows = sorted([await finish(store, lease) for lease in leases], key=lambda row: row.name)
    picture = make_job()
    await store.accept(picture, blobs=[make_blob(picture, "0" * 32, expires_at=later(60))])
    kept = [KeptFile(row.name, row.size_bytes, row.sha256, row.expires_at) for row in rows]
    assert await store.kept_videos("", 10) == kept
    assert await store.kept_videos("", 2) == kept[:2]
    assert await store.kept_videos(kept[1].name, 2) == kept[2:]
    assert await store.kept_videos(kept[2].name, 2) == []
    await store.forget_blob(kept[1].name)
    assert await store.kept_videos("", 10) == [kept[0], kept[2]]
