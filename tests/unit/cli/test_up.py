from __future__ import annotations

import socket
from pathlib import Path

import pytest

from tests.unit.cli.conftest import Served, Speak


def test_a_taken_folder_is_one_line(speak: Speak, gateway: Served) -> None:
    said = speak("up", "--port", "0", "--data", str(gateway.data))
    assert said.code == 2
    assert said.err == f"error another gateway already runs on the data folder {gateway.data}; stop it, or choose another with --data\n"


def test_an_unwritable_folder_is_one_line(speak: Speak, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    said = speak("up", "--port", "0", "--data", str(tmp_path / "file" / "data"))
    assert said.code == 2
    assert said.err.startswith(f"error the data folder {tmp_path / 'file' / 'data'} cannot be written")
    assert said.err.count("\n") == 1


def test_a_taken_port_is_one_line(speak: Speak, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        said = speak("up", "--port", port, "--data", str(tmp_path / "data"))
    assert said.code == 2
    assert said.err.startswith(f"error 127.0.0.1 port {port} is taken")
    assert said.err.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "told"), [(("--port", "99999"), "port: "), (("--public-url", "video.example.com"), "an address begins with http://")]
)
def test_a_bad_setting_is_one_line(speak: Speak, words: tuple[str, ...], told: str) -> None:
    said = speak("up", *words)
    assert said.code == 2
    assert told in said.err
    assert said.err.count("\n") == 1


def test_elsewhere_than_on_linux_and_macos_it_refuses(speak: Speak, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "win32")
    said = speak("up")
    assert said.code == 2
    assert "on Windows use WSL" in said.err
