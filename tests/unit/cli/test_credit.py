from __future__ import annotations

import json
from typing import Any

import pytest

from tests.unit.cli.conftest import Served, Speak


def has(speak: Speak, account: str) -> str:
    told: dict[str, Any] = json.loads(speak("accounts", "show", account, "--json").out)
    return told["available"]


def test_what_is_available_then_goes_to_stdout(speak: Speak, gateway: Served) -> None:
    speak("accounts", "create", "rich")
    said = speak("credit", "rich", "100.5", "--reason", "invoice 17")
    assert (said.code, said.out) == (0, "$100.50\n")
    assert said.err.startswith("$100.50 added to rich (transaction ")
    said = speak("debit", "rich", "$0.5", "--reason", "a mistake")
    assert (said.code, said.out) == (0, "$100.00\n")
    assert said.err.startswith("$0.50 taken from rich (transaction ")
    assert "given to rich" in speak("credit", "rich", "1", "--reason", "welcome", "--promo").err
    assert json.loads(speak("credit", "rich", "1", "--reason", "more", "--json").out)["available"] == "102.000000"


@pytest.mark.parametrize("amount", ["-5", "-0.000001"])
def test_less_than_nothing_is_not_added_and_the_other_command_is_named(speak: Speak, gateway: Served, amount: str) -> None:
    before = has(speak, "owner")
    said = speak("credit", "owner", amount, "--reason", "x")
    assert (said.code, said.out) == (2, "")
    assert "an amount is not below 0" in said.err
    assert "reelgate debit owner AMOUNT --reason TEXT" in said.err
    assert has(speak, "owner") == before


@pytest.mark.parametrize("amount", ["NaN", "1e9", "0", "1234567890123", "0.0000001", "five", "--all"])
def test_a_hostile_amount_moves_nothing(speak: Speak, gateway: Served, amount: str) -> None:
    before = has(speak, "owner")
    for verb in ("credit", "debit"):
        said = speak(verb, "owner", amount, "--reason", "x")
        assert (said.code, said.out) == (2, "")
        assert said.err
    assert has(speak, "owner") == before


def test_a_reason_is_asked_for_and_the_same_reference_moves_once(speak: Speak, gateway: Served) -> None:
    speak("accounts", "create", "once")
    assert speak("credit", "once", "5").code == 2
    for _ in range(2):
        assert speak("credit", "once", "5", "--reason", "invoice 18", "--reference", "invoice-18").out == "$5.00\n"
    said = speak("credit", "once", "6", "--reason", "invoice 18", "--reference", "invoice-18")
    assert (said.code, "used before for another movement" in said.err) == (2, True)
    assert has(speak, "once") == "5.000000"


def test_more_than_there_is_cannot_be_taken(speak: Speak, gateway: Served) -> None:
    speak("accounts", "create", "poor")
    said = speak("debit", "poor", "1", "--reason", "x")
    assert (said.code, said.out) == (3, "")
    assert "$0.00 is available" in said.err
    assert speak("credit", "nobody", "1", "--reason", "x").code == 2


def test_a_job_s_charge_is_given_back(speak: Speak, gateway: Served) -> None:
    speak("prices", "set", "scripted/text", "0.35", "--per", "video")
    job = gateway.client().ask("POST", "/scripted/text", {"prompt": "go"})["request_id"]
    assert [each["state"] for each in gateway.client().events(f"/v1/jobs/{job}/events") if each["state"]][-1] == "done"
    said = speak("refund", job, "0.1", "--reason", "too dark")
    assert (said.code, said.err.startswith(f"$0.10 given back to owner for job {job} (transaction ")) == (0, True)
    assert speak("refund", job, "0.26", "--reason", "more").code == 3
    assert "$0.25 given back to owner" in speak("refund", job, "--reason", "all").err
    said = speak("refund", job, "--reason", "again")
    assert (said.code, "nothing is left of what was charged" in said.err) == (2, True)
    assert "reelgate debit ACCOUNT" in speak("refund", job, "-1", "--reason", "x").err
    assert speak("refund", "no-job", "--reason", "x").code == 2
    speak("prices", "end", "scripted/text")
