"""Every store's secrets: the gateway's own, and those that webhooks are signed with."""

from __future__ import annotations

import asyncio

import pytest

from reelgate.contracts.store import Store
from reelgate.domain.errors import NotFound
from tests.story import deed, later


async def test_a_secret_is_kept_once(store: Store) -> None:
    assert await store.secret("signing") is None
    assert await store.keep_secret("signing", b"\x00one", later(0)) == b"\x00one"
    assert await store.keep_secret("signing", b"two", later(1)) == b"\x00one"
    assert await store.secret("signing") == b"\x00one"
    assert await store.keep_secret("other", b"two", later(1)) == b"two"


async def test_whatever_races_everybody_has_the_same_secret(store: Store) -> None:
    kept = await asyncio.gather(*(store.keep_secret("signing", b"%d" % number, later(0)) for number in range(20)))
    assert set(kept) == {await store.secret("signing")}


async def test_a_former_secret_signs_for_a_while(store: Store) -> None:
    assert await store.webhook_secrets("ada", later(0)) == []
    await store.add_webhook_secret("ada", b"one", at=later(0), former_until=later(100), deed=deed())
    assert await store.webhook_secrets("ada", later(10_000)) == [b"one"]
    await store.add_webhook_secret("ada", b"two", at=later(10), former_until=later(110), deed=deed())
    assert await store.webhook_secrets("ada", later(10)) == [b"two", b"one"]
    assert await store.webhook_secrets("ada", later(109.999)) == [b"two", b"one"]
    assert await store.webhook_secrets("ada", later(110)) == [b"two"]


async def test_no_former_secret_signs_longer_than_it_was_to(store: Store) -> None:
    for number, (at, until) in enumerate(((0, 0), (10, 50), (20, 120), (30, 40))):
        await store.add_webhook_secret("ada", b"%d" % number, at=later(at), former_until=later(until), deed=deed())
    assert await store.webhook_secrets("ada", later(39)) == [b"3", b"2", b"1", b"0"]
    assert await store.webhook_secrets("ada", later(40)) == [b"3"]
    await store.add_webhook_secret("ada", b"4", at=later(60), former_until=later(60), deed=deed())
    assert await store.webhook_secrets("ada", later(60)) == [b"4"]


async def test_a_secret_that_signs_no_more_does_not_come_back(store: Store) -> None:
    await store.add_webhook_secret("ada", b"one", at=later(0), former_until=later(0), deed=deed())
    await store.add_webhook_secret("ada", b"two", at=later(10), former_until=later(20), deed=deed())
    await store.add_webhook_secret("ada", b"three", at=later(30), former_until=later(100), deed=deed())
    assert await store.webhook_secrets("ada", later(30)) == [b"three", b"two"]
    assert await store.webhook_secrets("ada", later(15)) == [b"three", b"two"]


async def test_each_account_has_secrets_of_its_own(store: Store) -> None:
    await store.add_webhook_secret("ada", b"hers", at=later(0), former_until=later(0), deed=deed())
    await store.add_webhook_secret("bob", b"his", at=later(1), former_until=later(1), deed=deed())
    assert await store.webhook_secrets("ada", later(2)) == [b"hers"]
    assert await store.webhook_secrets("bob", later(2)) == [b"his"]
    with pytest.raises(NotFound):
        await store.add_webhook_secret("stranger", b"x", at=later(0), former_until=later(0), deed=deed())
