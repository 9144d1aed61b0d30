"""Statements and usage, as an operator reads them."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from reelgate.api._reply import own_route
from reelgate.api._report import BY_QUERY, PERIOD_QUERY, REPORTS, answer_statement, answer_usage
from reelgate.api.admin.body import admin
from reelgate.gateway.face import Gateway
from reelgate.gateway.manual import Operation, words


class ReportsDesk:
    """`/admin/v1/accounts/{id}/statement` and `/admin/v1/usage`."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    def routes(self) -> list[Route]:
        return [
            Route("/admin/v1/accounts/{id}/statement", own_route(self.statement), methods=["GET"]),
            Route("/admin/v1/usage", own_route(self.usage), methods=["GET"]),
        ]

    async def statement(self, request: Request) -> Response:
        await admin(self._gateway, request)
        return await answer_statement(request, self._gateway.reports, request.path_params["id"])

    async def usage(self, request: Request) -> Response:
        await admin(self._gateway, request)
        return await answer_usage(request, self._gateway.reports, request.query_params.get("account") or None)


SCHEMAS = REPORTS
OPERATIONS = (
    Operation(
        "GET /admin/v1/accounts/{id}/statement",
        "What changed an account's funds in a period.",
        {200: "Statement text/csv"},
        (404, 422),
        query=PERIOD_QUERY,
    ),
    Operation(
        "GET /admin/v1/usage",
        "What was charged and refunded in a period, in groups.",
        {200: "Usage text/csv"},
        (404, 422),
        query={"by": BY_QUERY, "account": words("Of one account; of all, by the owner's days, if not said."), **PERIOD_QUERY},
    ),
)
