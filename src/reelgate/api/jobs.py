"""Our own routes for jobs: list, look, cancel, follow."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from reelgate.api._reply import own_route, reply
from reelgate.api._schema import EVENT, JOB, LAST_EVENT, LIMIT, REFUSAL, REFUSED, listed
from reelgate.api._stream import EventStream
from reelgate.contracts.store import JobFilter
from reelgate.domain.errors import Fault, InvalidInput
from reelgate.domain.identity import read_id
from reelgate.domain.job import JobState
from reelgate.gateway.face import Face, Gateway
from reelgate.gateway.keyring import Principal
from reelgate.gateway.manual import Manual, Operation, array, one_of, record, ref, words
from reelgate.wire.own import write_event, write_job, write_receipt

_PING = b": ping\n\n"
_PAGE_MAX = 200
_LIMIT_DIGITS = 9


class JobsFace:
    """`/v1/jobs` and `/v1/events`."""

    name = "jobs"
    rank = 10

    def routes(self, gateway: Gateway) -> Sequence[BaseRoute]:
        desk = _Desk(gateway)
        return [
            Route("/v1/jobs", own_route(desk.jobs), methods=["GET"]),
            Route("/v1/jobs/{job_id}", own_route(desk.job), methods=["GET"]),
            Route("/v1/jobs/{job_id}/cancel", own_route(desk.cancel), methods=["POST"]),
            Route("/v1/jobs/{job_id}/events", own_route(desk.events), methods=["GET"]),
            Route("/v1/events", own_route(desk.story), methods=["GET"]),
        ]

    def manual(self, gateway: Gateway) -> Manual:
        """What these routes are for."""
        del gateway
        return _MANUAL


FACE: Face = JobsFace()


class _Desk:
    def __init__(self, gateway: Gateway) -> None:
        self._gateway, self._follow = gateway, gateway.follow

    async def jobs(self, request: Request) -> Response:
        principal = await self._caller(request)
        which = _filter(request)
        jobs = await self._follow.jobs(principal, which)
        more = jobs[-1].id if len(jobs) == which.limit else None
        return reply(200, {"object": "list", "data": [write_job(job) for job in jobs], "next": more})

    async def job(self, request: Request) -> Response:
        principal = await self._caller(request)
        job = await self._follow.job(principal, request.path_params["job_id"])
        position = self._follow.position(await self._follow.glance(principal, job.id))
        attempts = await self._follow.attempts(principal, job.id)
        receipt = await self._gateway.reports.receipt(principal.account, job.id)
        return reply(200, {**write_job(job, position=position, attempts=attempts), "receipt": write_receipt(job, receipt)})

    async def cancel(self, request: Request) -> Response:
        principal = await self._gateway.keyring.caller(request.scope, write=True)
        job, was_over = await self._follow.cancel(principal, request.path_params["job_id"])
        word = "over" if was_over else "now" if job.state is JobState.CANCELLED else "requested"
        return reply(202 if word == "requested" else 200, {"job": write_job(job), "cancelled": word})

    async def events(self, request: Request) -> Response:
        principal = await self._caller(request)
        job = await self._follow.job(principal, request.path_params["job_id"])
        if not _wants_stream(request):
            events = await self._follow.events(principal, job.id, _after(request, 0))
            return reply(200, {"data": [write_event(event) for event in events]})
        return EventStream(self._frames(principal, job.id, _after(request, 0)), self._gateway.streams.open(principal.account))

    async def story(self, request: Request) -> Response:
        principal = await self._caller(request)
        return EventStream(self._story(principal, _after(request, -1)), self._gateway.streams.open(principal.account))

    async def _frames(self, principal: Principal, job_id: str, after: int) -> AsyncIterator[bytes]:
        async for step in self._follow.steps(principal, job_id, after):
            if step is None:
                yield _PING
                continue
            for event in step.events:
                yield _frame(write_event(event))

    async def _story(self, principal: Principal, after: int) -> AsyncIterator[bytes]:
        async for event in self._follow.story(principal, after):
            yield _PING if event is None else _frame(write_event(event))

    async def _caller(self, request: Request) -> Principal:
        return await self._gateway.keyring.caller(request.scope)


def _filter(request: Request) -> JobFilter:
    asked = request.query_params
    faults: list[Fault] = []
    try:
        states = frozenset(JobState(word) for word in asked.get("state", "").replace(",", " ").split())
    except ValueError:
        states = frozenset[JobState]()
        faults.append(Fault(path=("state",), message=f"one of {', '.join(JobState)}", kind="one_of"))
    limit = asked.get("limit", "50")
    if not (limit.isdecimal() and len(limit) <= _LIMIT_DIGITS and 1 <= int(limit) <= _PAGE_MAX):
        faults.append(Fault(path=("limit",), message=f"1 to {_PAGE_MAX}"))
    before = read_id(asked["before"]) if asked.get("before") else ""
    if before is None:
        faults.append(Fault(path=("before",), message="the id of a job"))
    if faults:
        raise InvalidInput(faults)
    endpoints = frozenset({asked["endpoint"]} if asked.get("endpoint") else ())
    return JobFilter(states=states, endpoints=endpoints, before=before or "", limit=int(limit))


def _after(request: Request, default: int) -> int:
    told = request.headers.get("last-event-id") or request.query_params.get("after") or ""
    return int(told) if told.isdecimal() and len(told) < 19 else default  # noqa: PLR2004 -- the digits of 2⁶³


def _wants_stream(request: Request) -> bool:
    return "text/event-stream" in request.headers.get("accept", "")


def _frame(event: dict[str, Any]) -> bytes:
    return b"id: %d\ndata: %s\n\n" % (event["sequence"], orjson.dumps(event))


_AFTER = {"after": words("A sequence, to go on after it.")}
_MANUAL = Manual(
    refusals=REFUSED,
    words={"job_id": "The id of a job, as any face spells it."},
    schemas={
        **REFUSAL,
        **JOB,
        **EVENT,
        **listed("Jobs", "Job", next={"type": ["string", "null"], "description": "`before` of the next page."}),
        "Events": record("The job's story.", data=array("Event")),
        "Cancelled": record("What a cancel did.", job=ref("Job"), cancelled=one_of("", "now", "requested", "over")),
    },
    operations=(
        Operation(
            "GET /v1/jobs",
            "The account's jobs, newest first.",
            {200: "Jobs"},
            (422,),
            query={
                "state": words(f"States, comma-separated: {', '.join(JobState)}."),
                "endpoint": words("Of one endpoint."),
                "before": words("Older than this job."),
                "limit": LIMIT,
            },
        ),
        Operation("GET /v1/jobs/{job_id}", "One job, with what was tried and what became of its money.", {200: "WholeJob"}, (404,)),
        Operation("POST /v1/jobs/{job_id}/cancel", "Takes a job back.", {200: "Cancelled", 202: "Cancelled"}, (404,)),
        Operation(
            "GET /v1/jobs/{job_id}/events",
            "The job's story; as a stream to its end where `Accept` asks for one.",
            {200: "Events text/event-stream"},
            (404, 429),
            query=_AFTER,
            headers={"Last-Event-ID": LAST_EVENT},
        ),
        Operation(
            "GET /v1/events",
            "Every change of state of the account's jobs, as a stream without an end.",
            {200: "text/event-stream"},
            (429,),
            query=_AFTER,
            headers={"Last-Event-ID": LAST_EVENT},
        ),
    ),
)
