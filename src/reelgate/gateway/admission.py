"""Whether a caller may have a job at all, and in what words it is refused."""

from __future__ import annotations

from reelgate.contracts.store import Full, Mismatch, Revoked, Short, Spent, Taken
from reelgate.domain.errors import Conflict, Forbidden, GatewayError, InsufficientFunds, Limited, Unauthenticated
from reelgate.domain.money import Money
from reelgate.domain.pricing import Quote
from reelgate.gateway.keyring import Principal
from reelgate.gateway.pair import NO_KEY


def check_model(principal: Principal, endpoint_id: str) -> None:
    """`Forbidden` if the key, or its account, is for other models."""
    if not principal.may_use(endpoint_id):
        message = f"this key may not use {endpoint_id}"
        raise Forbidden(message)


def refusal_of(outcome: Mismatch | Taken | Short | Full | Spent | Revoked, quote: Quote) -> GatewayError:
    """What the store's refusal of a job of this quote means to its caller, to be raised or told."""
    match outcome:
        case Mismatch():
            return Conflict("this Idempotency-Key was used before with another request")
        case Taken():
            return Conflict("this external task id was used before")
        case Short(available, missing):
            return InsufficientFunds(f"this request costs {_cost(quote)}; the balance is {available}, {missing} short")
        case Spent(whose, daily, limit, spent):
            over = Money(spent.micros + quote.amount.micros - limit.micros)
            span = "today" if daily else "in all"
            message = (
                f"this request costs {_cost(quote)}; of the {limit} that this {whose} may spend {span}, {spent} are spent or held, "
                f"{over} too much"
            )
            return InsufficientFunds(message)
        case Full(queued):
            return Limited(f"{queued} jobs of this account are waiting, which is as many as may wait", retry_after_s=5)
        case Revoked():
            return Unauthenticated(NO_KEY)


def _cost(quote: Quote) -> str:
    return f"{quote.amount} ({quote.words})"
