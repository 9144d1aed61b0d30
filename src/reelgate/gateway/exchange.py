"""Amounts in the currency that an account wants to see, by the rate of a date. The books stay in dollars."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Context, Decimal

from reelgate.contracts.price import ExchangeRate
from reelgate.domain.money import Money

CURRENCIES = ("USD", "CNY")
_SIGN = {"USD": "$", "CNY": "¥"}
_PLACES = Decimal("0.0001")
_EXACT = Context(prec=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """An amount in another currency: a decimal text, and by which rate of when."""

    currency: str
    amount: str
    per_dollar: str
    since: datetime

    def __str__(self) -> str:
        return f"{'−' if self.amount.startswith('-') else ''}{_SIGN.get(self.currency, '')}{self.amount.lstrip('-')}"


def rate_at(rates: Iterable[ExchangeRate], currency: str, at: datetime) -> ExchangeRate | None:
    """The rate that counts at an instant: the newest that had begun, and of two for one instant the one that was set later."""
    newest: ExchangeRate | None = None
    for rate in rates:  # in the order in which they were set
        if rate.currency == currency and rate.since <= at and (newest is None or rate.since >= newest.since):
            newest = rate
    return newest


def convert(micros: int, rate: ExchangeRate) -> Shown:
    """Micro-dollars, below zero as well, at a rate; rounded half up at the fourth place."""
    exact = _EXACT.divide(_EXACT.multiply(Decimal(micros), Decimal(rate.per_dollar)), Decimal(Money.MICROS_PER_DOLLAR))
    return Shown(
        currency=rate.currency, amount=_written(exact.quantize(_PLACES, ROUND_HALF_UP)), per_dollar=rate.per_dollar, since=rate.since
    )


def _written(amount: Decimal) -> str:
    whole, _, places = f"{amount:f}".partition(".")
    text = f"{whole}.{places.rstrip('0').ljust(2, '0')}"
    return "0.00" if text == "-0.00" else text
