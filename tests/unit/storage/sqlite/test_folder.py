"""What a data folder must be."""

from __future__ import annotations

import stat
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest

from reelgate.domain.errors import StoreError
from reelgate.storage.sqlite import STORE
from reelgate.storage.sqlite.folder import check_file_system, write_marker
from reelgate.storage.sqlite.migrate import MIGRATIONS

MOUNTS = """\
/dev/vda / ext4 rw 0 0
server:/export /srv/my\\040films nfs4 rw 0 0
/dev/vdb /srv/my\\040films/local xfs rw 0 0
user@host: /mnt/far fuse.sshfs rw 0 0
//nas/share /mnt/nas cifs rw 0 0
"""


@pytest.mark.parametrize("folder", ["/srv/my films", "/srv/my films/deep/down", "/mnt/far/data", "/mnt/nas"])
def test_a_network_file_system_is_refused(folder: str) -> None:
    with pytest.raises(StoreError, match="network file system"):
        check_file_system(Path(folder), MOUNTS)


@pytest.mark.parametrize("folder", ["/", "/srv", "/srv/my films/local/data", "/mnt/farther"])
def test_a_disk_of_this_machine_is_fine(folder: str) -> None:
    check_file_system(Path(folder), MOUNTS)
    check_file_system(Path(folder), "")


async def test_a_folder_is_made_private_and_marked(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "data"
    store = await STORE.open(folder, "")
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir() if path.name.startswith("store.sqlite")}
    assert modes == dict.fromkeys(("store.sqlite", "store.sqlite-wal", "store.sqlite-shm"), 0o600)
    await store.close()
    assert sorted(path.name for path in folder.iterdir()) == ["store.json", "store.sqlite"]
    marker = orjson.loads((folder / "store.json").read_bytes())
    assert (marker["store"], marker["schema"]) == ("sqlite", MIGRATIONS[-1].number)


def test_the_first_date_of_a_folder_stays(tmp_path: Path) -> None:
    write_marker(tmp_path, 1, datetime(2026, 1, 1, tzinfo=UTC))
    write_marker(tmp_path, 2, datetime(2027, 1, 1, tzinfo=UTC))
    marker = orjson.loads((tmp_path / "store.json").read_bytes())
    assert (marker["created_at"], marker["schema"]) == ("2026-01-01T00:00:00+00:00", 2)


@pytest.mark.parametrize("empty", [True, False])
async def test_no_empty_database_takes_the_place_of_a_lost_one(tmp_path: Path, empty: bool) -> None:
    await (await STORE.open(tmp_path, "")).close()
    (tmp_path / "store.sqlite").unlink()
    if empty:
        (tmp_path / "store.sqlite").touch()
    with pytest.raises(StoreError, match="gone or empty"):
        await STORE.open(tmp_path, "")
    (tmp_path / "store.json").unlink()
    await (await STORE.open(tmp_path, "")).close()


async def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "store.sqlite").write_bytes(b"no database at all" * 1000)
    with pytest.raises(StoreError, match="cannot be used"):
        await STORE.open(tmp_path, "")
