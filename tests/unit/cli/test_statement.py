from __future__ import annotations

import csv
import io
import json

from tests.unit.cli.conftest import Served, Speak


def test_a_statement_tells_every_movement_and_adds_up(speak: Speak, gateway: Served) -> None:
    speak("accounts", "create", "book-keeper", "--name", "Book Ltd", "--time-zone", "Asia/Shanghai")
    speak("credit", "book-keeper", "10", "--reason", "invoice 17")
    speak("prices", "set", "scripted/text", "0.35", "--per", "video")
    key = speak("keys", "create", "buyer", "--account", "book-keeper").out.strip()
    job = json.loads(speak("run", "scripted/text", "--prompt", "go", "--key", key, "--json").out)["id"]
    speak("refund", job, "0.1", "--reason", "too dark")
    speak("debit", "book-keeper", "1", "--reason", "a mistake")
    speak("prices", "end", "scripted/text")
    said = speak("statement", "book-keeper")
    lines = said.out.splitlines()
    assert lines[0].startswith("statement of book-keeper (Book Ltd), 20")
    assert lines[0].endswith("(days of Asia/Shanghai)")
    whats = [line.split()[2:5] for line in lines[4:8]]
    assert whats == [
        ["credit", "+$10.00", "$10.00"],
        ["charge", "−$0.35", "$9.65"],
        ["refund", "+$0.10", "$9.75"],
        ["debit", "−$1.00", "$8.75"],
    ]
    assert lines[4].endswith("  invoice 17")
    assert lines[5].endswith(f"  scripted/text  1 video × $0.35, price book list  job {job}")
    assert "so far" in lines[8]
    assert lines[-1] == "$0.00 opening + $8.75 changes = $8.75 closing"
    assert [line.split() for line in lines[10:14]] == [
        ["credits", "1", "line", "+$10.00"],
        ["debits", "1", "line", "−$1.00"],
        ["charges", "1", "line", "−$0.35"],
        ["refunds", "1", "line", "+$0.10"],
    ]
    assert "now: $8.75 available, and $0.00 held for jobs under way" in said.err


def test_amounts_stand_in_the_account_s_currency_beside_dollars(speak: Speak, gateway: Served) -> None:
    speak("accounts", "create", "shown", "--currency", "CNY")
    speak("prices", "set-rate", "CNY", "7.12")
    speak("credit", "shown", "10", "--reason", "invoice 18")
    said = speak("statement", "shown")
    assert said.out.splitlines()[2].split() == ["at", "what", "change", "in", "CNY", "balance", "of", "what"]
    assert "+$10.00  +¥71.20   $10.00" in said.out
    assert said.out.splitlines()[-2].split() == ["credits", "1", "line", "+$10.00", "+¥71.20"]
    assert "CNY by the rate of then: 7.12 a dollar from " in said.err


def test_a_statement_as_json_as_a_sheet_and_of_a_month_that_is_over(speak: Speak, gateway: Served) -> None:
    assert json.loads(speak("statement", "owner", "--json").out)["account"] == "owner"
    sheet = speak("statement", "owner", "--csv").out
    assert next(csv.DictReader(io.StringIO(sheet, newline="")))["kind"] == "opening"
    told = speak("statement", "owner", "--month", "2025-01").out.splitlines()
    assert (told[-3].split()[1], told[-1]) == ("closing", "$0.00 opening + $0.00 changes = $0.00 closing")


def test_what_cannot_be_is_wrong_input(speak: Speak, gateway: Served) -> None:
    for words in (("nobody",), ("owner", "--month", "x"), ("owner", "--from", "2026-11-02", "--to", "2026-11-01"), ("nobody", "--csv")):
        said = speak("statement", *words)
        assert (said.code, said.out) == (2, ""), words
