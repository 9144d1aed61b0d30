"""Blobs as files: durable before they have a name, kept when the disk is full."""

from __future__ import annotations

import errno
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from reelgate.blobs.local import BLOBS
from reelgate.contracts.blobs import Blobs
from reelgate.domain.errors import Unready


@pytest.fixture
async def blobs(tmp_path: Path) -> Blobs:
    return await BLOBS.open(tmp_path / "blobs", "")


async def test_the_bytes_are_on_the_disk_before_the_name_is(blobs: Blobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    fsync = os.fsync

    def watched(descriptor: int) -> None:
        seen.append(Path(f"/proc/self/fd/{descriptor}").readlink().suffix)
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", watched)
    (tmp_path / "made.mp4").write_bytes(b"video")
    await blobs.adopt(tmp_path / "made.mp4", content_type="video/mp4")
    assert seen == [".part", ""]


async def test_a_full_disk_loses_nothing(blobs: Blobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    made = tmp_path / "made.mp4"
    made.write_bytes(b"video")
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(Unready, match="no room"):
            await blobs.adopt(made, content_type="video/mp4")
    assert made.read_bytes() == b"video"
    blob = await blobs.adopt(made, content_type="video/mp4")
    assert blob.size_bytes == 5


async def test_a_move_that_fails_after_the_name_was_given_is_taken_back(
    blobs: Blobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fsync = os.fsync

    def fails_for_folders(descriptor: int) -> None:
        if Path(f"/proc/self/fd/{descriptor}").readlink().is_dir():
            raise OSError(errno.EIO, "Input/output error")
        fsync(descriptor)

    made = tmp_path / "made.mp4"
    made.write_bytes(b"video")
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", fails_for_folders)
        with pytest.raises(Unready):
            await blobs.adopt(made, content_type="video/mp4")
    assert made.read_bytes() == b"video"
    assert [path for path in (tmp_path / "blobs").rglob("*") if path.is_file()] == []


async def test_what_a_dead_process_left_of_a_name_does_not_stand_in_its_way(blobs: Blobs, tmp_path: Path) -> None:
    name = "ab" * 16
    left = tmp_path / "blobs" / "ab" / f"{name}.part"
    left.parent.mkdir()
    left.write_bytes(b"half")
    blob = await blobs.put(_one(b"whole"), content_type="x", limit_bytes=9, name=name)
    assert (left.parent / blob.name).read_bytes() == b"whole"
    assert await blobs.sweep(frozenset({name}), older_than_s=-1) == 1
    assert not left.exists()


async def test_a_sweep_passes_by_what_is_no_file_of_ours(blobs: Blobs, tmp_path: Path) -> None:
    (tmp_path / "blobs" / "ab" / "old").mkdir(parents=True)
    (tmp_path / "blobs" / "ab" / "gone").symlink_to(tmp_path / "nowhere")
    assert await blobs.sweep(frozenset(), older_than_s=-1) == 0


async def _one(chunk: bytes) -> AsyncIterator[bytes]:
    yield chunk
