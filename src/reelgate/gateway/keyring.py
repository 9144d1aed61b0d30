"""The keyring: tells who a caller is, by the key or the signed token that a request shows and the address it comes from."""

from __future__ import annotations

import asyncio
import hmac
from dataclasses import dataclass
from datetime import datetime
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import TypeAlias

import structlog

from reelgate.contracts.account import LIST, NO_LIMITS, Key, Limits
from reelgate.contracts.store import Store
from reelgate.domain.clock import Clock
from reelgate.domain.errors import Forbidden, GatewayError, Unauthenticated
from reelgate.domain.money import Money
from reelgate.gateway.door import Doorplate, Scope, header, read_ip
from reelgate.gateway.gates import BadKeys
from reelgate.gateway.pair import NO_KEY, check_token, is_token, mac_of_pair, purpose_of_pair, signer_of
from reelgate.gateway.secret import LONGEST, mac_of, plausible
from reelgate.gateway.vault import Vault

Network: TypeAlias = IPv4Network | IPv6Network

_log = structlog.get_logger(__name__)
_FLUSH_EVERY_S = 60.0
_TRUST_S = 1.0  # a revoked key is refused within this time, in every process
_CACHED = 10_000
_CACHED_LENGTH = LONGEST + 8  # with its scheme; a longer header works, and is looked up each time


@dataclass(frozen=True, slots=True)
class Principal:
    """Who is calling, and what bounds them. `line` is under which id the key's spending counts."""

    account: str
    key_id: str
    mode: str
    writes: bool = True
    key_limits: Limits = NO_LIMITS
    account_limits: Limits = NO_LIMITS
    book: str = LIST
    currency: str = "USD"
    time_zone: str = "UTC"
    networks: tuple[Network, ...] = ()
    spend_limit: Money | None = None
    line: str = ""

    @property
    def test(self) -> bool:
        """Whether this caller's jobs cost nothing and only ever reach the preview engine, and are all that it sees."""
        return self.mode == "test"

    def may_use(self, endpoint_id: str) -> bool:
        """Whether both the key and the account may use this model."""
        return all(
            not models or any(endpoint_id.startswith(each[:-1]) if each.endswith("*") else endpoint_id == each for each in models)
            for models in (self.key_limits.models, self.account_limits.models)
        )


@dataclass(frozen=True, slots=True)
class _Signer:
    """Whose tokens are checked with which secret, and until when that needs no new look."""

    principal: Principal
    secret_key: str
    until_s: float

    def __repr__(self) -> str:
        return f"_Signer({self.principal.key_id})"


