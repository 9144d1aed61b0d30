"""Accounts: who pays, what they have, and what their webhooks are signed with."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

from reelgate.contracts.account import LIST, NO_LIMITS, Account, Limits
from reelgate.contracts.audit import Deed
from reelgate.contracts.ledger import Against, Posted, Reused, TooLittle
from reelgate.contracts.store import Store
from reelgate.domain.calendar import is_zone
from reelgate.domain.clock import Clock
from reelgate.domain.errors import Conflict, Fault, InsufficientFunds, InvalidInput, NotFound
from reelgate.domain.identity import read_id
from reelgate.domain.money import FREE, Money
from reelgate.gateway.bounds import changes, check_limits, check_name, check_reason, check_reference, told
from reelgate.gateway.exchange import CURRENCIES
from reelgate.gateway.secret import new_webhook_secret
from reelgate.gateway.vault import Vault

OWNER = "owner"
GATEWAY = "gateway"
"""Who acts where no admin does."""

_ID = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")
_BOOK = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")
_AT_ONCE = Money.dollars("1000000000")  # far from where 64 bits end, whatever is added up
_FORMER_SECRET = timedelta(days=7)
_SEALED_FOR_WEBHOOKS = "webhook-secret"
_TOLD = ("name", "book", "currency", "time_zone", "limits")


class Accounts:
    """What admins do with accounts, their money and their secrets for webhooks.

    `actor` is the id of the admin key by which it is done, or "gateway". Each raises `InvalidInput` for what cannot be, and
    `NotFound` if there is no such account, job or price book. What moves money needs a reason; the same `reference` again moves it
    once and is answered alike.
    """

    def __init__(self, store: Store, clock: Clock, vault: Vault) -> None:
        self._store, self._clock, self._vault = store, clock, vault

    async def create(
        self,
        id: str,
        *,
        actor: str,
        reason: str = "",
        name: str = "",
        book: str = LIST,
        currency: str = "USD",
        time_zone: str = "UTC",
        limits: Limits = NO_LIMITS,
    ) -> Account:
        """A new account with a balance of 0. Its id: lower-case letters, digits, and . _ - inside; its name, if none is given, is that."""
        if not _ID.fullmatch(id):
            raise InvalidInput([Fault(path=("id",), message="1 to 63 of a-z, 0-9, '.', '_' and '-', beginning with a letter or digit")])
        account = Account(
            id=id, name=name or id, created_at=self._clock.now(), book=book, currency=currency, time_zone=time_zone, limits=limits
        )
        _check(account)
        check_reason(reason)
        if not await self._store.add_account(account, self._deed("account.create", id, actor, reason, told(account, *_TOLD))):
            message = "there is an account of this id already"
            raise Conflict(message)
        return account

    async def change(
        self,
        account_id: str,
        *,
        actor: str,
        reason: str = "",
        name: str | None = None,
        book: str | None = None,
        currency: str | None = None,
        time_zone: str | None = None,
        limits: Limits | None = None,
    ) -> Account:
        """Change what is not None; the account as it is now."""
        former = await self._find(account_id)
        wanted: dict[str, Any] = {"name": name, "book": book, "currency": currency, "time_zone": time_zone, "limits": limits}
        account = replace(former, **{field: value for field, value in wanted.items() if value is not None})
        _check(account)
        check_reason(reason)
        detail = changes(told(former, *_TOLD), told(account, *_TOLD))
        deed = self._deed("account.change", account_id, actor, reason, detail)
        if detail and not await self._store.change_account(account, deed):
            raise NotFound(_NO_ACCOUNT)
        return account

    async def credit(
        self, account: str, amount: Money, reason: str, *, actor: str, reference: str = "", against: Against = "cash"
    ) -> Posted:
        """Add to the balance: what was paid in, or against "promo" what is given. `InvalidInput` too if the reference stands for
        another movement."""
        _check_movement(amount, reason, reference)
        detail = {"amount": amount.decimal, "against": against, **_referring(reference)}
        deed = self._deed("account.credit", account, actor, reason, detail)
        posted = await self._store.credit(account, amount, deed, against=against, reference=reference)
        return posted if isinstance(posted, Posted) else _refuse_reuse(posted)

    async def debit(self, account: str, amount: Money, reason: str, *, actor: str, reference: str = "") -> Posted:
        """Take from the balance; `InsufficientFunds` if less is available."""
        _check_movement(amount, reason, reference)
        detail = {"amount": amount.decimal, **_referring(reference)}
        deed = self._deed("account.debit", account, actor, reason, detail)
        posted = await self._store.debit(account, amount, deed, reference=reference)
        if isinstance(posted, TooLittle):
            missing = Money(amount.micros - posted.there_is.micros)
            raise InsufficientFunds(f"{amount} cannot be taken: {posted.there_is} is available, {missing} too little; nothing was taken")
        return posted if isinstance(posted, Posted) else _refuse_reuse(posted)

    async def refund(self, job_id: str, amount: Money | None, reason: str, *, actor: str, reference: str = "") -> Posted:
        """Give back of what a job was charged, all that is left of it if no amount is said; `job_id` as any face spells it.

        `InsufficientFunds` if less is left of the charge than is to be given back, `Conflict` if nothing is.
        """
        _check_movement(amount, reason, reference)
        known = read_id(job_id)
        if known is None:
            raise NotFound("there is no such job")
        detail = {"amount": None if amount is None else amount.decimal, **_referring(reference)}
        deed = self._deed("job.refund", known, actor, reason, detail)
        posted = await self._store.refund(known, amount, deed, reference=reference)
        if isinstance(posted, TooLittle) and amount is not None and posted.there_is > FREE:
            raise InsufficientFunds(f"{amount} cannot be given back: {posted.there_is} is left of what was charged; nothing was given back")
        if isinstance(posted, TooLittle):
            raise Conflict("nothing is left of what was charged for this job ($0.00); nothing was given back")
        return posted if isinstance(posted, Posted) else _refuse_reuse(posted)

    async def new_webhook_secret(self, account: str, *, actor: str, reason: str = "") -> str:
        """Sign the account's webhooks with a new secret, shown in this answer only, and for 7 days with the former ones too."""
        check_reason(reason)
        await self._find(account)
        secret, now = new_webhook_secret(), self._clock.now()
        sealed = self._vault.seal(secret.encode(), _SEALED_FOR_WEBHOOKS)
        deed = self._deed("webhook_secret.create", account, actor, reason, {})
        await self._store.add_webhook_secret(account, sealed, at=now, former_until=now + _FORMER_SECRET, deed=deed)
        return secret

    async def webhook_secrets(self, account: str) -> list[str]:
        """The secrets that the account's webhooks are signed with now, newest first; empty if it has none."""
        sealed = await self._store.webhook_secrets(account, self._clock.now())
        return [self._vault.open(each, _SEALED_FOR_WEBHOOKS).decode() for each in sealed]

    async def found_owner(self, credit: Money) -> None:
        """The first account, with something to try out prices with; does nothing if it is there."""
        if await self._store.account(OWNER) is not None:
            return
        await self.create(OWNER, actor=GATEWAY)
        if credit != FREE:
            await self.credit(OWNER, credit, "demo credit", actor=GATEWAY, against="promo")

    # -- below them ---------------------------------------------------------------------------------------------------
    async def _find(self, account_id: str) -> Account:
        account = await self._store.account(account_id)
        if account is None:
            raise NotFound(_NO_ACCOUNT)
        return account

    def _deed(self, action: str, subject: str, actor: str, reason: str, detail: dict[str, Any]) -> Deed:
        return Deed(actor=actor, action=action, subject=subject, at=self._clock.now(), reason=reason, detail=detail)


