"""The port through which the gateway speaks to the dispatcher, which stands beside it and which it does not know."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from reelgate.contracts.blobs import Still


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """What may be expected of a job that is submitted now: how many jobs would start before it, in how many seconds it would start, and
    how many it would run; None where no job has told yet."""

    ahead: int
    wait_s: float | None
    run_s: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelHealth:
    """How a channel does in this process: `reason` is why it is set aside, "" if it is not; `since` when that began, and `next_at` when one
    job tries it again; `running` is how many jobs it has."""

    reason: str
    since: datetime
    next_at: datetime | None
    running: int


class Dispatch(Protocol):
    """What the gateway asks of whoever runs the jobs."""

    def wake(self, job_id: str) -> None:
        """A job was accepted: look for work now. Never blocks."""
        ...

    def joins_at(self, account: str) -> int:
        """About how many jobs would start before one that this account submits now."""
        ...

    def forecast(self, endpoint: str, account: str) -> Forecast:
        """What may be expected of a job of this endpoint that this account submits now."""
        ...

    def position(self, job_id: str, accepted_at: int) -> int:
        """How many jobs would start before this queued one if none arrived; never more than an earlier answer, the first of
        which was `accepted_at`."""
        ...

    async def check_channel(self, channel_id: str) -> str:
        """Ask a channel something that costs nothing: a sentence on what its key was found good for. `UpstreamError` if that fails,
        `NotFound` if there is no such channel."""
        ...

    def health(self) -> Mapping[str, ChannelHealth]:
        """How the channels do that were ever used here, by their ids."""
        ...

    async def hear(self, token: str, headers: Mapping[str, str], body: bytes) -> bool:
        """An upstream calls back under an attempt's token; False if nobody waits for it. What it says is asked, never believed.
        `Unauthenticated` if its vendor signs its calls and has not signed this one, `Unready` if that cannot be found out now."""
        ...

    async def still(self, video: str, kind: Still) -> Path | None:
        """Where a still of the kept video of this name lies; None if there can be none. `Unready` if it cannot be made now."""
        ...

    def alive(self) -> str:
        """Empty if workers are there to do the work, else what is wrong."""
        ...
