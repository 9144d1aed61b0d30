"""Every store's channels: kept as they were set up, their secrets apart from them, and each change in the log."""

from __future__ import annotations

import asyncio
from dataclasses import MISSING, Field, fields, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from reelgate.contracts.audit import Deed
from reelgate.contracts.channel import Channel, ChannelState, dump_channel, load_channel
from reelgate.contracts.store import Store, StoreDriver
from reelgate.discovery import load_leaves
from reelgate.domain.errors import Unready
from reelgate.domain.job import AttemptState, Serving
from tests.story import accepted, deed, later, make_job, take, with_accounts

STORES = load_leaves("reelgate.storage", "STORE", StoreDriver)
IN_A_FOLDER = sorted(set(STORES) - {"memory"})
ACME = Channel(id="acme", provider="fal", address="https://acme.example.com", created_at=later(5))
ZETA = replace(ACME, id="zeta", provider="kling", address="https://zeta.example.com/雪?a=1", created_at=later(6))
EVERY_FIELD = Channel(
    id="every-field",
    provider="fal",
    address="https://every.example.com:8443/base",
    models={"demo/a": "vendor-a", "demo/*": "", "雪": "😀"},
    priority=3,
    weight=7,
    concurrency=40,
    per_second=0.1 + 0.2,
    submit_timeout_s=12.5,
    poll_timeout_s=7.25,
    job_limit_s=3_600.5,
    window_s=0.0,
    on_cancel="release",
    patience_s=1.5,
    store_outputs=False,
    options={"region": "eu", "empty": ""},
    state=ChannelState.PAUSED,
    note="the bill is not paid — 雪",
    created_at=later(7),
)
SEALED = b"\x01\x00sealed\xff"


@pytest.fixture(params=IN_A_FOLDER)
def driver(request: pytest.FixtureRequest) -> StoreDriver:
    """Opens a store that outlives its gateway."""
    return STORES[request.param]


# -- what is set up ------------------------------------------------------------------------------------------------------


async def test_channels_come_by_their_ids(store: Store) -> None:
    assert await store.channels() == []
    for channel in (ZETA, EVERY_FIELD, ACME):
        assert await store.put_channel(channel, deed())
    assert await store.channels() == [ACME, EVERY_FIELD, ZETA]


async def test_every_field_comes_back_as_it_was_given(store: Store) -> None:
    same = [each.name for each in fields(Channel) if getattr(EVERY_FIELD, each.name) == _default(each)]
    assert same == [], "the channel of every field has a value of its own in each"
    await store.put_channel(EVERY_FIELD, deed())
    (kept,) = await store.channels()
    assert kept == EVERY_FIELD
    assert type(kept.state) is ChannelState


def test_a_field_of_a_newer_version_is_an_error() -> None:
    assert load_channel(dump_channel(EVERY_FIELD)) == EVERY_FIELD
    with pytest.raises(TypeError, match="colour"):
        load_channel({**dump_channel(ACME), "colour": "blue"})


def test_a_setting_that_had_another_name_is_read() -> None:
    told = dump_channel(EVERY_FIELD)
    told["keeps_outputs"] = told.pop("store_outputs")
    assert load_channel(told) == EVERY_FIELD


async def test_an_instant_is_kept_to_the_millisecond(store: Store) -> None:
    await store.put_channel(replace(ACME, created_at=later(5) + timedelta(microseconds=1_234)), deed())
    assert await store.channels() == [replace(ACME, created_at=later(5.001))]


async def test_a_channel_that_is_changed_is_as_old_as_before(store: Store) -> None:
    assert await store.put_channel(ACME, deed())
    await store.put_channel(ZETA, deed())
    changed = replace(EVERY_FIELD, id="acme", created_at=later(99))
    assert not await store.put_channel(changed, deed())
    assert await store.channels() == [replace(changed, created_at=ACME.created_at), ZETA]
    assert not await store.put_channel(replace(ACME, created_at=later(100)), deed())
    assert await store.channels() == [ACME, ZETA]


async def test_what_is_kept_does_not_change_with_what_was_given(store: Store) -> None:
    models = {"demo/a": "vendor-a"}
    await store.put_channel(replace(ACME, models=models), deed())
    models["demo/b"] = "vendor-b"
    (kept,) = await store.channels()
    assert dict(kept.models) == {"demo/a": "vendor-a"}


# -- secrets -------------------------------------------------------------------------------------------------------------


