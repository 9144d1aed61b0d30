"""Removes what has had its time: videos and pictures past their retention, and bytes that no row knows."""

from __future__ import annotations

import asyncio
from typing import Protocol

import structlog

from reelgate.contracts.blobs import Blobs
from reelgate.contracts.store import Store
from reelgate.domain.clock import Clock
from reelgate.domain.errors import Unready

_log = structlog.get_logger(__name__)
_EVERY_S = 600.0
_AT_ONCE = 200
_ORPHAN_S = 86_400.0


class Sweepable(Protocol):
    """What a sweep needs."""

    @property
    def store(self) -> Store: ...
    @property
    def blobs(self) -> Blobs: ...
    @property
    def clock(self) -> Clock: ...


async def sweep_for_ever(house: Sweepable) -> None:
    """Sweep now and every ten minutes."""
    while True:
        try:
            removed = await sweep(house)
        except Unready as error:
            _log.warning("sweep_failed", why=error.message)
        else:
            if removed:
                _log.info("swept", files=removed)
        await asyncio.sleep(_EVERY_S)


async def sweep(house: Sweepable) -> int:
    """Remove expired blobs, then orphans older than a day; how many files went."""
    removed = 0
    while expired := await house.store.expired_blobs(house.clock.now(), _AT_ONCE):
        for row in expired:
            # Bytes first: a row without bytes is answered as gone, bytes without a row would only be found a day later.
            await house.blobs.remove(row.name)
            await house.store.forget_blob(row.name)
            removed += 1
    return removed + await house.blobs.sweep(await house.store.known_blobs(), _ORPHAN_S)
