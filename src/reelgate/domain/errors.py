"""Every way to fail, drawn before it is defined.

GatewayError                 a code, and a message fit for the caller
├─ CallerError               the caller can fix it
│  ├─ InvalidInput (faults)  ├─ Unauthenticated   ├─ Forbidden   ├─ NotFound
│  ├─ Conflict               ├─ InsufficientFunds ├─ Limited (retry_after_s)
│  └─ TooLarge
├─ Unready                   we cannot take it now: the disk is full, the store is closed
├─ RenderError               an engine did not make the video; `again` says whether trying again may help
│  ├─ Refused                this input will never pass
│  ├─ Broken                 the engine failed at it
│  └─ WorkerDied             the process that rendered is gone
├─ UpstreamError             one attempt at a channel failed; `next` says what to do
│  ├─ Rejected               this input will never pass           -> give up
│  ├─ Throttled              full for now (retry_after_s)         -> wait, or another channel
│  ├─ Unavailable            down or mute; nothing was bought     -> another channel
│  ├─ Misconfigured          our key or our credit there is bad   -> bench the channel, another channel
│  ├─ Unserved               this account there lacks this model  -> bench the model there, another channel
│  ├─ Garbled                a reply that nobody can read         -> another channel, and alert
│  └─ Uncertain              the buying call may have arrived     -> look it up, never send it blindly again
├─ StoreError                the folder cannot be used: another process holds it, a newer program wrote it
└─ LeaseLost                 somebody else owns the job: drop everything, write nothing

No class knows HTTP: a face has one table from code to its own statuses. Facts stand on the classes, so nobody
climbs a ladder of isinstance or searches text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any, ClassVar, Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing wrong with an input.

    `path` names the field from the top of the body (("image_url",), ("multi_prompt", 0, "prompt")); `kind` is one of the
    words of fal's published list ("missing", "one_of", "image_load_error"); `limits` holds numbers of the schema
    only, never what was sent.
    """

    path: tuple[str | int, ...]
    message: str
    kind: str = "value_error"
    limits: Mapping[str, Any] = field(default_factory=dict[str, Any])


class GatewayError(Exception):
    """Something went wrong."""

    code: ClassVar[str] = "internal_error"

    def __init__(self, message: str = "") -> None:
        self.message = message or (type(self).__doc__ or "").strip()
        super().__init__(self.message)


class CallerError(GatewayError):
    """The caller can fix it."""

    code = "bad_request"


class InvalidInput(CallerError):
    """The input is not valid."""

    code = "invalid_input"

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(map(_told, self.faults)))


class Unauthenticated(CallerError):
    """The key is not valid."""

    code = "unauthenticated"

    def __init__(self, message: str = "", *, why: Literal["missing", "invalid", "early", "expired"] = "invalid") -> None:
        self.why = why
        super().__init__(message)


class Forbidden(CallerError):
    """The key may not do this."""

    code = "forbidden"


class NotFound(CallerError):
    """There is no such thing."""

    code = "not_found"


class Conflict(CallerError):
    """This key was used before with another request."""

    code = "conflict"


class InsufficientFunds(CallerError):
    """The balance does not cover the price."""

    code = "insufficient_funds"


class Limited(CallerError):
    """Too much at once."""

    code = "limited"

    def __init__(self, message: str = "", *, retry_after_s: int = 1) -> None:
        self.retry_after_s = retry_after_s
        super().__init__(message)


class TooLarge(CallerError):
    """The body is larger than this gateway takes."""

    code = "too_large"


class Unready(GatewayError):
    """The gateway cannot take work at the moment; nothing was accepted and nothing was charged."""

    code = "unready"


class StoreError(GatewayError):
    """The data folder cannot be used."""

    code = "store"


class RenderError(GatewayError):
    """The video was not made."""

    code = "render_failed"
    again: ClassVar[bool] = False


class Refused(RenderError):
    """This input will never pass."""

    code = "rejected"

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        super().__init__(fault.message)


class Broken(RenderError):
    """The engine failed at this input."""

    code = "render_failed"


class WorkerDied(RenderError):
    """The process that rendered this job died."""

    code = "worker_died"
    again = True


class Next(Enum):
    """What is to be done after an attempt at a channel failed."""

    GIVE_UP = auto()
    WAIT = auto()  # or another channel
    OTHER_CHANNEL = auto()
    BENCH = auto()  # the channel is of no use until somebody mends it; another channel
    LOOK_UP = auto()


class UpstreamError(GatewayError):
    """One attempt at a channel failed.

    `message` is fit for the caller: our words, never the vendor's, nor its name or address. `said` is the vendor's own code for it
    ("1303", "http 503"), for the attempt's row and the log; never its text, which may repeat what was sent.
    """

    code = "upstream_failed"
    next: ClassVar[Next] = Next.OTHER_CHANNEL

    def __init__(self, message: str = "", *, said: str = "") -> None:
        self.said = said
        super().__init__(message)


class Rejected(UpstreamError):
    """The model refused this input."""

    code = "rejected"
    next = Next.GIVE_UP

    def __init__(self, message: str = "", *, said: str = "", fault: Fault | None = None) -> None:
        self.fault = fault
        super().__init__(message or (fault.message if fault is not None else ""), said=said)


class Throttled(UpstreamError):
    """The model has no room at the moment."""

    code = "upstream_busy"
    next = Next.WAIT

    def __init__(self, message: str = "", *, said: str = "", retry_after_s: float | None = None) -> None:
        self.retry_after_s = retry_after_s
        super().__init__(message, said=said)


class Unavailable(UpstreamError):
    """The model could not be reached."""

    code = "upstream_unavailable"


class Misconfigured(UpstreamError):
    """The model is not available at the moment."""

    code = "upstream_unavailable"
    next = Next.BENCH


class Unserved(UpstreamError):
    """The model is not available at the moment."""

    code = "upstream_unavailable"


class Garbled(UpstreamError):
    """The model's answer could not be read."""

    code = "upstream_failed"


class Uncertain(UpstreamError):
    """It is not known whether the model has taken the work."""

    code = "upstream_unknown"
    next = Next.LOOK_UP


class LeaseLost(GatewayError):
    """Somebody else owns the job."""

    code = "lease_lost"


def _told(fault: Fault) -> str:
    """A fault in one line; one of the whole body has no place."""
    place = ".".join(map(str, fault.path))
    return f"{place}: {fault.message}" if place else fault.message
