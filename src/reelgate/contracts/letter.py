"""A letter is a webhook as it goes over the wire. The outbox sends it; the face by which the job came writes it.

A face that promises webhooks has a scribe beside its routes (`gateway.face.Correspondent`); `app` hands them to the dispatcher
by the names of their faces, so that neither knows the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from reelgate.contracts.outbox import Delivery
from reelgate.domain.job import Job


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """Exactly these bytes are sent by POST, with these headers beside content type, length and host."""

    body: bytes
    headers: tuple[tuple[str, str], ...] = ()


class Scribe(Protocol):
    """Writes the letters of one face."""

    async def __call__(self, job: Job, delivery: Delivery, now: datetime) -> Letter:
        """The letter that says what `delivery.told` says of the job, signed at `now`; `job` may have gone on since.

        Every try of one delivery has the same body; only its signature is new.
        """
        ...
