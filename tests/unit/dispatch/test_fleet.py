"""All that serves jobs at channels, from outside."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from reelgate.domain.errors import Misconfigured, NotFound
from tests.unit.dispatch.channels import ENDPOINT, make_channel, says
from tests.unit.dispatch.depot import Depot, tell


def test_room_is_counted_over_all_channels_and_full_endpoints_are_named() -> None:
    async def story(depot: Depot) -> None:
        fleet = depot.fleet()
        room, full = await fleet.room()
        assert (room, ENDPOINT in full) == (5, False)
        for channel_id in ("a", "a", "b", "b", "b"):
            depot.health.place(channel_id)
        room, full = await fleet.room()
        assert (room, ENDPOINT in full) == (0, True)

    tell(story, says({}), channels=[make_channel("a", concurrency=2), make_channel("b", concurrency=3)])


def test_a_key_is_checked_for_nothing() -> None:
    async def story(depot: Depot) -> None:
        fleet = depot.fleet()
        assert await fleet.check("acme-main") == "the key is good"
        with pytest.raises(Misconfigured):
            await fleet.check("acme-main")
        with pytest.raises(NotFound):
            await fleet.check("nobody")
        assert depot.wire.bought == 0

    tell(story, says({}), says({}, 401))


def test_leases_of_what_is_followed_are_renewed_and_let_go() -> None:
    async def story(depot: Depot) -> None:
        fleet = depot.fleet()
        lease = await depot.lease()
        await fleet.carry(lease, lost=bool)
        (held,) = fleet.held()
        until = held.until + timedelta(seconds=30)
        fleet.renewed([held], until)
        assert [each.until for each in fleet.held()] == [until]
        fleet.let_go(replace(held, token=held.token + 1))
        assert len(fleet) == 1
        fleet.let_go(held)
        assert len(fleet) == 0
        assert fleet.health()["acme-main"].running == 0

    tell(story, says({"id": "7"}))
