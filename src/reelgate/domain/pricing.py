"""What a request costs: rates that look only at the VideoInput, so that a job costs the same whichever door it came through."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Context, Decimal
from typing import Any, Literal, TypeAlias

from reelgate.domain.condition import Condition, dump_condition, load_condition, read_condition
from reelgate.domain.media import VideoInput
from reelgate.domain.money import FREE, Money

Unit: TypeAlias = Literal["second", "video"]
UNITS: tuple[Unit, ...] = ("second", "video")
_MICRO = Money(1)


@dataclass(frozen=True, slots=True)
class Quote:
    """An amount with its arithmetic in words, such as "5 s × $0.07".

    `book` is the price book whose price it is, "" for a price of nobody's (free); `since` is from when that price counts, None for
    one of the catalog.
    """

    amount: Money
    words: str
    book: str = ""
    since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a figure was found and when it was read; prices age."""

    text: str
    as_of: date


@dataclass(frozen=True, slots=True)
class Rate:
    """An amount for each unit, for inputs that fulfil all its conditions; without conditions it is for all."""

    amount: Money
    when: tuple[Condition, ...] = ()

    def applies(self, wanted: VideoInput) -> bool:
        """Whether this input has this rate."""
        return not self.when or all(each.holds(wanted) for each in self.when)


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """So much for each second, or for each video. The first rate that applies counts; the last one applies to all."""

    unit: Unit
    rates: tuple[Rate, ...]
    source: Source

    def __post_init__(self) -> None:
        if not self.rates or self.rates[-1].when or any(not rate.when for rate in self.rates[:-1]):
            message = "the last rate of a price, and no other one, applies to all inputs"
            raise ValueError(message)

    def quote(self, wanted: VideoInput) -> Quote:
        """What this input costs."""
        return self.quote_at(self.rate_of(wanted), wanted.seconds)

    def rate_of(self, wanted: VideoInput) -> Rate:
        """The first rate that applies to this input."""
        for rate in self.rates:
            if rate.applies(wanted):
                return rate
        raise AssertionError("the last rate applies to all")

    def quote_at(self, rate: Rate, seconds: int) -> Quote:
        """What a video of so many seconds costs at one of the rates."""
        if self.unit == "video":
            return Quote(rate.amount, f"1 video × {rate.amount}")
        return Quote(rate.amount.times(seconds), f"{seconds} s × {rate.amount}")

    def describe(self) -> str:
        """The rule in words, for a price list."""
        if all(rate.amount == FREE for rate in self.rates):
            return "free"
        *special, plain = self.rates
        told = [f"{plain.amount} a {self.unit}"]
        told += [f"{rate.amount} {_together([each.words for each in rate.when])}" for rate in reversed(special)]
        return ", ".join(told)

    def scaled(self, factor: Factor) -> Price:
        """The same rates times a factor, each rounded by its rule."""
        return replace(self, rates=tuple(Rate(factor.of(rate.amount), rate.when) for rate in self.rates))


@dataclass(frozen=True, slots=True)
class Factor:
    """A way to enter prices: so many times another one, rounded to a step."""

    times: Decimal
    rounding: Literal["up", "down", "nearest"] = "up"
    step: Money = _MICRO

    def __post_init__(self) -> None:
        if not (self.times.is_finite() and 0 <= self.times <= _LARGEST_FACTOR) or self.step == FREE:
            message = f"a factor is a number from 0 to {_LARGEST_FACTOR}, and its step is more than nothing"
            raise ValueError(message)

    def of(self, amount: Money) -> Money:
        """The amount times the factor, exactly, and rounded once."""
        steps = _EXACT.divide(_EXACT.multiply(self.times, Decimal(amount.micros)), Decimal(self.step.micros))
        return self.step.times(int(steps.to_integral_value(_ROUNDINGS[self.rounding])))

    @property
    def words(self) -> str:
        """How prices were entered by it."""
        return f"× {self.times}, rounded {'to the nearest' if self.rounding == 'nearest' else self.rounding + ' to'} {self.step}"


def read_factor(text: str, rounding: str = "up:0.000001") -> Factor:
    """Read a factor such as "1.25" with a rule such as "up:0.001"; `ValueError` says what is wrong."""
    rule, _, step = rounding.partition(":")
    if rule not in _ROUNDINGS or re.fullmatch(r"[0-9]{1,4}(\.[0-9]{1,6})?", text) is None:
        message = "a factor is a number like 1.25, its rounding is up, down or nearest and a step, like up:0.001"
        raise ValueError(message)
    return Factor(Decimal(text), rule, Money.dollars(step or "0.000001"))  # pyright: ignore[reportArgumentType] -- looked up above


def read_price(unit: str, amount: str, special: Sequence[tuple[str, str]], source: Source) -> Price:
    """A price as an operator writes it: an amount for all, and amounts under conditions ("sound=true, resolution=4k") that are
    asked in their order; `ValueError` says what is wrong."""
    if unit not in UNITS:
        message = f"a price is for one of {', '.join(UNITS)}"
        raise ValueError(message)
    rates = [Rate(Money.dollars(each), _read_conditions(when)) for when, each in special]
    return Price(unit=unit, rates=(*rates, Rate(Money.dollars(amount))), source=source)


def dump_price(price: Price) -> dict[str, Any]:
    """A price as plain JSON values; `load_price` reads it."""
    return {
        "unit": price.unit,
        "rates": [{"micros": rate.amount.micros, "when": [dump_condition(each) for each in rate.when]} for rate in price.rates],
        "source": price.source.text,
        "as_of": price.source.as_of.isoformat(),
    }


def load_price(written: Mapping[str, Any]) -> Price:
    """Read what `dump_price` wrote."""
    rates = [Rate(Money(each["micros"]), tuple(load_condition(one) for one in each["when"])) for each in written["rates"]]
    source = Source(text=written["source"], as_of=date.fromisoformat(written["as_of"]))
    return Price(unit=written["unit"], rates=tuple(rates), source=source)


def _together(words: Sequence[str]) -> str:
    """Conditions in one phrase: "with sound and chosen voices", "with sound and at 4k"."""
    first, *rest = words
    return " and ".join([first, *(each.removeprefix("with ") if first.startswith("with ") else each for each in rest)])


def _read_conditions(text: str) -> tuple[Condition, ...]:
    return tuple(read_condition(each) for each in text.split(","))


_LARGEST_FACTOR = 1000
_EXACT = Context(prec=60)
_ROUNDINGS = {"up": ROUND_CEILING, "down": ROUND_FLOOR, "nearest": ROUND_HALF_UP}

NOTHING = Quote(FREE, "free")
