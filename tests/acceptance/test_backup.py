"""A backup that is taken under load restores to a gateway whose books agree and which goes on; anything less is refused."""

from __future__ import annotations

import asyncio
import json
import secrets
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import apsw
import pytest

from tests.acceptance._crash import CALLERS, ENDPOINT, Record, Siege, find_faults
from tests.acceptance._gateway import PROGRAM, Gateway, running, surroundings

pytestmark = pytest.mark.timeout(300)
ENOUGH = 40


def reelgate(siege: Siege, *words: str) -> subprocess.CompletedProcess[str]:
    """A command, as an operator types it beside the gateway."""
    environment = surroundings(siege.data, siege.environment)
    return subprocess.run([str(PROGRAM), *words], env=environment, check=False, capture_output=True, text=True, timeout=120)


@pytest.mark.parametrize("options", [(), ("--link",)], ids=["copied", "linked"])
def test_a_backup_under_load_restores_to_a_gateway_that_goes_on(tmp_path: Path, options: tuple[str, ...], large: bool) -> None:
    siege = Siege(folder=tmp_path / "first", seed=secrets.randbelow(1 << 32))
    backup = tmp_path / "backup"
    plain = tmp_path / "plain.sqlite"

    async def take(gateway: Gateway) -> Record:
        await siege.answered(ENOUGH * (20 if large else 1))
        shutil.copy(siege.data / "store.sqlite", plain)
        before = replace(siege.record, answered=dict(siege.record.answered))
        taken = await asyncio.to_thread(reelgate, siege, "backup", str(backup), *options)
        assert taken.returncode == 0, taken.stderr
        assert taken.stdout == f"{backup}\n"
        assert len(siege.record.answered) > len(before.answered) + CALLERS, "there was hardly any load"
        assert gateway.state()["breaches"] == []
        return before

    before = asyncio.run(siege.run_through(take))
    assert set(before.answered) - jobs_in(plain), "a copy of the file alone would have done"

    after = Siege(folder=tmp_path / "second", seed=siege.seed, record=before)
    restored = reelgate(siege, "restore", str(backup), "--data", str(after.data))
    assert restored.returncode == 0, restored.stderr
    gateway = after.rest()
    assert set(before.answered) <= jobs_in(after.data / "store.sqlite")
    new = gateway.submit(ENDPOINT, {"prompt": f"{siege.journal} new"})
    assert gateway.result(new).status == 200
    assert gateway.call("GET", "/readyz", key=None).status == 200
    assert find_faults(after, gateway, restored=True) == [], f"seed {siege.seed}"


def test_a_backup_with_a_fault_is_refused(tmp_path: Path) -> None:
    siege = Siege(folder=tmp_path / "first", seed=1)
    with running(siege.data, environment=siege.environment) as gateway:
        done = [gateway.submit(ENDPOINT, {"prompt": f"{siege.journal} {number}"}) for number in range(2)]
        assert [gateway.result(each).status for each in done] == [200, 200]
        assert reelgate(siege, "backup", str(tmp_path / "backup")).returncode == 0
    video, other = sorted((tmp_path / "backup" / "blobs").glob("??/*"))
    content = bytearray(video.read_bytes())
    content[len(content) // 2] ^= 1
    for spoil, words in ((lambda: video.write_bytes(content), "is damaged"), (other.unlink, "missing: 1")):
        spoil()
        refused = reelgate(siege, "restore", str(tmp_path / "backup"), "--data", str(tmp_path / "second"))
        assert (refused.returncode, refused.stdout) == (1, "")
        assert words in refused.stderr
        assert not (tmp_path / "second" / "store.sqlite").exists()


def test_a_folder_that_lost_a_video_goes_on_and_is_told_apart(tmp_path: Path) -> None:
    siege = Siege(folder=tmp_path, seed=1)
    with running(siege.data, environment=siege.environment) as gateway:
        assert gateway.result(gateway.submit(ENDPOINT, {"prompt": f"{siege.journal} one"})).status == 200
    (video,) = (siege.data / "blobs").glob("??/*")
    kept = video.rename(tmp_path / "kept")
    refused = reelgate(siege, "backup", str(tmp_path / "backup"), "--data", str(siege.data))
    assert refused.returncode == 1
    assert "lost or damaged: 1; no backup was taken" in refused.stderr
    with running(siege.data, environment=siege.environment) as gateway:
        looked = reelgate(siege, "doctor", "--deep", "--json")
        assert looked.returncode == 1
        bad = {each["what"]: each["words"] for each in json.loads(looked.stdout) if each["verdict"] == "bad"}
        assert bad.keys() == {"Ledger: I16", "Files"}
        assert bad["Ledger: I16"].startswith("job ")
        assert gateway.call("GET", "/readyz", key=None).status == 200
        assert gateway.result(gateway.submit(ENDPOINT, {"prompt": f"{siege.journal} two"})).status == 200
        kept.rename(video)
        assert gateway.state()["breaches"] == []


def jobs_in(database: Path) -> set[str]:
    """The jobs of a database file, and of the log beside it if there is one."""
    connection = apsw.Connection(str(database), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        return {job_id for (job_id,) in connection.execute("select id from job")}
    finally:
        connection.close()
