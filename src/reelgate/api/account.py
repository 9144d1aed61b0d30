"""A caller's own account: what it has and what bounds it, its usage and its statement."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from reelgate.api._money import write_limits, write_shown
from reelgate.api._reply import own_route, reply
from reelgate.api._report import BY_QUERY, PERIOD_QUERY, REPORTS, SHOWN, answer_statement, answer_usage
from reelgate.api._schema import LIMITS, REFUSAL, REFUSED
from reelgate.contracts.account import Account, Key
from reelgate.contracts.store import JobFilter
from reelgate.domain.calendar import day_of
from reelgate.domain.errors import Forbidden
from reelgate.domain.job import JobState
from reelgate.domain.money import Money
from reelgate.gateway.face import Face, Gateway
from reelgate.gateway.manual import Manual, Operation, one_of, record, words

_COUNTED = 1000


class AccountFace:
    """`/v1/account`, `/v1/usage` and `/v1/statement`: of the account of whoever asks."""

    name = "account"
    rank = 10

    def routes(self, gateway: Gateway) -> Sequence[BaseRoute]:
        desk = _Desk(gateway)
        return [
            Route("/v1/account", own_route(desk.account), methods=["GET"]),
            Route("/v1/usage", own_route(desk.usage), methods=["GET"]),
            Route("/v1/statement", own_route(desk.statement), methods=["GET"]),
        ]

    def manual(self, gateway: Gateway) -> Manual:
        """What these routes are for."""
        del gateway
        return _MANUAL


FACE: Face = AccountFace()


class _Desk:
    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    async def account(self, request: Request) -> Response:
        gateway = self._gateway
        principal = await gateway.keyring.caller(request.scope)
        account = await gateway.reports.account(principal.account)
        balance = await gateway.store.balance(account.id)
        key = await gateway.store.key(principal.key_id)
        await gateway.prices.refresh()
        told = {
            "object": "account",
            "id": account.id,
            "name": account.name,
            "available": balance.available.decimal,
            "held": balance.held.decimal,
            "currency": account.currency,
            "shown": write_shown(gateway.prices.shown(balance.available.micros, account.currency)),
            "book": account.book,
            "time_zone": account.time_zone,
            "today": day_of(gateway.clock.now(), account.time_zone),
            "limits": write_limits(account.limits),
            "used": await self._used(account, None),
            "key": None if key is None else await self._write_key(account, key),
        }
        return reply(200, told)

    async def usage(self, request: Request) -> Response:
        return await answer_usage(request, self._gateway.reports, await self._live(request))

    async def statement(self, request: Request) -> Response:
        return await answer_statement(request, self._gateway.reports, await self._live(request))

    async def _live(self, request: Request) -> str:
        """The account of whoever asks by a live key: reports tell of live jobs."""
        principal = await self._gateway.keyring.caller(request.scope)
        if principal.test:
            message = "a test key sees test jobs only, which cost nothing; ask with a live key"
            raise Forbidden(message)
        return principal.account

    async def _write_key(self, account: Account, key: Key) -> dict[str, Any]:
        return {
            "id": key.id,
            "name": key.name,
            "mode": key.mode,
            "scopes": sorted(key.scopes),
            "limits": write_limits(key.limits),
            "spend_limit": _decimal(key.spend_limit),
            "expires_at": None if key.expires_at is None else key.expires_at.isoformat(timespec="milliseconds"),
            "used": {**await self._used(account, key), "spend": (await self._gateway.store.spent(account.id, line=key.line)).decimal},
        }

    async def _used(self, account: Account, key: Key | None) -> dict[str, Any]:
        """What is used of the limits of an account, or of one of its keys."""
        store, today = self._gateway.store, day_of(self._gateway.clock.now(), account.time_zone)
        spent = await store.spent(account.id, line=None if key is None else key.line, day=today)
        running = await store.jobs(account.id, JobFilter(states=frozenset({JobState.RUNNING}), limit=_COUNTED))
        mine = [job for job in running if key is None or job.key_id == key.id]
        return {"concurrency": len(mine), "daily_spend": spent.decimal}


def _decimal(amount: Money | None) -> str | None:
    return None if amount is None else amount.decimal


_USED = {
    "concurrency": words("Jobs that run now.", type="integer"),
    "daily_spend": words("Dollars that are held and were charged for jobs of today, less what was refunded."),
}
_KEY = record(
    "The key that was shown.",
    id="string",
    name="string",
    mode=one_of("What its jobs cost.", "live", "test"),
    scopes={"type": "array", "items": one_of("", "read", "write")},
    limits=LIMITS,
    spend_limit="string?",
    expires_at="string?",
    used=record("What is used of its limits.", **_USED, spend=words("Dollars, of all its time and that of the keys that it followed.")),
)
_MANUAL = Manual(
    refusals=REFUSED,
    schemas={
        **REFUSAL,
        **REPORTS,
        "OwnAccount": record(
            "The account of whoever asks.",
            object={"const": "account"},
            id="string",
            name="string",
            available=words("Dollars."),
            held=words("Dollars that are reserved for jobs under way."),
            currency=words("What amounts are shown in beside dollars."),
            shown=SHOWN,
            book=words("The price book that it belongs to."),
            time_zone=words("Whose days are those of limits and reports."),
            today="string",
            limits=LIMITS,
            used=record("What is used of its limits.", **_USED),
            key={"anyOf": [_KEY, {"type": "null"}]},
        ),
    },
    operations=(
        Operation("GET /v1/account", "What the account has, and what bounds it and the key.", {200: "OwnAccount"}),
        Operation(
            "GET /v1/usage",
            "What was charged and refunded in a period, in groups.",
            {200: "Usage text/csv"},
            (422,),
            query={"by": BY_QUERY, **PERIOD_QUERY},
        ),
        Operation(
            "GET /v1/statement", "What changed the account's funds in a period.", {200: "Statement text/csv"}, (422,), query=PERIOD_QUERY
        ),
    ),
)
