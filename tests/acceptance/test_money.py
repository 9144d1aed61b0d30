"""An operator's day with the real command line: customers, keys, prices, money, a bill that adds up, and a log that cannot be bent."""

from __future__ import annotations

import csv
import io
import json
import subprocess
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import apsw
import pytest

from tests.acceptance._gateway import PROGRAM, Gateway, loading, running, surroundings

PATIENCE_S = 60.0
TEXT, PICTURE = "scripted/text", "scripted/picture"
OLD_KEY = "the-key-that-globex-has-used-since-2024"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A gateway that sells what its scripted engine makes."""
    data = tmp_path_factory.mktemp("shop") / "data"
    with running(data, environment={**loading(), "REELGATE_PREVIEW_PRICE": "list"}) as gateway:
        yield gateway


def typed(shop: Gateway, *words: str, stdin: str = "", more: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """A command of the operator's, typed beside the gateway's data folder."""
    return subprocess.run(
        [str(PROGRAM), *words],
        env=surroundings(shop.data, more),
        cwd=shop.data.parent,
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_S,
    )


def did(shop: Gateway, *words: str, stdin: str = "") -> str:
    """What a command printed that had to succeed."""
    done = typed(shop, *words, stdin=stdin)
    assert done.returncode == 0, f"{words}: {done.stderr}"
    return done.stdout.strip()


def told(shop: Gateway, *words: str) -> Any:
    """The same, as JSON."""
    return json.loads(did(shop, *words, "--json"))


def buy(shop: Gateway, key: str, endpoint: str = TEXT, prompt: str = "go") -> tuple[int, str]:
    """A customer's job, seen to its end: the status of the submit, and the job's id or what was wrong."""
    answer = shop.call("POST", f"/{endpoint}", {"prompt": prompt}, key=key)
    if answer.status != 200:
        return answer.status, answer.body.decode()
    job = answer.json["request_id"]
    with shop.connected() as connection:
        connection.request("GET", f"/v1/jobs/{job}/events", headers={"Authorization": f"Key {key}", "Accept": "text/event-stream"})
        connection.getresponse().read()
    return 200, job


def test_an_operator_s_day(shop: Gateway) -> None:
    # Two customers: one pays in CNY and has a book of its own, the other brings the key that it has.
    did(shop, "accounts", "create", "acme", "--name", "Acme", "--currency", "CNY", "--time-zone", "Asia/Shanghai")
    did(shop, "accounts", "create", "globex", "--time-zone", "America/New_York", "--jobs", "2")
    did(shop, "prices", "set", TEXT, "0.35", "--per", "video", "--reason", "the list of this year")
    did(shop, "prices", "create-book", "partner", "--note", "a tenth off")
    did(shop, "prices", "enter", "partner", "--times", "0.9", "--round", "up:0.001", "--only", TEXT)
    did(shop, "accounts", "set", "acme", "--book", "partner")
    did(shop, "prices", "set-rate", "CNY", "7.12")
    acme = did(shop, "keys", "create", "production", "--account", "acme", "--limit", "1", "--model", "scripted/*")
    assert did(shop, "keys", "create", "old", "--account", "globex", "--secret-from-stdin", stdin=f"{OLD_KEY}\n").startswith("key_")

    # Nobody buys without money, and each hears how much is missing.
    for key in (acme, OLD_KEY):
        status, words = buy(shop, key)
        assert status == 402
        assert "$0.3" in words
    assert did(shop, "credit", "acme", "10", "--reason", "invoice 17", "--reference", "invoice-17") == "$10.00"
    assert did(shop, "credit", "acme", "10", "--reason", "invoice 17", "--reference", "invoice-17") == "$10.00"
    assert did(shop, "credit", "globex", "0.7", "--reason", "a first try", "--promo") == "$0.70"

    # They buy; what fails costs nothing; who has a book pays by it; a key stops at its limit and an account at its balance.
    assert buy(shop, acme, prompt="fail")[0] == 200
    bought = [buy(shop, acme) for _ in range(3)]
    assert [status for status, _ in bought] == [200, 200, 200]
    assert buy(shop, acme)[0] == 402  # three at $0.315 are within $1, a fourth is not
    assert [buy(shop, OLD_KEY)[0] for _ in range(3)] == [200, 200, 402]
    assert told(shop, "accounts", "show", "globex")["available"] == "0.000000"

    # One of them was not good: a part is given back, and never more than was charged.
    job = bought[0][1]
    did(shop, "refund", job, "0.1", "--reason", "too dark")
    assert typed(shop, "refund", job, "0.3", "--reason", "more").returncode == 3
    receipt = shop.call("GET", f"/v1/jobs/{job}", key=acme).json["receipt"]
    assert (receipt["charged"], receipt["refunded"], receipt["book"]) == ("0.315000", "0.100000", "partner")

    # The bill: what the operator, the customer, the sheet and usage tell is one sum.
    statement = told(shop, "statement", "acme")
    assert [line["kind"] for line in statement["lines"]] == ["credit", "captured", "captured", "captured", "refund"]
    assert statement["closing"] == "9.155000" == told(shop, "accounts", "show", "acme")["available"]
    assert statement["lines"] == shop.call("GET", "/v1/statement", key=acme).json["lines"]
    assert statement["lines"][1]["words"] == "1 video × $0.315"
    assert statement["lines"][1]["shown"]["amount"] == "-2.2428"
    sheet = list(csv.DictReader(io.StringIO(typed(shop, "statement", "acme", "--csv").stdout, newline="")))
    assert sum(Decimal(row["change_usd"]) for row in sheet if row["change_usd"]) == Decimal(statement["change"])
    of_jobs = {total["kind"]: Decimal(total["change"]) for total in statement["totals"]}
    for by in ("model", "key", "account,day", "day,channel"):
        usage = told(shop, "usage", "--by", by, "--account", "acme")
        assert Decimal(usage["total"]["net"]) == -of_jobs["captured"] - of_jobs["refund"]
        assert sum(Decimal(row["net"]) for row in usage["rows"]) == Decimal(usage["total"]["net"])
    whole = told(shop, "usage", "--by", "account")
    assert {row["account"]: row["charged"] for row in whole["rows"]} == {"acme": "0.945000", "globex": "0.700000"}
    assert (whole["period"]["time_zone"], statement["period"]["time_zone"]) == ("UTC", "Asia/Shanghai")

    # Tables for people say the same, with the arithmetic.
    assert "opening + $9.155 changes = $9.155 closing" in did(shop, "statement", "acme")
    assert "CNY by the rate of then: 7.12 a dollar" in typed(shop, "statement", "acme").stderr

    # What was done is in the log, which is whole; the books agree.
    head = did(shop, "audit", "--verify")
    assert [line["action"] for line in told(shop, "audit", job)] == ["job.refund"]
    assert did(shop, "audit", "--verify", "--head", head) == head
    assert shop.state()["breaches"] == []


def test_a_new_price_counts_from_its_day_and_none_that_was_before_it(shop: Gateway) -> None:
    did(shop, "prices", "set", PICTURE, "0.2", "--per", "second", "--when", "seconds>=10:0.15")
    did(shop, "prices", "set", PICTURE, "0.3", "--from", f"{date.today().year + 1}-01-01")  # noqa: DTZ011 -- any year ahead
    [row] = told(shop, "prices", "list", PICTURE)
    assert (row["sale"]["words"], row["next"]["price"]["words"]) == ("$0.20 a second, $0.15 where seconds ≥ 10", "$0.30 a second")
    past = typed(shop, "prices", "set", PICTURE, "0.1", "--from", "2020-01-01")
    assert (past.returncode, "never in the past" in past.stderr) == (2, True)


def test_keys_are_rotated_and_revoked(shop: Gateway) -> None:
    first = told(shop, "keys", "create", "yearly")
    second = did(shop, "keys", "rotate", first["key"]["id"], "--overlap", "24h", "--reason", "a year is over")
    for key in (first["secret"], second):
        assert shop.call("GET", "/v1/account", key=key).status == 200
    did(shop, "keys", "revoke", first["key"]["id"])
    listed = {key["id"]: key["state"] for key in told(shop, "keys", "list")}
    assert listed[first["key"]["id"]] == "revoked"
    assert buy(shop, first["secret"])[0] == 401  # a submit asks for its key in its own transaction
    assert shop.call("GET", "/v1/account", key=second).status == 200


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("credit", "owner", "-5", "--reason", "x"), 2, "debit owner AMOUNT --reason TEXT"),
        (("credit", "owner", "1e9", "--reason", "x"), 2, "is no amount"),
        (("credit", "owner", "NaN", "--reason", "x"), 2, "is no amount"),
        (("credit", "owner", "0", "--reason", "x"), 2, "more than 0"),
        (("credit", "owner", "5"), 2, "--reason"),
        (("credit", "nobody", "5", "--reason", "x"), 2, "no such account"),
        (("debit", "owner", "99999999", "--reason", "x"), 3, "too little"),
        (("refund", "nothing", "--reason", "x"), 2, "there is no such job"),
        (("usage", "--by", "colour"), 2, "one or two of model, key, account, channel, day"),
        (("statement", "owner", "--month", "november"), 2, "a month like 2026-11"),
    ],
)
def test_what_cannot_be_is_said_and_moves_nothing(shop: Gateway, words: tuple[str, ...], code: int, said: str) -> None:
    before = shop.purse()
    done = typed(shop, *words)
    assert (done.returncode, done.stdout) == (code, "")
    assert said in done.stderr
    assert shop.purse() == before


def test_a_log_that_somebody_has_got_at_is_found_out(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with running(data) as gateway:
        did(gateway, "credit", "owner", "5", "--reason", "invoice 1")
        did(gateway, "credit", "owner", "5", "--reason", "invoice 2")
        head = did(gateway, "audit", "--verify")
        assert gateway.stop() == 0
    number = int(head.partition(":")[0])
    forge(data / "store.sqlite", "update audit set reason = 'a gift' where number = ?", number - 1)
    with running(data) as gateway:
        done = typed(gateway, "audit", "--verify")
        assert done.returncode == 1
        assert f"do not follow from the ones before them: {number - 1}\n" in done.stderr
        assert gateway.stop() == 0
    forge(data / "store.sqlite", "delete from audit where number >= ?", number - 1)
    with running(data) as gateway:
        assert typed(gateway, "audit", "--verify").returncode == 0  # the rest is whole
        done = typed(gateway, "audit", "--verify", "--head", head)
        assert (done.returncode, "cut off or written anew" in done.stderr) == (1, True)


def forge(database: Path, statement: str, number: int) -> None:
    """Change the log as whoever has the file could, past its triggers."""
    with apsw.Connection(str(database)) as connection:
        for (name,) in list(connection.execute("select name from sqlite_master where type = 'trigger' and tbl_name = 'audit'")):
            connection.execute(f'drop trigger "{name}"')  # rule: built-sql, a name cannot be bound
        connection.execute(statement, (number,))
        assert connection.changes() > 0
