"""The owner's routes, under /admin/v1, for admin keys only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, TypeVar

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from reelgate.api._reply import own_route, reply
from reelgate.api._schema import REFUSAL, REFUSED, listed
from reelgate.contracts.account import Account, Key
from reelgate.domain.errors import Fault, InvalidInput, NotFound
from reelgate.gateway.accounts import OWNER
from reelgate.gateway.door import header, read_body
from reelgate.gateway.face import Face, Gateway
from reelgate.gateway.manual import Manual, Operation, record, ref, words

_BODY_MAX = 1 << 16
M = TypeVar("M", bound=BaseModel)


class _NewAccount(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)
    name: str = Field(description="Its name and id.", max_length=63)


class _NewKey(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)
    name: str = Field(description="A label for people.", max_length=100)
    account: str = Field(OWNER, description="Whose key it is.")
    mode: Literal["live", "test", "admin"] = "live"
    pair: bool = Field(default=False, description="Make an access key and a secret key, for clients that sign tokens.")


class AdminFace:
    """Accounts, keys, and the gateway's state."""

    name = "admin"
    rank = 10

    def routes(self, gateway: Gateway) -> Sequence[BaseRoute]:
        desk = _Desk(gateway)
        return [
            Route("/admin/v1/accounts", own_route(desk.accounts), methods=["GET"]),
            Route("/admin/v1/accounts", own_route(desk.create_account), methods=["POST"]),
            Route("/admin/v1/accounts/{id}/webhook-secret", own_route(desk.new_webhook_secret), methods=["POST"]),
            Route("/admin/v1/keys", own_route(desk.keys), methods=["GET"]),
            Route("/admin/v1/keys", own_route(desk.create_key), methods=["POST"]),
            Route("/admin/v1/keys/{id}", own_route(desk.revoke_key), methods=["DELETE"]),
            Route("/admin/v1/state", own_route(desk.state), methods=["GET"]),
        ]

    def manual(self, gateway: Gateway) -> Manual:
        """What these routes are for."""
        del gateway
        return _MANUAL


FACE: Face = AdminFace()


class _Desk:
    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    async def accounts(self, request: Request) -> Response:
        await self._admin(request)
        accounts = [await self._write_account(each) for each in await self._gateway.store.accounts()]
        return reply(200, {"object": "list", "data": accounts})

    async def create_account(self, request: Request) -> Response:
        await self._admin(request)
        asked = await _read(request, _NewAccount)
        return reply(201, await self._write_account(await self._gateway.accounts.create(asked.name)))

    async def new_webhook_secret(self, request: Request) -> Response:
        await self._admin(request)
        return reply(201, {"secret": await self._gateway.accounts.new_webhook_secret(request.path_params["id"])})

    async def keys(self, request: Request) -> Response:
        await self._admin(request)
        keys = await self._gateway.store.keys(request.query_params.get("account"))
        return reply(200, {"object": "list", "data": [_write_key(key) for key in keys]})

    async def create_key(self, request: Request) -> Response:
        await self._admin(request)
        asked = await _read(request, _NewKey)
        if asked.pair:
            key, pair = await self._gateway.accounts.create_pair(asked.account, asked.name, asked.mode)
            return reply(201, {"key": _write_key(key), "access_key": pair.access_key, "secret_key": pair.secret_key})
        key, secret = await self._gateway.accounts.create_key(asked.account, asked.name, asked.mode)
        return reply(201, {"key": _write_key(key), "secret": secret.text})

    async def revoke_key(self, request: Request) -> Response:
        await self._admin(request)
        if not await self._gateway.store.revoke_key(request.path_params["id"], self._gateway.clock.now()):
            raise NotFound("there is no such key")
        return reply(200, {"revoked": True})

    async def state(self, request: Request) -> Response:
        await self._admin(request)
        gateway = self._gateway
        engines = [{"name": name, "trouble": engine.available()} for name, engine in gateway.engines.items()]
        counts = {state.value: count for state, count in (await gateway.store.counts()).items()}
        told = {"rule": gateway.rule.describe(), "engines": engines, "jobs": counts, "breaches": await gateway.store.breaches()}
        return reply(200, told)

    async def _write_account(self, account: Account) -> dict[str, Any]:
        balance = await self._gateway.store.balance(account.id)
        return {
            "id": account.id,
            "name": account.name,
            "created_at": account.created_at.isoformat(timespec="milliseconds"),
            "available": balance.available.decimal,
            "held": balance.held.decimal,
        }

    async def _admin(self, request: Request) -> None:
        await self._gateway.keyring.admin(header(request.scope, b"authorization"))


def _write_key(key: Key) -> dict[str, Any]:
    return {
        "id": key.id,
        "account": key.account,
        "name": key.name,
        "mode": key.mode,
        "pair": key.sealed is not None,
        "prefix": key.prefix,
        "last4": key.last4,
        "created_at": key.created_at.isoformat(timespec="milliseconds"),
        "revoked_at": None if key.revoked_at is None else key.revoked_at.isoformat(timespec="milliseconds"),
    }


async def _read(request: Request, model: type[M]) -> M:
    raw = await read_body(request.scope, request.receive, _BODY_MAX)
    try:
        return model.model_validate(orjson.loads(raw))
    except orjson.JSONDecodeError:
        raise InvalidInput([Fault(path=(), message="the body is not JSON")]) from None
    except ValidationError as error:
        faults = [Fault(path=each["loc"], message=each["msg"]) for each in error.errors(include_input=False, include_url=False)]
        raise InvalidInput(faults) from None


_MANUAL = Manual(
    refusals=REFUSED,
    words={"id": "The id of an account or of a key."},
    schemas={
        **REFUSAL,
        "Account": record(
            "An account.", id="string", name="string", created_at="string", available=words("Dollars."), held=words("Dollars.")
        ),
        "Key": record(
            "A key, without its secret.",
            id="string",
            account="string",
            name="string",
            mode="string",
            pair="boolean",
            prefix="string",
            last4="string",
            created_at="string",
            revoked_at="string?",
        ),
        **listed("Accounts", "Account"),
        **listed("Keys", "Key"),
        "NewAccount": _NewAccount.model_json_schema(),
        "NewKey": _NewKey.model_json_schema(),
        "MadeKey": {
            "type": "object",
            "description": "A key and what is told this once: its secret, or its access key and secret key.",
            "required": ["key"],
            "properties": {"key": ref("Key"), **{name: {"type": "string"} for name in ("secret", "access_key", "secret_key")}},
        },
        "WebhookSecret": record("What webhooks are signed with, told this once.", secret="string"),  # noqa: S106 -- the type of it
        "Revoked": record("The key is revoked.", revoked={"const": True}),
        "State": record("How the gateway does.", rule="string", engines="array", jobs="object", breaches="array"),
    },
    operations=(
        Operation("GET /admin/v1/accounts", "Every account.", {200: "Accounts"}),
        Operation("POST /admin/v1/accounts", "A new account.", {201: "Account"}, (400, 409, 413, 422), body="NewAccount"),
        Operation("POST /admin/v1/accounts/{id}/webhook-secret", "A new secret for webhooks.", {201: "WebhookSecret"}, (404,)),
        Operation("GET /admin/v1/keys", "Every key.", {200: "Keys"}, query={"account": words("Of one account.")}),
        Operation("POST /admin/v1/keys", "A new key.", {201: "MadeKey"}, (400, 404, 413, 422), body="NewKey"),
        Operation("DELETE /admin/v1/keys/{id}", "Revokes a key.", {200: "Revoked"}, (404,)),
        Operation("GET /admin/v1/state", "How the gateway does.", {200: "State"}),
    ),
)
