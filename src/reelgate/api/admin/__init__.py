"""The owner's routes, under /admin/v1, for admin keys only: one module a noun."""

from __future__ import annotations

from collections.abc import Sequence

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from reelgate.api._reply import own_route
from reelgate.api._schema import REFUSAL, REFUSED
from reelgate.api.admin import accounts, audit, books, channels, jobs, keys, money, prices, reports, state
from reelgate.api.admin.accounts import AccountsDesk
from reelgate.api.admin.audit import AuditDesk
from reelgate.api.admin.books import BooksDesk
from reelgate.api.admin.channels import ChannelsDesk
from reelgate.api.admin.jobs import JobsDesk
from reelgate.api.admin.keys import KeysDesk
from reelgate.api.admin.money import MoneyDesk
from reelgate.api.admin.prices import PricesDesk
from reelgate.api.admin.reports import ReportsDesk
from reelgate.api.admin.state import StateDesk
from reelgate.contracts.endpoint import Catalog
from reelgate.gateway.document import draw
from reelgate.gateway.face import Face, Gateway
from reelgate.gateway.manual import Manual, Operation

_DESKS = (AccountsDesk, KeysDesk, MoneyDesk, PricesDesk, BooksDesk, ChannelsDesk, JobsDesk, ReportsDesk, AuditDesk, StateDesk)
_SAID = (accounts, keys, money, prices, books, channels, jobs, reports, audit, state)


class AdminFace:
    """Accounts, keys, money, prices, channels, reports, the audit log and the gateway's state."""

    name = "admin"
    rank = 10

    def routes(self, gateway: Gateway) -> Sequence[BaseRoute]:
        async def document(request: Request) -> Response:
            told = draw({self.name: _MANUAL}, (), Catalog([]), gateway.doorplate.base(request.scope))
            return Response(orjson.dumps(told), media_type="application/json")

        return [
            *(route for desk in _DESKS for route in desk(gateway).routes()),
            Route("/admin/v1/openapi.json", own_route(document), methods=["GET"]),
        ]

    def manual(self, gateway: Gateway) -> Manual:
        """What these routes are for."""
        del gateway
        return _MANUAL


FACE: Face = AdminFace()

_MANUAL = Manual(
    refusals=REFUSED,
    words={"id": "The id of an account, a key, a job, a price book or a channel, as the path says."},
    schemas={**REFUSAL, **{name: schema for each in _SAID for name, schema in each.SCHEMAS.items()}},
    operations=(
        *(operation for each in _SAID for operation in each.OPERATIONS),
        Operation("GET /admin/v1/openapi.json", "The document of these routes alone.", {200: "application/json"}, open=True),
    ),
)
