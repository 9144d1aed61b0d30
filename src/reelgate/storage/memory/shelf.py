"""What a memory store holds, and the order in which its jobs start."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from reelgate.contracts.account import Account, Key
from reelgate.contracts.attempt import Attempt
from reelgate.contracts.audit import AuditLine
from reelgate.contracts.channel import Channel
from reelgate.contracts.file import BlobRow, Part, Upload
from reelgate.contracts.outbox import Delivery
from reelgate.contracts.price import DatedPrice, ExchangeRate, PriceBook
from reelgate.domain.job import Event, Job, JobState
from reelgate.storage._rule import FIRST_BOOK
from reelgate.storage.memory.ledger import Ledger


class WebhookSecret(NamedTuple):
    """What an account's webhooks are signed with, until it retires."""

    sealed: bytes
    retires_at: datetime | None

    def signs(self, now: datetime) -> bool:
        """Whether it has not retired."""
        return self.retires_at is None or self.retires_at > now


class Stamp(NamedTuple):
    """What a caller's own key for a submit stands for."""

    fingerprint: bytes
    job_id: str
    expires_at: datetime


@dataclass(slots=True, kw_only=True)
class Shelf:
    """All there is. `video_of` names the blob of a job that is done, until it is forgotten; deliveries lie as they were written."""

    jobs: dict[str, Job] = field(default_factory=dict[str, Job])
    stamps: dict[tuple[str, str], Stamp] = field(default_factory=dict[tuple[str, str], Stamp])  # by account and key
    story: list[Event] = field(default_factory=list[Event])
    attempts: dict[str, list[Attempt]] = field(default_factory=dict[str, list[Attempt]])
    blobs: dict[str, BlobRow] = field(default_factory=dict[str, BlobRow])
    video_of: dict[str, str] = field(default_factory=dict[str, str])
    tokens: Counter[str] = field(default_factory=Counter[str])
    leased_until: dict[str, datetime] = field(default_factory=dict[str, datetime])
    ledger: Ledger = field(default_factory=Ledger)
    accounts: dict[str, Account] = field(default_factory=dict[str, Account])
    keys: dict[str, Key] = field(default_factory=dict[str, Key])
    books: dict[str, PriceBook] = field(default_factory=lambda: {FIRST_BOOK.id: FIRST_BOOK})
    prices: list[DatedPrice] = field(default_factory=list[DatedPrice])
    rates: list[ExchangeRate] = field(default_factory=list[ExchangeRate])
    audit: list[AuditLine] = field(default_factory=list[AuditLine])
    deliveries: dict[str, Delivery] = field(default_factory=dict[str, Delivery])
    uploads: dict[str, Upload] = field(default_factory=dict[str, Upload])
    parts: dict[str, dict[int, Part]] = field(default_factory=dict[str, dict[int, Part]])
    secrets: dict[str, bytes] = field(default_factory=dict[str, bytes])
    channels: dict[str, Channel] = field(default_factory=dict[str, Channel])
    channel_secrets: dict[str, bytes] = field(default_factory=dict[str, bytes])
    channel_version: int = 0
    upstream: dict[tuple[str, str], str] = field(default_factory=dict[tuple[str, str], str])  # tokens by channel and the upstream's id
    not_before: dict[str, datetime] = field(default_factory=dict[str, datetime])
    webhook_secrets: dict[str, list[WebhookSecret]] = field(default_factory=dict[str, list[WebhookSecret]])

    def in_state(self, state: JobState) -> Iterator[Job]:
        """Every job that stands there."""
        return (job for job in self.jobs.values() if job.state is state)

    def adrift(self, now: datetime) -> list[Job]:
        """Running jobs whose lease ran out, the longest first."""
        found = [job for job in self.in_state(JobState.RUNNING) if self.leased_until.get(job.id, now) <= now]
        return sorted(found, key=lambda job: (self.leased_until.get(job.id, job.created_at), job.id))

    def line(self) -> list[Job]:
        """Queued jobs in turns between accounts, inside one by priority, then age."""
        turns = Counter(job.account for job in self.in_state(JobState.RUNNING))
        order: list[tuple[int, Job]] = []
        for job in sorted(self.in_state(JobState.QUEUED), key=_by_priority_and_age):
            turns[job.account] += 1
            order.append((turns[job.account], job))
        return [job for _, job in sorted(order, key=lambda each: (each[0], *_by_priority_and_age(each[1])))]


def _by_priority_and_age(job: Job) -> tuple[int, datetime, str]:
    return job.priority, job.created_at, job.id
