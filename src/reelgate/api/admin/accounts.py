"""Accounts: made, read and changed, and the secrets of their webhooks."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from reelgate.api._money import write_limits
from reelgate.api._reply import own_route, reply
from reelgate.api._schema import LIMITS, listed
from reelgate.api.admin.body import Amount, Body, admin, bodies, read
from reelgate.contracts.account import LIST, NO_LIMITS, Account, Limits
from reelgate.domain.calendar import day_of
from reelgate.domain.errors import NotFound
from reelgate.gateway.bounds import REASON_MAX
from reelgate.gateway.face import Gateway
from reelgate.gateway.manual import Operation, Schema, record, words


class LimitsChange(Body):
    """Limits as they are sent: what is not named stays as it is, null takes a limit away."""

    per_second: int | None = Field(None, description="Submits and uploads a second.")
    concurrency: int | None = Field(None, description="Jobs that run at once; more of them wait in the queue.")
    daily_spend: Amount | None = Field(None, description="Dollars that may be held and charged for jobs of one day, as a text.")
    models: list[str] | None = Field(None, description="Ids of models, with a * at the end for any rest; none for all.")

    def over(self, former: Limits) -> Limits:
        """The former limits with what was sent in their place."""
        sent: dict[str, Any] = {name: getattr(self, name) for name in self.model_fields_set}
        if "models" in sent:
            sent["models"] = tuple(sent["models"] or ())
        return replace(former, **sent)


class _Changed(Body):
    name: str | None = Field(None, description="A name for people.", max_length=100)
    book: str | None = Field(None, description="The price book that it belongs to.", max_length=63)
    currency: str | None = Field(None, description="USD, or what amounts are shown in beside dollars: CNY.", max_length=3)
    time_zone: str | None = Field(None, description="An IANA name; its days are those of limits and reports.", max_length=64)
    limits: LimitsChange | None = Field(None, description="What bounds it.")
    reason: str = Field("", description="Why, for the audit log.", max_length=REASON_MAX)


class _NewAccount(_Changed):
    id: str = Field("", description="Its id: a-z, 0-9, '.', '_' and '-'. If not said, its name is.", max_length=63)


class _NewSecret(Body):
    reason: str = Field("", description="Why, for the audit log.", max_length=REASON_MAX)


class AccountsDesk:
    """`/admin/v1/accounts`."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    def routes(self) -> list[Route]:
        return [
            Route("/admin/v1/accounts", own_route(self.accounts), methods=["GET"]),
            Route("/admin/v1/accounts", own_route(self.create), methods=["POST"]),
            Route("/admin/v1/accounts/{id}", own_route(self.account), methods=["GET"]),
            Route("/admin/v1/accounts/{id}", own_route(self.change), methods=["PATCH"]),
            Route("/admin/v1/accounts/{id}/webhook-secret", own_route(self.new_webhook_secret), methods=["POST"]),
        ]

    async def accounts(self, request: Request) -> Response:
        await admin(self._gateway, request)
        return reply(200, {"object": "list", "data": [await self._write(each) for each in await self._gateway.store.accounts()]})

    async def account(self, request: Request) -> Response:
        await admin(self._gateway, request)
        return reply(200, await self._write(await self._gateway.reports.account(request.path_params["id"])))

    async def create(self, request: Request) -> Response:
        actor = await admin(self._gateway, request, write=True)
        asked = await read(request, _NewAccount)
        account = await self._gateway.accounts.create(
            asked.id or asked.name or "",
            actor=actor,
            reason=asked.reason,
            name=asked.name or "",
            book=LIST if asked.book is None else asked.book,
            currency="USD" if asked.currency is None else asked.currency,
            time_zone="UTC" if asked.time_zone is None else asked.time_zone,
            limits=NO_LIMITS if asked.limits is None else asked.limits.over(NO_LIMITS),
        )
        return reply(201, await self._write(account))

    async def change(self, request: Request) -> Response:
        actor = await admin(self._gateway, request, write=True)
        asked = await read(request, _Changed)
        former = await self._gateway.store.account(request.path_params["id"])
        if former is None:
            raise NotFound("there is no such account")
        account = await self._gateway.accounts.change(
            former.id,
            actor=actor,
            reason=asked.reason,
            name=asked.name,
            book=asked.book,
            currency=asked.currency,
            time_zone=asked.time_zone,
            limits=None if asked.limits is None else asked.limits.over(former.limits),
        )
        return reply(200, await self._write(account))

    async def new_webhook_secret(self, request: Request) -> Response:
        actor = await admin(self._gateway, request, write=True)
        reason = (await read(request, _NewSecret, empty=True)).reason
        secret = await self._gateway.accounts.new_webhook_secret(request.path_params["id"], actor=actor, reason=reason)
        return reply(201, {"secret": secret})

    async def _write(self, account: Account) -> dict[str, Any]:
        store, today = self._gateway.store, day_of(self._gateway.clock.now(), account.time_zone)
        balance, spent = await store.balance(account.id), await store.spent(account.id, day=today)
        return {
            "id": account.id,
            "name": account.name,
            "created_at": account.created_at.isoformat(timespec="milliseconds"),
            "book": account.book,
            "currency": account.currency,
            "time_zone": account.time_zone,
            "limits": write_limits(account.limits),
            "available": balance.available.decimal,
            "held": balance.held.decimal,
            "spent_today": spent.decimal,
        }


SCHEMAS: dict[str, Schema] = {
    "Account": record(
        "An account. Days are those of its time zone.",
        id="string",
        name="string",
        created_at="string",
        book=words("The price book that it belongs to."),
        currency=words("What its amounts are shown in beside dollars."),
        time_zone="string",
        limits=LIMITS,
        available=words("Dollars."),
        held=words("Dollars that are reserved for jobs under way."),
        spent_today=words("Dollars that are held and were charged for jobs of today, less what was refunded."),
    ),
    **listed("Accounts", "Account"),
    **bodies(NewAccount=_NewAccount, AccountChange=_Changed, WebhookSecretReason=_NewSecret),
    "WebhookSecret": record("What webhooks are signed with, told this once.", secret="string"),  # noqa: S106 -- the type of it
}
OPERATIONS = (
    Operation("GET /admin/v1/accounts", "Every account.", {200: "Accounts"}),
    Operation("POST /admin/v1/accounts", "A new account.", {201: "Account"}, (400, 404, 409, 413, 422), body="NewAccount"),
    Operation("GET /admin/v1/accounts/{id}", "One account.", {200: "Account"}, (404,)),
    Operation("PATCH /admin/v1/accounts/{id}", "Changes what is named.", {200: "Account"}, (400, 404, 413, 422), body="AccountChange"),
    Operation(
        "POST /admin/v1/accounts/{id}/webhook-secret",
        "A new secret for webhooks.",
        {201: "WebhookSecret"},
        (400, 404, 413, 422),
        body="WebhookSecretReason",
    ),
)
