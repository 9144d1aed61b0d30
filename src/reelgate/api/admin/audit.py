"""The audit log: who did what, page by page, and whether it is as it was written."""

from __future__ import annotations

import re
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from reelgate.api._reply import own_route, reply
from reelgate.api._schema import LIMIT, listed
from reelgate.api.admin.body import admin
from reelgate.contracts.audit import AuditLine
from reelgate.domain.errors import Fault, InvalidInput
from reelgate.gateway.face import Gateway
from reelgate.gateway.manual import Operation, Schema, record, words
from reelgate.gateway.trail import verify

_NUMBER = re.compile(r"[1-9][0-9]{0,17}")
_HEAD = re.compile(r"([1-9][0-9]{0,17}):([0-9a-f]{64})")
_PAGE_MAX = 200


class AuditDesk:
    """`/admin/v1/audit`."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    def routes(self) -> list[Route]:
        return [
            Route("/admin/v1/audit", own_route(self.page), methods=["GET"]),
            Route("/admin/v1/audit/verify", own_route(self.verify), methods=["GET"]),
        ]

    async def page(self, request: Request) -> Response:
        await admin(self._gateway, request)
        asked = request.query_params
        limit, before = _number(asked.get("limit", "50"), "limit", _PAGE_MAX), _number(asked.get("before", "0"), "before", 0)
        lines = await self._gateway.store.audit(before=before, limit=limit, subject=asked.get("subject", ""))
        more = lines[-1].number if len(lines) == limit and lines[-1].number > 1 else None
        return reply(200, {"object": "list", "data": [_write_line(each) for each in lines], "next": more})

    async def verify(self, request: Request) -> Response:
        await admin(self._gateway, request)
        verdict = await verify(self._gateway.store, _known(request.query_params.get("head", "")))
        head = verdict.head
        told = {"sound": verdict.sound, "lines": verdict.lines, "broken": list(verdict.broken), "kept": verdict.kept}
        return reply(200, {**told, "head": None if head is None else f"{head.number}:{head.hash.hex()}"})


def _number(text: str, field: str, most: int) -> int:
    if text == "0" and not most:
        return 0
    if not _NUMBER.fullmatch(text) or (most and int(text) > most):
        raise InvalidInput([Fault(path=(field,), message=f"1 to {most}" if most else "the number of a line")])
    return int(text)


def _known(text: str) -> tuple[int, bytes] | None:
    if not text:
        return None
    found = _HEAD.fullmatch(text)
    if found is None:
        raise InvalidInput([Fault(path=("head",), message="the number of a line, a colon and its hash, as an earlier check told them")])
    return int(found[1]), bytes.fromhex(found[2])


def _write_line(line: AuditLine) -> dict[str, Any]:
    deed = line.deed
    return {
        "number": line.number,
        "at": deed.at.isoformat(timespec="milliseconds"),
        "actor": deed.actor,
        "action": deed.action,
        "subject": deed.subject,
        "reason": deed.reason,
        "detail": dict(deed.detail),
        "hash": line.hash.hex(),
    }


SCHEMAS: dict[str, Schema] = {
    "AuditLine": record(
        "What somebody did. `hash` is of this line and of all before it.",
        number="integer",
        at="string",
        actor=words("The id of an admin key, or gateway."),
        action="string",
        subject=words("The id of what it was done to."),
        reason="string",
        detail="object",
        hash="string",
    ),
    **listed("AuditLines", "AuditLine", next={"type": ["integer", "null"], "description": "`before` of the next page."}),
    "AuditVerdict": record(
        "Whether the log is as it was written. `head` is the newest line, to be kept elsewhere and given to a later check.",
        sound="boolean",
        lines="integer",
        broken={"type": "array", "items": {"type": "integer"}, "description": "Lines that do not follow from the ones before them."},
        kept={"type": ["boolean", "null"], "description": "Whether the head that was given is still there; null if none was."},
        head="string?",
    ),
}
OPERATIONS = (
    Operation(
        "GET /admin/v1/audit",
        "What admins did, newest first.",
        {200: "AuditLines"},
        (422,),
        query={"before": words("Older than the line of this number."), "limit": LIMIT, "subject": words("About one thing only.")},
    ),
    Operation(
        "GET /admin/v1/audit/verify",
        "Makes every hash anew.",
        {200: "AuditVerdict"},
        (422,),
        query={"head": words("The head that an earlier check told: whether the log was cut off since.")},
    ),
)
