"""What bounds keys and accounts: what may be set, and how it is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from reelgate.contracts.account import NO_LIMITS, Limits
from reelgate.domain.errors import InvalidInput
from reelgate.domain.money import Money
from reelgate.gateway.bounds import (
    NO_BOUNDS,
    Bounds,
    changes,
    check_bounds,
    check_limits,
    check_name,
    check_reason,
    check_reference,
    told,
)
from tests.clock import BEGINNING
from tests.story import make_key

FULL = Bounds(
    scopes=frozenset({"read"}),
    limits=Limits(per_second=5, concurrency=2, daily_spend=Money.dollars("1.5"), models=("fal-ai/kling-video/*", "demo/text-to-video")),
    spend_limit=Money.dollars("100"),
    expires_at=BEGINNING + timedelta(days=1),
    networks=("10.0.0.0/8", "2001:db8::/32", "203.0.113.7"),
)


def faults_of(check: Any, *given: Any, **more: Any) -> list[str]:
    with pytest.raises(InvalidInput) as refused:
        check(*given, **more)
    return [".".join(map(str, fault.path)) for fault in refused.value.faults]


def test_what_may_be_set_passes() -> None:
    check_bounds(NO_BOUNDS, BEGINNING)
    check_bounds(FULL, BEGINNING)
    check_bounds(Bounds(limits=Limits(per_second=10_000, concurrency=100_000, models=("*",))), BEGINNING)
    check_bounds(Bounds(limits=Limits(models=("a",) * 200), networks=tuple(f"10.0.{each}.0/24" for each in range(100))), BEGINNING)
    check_limits(NO_LIMITS)
    check_limits(Limits(per_second=1, concurrency=1, daily_spend=Money(0)))


@pytest.mark.parametrize(
    ("facts", "where"),
    [
        ({"scopes": frozenset[str]()}, "scopes"),
        ({"scopes": frozenset({"write"})}, "scopes"),
        ({"scopes": frozenset({"read", "admin"})}, "scopes"),
        ({"expires_at": BEGINNING}, "expires_at"),
        ({"expires_at": (BEGINNING + timedelta(days=1)).replace(tzinfo=None)}, "expires_at"),
        ({"networks": ("10.0.0.1/8",)}, "networks"),
        ({"networks": ("nowhere",)}, "networks"),
        ({"networks": ("",)}, "networks"),
        ({"networks": ("10.0.0.0/8 11.0.0.0/8",)}, "networks"),
        ({"networks": ("::ffff:10.0.0.0/104",)}, "networks"),
        ({"networks": ("10.0.0.1",) * 101}, "networks"),
        ({"limits": Limits(per_second=0)}, "limits.per_second"),
        ({"limits": Limits(per_second=10_001)}, "limits.per_second"),
        ({"limits": Limits(concurrency=0)}, "limits.concurrency"),
        ({"limits": Limits(concurrency=100_001)}, "limits.concurrency"),
        ({"limits": Limits(models=("a*b",))}, "limits.models"),
        ({"limits": Limits(models=("",))}, "limits.models"),
        ({"limits": Limits(models=("**",))}, "limits.models"),
        ({"limits": Limits(models=("/x",))}, "limits.models"),
        ({"limits": Limits(models=("a",) * 201)}, "limits.models"),
    ],
)
def test_what_may_not_be_set_is_named(facts: dict[str, Any], where: str) -> None:
    assert faults_of(check_bounds, replace(FULL, **facts), BEGINNING) == [where]
    if "limits" in facts:
        assert faults_of(check_limits, facts["limits"]) == [where]


def test_all_that_is_wrong_is_named_at_once() -> None:
    wrong = Bounds(scopes=frozenset({"write"}), limits=Limits(per_second=0, models=("",)), networks=("x",))
    assert faults_of(check_bounds, wrong, BEGINNING) == ["scopes", "networks", "limits.per_second", "limits.models"]


def test_scopes_are_some_of_two() -> None:
    with pytest.raises(InvalidInput) as refused:
        check_bounds(Bounds(scopes=frozenset({"write"})), BEGINNING)
    assert [fault.kind for fault in refused.value.faults] == ["one_of"]


def test_no_refusal_repeats_what_was_given() -> None:
    with pytest.raises(InvalidInput) as refused:
        check_bounds(Bounds(networks=("canary",), limits=Limits(models=("canary canary",))), BEGINNING)
    assert "canary" not in refused.value.message


def test_the_bounds_of_a_key_are_its_own() -> None:
    assert Bounds.of(make_key()) == NO_BOUNDS
    key = make_key(limits=FULL.limits, scopes=FULL.scopes, spend_limit=FULL.spend_limit, expires_at=FULL.expires_at, networks=FULL.networks)
    assert Bounds.of(key) == FULL


@pytest.mark.parametrize("name", ["", " ", "a\nb", "x" * 101])
def test_a_name_is_for_people(name: str) -> None:
    assert faults_of(check_name, name) == ["name"]
    check_name("x" * 100)
    check_name("Ada’s laptop")


def test_what_moves_money_needs_a_reason() -> None:
    check_reason("")
    check_reason("x" * 500, needed=True)
    for reason in ("", "   "):
        assert faults_of(check_reason, reason, needed=True) == ["reason"]
    for reason in ("x" * 501, "two\nlines"):
        assert faults_of(check_reason, reason) == ["reason"]


def test_a_reference_is_visible_ascii() -> None:
    check_reference("")
    check_reference("x" * 255)
    for reference in ("x" * 256, "a b", "é"):
        assert faults_of(check_reference, reference) == ["Idempotency-Key"]


def test_what_is_set_is_told_in_plain_values() -> None:
    names = ("scopes", "limits", "spend_limit", "expires_at", "networks")
    assert told(FULL, *names) == {
        "scopes": ["read"],
        "spend_limit": "100.000000",
        "expires_at": "2026-01-02T12:00:00.000+00:00",
        "networks": ["10.0.0.0/8", "2001:db8::/32", "203.0.113.7"],
        "per_second": 5,
        "concurrency": 2,
        "daily_spend": "1.500000",
        "models": ["fal-ai/kling-video/*", "demo/text-to-video"],
    }
    assert told(NO_BOUNDS, *names) == {"scopes": ["read", "write"]}
    assert told(Bounds(spend_limit=Money(0)), "spend_limit") == {"spend_limit": "0.000000"}
    assert told(make_key(origin=""), "origin", "mode") == {"mode": "live"}
    assert told(Bounds(scopes=frozenset("abcdefghijkl")), "scopes") == {"scopes": list("abcdefghijkl")}


def test_changes_are_told_as_what_was_and_what_is() -> None:
    assert changes({"a": 1, "b": 2, "c": 3}, {"a": 1, "b": 4, "d": 5}) == {"b": [2, 4], "c": [3, None], "d": [None, 5]}
    assert changes({"a": 1}, {"a": 1}) == {}
