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
from reelgate.contracts.store import Account, Key
from reelgate.domain.errors import Fault, InvalidInput, NotFound
from reelgate.gateway.accounts import OWNER
from reelgate.gateway.door import header, read_body
from reelgate.gateway.face import Face, Gateway

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


class AdminFace:
    """Accounts, keys, and the gateway's state."""

    name = "admin"
    rank = 10

    def routes(self, gateway: Gateway) -> Sequence[BaseRoute]:
        desk = _Desk(gateway)
        return [
            Route("/admin/v1/accounts", own_route(desk.accounts), methods=["GET"]),
            Route("/admin/v1/accounts", own_route(desk.create_account), methods=["POST"]),
            Route("/admin/v1/keys", own_route(desk.keys), methods=["GET"]),
            Route("/admin/v1/keys", own_route(desk.create_key), methods=["POST"]),
            Route("/admin/v1/keys/{id}", own_route(desk.revoke_key), methods=["DELETE"]),
            Route("/admin/v1/state", own_route(desk.state), methods=["GET"]),
        ]


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

    async def keys(self, request: Request) -> Response:
        await self._admin(request)
        keys = await self._gateway.store.keys(request.query_params.get("account"))
        return reply(200, {"object": "list", "data": [_write_key(key) for key in keys]})

    async def create_key(self, request: Request) -> Response:
        await self._admin(request)
        asked = await _read(request, _NewKey)
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
