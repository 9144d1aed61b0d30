from __future__ import annotations

import io
import json
import time

import jwt
import pytest

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


def test_a_key_is_made_shown_and_changed_with_all_that_bounds_it(speak: Speak, gateway: Served) -> None:
    bounds = ("--limit", "5", "--per-day", "2", "--rate", "3", "--jobs", "1", "--model", "demo/*", "--from", "127.0.0.0/8")
    made = json.loads(speak("keys", "create", "bound", *bounds, "--expires", "30d", "--read-only", "--json").out)["key"]
    assert (made["scopes"], made["spend_limit"], made["networks"]) == (["read"], "5.000000", ["127.0.0.0/8"])
    shown = speak("keys", "show", made["id"]).out
    assert shown.startswith(f"{made['id']}   bound\n")
    assert "spent      $0.00 of $5.00\n" in shown
    assert "limits     3 submits a second; 1 jobs at once; $2.00 a day; models demo/*\n" in shown
    assert "may        read only\n" in shown
    none = ("--limit", "none", "--per-day", "none", "--from", "none", "--expires", "none", "--model", "none")
    changed = speak("keys", "set", made["id"], *none, "--read-write", "--name", "free").out
    assert "spent      $0.00\n" in changed
    assert "from       anywhere\n" in changed
    assert "may        read and write\n" in changed
    assert "state      in use\n" in changed
    assert json.loads(speak("keys", "set", made["id"], "--rate", "none", "--json").out)["limits"]["per_second"] is None
    said = speak("keys", "set", made["id"])
    assert (said.code, "nothing to change was named" in said.err) == (2, True)


def test_a_customer_s_own_key_is_taken_over_and_never_shown(speak: Speak, gateway: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    own = "a-key-that-a-customer-has-had-for-years"
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{own}\n"))
    said = speak("keys", "create", "old", "--secret-from-stdin")
    assert said.out.startswith("key_")
    assert own not in said.out + said.err
    assert speak("jobs", "--key", own).code == 0
    for text, told in (("", "no key came on stdin"), ("short", "24 to 512 visible ASCII characters"), (own, "in use as a key already")):
        monkeypatch.setattr("sys.stdin", io.StringIO(text))
        said = speak("keys", "create", "again", "--secret-from-stdin")
        assert (said.code, said.out, told in said.err) == (2, "", True), text


def test_an_admin_key_opens_these_commands(speak: Speak, gateway: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    key = speak("keys", "create", "second", "--admin", "--read-only").out.strip()
    assert key.startswith("rg_admin_")
    monkeypatch.setenv("REELGATE_ADMIN_KEY", key)
    assert speak("keys", "list").code == 0
    said = speak("keys", "create", "third")
    assert (said.code, "may only read" in said.err) == (3, True)
    assert speak("keys", "create", "x", "--admin", "--test").code == 2


def test_a_key_is_followed_by_another_and_both_work_for_a_while(speak: Speak, gateway: Served) -> None:
    first = json.loads(speak("keys", "create", "yearly", "--limit", "5", "--json").out)
    said = speak("keys", "rotate", first["key"]["id"], "--overlap", "2h")
    second = said.out.strip()
    assert second.startswith("rg_live_")
    assert f"it follows {first['key']['id']}, which works for 2h more" in said.err
    assert [speak("jobs", "--key", key).code for key in (first["secret"], second)] == [0, 0]
    row = next(line for line in speak("keys", "list").out.splitlines() if line.startswith(first["key"]["id"]))
    assert " to 20" in row
    shown = next(each for each in json.loads(speak("keys", "list", "--json").out) if each["last4"] == second[-4:])
    assert f"together with those that it follows, from {first['key']['id']} on" in speak("keys", "show", shown["id"]).out
    assert speak("keys", "rotate", shown["id"], "--overlap", "soon").code == 2
    assert speak("keys", "rotate", shown["id"], "--overlap", "8d").code == 2
    ended = json.loads(speak("keys", "rotate", shown["id"], "--overlap", "0h", "--json").out)
    assert "state      expired 20" in speak("keys", "show", shown["id"]).out
    assert speak("jobs", "--key", ended["secret"]).code == 0


def test_who_pastes_the_key_itself_is_told_before_it_is_sent(speak: Speak, gateway: Served) -> None:
    for words in (("show", gateway.key), ("set", gateway.key, "--name", "x"), ("rotate", gateway.key)):
        said = speak("keys", *words)
        assert (said.code, "begins with key_ or ak_" in said.err, gateway.key in said.err) == (2, True, False)
