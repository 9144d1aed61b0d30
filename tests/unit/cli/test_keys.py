from __future__ import annotations

import json
import time

import jwt

from tests.unit.cli.conftest import Served, Speak


def test_a_new_key_stands_alone_on_stdout_and_works(speak: Speak, gateway: Served) -> None:
    said = speak("keys", "create", "ci")
    key = said.out.strip()
    assert said.out == f"{key}\n"
    assert key.startswith("rg_live_")
    assert key not in said.err
    assert "it is not shown again" in said.err
    assert speak("jobs", "--key", key).code == 0


def test_a_test_key_of_another_account(speak: Speak, gateway: Served) -> None:
    speak("accounts", "create", "carol")
    assert speak("keys", "create", "try", "--account", "carol", "--test").out.startswith("rg_test_")
    rows = speak("keys", "list", "--account", "carol").out.splitlines()
    assert rows[1].split()[1:4] == ["carol", "try", "test"]
    assert rows[1].endswith("in use")


def test_a_revoked_key_is_shown_as_such(speak: Speak, gateway: Served) -> None:
    made = json.loads(speak("keys", "create", "gone", "--json").out)["key"]
    assert speak("keys", "revoke", made["id"]).err == f"{made['id']} is revoked\n"
    row = next(line for line in speak("keys", "list").out.splitlines() if line.startswith(made["id"]))
    assert "revoked 20" in row


def test_a_list_tells_no_secret(speak: Speak, gateway: Served) -> None:
    key = speak("keys", "create", "quiet").out.strip()
    assert key not in speak("keys", "list").out
    assert key not in speak("keys", "list", "--json").out


def test_what_cannot_be_done_is_wrong_input(speak: Speak, gateway: Served) -> None:
    assert speak("keys", "create", "x", "--account", "nobody").code == 2
    assert speak("keys", "revoke", "key_none").code == 2
    said = speak("keys", "revoke", gateway.key)
    assert said.code == 2
    assert "begins with key_ or ak_" in said.err
    assert gateway.key not in said.err


def test_a_new_pair_is_two_lines_that_a_shell_reads(speak: Speak, gateway: Served) -> None:
    said = speak("keys", "create", "studio", "--pair")
    (access, access_key), (secret, secret_key) = (line.split("=") for line in said.out.splitlines())
    assert (access, secret) == ("ACCESS_KEY", "SECRET_KEY")
    assert access_key.startswith("ak_")
    assert secret_key not in said.err
    assert "it is not shown again" in said.err
    token = jwt.encode({"iss": access_key, "exp": int(time.time()) + 1800}, secret_key, algorithm="HS256")
    assert speak("jobs", "--key", token).code == 0
    assert speak("jobs", "--key", access_key).code == 3
    assert secret_key not in speak("keys", "list").out + speak("keys", "list", "--json").out


def test_a_pair_is_listed_as_one_and_revoked_by_its_access_key(speak: Speak, gateway: Served) -> None:
    made = json.loads(speak("keys", "create", "other-studio", "--pair", "--test", "--json").out)
    assert set(made) == {"key", "access_key", "secret_key"}
    row = next(line for line in speak("keys", "list").out.splitlines() if line.startswith(made["access_key"]))
    assert row.split()[1:5] == ["owner", "other-studio", "test", "pair"]
    assert speak("keys", "revoke", made["access_key"]).err == f"{made['access_key']} is revoked\n"
