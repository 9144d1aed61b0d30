"""The hub that wakes watchers."""

from __future__ import annotations

import asyncio

from reelgate.storage._hub import Hub


async def test_a_change_before_the_wait_is_not_lost() -> None:
    hub = Hub()
    watch = hub.watch("a")
    hub.publish(["a"])
    hub.publish(["a"])
    assert await watch.wait(60)
    assert not await watch.wait(0)


async def test_only_those_who_watch_the_job_or_all_are_woken() -> None:
    hub = Hub()
    one, other, every = hub.watch("a"), hub.watch("b"), hub.watch(None)
    hub.publish(["a"])
    assert (await one.wait(0), await other.wait(0), await every.wait(0)) == (True, False, True)


async def test_no_change_at_all_wakes_nobody() -> None:
    hub = Hub()
    every = hub.watch(None)
    hub.publish([])
    assert not await every.wait(0)


async def test_ten_thousand_watchers_cost_no_task() -> None:
    hub = Hub()
    watches = [hub.watch("a") for _ in range(10_000)]
    before = len(asyncio.all_tasks())
    waiting = asyncio.gather(*(watch.wait(60) for watch in watches[:3]))
    await asyncio.sleep(0)
    assert len(asyncio.all_tasks()) == before + 3  # those that gather itself made
    hub.publish(["a"])
    assert await waiting == [True] * 3


async def test_a_wait_that_is_cancelled_leaves_the_watch_usable() -> None:
    hub = Hub()
    watch = hub.watch("a")
    waiting = asyncio.gather(watch.wait(60))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    hub.publish(["a"])
    assert await watch.wait(60)


async def test_closed_watches_are_forgotten() -> None:
    hub = Hub()
    watches = [hub.watch("a"), hub.watch("a"), hub.watch(None)]
    assert len(hub) == 3
    for watch in watches:
        watch.close()
        watch.close()
    assert len(hub) == 0
