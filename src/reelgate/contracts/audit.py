"""Who did what: a log of everything that admins do, each line sealed to the one before it by a hash.

Whoever changes a line, takes one out or puts one in breaks the chain from there on; whoever cuts off its end has to be caught by
the newest hash, which an operator can keep elsewhere.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

import orjson

from reelgate.domain.clock import in_ms

FIRST = bytes(32)
"""What stands before the first line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """What somebody does and why: who (the id of an admin key, or "gateway"), what ("account.credit"), to which thing.

    `detail` holds plain JSON values and never a secret.
    """

    actor: str
    action: str
    subject: str
    at: datetime
    reason: str = ""
    detail: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditLine:
    """A deed as it was written: numbered from 1 without a gap, with the hash of itself and all before it."""

    number: int
    deed: Deed
    hash: bytes


def chain(before: bytes, number: int, deed: Deed) -> bytes:
    """The hash of a line after the line of that hash."""
    told = [number, deed.actor, deed.action, deed.subject, in_ms(deed.at), deed.reason, dict(deed.detail)]
    return hashlib.sha256(before + orjson.dumps(told, option=orjson.OPT_SORT_KEYS)).digest()


def broken_links(lines: Iterable[AuditLine]) -> Iterator[int]:
    """The numbers of the lines, which come from the first on in their order, that do not follow from the ones before them."""
    before, number = FIRST, 0
    for line in lines:
        number += 1
        if line.number != number or line.hash != chain(before, line.number, line.deed):
            yield line.number
            number = line.number
        before = line.hash


class AuditStore(Protocol):
    """What a store keeps of deeds."""

    async def audit(self, *, before: int = 0, limit: int = 100, subject: str = "") -> list[AuditLine]:
        """A page of lines, newest first, of numbers below `before` if that is not 0, about one subject if one is named."""
        ...

    async def audit_head(self) -> AuditLine | None:
        """The newest line."""
        ...
