"""fal's queue API at the root: submit, status, stream, result, cancel."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import timedelta
from urllib.parse import parse_qs
from uuid import uuid4

import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match, Route

from reelgate.api._stream import EventStream
from reelgate.contracts.endpoint import Endpoint
from reelgate.contracts.store import Glance
from reelgate.domain.errors import CallerError, Fault, GatewayError, InvalidInput, Limited, NotFound
from reelgate.domain.identity import read_id
from reelgate.domain.job import JobState, Priority
from reelgate.gateway.accounts import Principal
from reelgate.gateway.door import Receive, Scope, Send, Share, answer, header, read_body
from reelgate.gateway.face import ANYBODYS_WORDS, Face, Gateway
from reelgate.gateway.submit import Request as Submission
from reelgate.gateway.submit import fingerprint_of
from reelgate.wire import fal
from reelgate.wire.own import VIDEO_NAME, video_address

_log = structlog.get_logger(__name__)
_ASKED_FOR = frozenset({"1", "true", "yes"})
_START_MIN_S, _START_MAX_S = 0.1, 86_400.0
_PING = b": ping\n\n"
_REQUEST_ID = "x-fal-request-id"
_LENGTH_DIGITS = 18  # no queue is longer than a number of so many digits

_SUBMIT_BY_POST = fal.Reply(405, b'{"detail":"Method Not Allowed: submit by POST"}', (("allow", "POST"),))

Call = Callable[[Scope, Receive], Awaitable[fal.Reply]]


class FalFace:
    """Serves fal's protocol for every endpoint of the catalog."""

    name = "fal"
    rank = ANYBODYS_WORDS

    def routes(self, gateway: Gateway) -> Sequence[BaseRoute]:
        desk = _Desk(gateway)
        job = "/{app:path}/requests/{job_id}"
        status, submit = _Door(desk.status, "GET"), _Door(desk.submit, "POST")
        return [
            _Quick(status, submit),
            Route(f"{job}/status", status),
            Route(f"{job}/status/stream", desk.stream, methods=["GET"]),
            Route(f"{job}/cancel", _Door(desk.cancel, "PUT", "POST")),
            Route(f"{job}/response", _Door(desk.result, "GET")),
            Route(job, _Door(desk.result, "GET")),
            Route("/{app:path}", submit, methods=["POST"]),
            Route("/{app:path}", _Door(desk.elsewhere)),
        ]


FACE: Face = FalFace()


class _Quick(BaseRoute):
    """The two paths that are asked thousands of times a second, told by plain comparisons; the table after it reads them alike."""

    def __init__(self, status: _Door, submit: _Door) -> None:
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


class _Door:
    """Turns a call of the desk into an ASGI application that answers every failure in fal's shape."""

    def __init__(self, call: Call, *methods: str) -> None:
        self._call, self._methods = call, methods

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._methods and scope["method"] not in self._methods:
            reply = fal.Reply(405, b'{"detail":"Method Not Allowed"}', (("allow", ", ".join(self._methods)),))
        else:
            try:
                reply = await self._call(scope, receive)
            except Exception as error:  # noqa: BLE001 -- whatever it is, it is answered in fal's shape
                reply = _refusal(error, scope)
        if not reply.headers or reply.headers[0][0] != _REQUEST_ID:
            reply = _identified(reply, scope)
        await answer(send, reply.status, reply.body, _headers(reply))


