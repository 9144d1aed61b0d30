"""Price books, and the rates of exchange by which amounts are shown in another currency."""

from __future__ import annotations

from typing import Any

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from reelgate.api._reply import own_route, reply
from reelgate.api._schema import listed
from reelgate.api.admin.body import SINCE, Body, admin, begins_at, bodies, read
from reelgate.api.admin.prices import write_dated
from reelgate.contracts.price import ExchangeRate, PriceBook
from reelgate.gateway.bounds import REASON_MAX
from reelgate.gateway.face import Gateway
from reelgate.gateway.manual import Operation, Schema, record


class _NewBook(Body):
    name: str = Field(description="Its id: a-z, 0-9, '.', '_' and '-'.", max_length=63)
    note: str = Field("", description="What it is for.", max_length=200)


class _Entered(Body):
    factor: str = Field(description='What amounts of "list" are multiplied by, as a text: "1.2".', max_length=20)
    rounding: str = Field("up:0.000001", description="up, down or nearest, and a step in dollars.", max_length=40)
    endpoints: list[str] = Field(default=[], description="Which; all that are not free if none are named.", max_length=1000)
    since: str | None = Field(None, description=SINCE)
    reason: str = Field("", description="Why, for the audit log.", max_length=REASON_MAX)


class _NewRate(Body):
    currency: str = Field(description="CNY.", max_length=3)
    per_dollar: str = Field(description='How many units of it a dollar is, as a text: "7.12".', max_length=20)
    since: str | None = Field(None, description=SINCE)
    reason: str = Field("", description="Why, for the audit log.", max_length=REASON_MAX)


class BooksDesk:
    """`/admin/v1/books` and `/admin/v1/exchange-rates`."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    def routes(self) -> list[Route]:
        return [
            Route("/admin/v1/books", own_route(self.books), methods=["GET"]),
            Route("/admin/v1/books", own_route(self.create_book), methods=["POST"]),
            Route("/admin/v1/books/{id}/enter", own_route(self.enter), methods=["POST"]),
            Route("/admin/v1/exchange-rates", own_route(self.rates), methods=["GET"]),
            Route("/admin/v1/exchange-rates", own_route(self.set_rate), methods=["POST"]),
        ]

    async def books(self, request: Request) -> Response:
        await admin(self._gateway, request)
        return reply(200, {"object": "list", "data": [_write_book(each) for each in await self._gateway.store.books()]})

    async def create_book(self, request: Request) -> Response:
        actor = await admin(self._gateway, request, write=True)
        asked = await read(request, _NewBook)
        return reply(201, _write_book(await self._gateway.tariff.create_book(asked.name, asked.note, actor=actor)))

    async def enter(self, request: Request) -> Response:
        actor = await admin(self._gateway, request, write=True)
        asked = await read(request, _Entered)
        rows = await self._gateway.tariff.enter(
            request.path_params["id"],
            asked.factor,
            asked.rounding,
            actor=actor,
            endpoints=asked.endpoints,
            since=await begins_at(self._gateway, asked.since),
            reason=asked.reason,
        )
        return reply(201, {"object": "list", "data": [write_dated(row) for row in rows]})

    async def rates(self, request: Request) -> Response:
        await admin(self._gateway, request)
        return reply(200, {"object": "list", "data": [_write_rate(each) for each in await self._gateway.store.exchange_rates()]})

    async def set_rate(self, request: Request) -> Response:
        actor = await admin(self._gateway, request, write=True)
        asked = await read(request, _NewRate)
        since = await begins_at(self._gateway, asked.since)
        rate = await self._gateway.tariff.set_rate(asked.currency, asked.per_dollar, actor=actor, since=since, reason=asked.reason)
        return reply(201, _write_rate(rate))


def _write_book(book: PriceBook) -> dict[str, Any]:
    return {"id": book.id, "note": book.note, "created_at": book.created_at.isoformat(timespec="milliseconds")}


def _write_rate(rate: ExchangeRate) -> dict[str, Any]:
    return {"currency": rate.currency, "per_dollar": rate.per_dollar, "since": rate.since.isoformat(timespec="milliseconds")}


SCHEMAS: dict[str, Schema] = {
    "PriceBook": record("Prices for the accounts that belong to it.", id="string", note="string", created_at="string"),
    "ExchangeRate": record("From `since` on a dollar is shown as so much.", currency="string", per_dollar="string", since="string"),
    **listed("PriceBooks", "PriceBook"),
    **listed("ExchangeRates", "ExchangeRate"),
    **bodies(NewPriceBook=_NewBook, EnteredPrices=_Entered, NewExchangeRate=_NewRate),
}
_REFUSALS = (400, 404, 409, 413, 422)
OPERATIONS = (
    Operation("GET /admin/v1/books", "Every price book.", {200: "PriceBooks"}),
    Operation("POST /admin/v1/books", "A new price book, without prices of its own.", {201: "PriceBook"}, _REFUSALS, body="NewPriceBook"),
    Operation(
        "POST /admin/v1/books/{id}/enter",
        'Writes amounts into a book: those of "list" times a factor, rounded.',
        {201: "DatedPrices"},
        _REFUSALS,
        body="EnteredPrices",
    ),
    Operation("GET /admin/v1/exchange-rates", "Every rate that was ever set.", {200: "ExchangeRates"}),
    Operation("POST /admin/v1/exchange-rates", "Sets a rate from an instant on.", {201: "ExchangeRate"}, _REFUSALS, body="NewExchangeRate"),
)
