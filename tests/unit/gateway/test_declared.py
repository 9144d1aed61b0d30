"""Channels that stand in the settings file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from reelgate.contracts.channel import ChannelState
from reelgate.contracts.provider import Provider
from reelgate.contracts.store import StoreDriver
from reelgate.discovery import load_leaves
from reelgate.gateway.channels import Channels
from reelgate.gateway.declared import declare
from reelgate.gateway.vault import Vault
from reelgate.settings import SettingsError, read_settings
from tests.clock import FakeClock
from tests.story import with_accounts
from tests.unit.dispatch.depot import CATALOG

FAL: dict[str, Any] = {"provider": "fal", "secret_env": {"api_key": "FAL_KEY"}, "priority": 1, "models": ["fal-ai/*"]}
ENVIRONMENT = {"FAL_KEY": "id:secret", "OTHER": "id:newer"}


@pytest.fixture
async def channels() -> Channels:
    store = await with_accounts(await load_leaves("reelgate.storage", "STORE", StoreDriver)["memory"].open(Path(), ""))
    providers = load_leaves("reelgate.providers", "PROVIDER", Provider)
    return Channels(store, Vault(bytes(32)), providers, CATALOG, FakeClock(), sells=_sells)


async def _sells(_secret: str) -> bool:
    return False


async def set_up(channels: Channels, **told: Any) -> None:
    """As at a start."""
    await declare(channels, {name.replace("_", "-"): said for name, said in told.items()}, ENVIRONMENT, FakeClock())


async def test_they_are_set_up_as_it_says_and_a_second_start_changes_nothing(channels: Channels) -> None:
    await set_up(channels, fal_main=FAL)
    (channel,) = await channels.all()
    assert (channel.id, channel.address, channel.priority, channel.models) == ("fal-main", "https://queue.fal.run", 1, {"fal-ai/*": ""})
    assert await channels.secrets("fal-main") == {"api_key": "id:secret"}
    roster = await channels.current()
    await set_up(channels, fal_main=FAL)
    await channels.refresh(now=True)
    assert await channels.current() is roster, "a roster is made anew when anything was put"


async def test_what_the_file_says_now_counts_but_a_pause_stays(channels: Channels) -> None:
    await set_up(channels, fal_main=FAL)
    await channels.pause("fal-main", "out of credit", actor="admin")
    await channels.add(replace(await channels.find("fal-main"), id="by-hand", state=ChannelState.ACTIVE), ENVIRONMENT_SECRETS, actor="a")
    await set_up(channels, fal_main={**FAL, "priority": 3, "secret_env": {"api_key": "OTHER"}, "models": {"fal-ai/veo3": "special"}})
    channel = await channels.find("fal-main")
    assert (channel.priority, channel.state, channel.note) == (3, ChannelState.PAUSED, "out of credit")
    assert channel.models == {"fal-ai/veo3": "special"}
    assert await channels.secrets("fal-main") == {"api_key": "id:newer"}
    assert [each.id for each in await channels.all()] == ["by-hand", "fal-main"]


ENVIRONMENT_SECRETS = {"api_key": "x"}


async def test_a_secret_may_lie_in_a_file(channels: Channels, tmp_path: Path) -> None:
    (tmp_path / "key").write_text("id:from-a-file\n")
    await set_up(channels, fal_main={**FAL, "secret_env": {}, "secret_files": {"api_key": str(tmp_path / "key")}})
    assert await channels.secrets("fal-main") == {"api_key": "id:from-a-file"}


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"provider": "nobody"}, "channels.fal-main.provider: One of"),
        ({"weight": 0}, "channels.fal-main.weight: From 1 to 1000"),
        ({"weight": "heavy"}, "channels.fal-main.weight: a whole number"),
        ({"patience_s": True}, "channels.fal-main.patience_s: a number"),
        ({"store_outputs": "no"}, "channels.fal-main.store_outputs: true or false"),
        ({"on_cancel": "maybe"}, "channels.fal-main.on_cancel: finish or release"),
        ({"models": 7}, "channels.fal-main.models: a table of texts"),
        ({"colour": "red"}, "channels.fal-main: there is no colour"),
        ({"state": "paused"}, "channels.fal-main: there is no state"),
        ({"secrets": {"api_key": "in the file"}}, "channels.fal-main: there is no secrets"),
        ({"secret_env": {"api_key": "NOT_SET"}}, "there is no environment variable NOT_SET"),
        ({"secret_env": "FAL_KEY"}, "channels.fal-main.secret_env: a table"),
        ({"secret_files": {"api_key": "/nowhere/key"}}, "/nowhere/key cannot be read"),
    ],
)
async def test_what_cannot_be_stops_the_start_with_its_name(channels: Channels, said: dict[str, Any], words: str) -> None:
    with pytest.raises(SettingsError, match=r".*") as refused:
        await set_up(channels, fal_main={**FAL, **said})
    assert words in refused.value.message
    assert await channels.all() == []


def test_the_file_has_them_as_tables(tmp_path: Path) -> None:
    file = tmp_path / "reelgate.toml"
    file.write_text('port = 1\n[channels.fal-main]\nprovider = "fal"\nsecret_env = { api_key = "FAL_KEY" }\nmodels = ["fal-ai/*"]\n')
    assert read_settings({}, file).channels == {
        "fal-main": {"provider": "fal", "secret_env": {"api_key": "FAL_KEY"}, "models": ["fal-ai/*"]}
    }
