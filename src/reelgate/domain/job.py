"""A job, from queue to end. The table of what it may become is here and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Any

from reelgate.domain.errors import Fault
from reelgate.domain.media import Dropped, Video, VideoInput
from reelgate.domain.pricing import Quote


class JobState(StrEnum):
    """Where a job stands."""

    QUEUED = "queued"  # accepted and paid for by a hold; waits for its turn
    RUNNING = "running"  # a worker holds its lease
    DONE = "done"  # the video is ours and the hold is captured
    FAILED = "failed"  # it will not be made; the hold is released
    CANCELLED = "cancelled"  # the caller took it back; the hold is released
    UNKNOWN = "unknown"  # an ambiguous paid submit that nothing could settle; the hold is released


NEXT: Mapping[JobState, frozenset[JobState]] = {
    JobState.QUEUED: frozenset({JobState.RUNNING, JobState.FAILED, JobState.CANCELLED}),
    JobState.RUNNING: frozenset({JobState.QUEUED, JobState.DONE, JobState.FAILED, JobState.CANCELLED, JobState.UNKNOWN}),
    JobState.DONE: frozenset(),
    JobState.FAILED: frozenset(),
    JobState.CANCELLED: frozenset(),
    JobState.UNKNOWN: frozenset(),
}
TERMINAL = frozenset(state for state, after in NEXT.items() if not after)


ONLY_AT = "only_at"
"""In a job's names: the channel that it is to be tried at, and at no other."""


class Serving(StrEnum):
    """Which class serves a job. Settled at accept, stored with the price, never changed."""

    PREVIEW = "preview"  # an engine on this machine
    PAID = "paid"  # a channel at a provider


class Priority(IntEnum):
    """The order inside one account's queue; smaller goes first."""

    NORMAL = 0
    LOW = 1


class AttemptState(StrEnum):
    """Where one try of a job stands. Only a channel's go through the three in the middle."""

    PLANNED = "planned"  # nothing was sent that may cost
    SUBMITTING = "submitting"  # the call that buys may have been sent
    IN_DOUBT = "in_doubt"  # it was, and nobody knows what came of it
    ACCEPTED = "accepted"  # the upstream has taken it: there is a ticket
    DONE = "done"  # the video is ours
    FAILED = "failed"  # there will be none of this try
    ABANDONED = "abandoned"  # nobody waits for it any more; a video may still come


class Notify(StrEnum):
    """At which changes of a job its callback is called."""

    END = "end"  # once, when it has ended
    CHANGES = "changes"  # when it starts, and when it has ended


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a caller asked for beside the video.

    `keep_s` is how long the video is kept, None for as long as the gateway keeps files. `forget_input`: the prompt and the
    pictures are erased when the job has ended. `retries`: whether a render whose process died is tried again. `strict`: only
    who takes every field of the input may do it.
    """

    notify: Notify = Notify.END
    keep_s: float | None = None
    forget_input: bool = False
    retries: bool = True
    strict: bool = False


NO_TERMS = Terms()


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why a job ended without a video: a code of ours, a message fit for the caller, and the fault if an input was at fault."""

    code: str
    message: str
    fault: Fault | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One accepted request.

    `base` is this gateway's address as the caller reached it, so that every later answer can give links that work for
    that caller. `names` keeps what a face needs to answer again (a vendor's model name, a caller's own task id).
    `dropped` is what the endpoint cannot take of what was sent, `unused` what whoever made the video could not use of the
    rest. `fingerprint` stands for the request where the caller gave no key of its own for it.
    """

    id: str
    account: str
    key_id: str
    endpoint: str
    face: str
    base: str
    input: VideoInput
    quote: Quote
    serving: Serving
    engine: str
    state: JobState = JobState.QUEUED
    priority: Priority = Priority.NORMAL
    test: bool = False
    dropped: tuple[Dropped, ...] = ()
    unused: tuple[Dropped, ...] = ()
    external_id: str | None = None
    callback: str | None = None
    terms: Terms = NO_TERMS
    fingerprint: bytes | None = None
    names: Mapping[str, Any] | None = None
    start_by: datetime | None = None  # if it has not started by then, it fails
    position: int = 0  # jobs ahead when it was accepted
    deaths: int = 0  # workers that died under it
    channel: str = ""  # of its last attempt; empty for what is made here
    created_at: datetime
    updated_at: datetime
    started_at: datetime | None = None
    ended_at: datetime | None = None
    cancel_requested_at: datetime | None = None
    video: Video | None = None
    late_video: Video | None = None  # one that came after the job had ended as unknown, at no charge
    failure: Failure | None = None
    render_s: float | None = None  # seconds the engine or the upstream worked on it

    @property
    def over(self) -> bool:
        """Whether it has ended."""
        return self.state in TERMINAL


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """A worker's expiring right to a job. The token fences it: a write with a stale one changes nothing."""

    job: Job
    token: int
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One line of a job's story. `sequence` counts up over all jobs of a store and serves as the id of a stream's event."""

    job_id: str
    kind: str  # "state", "log" or "progress"
    message: str
    at: datetime
    level: str = "INFO"
    state: JobState | None = None
    fraction: float | None = None
    sequence: int = 0
