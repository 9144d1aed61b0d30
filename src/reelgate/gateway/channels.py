"""Channels: what operators set up, checked before it is kept; their secrets, which are read back only to call; and who serves what now."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import fields, replace
from datetime import datetime
from typing import Any, TypeAlias

import orjson

from reelgate.contracts.audit import Deed
from reelgate.contracts.channel import Channel, ChannelState
from reelgate.contracts.endpoint import Catalog
from reelgate.contracts.provider import Provider
from reelgate.contracts.roster import Roster
from reelgate.contracts.store import Store
from reelgate.domain.address import NotAllowed, read_address
from reelgate.domain.clock import Clock
from reelgate.domain.errors import Conflict, Fault, InvalidInput, Misconfigured, NotFound
from reelgate.gateway.bounds import check_reason
from reelgate.gateway.vault import Vault
from reelgate.wire.passing import passed

_TRUST_S = 1.0  # a channel that another process sets up serves here within this time
_ID = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")
_MODEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,200}\*?|\*")
_NAME_THERE = re.compile(r"[!-~]{0,200}")
_SECRET = re.compile(r"[!-~]{1,4096}")
_MODELS_MAX, _NOTE_MAX, _OPTION_MAX = 500, 500, 200
_BOUNDS: Mapping[str, tuple[float, float]] = {
    "priority": (-1000, 1000),
    "weight": (1, 1000),
    "concurrency": (1, 100_000),
    "per_second": (1, 10_000),
    "submit_timeout_s": (1, 600),
    "poll_timeout_s": (1, 120),
    "job_limit_s": (60, 7 * 86_400),
    "window_s": (10, 86_400),
    "patience_s": (0, 3600),
}
_ROUND = "A live key of this very gateway: its jobs would go round in a circle. With a test key they are previews"
_NO_CHANNEL = "there is no such channel"

Sells: TypeAlias = Callable[[str], Awaitable[bool]]


class Channels:
    """What admins do with channels, and the roster of all of them. `actor` is the id of an admin's key, "gateway" or "file"."""

    def __init__(
        self, store: Store, vault: Vault, providers: Mapping[str, Provider], catalog: Catalog, clock: Clock, *, sells: Sells
    ) -> None:
        """`sells` says whether a secret is one by which this very gateway sells."""
        self._store, self._vault, self._catalog, self._clock, self._sells = store, vault, catalog, clock, sells
        self.providers = providers
        self.roster = Roster((), providers)
        self._version, self._until_s = -1, 0.0

    # -- who serves what ---------------------------------------------------------------------------------------------
    async def refresh(self, *, now: bool = False) -> None:
        """Read what was set up since; asked before every look, it costs nothing for a second. `now`: look at once."""
        now_s = self._clock.monotonic_s()
        if now_s < self._until_s and not now:
            return
        version = await self._store.channel_version()
        if version != self._version:
            self.roster = Roster(await self._store.channels(), self.providers, self._clock.now())
            self._version = version
        self._until_s = now_s + _TRUST_S

    async def current(self) -> Roster:
        """The roster, at most a second old."""
        await self.refresh()
        return self.roster

    async def secrets(self, channel_id: str) -> Mapping[str, str]:
        """A channel's secrets by their names; `CannotUnseal` under another master key."""
        sealed = await self._store.channel_secret(channel_id)
        return {} if sealed is None else orjson.loads(self._vault.open(sealed, _purpose(channel_id)))

    # -- what admins do ----------------------------------------------------------------------------------------------
    async def all(self) -> list[Channel]:
        """Every channel, by its id."""
        return await self._store.channels()

    async def find(self, channel_id: str) -> Channel:
        """One channel; `NotFound` if there is none of this id."""
        found = next((each for each in await self._store.channels() if each.id == channel_id), None)
        if found is None:
            raise NotFound(_NO_CHANNEL)
        return found

    async def secret_names(self, channel_id: str) -> list[str]:
        """Which secrets a channel has; never what they are."""
        return sorted(await self.secrets(channel_id))

    async def add(self, channel: Channel, secrets: Mapping[str, str], *, actor: str, reason: str = "") -> Channel:
        """Set up a new channel; `InvalidInput` names everything that is wrong with it, `Conflict` if there is one of this id."""
        await self._check(channel, secrets)
        check_reason(reason)
        if any(each.id == channel.id for each in await self._store.channels()):
            raise Conflict("there is a channel of this id already")
        return await self._put(
            channel, secrets, self._deed("channel.add", channel.id, actor, reason, {**_told(channel), "secrets": sorted(secrets)})
        )

    async def change(self, channel: Channel, secrets: Mapping[str, str] | None, *, actor: str, reason: str = "") -> Channel:
        """Change a channel to this; None leaves its secrets as they are. Its provider stays: jobs that it has are asked for there."""
        former = await self.find(channel.id)
        if channel.provider != former.provider:
            raise InvalidInput([Fault(path=("provider",), message="a channel keeps its provider; add another channel")])
        await self._check(channel, secrets if secrets is not None else await self.secrets(channel.id))
        check_reason(reason)
        before, after = _told(former), _told(channel)
        detail = {name: [before[name], after[name]] for name in after if before[name] != after[name]}
        if secrets is not None:
            detail["secrets"] = sorted(secrets)
        if not detail:
            return former
        return await self._put(channel, secrets, self._deed("channel.change", channel.id, actor, reason, detail))

    async def pause(self, channel_id: str, note: str, *, actor: str) -> Channel:
        """Give it no more work; what it has begun is followed to its end."""
        check_reason(note)
        paused = replace(await self.find(channel_id), state=ChannelState.PAUSED, note=note)
        return await self._put(paused, None, self._deed("channel.pause", channel_id, actor, note))

    async def resume(self, channel_id: str, *, actor: str) -> Channel:
        """Give it work again."""
        active = replace(await self.find(channel_id), state=ChannelState.ACTIVE, note="")
        return await self._put(active, None, self._deed("channel.resume", channel_id, actor))

    async def remove(self, channel_id: str, *, actor: str, reason: str = "") -> None:
        """Forget a channel and its secrets. Jobs that it has cannot be asked for any more: pause it first, and wait for them."""
        check_reason(reason)
        if not await self._store.remove_channel(channel_id, self._deed("channel.remove", channel_id, actor, reason)):
            raise NotFound(_NO_CHANNEL)
        await self.refresh(now=True)

    async def _put(self, channel: Channel, secrets: Mapping[str, str] | None, deed: Deed) -> Channel:
        sealed = None if secrets is None else self._vault.seal(orjson.dumps(dict(secrets)), _purpose(channel.id))
        await self._store.put_channel(channel, deed, sealed)
        await self.refresh(now=True)
        return channel

    def _deed(self, action: str, subject: str, actor: str, reason: str = "", detail: Mapping[str, Any] | None = None) -> Deed:
        return Deed(actor=actor, action=action, subject=subject, at=self._clock.now(), reason=reason, detail=detail or {})

    # -- checks ------------------------------------------------------------------------------------------------------
    async def _check(self, channel: Channel, secrets: Mapping[str, str]) -> None:
        provider = self.providers.get(channel.provider)
        if provider is None:
            names = ", ".join(sorted(self.providers))
            raise InvalidInput([Fault(path=("provider",), message=f"One of: {names}", kind="one_of")])
        faults = [*_faults_of_numbers(channel), *_faults_of_words(channel), *self._faults_of_models(channel, provider)]
        faults += [*_faults_of_options(channel, provider), *_faults_of_secrets(secrets, channel.options, provider, self._clock.now())]
        faults += [Fault(path=("secrets", name), message=_ROUND) for name, secret in secrets.items() if await self._sells(secret)]
        if faults:
            raise InvalidInput(faults)

    def _faults_of_models(self, channel: Channel, provider: Provider) -> Iterator[Fault]:
        if len(channel.models) > _MODELS_MAX:
            yield Fault(path=("models",), message=f"At most {_MODELS_MAX} entries")
            return
        offered = [each.id for each in self._catalog if provider.offer(each, channel.options) is not None]
        for name, there in channel.models.items():
            if not _MODEL.fullmatch(name) or not _NAME_THERE.fullmatch(there):
                yield Fault(path=("models", name[:64]), message="The id of a model, or the beginning of some with a * at the end")
            elif not any(each == name or (name.endswith("*") and each.startswith(name[:-1])) for each in offered) and not _passes(
                provider, name, channel.options
            ):
                yield Fault(path=("models", name), message=f"{provider.title} does not offer this; `reelgate models` lists what there is")


