"""The composition root."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from reelgate.app import load_catalog, load_faces, open_house
from reelgate.folder import DataFolder
from reelgate.settings import read_settings
from tests.house import open_lodging


def test_faces_have_names_of_their_own() -> None:
    faces = load_faces()
    assert len({face.name for face in faces}) == len(faces)
    assert faces[-1].name == "own"  # it takes what is left of our own prefixes


def test_no_endpoint_hides_behind_a_fixed_path() -> None:
    taken = {"v1", "files", "admin", "healthz", "readyz", "ui", "docs", "run", "fal", "storage", "metrics", "proxy", "tasks"}
    for endpoint in load_catalog():
        assert endpoint.id.split("/")[0] not in taken
        assert not ("fal" in endpoint.inputs and endpoint.id.startswith("kling/v1/"))


async def test_the_keys_of_a_folder_stay_the_same_at_the_next_start(tmp_path: Path) -> None:
    secrets: list[list[bytes | None]] = []
    for _ in range(2):
        folder = DataFolder(tmp_path)
        async with open_house(read_settings({"database": "sqlite"}), folder):
            secrets.append([folder.secret("key"), folder.secret("admin-key"), folder.secret("pepper")])
        folder.close()
    assert secrets[0] == secrets[1]
    assert None not in secrets[0]


async def test_a_key_that_the_store_does_not_know_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "key").write_text("rg_live_of_another_store\n")
    async with open_lodging(tmp_path, monkeypatch, working=False) as lodger:
        assert (await lodger.http.get("/v1/jobs")).status_code == 200


def test_the_api_process_loads_nothing_that_draws() -> None:
    heavy = {"numpy", "cv2", "av", "PIL"}
    code = f"import sys, reelgate.app as app; app.load_faces(); app.load_catalog(); print(sorted({heavy!r} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.strip() == "[]"


async def test_a_first_key_that_was_revoked_is_replaced_at_the_next_start(tmp_path: Path) -> None:
    kept: list[bytes | None] = []
    for _ in range(2):
        folder = DataFolder(tmp_path)
        async with open_house(read_settings({"database": "sqlite"}), folder) as house:
            kept.append(folder.secret("admin-key"))
            for key in await house.gateway.store.keys("owner"):
                await house.gateway.keys.revoke(key.id, actor="gateway")
        folder.close()
    assert kept[0] != kept[1]


async def test_when_keys_were_last_used_is_kept_at_the_stop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with open_lodging(tmp_path, monkeypatch, working=False, database="sqlite") as lodger:
        (await lodger.http.get("/v1/jobs")).raise_for_status()
        assert [key.last_used_at for key in await lodger.house.gateway.store.keys("owner")] == [None, None]
    async with open_lodging(tmp_path, monkeypatch, working=False, database="sqlite") as lodger:
        used = {key.mode: key.last_used_at for key in await lodger.house.gateway.store.keys("owner")}
        assert used["admin"] is None
        assert used["live"] is not None
