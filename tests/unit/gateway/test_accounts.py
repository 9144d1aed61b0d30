"""Accounts and keys over a real store."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest

from reelgate.contracts.account import Account
from reelgate.contracts.store import Store, StoreDriver
from reelgate.discovery import load_leaves
from reelgate.domain.errors import Conflict, Forbidden, InvalidInput, NotFound, Unauthenticated
from reelgate.domain.money import Money
from reelgate.gateway.accounts import OWNER, Accounts, Keyring
from reelgate.gateway.pair import NO_KEY, Pair, mac_of_pair
from reelgate.gateway.secret import mac_of
from reelgate.gateway.vault import CannotUnseal, Vault
from tests.clock import FakeClock
from tests.story import make_key

PEPPER = b"a pepper for tests"
VAULT = Vault(bytes(32))


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = await load_leaves("reelgate.storage", "STORE", StoreDriver)["memory"].open(tmp_path, "")
    yield opened
    await opened.close()


@pytest.fixture
async def accounts(store: Store, clock: FakeClock) -> Accounts:
    made = Accounts(store, PEPPER, clock, vault=VAULT)
    await made.found_owner(Money.dollars("10"))
    return made


@pytest.fixture
def keyring(store: Store, clock: FakeClock) -> Keyring:
    return Keyring(store, PEPPER, clock, vault=VAULT)


def signed(pair: Pair, clock: FakeClock, **claims: Any) -> bytes:
    """A header with a token as Kling's clients sign it now."""
    now_s = int(clock.now().timestamp())
    told = {"iss": pair.access_key, "exp": now_s + 1800, "nbf": now_s - 5, **claims}
    return f"Bearer {jwt.encode(told, pair.secret_key, algorithm='HS256')}".encode()


@pytest.mark.parametrize("scheme", ["Key", "Bearer", "key", "BEARER"])
async def test_a_key_opens_under_both_schemes_in_any_case(accounts: Accounts, keyring: Keyring, scheme: str) -> None:
    _, secret = await accounts.create_key(OWNER, "laptop", "live")
    principal = await keyring.caller(f"{scheme} {secret.text}".encode())
    assert principal.account == OWNER
    assert not principal.test


async def test_a_key_opens_without_any_scheme(accounts: Accounts, keyring: Keyring) -> None:
    key, secret = await accounts.create_key(OWNER, "laptop", "live")
    assert (await keyring.caller(secret.text.encode())).key_id == key.id


@pytest.mark.parametrize(
    "header",
    [
        b"Key wrong",
        b"Basic abc",
        b"Key",
        b"Key rg_live_x",
        b"\xff\xfe",
        b"Bearer \xc3\xa9",
        b"wrong",
        b"Bearer a.b.c",
        b"a.b.c",
        b"Key ..",
        b"Basic a.b.c",
    ],
)
async def test_what_is_no_key_is_refused_alike(accounts: Accounts, keyring: Keyring, header: bytes) -> None:
    del accounts
    with pytest.raises(Unauthenticated) as refused:
        await keyring.caller(header)
    assert refused.value.why == "invalid"
    assert refused.value.message == "invalid key credentials"


@pytest.mark.parametrize("header", [None, b"", b"  "])
async def test_no_header_at_all_is_told_apart(accounts: Accounts, keyring: Keyring, header: bytes | None) -> None:
    del accounts
    with pytest.raises(Unauthenticated) as refused:
        await keyring.caller(header)
    assert refused.value.why == "missing"


async def test_ways_to_write_a_key_take_little_memory(accounts: Accounts, keyring: Keyring) -> None:
    _, secret = await accounts.create_key(OWNER, "laptop", "live")
    for spaces in range(1, 2_000):
        assert (await keyring.caller(b"Key" + b" " * spaces + secret.text.encode())).account == OWNER
    kept = sum(map(len, keyring._known))  # noqa: SLF001 -- no behaviour tells it
    assert 0 < kept < 256 * 256


