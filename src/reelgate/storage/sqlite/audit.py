"""The log of deeds: each line is written in the transaction of what it tells."""

from __future__ import annotations

import orjson

from reelgate.contracts.audit import FIRST, AuditLine, Deed, chain
from reelgate.domain.clock import from_ms, in_ms
from reelgate.storage.sqlite.connection import Row, Transaction
from reelgate.storage.sqlite.query import QUERIES
from reelgate.storage.sqlite.room import Room
from reelgate.storage.sqlite.rows import dump

_NEWEST_DEED = QUERIES["newest_deed"]
_INSERT_DEED = QUERIES["insert_deed"]
_AFTER_ALL = (1 << 63) - 1


def write_deed(write: Transaction, deed: Deed) -> None:
    """Tell what somebody did, after the line before it."""
    newest = write.row(_NEWEST_DEED)
    number, before = (newest[0] + 1, newest[-1]) if newest is not None else (1, FIRST)
    told = (deed.actor, deed.action, deed.subject, in_ms(deed.at), deed.reason, dump(deed.detail))
    write.run(_INSERT_DEED, (number, *told, chain(before, number, deed)))


def read_line(row: Row) -> AuditLine:
    """A row of the query `deeds`."""
    number, actor, action, subject, at, reason, detail, digest = row
    deed = Deed(actor=actor, action=action, subject=subject, at=from_ms(at), reason=reason, detail=orjson.loads(detail))
    return AuditLine(number=number, deed=deed, hash=digest)


class Deeds(Room):
    """Verbs for the log."""

    async def audit(self, *, before: int = 0, limit: int = 100, subject: str = "") -> list[AuditLine]:
        sql = QUERIES["deeds_about"] if subject else QUERIES["deeds"]
        which = {"before": before or _AFTER_ALL, "limit": limit, "subject": subject}
        return await self._report(lambda read: [read_line(row) for row in read.rows(sql, which)])

    async def audit_head(self) -> AuditLine | None:
        row = self._near.row(_NEWEST_DEED)
        return None if row is None else read_line(row)