class _Desk:
    """What fal's clients may ask."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._keyring, self._follow = gateway.keyring, gateway.follow

    async def submit(self, scope: Scope, receive: Receive) -> fal.Reply:
        with self._gateway.budget.share() as share:
            return await self._submit(scope, receive, share)

    async def _submit(self, scope: Scope, receive: Receive, share: Share) -> fal.Reply:
        gateway = self._gateway
        principal = await self._keyring.caller(header(scope, b"authorization"))
        endpoint = gateway.catalog.find(scope["path_params"]["app"])
        if endpoint is None or "fal" not in endpoint.inputs:
            raise NotFound("there is no such application; GET /v1/models lists those that are")
        _check_query(scope, gateway)
        raw = await read_body(scope, receive, gateway.settings.max_body, share)
        wanted, dropped = fal.read_input(endpoint.inputs["fal"], fal.read_body(raw))
        key = header(scope, b"idempotency-key") or b""
        fingerprint = fingerprint_of(endpoint, raw) if key else b""
        del raw  # a picture may be in it, and the parking makes its own copies
        submitted = await gateway.submit(
            Submission(
                principal=principal,
                endpoint=endpoint,
                face="fal",
                base=gateway.doorplate.base(scope),
                input=wanted,
                dropped=dropped,
                priority=Priority.LOW if header(scope, b"x-fal-queue-priority") == b"low" else Priority.NORMAL,
                start_within=_start_within(scope),
                idempotency_key=key.decode("latin-1"),
                fingerprint=fingerprint,
            )
        )
        reply = fal.write_submitted(submitted.job)
        remarks = _remarks(endpoint, replayed=submitted.replayed)
        return reply._replace(headers=reply.headers + remarks) if remarks else reply

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
        logs = await self._follow.events(principal, glance.id) if _wants_logs(scope) else None
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
        principal, glance = await self._glance(scope)
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
                return _response(_identified(fal.NO_SUCH_REQUEST, scope))
            place = self._gateway.streams.open(principal.account)
        except Exception as error:  # noqa: BLE001 -- as at the door
            return _response(_identified(_refusal(error, scope), scope))
        frames = self._frames(principal, glance, with_logs=_wants_logs(scope))
        return EventStream(frames, place, {_REQUEST_ID: glance.id})

    async def _frames(self, principal: Principal, glance: Glance, *, with_logs: bool) -> AsyncIterator[bytes]:
        async for step in self._follow.steps(principal, glance.id):
            if step is None:
                yield _PING
                continue
            yield fal.write_frame(fal.write_status(step.glance, step.position, step.events if with_logs else None).body)

    async def _glance(self, scope: Scope) -> tuple[Principal, Glance | None]:
        """The caller and the job; no job under another endpoint's path."""
        principal = await self._keyring.caller(header(scope, b"authorization"))
        try:
            glance = await self._follow.glance(principal, scope["path_params"]["job_id"])
        except NotFound:
            return principal, None
        app: str = scope["path_params"]["app"]
        return principal, glance if app in (glance.endpoint, _short(glance.endpoint)) else None


def _refusal(error: Exception, scope: Scope) -> fal.Reply:
    if isinstance(error, GatewayError):
        return fal.write_error(error, app=_short(scope["path_params"]["app"]))
    _log.error("face_bug", face="fal", path=scope["path"], exc_info=error)
    return fal.write_error(GatewayError("the gateway failed at this request"))


def _identified(reply: fal.Reply, scope: Scope) -> fal.Reply:
    """With the id that clients quote: the job's where the path names one, else one that is in no list."""
    request_id = read_id(scope["path_params"].get("job_id", "")) or str(uuid4())
    return reply._replace(headers=((_REQUEST_ID, request_id), *reply.headers))


def _check_query(scope: Scope, gateway: Gateway) -> None:
    if not scope["query_string"]:
        return
    asked = parse_qs(scope["query_string"].decode("latin-1"))
    if "fal_webhook" in asked:
        # Better refused than accepted and never called: the caller might not look for the video in any other way.
        raise CallerError("this gateway does not send webhooks yet; leave out fal_webhook and poll status_url")
    longest = asked.get("fal_max_queue_length", [""])[0]
    if longest.isdecimal() and len(longest) <= _LENGTH_DIGITS and gateway.dispatch.joins_at("") > int(longest):
        raise Limited("the queue is longer than fal_max_queue_length")


def _start_within(scope: Scope) -> timedelta | None:
    told = header(scope, b"x-fal-request-timeout")
    if told is None:
        return None
    try:
        seconds = float(told)
    except ValueError:
        seconds = 0.0
    if not _START_MIN_S <= seconds <= _START_MAX_S:
        message = f"between {_START_MIN_S} and {_START_MAX_S:.0f} seconds"
        raise InvalidInput([Fault(path=("X-Fal-Request-Timeout",), message=message)])
    return timedelta(seconds=seconds)


def _remarks(endpoint: Endpoint, *, replayed: bool) -> tuple[tuple[str, str], ...]:
    headers: tuple[tuple[str, str], ...] = (("x-reelgate-replayed", "true"),) if replayed else ()
    if endpoint.ended is not None:
        headers += (("x-reelgate-ended", endpoint.ended.on.isoformat()),)
    return headers


def _wants_logs(scope: Scope) -> bool:
    query: bytes = scope["query_string"]
    return bool(query) and parse_qs(query.decode("latin-1")).get("logs", [""])[0].lower() in _ASKED_FOR


def _short(endpoint: str) -> str:
    return "/".join(endpoint.split("/", 2)[:2])


def _headers(reply: fal.Reply) -> list[tuple[bytes, bytes]]:
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in reply.headers]


def _response(reply: fal.Reply) -> Response:
    return Response(reply.body, reply.status, dict(reply.headers), media_type="application/json")
