"""Keys: made, taken over, changed, rotated, revoked. What is secret of a new one is told once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any, Literal

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from reelgate.api._money import write_limits
from reelgate.api._reply import own_route, reply
from reelgate.api._schema import LIMITS, listed
from reelgate.api.admin.accounts import LimitsChange
from reelgate.api.admin.body import Amount, Body, admin, begins_at, bodies, read
from reelgate.contracts.account import Key
from reelgate.domain.errors import Fault, InvalidInput, NotFound
from reelgate.gateway.accounts import OWNER
from reelgate.gateway.bounds import NO_BOUNDS, REASON_MAX, Bounds
from reelgate.gateway.face import Gateway
from reelgate.gateway.manual import Operation, Schema, one_of, record, ref, words
from reelgate.gateway.pair import Pair
from reelgate.gateway.secret import Secret

_DAY_S = 86_400


class _Bounded(Body):
    scopes: list[Literal["read", "write"]] | None = Field(None, description="read, or read and write, which is what it has if not said.")
    limits: LimitsChange | None = Field(None, description="What bounds it; the account's own limits count besides.")
    spend_limit: Amount | None = Field(None, description="Dollars that may be held and charged by it for good, as a text.")
    expires_at: str | None = Field(None, description="When it ends: a day of the owner's time zone, or an instant with its offset.")
    networks: list[str] | None = Field(None, description="CIDRs from which it may be shown; none for all.")
    reason: str = Field("", description="Why, for the audit log.", max_length=REASON_MAX)


class _Changed(_Bounded):
    name: str | None = Field(None, description="A label for people.", max_length=100)


class _NewKey(_Bounded):
    name: str = Field(description="A label for people.", max_length=100)
    account: str = Field(OWNER, description="Whose key it is.", max_length=63)
    mode: Literal["live", "test", "admin"] = "live"
    pair: bool = Field(default=False, description="Make an access key and a secret key, for clients that sign tokens.")
    secret: str | None = Field(None, description="A key that the customer has already, to be taken over unchanged.", max_length=600)


class _Rotated(Body):
    overlap_s: int = Field(_DAY_S, description="For how long the former key works beside the new one, in seconds.", ge=0, le=7 * _DAY_S)
    reason: str = Field("", description="Why, for the audit log.", max_length=REASON_MAX)


class KeysDesk:
    """`/admin/v1/keys`."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    def routes(self) -> list[Route]:
        return [
            Route("/admin/v1/keys", own_route(self.keys), methods=["GET"]),
            Route("/admin/v1/keys", own_route(self.create), methods=["POST"]),
            Route("/admin/v1/keys/{id}", own_route(self.key), methods=["GET"]),
            Route("/admin/v1/keys/{id}", own_route(self.change), methods=["PATCH"]),
            Route("/admin/v1/keys/{id}", own_route(self.revoke), methods=["DELETE"]),
            Route("/admin/v1/keys/{id}/rotate", own_route(self.rotate), methods=["POST"]),
        ]

    async def keys(self, request: Request) -> Response:
        await admin(self._gateway, request)
        keys = await self._gateway.store.keys(request.query_params.get("account"))
        return reply(200, {"object": "list", "data": [await self._write(key) for key in keys]})

    async def key(self, request: Request) -> Response:
        await admin(self._gateway, request)
        return reply(200, await self._write(await self._find(request)))

    async def create(self, request: Request) -> Response:
        actor = await admin(self._gateway, request, write=True)
        asked = await read(request, _NewKey)
        bounds, keys = await self._bounds(asked, NO_BOUNDS), self._gateway.keys
        if asked.secret is not None:
            if asked.pair:
                raise InvalidInput([Fault(path=("pair",), message="a pair is made here; it cannot be taken over")])
            key = await keys.take_over(asked.account, asked.name, asked.mode, asked.secret, actor=actor, reason=asked.reason, bounds=bounds)
            return reply(201, {"key": await self._write(key)})
        make = keys.create_pair if asked.pair else keys.create
        key, secret = await make(asked.account, asked.name, asked.mode, actor=actor, reason=asked.reason, bounds=bounds)
        return reply(201, {"key": await self._write(key), **_told_once(secret)})

    async def change(self, request: Request) -> Response:
        actor = await admin(self._gateway, request, write=True)
        asked = await read(request, _Changed)
        former = await self._find(request)
        bounds = await self._bounds(asked, Bounds.of(former))
        key = await self._gateway.keys.change(former.id, actor=actor, reason=asked.reason, name=asked.name, bounds=bounds)
        return reply(200, await self._write(key))

    async def rotate(self, request: Request) -> Response:
        actor = await admin(self._gateway, request, write=True)
        asked = await read(request, _Rotated, empty=True)
        overlap = timedelta(seconds=asked.overlap_s)
        key, secret = await self._gateway.keys.rotate(request.path_params["id"], overlap, actor=actor, reason=asked.reason)
        return reply(201, {"key": await self._write(key), **_told_once(secret)})

    async def revoke(self, request: Request) -> Response:
        actor = await admin(self._gateway, request, write=True)
        await self._gateway.keys.revoke(request.path_params["id"], actor=actor, reason=request.query_params.get("reason", ""))
        return reply(200, {"revoked": True})

    async def _find(self, request: Request) -> Key:
        key = await self._gateway.store.key(request.path_params["id"])
        if key is None:
            raise NotFound("there is no such key")
        return key

    async def _bounds(self, asked: _Bounded, former: Bounds) -> Bounds:
        """The former bounds with what was sent in their place: what is not named stays, null takes a bound away."""
        sent: dict[str, Any] = {name: getattr(asked, name) for name in asked.model_fields_set & set(_BOUNDS)}
        if "scopes" in sent:
            sent["scopes"] = NO_BOUNDS.scopes if asked.scopes is None else frozenset[str](asked.scopes)
        if "networks" in sent:
            sent["networks"] = tuple(asked.networks or ())
        if "limits" in sent:
            sent["limits"] = NO_BOUNDS.limits if asked.limits is None else asked.limits.over(former.limits)
        if "expires_at" in sent:
            sent["expires_at"] = await begins_at(self._gateway, asked.expires_at, "expires_at")
        return replace(former, **sent)

    async def _write(self, key: Key) -> dict[str, Any]:
        spent = await self._gateway.store.spent(key.account, line=key.line)
        return {
            "id": key.id,
            "account": key.account,
            "name": key.name,
            "mode": key.mode,
            "pair": key.sealed is not None,
            "prefix": key.prefix,
            "last4": key.last4,
            "state": "in use" if key.works(self._gateway.clock.now()) else "revoked" if key.revoked_at is not None else "expired",
            "scopes": sorted(key.scopes),
            "limits": write_limits(key.limits),
            "spend_limit": None if key.spend_limit is None else key.spend_limit.decimal,
            "spent": spent.decimal,
            "networks": list(key.networks),
            "line": key.line,
            "created_by": key.created_by,
            **{name: _instant(getattr(key, name)) for name in ("created_at", "expires_at", "revoked_at", "last_used_at")},
        }


