from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from reelgate.cli import demo
from tests.unit.cli.conftest import Speak

SAMPLE = Path(demo.__file__).with_name("sample.jpg")


def test_the_sample_picture_travels_with_the_package() -> None:
    content = SAMPLE.read_bytes()
    assert content[:3] == b"\xff\xd8\xff"
    assert len(content) < 250_000


def test_nothing_of_the_users_own_settings_reaches_the_demo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REELGATE_URL", "https://video.example.com")
    monkeypatch.setenv("REELGATE_KEY", "rg_live_dear")
    demo._keep_inside(tmp_path)  # noqa: SLF001 -- what stands between a demo and a paid account
    assert {name: value for name, value in os.environ.items() if name.startswith("REELGATE_")} == {
        "REELGATE_STATE": str(tmp_path / "state")
    }
    monkeypatch.delenv("REELGATE_STATE")


def test_a_folder_that_cannot_be_written_is_named(speak: Speak, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    said = speak("demo", "--into", str(tmp_path / "file" / "demo"))
    assert said.code == 2
    assert "cannot be written" in said.err
    assert re.search(r"see: .*demo --into DIR", said.err)


def test_a_gateway_that_does_not_start_says_why(speak: Speak, tmp_path: Path) -> None:
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo" / "data").touch()
    said = speak("demo")
    assert said.code == 1
    assert said.err.startswith(f"error the data folder {tmp_path / 'demo' / 'data'} cannot be written")
