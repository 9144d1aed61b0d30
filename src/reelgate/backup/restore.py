"""Restores a backup into an empty data folder.

All of it is copied into a folder inside, its sums are compared, and only then it takes its places. As long as that inner folder is
there no gateway starts on the data folder, and a restore begins anew: it is restored whole or not at all.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from reelgate.backup.copying import batches, check_room, copy, make_folder, settle, settle_names
from reelgate.backup.manifest import BackupError, Manifest, Unfit, read_manifest, read_sums
from reelgate.folder import LOCK, UNFINISHED, DataFolder

_NOT_OURS = frozenset({LOCK, UNFINISHED, "lost+found"})
_NAMED = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """A data folder that can be started on."""

    folder: Path
    manifest: Manifest
    files: int
    size_bytes: int


def restore(backup: Path, data: Path) -> Restored:
    """Make a data folder of a backup. `StoreError` or `BackupError` says why not, `Unfit` what is wrong with the backup."""
    manifest = read_manifest(backup)
    sums = read_sums(backup, manifest)
    _check_complete(backup, sums)
    _check_empty(data)
    folder = DataFolder(data, to_restore=True)
    try:
        _check_empty(data)
        size_bytes = _fill(backup, sums, data)
    except OSError as error:
        raise BackupError(f"{error.filename or data} cannot be read or written: {error.strerror}; nothing was restored") from error
    finally:
        folder.close()
    return Restored(folder=data, manifest=manifest, files=len(sums), size_bytes=size_bytes)


def _check_complete(backup: Path, names: Iterable[str]) -> None:
    missing = [name for name in names if not (backup / name).is_file()]
    if missing:
        raise Unfit(f"files of the backup {backup} that are missing: {len(missing)}; nothing was restored", tuple(missing))


def _check_empty(data: Path) -> None:
    """Nothing is written over, but for what a restore has left that was broken off."""
    found = _occupants(data)
    if found and not (data / UNFINISHED).exists():
        names = ", ".join(path.name for path in found[:_NAMED])
        raise BackupError(f"{data} is not empty ({names}): a backup is restored into a new or an empty folder; choose one with --data")


def _fill(backup: Path, sums: Mapping[str, str], data: Path) -> int:
    stage = data / UNFINISHED
    if stage.exists():
        for path in _occupants(data):
            _remove(path)
        shutil.rmtree(stage)
    check_room(data, sum((backup / name).stat().st_size for name in sums))
    make_folder(stage)
    try:
        size_bytes = _bring_all(backup, sums, stage)
        settle(stage)
        settle_names(data)
    except BaseException:
        shutil.rmtree(stage, ignore_errors=True)
        raise
    for path in list(stage.iterdir()):
        path.rename(data / path.name)
    settle_names(data)
    stage.rmdir()  # from here on a gateway may start
    settle_names(data)
    return size_bytes


def _bring_all(backup: Path, sums: Mapping[str, str], stage: Path) -> int:
    def bring(name: str) -> int:
        return _bring(backup, name, sums[name], stage)

    with ThreadPoolExecutor() as pool:
        return sum(sum(pool.map(bring, batch)) for batch in batches(list(sums)))


def _bring(backup: Path, name: str, sha256: str, stage: Path) -> int:
    found = copy(backup / name, stage / name)
    if found.sha256 != sha256:
        raise Unfit(f"{backup / name} is damaged: it is not what it was when the backup was taken; nothing was restored", (name,))
    return found.size_bytes


def _occupants(data: Path) -> list[Path]:
    return sorted(path for path in data.iterdir() if path.name not in _NOT_OURS) if data.is_dir() else []


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()
