"""Amounts as our own routes write them."""

from __future__ import annotations

from typing import Any

from reelgate.contracts.account import Limits
from reelgate.gateway.exchange import Shown


def write_shown(shown: Shown | None) -> dict[str, Any] | None:
    """An amount in another currency, with its rate and from when that counts; None where there is none."""
    if shown is None:
        return None
    since = shown.since.isoformat(timespec="milliseconds")
    return {"currency": shown.currency, "amount": shown.amount, "per_dollar": shown.per_dollar, "since": since}


def write_limits(limits: Limits) -> dict[str, Any]:
    """What bounds an account or a key; null where nothing does, no models for all of them."""
    return {
        "per_second": limits.per_second,
        "concurrency": limits.concurrency,
        "daily_spend": None if limits.daily_spend is None else limits.daily_spend.decimal,
        "models": list(limits.models),
    }
