"""Prices: what endpoints cost in a book or at a channel, from when, and what they cost before."""

from __future__ import annotations

from typing import Any

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from reelgate.api._reply import own_route, reply
from reelgate.api._schema import listed
from reelgate.api.admin.body import SINCE, Body, admin, begins_at, bodies, read
from reelgate.contracts.account import LIST
from reelgate.contracts.price import DatedPrice
from reelgate.domain.pricing import Price
from reelgate.gateway.bounds import REASON_MAX
from reelgate.gateway.face import Gateway
from reelgate.gateway.manual import Operation, Schema, one_of, record, words
from reelgate.gateway.prices import Priced
from reelgate.gateway.tariff import PriceRow


class SpecialPrice(Body):
    when: str = Field(description='Conditions on fields of the input, comma-separated: "sound=true, resolution=4k".')
    amount: str = Field(description="Dollars for inputs that fulfil all of them.")


class _Place(Body):
    endpoint: str = Field(description="The id of a model, or the beginning of some with a * at the end.", max_length=202)
    book: str = Field(LIST, description="The price book.")
    channel: str = Field("", description="A channel whose cost price it is, instead of a book.", max_length=100)
    since: str | None = Field(None, description=SINCE)
    reason: str = Field("", description="Why, for the audit log.", max_length=REASON_MAX)


class _NewPrice(_Place):
    unit: str = Field(description="second or video: what the amount is for.")
    amount: str = Field(description="Dollars for a unit, as a text.")
    special: list[SpecialPrice] = Field(default=[], description="Amounts under conditions, the first that applies.", max_length=50)


class _Confirmed(Body):
    endpoints: list[str] = Field(default=[], description="Which; all that are older than 60 days if none are named.", max_length=1000)
    reason: str = Field("", description="Why, for the audit log.", max_length=REASON_MAX)