async def test_secrets_stay_until_others_take_their_place(store: Store) -> None:
    await store.put_channel(ACME, deed(), SEALED)
    await store.put_channel(ZETA, deed(), b"zeta's")
    assert await store.channel_secret("acme") == SEALED
    await store.put_channel(replace(ACME, note="paused"), deed())
    assert await store.channel_secret("acme") == SEALED
    await store.put_channel(ACME, deed(), b"another")
    assert await store.channel_secret("acme") == b"another"
    await store.put_channel(ACME, deed(), b"")
    assert await store.channel_secret("acme") == b""
    assert await store.channel_secret("zeta") == b"zeta's"


async def test_there_may_be_no_secrets(store: Store) -> None:
    await store.put_channel(ACME, deed())
    assert await store.channel_secret("acme") is None
    assert await store.channel_secret("unknown") is None
    await store.put_channel(ACME, deed(), SEALED)
    assert await store.channel_secret("acme") == SEALED


# -- forgotten -----------------------------------------------------------------------------------------------------------


async def test_a_channel_is_forgotten_with_its_secrets(store: Store) -> None:
    await store.put_channel(ACME, deed(), SEALED)
    await store.put_channel(ZETA, deed(), b"zeta's")
    assert await store.remove_channel("acme", deed())
    assert await store.channels() == [ZETA]
    assert await store.channel_secret("acme") is None
    assert await store.channel_secret("zeta") == b"zeta's"
    assert not await store.remove_channel("acme", deed())


async def test_a_channel_that_comes_again_is_a_new_one(store: Store) -> None:
    await store.put_channel(ACME, deed(), SEALED)
    await store.remove_channel("acme", deed())
    again = replace(ACME, created_at=later(50))
    assert await store.put_channel(again, deed())
    assert await store.channels() == [again]
    assert await store.channel_secret("acme") is None


async def test_attempts_keep_the_name_of_a_channel_that_is_gone(store: Store) -> None:
    await store.put_channel(ACME, deed())
    job = await accepted(store, make_job(serving=Serving.PAID))
    (lease,) = await take(store)
    await store.open_attempt(lease, "t1", later(1), channel="acme", model="acme-1", choice="the only one")
    await store.sent(lease, "t1", later(2))
    assert await store.note_ticket(lease, "t1", {"id": "u1"}, later(3))
    before = await store.attempts("ada", job.id)
    assert await store.remove_channel("acme", deed())
    assert await store.attempts("ada", job.id) == before
    (attempt,) = before
    assert (attempt.channel, attempt.model, attempt.state) == ("acme", "acme-1", AttemptState.ACCEPTED)
    kept, claim = await store.job("ada", job.id), await store.attempt_at("acme", "u1")
    assert kept is not None
    assert claim is not None
    assert (kept.channel, claim.attempt) == ("acme", attempt)


# -- who hears of it -----------------------------------------------------------------------------------------------------


async def test_whoever_asks_hears_of_each_change(store: Store) -> None:
    versions = [await store.channel_version()]
    for change in (
        store.put_channel(ACME, deed()),
        store.put_channel(ZETA, deed(), SEALED),
        store.put_channel(ACME, deed()),  # the same once more, for its secrets may be others
        store.remove_channel("zeta", deed()),
        store.put_channel(ZETA, deed()),
        store.remove_channel("acme", deed()),
        store.remove_channel("zeta", deed()),
    ):
        await change
        versions.append(await store.channel_version())
    assert versions == sorted(set(versions))
    assert not await store.remove_channel("acme", deed())
    await store.accept(make_job())
    assert await store.channel_version() == versions[-1]


async def test_each_change_of_a_channel_is_told_once(store: Store) -> None:
    before = len(await store.audit())
    added = deed("channel.add", "acme", at=1, provider="fal")
    changed = deed("channel.change", "acme", at=2, secrets=["key"])
    removed = deed("channel.remove", "acme", reason="too dear", at=3)
    await store.put_channel(ACME, added)
    assert await _newest(store) == (before + 1, added)
    await store.put_channel(ACME, changed, SEALED)
    assert await _newest(store) == (before + 2, changed)
    await store.remove_channel("acme", removed)
    assert await _newest(store) == (before + 3, removed)
    await store.remove_channel("acme", deed("channel.remove", "acme"))
    assert await _newest(store) == (before + 3, removed)


