from __future__ import annotations

import json
from typing import Any

import pytest

from reelgate.cli import audit
from reelgate.cli.trouble import Code, Trouble
from tests.unit.cli.conftest import Served, Speak


def test_what_admins_did_is_listed_with_how_and_why(speak: Speak, gateway: Served) -> None:
    speak("accounts", "create", "watched")
    speak("credit", "watched", "5", "--reason", "invoice 17")
    speak("accounts", "set", "watched", "--per-day", "3", "--reason", "careful")
    said = speak("audit", "watched")
    lines = said.out.splitlines()
    assert lines[0].split() == ["line", "at", "by", "did", "to"]
    assert [line.split()[4] for line in lines[1::2]] == ["account.change", "account.credit", "account.create"]
    assert lines[2] == "      “careful”; a day none → $3.00"
    assert lines[4] == "      “invoice 17”; amount $5.00; against cash"
    older = speak("audit", "watched", "--limit", "1")
    assert f"audit watched --before {lines[1].split()[0]}" in older.err
    assert [line["action"] for line in json.loads(speak("audit", "watched", "--limit", "2", "--json").out)] == [
        "account.change",
        "account.credit",
    ]
    assert speak("audit", "nobody").err == "nothing is in the log\n"


def test_a_price_is_told_as_amounts(speak: Speak, gateway: Served) -> None:
    model = "fal-ai/kling-video/v1.6/pro/text-to-video"
    speak("prices", "set", model, "0.07", "--when", "sound=true:0.14")
    assert "price $0.14 a second where sound=true, $0.07 a second" in speak("audit", model, "--limit", "1").out


def test_the_log_is_verified_against_a_head_that_was_kept(speak: Speak, gateway: Served) -> None:
    said = speak("audit", "--verify")
    head = said.out.strip()
    assert said.code == 0
    assert said.err.startswith(f"{head.partition(':')[0]} lines, each sealed to the one before it; ")
    speak("accounts", "create", "after")
    later = speak("audit", "--verify", "--head", head)
    assert (later.code, "the head that you gave is among them" in later.err) == (0, True)
    assert json.loads(speak("audit", "--verify", "--json").out)["sound"]
    wrong = speak("audit", "--head", f"{head.partition(':')[0]}:{'0' * 64}")
    assert (wrong.code, "cut off or written anew" in wrong.err) == (1, True)
    assert speak("audit", "--head", "odd").code == 2


def test_a_broken_log_fails_and_says_where() -> None:
    verdict: dict[str, Any] = {"lines": 9, "broken": [4, 5], "head": "9:ab", "kept": None}
    with pytest.raises(Trouble, match="its 9 lines these do not follow from the ones before them: 4, 5") as trouble:
        audit._verify(verdict, as_json=False)  # noqa: SLF001 -- a log that is broken takes a database that was got at
    assert trouble.value.code is Code.FAILED
    assert trouble.value.tips[0].endswith("audit --before 5")
