"""Brings home what an upstream has made: the bytes into our blobs, then the job to its end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import structlog

from reelgate.contracts.attempt import Cost
from reelgate.contracts.file import BlobRow
from reelgate.contracts.provider import Done
from reelgate.contracts.roster import Offer
from reelgate.dispatch.keeping import row_of
from reelgate.dispatch.outputs import Gone
from reelgate.dispatch.patience import until_stored
from reelgate.dispatch.yard import Yard
from reelgate.domain.errors import Garbled, LeaseLost, UpstreamError
from reelgate.domain.job import Job, Lease
from reelgate.domain.media import BlobRef, Dropped, Foreign, Video

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Here:
    """The video is ours, or stays where it is because the channel says so (no path)."""

    video: Video
    path: Path | None


@dataclass(frozen=True, slots=True)
class NotYet:
    """It could not be fetched now; the upstream may give another address for it. `missing`: the way there was good, and there is no such
    video."""

    said: str
    missing: bool = False


@dataclass(frozen=True, slots=True)
class Lost:
    """It will not be had."""

    said: str


class Homecoming:
    """Fetches and settles."""

    def __init__(self, yard: Yard) -> None:
        self._yard = yard

    async def fetch(self, job: Job, offer: Offer, done: Done) -> Here | NotYet:
        """What the upstream made, on this machine. `Unready` if there is no room for it: then it can be tried again."""
        try:
            if not offer.channel.store_outputs and isinstance(done.source, Foreign):
                return Here(replace(await self._yard.outputs.look(offer, done.source, wanted=job.input), seed=done.seed), None)
            fetched = await self._yard.outputs.fetch(offer, done.source, wanted=job.input)
        except UpstreamError as error:
            return NotYet(error.said or error.code, missing=isinstance(error, Garbled | Gone))
        return Here(replace(fetched.video, seed=done.seed, remarks=(*done.remarks, *fetched.video.remarks)), fetched.path)

    async def settle(
        self, lease: Lease, job: Job, offer: Offer, here: Here, *, cost: Cost, render_s: float, lost: Callable[[], bool]
    ) -> None:
        """Complete the job with it. `LeaseLost` leaves nothing behind."""
        yard = self._yard
        unused = self._unused(job, offer)
        video, row = await self._keep(job, here)
        try:
            await until_stored(
                lambda: yard.store.complete(lease, video, row, render_s=render_s, at=yard.clock.now(), unused=unused, cost=cost), _log, lost
            )
        except LeaseLost:
            if row is not None:
                await yard.blobs.remove(row.name)
            raise

    async def settle_late(self, token: str, job: Job, here: Here, cost: Cost) -> bool:
        """Give a video that came too late to a job that ended as unknown; False if there was one already."""
        yard = self._yard
        video, row = await self._keep(job, here)
        kept = await until_stored(lambda: yard.store.keep_late(token, video, row, cost, yard.clock.now()), _log)
        if not kept and row is not None:
            await yard.blobs.remove(row.name)
        return kept

    async def _keep(self, job: Job, here: Here) -> tuple[Video, BlobRow | None]:
        yard, path, video = self._yard, here.path, here.video
        if path is None:
            return video, None
        blob = await until_stored(lambda: yard.blobs.adopt(path, content_type=video.content_type), _log)
        return replace(video, source=BlobRef(blob.name), size_bytes=blob.size_bytes), row_of(blob, job, yard.settings, yard.clock.now())

    def _unused(self, job: Job, offer: Offer) -> tuple[Dropped, ...]:
        return tuple(
            Dropped(field=each.part, reason="the channel that made the video has no such setting")
            for each in self._yard.losses(job, offer)
            if not each.content
        )
