"""How much an account's uploads may take up together: what is kept, and what is coming in at the moment."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from reelgate.contracts.store import Store
from reelgate.domain.errors import Limited
from reelgate.settings import Settings

MOST_OPEN = 1000  # uploads of an account that were begun and are not there yet; who begins many at once also ends them
LEAST_BYTES = 1 << 16  # what each file and each part counts for at least: a row and an inode cost something too
_LOOK_EVERY_BYTES = 32 << 20
_RETRY_S = 60

Counted = Callable[[AsyncIterator[bytes]], AsyncIterator[bytes]]
"""Passes on the bytes of a body, and breaks them off with `Limited` when they are too many."""


@dataclass(slots=True)
class _Standing:
    """What is known of an account while something of its is coming in."""

    kept_bytes: int = 0  # when the store was last asked, with what has come since
    coming_bytes: int = 0
    intakes: int = 0


class Quota:
    """Keeps each account's uploads below what they may take up."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store, self._most_bytes = store, settings.upload_quota
        self._standings: dict[str, _Standing] = {}

    async def check_begin(self, account: str) -> None:
        """Whether the account may begin one more upload; `Limited` if not."""
        uploaded = await self._store.uploaded(account, LEAST_BYTES)
        if uploaded.open_count >= MOST_OPEN:
            message = f"{MOST_OPEN} uploads of this account were begun and are not finished; finish those first"
            raise Limited(message, retry_after_s=_RETRY_S)
        coming_bytes = self._standings.get(account, _Standing()).coming_bytes
        self._check(_Standing(uploaded.size_bytes, coming_bytes + LEAST_BYTES))

    @asynccontextmanager
    async def intake(self, account: str, announced_bytes: int) -> AsyncGenerator[Counted]:
        """Around the bytes of one file or part, until its row is there. `Limited` if it is too much, at once or under way."""
        standing = self._standings.setdefault(account, _Standing())
        share = _Share(max(announced_bytes, LEAST_BYTES))
        standing.intakes += 1
        standing.coming_bytes += share.reserved_bytes
        try:
            await self._look(account, standing)
            yield lambda chunks: self._counted(chunks, account, standing, share)
            standing.kept_bytes += share.reserved_bytes
        finally:
            standing.intakes -= 1
            standing.coming_bytes -= share.reserved_bytes
            if not standing.intakes:
                del self._standings[account]

    async def _counted(self, chunks: AsyncIterator[bytes], account: str, standing: _Standing, share: _Share) -> AsyncIterator[bytes]:
        since_look = 0
        async for chunk in chunks:
            standing.coming_bytes += share.take(len(chunk))
            self._check(standing)
            since_look += len(chunk)
            if since_look >= _LOOK_EVERY_BYTES:
                since_look = 0
                await self._look(account, standing)
            yield chunk

    async def _look(self, account: str, standing: _Standing) -> None:
        standing.kept_bytes = (await self._store.uploaded(account, LEAST_BYTES)).size_bytes
        self._check(standing)

    def _check(self, standing: _Standing) -> None:
        if standing.kept_bytes + standing.coming_bytes > self._most_bytes:
            message = f"the uploads of this account may take up {self._most_bytes} bytes together, and this is more"
            raise Limited(f"{message}; they go when their time is over, which a client may ask to be sooner", retry_after_s=_RETRY_S)


@dataclass(slots=True)
class _Share:
    """What one body counts for: as much as it was said to have, or as has come if that is more."""

    reserved_bytes: int
    come_bytes: int = 0

    def take(self, more_bytes: int) -> int:
        """Count what has come; how much more than before is reserved for it."""
        self.come_bytes += more_bytes
        missing_bytes = max(0, self.come_bytes - self.reserved_bytes)
        self.reserved_bytes += missing_bytes
        return missing_bytes
