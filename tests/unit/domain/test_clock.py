"""Instants are kept to the millisecond."""

from __future__ import annotations

from datetime import UTC

from hypothesis import given
from hypothesis import strategies as st

from reelgate.domain.clock import SystemClock, from_ms, in_ms


@given(st.integers(0, 4_102_444_800_000))
def test_milliseconds_survive(milliseconds: int) -> None:
    assert in_ms(from_ms(milliseconds)) == milliseconds


def test_now_knows_its_zone_and_monotonic_never_goes_back() -> None:
    clock = SystemClock()
    assert clock.now().tzinfo is UTC
    assert clock.monotonic_s() <= clock.monotonic_s()
