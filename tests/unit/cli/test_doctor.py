from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.unit.cli.conftest import Served, Speak


def verdicts(speak: Speak) -> dict[str, str]:
    return {each["what"]: each["verdict"] for each in json.loads(speak("doctor", "--json").out)}


def test_all_is_well_with_a_gateway_that_runs(speak: Speak, gateway: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REELGATE_DATA", str(gateway.data))
    said = speak("doctor")
    assert said.code == 0, said.out
    found = verdicts(speak)
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