async def test_a_very_long_header_works_and_is_not_remembered(keyring: Keyring, store: Store, clock: FakeClock) -> None:
    for length, remembered in ((251, True), (252, False)):  # with its scheme, 255 and 256
        text, name = "k" * length, str(length)
        await store.add_account(Account(id=name, name=name, created_at=clock.now()))
        await store.add_key(make_key(name, mac=mac_of(text, PEPPER)))
        assert (await keyring.caller(f"Key {text}".encode())).account == name
        assert await store.revoke_key(f"key-{name}-first", clock.now())
        if remembered:
            assert (await keyring.caller(f"Key {text}".encode())).account == name
        else:
            with pytest.raises(Unauthenticated):
                await keyring.caller(f"Key {text}".encode())


async def test_a_revoked_key_is_refused_within_a_second(accounts: Accounts, keyring: Keyring, store: Store, clock: FakeClock) -> None:
    key, secret = await accounts.create_key(OWNER, "laptop", "live")
    header = f"Key {secret.text}".encode()
    await keyring.caller(header)
    assert await store.revoke_key(key.id, clock.now())
    clock.tick(seconds=1)
    with pytest.raises(Unauthenticated):
        await keyring.caller(header)


async def test_the_signer_of_a_token_is_the_account_of_its_pair(accounts: Accounts, keyring: Keyring, clock: FakeClock) -> None:
    await accounts.create("alice")
    key, pair = await accounts.create_pair("alice", "studio", "test")
    for header in (signed(pair, clock), signed(pair, clock, exp=int(clock.now().timestamp()) + 60), signed(pair, clock)[len(b"Bearer ") :]):
        principal = await keyring.caller(header)
        assert (principal.account, principal.key_id, principal.mode) == ("alice", pair.access_key, "test")
        assert principal.test
    assert key.id == pair.access_key


async def test_neither_half_of_a_pair_is_a_key(accounts: Accounts, keyring: Keyring) -> None:
    _, pair = await accounts.create_pair(OWNER, "studio", "live")
    for text in (
        pair.access_key,
        pair.secret_key,
        f"pair:{pair.access_key}",
        f"pair:\0{pair.access_key}",
        f"{pair.access_key}:{pair.secret_key}",
    ):
        for header in (text, f"Key {text}", f"Bearer {text}"):
            with pytest.raises(Unauthenticated) as refused:
                await keyring.caller(header.encode())
            assert refused.value.message == NO_KEY
        assert not await accounts.works(text)


async def test_an_unknown_signer_and_a_wrong_signature_are_refused_alike(accounts: Accounts, keyring: Keyring, clock: FakeClock) -> None:
    _, pair = await accounts.create_pair(OWNER, "studio", "live")
    _, other = await accounts.create_pair(OWNER, "other", "live")
    stranger = Pair(access_key="ak_" + "0" * 32, secret_key=pair.secret_key)
    forged = Pair(access_key=pair.access_key, secret_key=other.secret_key)
    for signer in (stranger, forged):
        for claims in ({}, {"exp": 1}, {"nbf": int(clock.now().timestamp()) + 600}):
            with pytest.raises(Unauthenticated) as refused:
                await keyring.caller(signed(signer, clock, **claims))
            assert (refused.value.why, refused.value.message) == ("invalid", NO_KEY)


async def test_a_token_is_early_then_good_then_expired(accounts: Accounts, keyring: Keyring, clock: FakeClock) -> None:
    _, pair = await accounts.create_pair(OWNER, "studio", "live")
    now_s = int(clock.now().timestamp())
    header = signed(pair, clock, nbf=now_s + 60, exp=now_s + 120)
    with pytest.raises(Unauthenticated) as refused:
        await keyring.caller(header)
    assert refused.value.why == "early"
    clock.tick(seconds=149.9)
    assert (await keyring.caller(header)).account == OWNER
    clock.tick(seconds=0.1)  # what is remembered for a second does not make it last longer
    with pytest.raises(Unauthenticated) as refused:
        await keyring.caller(header)
    assert refused.value.why == "expired"


