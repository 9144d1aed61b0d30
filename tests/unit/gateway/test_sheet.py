"""Reports as spreadsheets and programs read them."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelgate.contracts.account import Account, Balance
from reelgate.contracts.ledger import Dimension, Line
from reelgate.domain.money import FREE
from reelgate.gateway.exchange import Shown
from reelgate.gateway.period import Period
from reelgate.gateway.reports import AccountStatement, Movement, Usage, UsageRow, totals_of
from reelgate.gateway.sheet import clock_of, harmless, percent_of, statement_sheet, usage_sheet

PERIOD = Period(first=date(2026, 11, 1), last=date(2026, 11, 30), zone="Asia/Shanghai")
AT = datetime(2026, 11, 26, 3, 40, tzinfo=UTC)
RATE = Shown(currency="CNY", amount="712.00", per_dollar="7.12", since=AT)


def make_statement(*notes: str, shown: Shown | None = None) -> AccountStatement:
    movements: list[Movement] = []
    for number, note in enumerate(notes, 1):
        line = Line(txn=number, at=AT + timedelta(minutes=number), kind="credit", change=100_000_000, note=note)
        movements.append(Movement(line=line, balance=5_000_000 + number * 100_000_000, shown=shown))
    account = Account(id="ada", name="Ada", created_at=AT, time_zone="Asia/Shanghai")
    return AccountStatement(
        account=account,
        period=PERIOD,
        opening=5_000_000,
        movements=tuple(movements),
        totals=totals_of(movements),
        balance=Balance(available=FREE, held=FREE),
        at=AT,
    )


def read(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_a_statement_goes_from_its_opening_to_its_closing_balance() -> None:
    rows = read(statement_sheet(make_statement("invoice 1", "invoice 2", shown=RATE)))
    assert [row["kind"] for row in rows] == ["opening", "credit", "credit", "closing"]
    assert [row["balance_usd"] for row in rows] == ["5.000000", "105.000000", "205.000000", "205.000000"]
    assert (rows[0]["at"], rows[-1]["at"]) == ("2026-11-01T00:00:00.000+08:00", "2026-12-01T00:00:00.000+08:00")
    assert (rows[1]["at"], rows[1]["time_zone"]) == ("2026-11-26T11:41:00.000+08:00", "Asia/Shanghai")
    assert (rows[1]["shown"], rows[1]["shown_currency"], rows[1]["per_dollar"]) == ("712.00", "CNY", "7.12")
    changes = sum(Decimal(row["change_usd"]) for row in rows if row["change_usd"])
    assert changes == Decimal(rows[-1]["balance_usd"]) - Decimal(rows[0]["balance_usd"])


def test_lines_end_as_the_rfc_says_and_quotes_hold_what_would_break_them() -> None:
    text = statement_sheet(make_statement('a "quoted", one'))
    assert text.count("\r\n") == 4
    assert '"a ""quoted"", one"' in text


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-2", "@SUM(A1)", "\t=1", "\r=1", "\n=1", *(f"{chr(0xFEE0 + ord(each))}1" for each in "=+-@")]
)
def test_no_text_of_people_is_a_formula(text: str) -> None:
    assert harmless(text) == f"'{text}"
    assert read(statement_sheet(make_statement(text)))[1]["reason"] == f"'{text}"


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n\0"), max_size=30), min_size=1, max_size=4))
def test_every_text_comes_back_as_it_was_but_for_its_guard(notes: list[str]) -> None:
    rows = read(statement_sheet(make_statement(*notes)))[1:-1]
    assert [row["reason"] for row in rows] == [harmless(note) for note in notes]


def test_amounts_stay_numbers() -> None:
    usage = Usage(
        by=(Dimension.KEY, Dimension.DAY),
        period=PERIOD,
        account="ada",
        rows=(UsageRow(of=("key_1", "2026-11-02"), jobs=0, captured=0, refunded=350_000, share=None),),
        names={"key_1": "=evil"},
    )
    [row] = read(usage_sheet(usage))
    assert row == {
        "key": "key_1",
        "key_name": "'=evil",
        "day": "2026-11-02",
        "jobs": "0",
        "charged_usd": "0.000000",
        "refunded_usd": "0.350000",
        "net_usd": "-0.350000",
        "share_percent": "",
        "time_zone": "Asia/Shanghai",
        "from": "2026-11-01",
        "to": "2026-11-30",
    }


def test_instants_are_told_by_the_clocks_of_the_zone() -> None:
    assert clock_of(datetime(2026, 11, 1, 5, 30, tzinfo=UTC), "America/New_York") == "2026-11-01T01:30:00.000-04:00"
    assert clock_of(datetime(2026, 11, 1, 6, 30, tzinfo=UTC), "America/New_York") == "2026-11-01T01:30:00.000-05:00"


@pytest.mark.parametrize(("share", "told"), [(None, ""), (0, "0.0"), (7, "0.7"), (335, "33.5"), (1000, "100.0")])
def test_shares_are_per_cents(share: int | None, told: str) -> None:
    assert percent_of(share) == told
