"""How long is waited before something is tried again, and the one thing that is tried for ever: to write down what has happened."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import TypeVar

import structlog

from reelgate.domain.errors import LeaseLost, Unready

T = TypeVar("T")
_AGAIN_S = (0.2, 1, 2, 5, 10)


async def until_stored(
    verb: Callable[[], Awaitable[T]], log: structlog.typing.FilteringBoundLogger, lost: Callable[[], bool] = lambda: False
) -> T:
    """Try a write again while the disk is full: the work is done and must not be lost to it.

    The first try may have been stored after all; the lease's token makes a second one harmless.
    """
    tries = 0
    while True:
        try:
            return await verb()
        except Unready as error:
            log.warning("store_unready", why=error.message, tries=tries)
            await pause(tries)
            tries += 1
            if lost():
                raise LeaseLost from error


async def pause(tries: int) -> None:
    """A little longer each time."""
    await asyncio.sleep(_AGAIN_S[min(tries, len(_AGAIN_S) - 1)])


def full_jitter_s(tries: int, chance: random.Random, *, base_s: float, cap_s: float) -> float:
    """Anything up to a bound that doubles with every try: so those who failed together do not come back together."""
    return chance.uniform(0, min(cap_s, base_s * 2 ** min(tries, 16)))