async def test_tokens_of_a_revoked_pair_are_refused_within_a_second(
    accounts: Accounts, keyring: Keyring, store: Store, clock: FakeClock
) -> None:
    _, pair = await accounts.create_pair(OWNER, "studio", "live")
    await keyring.caller(signed(pair, clock))
    assert await store.revoke_key(pair.access_key, clock.now())
    clock.tick(seconds=1)
    with pytest.raises(Unauthenticated) as refused:
        await keyring.caller(signed(pair, clock))
    assert refused.value.message == NO_KEY


async def test_a_token_opens_no_admin_route(accounts: Accounts, keyring: Keyring, clock: FakeClock) -> None:
    _, pair = await accounts.create_pair(OWNER, "studio", "live")
    with pytest.raises(Forbidden):
        await keyring.admin(signed(pair, clock))


async def test_the_secret_key_of_a_pair_is_kept_sealed_only(accounts: Accounts, store: Store) -> None:
    key, pair = await accounts.create_pair(OWNER, "studio", "live")
    (kept,) = [each for each in await store.keys() if each.id == key.id]
    assert kept.sealed is not None
    assert pair.secret_key not in repr(kept)
    assert pair.secret_key.encode() not in kept.sealed
    assert (kept.prefix, kept.last4) == (pair.access_key[:12], pair.access_key[-4:])


async def test_a_secret_key_that_was_put_into_another_pairs_row_opens_nothing(
    accounts: Accounts, keyring: Keyring, store: Store, clock: FakeClock
) -> None:
    await accounts.create("alice")
    stolen, pair = await accounts.create_pair(OWNER, "studio", "live")
    other = replace(stolen, id="ak_" + "0" * 32, account="alice", mac=mac_of_pair("ak_" + "0" * 32, PEPPER))
    await store.add_key(other)
    with pytest.raises(CannotUnseal):
        await keyring.caller(signed(Pair(access_key=other.id, secret_key=pair.secret_key), clock))
    with pytest.raises(CannotUnseal):
        await Keyring(store, PEPPER, clock, vault=Vault(b"\1" * 32)).caller(signed(pair, clock))


async def test_many_pairs_are_remembered_within_bounds(
    accounts: Accounts, keyring: Keyring, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reelgate.gateway.accounts._CACHED", 2)
    pairs = [(await accounts.create_pair(OWNER, "studio", "live"))[1] for _ in range(5)]
    for pair in pairs * 2:
        assert (await keyring.caller(signed(pair, clock))).key_id == pair.access_key


@pytest.mark.parametrize(
    ("account", "name", "mode", "error"),
    [("nobody", "x", "live", NotFound), (OWNER, " ", "live", InvalidInput), (OWNER, "x", "admin", InvalidInput)],
)
async def test_a_pair_that_cannot_be_is_refused(accounts: Accounts, account: str, name: str, mode: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        await accounts.create_pair(account, name, mode)


async def test_a_new_webhook_secret_signs_first_and_its_former_for_a_week_more(accounts: Accounts, clock: FakeClock) -> None:
    assert await accounts.webhook_secrets(OWNER) == []
    first = await accounts.new_webhook_secret(OWNER)
    assert first.startswith("whsec_")
    clock.tick(days=1)
    second = await accounts.new_webhook_secret(OWNER)
    assert await accounts.webhook_secrets(OWNER) == [second, first]
    clock.tick(days=6.9)
    assert await accounts.webhook_secrets(OWNER) == [second, first]
    clock.tick(days=0.1)
    assert await accounts.webhook_secrets(OWNER) == [second]


async def test_webhook_secrets_are_kept_sealed_and_apart(accounts: Accounts, store: Store, clock: FakeClock) -> None:
    await accounts.create("alice")
    secret = await accounts.new_webhook_secret("alice")
    (sealed,) = await store.webhook_secrets("alice", clock.now() + timedelta(seconds=1))
    assert secret.encode() not in sealed
    assert await accounts.webhook_secrets(OWNER) == []


async def test_nobody_has_no_webhook_secret(accounts: Accounts) -> None:
    with pytest.raises(NotFound):
        await accounts.new_webhook_secret("nobody")


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
