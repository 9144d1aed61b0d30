"""The data folder."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from reelgate.domain.errors import StoreError
from reelgate.folder import UNFINISHED, DataFolder, Running, announce, announced


def test_one_process_at_a_time(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "data")
    code = f"from pathlib import Path; from reelgate.folder import DataFolder; DataFolder(Path({str(tmp_path / 'data')!r}))"
    second = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)
    assert second.returncode != 0
    assert "another gateway already runs" in second.stderr
    folder.close()
    assert subprocess.run([sys.executable, "-c", code], check=False, capture_output=True).returncode == 0


def test_a_folder_with_half_a_restore_is_not_used(tmp_path: Path) -> None:
    (tmp_path / UNFINISHED).mkdir()
    with pytest.raises(StoreError, match="was not finished; run `reelgate restore` again"):
        DataFolder(tmp_path)
    folder = DataFolder(tmp_path, to_restore=True)
    (tmp_path / UNFINISHED).rmdir()
    folder.close()
    DataFolder(tmp_path).close()


def test_a_folder_that_cannot_be_made_says_why(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot be written"):
        DataFolder(tmp_path / "file" / "data")


def test_secrets_are_for_this_user_only_and_stay(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "data")
    pepper = folder.pepper()
    folder.keep("key", b"rg_live_x")
    assert folder.pepper() == pepper
    assert folder.secret("key") == b"rg_live_x"
    assert folder.secret("nothing") is None
    assert {oct((folder.path / name).stat().st_mode & 0o777) for name in ("key", "pepper", "lock")} == {"0o600"}
    assert oct(folder.path.stat().st_mode & 0o777) == "0o700"
    folder.close()


def test_a_gateway_that_runs_is_found_and_a_dead_one_is_forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REELGATE_STATE", str(tmp_path))
    alive = Running(url="http://127.0.0.1:8000", data=tmp_path, pid=os.getpid())
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    announce(alive)
    path = announce(Running(url="http://127.0.0.1:1", data=tmp_path, pid=dead.pid))
    assert announced() == [alive]
    assert not path.exists()


def test_the_master_key_is_made_once_for_this_user_only_and_stays(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "data")
    key = folder.master_key()
    assert len(key) == 32
    assert folder.master_key() == key
    assert oct((folder.path / "master.key").stat().st_mode & 0o777) == "0o600"
    folder.close()


def test_a_master_key_that_was_spoilt_is_named_and_not_replaced(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "data")
    folder.keep("master.key", b"half a ke\xff")
    with pytest.raises(StoreError, match=r"master\.key cannot be used: a master key is 32 random bytes"):
        folder.master_key()
    assert folder.secret("master.key") == b"half a ke\xff"
    folder.close()
