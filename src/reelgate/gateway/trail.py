"""Looks whether the audit log is as it was written: every hash is made anew, from the first line to the newest."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

from reelgate.contracts.audit import FIRST, AuditLine, AuditStore, chain

_PAGE = 500
_TOLD = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """How many lines there are, the numbers of the first of those that do not follow from the ones before them, and the newest one.

    `kept` tells whether the line that was asked for still has the hash that somebody wrote down; None if none was asked for.
    """

    lines: int
    broken: tuple[int, ...]
    head: AuditLine | None
    kept: bool | None = None

    @property
    def sound(self) -> bool:
        """Whether nothing was changed, taken out or put in."""
        return not self.broken and self.kept is not False


async def verify(store: AuditStore, known: tuple[int, bytes] | None = None) -> Verdict:
    """Read the whole log, page by page. `known` is the number and the hash of a line that was the newest once: only so can be seen
    that the end was cut off."""
    before, number, count, broken, newest = FIRST, 0, 0, list[int](), None
    kept = None if known is None else False
    async for line in _lines(store):
        count += 1
        if (line.number != number + 1 or line.hash != chain(before, line.number, line.deed)) and len(broken) < _TOLD:
            broken.append(line.number)
        if known == (line.number, line.hash):
            kept = True
        before, number, newest = line.hash, line.number, line
    return Verdict(lines=count, broken=tuple(broken), head=newest, kept=kept)


async def _lines(store: AuditStore) -> AsyncIterator[AuditLine]:
    """Every line in its order, those without a place before the first among them. A store gives pages from the newest down."""
    head = await store.audit_head()
    for line in reversed(await store.audit(before=1, limit=_PAGE)):
        yield line
    after = 0
    while head is not None and after < head.number:
        page = await store.audit(before=after + _PAGE + 1, limit=_PAGE)
        for line in reversed(page):
            if line.number > after:
                yield line
        after += _PAGE
