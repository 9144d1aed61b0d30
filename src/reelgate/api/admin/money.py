"""Money that moves beside jobs: credits, debits and refunds. Each has a reason, and a key by which it is done once."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from reelgate.api._reply import own_route, reply
from reelgate.api.admin.body import REFERENCE, Body, SomeAmount, admin, bodies, read, reference_of
from reelgate.contracts.ledger import Posted
from reelgate.domain.money import decimal_of
from reelgate.gateway.bounds import REASON_MAX
from reelgate.gateway.face import Gateway
from reelgate.gateway.manual import Operation, Schema, Status, record, words


class _Debit(Body):
    amount: SomeAmount = Field(description="How much.")
    reason: str = Field(description="Why: it stands on the statement and in the audit log.", min_length=1, max_length=REASON_MAX)


class _Credit(_Debit):
    against: Literal["cash", "promo"] = Field("cash", description="cash: it was paid in; promo: it is given.")


class _Refund(Body):
    amount: SomeAmount | None = Field(None, description="How much; all that is left of the charge if not said.")
    reason: str = Field(description="Why: it stands on the statement and in the audit log.", min_length=1, max_length=REASON_MAX)


class MoneyDesk:
    """Credits and debits of an account, and refunds of a job."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    def routes(self) -> list[Route]:
        return [
            Route("/admin/v1/accounts/{id}/credit", own_route(self.credit), methods=["POST"]),
            Route("/admin/v1/accounts/{id}/debit", own_route(self.debit), methods=["POST"]),
            Route("/admin/v1/jobs/{id}/refund", own_route(self.refund), methods=["POST"]),
        ]

    async def credit(self, request: Request) -> Response:
        actor, reference = await admin(self._gateway, request, write=True), reference_of(request)
        asked = await read(request, _Credit)
        posted = await self._gateway.accounts.credit(
            request.path_params["id"], asked.amount, asked.reason, actor=actor, reference=reference, against=asked.against
        )
        return _answer(posted)

    async def debit(self, request: Request) -> Response:
        actor, reference = await admin(self._gateway, request, write=True), reference_of(request)
        asked = await read(request, _Debit)
        posted = await self._gateway.accounts.debit(request.path_params["id"], asked.amount, asked.reason, actor=actor, reference=reference)
        return _answer(posted)

    async def refund(self, request: Request) -> Response:
        actor, reference = await admin(self._gateway, request, write=True), reference_of(request)
        asked = await read(request, _Refund)
        posted = await self._gateway.accounts.refund(
            request.path_params["id"], asked.amount, asked.reason, actor=actor, reference=reference
        )
        return _answer(posted)


def _answer(posted: Posted) -> Response:
    balance = posted.balance
    told: dict[str, Any] = {
        "transaction": posted.txn,
        "account": posted.account,
        "change": decimal_of(posted.change),
        "available": balance.available.decimal,
        "held": balance.held.decimal,
    }
    answer = reply(201, told)
    if posted.replayed:
        answer.headers["x-reelgate-replayed"] = "true"
    return answer


SCHEMAS: dict[str, Schema] = {
    "Movement": record(
        "It is in the books; what the account has after it.",
        transaction=words("Its number, which is on the statement.", type="integer"),
        account=words("Whose balance it changed."),
        change=words("By how many dollars, below zero for a debit."),
        available=words("Dollars."),
        held=words("Dollars that are reserved for jobs under way."),
    ),
    **bodies(Credit=_Credit, Debit=_Debit, Refund=_Refund),
}
_HEADERS = {"Idempotency-Key": REFERENCE}
_REFUSALS = (400, 402, 404, 409, 413, 422)
_MOVED: dict[Status, str] = {201: "Movement"}
OPERATIONS = (
    Operation("POST /admin/v1/accounts/{id}/credit", "Adds to the balance.", _MOVED, _REFUSALS, headers=_HEADERS, body="Credit"),
    Operation("POST /admin/v1/accounts/{id}/debit", "Takes of what is available.", _MOVED, _REFUSALS, headers=_HEADERS, body="Debit"),
    Operation("POST /admin/v1/jobs/{id}/refund", "Gives back of a job's charge.", _MOVED, _REFUSALS, headers=_HEADERS, body="Refund"),
)
