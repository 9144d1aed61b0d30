from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from reelgate.cli.banner import Started, show
from reelgate.folder import DataFolder, Running, announce
from reelgate.server import TlsFiles
from reelgate.settings import read_settings

KEY = "rg_live_made_up"


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[DataFolder]:
    folder = DataFolder(tmp_path / "data")
    folder.keep("key", KEY.encode())
    yield folder
    folder.close()


def started(folder: DataFolder, *, host: str = "127.0.0.1", tls: bool = False, known: bool = False, public_url: str = "") -> Started:
    made = folder.path / "tls"
    files = TlsFiles(certificate=made / "server.pem", key=made / "server-key.pem", authority=made / "ca.pem")
    settings = read_settings({"host": host, "public_url": public_url})
    return Started(settings=settings, folder=folder, port=8000, tls=files if tls else None, rule="nobody is served", known=known)


def printed(which: Started, capsys: pytest.CaptureFixture[str]) -> str:
    show(which)
    return capsys.readouterr().out


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The user's own state folder, in an empty home."""
    monkeypatch.delenv("REELGATE_STATE")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "home-state"))
    monkeypatch.setenv("HOME", str(tmp_path))


def test_it_prints_address_key_and_lines_to_paste(folder: DataFolder, capsys: pytest.CaptureFixture[str]) -> None:
    text = printed(started(folder), capsys)
    assert "  Address  http://127.0.0.1:8000\n" in text
    assert f"  Key      {KEY}   also alone in {folder.path / 'key'}\n" in text
    assert f"    curl http://127.0.0.1:8000/fal-ai/kling-video/v1.6/standard/text-to-video -H 'Authorization: Key {KEY}' -d '" in text
    assert " run fal-ai/kling-video/v1.6/standard/text-to-video --prompt 'a calm ocean at sunset, long golden waves' -o ocean.mp4\n" in text
    assert "nobody is served" in text
    assert "a new data folder and a new key" in text
    assert "\033" not in text


def test_a_second_start_says_that_all_is_kept(folder: DataFolder, capsys: pytest.CaptureFixture[str]) -> None:
    assert "data and key are those of the last start" in printed(started(folder, known=True), capsys)


@pytest.mark.parametrize(
    ("host", "authority"),
    [
        ("127.0.0.1", "127.0.0.1:8000"),
        ("0.0.0.0", "127.0.0.1:8000"),  # noqa: S104 -- the example
        ("::", "[::1]:8000"),
        ("::1", "[::1]:8000"),
        ("192.168.1.7", "192.168.1.7:8000"),
        ("localhost", "localhost:8000"),
    ],
)
def test_its_address_is_one_that_this_machine_reaches(folder: DataFolder, host: str, authority: str) -> None:
    assert started(folder, host=host).authority == authority


def test_over_https_it_prints_whom_to_trust(folder: DataFolder, capsys: pytest.CaptureFixture[str]) -> None:
    text = printed(started(folder, tls=True), capsys)
    authority = folder.path / "tls" / "ca.pem"
    assert "https://127.0.0.1:8000" in text
    assert f"curl --cacert {authority} " in text
    assert f"export SSL_CERT_FILE={authority}\n" in text
    assert "export FAL_QUEUE_RUN_HOST=127.0.0.1:8000 FAL_RUN_HOST=127.0.0.1:8000/run\n" in text
    assert f"export FAL_KEY={KEY}\n" in text


def test_beside_another_gateway_the_line_says_which_is_meant(folder: DataFolder, capsys: pytest.CaptureFixture[str]) -> None:
    assert "REELGATE_URL" not in printed(started(folder), capsys)
    announce(Running(url="http://127.0.0.1:9000", data=Path("/elsewhere"), pid=os.getppid()))
    assert "    REELGATE_URL=http://127.0.0.1:8000 " in printed(started(folder), capsys)


def test_where_nobody_else_looks_the_line_says_all(
    folder: DataFolder, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("REELGATE_STATE", str(tmp_path / "state"))
    assert f"    REELGATE_URL=http://127.0.0.1:8000 REELGATE_KEY={KEY} " in printed(started(folder), capsys)


def test_a_public_address_is_told(folder: DataFolder, capsys: pytest.CaptureFixture[str]) -> None:
    text = printed(started(folder, public_url="https://video.example.com"), capsys)
    assert "  Public   https://video.example.com, the address in every answer\n" in text
