"""Channels that stand in the settings file, set up at each start as it says. Those that were set up otherwise stay as they are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from datetime import datetime
from pathlib import Path
from typing import Any, cast

from reelgate.contracts.channel import Channel
from reelgate.domain.clock import Clock
from reelgate.domain.errors import InvalidInput
from reelgate.gateway.channels import Channels
from reelgate.settings import SettingsError

_ACTOR = "file"
_NOT_SAID = frozenset({"id", "provider", "state", "note", "created_at"})
_WORDS = frozenset({"provider", "secret_env", "secret_files"})


async def declare(channels: Channels, told: Mapping[str, Mapping[str, Any]], environment: Mapping[str, str], clock: Clock) -> None:
    """Add the channels that the file names, and change those that are otherwise than it says. What an admin paused stays paused.

    `SettingsError` names the channel and what is wrong with it; those before it are set up by then.
    """
    known = {each.id: each for each in await channels.all()}
    for name, said in told.items():
        secrets = dict(_secrets(name, said, environment))
        try:
            await _set_up(channels, known.get(name), _channel(channels, name, said, clock.now()), secrets)
        except InvalidInput as error:
            faults = (f"channels.{name}.{'.'.join(map(str, fault.path))}: {fault.message}" for fault in error.faults)
            raise SettingsError("; ".join(faults)) from None


async def _set_up(channels: Channels, former: Channel | None, channel: Channel, secrets: Mapping[str, str]) -> None:
    if former is None:
        await channels.add(channel, secrets, actor=_ACTOR)
        return
    channel = replace(channel, state=former.state, note=former.note, created_at=former.created_at)
    same = secrets == dict(await channels.secrets(channel.id))
    await channels.change(channel, None if same else secrets, actor=_ACTOR)


def _channel(channels: Channels, name: str, said: Mapping[str, Any], now: datetime) -> Channel:
    provider = channels.providers.get(str(said.get("provider", "")))
    usual = Channel(id=name, provider=str(said.get("provider", "")), address="" if provider is None else provider.address, created_at=now)
    return replace(usual, **dict(_values(name, said)))


def _values(name: str, said: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """What the file says of a channel, each value of the kind that a channel has there."""
    kinds = {each.name: each.type for each in fields(Channel) if each.name not in _NOT_SAID}
    for word, value in said.items():
        if word in _WORDS:
            continue
        if word not in kinds:
            raise SettingsError(f"channels.{name}: there is no {word}; {', '.join(sorted({*kinds, *_WORDS}))}")
        yield word, _read(f"channels.{name}.{word}", str(kinds[word]), value)


def _read(place: str, kind: str, value: Any) -> Any:
    if kind.startswith("Mapping"):
        if word_list := _texts(value):
            return dict.fromkeys(word_list, "")
        if isinstance(value, dict) and all(isinstance(each, str) for each in cast("dict[str, Any]", value).values()):
            return cast("dict[str, str]", value)
        raise SettingsError(f"{place}: a table of texts, or a list of them")
    if kind == "bool":
        fits = isinstance(value, bool)
    elif kind == "int":
        fits = isinstance(value, int) and not isinstance(value, bool)
    elif kind.startswith("float"):
        fits = isinstance(value, int | float) and not isinstance(value, bool)
    elif kind == "OnCancel":
        fits = value in ("finish", "release")
    else:
        fits = isinstance(value, str)
    if not fits:
        raise SettingsError(f"{place}: {_KIND_WORDS.get(kind.partition(' ')[0], 'a text')}")
    return float(value) if kind.startswith("float") else value


def _texts(value: Any) -> list[str]:
    return cast("list[str]", value) if isinstance(value, list) and all(isinstance(each, str) for each in cast("list[Any]", value)) else []


def _secrets(name: str, said: Mapping[str, Any], environment: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Secrets stand in no settings file: it says in which variable or file each of them is."""
    for word in ("secret_env", "secret_files"):
        places = said.get(word, {})
        if not isinstance(places, dict) or not all(isinstance(each, str) for each in cast("dict[str, Any]", places).values()):
            raise SettingsError(f"channels.{name}.{word}: a table, {{ api_key = … }}")
        for secret, place in cast("dict[str, str]", places).items():
            yield secret, _secret(f"channels.{name}.{word}.{secret}", place, environment, from_file=word == "secret_files")


def _secret(where: str, place: str, environment: Mapping[str, str], *, from_file: bool) -> str:
    if from_file:
        try:
            return Path(place).read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise SettingsError(f"{where}: {place} cannot be read") from error
    if not environment.get(place):
        raise SettingsError(f"{where}: there is no environment variable {place}")
    return environment[place]


_KIND_WORDS = {"bool": "true or false", "int": "a whole number", "float": "a number", "OnCancel": "finish or release"}
