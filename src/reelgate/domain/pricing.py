"""What a request costs: rates that look only at the VideoInput, so that a job costs the same whichever door it came through."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from reelgate.domain.media import VideoInput
from reelgate.domain.money import FREE, Money


@dataclass(frozen=True, slots=True)
class Quote:
    """An amount with its arithmetic in words, such as "5 s × $0.07"."""

    amount: Money
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a figure was found and when it was read; prices age."""

    text: str
    as_of: date


class Price(Protocol):
    """A rule that prices an input."""

    @property
    def source(self) -> Source:
        """Where the figures were found."""
        ...

    def quote(self, wanted: VideoInput) -> Quote:
        """What this input costs."""
        ...

    def describe(self) -> str:
        """The rule in words, for a price list."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class PerSecond:
    """So much a second; another rate with sound, and others again for a resolution."""

    rate: Money
    source: Source
    with_sound: Money | None = None
    at: Mapping[str, PerSecond] = field(default_factory=dict[str, "PerSecond"])

    def quote(self, wanted: VideoInput) -> Quote:
        rule = self.at.get(wanted.resolution, self)
        rate = rule.with_sound if wanted.sound and rule.with_sound is not None else rule.rate
        return Quote(rate.times(wanted.seconds), f"{wanted.seconds} s × {rate}")

    def describe(self) -> str:
        if self.rate == FREE and self.with_sound is None and not self.at:
            return "free"
        words = f"{self.rate} a second"
        if self.with_sound is not None:
            words += f", {self.with_sound} with sound"
        for resolution, rule in self.at.items():
            words += f"; {resolution}: {rule.describe()}"
        return words


NOTHING = Quote(FREE, "free")
