"""Money: exact, whole, never negative."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelgate.domain.money import FREE, Money, decimal_of, dollars_of


@pytest.mark.parametrize(("text", "micros"), [("0.07", 70_000), ("12", 12_000_000), ("0.000001", 1), ("1.4", 1_400_000)])
def test_dollars_are_read_exactly(text: str, micros: int) -> None:
    assert Money.dollars(text) == Money(micros)


@pytest.mark.parametrize("text", ["", "-1", "1e3", "NaN", "0.0000001", "1,5", " 1", "inf", "٣", "1" * 13])
def test_anything_but_a_plain_amount_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="amount"):
        Money.dollars(text)


@pytest.mark.parametrize("micros", [-1, 1 << 62, True, 0.5])
def test_only_whole_amounts_that_fit_are_money(micros: int) -> None:
    with pytest.raises(ValueError, match="whole"):
        Money(micros)


@pytest.mark.parametrize(("micros", "text"), [(350_000, "$0.35"), (42_500, "$0.0425"), (0, "$0.00"), (3_000_000, "$3.00")])
def test_amounts_are_shown_without_needless_zeros(micros: int, text: str) -> None:
    assert str(Money(micros)) == text


@given(st.integers(0, 10**12), st.integers(0, 1000))
def test_times_is_repeated_addition_without_drift(micros: int, count: int) -> None:
    total = FREE
    for _ in range(min(count, 50)):
        total += Money(micros)
    assert total == Money(micros).times(min(count, 50))


@given(st.integers(0, 10**15))
def test_the_wire_form_reads_back(micros: int) -> None:
    assert Money.dollars(Money(micros).decimal) == Money(micros)


@pytest.mark.parametrize(
    ("micros", "shown", "written"),
    [(-350_000, "−$0.35", "-0.350000"), (0, "$0.00", "0.000000"), (1, "$0.000001", "0.000001"), (-12_000_000, "−$12.00", "-12.000000")],
)
def test_a_change_may_be_below_zero(micros: int, shown: str, written: str) -> None:
    assert dollars_of(micros) == shown
    assert decimal_of(micros) == written