_NO_ACCOUNT = "there is no such account"


def _check(account: Account) -> None:
    check_name(account.name)
    faults: list[Fault] = []
    if not _BOOK.fullmatch(account.book):
        faults.append(Fault(path=("book",), message="the id of a price book"))
    if account.currency not in CURRENCIES:
        faults.append(Fault(path=("currency",), message=f"one of {', '.join(CURRENCIES)}", kind="one_of"))
    if not is_zone(account.time_zone):
        faults.append(Fault(path=("time_zone",), message="an IANA name such as UTC, Europe/Berlin or Asia/Shanghai"))
    if faults:
        raise InvalidInput(faults)
    check_limits(account.limits)


def _check_movement(amount: Money | None, reason: str, reference: str) -> None:
    if amount is not None and not FREE < amount <= _AT_ONCE:
        raise InvalidInput([Fault(path=("amount",), message=f"above $0.00, and {_AT_ONCE} at the most")])
    check_reason(reason, needed=True)
    check_reference(reference)


def _referring(reference: str) -> dict[str, str]:
    return {"reference": reference} if reference else {}


def _refuse_reuse(posted: Reused | TooLittle) -> Posted:
    del posted
    message = "this one was used before for another movement; nothing was done"
    raise InvalidInput([Fault(path=("Idempotency-Key",), message=message)])
