"""A backup is of one moment, has all that its database names, and appears whole or not at all."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import apsw
import pytest

from reelgate.backup import copying
from reelgate.backup import take as module
from reelgate.backup.copying import hold, sum_of
from reelgate.backup.manifest import BackupError, Sum, Unfit, read_manifest, read_sums
from reelgate.backup.take import Wish, take
from reelgate.contracts.store import StoreDriver, Survey
from reelgate.domain.errors import StoreError
from tests.story import make_upload, upload_row
from tests.unit.backup.conftest import SECRETS, VIDEO, Home


def names_in(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


@dataclass(slots=True)
class Interrupted:
    """A store that something happens to before each copy of it."""

    inner: StoreDriver
    meanwhile: Callable[[int], Any]
    copies: int = 0
    name: str = "sqlite"

    async def survey(self, folder: Path) -> Survey:
        return await self.inner.survey(folder)

    async def check(self, folder: Path) -> list[str]:
        return await self.inner.check(folder)

    async def copy(self, folder: Path, to: Path) -> None:
        await self.inner.copy(folder, to)
        self.copies += 1
        await self.meanwhile(self.copies)

    async def open(self, folder: Path, address: str) -> Any:
        return await self.inner.open(folder, address)


async def test_a_backup_has_the_database_the_files_it_knows_and_the_secrets(home: Home, tmp_path: Path) -> None:
    (home.source.files / "ab").mkdir(exist_ok=True)
    (home.source.files / "ab" / ("ab" * 16)).write_text("nobody knows it")
    (home.data / "reelgate.toml").write_text("port = 8000\n")
    taken = await home.take(tmp_path / "backup")
    (video,) = await home.videos()
    files = {f"blobs/{name[:2]}/{name}" for name in (video, home.part)}
    kept = {*SECRETS, "reelgate.toml", "tls/ca.pem", "store.sqlite", "store.json", "manifest.json", "SHA256SUMS"}
    assert names_in(tmp_path / "backup") == files | kept
    assert (tmp_path / "backup" / f"blobs/{video[:2]}/{video}").read_bytes() == VIDEO
    assert {path.stat().st_mode & 0o077 for path in (tmp_path / "backup").rglob("*")} == {0}
    assert taken.manifest == read_manifest(tmp_path / "backup")
    assert (taken.manifest.jobs, taken.manifest.blobs.count, taken.manifest.expired) == (1, 2, 0)
    assert taken.manifest.secrets == (*SECRETS, "reelgate.toml", "tls/ca.pem")
    assert not (tmp_path / "backup.part").exists()


async def test_every_file_stands_in_the_list_of_sums(home: Home, tmp_path: Path) -> None:
    backup = tmp_path / "backup"
    await home.take(backup)
    sums = read_sums(backup, read_manifest(backup))
    assert sums.keys() == names_in(backup) - {"manifest.json", "SHA256SUMS"}
    assert {name: sum_of(backup / name).sha256 for name in sums} == sums


async def test_the_copy_is_a_store_of_its_own(home: Home, tmp_path: Path) -> None:
    await home.take(tmp_path / "backup")
    before = await home.videos()
    await home.make_video(b"later")
    copy = await home.source.store.open(tmp_path / "backup", "")
    assert [file.name for file in await copy.kept_videos("", 10)] == before
    assert await copy.breaches() == []
    await copy.close()


async def test_files_can_share_their_bytes_with_the_data_folder(home: Home, tmp_path: Path) -> None:
    taken = await home.take(tmp_path / "backup", linked=True)
    (video,) = await home.videos()
    assert taken.linked == 2
    assert (tmp_path / "backup" / f"blobs/{video[:2]}/{video}").samefile(home.place(video))


async def test_where_files_cannot_be_linked_they_are_copied(home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(18, "Invalid cross-device link")

    monkeypatch.setattr(os, "link", refuse)
    taken = await home.take(tmp_path / "backup", linked=True)
    assert (taken.linked, taken.manifest.blobs.count) == (0, 2)


async def test_a_video_that_comes_meanwhile_comes_along_if_the_copy_names_it(home: Home, tmp_path: Path) -> None:
    async def finish_one(copies: int) -> None:
        if copies == 1:
            await home.make_video(b"too late for this copy")

    early = await home.make_video(b"just in time")
    source = replace(home.source, store=Interrupted(home.source.store, finish_one))
    taken = await take(source, tmp_path / "backup", Wish(), home.clock, lambda _: None)
    assert taken.manifest.jobs == 2
    assert (tmp_path / "backup" / "blobs" / early.name[:2] / early.name).is_file()
    assert len(await home.videos()) == 3
    assert taken.manifest.blobs.count == 3


async def test_a_file_that_is_removed_before_it_was_copied_makes_the_database_be_copied_again(home: Home, tmp_path: Path) -> None:
    brief: list[str] = []

    class Busy(Interrupted):
        async def survey(self, folder: Path) -> Survey:
            found = await self.inner.survey(folder)
            if not brief:  # it comes right after the first look, and goes right after the first copy
                brief.append(await home.put(b"brief"))
                await home.store.add_blob(replace(upload_row(make_upload()), name=brief[0], size_bytes=5))
            return found

    async def remove_it(copies: int) -> None:
        if copies == 1:
            await home.store.forget_blob(brief[0])
            await home.blobs.remove(brief[0])

    store = Busy(home.source.store, remove_it)
    taken = await take(replace(home.source, store=store), tmp_path / "backup", Wish(), home.clock, lambda _: None)
    assert store.copies == 2
    assert (taken.manifest.blobs.count, taken.manifest.lost, taken.manifest.expired) == (2, (), 0)


async def test_a_file_whose_time_is_over_may_be_missing(home: Home, tmp_path: Path) -> None:
    row = await home.make_video(b"short", expires_at=home.clock.now() + timedelta(minutes=1))
    home.clock.tick(minutes=2)
    home.place(row.name).unlink()
    taken = await home.take(tmp_path / "backup")
    assert (taken.manifest.expired, taken.manifest.lost) == (1, ())


@pytest.mark.parametrize("what", ["gone", "damaged"])
async def test_a_file_that_is_lost_stops_the_backup_unless_it_is_wanted_all_the_same(home: Home, tmp_path: Path, what: str) -> None:
    (video,) = await home.videos()
    if what == "gone":
        home.place(video).unlink()
    else:
        home.place(video).write_bytes(VIDEO.replace(b"a", b"b", 1))
    with pytest.raises(Unfit, match="lost or damaged: 1; no backup was taken") as refused:
        await home.take(tmp_path / "backup")
    assert video in refused.value.faults[0]
    assert not (tmp_path / "backup").exists()
    assert not (tmp_path / "backup.part").exists()
    taken = await home.take(tmp_path / "backup", despite_losses=True)
    assert taken.manifest.lost == (video,)
    assert taken.manifest.blobs.count == 1


async def test_books_that_do_not_agree_are_not_put_in_place(home: Home, tmp_path: Path) -> None:
    spoiler = apsw.Connection(str(home.data / "store.sqlite"))
    spoiler.execute("update balance set available = available + 1 where account = 'ada'")
    spoiler.close()
    with pytest.raises(Unfit, match="not in order") as refused:
        await home.take(tmp_path / "backup")
    assert "ada" in refused.value.faults[0]
    assert not (tmp_path / "backup").exists()


async def test_a_place_that_cannot_be_used_is_refused(home: Home, tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    for place, words in (
        (tmp_path / "there", "is there already"),
        (tmp_path / "no" / "backup", "is not there"),
        (home.data / "backup", "lies in the data folder"),
    ):
        with pytest.raises(BackupError, match=words):
            await home.take(place)


async def test_a_disk_without_room_is_refused_before_anything_is_written(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copying.shutil, "disk_usage", lambda _: SimpleNamespace(free=10**6))
    with pytest.raises(BackupError, match="are needed, and the disk of"):
        await home.take(tmp_path / "backup")
    assert not (tmp_path / "backup.part").exists()


async def test_what_a_broken_off_backup_has_left_is_replaced_and_nothing_else_is(home: Home, tmp_path: Path) -> None:
    part = tmp_path / "backup.part"
    part.mkdir()
    (part / "mine").write_text("of somebody else")
    with pytest.raises(BackupError, match="is in the way"):
        await home.take(tmp_path / "backup")
    assert (part / "mine").exists()
    (part / "manifest.part").touch()
    assert (await home.take(tmp_path / "backup")).manifest.jobs == 1


async def test_two_backups_to_one_place_do_not_meet(home: Home, tmp_path: Path) -> None:
    part = tmp_path / "backup.part"
    part.mkdir()
    (part / "manifest.part").touch()
    lock = hold(part)
    assert lock is not None
    with pytest.raises(BackupError, match="another backup to"):
        await home.take(tmp_path / "backup")
    os.close(lock)


async def test_a_folder_without_a_database_has_nothing_to_copy(home: Home, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(StoreError, match="there is no database in"):
        await take(replace(home.source, folder=tmp_path / "empty"), tmp_path / "backup", Wish(), home.clock, lambda _: None)


async def test_files_that_go_faster_than_they_are_copied_end_it(home: Home, tmp_path: Path) -> None:
    class Restless(Interrupted):
        async def survey(self, folder: Path) -> Survey:
            found = await self.inner.survey(folder)
            return replace(found, files=()) if folder == home.data else found

    async def vanish(_: int) -> None:
        await home.blobs.remove(home.part)

    source = replace(home.source, store=Restless(home.source.store, vanish))
    with pytest.raises(BackupError, match="files are removed faster"):
        await take(source, tmp_path / "backup", Wish(), home.clock, lambda _: None)


async def test_one_that_is_broken_off_leaves_nothing_behind(home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, may_go_on = asyncio.Event(), threading.Event()
    loop, real = asyncio.get_running_loop(), copying.copy

    def slow(source: Path, to: Path) -> Sum:
        loop.call_soon_threadsafe(begun.set)
        may_go_on.wait(30)
        return real(source, to)

    monkeypatch.setattr(module, "copy", slow)
    async with asyncio.TaskGroup() as tasks:
        taking = tasks.create_task(home.take(tmp_path / "backup"))
        await begun.wait()
        taking.cancel()
        loop.call_soon(may_go_on.set)
    assert taking.cancelled()
    assert {path.name for path in os.scandir(tmp_path)} == {"data"}
