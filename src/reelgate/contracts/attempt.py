"""Tries of a job, each with a row that is durable before its work starts: what was begun, what may have been bought, what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from reelgate.contracts.file import BlobRow
from reelgate.domain.job import AttemptState, Failure, Lease
from reelgate.domain.media import Video
from reelgate.domain.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One try of a job. The row is durable before the work starts; `token` is what an upstream is sent as our key.

    `channel` and `model` are empty where an engine works. `sent_at` is when the call that buys was about to be sent; `ticket` is what
    the upstream gave for it, "id" in it, and `accepted_at` when that was known. `choice` tells why this channel and why not the others,
    `note` how it ended. One that was refused stands for all `tries` that came to the same, the last of them at `again_at`, and has the
    token of that one.
    """

    token: str
    job_id: str
    number: int
    engine: str
    state: AttemptState
    opened_at: datetime
    closed_at: datetime | None = None
    note: str = ""
    channel: str = ""
    model: str = ""
    choice: str = ""
    sent_at: datetime | None = None
    ticket: Mapping[str, str] | None = None
    accepted_at: datetime | None = None
    tries: int = 1
    again_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What a job costs the house at its channel: what was expected, and what the upstream says if it says."""

    expected: Money
    told: Money | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """An open attempt found by its token, with whose job it is."""

    account: str
    attempt: Attempt


class AttemptStore(Protocol):
    """What a store keeps of tries. Writes under a lease carry its token; a stale one raises `LeaseLost`."""

    async def open_attempt(
        self, lease: Lease, token: str, at: datetime, *, channel: str = "", model: str = "", choice: str = ""
    ) -> Attempt:
        """Write the intent to work, before the work starts: planned. The channel becomes the job's. The same token again finds the same
        attempt while that is open; one of any other attempt, or another token while one is open, is a `ValueError`."""
        ...

    async def sent(self, lease: Lease, token: str, at: datetime) -> None:
        """The call that buys is about to be sent: submitting, from planned; once more from submitting or in_doubt it changes `sent_at`
        of none. Durable before it returns."""
        ...

    async def doubt(self, lease: Lease, token: str, note: str, at: datetime) -> None:
        """Nobody knows whether it was taken: in_doubt, from submitting. In any other state nothing is done."""
        ...

    async def note_ticket(self, lease: Lease, token: str, ticket: Mapping[str, str], at: datetime) -> bool:
        """The upstream has taken it: accepted, from submitting or in_doubt. False, and nothing is done, if another attempt at the same
        channel has this upstream job, or if this one is closed without it; True again if this one has it already."""
        ...

    async def close_attempt(self, lease: Lease, token: str, state: AttemptState, note: str, at: datetime) -> None:
        """End an attempt that did not end the job. At a channel, one that never was in doubt and that comes to what an earlier one of the
        job came to, in the same state with the same note for the same model there, is counted in that one's row, which takes its token: a
        channel that says no for a day is told of in one line."""
        ...

    async def attempts(self, account: str, job_id: str) -> list[Attempt]:
        """The job's attempts in order."""
        ...

    async def claim(self, token: str) -> Claim | None:
        """The attempt of this token, whoever's it is, in whatever state: for what an upstream says of it."""
        ...

    async def attempt_at(self, channel: str, upstream_id: str) -> Claim | None:
        """The attempt that has this upstream job of a channel."""
        ...

    async def given_up(self, since: datetime, limit: int, before: str = "") -> list[Claim]:
        """Attempts of which a video may still come: abandoned with an upstream's job, of jobs that ended as unknown from then on and have
        no late video. The youngest jobs first; `before` is the job of the last one of the page before. Its cost grows with the number of
        jobs that ended so, not with that of all."""
        ...

    async def give_up(self, lease: Lease, failure: Failure, possible: Money, at: datetime) -> None:
        """Nobody will know whether it was bought: unknown, and the hold released; what it may have cost the house is booked as possible.
        The attempt is abandoned and can still be found by `claim`."""
        ...

    async def keep_late(self, token: str, video: Video, blob: BlobRow | None, cost: Cost, at: datetime) -> bool:
        """A video came of an abandoned attempt whose job ended as unknown: it is the job's `late_video`, free of charge, with an event of
        the kind "late"; the possible cost becomes a real one. False, and nothing is done, once there is one, or of any other job."""
        ...

    async def rule_out(self, token: str, said: str, cost: Cost | None, at: datetime) -> bool:
        """The upstream says that nothing came of the attempt with which a job ended as unknown: the attempt has failed, noted with the
        vendor's code, the possible cost becomes what the upstream charged for it, None for nothing, and an event of the kind "late" tells
        of it. The job stays unknown. False, and nothing is done, of any other attempt or job."""
        ...
