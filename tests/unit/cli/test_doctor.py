from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from reelgate.app import open_house
from reelgate.cli import doctor
from reelgate.folder import DataFolder
from reelgate.settings import read_settings
from tests.story import make_upload, upload_row
from tests.unit.cli.conftest import Served, Speak


def verdicts(speak: Speak) -> dict[str, str]:
    return {each["what"]: each["verdict"] for each in json.loads(speak("doctor", "--json").out)}


def test_a_channel_whose_costs_nobody_confirmed_is_doubtful() -> None:
    costs = [{"endpoint": "a/b", "confirmed": True}, {"endpoint": "a/c", "confirmed": False}, {"endpoint": "a/d", "confirmed": False}]
    (finding,) = doctor.findings_of_costs("fal-main", costs)
    assert (finding.what, finding.verdict) == ("Channel fal-main", "doubtful")
    assert "a/c and 1 more" in finding.words
    assert finding.cure.endswith("channels costs fal-main --confirm")
    assert list(doctor.findings_of_costs("fal-main", costs[:1])) == []


def test_all_is_well_with_a_gateway_that_runs(speak: Speak, gateway: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REELGATE_DATA", str(gateway.data))
    said = speak("doctor")
    assert said.code == 0, said.out
    found = verdicts(speak)
    found.pop("Prices", "")  # it depends on the day whether those of the catalog are old
    assert set(found.values()) == {"good"}
    assert {"Python", "Data folder", "Free space", "Gateway", "Caller's key", "Admin key", "Who serves", "Ledger"} <= set(found)


def test_without_a_gateway_it_says_how_to_start_one(speak: Speak, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("REELGATE_DATA", str(tmp_path / "data"))
    said = speak("doctor")
    assert said.code == 0
    assert f"no gateway runs on {tmp_path / 'data'}" in said.out
    assert f"up --data {tmp_path / 'data'}" in said.out


def test_a_folder_that_cannot_be_written_is_found(speak: Speak, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("REELGATE_DATA", str(tmp_path / "file" / "data"))
    said = speak("doctor")
    assert said.code == 1
    assert f"{tmp_path / 'file' / 'data'} cannot be written" in said.out


def test_a_secret_that_others_can_read_is_found(speak: Speak, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "key").write_text("rg_live_made_up")
    (tmp_path / "key").chmod(0o644)
    monkeypatch.setenv("REELGATE_DATA", str(tmp_path))
    said = speak("doctor")
    assert said.code == 1
    assert f"cure: chmod 600 {tmp_path / 'key'}" in said.out


def test_a_bad_setting_is_found(speak: Speak, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REELGATE_PREVIEW", "perhaps")
    assert verdicts(speak)["Settings"] == "bad"


def test_a_wrong_key_is_found(speak: Speak, gateway: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REELGATE_KEY", "rg_live_wrong")
    assert verdicts(speak)["Caller's key"] == "bad"


@pytest.mark.parametrize(("names", "verdict"), [(("FAL_RUN_HOST", "FAL_QUEUE_RUN_HOST"), "bad"), (("FAL_RUN_HOST",), "bad")])
def test_fals_client_led_by_https_to_plain_http_is_found(
    speak: Speak, gateway: Served, monkeypatch: pytest.MonkeyPatch, names: tuple[str, ...], verdict: str
) -> None:
    for name in names:
        monkeypatch.setenv(name, urlsplit(gateway.url).netloc)
    assert verdicts(speak)["fal's client"] == verdict
    assert "up --tls" in speak("doctor").out


def test_half_of_fals_settings_is_doubtful(speak: Speak, gateway: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAL_RUN_HOST", "elsewhere.example.com")
    assert verdicts(speak)["fal's client"] == "doubtful"


def state(**told: Any) -> dict[str, Any]:
    return {"rule": "everybody", "engines": [], "jobs": {}, "breaches": [], **told}


def test_every_breach_is_shown_with_its_number() -> None:
    breaches = ["I3 account ada: entries say 5, the balance 6", "I16 job 7: its video is gone"]
    ledger = [each for each in doctor.findings_of(state(breaches=breaches)) if each.what.startswith("Ledger")]
    assert [(each.what, each.verdict, each.words) for each in ledger] == [
        ("Ledger: I3", "bad", "account ada: entries say 5, the balance 6"),
        ("Ledger: I16", "bad", "job 7: its video is gone"),
    ]
    assert "report it" in ledger[0].cure
    assert "from a backup" in ledger[1].cure


def test_of_very_many_breaches_the_first_are_shown() -> None:
    told = [each for each in doctor.findings_of(state(breaches=[f"I1 {n}" for n in range(50)])) if each.what.startswith("Ledger")]
    assert len(told) == 21
    assert told[-1].words == "30 breaches more"


def test_old_prices_are_doubtful() -> None:
    stale = {"endpoints": ["one", "two", "three"], "oldest": "2026-08-21"}
    (prices,) = [each for each in doctor.findings_of(state(stale_prices=stale)) if each.what == "Prices"]
    assert prices.verdict == "doubtful"
    assert "prices confirm" in prices.cure
    assert "3 are older than 60 days, the oldest of 2026-08-21" in prices.words
    assert not [each for each in doctor.findings_of(state(stale_prices=None)) if each.what == "Prices"]


def test_a_deep_look_reads_every_file(speak: Speak, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("REELGATE_DATA", str(tmp_path / "data"))
    assert "not read: there is no database in" in speak("doctor", "--deep").out
    asyncio.run(lodge(tmp_path / "data"))
    assert "1 read, 0.0 MB: each has its sum" in speak("doctor", "--deep").out
    (picture,) = (tmp_path / "data" / "blobs").glob("??/*")
    picture.write_bytes(b"other")
    said = speak("doctor", "--deep")
    assert said.code == 1
    assert f"{picture.name} is damaged" in said.out
    assert "cure: bring it back from a backup" in said.out


async def lodge(data: Path) -> None:
    """Leave a data folder with one file."""
    folder = DataFolder(data)
    async with open_house(read_settings({"database": "sqlite", "min_free_bytes": 0}), folder) as house:
        blob = await house.gateway.blobs.put(one_chunk(), content_type="image/png", limit_bytes=5)
        row = upload_row(make_upload("owner", blob.name))
        await house.gateway.store.add_blob(replace(row, size_bytes=blob.size_bytes, sha256=blob.sha256))
    folder.close()


async def one_chunk() -> AsyncIterator[bytes]:
    yield b"bytes"
