from __future__ import annotations

import json

import pytest

from tests.unit.cli.conftest import Served, Speak


def test_a_new_account_is_its_id_on_stdout_and_advice_on_stderr(speak: Speak, gateway: Served) -> None:
    said = speak("accounts", "create", "bob")
    assert (said.code, said.out) == (0, "bob\n")
    assert "keys create NAME --account bob" in said.err
    assert "credit bob AMOUNT --reason TEXT" in said.err
    assert any(line.split()[:3] == ["bob", "$0.00", "$0.00"] for line in speak("accounts", "list").out.splitlines())


@pytest.mark.parametrize("name", ["Bob Smith", "owner"])
def test_a_name_that_cannot_be_taken_is_wrong_input(speak: Speak, gateway: Served, name: str) -> None:
    said = speak("accounts", "create", name)
    assert said.code == 2
    assert not said.out


def test_accounts_as_json(speak: Speak, gateway: Served) -> None:
    assert "owner" in {each["id"] for each in json.loads(speak("accounts", "list", "--json").out)}
    assert json.loads(speak("accounts", "create", "eve", "--json").out)["id"] == "eve"
    assert json.loads(speak("accounts", "show", "eve", "--json").out)["id"] == "eve"


def test_an_account_is_shown_and_changed(speak: Speak, gateway: Served) -> None:
    asked = ("--name", "Dave Ltd", "--currency", "CNY", "--time-zone", "Asia/Shanghai", "--per-day", "50", "--rate", "3", "--jobs", "2")
    assert speak("accounts", "create", "dave", *asked, "--model", "demo/*", "--model", "fal-ai/*").code == 0
    shown = speak("accounts", "show", "dave").out
    assert shown.startswith("dave   Dave Ltd\n")
    assert "limits      3 submits a second; 2 jobs at once; $50.00 a day; models demo/*, fal-ai/*\n" in shown
    assert "days of     Asia/Shanghai\n" in shown
    none = ("--per-day", "none", "--rate", "none", "--jobs", "none", "--model", "none")
    changed = speak("accounts", "set", "dave", *none, "--currency", "USD", "--reason", "grew").out
    assert "limits      none of its own\n" in changed
    assert "days of     Asia/Shanghai\n" in changed
    assert json.loads(speak("accounts", "set", "dave", "--name", "Dave", "--json").out)["name"] == "Dave"


def test_what_cannot_be_set_is_wrong_input(speak: Speak, gateway: Served) -> None:
    for words, told in (
        (("owner",), "nothing to change was named"),
        (("owner", "--per-day", "much"), "is no amount"),
        (("owner", "--jobs", "-3"), "--jobs takes a whole number, or none"),
        (("owner", "--time-zone", "Mars"), "time_zone: an IANA name"),
        (("owner", "--book", "nobody-s"), "no such price book"),
        (("nobody", "--name", "x"), "there is no such account"),
    ):
        said = speak("accounts", "set", *words)
        assert (said.code, said.out) == (2, ""), words
        assert told in said.err, words
    assert speak("accounts", "show", "nobody").code == 2


def test_a_callers_key_is_refused(speak: Speak, gateway: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REELGATE_ADMIN_KEY", gateway.key)
    said = speak("accounts", "list")
    assert said.code == 3
    assert "takes an admin key" in said.err


def test_a_webhook_secret_stands_alone_on_stdout(speak: Speak, gateway: Served) -> None:
    speak("accounts", "create", "hooked")
    said = speak("accounts", "webhook-secret", "hooked")
    secret = said.out.strip()
    assert said.out == f"{secret}\n"
    assert secret.startswith("whsec_")
    assert secret not in said.err
    assert "it is not shown again" in said.err
    assert json.loads(speak("accounts", "webhook-secret", "hooked", "--json").out)["secret"] != secret


@pytest.mark.parametrize("account", ["nobody", "../keys", ""])
def test_only_an_account_has_a_webhook_secret(speak: Speak, gateway: Served, account: str) -> None:
    said = speak("accounts", "webhook-secret", account)
    assert said.code == 2
    assert not said.out
