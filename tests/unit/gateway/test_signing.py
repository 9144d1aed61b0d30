"""The gateway's signing key: one, whoever asks first, and kept sealed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from reelgate.contracts.store import Store, StoreDriver
from reelgate.discovery import load_leaves
from reelgate.gateway.signing import signing_key
from reelgate.gateway.vault import CannotUnseal, Vault
from tests.clock import FakeClock

VAULT = Vault(bytes(32))


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = await load_leaves("reelgate.storage", "STORE", StoreDriver)["memory"].open(tmp_path, "")
    yield opened
    await opened.close()


async def test_the_key_is_made_once_and_stays(store: Store, clock: FakeClock) -> None:
    first = await signing_key(store, VAULT, clock)
    again = await signing_key(store, VAULT, clock)
    assert again.private_bytes_raw() == first.private_bytes_raw()


async def test_two_that_start_at_once_have_the_same_key(store: Store, clock: FakeClock) -> None:
    keys = await asyncio.gather(*(signing_key(store, VAULT, clock) for _ in range(5)))
    assert len({key.private_bytes_raw() for key in keys}) == 1


async def test_the_one_who_was_second_takes_the_key_of_the_first(store: Store, clock: FakeClock) -> None:
    first = await signing_key(store, VAULT, clock)
    kept = await store.keep_secret("webhook-ed25519", VAULT.seal(bytes(32), "webhook-ed25519"), clock.now())
    assert VAULT.open(kept, "webhook-ed25519") == first.private_bytes_raw()


async def test_the_key_is_not_in_the_store_as_it_is(store: Store, clock: FakeClock) -> None:
    key = await signing_key(store, VAULT, clock)
    kept = await store.secret("webhook-ed25519")
    assert kept is not None
    assert key.private_bytes_raw() not in kept


async def test_under_another_master_key_nothing_is_made_anew(store: Store, clock: FakeClock) -> None:
    await signing_key(store, VAULT, clock)
    with pytest.raises(CannotUnseal):
        await signing_key(store, Vault(bytes([1] * 32)), clock)
