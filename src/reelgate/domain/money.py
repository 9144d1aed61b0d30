"""Money is whole micro-dollars: no float ever touches it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar

_DOLLARS = re.compile(r"([0-9]{1,12})(?:\.([0-9]{1,6}))?")


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """An amount in micro-dollars (10⁻⁶ USD); never negative here, the ledger gives it its sign."""

    micros: int

    MICROS_PER_DOLLAR: ClassVar[int] = 1_000_000

    def __post_init__(self) -> None:
        if type(self.micros) is not int or not 0 <= self.micros < 1 << 62:
            message = "money is a whole, non-negative number of micro-dollars"
            raise ValueError(message)

    @classmethod
    def dollars(cls, text: str) -> Money:
        """Read an exact decimal such as "0.07"; at most six places, no sign, no exponent."""
        match = _DOLLARS.fullmatch(text)
        if match is None:
            message = "an amount is written like 12 or 0.07, with at most six places"
            raise ValueError(message)
        whole, places = match.group(1), (match.group(2) or "").ljust(6, "0")
        return cls(int(whole) * cls.MICROS_PER_DOLLAR + int(places))

    def __add__(self, other: Money) -> Money:
        return Money(self.micros + other.micros)

    def times(self, count: int) -> Money:
        """The same amount, count times."""
        return Money(self.micros * count)

    def __str__(self) -> str:
        """Dollars with at least two places and no needless zeros: $0.35, $0.0425."""
        return dollars_of(self.micros)

    @property
    def decimal(self) -> str:
        """Dollars with six places, the form used on the wire: 0.350000."""
        return decimal_of(self.micros)


FREE = Money(0)


def dollars_of(micros: int) -> str:
    """A change of a balance, which may be below zero, for people: −$0.35."""
    whole, rest = divmod(abs(micros), Money.MICROS_PER_DOLLAR)
    places = f"{rest:06d}".rstrip("0").ljust(2, "0")
    return f"{'−' if micros < 0 else ''}${whole}.{places}"


def decimal_of(micros: int) -> str:
    """The same with six places, the form used on the wire: -0.350000."""
    whole, rest = divmod(abs(micros), Money.MICROS_PER_DOLLAR)
    return f"{'-' if micros < 0 else ''}{whole}.{rest:06d}"
