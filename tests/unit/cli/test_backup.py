"""`reelgate backup` and `reelgate restore`, as they are typed."""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path

import pytest

from reelgate.app import open_house
from reelgate.folder import DataFolder, Running, announce
from reelgate.settings import read_settings
from tests.unit.cli.conftest import Served, Speak


async def open_once(data: Path) -> None:
    """What a first start leaves."""
    folder = DataFolder(data)
    async with open_house(read_settings({"database": "sqlite"}), folder):
        pass
    folder.close()


@pytest.fixture
def data(tmp_path: Path) -> Path:
    asyncio.run(open_once(tmp_path / "data"))
    return tmp_path / "data"


def test_the_path_alone_goes_to_stdout_and_the_secrets_are_named(speak: Speak, data: Path, tmp_path: Path) -> None:
    said = speak("backup", "copy", "--data", str(data))
    assert (said.code, said.out) == (0, f"{tmp_path / 'copy'}\n"), said.err
    assert "0 jobs and 0 files" in said.err
    assert "its secrets came along, for this user alone: pepper, master.key, key, admin-key; who has the backup has them" in said.err
    assert "restore copy --data DIR" in said.err
    restored = speak("restore", "copy", "--data", "again")
    assert (restored.code, restored.out) == (0, f"{tmp_path / 'again'}\n"), restored.err
    assert "what happened since is not in it" in restored.err
    assert "up --data again" in restored.err
    assert (tmp_path / "again" / "key").read_text() == (data / "key").read_text()
    asyncio.run(open_once(tmp_path / "again"))


def test_both_speak_json(speak: Speak, data: Path, tmp_path: Path) -> None:
    taken = json.loads(speak("backup", "copy", "--data", str(data), "--json").out)
    assert taken["path"] == str(tmp_path / "copy")
    assert {"created_at", "schema", "jobs", "files", "size_bytes", "linked", "expired", "lost", "secrets"} <= set(taken)
    restored = json.loads(speak("restore", "copy", "--data", "again", "--json").out)
    assert restored["created_at"] == taken["created_at"]


def test_a_master_key_that_is_kept_apart_is_told_of(speak: Speak, data: Path) -> None:
    (data / "master.key").unlink()
    assert "keep REELGATE_MASTER_KEY as well" in speak("backup", "copy", "--data", str(data)).err
    assert "start with the REELGATE_MASTER_KEY" in speak("restore", "copy", "--data", "again").err


def test_the_folder_of_the_gateway_that_runs_is_meant(speak: Speak, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    announce(Running(url="http://127.0.0.1:1", data=data, pid=os.getpid()))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))
    assert speak("backup", "copy").code == 0
    announce(Running(url="http://127.0.0.1:2", data=tmp_path, pid=os.getppid()))
    several = speak("backup", "other")
    assert (several.code, several.out) == (2, "")
    assert "say which is meant" in several.err


def test_a_gateway_elsewhere_is_not_taken_for_the_folder_here(speak: Speak, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REELGATE_URL", "https://video.example.com")
    said = speak("backup", "copy")
    assert said.code == 2
    assert "is not known on this machine; name it with --data" in said.err
    assert speak("backup", "copy", "--data", str(data)).code == 0


def test_what_cannot_be_used_is_refused_with_its_reason(speak: Speak, data: Path, tmp_path: Path, gateway: Served) -> None:
    in_memory = speak("backup", "copy", "--data", str(data.parent / "none"))
    assert (in_memory.code, in_memory.out) == (2, "")
    assert "there is no database in" in in_memory.err
    assert "is there already" in speak("backup", str(data), "--data", str(data)).err
    assert "is not a backup" in speak("restore", str(data), "--data", "again").err
    assert speak("backup", "copy", "--data", str(data)).code == 0
    assert "is not empty" in speak("restore", "copy", "--data", str(data)).err


def test_a_store_in_memory_has_nothing_to_copy(speak: Speak, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REELGATE_DATABASE", "memory")
    said = speak("backup", "copy", "--data", str(data))
    assert said.code == 2
    assert "there is nothing in the data folder to read or to copy" in said.err


def test_data_that_is_not_in_order_ends_with_its_faults(speak: Speak, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def lose_one() -> None:
        import apsw

        connection = apsw.Connection(str(data / "store.sqlite"))
        for number in range(25):
            connection.execute(
                "insert into blob (name, account, file_name, content_type, size_bytes, sha256, created_at) values (?, ?, ?, ?, 1, ?, 0)",
                (f"{number:032x}", "owner", "a.png", "image/png", "ab" * 32),
            )
        connection.close()

    asyncio.run(lose_one())
    said = speak("backup", "copy", "--data", str(data))
    assert (said.code, said.out) == (1, "")
    assert f"{0:032x} (1 bytes)" in said.err
    assert "and 5 more" in said.err
    assert "lost or damaged: 25; no backup was taken" in said.err
    assert "doctor --deep" in said.err
    assert not (tmp_path / "copy").exists()
    despite = speak("backup", "copy", "--data", str(data), "--despite-losses")
    assert despite.code == 0
    assert "25 files are not in it" in despite.err


def test_a_backup_that_is_damaged_is_not_restored(speak: Speak, data: Path, tmp_path: Path) -> None:
    speak("backup", "copy", "--data", str(data))
    (tmp_path / "copy" / "pepper").write_text("another")
    said = speak("restore", "copy", "--data", "again")
    assert (said.code, said.out) == (1, "")
    assert "pepper is damaged" in said.err
