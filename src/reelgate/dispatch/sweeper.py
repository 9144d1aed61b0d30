"""Removes what has had its time: videos and pictures past their retention, uploads that nobody finished,
deliveries that are over, bytes that no row knows."""

from __future__ import annotations

from datetime import timedelta
from typing import Protocol

from reelgate.contracts.blobs import STILLS, Blobs, still_name
from reelgate.contracts.store import Store
from reelgate.domain.clock import Clock
from reelgate.settings import Settings

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
    @property
    def settings(self) -> Settings: ...


async def sweep(house: Sweepable) -> int:
    """Remove expired blobs, the parts of stale uploads, deliveries as old as an expired file, then orphans older than a day; how many
    files went."""
    removed = 0
    while expired := await house.store.expired_blobs(house.clock.now(), _AT_ONCE):
        for row in expired:
            # Bytes first: a row without bytes is answered as gone, bytes without a row would only be found a day later.
            for name in (row.name, *(still_name(row.name, kind) for kind in STILLS)):
                await house.blobs.remove(name)
            await house.store.forget_blob(row.name)
            removed += 1
    while stale := await house.store.stale_uploads(house.clock.now(), _AT_ONCE):
        for upload in stale:
            # The row first: whoever completes it at this moment either was before us or finds it gone, and never lacks a part.
            for blob in await house.store.finish_upload(upload.id, None):
                await house.blobs.remove(blob)
                removed += 1
    told_before = house.clock.now() - timedelta(days=house.settings.keep_files)
    while await house.store.sweep_deliveries(told_before, _AT_ONCE):
        pass
    return removed + await house.blobs.sweep(await house.store.known_blobs(), _ORPHAN_S)