class PricesDesk:
    """`/admin/v1/prices`."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    def routes(self) -> list[Route]:
        return [
            Route("/admin/v1/prices", own_route(self.table), methods=["GET"]),
            Route("/admin/v1/prices", own_route(self.set), methods=["POST"]),
            Route("/admin/v1/prices/end", own_route(self.end), methods=["POST"]),
            Route("/admin/v1/prices/confirm", own_route(self.confirm), methods=["POST"]),
            Route("/admin/v1/prices/history", own_route(self.history), methods=["GET"]),
        ]

    async def table(self, request: Request) -> Response:
        await admin(self._gateway, request)
        asked = request.query_params
        book = asked.get("book", LIST)
        rows = await self._gateway.tariff.table(book, await begins_at(self._gateway, asked.get("at"), "at"))
        return reply(200, {"object": "list", "data": [_write_row(row) for row in rows], "book": book})

    async def set(self, request: Request) -> Response:
        actor = await admin(self._gateway, request, write=True)
        asked = await read(request, _NewPrice)
        dated = await self._gateway.tariff.set(
            asked.endpoint,
            asked.unit,
            asked.amount,
            [(each.when, each.amount) for each in asked.special],
            actor=actor,
            book=asked.book,
            channel=asked.channel,
            since=await begins_at(self._gateway, asked.since),
            reason=asked.reason,
        )
        return reply(201, write_dated(dated))

    async def end(self, request: Request) -> Response:
        actor = await admin(self._gateway, request, write=True)
        asked = await read(request, _Place)
        since = await begins_at(self._gateway, asked.since)
        dated = await self._gateway.tariff.end(
            asked.endpoint, actor=actor, book=asked.book, channel=asked.channel, since=since, reason=asked.reason
        )
        return reply(201, write_dated(dated))

    async def confirm(self, request: Request) -> Response:
        actor = await admin(self._gateway, request, write=True)
        asked = await read(request, _Confirmed)
        rows = await self._gateway.tariff.confirm(asked.endpoints, actor=actor, reason=asked.reason)
        return reply(201, {"object": "list", "data": [write_dated(row) for row in rows]})

    async def history(self, request: Request) -> Response:
        await admin(self._gateway, request)
        asked, prices = request.query_params, self._gateway.prices
        await prices.refresh(now=True)
        side, holder = ("cost", asked["channel"]) if asked.get("channel") else ("sale", asked.get("book", LIST))
        name = asked.get("endpoint", "")
        endpoint = self._gateway.catalog.find(name)
        listed = None if endpoint is None or side == "cost" else endpoint.price
        rows = [write_dated(each) for each in prices.history(side, holder, name)]
        return reply(200, {"object": "list", "data": rows, "listed": None if listed is None else write_price(listed)})


def write_price(price: Price) -> dict[str, Any]:
    """A rule of prices: amounts in the order in which they are asked, the last one for all other inputs."""
    return {
        "unit": price.unit,
        "words": price.describe(),
        "rates": [{"amount": rate.amount.decimal, "when": [str(each) for each in rate.when]} for rate in price.rates],
        "source": price.source.text,
        "as_of": price.source.as_of.isoformat(),
    }


def write_dated(dated: DatedPrice) -> dict[str, Any]:
    """A price that was set, or with which one was ended."""
    return {
        "endpoint": dated.endpoint,
        "book": dated.holder if dated.side == "sale" else None,
        "channel": dated.holder if dated.side == "cost" else None,
        "since": _instant(dated.since),
        "price": None if dated.price is None else write_price(dated.price),
        "entered": dated.entered,
        "created_at": _instant(dated.created_at),
    }


def _write_row(row: PriceRow) -> dict[str, Any]:
    return {
        "endpoint": row.endpoint,
        "title": row.title,
        "sale": None if row.sale is None else _write_priced(row.sale),
        "costs": {channel: _write_priced(cost) for channel, cost in row.costs.items()},
        "next": None if row.next is None else write_dated(row.next),
    }


def _write_priced(priced: Priced) -> dict[str, Any]:
    since = None if priced.since is None else _instant(priced.since)
    return {**write_price(priced.price), "book": priced.book, "since": since, "entered": priced.entered}


def _instant(at: Any) -> str:
    return at.isoformat(timespec="milliseconds")


_TEXTS: Schema = {"type": "array", "items": {"type": "string"}}
_RULE: dict[str, Schema | str] = {
    "unit": one_of("What an amount is for.", "second", "video"),
    "words": words("The whole rule."),
    "rates": {
        "type": "array",
        "items": record("The first one whose conditions all hold counts.", amount="string", when=_TEXTS),
    },
    "source": words("Where it was found, or who set it."),
    "as_of": words("The day on which that was."),
}
_MAYBE: Schema = {"type": ["object", "null"]}
SCHEMAS: dict[str, Schema] = {
    "DatedPrice": record(
        "A price that was set for a book or as the cost at a channel; without a price it ends what was set before.",
        endpoint="string",
        book="string?",
        channel="string?",
        since="string",
        price={"anyOf": [record("A rule.", **_RULE), {"type": "null"}]},
        entered=words("How it was entered, if not as amounts."),
        created_at="string",
    ),
    "PriceRow": record(
        "What an endpoint costs in a book: `sale.book` says whose price it is, `costs` what channels charge, `next` what is set to follow.",
        endpoint="string",
        title="string",
        sale={"anyOf": [record("A price.", **_RULE, book="string", since="string?", entered="string"), {"type": "null"}]},
        costs={"type": "object"},
        next=_MAYBE,
    ),
    **listed("Prices", "PriceRow", book="string"),
    **listed("DatedPrices", "DatedPrice"),
    **listed("PriceHistory", "DatedPrice", listed=_MAYBE),
    **bodies(NewPrice=_NewPrice, PriceEnd=_Place, ConfirmedPrices=_Confirmed),
}
OPERATIONS = (
    Operation(
        "GET /admin/v1/prices",
        "What every endpoint costs in a book.",
        {200: "Prices"},
        (422,),
        query={"book": words("The book; list if not said."), "at": words("When: a day, or an instant; now if not said.")},
    ),
    Operation("POST /admin/v1/prices", "Sets a price from an instant on.", {201: "DatedPrice"}, (400, 404, 413, 422), body="NewPrice"),
    Operation("POST /admin/v1/prices/end", "Ends what was set.", {201: "DatedPrice"}, (400, 404, 413, 422), body="PriceEnd"),
    Operation(
        "POST /admin/v1/prices/confirm",
        "Says that prices still hold, so that they count as read today.",
        {201: "DatedPrices"},
        (400, 404, 413, 422),
        body="ConfirmedPrices",
    ),
    Operation(
        "GET /admin/v1/prices/history",
        "All that was ever set for an endpoint, in the order in which it was.",
        {200: "PriceHistory"},
        query={"endpoint": words("Its id, or a pattern."), "book": words("The book; list if not said."), "channel": words("Or a channel.")},
    ),
)
