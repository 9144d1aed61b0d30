"""How the gateway does, for its owner."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from reelgate.api._reply import own_route, reply
from reelgate.api.admin.body import admin
from reelgate.gateway.face import Gateway
from reelgate.gateway.manual import Operation, Schema, record


class StateDesk:
    """`/admin/v1/state`."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    def routes(self) -> list[Route]:
        return [Route("/admin/v1/state", own_route(self.state), methods=["GET"])]

    async def state(self, request: Request) -> Response:
        gateway = self._gateway
        await admin(gateway, request)
        await gateway.rule.refresh()
        stale = gateway.prices.stale()
        told = {
            "rule": gateway.rule.describe(),
            "engines": [{"name": name, "trouble": engine.available()} for name, engine in gateway.engines.items()],
            "jobs": {state.value: count for state, count in (await gateway.store.counts()).items()},
            "breaches": await gateway.inspector.look(),
            "stale_prices": None if stale is None else {"endpoints": list(stale.endpoints), "oldest": stale.oldest.isoformat()},
        }
        return reply(200, told)


SCHEMAS: dict[str, Schema] = {
    "State": record(
        "How the gateway does.",
        rule="string",
        engines="array",
        jobs="object",
        breaches="array",
        stale_prices={"type": ["object", "null"], "description": "Prices of the book list that nobody has looked at for 60 days."},
    )
}
OPERATIONS = (Operation("GET /admin/v1/state", "How the gateway does.", {200: "State"}),)
