"""fal's queue, at the root: submit, status, stream, result, cancel."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import lru_cache
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match

from reelgate.api._fal import REQUEST_ID, Door, identified, refusal, short
from reelgate.api._stream import EventStream
from reelgate.api.fal.submission import Reception, remarks
from reelgate.contracts.store import Glance
from reelgate.domain.errors import NotFound
from reelgate.domain.job import JobState
from reelgate.gateway.door import Receive, Scope, Send, header
from reelgate.gateway.face import Gateway
from reelgate.gateway.keyring import Principal
from reelgate.wire import fal
from reelgate.wire.own import VIDEO_NAME, video_address

_ASKED_FOR = frozenset({"1", "true", "yes"})
_PING = b": ping\n\n"
_SEQUENCE_DIGITS = 18

_SUBMIT_BY_POST = fal.Reply(405, b'{"detail":"Method Not Allowed: submit by POST"}', (("allow", "POST"),))


class Quick(BaseRoute):
    """The two paths that are asked thousands of times a second, told by plain comparisons; the table after it reads them alike."""

    def __init__(self, status: Door, submit: Door) -> None:
        self._status, self._submit = status, submit

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        path: str = scope["path"]
        method = scope.get("method")
        if scope.get("root_path"):
            return Match.NONE, {}
        if method == "GET" and path.endswith("/status"):
            app, _, job_id = path[1:-7].rpartition("/requests/")
            if app and job_id and "/" not in job_id:
                return Match.FULL, {"endpoint": self._status, "path_params": {"app": app, "job_id": job_id}}
        elif method == "POST" and "/requests/" not in path:
            return Match.FULL, {"endpoint": self._submit, "path_params": {"app": path[1:]}}
        return Match.NONE, {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        await scope["endpoint"](scope, receive, send)


class Queue:
    """What fal's clients may ask of jobs."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway, self._reception = gateway, Reception(gateway)
        self._keyring, self._follow = gateway.keyring, gateway.follow

    async def submit(self, scope: Scope, receive: Receive) -> fal.Reply:
        _, endpoint, submitted = await self._reception.take(scope, receive)
        reply = fal.write_submitted(submitted.job)
        said = remarks(endpoint, replayed=submitted.replayed)
        return reply._replace(headers=reply.headers + said) if said else reply

    async def elsewhere(self, scope: Scope, receive: Receive) -> fal.Reply:
        del receive
        if self._gateway.catalog.find(scope["path_params"]["app"]) is None:
            raise NotFound("there is nothing here; GET / tells what this is")
        return _SUBMIT_BY_POST

    async def status(self, scope: Scope, receive: Receive) -> fal.Reply:
        del receive
        principal, glance = await self._glance(scope)
        if glance is None:
            return fal.NO_SUCH_REQUEST
        logs = None
        if scope["query_string"] and _wants_logs(scope["query_string"]):
            logs = () if glance.state is JobState.QUEUED else await self._follow.events(principal, glance.id)
        return fal.write_status(glance, self._follow.position(glance), logs)

    async def result(self, scope: Scope, receive: Receive) -> fal.Reply:
        del receive
        principal, glance = await self._glance(scope)
        if glance is None:
            return fal.NO_SUCH_REQUEST
        job = await self._follow.job(principal, glance.id)
        return fal.write_result(job, url=video_address(job.video, job.base), file_name=VIDEO_NAME)

    async def cancel(self, scope: Scope, receive: Receive) -> fal.Reply:
        del receive
        principal, glance = await self._glance(scope, write=True)
        if glance is None:
            return fal.NO_SUCH_REQUEST
        job, was_over = await self._follow.cancel(principal, glance.id)
        if was_over:
            return fal.ALREADY_COMPLETED
        return fal.CANCELLED_IN_QUEUE if job.state is JobState.CANCELLED else fal.CANCELLATION_REQUESTED

    async def stream(self, request: Request) -> Response:
        scope = request.scope
        try:
            principal, glance = await self._glance(scope)
            if glance is None:
                return _response(identified(fal.NO_SUCH_REQUEST, scope))
            place = self._gateway.streams.open(principal.account)
        except Exception as error:  # noqa: BLE001 -- as at the door
            return _response(identified(refusal(error, scope), scope))
        frames = self._frames(principal, glance, after=_last_seen(scope), with_logs=_wants_logs(scope["query_string"]))
        return EventStream(frames, place, {REQUEST_ID: glance.id})

    async def _frames(self, principal: Principal, glance: Glance, *, after: int, with_logs: bool) -> AsyncIterator[bytes]:
        async for step in self._follow.steps(principal, glance.id, after):
            if step is None:
                yield _PING
                continue
            status = fal.write_status(step.glance, step.position, step.events if with_logs else None)
            yield fal.write_frame(status.body, step.sequence)

    async def _glance(self, scope: Scope, *, write: bool = False) -> tuple[Principal, Glance | None]:
        """The caller and the job; no job under another endpoint's path."""
        principal = await self._keyring.caller(scope, write=write)
        try:
            glance = await self._follow.glance(principal, scope["path_params"]["job_id"])
        except NotFound:
            return principal, None
        app: str = scope["path_params"]["app"]
        return principal, glance if app in (glance.endpoint, short(glance.endpoint)) else None


def _last_seen(scope: Scope) -> int:
    """The id of the last event that a stream which broke off had shown."""
    told = header(scope, b"last-event-id") or b""
    return int(told) if told.isdigit() and len(told) <= _SEQUENCE_DIGITS else 0


@lru_cache(maxsize=64)  # there are few ways to ask, and each is asked thousands of times
def _wants_logs(query: bytes) -> bool:
    return parse_qs(query.decode("latin-1")).get("logs", [""])[0].lower() in _ASKED_FOR


def _response(reply: fal.Reply) -> Response:
    return Response(reply.body, reply.status, dict(reply.headers), media_type="application/json")
