"""Accounts, their keys and what bounds them, and secrets: records, and what a store does with them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from reelgate.contracts.audit import Deed
from reelgate.domain.money import Money

LIST = "list"
"""The price book of every account that has no other: the catalog's prices, and those that the operator set in their place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much may be asked for; None where nothing but the gateway's own settings bounds it.

    `per_second` counts submits and uploads. Of more jobs than `concurrency` the rest wait in the queue. `daily_spend` is what may
    be held and charged for jobs of one day of the account's time zone. `models` are ids of endpoints, where a `*` at the end stands
    for any rest; none of them means all.
    """

    per_second: int | None = None
    concurrency: int | None = None
    daily_spend: Money | None = None
    models: tuple[str, ...] = ()


NO_LIMITS = Limits()


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Who pays. `currency` is what its amounts are shown in beside dollars; the days of its limits and reports are those of
    `time_zone`, an IANA name."""

    id: str
    name: str
    created_at: datetime
    book: str = LIST
    currency: str = "USD"
    time_zone: str = "UTC"
    limits: Limits = NO_LIMITS


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """What an account shows. The secret is not kept: `mac` is its HMAC, `prefix` and `last4` let its owner recognise it.

    `mode` is "live", "test" or "admin". A pair's secret half has to be read back, so it is kept as `sealed`; its access half is the
    `id`, and `mac` is made of that in a way that no plain key's can be.

    `scopes` are "read" (what changes nothing) and "write" (the rest). `spend_limit` bounds what may be held and charged by it for
    good; `networks` are the CIDRs from which it may be shown, none of them means all. `origin` is the id of the first key of a
    line of rotated ones ("" for that one itself): spending counts for the whole line. `created_by` is the id of an admin key, or
    "gateway".
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
    scopes: frozenset[str] = frozenset({"read", "write"})
    limits: Limits = NO_LIMITS
    spend_limit: Money | None = None
    expires_at: datetime | None = None
    networks: tuple[str, ...] = ()
    last_used_at: datetime | None = None
    origin: str = ""
    created_by: str = "gateway"

    @property
    def line(self) -> str:
        """Under which id its spending counts."""
        return self.origin or self.id

    def works(self, now: datetime) -> bool:
        """Whether it was neither revoked nor has expired."""
        return self.revoked_at is None and (self.expires_at is None or self.expires_at > now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """What an account has, and what of it is reserved for jobs that have not ended."""

    available: Money
    held: Money


class AccountStore(Protocol):
    """What a store knows of accounts. Secrets are sealed before they come here.

    Each verb that takes a `Deed` writes it to the audit log in the transaction of its effect, and only if it has one.
    """

    async def add_account(self, account: Account, deed: Deed) -> bool:
        """False if the id is taken; `NotFound` if there is no such price book."""
        ...

    async def change_account(self, account: Account, deed: Deed) -> bool:
        """Put this record in the place of that of its id, but for `created_at`; False if there is none, `NotFound` if there is no
        such price book."""
        ...

    async def accounts(self) -> list[Account]:
        """All accounts, oldest first."""
        ...

    async def account(self, account_id: str) -> Account | None:
        """One account."""
        ...

    async def add_key(self, key: Key, deed: Deed) -> bool:
        """Keep a key; False if one of this `mac` or id is kept already. `NotFound` if there is no such account."""
        ...

    async def change_key(self, key: Key, deed: Deed) -> bool:
        """Put its name, scopes, limits, expiry and networks in the place of those of the key of this id; False if there is none in
        this account."""
        ...

    async def rotate_key(self, former: str, key: Key, former_until: datetime, deed: Deed) -> bool:
        """Keep a key that follows a former one of the same account, which ends then, or earlier if it was to; False if there is no
        such former one that works."""
        ...

    async def key_by_mac(self, mac: bytes) -> Key | None:
        """The key of this HMAC, revoked or not."""
        ...

    async def key(self, key_id: str) -> Key | None:
        """The key of this id, revoked or not: for admins."""
        ...

    async def keys(self, account: str | None = None) -> list[Key]:
        """Keys, oldest first."""
        ...

    async def revoke_key(self, key_id: str, at: datetime, deed: Deed) -> bool:
        """Refuse this key from now on; False if there is none. The first time stands."""
        ...

    async def touch_keys(self, used: Mapping[str, datetime]) -> None:
        """When keys of these ids were last used; an earlier time than the one that is kept changes nothing."""
        ...

    async def spent(self, account: str, *, line: str | None = None, day: str | None = None) -> Money:
        """What is held and charged, less what was refunded, for the account's jobs, those of one line of keys or those accepted on
        one day ("2026-11-26", of the time zone that the account had then)."""
        ...

    async def secret(self, name: str) -> bytes | None:
        """A secret of the gateway's own."""
        ...

    async def keep_secret(self, name: str, sealed: bytes, at: datetime) -> bytes:
        """Keep a secret unless one of this name is there; the one that is kept, whoever came first."""
        ...

    async def add_webhook_secret(self, account: str, sealed: bytes, *, at: datetime, former_until: datetime, deed: Deed) -> None:
        """The account's webhooks are signed with this one from now on, and with its former ones too until then."""
        ...

    async def webhook_secrets(self, account: str, now: datetime) -> list[bytes]:
        """The secrets that the account's webhooks are signed with now, newest first."""
        ...
