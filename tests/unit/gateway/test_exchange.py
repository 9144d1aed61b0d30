"""Amounts in another currency: by the rate of their date, rounded once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from reelgate.contracts.price import ExchangeRate
from reelgate.gateway.exchange import convert, rate_at
from tests.clock import BEGINNING

FIRST = ExchangeRate(currency="CNY", per_dollar="7.12", since=BEGINNING)
SECOND = ExchangeRate(currency="CNY", per_dollar="7.0305", since=BEGINNING + timedelta(days=30))
MENDED = ExchangeRate(currency="CNY", per_dollar="7.0306", since=BEGINNING + timedelta(days=30))


@pytest.mark.parametrize(
    ("micros", "amount", "text"),
    [
        (350_000, "2.492", "¥2.492"),
        (1_000_000, "7.12", "¥7.12"),
        (-350_000, "-2.492", "−¥2.492"),
        (0, "0.00", "¥0.00"),
        (1, "0.00", "¥0.00"),  # 0.00000712
        (-1, "0.00", "¥0.00"),
        (7, "0.00", "¥0.00"),
        (8, "0.0001", "¥0.0001"),  # 0.00005696 is rounded up
        (5_000_000_000_000, "35600000.00", "¥35600000.00"),
    ],
)
def test_an_amount_is_converted_exactly_and_rounded_at_the_fourth_place(micros: int, amount: str, text: str) -> None:
    shown = convert(micros, FIRST)
    assert (shown.amount, str(shown), shown.currency, shown.per_dollar) == (amount, text, "CNY", "7.12")
    assert shown.since == BEGINNING


def test_a_half_is_rounded_up() -> None:
    half = ExchangeRate(currency="CNY", per_dollar="0.5", since=BEGINNING)
    assert [convert(micros, half).amount for micros in (99, 100, 300, -100)] == ["0.00", "0.0001", "0.0002", "-0.0001"]


def test_a_currency_without_a_sign_is_shown_without_one() -> None:
    euro = ExchangeRate(currency="EUR", per_dollar="0.5", since=BEGINNING)
    assert str(convert(3_000_000, euro)) == "1.50"


def test_the_newest_rate_that_has_begun_counts() -> None:
    rates = [FIRST, SECOND, MENDED]
    assert rate_at(rates, "CNY", BEGINNING - timedelta(seconds=1)) is None
    assert rate_at(rates, "CNY", BEGINNING) == FIRST
    assert rate_at(rates, "CNY", BEGINNING + timedelta(days=30)) == MENDED  # of two for one instant the one that was set later
    assert rate_at(reversed(rates), "CNY", BEGINNING + timedelta(days=31)) == SECOND
    assert rate_at(rates, "EUR", BEGINNING) is None