async def test_what_cannot_be_told_is_not_done(store: Store) -> None:
    await store.put_channel(ACME, deed(), SEALED)
    before = await _picture(store)
    wrong = deed(secret={"x"})
    for change in (
        store.put_channel(ZETA, wrong),
        store.put_channel(replace(ACME, note="paused"), wrong, b"another"),
        store.remove_channel("acme", wrong),
    ):
        with pytest.raises(TypeError):
            await change
    assert await _picture(store) == before


async def test_whatever_races_each_change_counts(store: Store) -> None:
    before = await store.channel_version()
    new = await asyncio.gather(*(store.put_channel(replace(ACME, weight=number), deed(), b"%d" % number) for number in range(1, 21)))
    assert new.count(True) == 1
    (kept,) = await store.channels()
    assert await store.channel_secret("acme") == b"%d" % kept.weight
    assert await store.channel_version() >= before + 20
    gone = await asyncio.gather(*(store.remove_channel("acme", deed()) for _ in range(5)))
    assert gone.count(True) == 1


@pytest.mark.parametrize("name", sorted(STORES))
async def test_a_closed_store_changes_no_channel(name: str, tmp_path: Path) -> None:
    store = await with_accounts(await STORES[name].open(tmp_path, ""))
    await store.put_channel(ACME, deed())
    await store.close()
    for change in (store.put_channel(ZETA, deed()), store.remove_channel("acme", deed())):
        with pytest.raises(Unready):
            await change


# -- restarts and backups ------------------------------------------------------------------------------------------------


async def test_channels_outlive_the_gateway(driver: StoreDriver, tmp_path: Path) -> None:
    store = await with_accounts(await driver.open(tmp_path, ""))
    await _set_up(store)
    before = await _picture(store)
    await store.close()
    again = await driver.open(tmp_path, "")
    assert await _picture(again) == before
    await again.put_channel(ACME, deed())
    assert await again.channel_version() > before[0]
    assert await again.breaches() == []
    await again.close()


async def test_channels_are_part_of_a_copy(driver: StoreDriver, tmp_path: Path) -> None:
    folder, to = tmp_path / "folder", tmp_path / "copy"
    to.mkdir()
    store = await with_accounts(await driver.open(folder, ""))
    await _set_up(store)
    before = await _picture(store)
    await driver.copy(folder, to)
    await store.remove_channel("zeta", deed())
    assert await driver.check(to) == []
    copied = await driver.open(to, "")
    assert await _picture(copied) == before != await _picture(store)
    await copied.close()
    await store.close()


# -- negative controls: a suite that cannot fail measures nothing --------------------------------------------------------


class _Forgetful:
    """A store that drops the secrets of a channel whenever that is changed."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    async def put_channel(self, channel: Channel, told: Deed, sealed: bytes | None = None) -> bool:
        return await self._store.put_channel(channel, told, sealed or b"")


async def test_a_store_that_forgets_secrets_is_caught(store: Store) -> None:
    with pytest.raises(AssertionError):
        await test_secrets_stay_until_others_take_their_place(_Forgetful(store))  # pyright: ignore[reportArgumentType]


# -- what stories are made of --------------------------------------------------------------------------------------------


async def _set_up(store: Store) -> None:
    """Three channels, one of them changed, and one that is gone."""
    await store.put_channel(EVERY_FIELD, deed("channel.add", EVERY_FIELD.id), SEALED)
    await store.put_channel(ZETA, deed("channel.add", "zeta"))
    await store.put_channel(ACME, deed("channel.add", "acme"), b"acme's")
    await store.put_channel(replace(ACME, note="the bill"), deed("channel.change", "acme"))
    await store.put_channel(replace(ZETA, id="gone"), deed("channel.add", "gone"), b"gone")
    await store.remove_channel("gone", deed("channel.remove", "gone"))


async def _picture(store: Store) -> tuple[Any, ...]:
    """All that there is of channels."""
    secrets = [await store.channel_secret(channel_id) for channel_id in ("acme", "every-field", "gone", "zeta")]
    return (await store.channel_version(), await store.channels(), secrets, await store.audit())


async def _newest(store: Store) -> tuple[int, Deed]:
    """How many lines the log has, and what the last one tells."""
    line = await store.audit_head()
    assert line is not None
    return line.number, line.deed


def _default(each: Field[Any]) -> Any:
    return each.default_factory() if each.default_factory is not MISSING else each.default
