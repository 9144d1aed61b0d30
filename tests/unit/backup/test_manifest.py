"""What a backup says of itself comes back as it was written, and nothing else is taken for it."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest

from reelgate.backup.manifest import FORMAT, BackupError, Counts, Manifest, Sum, Unfit, read_manifest, read_sums, write_manifest, write_sums

_SUMS = {"store.sqlite": Sum(5, "ab" * 32), "blobs/cd/a file.mp4": Sum(7, "cd" * 32)}
_MANIFEST = Manifest(
    format=FORMAT,
    reelgate="0.1.0",
    created_at=datetime(2026, 1, 2, 3, 4, 5, 678000, tzinfo=UTC),
    store="sqlite",
    schema=2,
    jobs=3,
    database={"store.sqlite": _SUMS["store.sqlite"]},
    secrets=("pepper",),
    blobs=Counts(count=1, size_bytes=7),
    expired=0,
    lost=("ef" * 16,),
    sums=hashlib.sha256(write_sums(_SUMS)).hexdigest(),
)


def written(folder: Path, manifest: Manifest = _MANIFEST, sums: bytes | None = None) -> Path:
    (folder / "manifest.json").write_bytes(write_manifest(manifest))
    (folder / "SHA256SUMS").write_bytes(write_sums(_SUMS) if sums is None else sums)
    return folder


def test_it_comes_back_as_it_was(tmp_path: Path) -> None:
    backup = written(tmp_path)
    assert read_manifest(backup) == _MANIFEST
    assert read_sums(backup, _MANIFEST) == {name: each.sha256 for name, each in _SUMS.items()}


def test_people_can_read_it(tmp_path: Path) -> None:
    told = orjson.loads((written(tmp_path) / "manifest.json").read_bytes())
    assert told["created_at"] == "2026-01-02T03:04:05.678000+00:00"
    assert told["database"] == {"store.sqlite": {"size_bytes": 5, "sha256": "ab" * 32}}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"{", "is damaged: it is not JSON"),
        (b"[]", "is damaged"),
        (b"{}", "is damaged"),
        (b'{"format": 99}', "written by a newer Reelgate"),
    ],
)
def test_another_file_is_no_manifest(tmp_path: Path, content: bytes, words: str) -> None:
    (tmp_path / "manifest.json").write_bytes(content)
    with pytest.raises(BackupError, match=words):
        read_manifest(tmp_path)


def test_a_folder_without_one_is_no_backup(tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="is not a backup"):
        read_manifest(tmp_path)


def test_a_list_that_the_manifest_does_not_know_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Unfit, match="is not the list that"):
        read_sums(written(tmp_path, sums=b""), _MANIFEST)
    (tmp_path / "SHA256SUMS").unlink()
    with pytest.raises(Unfit, match="cannot be read"):
        read_sums(tmp_path, _MANIFEST)


@pytest.mark.parametrize("line", ["no sum", f"{'ab' * 32}  ../outside", f"{'ab' * 32}  /etc/passwd", f"{'ab' * 32}  blobs/../../outside"])
def test_a_list_that_leads_outside_is_refused(tmp_path: Path, line: str) -> None:
    content = f"{line}\n".encode()
    manifest = replace(_MANIFEST, sums=hashlib.sha256(content).hexdigest(), database={})
    with pytest.raises(Unfit, match="is damaged"):
        read_sums(written(tmp_path, manifest, content), manifest)


def test_a_database_that_the_list_does_not_name_is_refused(tmp_path: Path) -> None:
    manifest = replace(_MANIFEST, database={"store.sqlite": Sum(5, "00" * 32)})
    with pytest.raises(Unfit, match="do not agree"):
        read_sums(written(tmp_path, manifest), manifest)
