"""Prices rest on the input alone, add up, and are entered and kept without loss."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelgate.domain.condition import WITH_SOUND, Condition
from reelgate.domain.media import VideoInput
from reelgate.domain.money import FREE, Money
from reelgate.domain.pricing import Factor, Price, Rate, Source, dump_price, load_price, read_factor, read_price

SOURCE = Source(text="a price list", as_of=date(2026, 11, 1))
AT_4K = Condition("resolution", "=", "4k")
PRICE = Price(
    unit="second",
    rates=(
        Rate(Money.dollars("0.60"), (WITH_SOUND, AT_4K)),
        Rate(Money.dollars("0.40"), (AT_4K,)),
        Rate(Money.dollars("0.40"), (WITH_SOUND,)),
        Rate(Money.dollars("0.20")),
    ),
    source=SOURCE,
)
FLAT = Price(unit="video", rates=(Rate(Money.dollars("1.5"), (Condition("seconds", ">", 5),)), Rate(Money.dollars("0.9"))), source=SOURCE)


def test_a_quote_explains_its_arithmetic() -> None:
    quote = PRICE.quote(VideoInput(seconds=8, sound=True))
    assert quote.amount == Money.dollars("3.2")
    assert quote.words == "8 s × $0.40"
    assert (quote.book, quote.since) == ("", None)


def test_the_first_rate_that_applies_counts() -> None:
    assert PRICE.quote(VideoInput(seconds=5)).amount == Money.dollars("1")
    assert PRICE.quote(VideoInput(seconds=5, resolution="4k")).amount == Money.dollars("2")
    assert PRICE.quote(VideoInput(seconds=5, resolution="4k", sound=True)).amount == Money.dollars("3")


def test_a_price_for_each_video_does_not_count_seconds() -> None:
    assert FLAT.quote(VideoInput(seconds=5)).words == "1 video × $0.90"
    assert FLAT.quote(VideoInput(seconds=10)).amount == Money.dollars("1.5")


def test_a_rule_is_told_in_words_with_its_unit() -> None:
    assert PRICE.describe() == "$0.20 a second, $0.40 with sound, $0.40 at 4k, $0.60 with sound and at 4k"
    assert FLAT.describe() == "$0.90 a video, $1.50 where seconds > 5"
    assert Price(unit="second", rates=(Rate(FREE),), source=SOURCE).describe() == "free"


def test_conditions_are_told_together() -> None:
    of_video, of_voices = Condition("source_video", "=", "present"), Condition("voices", "=", "present")
    rates = (Rate(Money(2), (AT_4K, WITH_SOUND)), Rate(Money(1), (WITH_SOUND, of_video, of_voices)), Rate(FREE))
    told = Price(unit="video", rates=rates, source=SOURCE).describe()
    assert told == "$0.00 a video, $0.000001 with sound and a video and chosen voices, $0.000002 at 4k and with sound"


@pytest.mark.parametrize("rates", [(), (Rate(FREE, (WITH_SOUND,)),), (Rate(FREE), Rate(FREE))])
def test_a_price_has_one_rate_for_all_and_that_is_its_last(rates: tuple[Rate, ...]) -> None:
    with pytest.raises(ValueError, match="the last rate"):
        Price(unit="second", rates=rates, source=SOURCE)


@pytest.mark.parametrize(
    ("factor", "amount", "result"),
    [
        (Factor(Decimal("1.2")), "0.07", "0.084"),
        (Factor(Decimal("1.25"), "up", Money.dollars("0.001")), "0.0701", "0.088"),
        (Factor(Decimal("1.25"), "down", Money.dollars("0.001")), "0.0701", "0.087"),
        (Factor(Decimal("1.25"), "nearest", Money.dollars("0.001")), "0.0701", "0.088"),
        (Factor(Decimal("1.5"), "nearest", Money.dollars("0.01")), "0.03", "0.05"),  # a half goes up
        (Factor(Decimal(0)), "0.07", "0"),
        (Factor(Decimal("0.000001")), "0.000001", "0.000001"),  # up, at a micro-dollar
        (Factor(Decimal("0.000001"), "down"), "0.000001", "0"),
    ],
)
def test_a_factor_is_exact_and_rounds_once(factor: Factor, amount: str, result: str) -> None:
    assert factor.of(Money.dollars(amount)) == Money.dollars(result)


def test_a_factor_scales_every_rate_and_says_so() -> None:
    factor = read_factor("1.1", "up:0.01")
    scaled = PRICE.scaled(factor)
    assert [rate.amount for rate in scaled.rates] == [Money.dollars(each) for each in ("0.66", "0.44", "0.44", "0.22")]
    assert [rate.when for rate in scaled.rates] == [rate.when for rate in PRICE.rates]
    assert factor.words == "× 1.1, rounded up to $0.01"
    assert read_factor("2", "nearest:0.05").words == "× 2, rounded to the nearest $0.05"


def test_without_a_rule_a_factor_rounds_up_to_a_micro_dollar() -> None:
    assert read_factor("1000") == read_factor("1000", "up") == Factor(Decimal(1000), "up", Money(1))  # and this is the largest one


@pytest.mark.parametrize(
    ("times", "rounding"),
    [
        ("-1", "up"),
        ("NaN", "up"),
        ("1e3", "up"),
        ("1001", "up"),
        ("", "up"),
        ("1", "sideways"),
        ("1", "up:0"),
        ("1", "up:x"),
        ("1", "up:-1"),
    ],
)
def test_what_is_no_factor_is_refused(times: str, rounding: str) -> None:
    with pytest.raises(ValueError, match=r"factor|amount"):
        read_factor(times, rounding)


def test_a_price_is_read_as_an_operator_writes_it() -> None:
    price = read_price("second", "0.20", [("sound=true, resolution=4k", "0.60"), ("resolution=4k", "0.40"), ("sound=true", "0.40")], SOURCE)
    assert price == PRICE


@pytest.mark.parametrize(
    ("unit", "amount", "special"),
    [
        ("hour", "1", []),
        ("second", "1,5", []),
        ("second", "-1", []),
        ("second", "NaN", []),
        ("second", "1e9", []),
        ("second", "0.0000001", []),
        ("second", "1", [("", "2")]),
        ("second", "1", [("sound=maybe", "2")]),
        ("second", "1", [("sound=true", "two")]),
    ],
)
def test_what_is_no_price_is_refused(unit: str, amount: str, special: list[tuple[str, str]]) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        read_price(unit, amount, special, SOURCE)


def test_who_names_no_unit_is_told_which_there_are() -> None:
    with pytest.raises(ValueError, match="one of second, video"):
        read_price("hour", "1", [], SOURCE)


amounts = st.integers(0, 10**12).map(Money)
conditions = st.sampled_from([WITH_SOUND, AT_4K, Condition("seconds", ">=", 10), Condition("extras.kling.mode", "!=", "pro")])
prices = st.builds(
    lambda unit, special, last: Price(unit=unit, rates=(*special, Rate(last)), source=SOURCE),
    st.sampled_from(["second", "video"]),
    st.lists(st.builds(Rate, amounts, st.lists(conditions, min_size=1, max_size=2).map(tuple)), max_size=3),
    amounts,
)
inputs = st.builds(VideoInput, seconds=st.integers(1, 60), sound=st.booleans(), resolution=st.sampled_from(["720p", "1080p", "4k"]))


@given(prices)
def test_a_price_is_kept_without_loss(price: Price) -> None:
    assert load_price(dump_price(price)) == price


@given(st.integers(1, 15), st.integers(1, 15), st.booleans())
def test_a_longer_video_never_costs_less(one: int, other: int, sound: bool) -> None:
    short, long = sorted((one, other))
    assert PRICE.quote(VideoInput(seconds=short, sound=sound)).amount <= PRICE.quote(VideoInput(seconds=long, sound=sound)).amount


@given(prices, inputs, st.integers(1, 1000))
def test_many_small_amounts_add_up_to_the_large_one(price: Price, wanted: VideoInput, count: int) -> None:
    one = price.quote(wanted).amount
    assert sum(one.micros for _ in range(count)) == one.times(count).micros


@given(amounts, amounts, st.decimals(0, 100, places=4), st.sampled_from(["up", "down", "nearest"]))
def test_a_dearer_rate_stays_the_dearer_one_under_any_factor(one: Money, other: Money, times: Decimal, rounding: str) -> None:
    factor, (cheap, dear) = read_factor(f"{times:f}", rounding), sorted((one, other))
    assert factor.of(cheap) <= factor.of(dear)
