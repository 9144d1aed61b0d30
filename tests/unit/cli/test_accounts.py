from __future__ import annotations

import json

import pytest

from tests.unit.cli.conftest import Served, Speak


def test_a_new_account_is_its_id_on_stdout_and_advice_on_stderr(speak: Speak, gateway: Served) -> None:
    said = speak("accounts", "create", "bob")
    assert (said.code, said.out) == (0, "bob\n")
    assert "keys create NAME --account bob" in said.err
    assert any(line.split()[:3] == ["bob", "$0.00", "$0.00"] for line in speak("accounts", "list").out.splitlines())


@pytest.mark.parametrize("name", ["Bob Smith", "owner"])
def test_a_name_that_cannot_be_taken_is_wrong_input(speak: Speak, gateway: Served, name: str) -> None:
    said = speak("accounts", "create", name)
    assert said.code == 2
    assert not said.out


def test_accounts_as_json(speak: Speak, gateway: Served) -> None:
    assert "owner" in {each["id"] for each in json.loads(speak("accounts", "list", "--json").out)}
    assert json.loads(speak("accounts", "create", "eve", "--json").out)["id"] == "eve"


def test_a_callers_key_is_refused(speak: Speak, gateway: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REELGATE_ADMIN_KEY", gateway.key)
    said = speak("accounts", "list")
    assert said.code == 3
    assert "takes an admin key" in said.err
