"""Kling's own API in the flat form of its resellers, at /kling/v1: text to video."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from reelgate.contracts.endpoint import Endpoint
from reelgate.domain.errors import CallerError, Fault, GatewayError, InvalidInput, NotFound, Unready
from reelgate.domain.identity import unguessable
from reelgate.domain.job import Job
from reelgate.gateway.door import Share, header, read_body
from reelgate.gateway.face import Face, Gateway
from reelgate.gateway.submit import Request as Submission
from reelgate.gateway.submit import fingerprint_of
from reelgate.wire import kling, kling_task
from reelgate.wire.own import video_address

_log = structlog.get_logger(__name__)
_PATH = "text2video"
_UNREADY_RETRY = ("retry-after", "2")
_ANY = ["GET", "POST", "PUT", "PATCH", "DELETE"]

Call = Callable[[Request, str], Awaitable[kling_task.Reply]]


class KlingFace:
    """Serves Kling's first route."""

    name = "kling"
    rank = 10

    def routes(self, gateway: Gateway) -> Sequence[BaseRoute]:
        desk = _Desk(gateway)
        tasks = f"/kling/v1/videos/{_PATH}"
        return [
            Route(tasks, _answering(desk.create), methods=["POST"]),
            Route(f"{tasks}/{{task_id:path}}", _answering(desk.task), methods=["GET"]),
            Route("/kling/v1/{path:path}", _nowhere, methods=_ANY),
        ]


FACE: Face = KlingFace()


class _Desk:
    """What Kling's clients may ask."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    async def create(self, request: Request, request_id: str) -> kling_task.Reply:
        with self._gateway.budget.share() as share:
            return await self._create(request, request_id, share)

    async def _create(self, request: Request, request_id: str, share: Share) -> kling_task.Reply:
        gateway, scope = self._gateway, request.scope
        principal = await gateway.keyring.caller(header(scope, b"authorization"))
        raw = await read_body(scope, request.receive, gateway.settings.max_body, share)
        body = kling.read_body(raw)
        endpoint = self._endpoint(*kling.read_name(body))
        if kling.read_callback(body):
            # Better refused than accepted and never called: the caller might not look for the video in any other way.
            message = "this gateway does not send callbacks yet; leave out callback_url and ask for the task"
            raise InvalidInput([Fault(path=("callback_url",), message=message)])
        wanted, dropped = kling.read_input(endpoint.inputs["kling"], body)
        key = header(scope, b"idempotency-key") or b""
        fingerprint = fingerprint_of(endpoint, raw) if key else b""
        external_id = kling.read_external_id(body)
        del raw, body  # a picture may be in them, and the parking makes its own copies
        submitted = await gateway.submit(
            Submission(
                principal=principal,
                endpoint=endpoint,
                face="kling",
                base=gateway.doorplate.base(scope),
                input=wanted,
                dropped=dropped,
                external_id=external_id,
                idempotency_key=key.decode("latin-1"),
                fingerprint=fingerprint,
            )
        )
        reply = kling_task.write_submitted(submitted.job, request_id=request_id)
        return reply._replace(headers=_remarks(endpoint, replayed=submitted.replayed))

    async def task(self, request: Request, request_id: str) -> kling_task.Reply:
        principal = await self._gateway.keyring.caller(header(request.scope, b"authorization"))
        try:
            job = await self._gateway.follow.job_by_any_id(principal, request.path_params["task_id"])
        except NotFound:
            return kling_task.NO_SUCH_TASK
        if not self._is_here(job):
            return kling_task.NO_SUCH_TASK
        return kling_task.write_task(job, url=video_address(job.video, job.base), request_id=request_id)

    def _endpoint(self, model_name: str, mode: str) -> Endpoint:
        endpoint = self._gateway.catalog.named("kling", _PATH, model_name, mode)
        if endpoint is None:
            raise NotFound("there is no such model on this path in this mode; GET /v1/models lists the names that are")
        return endpoint

    def _is_here(self, job: Job) -> bool:
        """Whether a job is of this path's kind, whichever face it was made by."""
        endpoint = self._gateway.catalog.find(job.endpoint)
        return endpoint is not None and any(name[0] == _PATH for name in endpoint.names.get("kling", ()))


def _answering(call: Call) -> Callable[[Request], Awaitable[Response]]:
    async def guarded(request: Request) -> Response:
        request_id = unguessable()
        try:
            reply = await call(request, request_id)
        except CallerError as error:
            reply = kling_task.write_error(error, request_id=request_id)
        except GatewayError as error:
            _log.warning("refused", face="kling", code=error.code)
            reply = kling_task.write_error(error, request_id=request_id)
            if isinstance(error, Unready):
                reply = reply._replace(headers=(*reply.headers, _UNREADY_RETRY))
        except Exception:  # noqa: BLE001 -- a bug of ours is answered in Kling's shape
            _log.exception("face_bug", face="kling", request_id=request_id)
            reply = kling_task.write_error(GatewayError("the gateway failed at this request"), request_id=request_id)
        return Response(reply.body, reply.status, dict(reply.headers), media_type="application/json")

    return guarded


def _remarks(endpoint: Endpoint, *, replayed: bool) -> tuple[tuple[str, str], ...]:
    headers: tuple[tuple[str, str], ...] = (("x-reelgate-replayed", "true"),) if replayed else ()
    if endpoint.ended is not None:
        headers += (("x-reelgate-ended", endpoint.ended.on.isoformat()),)
    return headers


async def _nowhere(_: Request) -> Response:
    return Response(kling_task.NO_SUCH_PATH.body, kling_task.NO_SUCH_PATH.status, media_type="application/json")
