"""Accounts and keys over a real store."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from reelgate.contracts.store import Store, StoreDriver
from reelgate.discovery import load_leaves
from reelgate.domain.errors import Conflict, Forbidden, InvalidInput, NotFound, Unauthenticated
from reelgate.domain.money import Money
from reelgate.gateway.accounts import OWNER, Accounts, Keyring
from tests.clock import FakeClock

PEPPER = b"a pepper for tests"


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = await load_leaves("reelgate.storage", "STORE", StoreDriver)["memory"].open(tmp_path, "")
    yield opened
    await opened.close()


@pytest.fixture
async def accounts(store: Store, clock: FakeClock) -> Accounts:
    made = Accounts(store, PEPPER, clock)
    await made.found_owner(Money.dollars("10"))
    return made


@pytest.fixture
def keyring(store: Store, clock: FakeClock) -> Keyring:
    return Keyring(store, PEPPER, clock)


@pytest.mark.parametrize("scheme", ["Key", "Bearer", "key", "BEARER"])
async def test_a_key_opens_under_both_schemes_in_any_case(accounts: Accounts, keyring: Keyring, scheme: str) -> None:
    _, secret = await accounts.create_key(OWNER, "laptop", "live")
    principal = await keyring.caller(f"{scheme} {secret.text}".encode())
    assert principal.account == OWNER
    assert not principal.test


@pytest.mark.parametrize("header", [b"Key wrong", b"Basic abc", b"Key", b"Key rg_live_x", b"\xff\xfe", b"Bearer \xc3\xa9"])
async def test_what_is_no_key_is_refused_alike(accounts: Accounts, keyring: Keyring, header: bytes) -> None:
    del accounts
    with pytest.raises(Unauthenticated) as refused:
        await keyring.caller(header)
    assert refused.value.why == "invalid"
    assert refused.value.message == "invalid key credentials"


async def test_no_header_at_all_is_told_apart(accounts: Accounts, keyring: Keyring) -> None:
    del accounts
    with pytest.raises(Unauthenticated) as refused:
        await keyring.caller(None)
    assert refused.value.why == "missing"


async def test_a_revoked_key_is_refused_within_a_second(accounts: Accounts, keyring: Keyring, store: Store, clock: FakeClock) -> None:
    key, secret = await accounts.create_key(OWNER, "laptop", "live")
    header = f"Key {secret.text}".encode()
    await keyring.caller(header)
    assert await store.revoke_key(key.id, clock.now())
    clock.tick(seconds=1)
    with pytest.raises(Unauthenticated):
        await keyring.caller(header)


async def test_admin_keys_and_callers_keys_do_not_mix(accounts: Accounts, keyring: Keyring) -> None:
    _, admin = await accounts.create_key(OWNER, "root", "admin")
    _, live = await accounts.create_key(OWNER, "laptop", "live")
    assert (await keyring.admin(f"Key {admin.text}".encode())).mode == "admin"
    with pytest.raises(Forbidden):
        await keyring.admin(f"Key {live.text}".encode())
    with pytest.raises(Forbidden):
        await keyring.caller(f"Key {admin.text}".encode())


async def test_a_test_key_says_so(accounts: Accounts, keyring: Keyring) -> None:
    _, secret = await accounts.create_key(OWNER, "ci", "test")
    assert (await keyring.caller(f"Key {secret.text}".encode())).test


@pytest.mark.parametrize("name", ["", "Alice", "a b", "../x", "-a", "a" * 64, "é"])
async def test_a_name_that_cannot_stand_in_a_path_is_refused(accounts: Accounts, name: str) -> None:
    with pytest.raises(InvalidInput):
        await accounts.create(name)


async def test_a_name_is_used_once(accounts: Accounts) -> None:
    await accounts.create("alice")
    with pytest.raises(Conflict):
        await accounts.create("alice")


async def test_a_key_belongs_to_an_account_that_exists(accounts: Accounts) -> None:
    with pytest.raises(NotFound):
        await accounts.create_key("nobody", "laptop", "live")


async def test_the_owner_is_founded_once(accounts: Accounts, store: Store) -> None:
    await accounts.found_owner(Money.dollars("10"))
    assert (await store.balance(OWNER)).available == Money.dollars("10")
