"""A job that an upstream has: a small record, of which there may be ten thousand."""

from __future__ import annotations

from dataclasses import dataclass

from reelgate.contracts.attempt import Attempt
from reelgate.contracts.provider import Ticket
from reelgate.contracts.roster import Offer
from reelgate.dispatch.health import Place
from reelgate.domain.job import Lease


@dataclass(slots=True, eq=False)
class Followed:
    """One job that an upstream has: the right to it, its ticket, its place at the channel, and when it is asked next (in seconds of the
    monotonic clock)."""

    lease: Lease
    attempt: Attempt
    place: Place
    began_s: float
    next_s: float
    asked_s: float = -1e9
    misses: int = 0
    done_s: float | None = None  # when it was first said to be made
    fetches: int = 0  # that failed, and how many of them because there was no video
    missing: int = 0
    told: tuple[float | None, str] = (None, "")
    told_s: float = -1e9
    cancel: bool = False
    cancel_asked_s: float = -1e9
    goes_on_s: float = 0.0  # when it last said that it is not over
    at_work: bool = False
    watched: bool = False  # from its beginning
    busy: bool = False
    gone: bool = False

    @property
    def ticket(self) -> Ticket:
        """What the upstream gave, and under which name it was asked: a ticket that came by a callback has nothing else."""
        return {"model": self.attempt.model, **(self.attempt.ticket or {})}

    def age_s(self, now_s: float) -> float:
        """For how long the upstream has had it."""
        return max(0.0, now_s - self.began_s)

    def overdue(self, offer: Offer, now_s: float) -> bool:
        """Whether nobody waits any longer for it to be made; or, if it was said to be made before, for what was made."""
        if self.done_s is not None:
            return now_s - self.done_s > offer.powers.outputs_s
        return now_s - self.began_s > offer.channel.job_limit_s
