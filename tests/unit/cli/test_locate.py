from __future__ import annotations

import os
from pathlib import Path

import pytest

from reelgate.cli.locate import Located, admin_key, caller_key, locate
from reelgate.cli.trouble import Code, Trouble
from reelgate.folder import Running, announce


@pytest.fixture
def here(tmp_path: Path) -> Running:
    """A gateway that says it runs, in this process."""
    running = Running(url="http://127.0.0.1:8000", data=tmp_path / "data", pid=os.getpid())
    running.data.mkdir()
    (running.data / "key").write_text("rg_live_kept\n")
    (running.data / "admin-key").write_text("rg_admin_kept\n")
    announce(running)
    return running


@pytest.fixture
def another(tmp_path: Path) -> Running:
    """One more, in another process that is alive: the parent."""
    running = Running(url="http://127.0.0.1:9000", data=tmp_path / "other", pid=os.getppid())
    announce(running)
    return running


def test_the_only_one_that_runs_is_meant(here: Running) -> None:
    located = locate()
    assert (located.url, located.data) == (here.url, here.data)
    assert str(os.getpid()) in located.how


def test_none_says_where_was_looked(tmp_path: Path) -> None:
    with pytest.raises(Trouble, match="REELGATE_URL and REELGATE_DATA are not set") as trouble:
        locate()
    assert trouble.value.code is Code.UNREACHED
    assert str(tmp_path / "no-state") in trouble.value.message
    assert trouble.value.tips[0].endswith(" up")


def test_several_are_listed(here: Running, another: Running) -> None:
    with pytest.raises(Trouble, match="2 gateways run") as trouble:
        locate()
    assert trouble.value.code is Code.WRONG
    told = "\n".join(trouble.value.tips)
    assert f"export REELGATE_URL={here.url} " in told
    assert f"export REELGATE_URL={another.url} " in told


def test_a_folder_names_one_of_several(here: Running, another: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REELGATE_DATA", str(another.data))
    assert locate().url == another.url


def test_a_folder_without_a_gateway_says_how_to_start_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("REELGATE_DATA", str(tmp_path / "idle"))
    with pytest.raises(Trouble, match="from REELGATE_DATA") as trouble:
        locate()
    assert trouble.value.tips[0].endswith(f"up --data {tmp_path / 'idle'}")


def test_an_address_is_stronger_and_knows_the_folder_of_a_gateway_here(
    here: Running, another: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REELGATE_URL", f"{here.url}/")
    located = locate()
    assert (located.url, located.data, located.how) == (here.url, here.data, "from REELGATE_URL")


def test_an_address_elsewhere_has_no_folder(here: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REELGATE_URL", "https://video.example.com/gw")
    assert locate() == Located(url="https://video.example.com/gw", how="from REELGATE_URL", data=None)


def test_an_address_without_a_scheme_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REELGATE_URL", "localhost:8000")
    with pytest.raises(Trouble, match="must begin with http"):
        locate()


def test_keys_come_from_the_option_then_the_environment_then_the_folder(here: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    located = locate()
    assert (caller_key(located, None), admin_key(located)) == ("rg_live_kept", "rg_admin_kept")
    monkeypatch.setenv("REELGATE_KEY", "rg_live_set")
    monkeypatch.setenv("REELGATE_ADMIN_KEY", "rg_admin_set")
    assert (caller_key(located, None), admin_key(located)) == ("rg_live_set", "rg_admin_set")
    assert caller_key(located, "rg_live_given") == "rg_live_given"


def test_a_missing_key_says_where_was_looked(here: Running) -> None:
    (here.data / "key").unlink()
    with pytest.raises(Trouble, match="REELGATE_KEY is not set") as trouble:
        caller_key(locate(), None)
    assert trouble.value.code is Code.REFUSED
    assert str(here.data / "key") in trouble.value.message
    with pytest.raises(Trouble, match="is not known on this machine"):
        admin_key(Located(url="https://video.example.com", how="from REELGATE_URL", data=None))


def test_its_authority_is_trusted_where_it_has_one(here: Running) -> None:
    assert locate().authority is None
    (here.data / "tls").mkdir()
    (here.data / "tls" / "ca.pem").touch()
    assert locate().authority == here.data / "tls" / "ca.pem"
