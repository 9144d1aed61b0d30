from __future__ import annotations

import csv
import io
import json
from decimal import Decimal

from reelgate.cli.usage import period_words, query_of
from tests.unit.cli.conftest import Served, Speak


def bought(speak: Speak, gateway: Served, account: str, *prompts: str) -> None:
    """Jobs at 35 cents, of an account that has enough."""
    speak("accounts", "create", account)
    speak("credit", account, "10", "--reason", "a top-up")
    speak("prices", "set", "scripted/text", "0.35", "--per", "video")
    key = speak("keys", "create", "buyer", "--account", account).out.strip()
    for prompt in prompts:
        speak("run", "scripted/text", "--prompt", prompt, "--key", key)
    speak("prices", "end", "scripted/text")


def test_usage_is_grouped_and_its_total_is_the_sum_of_its_rows(speak: Speak, gateway: Served) -> None:
    bought(speak, gateway, "user", "go", "go", "fail")
    said = speak("usage", "--account", "user", "--by", "model")
    title, _, head, row, total = said.out.splitlines()
    assert title.startswith("usage of account user, 20")
    assert title.endswith("(days of UTC)")
    assert head.split() == ["model", "jobs", "charged", "refunded", "net", "share"]
    assert row.split() == ["scripted/text", "2", "$0.70", "$0.00", "$0.70", "100.0", "%"]
    assert total.split() == ["total", "2", "$0.70", "$0.00", "$0.70"]
    assert "net = charged − refunded" in said.err


def test_of_two_dimensions_one_stands_below_the_other_with_its_sum(speak: Speak, gateway: Served) -> None:
    bought(speak, gateway, "user2", "go")
    lines = speak("usage", "--by", "day,account").out.splitlines()
    assert lines[2].startswith("day, account")
    assert any(line.startswith("  user2 ") for line in lines)
    below = [line.split()[0] for line in lines if line.startswith("  ")]
    assert ("together" in below) == (len(set(below) - {"together"}) > 1)  # other tests may have bought something today
    by_key = speak("usage", "--by", "key", "--account", "user2").out
    assert "buyer (key_" in by_key


def test_usage_as_json_and_as_a_sheet(speak: Speak, gateway: Served) -> None:
    bought(speak, gateway, "user3", "go")
    told = json.loads(speak("usage", "--account", "user3", "--json").out)
    assert told["total"]["charged"] == "0.350000"
    rows = list(csv.DictReader(io.StringIO(speak("usage", "--account", "user3", "--by", "model,channel", "--csv").out, newline="")))
    assert sum(Decimal(row["charged_usd"]) for row in rows) == Decimal("0.35")


def test_what_cannot_be_is_wrong_input(speak: Speak, gateway: Served) -> None:
    for words in (
        ("--by", "colour"),
        ("--month", "2026-13"),
        ("--from", "x"),
        ("--account", "nobody"),
        ("--by", "model", "--csv", "--to", "x"),
    ):
        said = speak("usage", *words)
        assert (said.code, said.out) == (2, ""), words


def test_only_what_was_said_is_asked() -> None:
    assert query_of("", "2026-11-01", "", by="model") == "from=2026-11-01&by=model"
    assert period_words({"from": "2026-11-01", "to": "2026-11-01", "time_zone": "UTC"}) == "2026-11-01 (days of UTC)"
