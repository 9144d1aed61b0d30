"""Accounts, their keys, and what is sealed for them and for the gateway."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import orjson

from reelgate.contracts.account import Account, Key, Limits
from reelgate.contracts.audit import Deed
from reelgate.domain.clock import from_ms, in_ms
from reelgate.domain.errors import NotFound
from reelgate.domain.money import Money
from reelgate.storage._rule import NO_ACCOUNT, check_time_zone
from reelgate.storage.sqlite.audit import write_deed
from reelgate.storage.sqlite.connection import Row, Transaction, Value
from reelgate.storage.sqlite.price import check_book
from reelgate.storage.sqlite.query import QUERIES
from reelgate.storage.sqlite.room import Room
from reelgate.storage.sqlite.rows import dump, instant_or_none, ms_or_none
from reelgate.storage.sqlite.secret import add_webhook_secret, keep_secret
from reelgate.storage.sqlite.writer import Unit

_ACCOUNT = QUERIES["account"]
_KEY_BY_MAC = QUERIES["key_by_mac"]


def add_key(key: Key, deed: Deed) -> Unit[bool]:
    """Keep a key, unless one of its id or its HMAC is kept."""
    row = _write_key(key)

    def unit(write: Transaction) -> bool:
        if write.row(_ACCOUNT, (key.account,)) is None:
            raise NotFound(NO_ACCOUNT)
        if write.run(QUERIES["insert_key"], row) == 0:
            return False
        write_deed(write, deed)
        return True

    return unit


def rotate_key(former: str, key: Key, former_until: datetime, deed: Deed) -> Unit[bool]:
    """Keep a key, and let the one before it end."""
    row = _write_key(key)
    end = {"until": in_ms(former_until), "now": in_ms(deed.at), "id": former, "account": key.account}

    def unit(write: Transaction) -> bool:
        known = write.row(QUERIES["key"], (key.id,)) or write.row(_KEY_BY_MAC, (key.mac,))
        if known is not None or write.run(QUERIES["end_former_key"], end) == 0:
            return False
        write.run(QUERIES["insert_key"], row)
        write_deed(write, deed)
        return True

    return unit


class Accounts(Room):
    """Verbs for accounts, keys and secrets."""

    async def add_account(self, account: Account, deed: Deed) -> bool:
        check_time_zone(account.time_zone)
        facts = (account.id, account.name, in_ms(account.created_at), account.book, account.currency, account.time_zone)
        row = (*facts, *_write_limits(account.limits).values())

        def unit(write: Transaction) -> bool:
            check_book(write, account.book)
            if write.run(QUERIES["insert_account"], row) == 0:
                return False
            write.run(QUERIES["insert_balance"], (account.id,))
            write_deed(write, deed)
            return True

        return await self.writer.run(unit)

    async def change_account(self, account: Account, deed: Deed) -> bool:
        check_time_zone(account.time_zone)
        facts = {"name": account.name, "book": account.book, "currency": account.currency, "time_zone": account.time_zone}

        def unit(write: Transaction) -> bool:
            check_book(write, account.book)
            if write.run(QUERIES["update_account"], {**facts, **_write_limits(account.limits), "id": account.id}) == 0:
                return False
            write_deed(write, deed)
            return True

        return await self.writer.run(unit)

    async def accounts(self) -> list[Account]:
        return await self._report(lambda read: [_read_account(row) for row in read.rows(QUERIES["accounts"])])

    async def account(self, account_id: str) -> Account | None:
        row = self._near.row(_ACCOUNT, (account_id,))
        return None if row is None else _read_account(row)

    async def add_key(self, key: Key, deed: Deed) -> bool:
        return await self.writer.run(add_key(key, deed))

    async def change_key(self, key: Key, deed: Deed) -> bool:
        facts = {**_write_bounds(key), "name": key.name, "id": key.id, "account": key.account}

        def unit(write: Transaction) -> bool:
            if write.run(QUERIES["update_key"], facts) == 0:
                return False
            write_deed(write, deed)
            return True

        return await self.writer.run(unit)

    async def rotate_key(self, former: str, key: Key, former_until: datetime, deed: Deed) -> bool:
        return await self.writer.run(rotate_key(former, key, former_until, deed))

    async def key_by_mac(self, mac: bytes) -> Key | None:
        row = self._near.row(_KEY_BY_MAC, (mac,))
        return None if row is None else _read_key(row)

    async def key(self, key_id: str) -> Key | None:
        row = self._near.row(QUERIES["key"], (key_id,))
        return None if row is None else _read_key(row)

    async def keys(self, account: str | None = None) -> list[Key]:
        return await self._report(lambda read: [_read_key(row) for row in read.rows(QUERIES["keys"], {"account": account})])

    async def revoke_key(self, key_id: str, at: datetime, deed: Deed) -> bool:
        def unit(write: Transaction) -> bool:
            if write.run(QUERIES["revoke_key"], (in_ms(at), key_id)) == 0:
                return write.row(QUERIES["key"], (key_id,)) is not None
            write_deed(write, deed)
            return True

        return await self.writer.run(unit)

    async def touch_keys(self, used: Mapping[str, datetime]) -> None:
        if used:
            written = dump({key_id: in_ms(at) for key_id, at in used.items()})
            await self.writer.run(lambda write: write.run(QUERIES["touch_keys"], (written,)))

    async def spent(self, account: str, *, line: str | None = None, day: str | None = None) -> Money:
        which = {"account": account, "line": line, "day": day}
        ((micros,),) = await self._report(lambda read: read.rows(QUERIES["spent"], which))
        return Money(micros)

    async def secret(self, name: str) -> bytes | None:
        row = self._near.row(QUERIES["secret"], (name,))
        return None if row is None else row[0]

    async def keep_secret(self, name: str, sealed: bytes, at: datetime) -> bytes:
        return await self.writer.run(keep_secret(name, sealed, at))

    async def add_webhook_secret(self, account: str, sealed: bytes, *, at: datetime, former_until: datetime, deed: Deed) -> None:
        await self.writer.run(add_webhook_secret(account, sealed, at, former_until, deed))

    async def webhook_secrets(self, account: str, now: datetime) -> list[bytes]:
        return [sealed for (sealed,) in self._near.rows(QUERIES["webhook_secrets"], (account, in_ms(now)))]


def _write_limits(limits: Limits) -> dict[str, Value]:
    return {
        "per_second": limits.per_second,
        "concurrency": limits.concurrency,
        "daily_spend": _micros_or_none(limits.daily_spend),
        "models": _write_names(limits.models),
    }


def _write_bounds(key: Key) -> dict[str, Value]:
    """What a key may, in the order in which `insert_key` takes it."""
    return {
        "scopes": " ".join(sorted(key.scopes)),
        **_write_limits(key.limits),
        "spend_limit": _micros_or_none(key.spend_limit),
        "expires_at": ms_or_none(key.expires_at),
        "networks": _write_names(key.networks),
    }


def _write_key(key: Key) -> tuple[Value, ...]:
    shown = (key.id, key.account, key.name, key.mode, key.mac, key.prefix, key.last4)
    kept = (in_ms(key.created_at), ms_or_none(key.revoked_at), key.sealed)
    return (*shown, *kept, *_write_bounds(key).values(), ms_or_none(key.last_used_at), key.origin, key.created_by)


def _read_account(row: Row) -> Account:
    account_id, name, created_at, book, currency, time_zone, *limits = row
    return Account(
        id=account_id,
        name=name,
        created_at=from_ms(created_at),
        book=book,
        currency=currency,
        time_zone=time_zone,
        limits=_read_limits(*limits),
    )


def _read_key(row: Row) -> Key:
    key_id, account, name, mode, mac, prefix, last4, created_at, revoked_at, sealed, scopes, *rest = row
    *limits, spend_limit, expires_at, networks, last_used_at, origin, created_by = rest
    return Key(
        id=key_id,
        account=account,
        name=name,
        mode=mode,
        mac=mac,
        prefix=prefix,
        last4=last4,
        created_at=from_ms(created_at),
        revoked_at=instant_or_none(revoked_at),
        sealed=sealed,
        scopes=frozenset(scopes.split()),
        limits=_read_limits(*limits),
        spend_limit=_money_or_none(spend_limit),
        expires_at=instant_or_none(expires_at),
        networks=_read_names(networks),
        last_used_at=instant_or_none(last_used_at),
        origin=origin,
        created_by=created_by,
    )


def _read_limits(per_second: int | None, concurrency: int | None, daily_spend: int | None, models: str | None) -> Limits:
    return Limits(per_second=per_second, concurrency=concurrency, daily_spend=_money_or_none(daily_spend), models=_read_names(models))


def _write_names(names: tuple[str, ...]) -> str | None:
    return dump(list(names)) if names else None


def _read_names(written: str | None) -> tuple[str, ...]:
    return () if written is None else tuple(orjson.loads(written))


def _micros_or_none(amount: Money | None) -> int | None:
    return None if amount is None else amount.micros


def _money_or_none(micros: int | None) -> Money | None:
    return None if micros is None else Money(micros)
