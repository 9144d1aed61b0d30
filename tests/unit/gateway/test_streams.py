"""How many event streams may be open."""

from __future__ import annotations

import pytest

from reelgate.domain.errors import Limited
from reelgate.gateway.streams import Streams


def test_an_account_has_as_many_as_it_may_and_another_its_own() -> None:
    streams = Streams(per_account=2)
    for _ in range(2):
        streams.open("alice")
    with pytest.raises(Limited, match="this account"):
        streams.open("alice")
    streams.open("bob")


def test_all_accounts_together_have_an_end_too() -> None:
    streams = Streams(per_account=2, in_all=3)
    for account in ("alice", "alice", "bob"):
        streams.open(account)
    with pytest.raises(Limited, match="gateway"):
        streams.open("carol")


def test_a_place_that_was_left_is_free_again_once() -> None:
    streams = Streams(per_account=2)
    first = streams.open("alice")
    streams.open("alice")
    for _ in range(2):
        with first:
            pass
    streams.open("alice")
    with pytest.raises(Limited):
        streams.open("alice")


def test_what_is_usual_is_two_hundred() -> None:
    streams = Streams()
    for _ in range(200):
        streams.open("alice")
    with pytest.raises(Limited) as refused:
        streams.open("alice")
    assert refused.value.retry_after_s == 5
