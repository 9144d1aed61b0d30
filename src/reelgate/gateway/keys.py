"""Keys of accounts: made, taken over, paired, changed, rotated, revoked. The audit log tells of each, and of no secret."""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import timedelta

from reelgate.contracts.account import Key
from reelgate.contracts.audit import Deed
from reelgate.contracts.store import Store
from reelgate.domain.clock import Clock
from reelgate.domain.errors import Conflict, Fault, InvalidInput, NotFound
from reelgate.gateway.bounds import NO_BOUNDS, Bounds, changes, check_bounds, check_name, check_reason, told
from reelgate.gateway.pair import Pair, is_access_key, is_token, mac_of_pair, new_pair, purpose_of_pair
from reelgate.gateway.permit import PREFIX as OF_PERMITS
from reelgate.gateway.secret import MODES, PREFIX_LENGTH, Secret, mac_of, new_secret, read_secret
from reelgate.gateway.vault import Vault

OVERLAP = timedelta(days=1)
OVERLAP_MAX = timedelta(days=7)
_TOLD = ("name", "scopes", "limits", "spend_limit", "expires_at", "networks")


class Keys:
    """What admins do with keys.

    `actor` is the id of the admin key by which it is done, or "gateway"; `reason` may be empty. Each raises `InvalidInput` for
    what a key cannot have, and `NotFound` if there is no such account or key.
    """

    def __init__(self, store: Store, pepper: bytes, clock: Clock, vault: Vault) -> None:
        self._store, self._pepper, self._clock, self._vault = store, pepper, clock, vault

    async def create(
        self, account: str, name: str, mode: str, *, actor: str, reason: str = "", bounds: Bounds = NO_BOUNDS
    ) -> tuple[Key, Secret]:
        """A new key; the secret exists in this answer only."""
        draft = await self._draft(account, name, mode, actor, bounds)
        secret = new_secret(mode)
        return await self._add(self._made(draft, secret), "made", reason), secret

    async def take_over(
        self, account: str, name: str, mode: str, text: str, *, actor: str, reason: str = "", bounds: Bounds = NO_BOUNDS
    ) -> Key:
        """A key that a customer has already, unchanged: 24 to 512 visible ASCII characters. `Conflict` if it is a key here already."""
        draft = await self._draft(account, name, mode, actor, bounds)
        return await self._add(self._made(draft, _read(text, mode)), "taken over", reason)

    async def create_pair(
        self, account: str, name: str, mode: str, *, actor: str, reason: str = "", bounds: Bounds = NO_BOUNDS
    ) -> tuple[Key, Pair]:
        """A new pair, for clients that sign tokens; its secret key is kept sealed, and shown in this answer only."""
        if mode == "admin":
            raise InvalidInput([Fault(path=("mode",), message="a pair is one of live, test", kind="one_of")])
        draft = await self._draft(account, name, mode, actor, bounds)
        pair = new_pair()
        return await self._add(self._paired(draft, pair), "pair", reason), pair

    async def change(self, key_id: str, *, actor: str, reason: str = "", name: str | None = None, bounds: Bounds | None = None) -> Key:
        """Give a key that works another name or other bounds; it is as it is now. `Conflict` if it has ended."""
        check_reason(reason)
        former, now = await self._working(key_id), self._clock.now()
        key = former
        if name is not None:
            check_name(name)
            key = replace(key, name=name)
        if bounds is not None and bounds != Bounds.of(former):
            check_bounds(bounds, now)
            key = _bounded(key, bounds)
        detail = changes(told(former, *_TOLD), told(key, *_TOLD))
        if detail and not await self._store.change_key(
            key, Deed(actor=actor, action="key.change", subject=key_id, at=now, reason=reason, detail=detail)
        ):
            raise NotFound(_NO_KEY)
        return key

    async def rotate(self, key_id: str, overlap: timedelta = OVERLAP, *, actor: str, reason: str = "") -> tuple[Key, Secret | Pair]:
        """A new key, or pair, with all that the former one has and may; the former one ends after the overlap, of 7 days at the most.

        What a line of keys has spent counts for the new one too. `Conflict` if the former one has ended.
        """
        check_reason(reason)
        if not timedelta() <= overlap <= OVERLAP_MAX:
            raise InvalidInput([Fault(path=("overlap",), message="0 to 7 days")])
        former, now = await self._working(key_id), self._clock.now()
        draft = replace(former, created_at=now, created_by=actor, origin=former.line, last_used_at=None)
        if former.sealed is None:
            secret: Secret | Pair = new_secret(former.mode)
            key = self._made(draft, secret)
        else:
            secret = new_pair()
            key = self._paired(draft, secret)
        until = now + overlap
        detail = {"new": key.id, "former_until": until.isoformat(timespec="milliseconds")}
        if not await self._store.rotate_key(
            former.id, key, until, Deed(actor=actor, action="key.rotate", subject=former.id, at=now, reason=reason, detail=detail)
        ):
            raise Conflict(_ENDED)
        return key, secret

    async def revoke(self, key_id: str, *, actor: str, reason: str = "") -> None:
        """Refuse this key from now on, within a second in every process."""
        check_reason(reason)
        now = self._clock.now()
        if not await self._store.revoke_key(key_id, now, Deed(actor=actor, action="key.revoke", subject=key_id, at=now, reason=reason)):
            raise NotFound(_NO_KEY)

    async def works(self, text: str) -> bool:
        """Whether this is a key that the store has and that has not ended."""
        key = await self._store.key_by_mac(mac_of(text, self._pepper))
        return key is not None and key.works(self._clock.now()) and key.sealed is None

    async def sells(self, text: str) -> bool:
        """Whether this is a live key of ours, or the access key of such a pair: whoever asks with it is sold videos."""
        found = [await self._store.key_by_mac(mac) for mac in (mac_of(text, self._pepper), mac_of_pair(text, self._pepper))]
        return any(key is not None and key.mode == "live" for key in found)

    # -- below them ---------------------------------------------------------------------------------------------------
    async def _draft(self, account: str, name: str, mode: str, actor: str, bounds: Bounds) -> Key:
        """A key without a secret, if the account is there and it may be so."""
        now = self._clock.now()
        if await self._store.account(account) is None:
            message = "there is no such account"
            raise NotFound(message)
        check_name(name)
        if mode not in MODES:
            raise InvalidInput([Fault(path=("mode",), message=f"one of {', '.join(MODES)}", kind="one_of")])
        check_bounds(bounds, now)
        draft = Key(id="", account=account, name=name, mode=mode, mac=b"", prefix="", last4="", created_at=now, created_by=actor)
        return _bounded(draft, bounds)

    def _made(self, draft: Key, secret: Secret) -> Key:
        id = f"key_{secrets.token_hex(8)}"
        return replace(draft, id=id, mac=mac_of(secret.text, self._pepper), prefix=secret.prefix, last4=secret.last4)

    def _paired(self, draft: Key, pair: Pair) -> Key:
        id = pair.access_key
        sealed = self._vault.seal(pair.secret_key.encode(), purpose_of_pair(id))
        return replace(draft, id=id, mac=mac_of_pair(id, self._pepper), prefix=id[:PREFIX_LENGTH], last4=id[-4:], sealed=sealed)

    async def _add(self, key: Key, form: str, reason: str) -> Key:
        check_reason(reason)
        detail = {"account": key.account, "mode": key.mode, "form": form, **told(key, *_TOLD)}
        deed = Deed(actor=key.created_by, action="key.create", subject=key.id, at=key.created_at, reason=reason, detail=detail)
        if not await self._store.add_key(key, deed):
            raise Conflict("this secret is in use as a key already; each key has a secret of its own")
        return key

    async def _working(self, key_id: str) -> Key:
        key = await self._store.key(key_id)
        if key is None:
            raise NotFound(_NO_KEY)
        if not key.works(self._clock.now()):
            raise Conflict(_ENDED)
        return key


_NO_KEY = "there is no such key"
_ENDED = "this key was revoked or has expired; make a new one"


def _read(text: str, mode: str) -> Secret:
    try:
        secret = read_secret(text, mode)
    except ValueError as error:
        raise InvalidInput([Fault(path=("secret",), message=str(error))]) from None
    for taken_for_it, message in (
        (is_token(text), "this has the form of a signed token, three parts with a dot between them, and would be read as one"),
        (text.startswith(OF_PERMITS), "this has the form of a token for uploads, and would be read as one"),
        (is_access_key(text), "this has the form of an access key, which is no secret"),
    ):
        if taken_for_it:
            raise InvalidInput([Fault(path=("secret",), message=message)])
    return secret


def _bounded(key: Key, bounds: Bounds) -> Key:
    return replace(
        key,
        scopes=bounds.scopes,
        limits=bounds.limits,
        spend_limit=bounds.spend_limit,
        expires_at=bounds.expires_at,
        networks=bounds.networks,
    )
