from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelgate.cli.amount import day_words, dollars, limit_words, read_amount, read_count, read_limit, read_span, until
from reelgate.cli.trouble import Trouble
from reelgate.domain.money import decimal_of


@pytest.mark.parametrize(
    ("amount", "told"),
    [
        ("0.000000", "$0.00"),
        ("0.350000", "$0.35"),
        ("0.042500", "$0.0425"),
        ("1234567.000001", "$1,234,567.000001"),
        ("-0.350000", "−$0.35"),
        ("5", "$5.00"),
    ],
)
def test_an_amount_is_told_to_the_last_place_that_matters(amount: str, told: str) -> None:
    assert dollars(amount) == told


def test_a_change_has_its_sign_and_another_currency_its_own() -> None:
    assert (dollars("1.5", signed=True), dollars("-1.5", signed=True), dollars("0.00", signed=True)) == ("+$1.50", "−$1.50", "$0.00")
    assert dollars("-1.9224", signed=True, currency="CNY") == "−¥1.9224"


@given(st.integers(-(10**15), 10**15))
def test_nothing_is_rounded(micros: int) -> None:
    told = dollars(decimal_of(micros)).replace("−", "-").replace("$", "").replace(",", "")
    whole, _, places = told.lstrip("-").partition(".")
    sign = -1 if told.startswith("-") else 1
    assert sign * int(whole + places.ljust(6, "0")) == micros


def test_an_amount_is_read_as_it_is_typed() -> None:
    assert [read_amount(text, "x") for text in ("5", "$5", "0.07", "0")] == ["5", "5", "0.07", "0"]


@pytest.mark.parametrize("text", ["", "five", "1,5", "1e3", "NaN", "0.0000001", "1234567890123", "٣", "--5"])
def test_what_is_no_amount_is_said_to_be_none(text: str) -> None:
    with pytest.raises(Trouble, match="is no amount"):
        read_amount(text, "x")


def test_one_below_nothing_names_what_is_meant() -> None:
    with pytest.raises(Trouble, match="not below 0") as trouble:
        read_amount("-5", "reelgate debit bob")
    assert trouble.value.tips == ("reelgate debit bob",)


def test_limits_are_numbers_or_none() -> None:
    assert (read_limit("5"), read_limit("none"), read_limit(None)) == ("5", None, None)
    assert (read_count("3", "--rate"), read_count("none", "--rate")) == (3, None)
    for text in ("-1", "2.5", "٣", ""):
        with pytest.raises(Trouble, match="--rate takes a whole number, or none"):
            read_count(text, "--rate")


def test_spans_and_ends() -> None:
    assert (read_span("24h"), read_span("7d"), read_span("0h")) == (timedelta(hours=24), timedelta(days=7), timedelta())
    assert [read_span(text) for text in ("7", "d", "1w", "-1d", "1.5h", "999999d")] == [None] * 6
    assert (until("2026-12-01"), until("none")) == ("2026-12-01", None)
    ends = until("30d")
    assert ends is not None
    assert timedelta(days=29) < datetime.fromisoformat(ends) - datetime.now(UTC) <= timedelta(days=30)


def test_limits_in_words() -> None:
    limits = {"per_second": 3, "concurrency": None, "daily_spend": "5.000000", "models": ["a", "b/*"]}
    assert limit_words(limits) == ["3 submits a second", "$5.00 a day", "models a, b/*"]
    assert limit_words({"per_second": None, "concurrency": 2, "daily_spend": None, "models": []}) == ["2 jobs at once"]
    assert (day_words(None), day_words("2026-11-26T12:00:00+00:00")) == ("-", "2026-11-26")
