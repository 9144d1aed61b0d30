"""Accounts: who they are, what they show, what they have, and what is sealed for them and for the gateway."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from reelgate.contracts.account import Account, Balance, Key
from reelgate.domain.money import Money
from reelgate.storage._rule import to_the_ms, whole_ms
from reelgate.storage.memory.room import Room
from reelgate.storage.memory.shelf import WebhookSecret


class Accounts(Room):
    """Verbs for accounts, keys, money and secrets."""

    async def add_account(self, account: Account) -> bool:
        self._check_open()
        if account.id in self.shelf.accounts:
            return False
        self.shelf.accounts[account.id] = to_the_ms(account)
        self.shelf.ledger.open_account(account.id)
        return True

    async def accounts(self) -> list[Account]:
        return sorted(self.shelf.accounts.values(), key=lambda account: (account.created_at, account.id))

    async def account(self, account_id: str) -> Account | None:
        return self.shelf.accounts.get(account_id)

    async def add_key(self, key: Key) -> None:
        self._check_account(key.account)
        self.shelf.keys[key.id] = to_the_ms(key)

    async def key_by_mac(self, mac: bytes) -> Key | None:
        return next((key for key in self.shelf.keys.values() if key.mac == mac), None)

    async def keys(self, account: str | None = None) -> list[Key]:
        found = [key for key in self.shelf.keys.values() if account in (None, key.account)]
        return sorted(found, key=lambda key: (key.created_at, key.id))

    async def revoke_key(self, key_id: str, at: datetime) -> bool:
        self._check_open()
        key = self.shelf.keys.get(key_id)
        if key is not None and key.revoked_at is None:
            self.shelf.keys[key_id] = replace(key, revoked_at=whole_ms(at))
        return key is not None

    async def credit(self, account: str, amount: Money, reason: str, at: datetime) -> None:
        self._check_account(account)
        self.shelf.ledger.credit(account, amount, reason, whole_ms(at))

    async def balance(self, account: str) -> Balance:
        return self.shelf.ledger.balance(account)

    async def secret(self, name: str) -> bytes | None:
        return self.shelf.secrets.get(name)

    async def keep_secret(self, name: str, sealed: bytes, at: datetime) -> bytes:
        self._check_open()
        return self.shelf.secrets.setdefault(name, sealed)

    async def add_webhook_secret(self, account: str, sealed: bytes, *, at: datetime, former_until: datetime) -> None:
        self._check_account(account)
        until = whole_ms(former_until)
        former = [
            WebhookSecret(each.sealed, min(each.retires_at or until, until))
            for each in self.shelf.webhook_secrets.get(account, ())
            if each.signs(at)
        ]
        self.shelf.webhook_secrets[account] = [*former, WebhookSecret(sealed, None)]

    async def webhook_secrets(self, account: str, now: datetime) -> list[bytes]:
        return [each.sealed for each in reversed(self.shelf.webhook_secrets.get(account, ())) if each.signs(now)]
