"""One job as its operator sees it, whoever's it is: its story, and each try with the channel, the vendor's code and the times."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from reelgate.api._reply import own_route, reply
from reelgate.api.admin.body import admin
from reelgate.contracts.attempt import Attempt
from reelgate.domain.errors import NotFound
from reelgate.domain.identity import read_id
from reelgate.gateway.face import Gateway
from reelgate.gateway.manual import Operation, Schema, record, words
from reelgate.wire.own import write_event, write_job


class JobsDesk:
    """`/admin/v1/jobs`."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    def routes(self) -> list[Route]:
        return [Route("/admin/v1/jobs/{id}", own_route(self.job), methods=["GET"])]

    async def job(self, request: Request) -> Response:
        await admin(self._gateway, request)
        store, job_id = self._gateway.store, read_id(request.path_params["id"])
        account = None if job_id is None else await store.owner_of(job_id)
        job = None if job_id is None or account is None else await store.job(account, job_id)
        if job is None:
            raise NotFound("there is no such job")
        attempts = await store.attempts(job.account, job.id)
        events = await store.events(job.account, job.id)
        told = {**write_job(job), "account": job.account, "channel": job.channel or None}
        return reply(200, {**told, "attempts": [_write(each) for each in attempts], "events": [write_event(each) for each in events]})


def _write(attempt: Attempt) -> dict[str, Any]:
    ticket = attempt.ticket or {}
    return {
        "number": attempt.number,
        "state": attempt.state.value,
        "engine": attempt.engine,
        "channel": attempt.channel or None,
        "model": attempt.model or None,
        "choice": attempt.choice or None,
        "upstream_id": ticket.get("id"),
        "opened_at": _instant(attempt.opened_at),
        "sent_at": _instant(attempt.sent_at),
        "accepted_at": _instant(attempt.accepted_at),
        "closed_at": _instant(attempt.closed_at),
        "note": attempt.note or None,
        "tries": attempt.tries,
        "again_at": _instant(attempt.again_at),
    }


def _instant(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat(timespec="milliseconds")


SCHEMAS: dict[str, Schema] = {
    "JobOfAnybody": record(
        "A job as under /v1/jobs, and besides whose it is, at which channel, every attempt, and every event.",
        id="string",
        account="string",
        state="string",
        endpoint="string",
        channel=words("Of its last attempt.", type=["string", "null"]),
        attempts=words(
            "In order. One that a channel refused again and again alike is one, with how many `tries` it stands for and the last of them "
            "at `again_at`.",
            type="array",
        ),
        events="array",
    )
}
OPERATIONS = (
    Operation("GET /admin/v1/jobs/{id}", "One job, whoever's it is, with its attempts and its story.", {200: "JobOfAnybody"}, (404,)),
)
