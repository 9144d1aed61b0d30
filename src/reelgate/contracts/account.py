"""Accounts, their keys and their money, and secrets: records, and what a store does with them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from reelgate.domain.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Who pays."""

    id: str
    name: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """What an account shows. The secret is not kept: `mac` is its HMAC, `prefix` and `last4` let its owner recognise it.

    `mode` is "live", "test" or "admin". A pair's secret half has to be read back, so it is kept as `sealed`; its access half is the
    `id`, and `mac` is made of that in a way that no plain key's can be.
    """

    id: str
    account: str
    name: str
    mode: str
    mac: bytes
    prefix: str
    last4: str
    created_at: datetime
    revoked_at: datetime | None = None
    sealed: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """What an account has, and what of it is reserved for jobs that have not ended."""

    available: Money
    held: Money


class AccountStore(Protocol):
    """What a store knows of accounts. Secrets are sealed before they come here."""

    async def add_account(self, account: Account) -> bool:
        """False if the id is taken."""
        ...

    async def accounts(self) -> list[Account]:
        """All accounts, oldest first."""
        ...

    async def account(self, account_id: str) -> Account | None:
        """One account."""
        ...

    async def add_key(self, key: Key) -> None:
        """Keep a key."""
        ...

    async def key_by_mac(self, mac: bytes) -> Key | None:
        """The key of this HMAC, revoked or not."""
        ...

    async def keys(self, account: str | None = None) -> list[Key]:
        """Keys, oldest first."""
        ...

    async def revoke_key(self, key_id: str, at: datetime) -> bool:
        """Refuse this key from now on; False if there is none."""
        ...

    async def credit(self, account: str, amount: Money, reason: str, at: datetime) -> None:
        """Add to an account's balance."""
        ...

    async def balance(self, account: str) -> Balance:
        """What the account has."""
        ...

    async def secret(self, name: str) -> bytes | None:
        """A secret of the gateway's own."""
        ...

    async def keep_secret(self, name: str, sealed: bytes, at: datetime) -> bytes:
        """Keep a secret unless one of this name is there; the one that is kept, whoever came first."""
        ...

    async def add_webhook_secret(self, account: str, sealed: bytes, *, at: datetime, former_until: datetime) -> None:
        """The account's webhooks are signed with this one from now on, and with its former ones too until then."""
        ...

    async def webhook_secrets(self, account: str, now: datetime) -> list[bytes]:
        """The secrets that the account's webhooks are signed with now, newest first."""
        ...
