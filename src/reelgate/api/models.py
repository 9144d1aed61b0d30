"""What can be called: the list of endpoints, and an OpenAPI document for each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from reelgate.api._reply import own_route, reply
from reelgate.api._schema import REFUSAL, REFUSED, listed
from reelgate.contracts.account import LIST
from reelgate.contracts.endpoint import Endpoint
from reelgate.domain.errors import CallerError, NotFound
from reelgate.gateway.face import Face, Gateway
from reelgate.gateway.manual import Manual, Operation, record
from reelgate.gateway.openapi import describe
from reelgate.gateway.prices import Priced


class ModelsFace:
    """`/v1/models`, in OpenAI's list shape with our fields beside."""

    name = "models"
    rank = 10

    def routes(self, gateway: Gateway) -> Sequence[BaseRoute]:
        async def models(request: Request) -> Response:
            book = await _book(gateway, request)
            return reply(
                200, {"object": "list", "data": [_write(endpoint, gateway.prices.sale(book, endpoint)) for endpoint in gateway.catalog]}
            )

        async def model(request: Request) -> Response:
            endpoint = _find(gateway, request)
            return reply(200, _write(endpoint, gateway.prices.sale(await _book(gateway, request), endpoint)))

        async def document(request: Request) -> Response:
            return reply(200, describe(_find(gateway, request), gateway.doorplate.base(request.scope)))

        return [
            Route("/v1/models", own_route(models), methods=["GET"]),
            Route("/v1/models/{id:path}/openapi.json", own_route(document), methods=["GET"]),
            Route("/v1/models/{id:path}", own_route(model), methods=["GET"]),
        ]

    def manual(self, gateway: Gateway) -> Manual:
        """What these routes are for."""
        del gateway
        return _MANUAL


FACE: Face = ModelsFace()


def _find(gateway: Gateway, request: Request) -> Endpoint:
    endpoint = gateway.catalog.find(request.path_params["id"])
    if endpoint is None:
        raise NotFound("there is no such model; GET /v1/models lists those that are")
    return endpoint


async def _book(gateway: Gateway, request: Request) -> str:
    """Whose prices are shown: those of the caller's book, and those of "list" to whoever shows no key that works."""
    await gateway.prices.refresh()
    if "authorization" not in request.headers:
        return LIST
    try:
        return (await gateway.keyring.caller(request.scope)).book
    except CallerError:
        return LIST


def _write(endpoint: Endpoint, priced: Priced | None) -> dict[str, Any]:
    price, ended = None if priced is None else priced.price, endpoint.ended
    since = None if priced is None or priced.since is None else priced.since.isoformat(timespec="milliseconds")
    return {
        "id": endpoint.id,
        "object": "model",
        "created": 0,
        "owned_by": endpoint.id.split("/")[0],
        "title": endpoint.title,
        "description": endpoint.description,
        "kind": endpoint.kind,
        "price": {
            "words": None if price is None else price.describe(),
            "book": None if priced is None else priced.book,
            "since": since,
            "source": None if price is None else price.source.text,
            "as_of": None if price is None else price.source.as_of.isoformat(),
        },
        "schema": {"source": endpoint.source.text, "as_of": endpoint.source.as_of.isoformat()},
        "names": {wire: ["/".join(name) for name in names] for wire, names in endpoint.names.items()},
        "ended": None if ended is None else {"on": ended.on.isoformat(), "successor": ended.successor or None},
    }


_MANUAL = Manual(
    refusals=REFUSED,
    words={"id": "The id of an endpoint; it has slashes."},
    schemas={
        **REFUSAL,
        "Model": record(
            "An endpoint that can be called.",
            id="string",
            object={"const": "model"},
            created="integer",
            owned_by="string",
            title="string",
            description="string",
            kind="string",
            price="object",
            schema="object",
            names={"type": "object", "description": "How other protocols reach it."},
            ended="object?",
        ),
        **listed("Models", "Model"),
    },
    operations=(
        Operation("GET /v1/models", "What can be called.", {200: "Models"}, open=True),
        Operation("GET /v1/models/{id}", "One endpoint.", {200: "Model"}, (404,), open=True),
        Operation("GET /v1/models/{id}/openapi.json", "Its own OpenAPI document.", {200: "application/json"}, (404,), open=True),
    ),
)
