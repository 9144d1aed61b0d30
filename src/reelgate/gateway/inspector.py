"""Checks the books while the gateway works. As long as they do not agree nothing new is accepted: what is wrong must not grow.

A video that was lost is told as well (I16), and stops nothing: refusing others' jobs does not bring it back.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable

import structlog

from reelgate.contracts.blobs import Blobs
from reelgate.contracts.file import KeptFile
from reelgate.contracts.store import Store
from reelgate.domain.clock import Clock
from reelgate.domain.errors import Unready

_log = structlog.get_logger(__name__)
_EVERY_S = 60.0
_REST = 50  # times as long as a look took: it has two hundredths of the time at most
_PAGE = 1000
_SHOWN = 100


class Inspector:
    """Looks again and again: at the store's own invariants, and whether the videos of finished jobs are there (I16)."""

    def __init__(self, store: Store, blobs: Blobs, clock: Clock) -> None:
        self._store, self._blobs, self._clock = store, blobs, clock
        self._turn = asyncio.Lock()
        self.breaches: tuple[str, ...] = ()
        """What the last look found wrong with the books."""
        self.losses: tuple[str, ...] = ()
        """The videos that the last look did not find."""

    def check_open(self) -> None:
        """`Unready` while the last look had found a breach."""
        if self.breaches:
            raise Unready("the gateway's books do not agree; nothing was accepted")

    def trouble(self) -> str:
        """What the last look found, fit for everybody: numbers of invariants, no account and no job. Empty when all is well."""
        if not self.breaches:
            return ""
        return f"{len(self.breaches)} breaches of {', '.join(sorted(_numbers(self.breaches)))}; nothing is accepted"

    async def look(self) -> list[str]:
        """Look now, and let that decide: every breach, and every video that is lost, in words that begin with the number of the
        invariant. `Unready` if the store cannot be read."""
        async with self._turn:
            found, lost = tuple(await self._store.breaches()), tuple([words async for words in self._lost_videos()])
            if found and found != self.breaches:
                _log.error("books_do_not_agree", breaches=found[:_SHOWN], count=len(found))
            if self.breaches and not found:
                _log.info("books_agree_again")
            if lost and lost != self.losses:
                _log.error("videos_lost", losses=lost[:_SHOWN], count=len(lost))
            self.breaches, self.losses = found, lost
            return [*found, *lost]

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            began_s = self._clock.monotonic_s()
            try:
                await self.look()
            except Unready as error:
                _log.warning("books_not_checked", why=error.message)
            except Exception:  # noqa: BLE001 -- a fault of the checks is no reason to stop the gateway
                _log.exception("inspector_bug")
            await asyncio.sleep(pause_s(self._clock.monotonic_s() - began_s))

    async def _lost_videos(self) -> AsyncIterator[str]:
        after = ""
        while page := await self._store.kept_videos(after, _PAGE):
            after = page[-1].name
            sizes = await self._blobs.sizes([video.name for video in page])
            for video in page:
                if sizes.get(video.name) != video.size_bytes:
                    words = await self._words_for(video, sizes.get(video.name))
                    if words:
                        yield words

    async def _words_for(self, video: KeptFile, found_bytes: int | None) -> str:
        """Empty if it was removed at this moment, as its time was over or nobody wants it any more."""
        row = await self._store.blob(video.name)
        if row is None or video.is_over(self._clock.now()):
            return ""
        what = "is gone" if found_bytes is None else f"has {found_bytes} bytes instead of {video.size_bytes}"
        return f"I16 job {row.job_id}: its video {what}"


def pause_s(took_s: float) -> float:
    """How long to wait after a look that took so long."""
    return max(_EVERY_S, _REST * took_s)


def _numbers(breaches: Iterable[str]) -> set[str]:
    return {words.partition(" ")[0].rstrip(":") for words in breaches}
