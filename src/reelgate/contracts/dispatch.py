"""The port through which the gateway speaks to the dispatcher, which stands beside it and which it does not know."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """What may be expected of a job that is submitted now: how many jobs would start before it, in how many seconds it would start, and
    how many it would run; None where no job has told yet."""

    ahead: int
    wait_s: float | None
    run_s: float | None


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

    def alive(self) -> str:
        """Empty if workers are there to do the work, else what is wrong."""
        ...
