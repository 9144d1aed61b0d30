"""The log of deeds."""

from __future__ import annotations

from dataclasses import replace

import orjson

from reelgate.contracts.audit import FIRST, AuditLine, Deed, chain
from reelgate.storage._rule import to_the_ms
from reelgate.storage.memory.room import Room


class Deeds(Room):
    """Verbs for the log, and how a line of it is written: prepared before the deed, so that nothing can go wrong after it."""

    async def audit(self, *, before: int = 0, limit: int = 100, subject: str = "") -> list[AuditLine]:
        lines = self.shelf.audit[: before - 1] if before else self.shelf.audit
        return [line for line in reversed(lines) if subject in {"", line.deed.subject}][:limit]

    async def audit_head(self) -> AuditLine | None:
        return self.shelf.audit[-1] if self.shelf.audit else None

    def _next_line(self, deed: Deed) -> AuditLine:
        """What will be written of a deed."""
        kept = replace(to_the_ms(deed), detail=orjson.loads(orjson.dumps(dict(deed.detail))))
        before = self.shelf.audit[-1].hash if self.shelf.audit else FIRST
        number = len(self.shelf.audit) + 1
        return AuditLine(number=number, deed=kept, hash=chain(before, number, kept))
