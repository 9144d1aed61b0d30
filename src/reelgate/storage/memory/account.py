"""Accounts: who they are, what they show, and what is sealed for them and for the gateway."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from reelgate.contracts.account import Account, Key
from reelgate.contracts.audit import Deed
from reelgate.domain.money import Money
from reelgate.storage._rule import check_time_zone, to_the_ms, whole_ms
from reelgate.storage.memory.price import Prices
from reelgate.storage.memory.shelf import WebhookSecret


class Accounts(Prices):
    """Verbs for accounts, keys and secrets."""

    async def add_account(self, account: Account, deed: Deed) -> bool:
        self._check_open()
        check_time_zone(account.time_zone)
        self._check_book(account.book)
        if account.id in self.shelf.accounts:
            return False
        line = self._next_line(deed)
        self.shelf.accounts[account.id] = to_the_ms(account)
        self.shelf.ledger.open_account(account.id)
        self.shelf.audit.append(line)
        return True

    async def change_account(self, account: Account, deed: Deed) -> bool:
        self._check_open()
        check_time_zone(account.time_zone)
        self._check_book(account.book)
        former = self.shelf.accounts.get(account.id)
        if former is None:
            return False
        line = self._next_line(deed)
        self.shelf.accounts[account.id] = replace(account, created_at=former.created_at)
        self.shelf.audit.append(line)
        return True

    async def accounts(self) -> list[Account]:
        return sorted(self.shelf.accounts.values(), key=lambda account: (account.created_at, account.id))

    async def account(self, account_id: str) -> Account | None:
        return self.shelf.accounts.get(account_id)

    async def add_key(self, key: Key, deed: Deed) -> bool:
        self._check_account(key.account)
        return not self._is_kept(key) and self._keep(key, deed)

    async def change_key(self, key: Key, deed: Deed) -> bool:
        self._check_open()
        former = self.shelf.keys.get(key.id)
        if former is None or former.account != key.account:
            return False
        line = self._next_line(deed)
        named = replace(former, name=key.name, scopes=key.scopes, networks=key.networks)
        changed = replace(named, limits=key.limits, spend_limit=key.spend_limit, expires_at=key.expires_at)
        self.shelf.keys[key.id] = to_the_ms(changed)
        self.shelf.audit.append(line)
        return True

    async def rotate_key(self, former: str, key: Key, former_until: datetime, deed: Deed) -> bool:
        self._check_open()
        before = self.shelf.keys.get(former)
        if before is None or before.account != key.account or not before.works(whole_ms(deed.at)) or self._is_kept(key):
            return False
        self._keep(key, deed)
        until = whole_ms(former_until)
        self.shelf.keys[former] = replace(before, expires_at=min(before.expires_at or until, until))
        return True

    async def key_by_mac(self, mac: bytes) -> Key | None:
        return next((key for key in self.shelf.keys.values() if key.mac == mac), None)

    async def key(self, key_id: str) -> Key | None:
        return self.shelf.keys.get(key_id)

    async def keys(self, account: str | None = None) -> list[Key]:
        found = [key for key in self.shelf.keys.values() if account in (None, key.account)]
        return sorted(found, key=lambda key: (key.created_at, key.id))

    async def revoke_key(self, key_id: str, at: datetime, deed: Deed) -> bool:
        self._check_open()
        key = self.shelf.keys.get(key_id)
        if key is not None and key.revoked_at is None:
            line = self._next_line(deed)
            self.shelf.keys[key_id] = replace(key, revoked_at=whole_ms(at))
            self.shelf.audit.append(line)
        return key is not None

    async def touch_keys(self, used: Mapping[str, datetime]) -> None:
        self._check_open()
        for key_id, at in used.items():
            key = self.shelf.keys.get(key_id)
            if key is not None and (key.last_used_at is None or key.last_used_at < whole_ms(at)):
                self.shelf.keys[key_id] = replace(key, last_used_at=whole_ms(at))

    async def spent(self, account: str, *, line: str | None = None, day: str | None = None) -> Money:
        return Money(self.shelf.ledger.spent(account, line, day))

    async def secret(self, name: str) -> bytes | None:
        return self.shelf.secrets.get(name)

    async def keep_secret(self, name: str, sealed: bytes, at: datetime) -> bytes:
        self._check_open()
        return self.shelf.secrets.setdefault(name, sealed)

    async def add_webhook_secret(self, account: str, sealed: bytes, *, at: datetime, former_until: datetime, deed: Deed) -> None:
        self._check_account(account)
        line = self._next_line(deed)
        until = whole_ms(former_until)
        former = [
            WebhookSecret(each.sealed, min(each.retires_at or until, until))
            for each in self.shelf.webhook_secrets.get(account, ())
            if each.signs(at)
        ]
        self.shelf.webhook_secrets[account] = [*former, WebhookSecret(sealed, None)]
        self.shelf.audit.append(line)

    async def webhook_secrets(self, account: str, now: datetime) -> list[bytes]:
        return [each.sealed for each in reversed(self.shelf.webhook_secrets.get(account, ())) if each.signs(now)]

    def _is_kept(self, key: Key) -> bool:
        return key.id in self.shelf.keys or any(each.mac == key.mac for each in self.shelf.keys.values())

    def _keep(self, key: Key, deed: Deed) -> bool:
        line = self._next_line(deed)
        self.shelf.keys[key.id] = to_the_ms(key)
        self.shelf.audit.append(line)
        return True
