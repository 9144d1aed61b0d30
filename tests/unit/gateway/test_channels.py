"""Channels as admins set them up."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from reelgate.contracts.channel import Channel, ChannelState
from reelgate.contracts.endpoint import Catalog
from reelgate.contracts.provider import Option, Provider
from reelgate.contracts.store import Store, StoreDriver
from reelgate.discovery import load_leaves
from reelgate.domain.errors import Conflict, InvalidInput, NotFound
from reelgate.gateway.channels import Channels
from reelgate.gateway.vault import CannotUnseal, Vault
from tests.clock import FakeClock
from tests.story import with_accounts
from tests.unit.dispatch.channels import ENDPOINT, KEY, Acme, make_channel
from tests.unit.dispatch.depot import CATALOG

SECRETS = {"api_key": KEY}
OWN_KEY = "rg-live-of-this-gateway"


@pytest.fixture
async def store() -> AsyncIterator[Store]:
    opened = await with_accounts(await load_leaves("reelgate.storage", "STORE", StoreDriver)["memory"].open(Path(), ""))
    yield opened
    assert await opened.breaches() == []


def _channels(store: Store, *, clock: FakeClock | None = None, key: bytes = bytes(32), catalog: Catalog = CATALOG) -> Channels:
    providers = {
        "acme": Acme(
            options={"form": Option(values={"one": "the usual", "two": "the other"}), "field": Option(form="[a-z]+", told="Its name.")}
        )
    }
    return Channels(store, Vault(key), providers, catalog, clock or FakeClock(), sells=_sells)


async def _sells(secret: str) -> bool:
    return secret == OWN_KEY


async def test_a_channel_serves_from_the_moment_it_is_set_up(store: Store) -> None:
    channels = _channels(store)
    endpoint = CATALOG.find(ENDPOINT)
    assert endpoint is not None
    assert (await channels.current()).offers(endpoint) == ()
    await channels.add(make_channel(), SECRETS, actor="admin", reason="a new vendor")
    (offer,) = (await channels.current()).offers(endpoint)
    assert (offer.channel.id, offer.model) == ("acme-main", "acme-1")
    assert await channels.secrets("acme-main") == SECRETS
    assert await channels.secret_names("acme-main") == ["api_key"]


async def test_another_process_serves_it_within_a_second(store: Store) -> None:
    clock = FakeClock()
    other = _channels(store, clock=clock)
    await other.refresh()
    await _channels(store).add(make_channel(), SECRETS, actor="admin")
    assert len(await other.current()) == 0
    clock.tick(seconds=1)
    assert len(await other.current()) == 1


async def test_a_secret_is_sealed_and_nowhere_else(store: Store) -> None:
    channels = _channels(store)
    channel = await channels.add(make_channel(), SECRETS, actor="admin")
    await channels.change(replace(channel, weight=3), {"api_key": "another-key"}, actor="admin")
    assert KEY not in repr([await channels.all(), await store.audit()])
    sealed = await store.channel_secret("acme-main")
    assert sealed is not None
    assert b"another-key" not in sealed
    with pytest.raises(CannotUnseal):
        await _channels(store, key=bytes(31) + b"1").secrets("acme-main")


async def test_one_that_is_paused_is_configured_and_offers_nothing(store: Store) -> None:
    channels = _channels(store)
    await channels.add(make_channel(), SECRETS, actor="admin")
    await channels.pause("acme-main", "out of credit", actor="admin")
    endpoint = CATALOG.find(ENDPOINT)
    assert endpoint is not None
    roster = await channels.current()
    assert (roster.offers(endpoint), len(roster.configured(endpoint))) == ((), 1)
    assert (await channels.find("acme-main")).note == "out of credit"
    assert (await channels.resume("acme-main", actor="admin")).state is ChannelState.ACTIVE
    assert len((await channels.current()).offers(endpoint)) == 1
    await channels.remove("acme-main", actor="admin")
    assert len(await channels.current()) == 0
    assert [line.deed.action for line in await store.audit(subject="acme-main")] == [
        "channel.remove",
        "channel.resume",
        "channel.pause",
        "channel.add",
    ]


async def test_models_are_narrowed_and_renamed(store: Store) -> None:
    channels = _channels(store)
    named = make_channel(models={"fal-ai/kling-video/v2.5-turbo/*": "", ENDPOINT: "acme-special"})
    await channels.add(named, SECRETS, actor="admin")
    roster = await channels.current()
    offered = {each.id: roster.offers(each)[0].model for each in CATALOG if roster.offers(each)}
    assert offered[ENDPOINT] == "acme-special"
    assert set(offered.values()) == {"acme-special", "acme-1"}
    assert all(each.startswith("fal-ai/kling-video/v2.5-turbo/") for each in offered)


@pytest.mark.parametrize(
    ("facts", "secrets", "field"),
    [
        ({"provider": "nobody"}, SECRETS, "provider"),
        ({"address": ""}, SECRETS, "address"),
        ({"address": "ftp://acme.example"}, SECRETS, "address"),
        ({"address": "https://user:pass@acme.example"}, SECRETS, "address"),
        ({"address": "https://acme.example/?key=1"}, SECRETS, "address"),
        ({"models": {"no-such-model": ""}}, SECRETS, "models"),
        ({"models": {"../x": ""}}, SECRETS, "models"),
        ({"models": {ENDPOINT: "a name with spaces"}}, SECRETS, "models"),
        ({"weight": 0}, SECRETS, "weight"),
        ({"concurrency": 0}, SECRETS, "concurrency"),
        ({"per_second": 0.0}, SECRETS, "per_second"),
        ({"submit_timeout_s": 1e9}, SECRETS, "submit_timeout_s"),
        ({"options": {"colour": "red"}}, SECRETS, "options"),
        ({"options": {"form": "a\nb"}}, SECRETS, "options"),
        ({"options": {"form": "Two"}}, SECRETS, "options"),
        ({"options": {"form": ""}}, SECRETS, "options"),
        ({"options": {"field": "a name"}}, SECRETS, "options"),
        ({}, {}, "secrets"),
        ({}, {"password": "x"}, "secrets"),
        ({}, {"api_key": "two\nlines"}, "secrets"),
    ],
)
async def test_what_cannot_be_is_named_and_kept_nowhere(store: Store, facts: dict[str, Any], secrets: dict[str, str], field: str) -> None:
    channels = _channels(store)
    with pytest.raises(InvalidInput) as refused:
        await channels.add(make_channel(**facts), secrets, actor="admin")
    assert [fault.path[0] for fault in refused.value.faults] == [field]
    assert await channels.all() == []


async def test_a_choice_that_is_none_is_answered_with_those_there_are(store: Store) -> None:
    channels = _channels(store)
    with pytest.raises(InvalidInput) as refused:
        await channels.add(make_channel(options={"form": "TWO", "field": "2"}), SECRETS, actor="admin")
    assert [(fault.path, fault.message) for fault in refused.value.faults] == [
        (("options", "form"), "One of one, two"),
        (("options", "field"), "Not a value of this option. Its name."),
    ]
    kept = await channels.add(make_channel(options={"form": "two", "field": "name"}), SECRETS, actor="admin")
    assert kept.options == {"form": "two", "field": "name"}


async def test_a_gateway_does_not_buy_from_itself(store: Store) -> None:
    channels = _channels(store)
    with pytest.raises(InvalidInput) as refused:
        await channels.add(make_channel(), {"api_key": OWN_KEY}, actor="admin")
    assert [fault.path for fault in refused.value.faults] == [("secrets", "api_key")]
    assert OWN_KEY not in str(refused.value.faults)
    added = await channels.add(make_channel(), SECRETS, actor="admin")
    with pytest.raises(InvalidInput):
        await channels.change(added, {"api_key": OWN_KEY}, actor="admin")
    assert await channels.secrets(added.id) == SECRETS


async def test_a_server_of_one_s_own_may_ask_for_no_secret_and_half_a_pair_is_none(store: Store) -> None:
    providers = load_leaves("reelgate.providers", "PROVIDER", Provider)
    channels = Channels(store, Vault(bytes(32)), providers, CATALOG, FakeClock(), sells=_sells)
    server = make_channel("gpu", provider="openai", address="http://127.0.0.1:9/v1", models={ENDPOINT: "wan"})
    await channels.add(server, {}, actor="admin")
    endpoint = CATALOG.find(ENDPOINT)
    assert endpoint is not None
    assert [each.model for each in (await channels.current()).offers(endpoint)] == ["wan"]
    with pytest.raises(InvalidInput) as refused:
        await channels.add(make_channel("half", provider="kling"), {"access_key": "a"}, actor="admin")
    assert [fault.path for fault in refused.value.faults] == [("secrets",)]


async def test_a_pair_of_keys_is_kept_only_with_what_it_opens(store: Store) -> None:
    providers = load_leaves("reelgate.providers", "PROVIDER", Provider)
    channels = Channels(store, Vault(bytes(32)), providers, CATALOG, FakeClock(), sells=_sells)
    pair, channel = {"access_key": "a", "secret_key": "s" * 32}, make_channel("kling-main", provider="kling")
    with pytest.raises(InvalidInput) as refused:
        await channels.add(channel, pair, actor="admin")
    (fault,) = refused.value.faults
    assert fault.path == ("options",)
    assert "generation to legacy" in fault.message
    kept = await channels.add(replace(channel, options={"generation": "legacy"}), pair, actor="admin")
    roster = await channels.current()
    assert not [offer.model for each in CATALOG for offer in roster.offers(each) if offer.model.startswith("2026/")]
    with pytest.raises(InvalidInput):
        await channels.change(replace(kept, options={}), None, actor="admin")
    await channels.change(replace(kept, options={}), {"api_key": "k"}, actor="admin")


async def test_a_model_without_a_name_there_is_not_offered(store: Store) -> None:
    providers = load_leaves("reelgate.providers", "PROVIDER", Provider)
    channels = Channels(store, Vault(bytes(32)), providers, CATALOG, FakeClock(), sells=_sells)
    await channels.add(make_channel("gpu", provider="openai", address="http://127.0.0.1:9/v1", models={}), {}, actor="admin")
    assert [each.id for each in CATALOG if (await channels.current()).offers(each)] == []


async def test_an_id_names_one_channel_and_a_channel_keeps_its_provider(store: Store) -> None:
    channels = _channels(store)
    channel: Channel = await channels.add(make_channel(), SECRETS, actor="admin")
    with pytest.raises(Conflict):
        await channels.add(channel, SECRETS, actor="admin")
    with pytest.raises(InvalidInput):
        await channels.change(replace(channel, provider="fal"), None, actor="admin")
    for deed in (channels.find("x"), channels.pause("x", "", actor="a"), channels.remove("x", actor="a")):
        with pytest.raises(NotFound):
            await deed
