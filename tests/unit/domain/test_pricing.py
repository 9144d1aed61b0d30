"""Prices rest on the input alone and add up."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from reelgate.domain.media import VideoInput
from reelgate.domain.money import Money
from reelgate.domain.pricing import PerSecond, Source

SOURCE = Source(text="a price list", as_of=date(2026, 11, 1))
PRICE = PerSecond(
    rate=Money.dollars("0.20"),
    with_sound=Money.dollars("0.40"),
    source=SOURCE,
    at={"4k": PerSecond(rate=Money.dollars("0.40"), with_sound=Money.dollars("0.60"), source=SOURCE)},
)


def test_a_quote_explains_its_arithmetic() -> None:
    quote = PRICE.quote(VideoInput(seconds=8, sound=True))
    assert quote.amount == Money.dollars("3.2")
    assert quote.words == "8 s × $0.40"


def test_a_resolution_may_have_a_rate_of_its_own() -> None:
    assert PRICE.quote(VideoInput(seconds=5, resolution="4k")).amount == Money.dollars("2")
    assert PRICE.quote(VideoInput(seconds=5, resolution="4k", sound=True)).amount == Money.dollars("3")


def test_a_price_without_a_rate_for_sound_ignores_sound() -> None:
    flat = PerSecond(rate=Money.dollars("0.07"), source=SOURCE)
    assert flat.quote(VideoInput(seconds=5, sound=True)) == flat.quote(VideoInput(seconds=5))


def test_a_rule_is_told_in_words() -> None:
    assert PRICE.describe() == "$0.20 a second, $0.40 with sound; 4k: $0.40 a second, $0.60 with sound"
    assert PerSecond(rate=Money(0), source=SOURCE).describe() == "free"


@given(st.integers(1, 15), st.integers(1, 15), st.booleans())
def test_a_longer_video_never_costs_less(one: int, other: int, sound: bool) -> None:
    short, long = sorted((one, other))
    assert PRICE.quote(VideoInput(seconds=short, sound=sound)).amount <= PRICE.quote(VideoInput(seconds=long, sound=sound)).amount