def _passes(provider: Provider, name: str, options: Mapping[str, str]) -> bool:
    """Whether a provider takes what is in no catalog under such a name."""
    unknown = passed(f"{name[:-1]}x" if name.endswith("*") else name)
    return unknown is not None and bool(provider.offer(unknown, options))


def _faults_of_numbers(channel: Channel) -> Iterator[Fault]:
    for name, (least, most) in _BOUNDS.items():
        value = getattr(channel, name)
        if value is not None and not least <= value <= most:
            yield Fault(path=(name,), message=f"From {least:g} to {most:g}", limits={"ge": least, "le": most})


def _faults_of_words(channel: Channel) -> Iterator[Fault]:
    if not _ID.fullmatch(channel.id):
        yield Fault(path=("id",), message="1 to 63 of a-z, 0-9, '.', '_' and '-', beginning with a letter or digit")
    if len(channel.note) > _NOTE_MAX or not channel.note.isprintable():
        yield Fault(path=("note",), message=f"At most {_NOTE_MAX} printable characters")
    if not channel.address:
        yield Fault(path=("address",), message="This provider has no address of its own: say where it is", kind="missing")
        return
    try:
        address = read_address(channel.address)
    except NotAllowed as refusal:
        yield Fault(path=("address",), message=refusal.message)
        return
    if "?" in address.path_and_query:
        yield Fault(path=("address",), message="An address of a channel has no query")


