from __future__ import annotations

import json
from pathlib import Path

import pytest

from reelgate.settings import Settings
from tests.unit.cli.conftest import Speak


def test_every_setting_is_listed_with_its_variable_and_reason(speak: Speak) -> None:
    out = speak("settings").out
    for name, field in Settings.model_fields.items():
        assert f"REELGATE_{name.upper()} = " in out
        assert field.description
        assert field.description.split(".")[0][:40] in out


def test_each_says_where_its_value_comes_from(speak: Speak, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "reelgate.toml").write_text("max_queued = 7\n")
    monkeypatch.setenv("REELGATE_PORT", "9000")
    monkeypatch.setenv("REELGATE_ALLOW_PRIVATE", "10.0.0.0/8, 127.0.0.0/8")
    told = {each["name"]: each for each in json.loads(speak("settings", "--data", str(tmp_path), "--json").out)}
    assert (told["port"]["value"], told["port"]["default"], told["port"]["origin"]) == (9000, 8000, "environment")
    assert (told["max_queued"]["value"], told["max_queued"]["origin"]) == (7, "file")
    assert told["host"]["origin"] == "default"
    text = speak("settings", "--data", str(tmp_path)).out
    assert "REELGATE_PORT = 9000   from the environment; default 8000" in text
    assert "REELGATE_ALLOW_PRIVATE = 10.0.0.0/8, 127.0.0.0/8" in text
    assert "REELGATE_PUBLIC_URL = (none)" in text
    assert f"File: {tmp_path / 'reelgate.toml'} (read)" in text


def test_a_bad_setting_is_named(speak: Speak, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REELGATE_PORT", "many")
    said = speak("settings")
    assert said.code == 2
    assert "port: " in said.err


def test_a_secret_is_not_shown(speak: Speak, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REELGATE_MASTER_KEY", "5e" * 32)
    text, as_json = speak("settings").out, speak("settings", "--json").out
    assert "REELGATE_MASTER_KEY = **********   from the environment" in text
    assert "5e5e" not in text + as_json
