"""When a webhook is tried again, and when no more. Thirteen tries over nearly twenty hours: a receiver that is down for a night
still hears of everything, and one that is slow or gone is not knocked at without end."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

_MINUTE_S = 60
_HOUR_S = 3600
_PAUSES_S = (
    0,
    5,
    30,
    *(minutes * _MINUTE_S for minutes in (2, 5, 10, 20, 30, 30)),
    *(hours * _HOUR_S for hours in (1, 2, 5, 10)),
)
TRIES = len(_PAUSES_S)
_SPREAD = 0.2


class Verdict(StrEnum):
    """What a try has come to."""

    DELIVERED = "delivered"
    ENDED = "ended"  # the receiver does not want it: no further try
    AGAIN = "again"


def verdict(status: int | None) -> Verdict:
    """What a receiver's status means, None for no answer: a redirect or 410 ends the delivery, all but 2xx asks for another try."""
    if status is None:
        return Verdict.AGAIN
    if _OK <= status < _REDIRECTS:
        return Verdict.DELIVERED
    return Verdict.ENDED if _REDIRECTS <= status < _REFUSALS or status == _GONE else Verdict.AGAIN


def next_try(step: int, at: datetime, chance: float) -> datetime | None:
    """When to try after `step` tries, the last of which ended at `at`; None when there were enough.

    `chance`, from 0 to 1, spreads each pause over ±20 %, so that what failed together does not come back together.
    """
    if step >= TRIES:
        return None
    return at + timedelta(seconds=_PAUSES_S[step] * (1 - _SPREAD + 2 * _SPREAD * chance))


_OK = 200
_REDIRECTS = 300
_REFUSALS = 400
_GONE = 410
