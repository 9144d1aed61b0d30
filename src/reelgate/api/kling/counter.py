"""The counter at which Kling's clients are served: create a task, ask for it, list them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from types import ModuleType

import structlog
from starlette.requests import Request
from starlette.responses import Response

from reelgate.api.kling.page import read_cursor, read_ids, read_page
from reelgate.contracts.endpoint import Endpoint
from reelgate.contracts.store import JobFilter
from reelgate.domain.errors import CallerError, Fault, GatewayError, InvalidInput, NotFound, Unready
from reelgate.domain.identity import unguessable
from reelgate.domain.job import Job, Notify, Terms
from reelgate.gateway.door import header, loss, read_body
from reelgate.gateway.face import Gateway
from reelgate.gateway.keyring import Principal
from reelgate.gateway.submit import Request as Submission
from reelgate.gateway.submit import Submitted, fingerprint_of
from reelgate.tracing import read_traceparent
from reelgate.wire import kling, kling2026, kling_task
from reelgate.wire.kling_task import WATERMARK, Form
from reelgate.wire.own import video_address

_log = structlog.get_logger(__name__)
_UNREADY_RETRY = ("retry-after", "2")
_SMALL_BODY = 1 << 16
_WIRES = ("kling", "kling2026")
_PLACE_OF_CALLBACK = {Form.FLAT: ("callback_url",), Form.VENDOR: ("callback_url",), Form.NEW: ("options", "callback_url")}
_ON = frozenset({b"1", b"true", b"yes"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """What a route is for: one kind of task ("" for any), told in one form."""

    kind: str
    form: Form

    @property
    def wire(self) -> str:
        """By whose names the catalog knows the kind."""
        return _WIRES[1] if self.form is Form.NEW else _WIRES[0]


class Counter:
    """Serves Kling's clients over one gateway."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._of_kind: dict[Served, frozenset[str]] = {}

    async def create(self, request: Request, served: Served, request_id: str) -> kling_task.Reply:
        """Take a task on."""
        principal = await self._gateway.keyring.caller(request.scope, write=True)
        endpoint, submitted = await self._submit(request, served, principal)
        reply = kling_task.write_created(submitted.job, served.form, request_id=request_id)
        return reply._replace(headers=_remarks(endpoint, replayed=submitted.replayed))

    async def task(self, request: Request, served: Served, request_id: str) -> kling_task.Reply:
        """One task by our id or by the caller's own, under the path of its kind only."""
        principal = await self._caller(request)
        try:
            job = await self._gateway.follow.job_by_any_id(principal, request.path_params["task_id"])
        except NotFound:
            return kling_task.no_such_task(request_id)
        if job.endpoint not in self._endpoints(served):
            return kling_task.no_such_task(request_id)
        return kling_task.write_task(job, served.form, url=_url(job), request_id=request_id)

    async def page(self, request: Request, served: Served, request_id: str) -> kling_task.Reply:
        """The caller's tasks of this kind, newest first."""
        principal = await self._caller(request)
        skip, limit = read_page(request.query_params)
        which = JobFilter(endpoints=self._endpoints(served), skip=skip, limit=limit)
        return self._told(await self._gateway.follow.jobs(principal, which), served, request_id)

    async def chosen(self, request: Request, served: Served, request_id: str) -> kling_task.Reply:
        """Up to 20 tasks by their ids; those that are not there are left out."""
        principal = await self._caller(request)
        endpoints = self._endpoints(served)
        found: list[Job] = []
        for ask in read_ids(request.query_params):
            try:
                job = await self._gateway.follow.job_by_any_id(principal, ask)
            except NotFound:
                continue
            if job.endpoint in endpoints:
                found.append(job)
        return self._told(found, served, request_id)

    async def since(self, request: Request, served: Served, request_id: str) -> kling_task.Reply:
        """The caller's tasks between two instants, newest first, page by page."""
        principal = await self._caller(request)
        body = kling.read_body(await read_body(request.scope, request.receive, _SMALL_BODY))
        which = read_cursor(body, self._endpoints(served))
        jobs = await self._gateway.follow.jobs(principal, which)
        return self._told(jobs, served, request_id, next_cursor=jobs[-1].id if len(jobs) == which.limit else "")

    @staticmethod
    async def nothing(request: Request, served: Served, request_id: str) -> kling_task.Reply:
        """A path that is not served."""
        del request, served
        return kling_task.no_such_path(request_id)

    def _told(self, jobs: list[Job], served: Served, request_id: str, **beside: str) -> kling_task.Reply:
        return kling_task.write_tasks([(job, _url(job)) for job in jobs], served.form, request_id=request_id, **beside)

    async def _submit(self, request: Request, served: Served, principal: Principal) -> tuple[Endpoint, Submitted]:
        gateway, scope = self._gateway, request.scope
        wire: ModuleType = kling2026 if served.form is Form.NEW else kling
        with gateway.budget.share() as share:
            body = kling.read_body(await read_body(scope, request.receive, gateway.settings.max_body, share))
            name = (
                kling2026.read_name(served.kind, request.path_params["model"], body)
                if wire is kling2026
                else kling.read_name(served.kind, body)
            )
            endpoint = self._endpoint(served, name)
            wanted, dropped = wire.read_input(endpoint.inputs[served.wire], body)
            callback = wire.read_callback(body)
            key = header(scope, b"idempotency-key") or b""
            submission = Submission(
                principal=principal,
                endpoint=endpoint,
                face="kling",
                base=gateway.doorplate.base(scope),
                input=wanted,
                dropped=dropped,
                external_id=wire.read_external_id(body),
                idempotency_key=key.decode("latin-1"),
                fingerprint=fingerprint_of(endpoint, body),
                callback=callback and gateway.submit.check_callback(callback, *_PLACE_OF_CALLBACK[served.form]),
                terms=Terms(notify=Notify.CHANGES, strict=(header(scope, b"x-reelgate-strict") or b"").lower() in _ON),
                names={"form": served.form.value, WATERMARK: wire.read_watermark(body)},
                trace=read_traceparent(header(scope, b"traceparent")),
                lost=loss(scope),
            )
            del body  # a picture may be in it, and the parking makes its own copies
            return endpoint, await gateway.submit(submission)

    def _endpoint(self, served: Served, name: tuple[str, ...]) -> Endpoint:
        endpoint = self._gateway.catalog.named(served.wire, *name)
        if endpoint is not None:
            return endpoint
        modes = self._gateway.catalog.ends(served.wire, *name[:-1])
        if not modes:
            raise NotFound("there is no such model on this path; GET /v1/models lists the names that are")
        place = ("settings", "resolution") if served.form is Form.NEW else ("mode",)
        raise InvalidInput([Fault(path=place, message=f"Must be one of: {', '.join(modes)}", kind="one_of", limits={"expected": modes})])

    def _endpoints(self, served: Served) -> frozenset[str]:
        """Those whose jobs are tasks of this kind, whichever face they were made by."""
        found = self._of_kind.get(served)
        if found is None:
            wires = (served.wire,) if served.kind else _WIRES
            found = self._of_kind[served] = frozenset[str]().union(*(self._gateway.catalog.of_kind(wire, served.kind) for wire in wires))
        return found

    async def _caller(self, request: Request) -> Principal:
        return await self._gateway.keyring.caller(request.scope)


Call = Callable[[Request, Served, str], Awaitable[kling_task.Reply]]


def answering(call: Call, served: Served) -> Callable[[Request], Awaitable[Response]]:
    """A handler that answers every failure by the vendor's table of numbers."""

    async def guarded(request: Request) -> Response:
        request_id = unguessable()
        try:
            reply = await call(request, served, request_id)
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


def _url(job: Job) -> str:
    return video_address(job.video, job.base)


def _remarks(endpoint: Endpoint, *, replayed: bool) -> tuple[tuple[str, str], ...]:
    headers: tuple[tuple[str, str], ...] = (("x-reelgate-replayed", "true"),) if replayed else ()
    if endpoint.ended is not None:
        headers += (("x-reelgate-ended", endpoint.ended.on.isoformat()),)
    return headers