def _faults_of_options(channel: Channel, provider: Provider) -> Iterator[Fault]:
    for name, value in channel.options.items():
        if name not in provider.options:
            known = ", ".join(sorted(provider.options)) or "none"
            yield Fault(path=("options", name[:64]), message=f"{provider.title} knows these options: {known}")
        elif len(value) > _OPTION_MAX or not value.isprintable():
            yield Fault(path=("options", name), message=f"At most {_OPTION_MAX} printable characters")
        elif not (option := provider.options[name]).takes(value):
            choice = f"One of {', '.join(option.values)}" if option.values else f"Not a value of this option. {option.said}"
            yield Fault(path=("options", name), message=choice)


def _faults_of_secrets(secrets: Mapping[str, str], options: Mapping[str, str], provider: Provider, now: datetime) -> Iterator[Fault]:
    known = True
    for name, value in secrets.items():
        if name not in provider.secrets:
            known = False
            yield Fault(path=("secrets", name[:64]), message=f"{provider.title} knows these secrets: {', '.join(provider.secrets)}")
        elif not _SECRET.fullmatch(value):
            known = False
            yield Fault(path=("secrets", name), message="Visible ASCII characters without spaces")
    if not known:
        return
    said = _useless(secrets, options, provider, now)
    if said:
        message = f"{provider.title} takes {', '.join(provider.secrets)}: {said}"
        yield Fault(path=("secrets",), message=message, kind="missing" if not secrets else "value_error")
    elif said := provider.unfit(secrets, options):
        yield Fault(path=("options",), message=f"{provider.title}: {said}")


def _useless(secrets: Mapping[str, str], options: Mapping[str, str], provider: Provider, now: datetime) -> str:
    """Why no call could be signed or verified with these secrets, in the provider's words; "" if it can, or only its vendor can tell."""
    try:
        for talk in (provider.credential(secrets, now), provider.signers(secrets, options)):
            with suppress(StopIteration):
                next(talk)
    except Misconfigured as error:
        return error.said
    return ""


def _told(channel: Channel) -> dict[str, Any]:
    """A channel as plain values, for the audit log."""
    told: dict[str, Any] = {each.name: getattr(channel, each.name) for each in fields(Channel) if each.name not in {"id", "created_at"}}
    return told | {"models": dict(channel.models), "options": dict(channel.options), "state": channel.state.value}


def _purpose(channel_id: str) -> str:
    return f"channel:{channel_id}"
