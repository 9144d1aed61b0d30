from __future__ import annotations

import sys
from pathlib import Path

import pytest

from reelgate.cli.program import command, own_name


@pytest.fixture
def program(tmp_path: Path) -> Path:
    path = tmp_path / "bin" / "reelgate"
    path.parent.mkdir()
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path


def test_on_the_path_it_is_called_by_its_name(program: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(program.parent))
    monkeypatch.setattr(sys, "argv", [str(program)])
    assert own_name() == "reelgate"


def test_in_a_virtual_environment_below_it_is_called_by_the_way_to_it(program: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr(sys, "argv", [str(program)])
    assert own_name() == "bin/reelgate"


def test_another_program_of_that_name_on_the_path_is_not_meant(program: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    other = tmp_path / "other" / "reelgate"
    other.parent.mkdir()
    other.write_bytes(program.read_bytes())
    other.chmod(0o755)
    monkeypatch.setenv("PATH", str(other.parent))
    monkeypatch.setattr(sys, "argv", [str(program)])
    assert own_name() == "bin/reelgate"


def test_as_a_module_it_is_called_as_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "argv", [str(tmp_path / "reelgate" / "__main__.py")])
    assert own_name() == f"{sys.executable} -m reelgate"


def test_words_of_a_command_survive_the_shell(program: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(program.parent))
    monkeypatch.setattr(sys, "argv", [str(program)])
    assert command("run", "a b", "it's $HOME") == """reelgate run 'a b' 'it'"'"'s $HOME'"""