class Keyring:
    """Tells who a caller is.

    Who was found out is believed for a second, for the same key from the same address. Whatever is wrong with a key (it is
    unknown, was revoked, has expired, or comes from outside its networks) is answered alike.
    """

    def __init__(self, store: Store, pepper: bytes, clock: Clock, *, vault: Vault, doorplate: Doorplate) -> None:
        self._store, self._pepper, self._clock, self._vault, self._doorplate = store, pepper, clock, vault, doorplate
        self._known: dict[tuple[str, bytes], tuple[Principal, float]] = {}  # by the header as it came: asked with every status
        self._signers: dict[str, _Signer] = {}
        self._bad_keys = BadKeys(clock)
        self._used: dict[str, datetime] = {}

    async def caller(self, scope: Scope, *, write: bool = False) -> Principal:
        """The caller of a request: by a key or a signed token, after `Key` or `Bearer` in any case or bare.

        Raises `Unauthenticated`; `Forbidden` for an admin key, and for a key that may only read where it is to `write`; `Limited` if
        too many bad keys came from this address.
        """
        principal = self._remembered(scope) or await self._found(scope)
        if principal.mode == "admin":
            message = "an admin key works on /admin/v1 only"
            raise Forbidden(message)
        if write and not principal.writes:
            raise Forbidden(_ONLY_READS)
        return principal

    async def admin(self, scope: Scope, *, write: bool = False) -> Principal:
        """The same for the admin API, which takes admin keys only."""
        principal = self._remembered(scope) or await self._found(scope)
        if principal.mode != "admin":
            message = "this route takes an admin key (rg_admin_…)"
            raise Forbidden(message)
        if write and not principal.writes:
            raise Forbidden(_ONLY_READS)
        return principal

    async def holder(self, scope: Scope, account: str, key_id: str, *, write: bool = False) -> Principal:
        """Who stands behind a key of the account's that was shown before, when this request was allowed."""
        key = await self._store.key(key_id)
        if key is None or key.account != account:
            raise Unauthenticated(NO_KEY)
        principal = await self._admit(key)
        _check_network(principal, self._doorplate.client(scope))
        if write and not principal.writes:
            raise Forbidden(_ONLY_READS)
        self._note_use(principal)
        return principal

    async def keep_uses(self, every_s: float = _FLUSH_EVERY_S) -> None:
        """Write down now and then when keys were last used, until cancelled."""
        while True:
            await asyncio.sleep(every_s)
            await self.flush()

    async def flush(self) -> None:
        """Write down when keys were last used. What the store does not take is kept for the next time."""
        used, self._used = self._used, {}
        if not used:
            return
        try:
            await self._store.touch_keys(used)
        except GatewayError as error:
            self._used = used | self._used
            _log.warning("last_uses_not_kept", keys=len(used), why=error.message)

    # -- below them ---------------------------------------------------------------------------------------------------
    def _remembered(self, scope: Scope) -> Principal | None:
        for name, value in scope["headers"]:
            if name == b"authorization":
                known = self._known.get((self._doorplate.client(scope), value))
                return known[0] if known is not None and known[1] > self._clock.monotonic_s() else None
        return None

    async def _found(self, scope: Scope) -> Principal:
        authorization = header(scope, b"authorization")
        if not authorization or authorization.isspace():
            raise Unauthenticated("Authentication is required: send `Authorization: Key …`", why="missing")
        client, text = self._doorplate.client(scope), _text_of(authorization)
        mark = self._mark(text)
        self._bad_keys.check(client, mark)
        try:
            principal = await (self._signed(text, mark, client) if mark and is_token(text) else self._plain(mark, authorization, client))
        except Unauthenticated as error:
            if error.why == "invalid":
                self._bad_keys.wrong(client, mark)
            raise
        self._bad_keys.check(client, mark)  # the address may have been shut out meanwhile
        self._bad_keys.right(client, mark)
        self._note_use(principal)
        return principal

    def _mark(self, text: str) -> bytes:
        """By what a key or the signer of a token is known; nothing for what can be neither."""
        if not is_token(text):
            return mac_of(text, self._pepper) if plausible(text) else b""
        try:
            return signer_of(text).encode()
        except Unauthenticated:
            return b""

    async def _plain(self, mac: bytes, authorization: bytes, client: str) -> Principal:
        now_s = self._clock.monotonic_s()
        key = await self._store.key_by_mac(mac) if mac else None
        if key is None or not hmac.compare_digest(key.mac, mac) or key.sealed is not None:
            raise Unauthenticated(NO_KEY)
        principal = await self._admit(key)
        _check_network(principal, client)
        if len(authorization) < _CACHED_LENGTH:
            if len(self._known) >= _CACHED:
                self._known.clear()
            self._known[client, authorization] = (principal, now_s + self._trust_s(key))
        return principal

    async def _signed(self, token: str, mark: bytes, client: str) -> Principal:
        """Every token is checked anew, since clients sign one for each request; what is remembered is the pair."""
        access_key, now_s = mark.decode(), self._clock.monotonic_s()
        signer = self._signers.get(access_key)
        if signer is None or signer.until_s <= now_s:
            signer = await self._look_up_pair(access_key, now_s)
        check_token(token, signer.secret_key, self._clock.now())
        _check_network(signer.principal, client)
        return signer.principal

    async def _look_up_pair(self, access_key: str, now_s: float) -> _Signer:
        self._signers.pop(access_key, None)
        mac = mac_of_pair(access_key, self._pepper)
        key = await self._store.key_by_mac(mac)
        if key is None or not hmac.compare_digest(key.mac, mac) or key.sealed is None:
            raise Unauthenticated(NO_KEY)
        principal = await self._admit(key)
        secret_key = self._vault.open(key.sealed, purpose_of_pair(access_key)).decode()
        if len(self._signers) >= _CACHED:
            self._signers.clear()
        signer = self._signers[access_key] = _Signer(principal, secret_key, now_s + self._trust_s(key))
        return signer

    async def _admit(self, key: Key) -> Principal:
        """Whose key this is, if it works."""
        account = await self._store.account(key.account) if key.works(self._clock.now()) else None
        if account is None:
            raise Unauthenticated(NO_KEY)
        return Principal(
            account=account.id,
            key_id=key.id,
            mode=key.mode,
            writes="write" in key.scopes,
            key_limits=key.limits,
            account_limits=account.limits,
            book=account.book,
            currency=account.currency,
            time_zone=account.time_zone,
            networks=tuple(ip_network(each) for each in key.networks),
            spend_limit=key.spend_limit,
            line=key.line,
        )

    def _note_use(self, principal: Principal) -> None:
        self._used[principal.key_id] = self._clock.now().replace(second=0, microsecond=0)

    def _trust_s(self, key: Key) -> float:
        """For how long it is believed."""
        if key.expires_at is None:
            return _TRUST_S
        return min(_TRUST_S, (key.expires_at - self._clock.now()).total_seconds())


_ONLY_READS = "this key may only read: its scopes lack write"


def _check_network(principal: Principal, client: str) -> None:
    if not principal.networks:
        return
    address = read_ip(client)
    if address is None or not any(address in network for network in principal.networks):
        raise Unauthenticated(NO_KEY)


def _text_of(authorization: bytes) -> str:
    """The key or token in a header; "" if it comes under a scheme that is not ours."""
    text = authorization.decode("latin-1").strip()
    scheme, space, rest = text.partition(" ")
    if not space:
        return text
    return rest.strip() if scheme.lower() in {"key", "bearer"} else ""
