"""Accounts and their keys."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass

from reelgate.contracts.store import Account, Key, Store
from reelgate.domain.clock import Clock
from reelgate.domain.errors import Conflict, Fault, Forbidden, InvalidInput, NotFound, Unauthenticated
from reelgate.domain.money import Money
from reelgate.gateway.secret import Secret, mac_of, new_secret, plausible

OWNER = "owner"
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")
_TRUST_S = 1.0  # a revoked key is refused within this time, in every process
_CACHED = 10_000


@dataclass(frozen=True, slots=True)
class Principal:
    """Who is calling."""

    account: str
    key_id: str
    mode: str

    @property
    def test(self) -> bool:
        """Whether this caller's jobs cost nothing and only ever reach the preview engine."""
        return self.mode == "test"


class Keyring:
    """Tells who a caller is."""

    def __init__(self, store: Store, pepper: bytes, clock: Clock) -> None:
        self._store, self._pepper, self._clock = store, pepper, clock
        self._known: dict[bytes, tuple[Principal, float]] = {}

    async def caller(self, authorization: bytes | None) -> Principal:
        """The caller behind an `Authorization` header: `Key …` or `Bearer …`, in any case.

        Raises `Unauthenticated`, or `Forbidden` for an admin key.
        """
        principal = await self._principal(authorization)
        if principal.mode == "admin":
            message = "an admin key works on /admin/v1 only"
            raise Forbidden(message)
        return principal

    async def admin(self, authorization: bytes | None) -> Principal:
        """The same for the admin API, which takes admin keys only."""
        principal = await self._principal(authorization)
        if principal.mode != "admin":
            message = "this route takes an admin key (rg_admin_…)"
            raise Forbidden(message)
        return principal

    async def _principal(self, authorization: bytes | None) -> Principal:
        if not authorization:
            raise Unauthenticated("Authentication is required: send `Authorization: Key …`", why="missing")
        known = self._known.get(authorization)
        now_s = self._clock.monotonic_s()
        if known is not None and known[1] > now_s:
            return known[0]
        principal = await self._look_up(authorization)
        if len(self._known) >= _CACHED:
            self._known.clear()
        self._known[authorization] = (principal, now_s + _TRUST_S)
        return principal

    async def _look_up(self, authorization: bytes) -> Principal:
        scheme, _, text = authorization.decode("latin-1").partition(" ")
        text = text.strip()
        if scheme.lower() not in {"key", "bearer"} or not plausible(text):
            raise Unauthenticated("invalid key credentials")
        key = await self._store.key_by_mac(mac_of(text, self._pepper))
        if key is None or key.revoked_at is not None:
            raise Unauthenticated("invalid key credentials")
        return Principal(key.account, key.id, key.mode)


class Accounts:
    """What the owner does with accounts and keys."""

    def __init__(self, store: Store, pepper: bytes, clock: Clock) -> None:
        self._store, self._pepper, self._clock = store, pepper, clock

    async def create(self, name: str) -> Account:
        """A new account with a balance of 0. Its name is its id: lower-case letters, digits, and . _ - inside."""
        if not _NAME.fullmatch(name):
            raise InvalidInput([Fault(path=("name",), message="1 to 63 of a-z, 0-9, '.', '_' and '-', beginning with a letter or digit")])
        account = Account(id=name, name=name, created_at=self._clock.now())
        if not await self._store.add_account(account):
            message = f"there is an account named {name} already"
            raise Conflict(message)
        return account

    async def create_key(self, account: str, name: str, mode: str) -> tuple[Key, Secret]:
        """A new key of an account; the secret exists in this answer only."""
        if await self._store.account(account) is None:
            message = f"there is no account named {account}"
            raise NotFound(message)
        if not name.strip() or len(name) > 100 or not name.isprintable():  # noqa: PLR2004 -- a label for people
            raise InvalidInput([Fault(path=("name",), message="1 to 100 printable characters")])
        secret = new_secret(mode)
        key = Key(
            id=f"key_{secrets.token_hex(8)}",
            account=account,
            name=name,
            mode=mode,
            mac=mac_of(secret.text, self._pepper),
            prefix=secret.prefix,
            last4=secret.last4,
            created_at=self._clock.now(),
        )
        await self._store.add_key(key)
        return key, secret

    async def works(self, text: str) -> bool:
        """Whether this is a key that the store has and that was not revoked."""
        key = await self._store.key_by_mac(mac_of(text, self._pepper))
        return key is not None and key.revoked_at is None

    async def found_owner(self, credit: Money) -> None:
        """The first account, with something to try out prices with; does nothing if it is there."""
        if await self._store.account(OWNER) is not None:
            return
        now = self._clock.now()
        await self._store.add_account(Account(id=OWNER, name=OWNER, created_at=now))
        if credit.micros:
            await self._store.credit(OWNER, credit, "demo credit", now)
