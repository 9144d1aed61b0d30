"""Removes what has had its time: videos and pictures past their retention, and bytes that no row knows."""

from __future__ import annotations

from typing import Protocol

from reelgate.contracts.blobs import Blobs
from reelgate.contracts.store import Store
from reelgate.domain.clock import Clock

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
