"""A backup is restored whole or not at all, into a folder that was empty."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from reelgate.app import open_house
from reelgate.backup import restore as module
from reelgate.backup.manifest import BackupError, Unfit
from reelgate.backup.restore import restore
from reelgate.domain.errors import StoreError
from reelgate.folder import DataFolder
from reelgate.settings import read_settings
from tests.unit.backup.conftest import SECRETS, VIDEO, Home


@pytest.fixture
async def backup(home: Home, tmp_path: Path) -> Path:
    return (await home.take(tmp_path / "backup")).path


async def test_a_restored_folder_has_all_that_the_backup_has(home: Home, backup: Path, tmp_path: Path) -> None:
    restored = restore(backup, tmp_path / "again")
    (video,) = await home.videos()
    assert (tmp_path / "again" / "blobs" / video[:2] / video).read_bytes() == VIDEO
    assert {name: (tmp_path / "again" / name).read_text() for name in SECRETS} == {name: f"the secret {name}\n" for name in SECRETS}
    assert {path.name for path in (tmp_path / "again").iterdir()} == {*SECRETS, "tls", "blobs", "store.sqlite", "store.json", "lock"}
    assert {path.stat().st_mode & 0o077 for path in (tmp_path / "again").rglob("*")} == {0}
    assert (restored.files, restored.manifest.jobs) == (9, 1)


async def test_the_first_start_counts_as_one_after_a_crash(home: Home, tmp_path: Path) -> None:
    (home.data / "master.key").write_text("ab" * 32)
    restore((await home.take(tmp_path / "backup")).path, tmp_path / "again")
    folder = DataFolder(tmp_path / "again")
    assert folder.secret("repeats.json") is None
    async with open_house(read_settings({"database": "sqlite"}), folder) as house:
        assert await house.gateway.store.breaches() == []
        assert await house.gateway.inspector.look() == []
    folder.close()


async def test_a_folder_that_holds_anything_is_left_alone(backup: Path, tmp_path: Path, home: Home) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "store.sqlite").write_text("mine")
    for folder in (tmp_path / "mine", home.data):
        before = {path: path.stat().st_mtime for path in folder.rglob("*")}
        with pytest.raises(BackupError, match="a backup is restored into a new or an empty folder"):
            restore(backup, folder)
        assert {path: path.stat().st_mtime for path in folder.rglob("*")} == before


async def test_a_folder_on_which_a_gateway_starts_is_left_alone(backup: Path, tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "again")
    with pytest.raises(StoreError, match="another gateway already runs"):
        restore(backup, tmp_path / "again")
    folder.close()
    assert restore(backup, tmp_path / "again").files == 9


@pytest.mark.parametrize("name", ["store.sqlite", "pepper", "a video", "SHA256SUMS", "manifest.json"])
async def test_a_flipped_byte_is_found_and_nothing_is_restored(home: Home, backup: Path, tmp_path: Path, name: str) -> None:
    (video,) = await home.videos()
    path = backup / (f"blobs/{video[:2]}/{video}" if name == "a video" else name)
    content = bytearray(path.read_bytes())
    content[content.index(b'"sums": "') + 20 if name == "manifest.json" else len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises((Unfit, BackupError)):
        restore(backup, tmp_path / "again")
    assert not list((tmp_path / "again").glob("[!l]*"))


async def test_a_file_that_is_missing_is_found_and_nothing_is_restored(home: Home, backup: Path, tmp_path: Path) -> None:
    (video,) = await home.videos()
    (backup / "blobs" / video[:2] / video).unlink()
    with pytest.raises(Unfit, match="missing: 1; nothing was restored") as refused:
        restore(backup, tmp_path / "again")
    assert video in refused.value.faults[0]
    assert not (tmp_path / "again").exists()


async def test_what_is_no_backup_is_refused(home: Home, tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="is not a backup"):
        restore(home.data, tmp_path / "again")


async def test_no_gateway_starts_on_half_a_restore_and_the_next_one_begins_anew(
    backup: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, moved = Path.rename, list[Path]()

    def rename(path: Path, to: Path) -> Path:
        if len(moved) == 3:
            raise OSError(5, "Input/output error", str(to))
        moved.append(to)
        return real(path, to)

    monkeypatch.setattr(module.Path, "rename", rename)
    with pytest.raises(BackupError, match="Input/output error"):
        restore(backup, tmp_path / "again")
    monkeypatch.undo()
    with pytest.raises(StoreError, match="was not finished; run `reelgate restore` again"):
        DataFolder(tmp_path / "again")
    assert restore(backup, tmp_path / "again").files == 9
    DataFolder(tmp_path / "again").close()


async def test_a_disk_that_fails_leaves_nothing_behind(backup: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(BackupError, match="No space left on device; nothing was restored"):
        restore(backup, tmp_path / "again")
    monkeypatch.undo()
    assert [path.name for path in (tmp_path / "again").iterdir()] == ["lock"]
