"""Our own routes for deliveries: what became of the webhooks of an account's jobs, and sending one once more."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from reelgate.api._reply import own_route, reply
from reelgate.api._schema import DELIVERY, LIMIT, REFUSAL, REFUSED, listed
from reelgate.contracts.outbox import Delivery
from reelgate.domain.errors import Fault, InvalidInput, NotFound
from reelgate.gateway.face import Face, Gateway
from reelgate.gateway.keyring import Principal
from reelgate.gateway.manual import Manual, Operation
from reelgate.wire.own import write_delivery

_PAGE = "50"
_PAGE_MAX = 200
_LIMIT_DIGITS = 9


class DeliveriesFace:
    """`/v1/deliveries`, and those of one job."""

    name = "deliveries"
    rank = 10

    def routes(self, gateway: Gateway) -> Sequence[BaseRoute]:
        desk = _Desk(gateway)
        return [
            Route("/v1/deliveries", own_route(desk.deliveries), methods=["GET"]),
            Route("/v1/deliveries/{id}/replay", own_route(desk.replay), methods=["POST"]),
            Route("/v1/jobs/{job_id}/deliveries", own_route(desk.of_job), methods=["GET"]),
        ]

    def manual(self, gateway: Gateway) -> Manual:
        """What these routes are for."""
        del gateway
        return _MANUAL


FACE: Face = DeliveriesFace()


class _Desk:
    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    async def deliveries(self, request: Request) -> Response:
        principal = await self._caller(request)
        return _listed(await self._gateway.store.deliveries(principal.account, limit=_limit(request), test_only=principal.test))

    async def of_job(self, request: Request) -> Response:
        principal = await self._caller(request)
        job = await self._gateway.follow.job(principal, request.path_params["job_id"])
        return _listed(await self._gateway.store.deliveries(principal.account, job.id, _limit(request), test_only=principal.test))

    async def replay(self, request: Request) -> Response:
        principal, now = await self._gateway.keyring.caller(request.scope, write=True), self._gateway.clock.now()
        delivery = await self._gateway.store.replay(principal.account, request.path_params["id"], now, test_only=principal.test)
        if delivery is None:
            raise NotFound("there is no such delivery")
        return reply(202, write_delivery(delivery))

    async def _caller(self, request: Request) -> Principal:
        return await self._gateway.keyring.caller(request.scope)


def _listed(deliveries: Sequence[Delivery]) -> Response:
    return reply(200, {"object": "list", "data": [write_delivery(each) for each in deliveries]})


def _limit(request: Request) -> int:
    limit = request.query_params.get("limit", _PAGE)
    if not (limit.isdecimal() and len(limit) <= _LIMIT_DIGITS and 1 <= int(limit) <= _PAGE_MAX):
        raise InvalidInput([Fault(path=("limit",), message=f"1 to {_PAGE_MAX}")])
    return int(limit)


_MANUAL = Manual(
    refusals=REFUSED,
    words={"id": "The id of a delivery.", "job_id": "The id of a job, as any face spells it."},
    schemas={**REFUSAL, **DELIVERY, **listed("Deliveries", "Delivery")},
    operations=(
        Operation("GET /v1/deliveries", "The account's webhooks, newest first.", {200: "Deliveries"}, (422,), query={"limit": LIMIT}),
        Operation("GET /v1/jobs/{job_id}/deliveries", "Those of one job.", {200: "Deliveries"}, (404, 422), query={"limit": LIMIT}),
        Operation("POST /v1/deliveries/{id}/replay", "Sends one once more.", {202: "Delivery"}, (404,)),
    ),
)
