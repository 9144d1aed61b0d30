"""Who may have a job, and in what words the rest is refused."""

from __future__ import annotations

import pytest

from reelgate.contracts.account import Limits
from reelgate.contracts.store import Full, Mismatch, Revoked, Short, Spent, Taken
from reelgate.domain.errors import Conflict, Forbidden, GatewayError, InsufficientFunds, Limited, Unauthenticated
from reelgate.domain.money import Money
from reelgate.domain.pricing import Quote
from reelgate.gateway.admission import check_model, refusal_of
from reelgate.gateway.keyring import Principal

QUOTE = Quote(Money.dollars("0.35"), "5 s × $0.07", "list")


@pytest.mark.parametrize(
    ("outcome", "kind", "words"),
    [
        (Mismatch(), Conflict, "this Idempotency-Key was used before with another request"),
        (Taken("a job"), Conflict, "this external task id was used before"),
        (
            Short(Money.dollars("0.10"), Money.dollars("0.25")),
            InsufficientFunds,
            "this request costs $0.35 (5 s × $0.07); the balance is $0.10, $0.25 short",
        ),
        (
            Spent("key", daily=False, limit=Money.dollars("5"), spent=Money.dollars("4.90")),
            InsufficientFunds,
            "this request costs $0.35 (5 s × $0.07); of the $5.00 that this key may spend in all, $4.90 are spent or held, $0.25 too much",
        ),
        (
            Spent("account", daily=True, limit=Money.dollars("1"), spent=Money.dollars("0.90")),
            InsufficientFunds,
            (
                "this request costs $0.35 (5 s × $0.07); of the $1.00 that this account may spend today, "
                "$0.90 are spent or held, $0.25 too much"
            ),
        ),
        (Full(1000), Limited, "1000 jobs of this account are waiting, which is as many as may wait"),
        (Revoked(), Unauthenticated, "invalid key credentials"),
    ],
)
def test_each_refusal_has_its_words(
    outcome: Mismatch | Taken | Short | Full | Spent | Revoked, kind: type[GatewayError], words: str
) -> None:
    refusal = refusal_of(outcome, QUOTE)
    assert (type(refusal), refusal.message) == (kind, words)
    assert getattr(refusal, "retry_after_s", 5) == 5


@pytest.mark.parametrize(
    ("key", "account", "may"),
    [
        ((), (), True),
        (("fal-ai/a",), (), True),
        (("fal-ai/*",), (), True),
        (("fal-ai/a*",), ("fal-ai/*",), True),
        (("fal-ai/b", "fal-ai/a"), (), True),
        (("fal-ai",), (), False),
        (("fal-ai/a/b",), (), False),
        ((), ("demo/*",), False),
        (("fal-ai/*",), ("demo/*",), False),
    ],
)
def test_a_key_and_its_account_may_be_for_some_models_only(key: tuple[str, ...], account: tuple[str, ...], may: bool) -> None:
    principal = Principal("ada", "key-1", "live", key_limits=Limits(models=key), account_limits=Limits(models=account))
    if may:
        check_model(principal, "fal-ai/a")
    else:
        with pytest.raises(Forbidden, match="this key may not use fal-ai/a"):
            check_model(principal, "fal-ai/a")
    assert principal.may_use("fal-ai/a") is may
