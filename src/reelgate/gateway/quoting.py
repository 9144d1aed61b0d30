"""What a request would cost, whether it would be taken, and when its video might be there. Nothing is kept, held or fetched."""

from __future__ import annotations

from dataclasses import dataclass

from reelgate.contracts.account import Balance
from reelgate.contracts.dispatch import Dispatch, Forecast
from reelgate.contracts.endpoint import Endpoint
from reelgate.contracts.store import Short, Spent, Store
from reelgate.domain.calendar import day_of
from reelgate.domain.clock import Clock
from reelgate.domain.media import Dropped, VideoInput
from reelgate.domain.money import Money
from reelgate.gateway.admission import check_model, refusal_of
from reelgate.gateway.exchange import Shown
from reelgate.gateway.keyring import Principal
from reelgate.gateway.prices import PriceList
from reelgate.gateway.serving import Served, ServingRule


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """What a submit would find now. `refusal` is in what words it would be refused for want of money, "" if there is enough; `shown` is
    the amount in the account's currency."""

    served: Served
    dropped: tuple[Dropped, ...]
    forecast: Forecast
    balance: Balance
    missing: Money
    refusal: str
    shown: Shown | None


class Quoting:
    """Answers before anything is bought."""

    def __init__(self, store: Store, prices: PriceList, rule: ServingRule, dispatch: Dispatch, clock: Clock) -> None:
        self._store, self._prices, self._rule, self._dispatch, self._clock = store, prices, rule, dispatch, clock

    async def __call__(self, principal: Principal, endpoint: Endpoint, wanted: VideoInput, dropped: tuple[Dropped, ...] = ()) -> Estimate:
        """Price a request that is valid; `Forbidden` or `NotFound` where it could not be made for this caller at all."""
        check_model(principal, endpoint.id)
        await self._rule.refresh()
        served = self._rule.choose(endpoint, wanted, test=principal.test, book=principal.book)
        balance = await self._store.balance(principal.account)
        amount = served.quote.amount
        missing = Money(max(0, amount.micros - balance.available.micros))
        outcome = await self._over_a_limit(principal, amount) or (Short(balance.available, missing) if missing.micros else None)
        return Estimate(
            served=served,
            dropped=dropped,
            forecast=self._dispatch.forecast(endpoint.id, principal.account),
            balance=balance,
            missing=missing,
            refusal="" if outcome is None else refusal_of(outcome, served.quote).message,
            shown=self._prices.shown(amount.micros, principal.currency),
        )

    async def _over_a_limit(self, principal: Principal, amount: Money) -> Spent | None:
        """The limit on spending that a submit would pass, as the store would find it."""
        if not amount.micros:
            return None
        today = day_of(self._clock.now(), principal.time_zone)
        limits = (
            ("key", False, principal.spend_limit, {"line": principal.line}),
            ("key", True, principal.key_limits.daily_spend, {"line": principal.line, "day": today}),
            ("account", True, principal.account_limits.daily_spend, {"day": today}),
        )
        for whose, daily, limit, scope in limits:
            if limit is None:
                continue
            spent = await self._store.spent(principal.account, **scope)
            if spent.micros + amount.micros > limit.micros:
                return Spent(whose, daily, limit, spent)
        return None