def _told_once(secret: Secret | Pair) -> dict[str, str]:
    if isinstance(secret, Pair):
        return {"access_key": secret.access_key, "secret_key": secret.secret_key}
    return {"secret": secret.text}


def _instant(at: Any) -> str | None:
    return None if at is None else at.isoformat(timespec="milliseconds")


_BOUNDS = ("scopes", "limits", "spend_limit", "expires_at", "networks")
SCHEMAS: dict[str, Schema] = {
    "Key": record(
        "A key, without its secret.",
        id="string",
        account="string",
        name="string",
        mode=one_of("What it opens.", "live", "test", "admin"),
        pair="boolean",
        prefix="string",
        last4="string",
        state=one_of("Whether it works.", "in use", "revoked", "expired"),
        scopes={"type": "array", "items": one_of("", "read", "write")},
        limits=LIMITS,
        spend_limit="string?",
        spent=words("Dollars that are held and were charged by it and the keys that it followed, less what was refunded."),
        networks={"type": "array", "items": {"type": "string"}},
        line=words("The id of the first key of those that followed each other by rotation; spending counts for all of them."),
        created_by=words("The id of an admin key, or gateway."),
        created_at="string",
        expires_at="string?",
        revoked_at="string?",
        last_used_at="string?",
    ),
    **listed("Keys", "Key"),
    **bodies(NewKey=_NewKey, KeyChange=_Changed, KeyRotation=_Rotated),
    "MadeKey": {
        "type": "object",
        "description": "A key and what is told this once: its secret, or its access key and secret key; of one taken over nothing.",
        "required": ["key"],
        "properties": {"key": ref("Key"), **{name: {"type": "string"} for name in ("secret", "access_key", "secret_key")}},
    },
    "Revoked": record("The key is revoked.", revoked={"const": True}),
}
_REFUSALS = (400, 404, 409, 413, 422)
OPERATIONS = (
    Operation("GET /admin/v1/keys", "Every key.", {200: "Keys"}, query={"account": words("Of one account.")}),
    Operation("POST /admin/v1/keys", "A new key, or a customer's own one.", {201: "MadeKey"}, _REFUSALS, body="NewKey"),
    Operation("GET /admin/v1/keys/{id}", "One key.", {200: "Key"}, (404,)),
    Operation("PATCH /admin/v1/keys/{id}", "Changes what is named.", {200: "Key"}, _REFUSALS, body="KeyChange"),
    Operation("DELETE /admin/v1/keys/{id}", "Revokes a key.", {200: "Revoked"}, (404, 422), query={"reason": words("For the audit log.")}),
    Operation(
        "POST /admin/v1/keys/{id}/rotate",
        "A new key with all that the former one has; that one ends after the overlap.",
        {201: "MadeKey"},
        _REFUSALS,
        body="KeyRotation",
    ),
)
