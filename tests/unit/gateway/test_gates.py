"""Rates of submits, and addresses that show bad keys."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as some

from reelgate.contracts.account import NO_LIMITS, Limits
from reelgate.domain.errors import Limited
from reelgate.gateway import gates
from reelgate.gateway.gates import BadKeys, Gates
from tests.clock import FakeClock

HERE, THERE = "203.0.113.7", "198.51.100.9"


@dataclass(frozen=True)
class Caller:
    account: str = "ada"
    key_id: str = "key_1"
    key_limits: Limits = NO_LIMITS
    account_limits: Limits = NO_LIMITS


def rate(per_second: int | None) -> Limits:
    return Limits(per_second=per_second)


def let_in(gate: Gates, caller: Caller, times: int) -> int:
    """How many of so many tries at one instant were let in."""
    count = 0
    for _ in range(times):
        try:
            gate.admit(caller)
        except Limited:
            continue
        count += 1
    return count


# -- rates -----------------------------------------------------------------------------------------------------------------


def test_who_has_no_rate_is_never_held_up(clock: FakeClock) -> None:
    gate = Gates(clock)
    assert let_in(gate, Caller(), 1000) == 1000
    assert gate._windows == {}  # noqa: SLF001 -- and nothing is kept of them


def test_a_key_s_rate_holds_for_any_second(clock: FakeClock) -> None:
    gate, caller = Gates(clock), Caller(key_limits=rate(3))
    assert let_in(gate, caller, 2) == 2
    clock.tick(seconds=0.75)
    assert let_in(gate, caller, 5) == 1
    clock.tick(seconds=0.249)
    assert let_in(gate, caller, 1) == 0
    clock.tick(seconds=0.001)
    assert let_in(gate, caller, 5) == 2, "the first two are a second ago"
    clock.tick(seconds=1)
    assert let_in(gate, caller, 5) == 3


def test_whoever_is_held_up_hears_of_whose_rate_and_when_to_come_again(clock: FakeClock) -> None:
    gate, caller = Gates(clock), Caller(key_limits=rate(1), account_limits=rate(2))
    gate.admit(caller)
    with pytest.raises(Limited, match="this key may make 1 submits") as refused:
        gate.admit(caller)
    assert refused.value.retry_after_s == 1
    gate.admit(Caller(key_id="key_2", account_limits=rate(2)))
    with pytest.raises(Limited, match="this account may make 2 submits"):
        gate.admit(Caller(key_id="key_3", account_limits=rate(2)))


def test_what_one_window_refuses_is_counted_in_no_other(clock: FakeClock) -> None:
    gate = Gates(clock)
    assert let_in(gate, Caller(account_limits=rate(1)), 1) == 1
    both = Caller(key_limits=rate(2), account_limits=rate(1))
    assert let_in(gate, both, 5) == 0, "the account has had its turn"
    assert let_in(gate, Caller(key_limits=rate(2)), 5) == 2, "which cost the key nothing"


def test_keys_and_accounts_of_the_same_name_do_not_mix(clock: FakeClock) -> None:
    gate = Gates(clock)
    assert let_in(gate, Caller(account="x", key_id="y", key_limits=rate(1)), 2) == 1
    assert let_in(gate, Caller(account="y", key_id="z", account_limits=rate(1)), 2) == 1
    assert let_in(gate, Caller(account="z", key_id="x", key_limits=rate(1)), 2) == 1


@pytest.mark.parametrize(("then", "more"), [(5, 3), (1, 0), (2, 0), (None, 9)])
def test_a_rate_that_was_changed_counts_what_was_let_in_before(clock: FakeClock, then: int | None, more: int) -> None:
    gate = Gates(clock)
    assert let_in(gate, Caller(key_limits=rate(2)), 9) == 2
    assert let_in(gate, Caller(key_limits=rate(then)), 9) == more


def test_windows_of_keys_that_are_gone_are_forgotten(clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gates, "_WINDOWS", 3)
    gate = Gates(clock)
    for number in range(3):
        gate.admit(Caller(key_id=f"old_{number}", key_limits=rate(1)))
    clock.tick(seconds=1)
    gate.admit(Caller(key_id="new", key_limits=rate(1)))
    assert list(gate._windows) == [("key", "new")]  # noqa: SLF001 -- no behaviour tells it


def test_a_window_that_is_still_full_is_not_forgotten(clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gates, "_WINDOWS", 2)
    gate, busy = Gates(clock), Caller(key_id="busy", key_limits=rate(1))
    gate.admit(Caller(key_id="old", key_limits=rate(1)))
    clock.tick(seconds=0.5)
    gate.admit(busy)
    clock.tick(seconds=0.75)
    gate.admit(Caller(key_id="new", key_limits=rate(1)))
    assert let_in(gate, busy, 1) == 0


@given(some.lists(some.floats(0, 0.6), max_size=60), some.integers(1, 4))
def test_no_second_ever_has_more_than_its_rate_and_no_place_stays_empty(pauses: list[float], limit: int) -> None:
    clock, caller, let_in_at = FakeClock(), Caller(key_limits=rate(limit)), list[float]()
    gate = Gates(clock)
    for pause in pauses:
        clock.tick(seconds=pause)
        now_s = clock.monotonic_s()
        recent = sum(at > now_s - 1 for at in let_in_at)
        let = let_in(gate, caller, 1) == 1
        assert let is (recent < limit)
        if let:
            let_in_at.append(now_s)


# -- bad keys --------------------------------------------------------------------------------------------------------------


def fail(bad: BadKeys, client: str = HERE, times: int = 20) -> None:
    for number in range(times):
        bad.check(client, b"%d" % number)
        bad.wrong(client, b"%d" % number)


def shut(bad: BadKeys, client: str = HERE, mark: bytes = b"any") -> bool:
    try:
        bad.check(client, mark)
    except Limited:
        return True
    return False


def test_after_twenty_bad_keys_in_a_minute_an_address_is_shut_out_until_the_first_is_a_minute_ago(clock: FakeClock) -> None:
    bad = BadKeys(clock)
    for _ in range(20):
        assert not shut(bad)
        bad.wrong(HERE, b"x")
        clock.tick(seconds=1)
    assert shut(bad)
    assert not shut(bad, THERE)
    with pytest.raises(Limited, match="were wrong") as refused:
        bad.check(HERE, b"any")
    assert refused.value.retry_after_s == 40
    clock.tick(seconds=39.9)
    assert shut(bad)
    clock.tick(seconds=0.1)
    assert not shut(bad)
    bad.wrong(HERE, b"x")
    assert shut(bad), "the second of them is less than a minute ago"


def test_what_is_tried_while_shut_out_does_not_make_it_last_longer(clock: FakeClock) -> None:
    bad = BadKeys(clock)
    fail(bad)
    for _ in range(59):
        clock.tick(seconds=1)
        with pytest.raises(Limited):
            bad.wrong(HERE, b"x")  # one that was under way when the others failed: it learns nothing
    clock.tick(seconds=1)
    assert not shut(bad)


def test_a_key_that_was_good_there_in_the_last_hour_still_passes(clock: FakeClock) -> None:
    bad = BadKeys(clock)
    bad.right(HERE, b"good")
    clock.tick(minutes=59)
    bad.right(HERE, b"later")
    fail(bad)
    assert not shut(bad, HERE, b"good")
    assert shut(bad, HERE, b"other")
    clock.tick(minutes=2)
    fail(bad)
    assert shut(bad, HERE, b"good")
    assert not shut(bad, HERE, b"later")


def test_an_hour_is_an_hour(clock: FakeClock) -> None:
    bad = BadKeys(clock)
    bad.right(HERE, b"good")
    clock.tick(seconds=3599.5)
    fail(bad)
    assert not shut(bad, HERE, b"good")
    clock.tick(seconds=0.5)
    assert shut(bad, HERE, b"good")


def test_nobody_is_told_to_come_again_at_once(clock: FakeClock) -> None:
    bad = BadKeys(clock)
    fail(bad)
    for seconds, retry_after_s in ((0.0, 60), (58.5, 2), (1.0, 1), (0.25, 1)):
        clock.tick(seconds=seconds)
        with pytest.raises(Limited) as refused:
            bad.check(HERE, b"any")
        assert refused.value.retry_after_s == retry_after_s


def test_a_key_that_was_good_elsewhere_does_not(clock: FakeClock) -> None:
    bad = BadKeys(clock)
    bad.right(THERE, b"good")
    fail(bad)
    assert shut(bad, HERE, b"good")


def test_a_key_that_is_good_no_more_does_not_either(clock: FakeClock) -> None:
    bad = BadKeys(clock)
    bad.right(HERE, b"revoked")
    fail(bad, times=19)
    bad.wrong(HERE, b"revoked")
    assert shut(bad, HERE, b"revoked")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("203.0.113.7", "::ffff:203.0.113.7", True),
        ("203.0.113.7", "203.0.113.8", False),
        ("", "203.0.113.7", False),
        ("a socket", "a socket", True),
        ("a socket", "another", False),
    ],
)
def test_a_network_of_ipv6_counts_as_one_address(clock: FakeClock, one: str, other: str, same: bool) -> None:
    bad = BadKeys(clock)
    fail(bad, one)
    assert shut(bad, one)
    assert shut(bad, other) is same


def test_a_million_addresses_take_bounded_memory(clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gates, "_ADDRESSES", 50)
    bad = BadKeys(clock)
    for number in range(500):
        client = f"10.0.{number // 256}.{number % 256}"
        fail(bad, client, times=2)
        bad.right(client, b"good")
    assert len(bad._wrong) == len(bad._right) == 50  # noqa: SLF001 -- no behaviour tells it
    fail(bad, HERE)
    assert shut(bad)


def test_of_many_addresses_those_that_showed_nothing_for_longest_are_forgotten(clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gates, "_ADDRESSES", 3)
    bad, clients = BadKeys(clock), ["10.0.0.1", "10.0.0.2", "10.0.0.3"]
    for client in clients:
        fail(bad, client, times=19)
        bad.right(client, b"good")
    bad.wrong(clients[0], b"x")
    bad.right(clients[0], b"good")
    bad.wrong("10.0.0.4", b"x")
    bad.right("10.0.0.4", b"good")
    bad.wrong(clients[2], b"x")
    assert [shut(bad, client) for client in clients] == [True, False, True], "the second is forgotten"
    assert not shut(bad, clients[0], b"good")
    assert not shut(bad, clients[2], b"good")
    fail(bad, clients[1])
    assert shut(bad, clients[1], b"good")


def test_an_address_whose_minute_is_over_is_forgotten_when_it_comes_again(clock: FakeClock) -> None:
    bad = BadKeys(clock)
    fail(bad, times=3)
    clock.tick(minutes=1)
    assert not shut(bad)
    assert not bad._wrong  # noqa: SLF001 -- no behaviour tells it
