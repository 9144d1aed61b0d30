"""Files are copied whole, with their sums, for this user alone."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from reelgate.backup import copying
from reelgate.backup.copying import batches, check_room, copy, hold, is_one_disk, keep, link, make_folder, settle, sum_of
from reelgate.backup.manifest import BackupError, Sum

_CONTENT = os.urandom(3 << 20)
_SUM = Sum(len(_CONTENT), hashlib.sha256(_CONTENT).hexdigest())


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "source"
    path.write_bytes(_CONTENT)
    path.chmod(0o644)
    return path


def test_a_copy_is_the_same_and_nobody_elses(source: Path, tmp_path: Path) -> None:
    to = tmp_path / "one" / "two" / "copy"
    assert copy(source, to) == _SUM == sum_of(to)
    assert [oct(path.stat().st_mode & 0o777) for path in (to, to.parent, to.parent.parent)] == ["0o600", "0o700", "0o700"]


def test_a_few_are_copied_side_by_side() -> None:
    names = [str(number) for number in range(20)]
    assert [len(batch) for batch in batches(names)] == [8, 8, 4]
    assert [name for batch in batches(names) for name in batch] == names


def test_nothing_is_written_over(source: Path, tmp_path: Path) -> None:
    (tmp_path / "there").write_text("mine")
    with pytest.raises(FileExistsError):
        copy(source, tmp_path / "there")
    with pytest.raises(FileExistsError):
        keep(tmp_path / "there", b"")
    assert (tmp_path / "there").read_text() == "mine"


def test_a_link_has_the_sum_that_is_known_or_its_own(source: Path, tmp_path: Path) -> None:
    assert link(source, tmp_path / "one", "") == _SUM
    assert link(source, tmp_path / "two", "ab" * 32) == Sum(len(_CONTENT), "ab" * 32)
    with pytest.raises(FileNotFoundError):
        link(tmp_path / "gone", tmp_path / "three", "")
    assert link(tmp_path, tmp_path / "four", "") is None  # a file system links no folders


def test_what_is_kept_has_its_sum(tmp_path: Path) -> None:
    assert keep(tmp_path / "new", b"words") == Sum(5, hashlib.sha256(b"words").hexdigest())


def test_a_folder_is_held_by_one(tmp_path: Path) -> None:
    lock = hold(tmp_path)
    assert lock is not None
    assert hold(tmp_path) is None
    os.close(lock)
    again = hold(tmp_path)
    assert again is not None
    os.close(again)


def test_every_folder_is_made_durable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_folder(tmp_path / "one" / "two")
    settled: list[Path] = []
    monkeypatch.setattr(copying, "settle_names", settled.append)
    settle(tmp_path)
    assert settled[-1] == tmp_path
    assert set(settled) == {tmp_path, tmp_path / "one", tmp_path / "one" / "two"}


def test_a_disk_must_have_room_and_some_to_spare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copying.shutil, "disk_usage", lambda _: SimpleNamespace(free=100 << 20))
    check_room(tmp_path, 30 << 20)
    with pytest.raises(BackupError, match="nothing was written"):
        check_room(tmp_path, 40 << 20)


def test_a_folder_is_on_one_disk_with_itself(tmp_path: Path) -> None:
    assert is_one_disk(tmp_path, tmp_path)
    if Path("/proc").is_dir():
        assert not is_one_disk(tmp_path, Path("/proc"))
