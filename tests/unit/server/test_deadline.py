"""A deadline that moves."""

import asyncio

from reelgate.server.deadline import Deadline


class Bell:
    """Remembers in what order things happened, and lets a test wait for the ring."""

    def __init__(self) -> None:
        self.rung = asyncio.Event()
        self.rings = 0
        self.deadline = Deadline(asyncio.get_running_loop(), self._ring)

    def _ring(self) -> None:
        self.rings += 1
        self.rung.set()


async def test_it_rings_once_when_it_passes() -> None:
    bell = Bell()
    bell.deadline.allow(0.01)
    await asyncio.wait_for(bell.rung.wait(), 5)
    await asyncio.sleep(0.05)
    assert bell.rings == 1


async def test_moved_away_it_does_not_ring_at_its_first_time() -> None:
    bell, first = Bell(), Bell()
    bell.deadline.allow(0.01)
    bell.deadline.allow(60)
    first.deadline.allow(0.03)
    await asyncio.wait_for(first.rung.wait(), 5)
    assert bell.rings == 0
    bell.deadline.drop()


async def test_moved_away_it_still_rings_at_its_second() -> None:
    bell = Bell()
    bell.deadline.allow(0.01)
    bell.deadline.allow(0.05)
    await asyncio.wait_for(bell.rung.wait(), 5)


async def test_moved_nearer_it_rings_at_the_nearer_time() -> None:
    bell = Bell()
    bell.deadline.allow(60)
    bell.deadline.allow(0.01)
    await asyncio.wait_for(bell.rung.wait(), 5)


async def test_lifted_it_rings_no_more_until_it_is_set_again() -> None:
    bell, other = Bell(), Bell()
    bell.deadline.allow(0.01)
    bell.deadline.lift()
    other.deadline.allow(0.03)
    await asyncio.wait_for(other.rung.wait(), 5)
    assert bell.rings == 0
    bell.deadline.allow(0.01)
    await asyncio.wait_for(bell.rung.wait(), 5)


async def test_dropped_it_can_not_be_set_again() -> None:
    bell, other = Bell(), Bell()
    bell.deadline.allow(0.01)
    bell.deadline.drop()
    bell.deadline.allow(0.01)
    other.deadline.allow(0.03)
    await asyncio.wait_for(other.rung.wait(), 5)
    assert bell.rings == 0
