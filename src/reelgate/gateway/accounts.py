"""Accounts and their keys."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import timedelta

from reelgate.contracts.account import Account, Key
from reelgate.contracts.store import Store
from reelgate.domain.clock import Clock
from reelgate.domain.errors import Conflict, Fault, Forbidden, InvalidInput, NotFound, Unauthenticated
from reelgate.domain.money import Money
from reelgate.gateway.pair import NO_KEY, Pair, check_token, is_token, mac_of_pair, new_pair, purpose_of_pair, signer_of
from reelgate.gateway.secret import PREFIX_LENGTH, Secret, mac_of, new_secret, new_webhook_secret, plausible
from reelgate.gateway.vault import Vault

OWNER = "owner"
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")
_TRUST_S = 1.0  # a revoked key is refused within this time, in every process
_CACHED = 10_000
_CACHED_LENGTH = 256  # a longer key works, and is looked up each time
_MODES_OF_PAIR = ("live", "test")
_FORMER_SECRET = timedelta(days=7)
_SEALED_FOR_WEBHOOKS = "webhook-secret"


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


@dataclass(frozen=True, slots=True)
class _Signer:
    """Whose tokens are checked with which secret, and until when that needs no new look."""

    principal: Principal
    secret_key: str
    until_s: float


class Keyring:
    """Tells who a caller is."""

    def __init__(self, store: Store, pepper: bytes, clock: Clock, *, vault: Vault) -> None:
        self._store, self._pepper, self._clock, self._vault = store, pepper, clock, vault
        self._known: dict[bytes, tuple[Principal, float]] = {}  # by the header as it came: asked with every status
        self._signers: dict[str, _Signer] = {}

    async def caller(self, authorization: bytes | None) -> Principal:
        """The caller behind an `Authorization` header: a key or a signed token, after `Key` or `Bearer` in any case or bare.

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
        now_s = self._clock.monotonic_s()
        known = self._known.get(authorization or b"")
        if known is not None and known[1] > now_s:
            return known[0]
        if not authorization or authorization.isspace():
            raise Unauthenticated("Authentication is required: send `Authorization: Key …`", why="missing")
        text = _shown(authorization)
        if is_token(text):
            return await self._signed(text, now_s)
        principal = await self._look_up(text)
        if len(authorization) < _CACHED_LENGTH:
            if len(self._known) >= _CACHED:
                self._known.clear()
            self._known[authorization] = (principal, now_s + _TRUST_S)
        return principal

    async def _look_up(self, text: str) -> Principal:
        if not plausible(text):
            raise Unauthenticated(NO_KEY)
        key = await self._store.key_by_mac(mac_of(text, self._pepper))
        if key is None or key.revoked_at is not None or key.sealed is not None:
            raise Unauthenticated(NO_KEY)
        return Principal(key.account, key.id, key.mode)

    async def _signed(self, token: str, now_s: float) -> Principal:
        """Every token is checked anew, since clients sign one for each request; what is remembered is the pair."""
        access_key = signer_of(token)
        signer = self._signers.get(access_key)
        if signer is None or signer.until_s <= now_s:
            signer = await self._look_up_pair(access_key, now_s + _TRUST_S)
        check_token(token, signer.secret_key, self._clock.now())
        return signer.principal

    async def _look_up_pair(self, access_key: str, until_s: float) -> _Signer:
        self._signers.pop(access_key, None)
        key = await self._store.key_by_mac(mac_of_pair(access_key, self._pepper))
        if key is None or key.revoked_at is not None or key.sealed is None:
            raise Unauthenticated(NO_KEY)
        secret_key = self._vault.open(key.sealed, purpose_of_pair(access_key)).decode()
        if len(self._signers) >= _CACHED:
            self._signers.clear()
        signer = self._signers[access_key] = _Signer(Principal(key.account, key.id, key.mode), secret_key, until_s)
        return signer


class Accounts:
    """What the owner does with accounts, their keys and their secrets."""

    def __init__(self, store: Store, pepper: bytes, clock: Clock, *, vault: Vault) -> None:
        self._store, self._pepper, self._clock, self._vault = store, pepper, clock, vault

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
        await self._check(account, name)
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

    async def create_pair(self, account: str, name: str, mode: str) -> tuple[Key, Pair]:
        """A new pair of an account, for clients that sign tokens; its secret key is kept sealed, and shown in this answer only."""
        await self._check(account, name)
        if mode not in _MODES_OF_PAIR:
            raise InvalidInput([Fault(path=("mode",), message=f"a pair is one of {', '.join(_MODES_OF_PAIR)}", kind="one_of")])
        pair = new_pair()
        key = Key(
            id=pair.access_key,
            account=account,
            name=name,
            mode=mode,
            mac=mac_of_pair(pair.access_key, self._pepper),
            prefix=pair.access_key[:PREFIX_LENGTH],
            last4=pair.access_key[-4:],
            created_at=self._clock.now(),
            sealed=self._vault.seal(pair.secret_key.encode(), purpose_of_pair(pair.access_key)),
        )
        await self._store.add_key(key)
        return key, pair

    async def new_webhook_secret(self, account: str) -> str:
        """Sign the account's webhooks with a new secret, shown in this answer only, and for 7 days with the former ones too."""
        await self._check_account(account)
        secret, now = new_webhook_secret(), self._clock.now()
        sealed = self._vault.seal(secret.encode(), _SEALED_FOR_WEBHOOKS)
        await self._store.add_webhook_secret(account, sealed, at=now, former_until=now + _FORMER_SECRET)
        return secret

    async def webhook_secrets(self, account: str) -> list[str]:
        """The secrets that the account's webhooks are signed with now, newest first; empty if it has none."""
        sealed = await self._store.webhook_secrets(account, self._clock.now())
        return [self._vault.open(each, _SEALED_FOR_WEBHOOKS).decode() for each in sealed]

    async def works(self, text: str) -> bool:
        """Whether this is a key that the store has and that was not revoked."""
        key = await self._store.key_by_mac(mac_of(text, self._pepper))
        return key is not None and key.revoked_at is None and key.sealed is None

    async def found_owner(self, credit: Money) -> None:
        """The first account, with something to try out prices with; does nothing if it is there."""
        if await self._store.account(OWNER) is not None:
            return
        now = self._clock.now()
        await self._store.add_account(Account(id=OWNER, name=OWNER, created_at=now))
        if credit.micros:
            await self._store.credit(OWNER, credit, "demo credit", now)

    async def _check(self, account: str, name: str) -> None:
        """Whether a key of this name can be made for this account."""
        await self._check_account(account)
        if not name.strip() or len(name) > 100 or not name.isprintable():  # noqa: PLR2004 -- a label for people
            raise InvalidInput([Fault(path=("name",), message="1 to 100 printable characters")])

    async def _check_account(self, account: str) -> None:
        if await self._store.account(account) is None:
            message = f"there is no account named {account}"
            raise NotFound(message)


def _shown(authorization: bytes) -> str:
    """The key or token in a header; "" if it comes under a scheme that is not ours."""
    text = authorization.decode("latin-1").strip()
    scheme, space, rest = text.partition(" ")
    if not space:
        return text
    return rest.strip() if scheme.lower() in {"key", "bearer"} else ""
