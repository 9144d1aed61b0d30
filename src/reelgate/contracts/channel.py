"""A channel is an account of the operator's at a provider: an address, secrets, what it serves and how much of it at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal, Protocol, TypeAlias

from reelgate.contracts.audit import Deed
from reelgate.domain.clock import from_ms, in_ms

OnCancel: TypeAlias = Literal["finish", "release"]
_FORMERLY = {"keeps_outputs": "store_outputs"}  # names that settings had in data folders which are older


class ChannelState(StrEnum):
    """Whether a channel is given work."""

    ACTIVE = "active"
    PAUSED = "paused"  # by an admin; what it has begun is followed to its end


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """One account at a provider, as the operator has set it up.

    `models` says what is offered here: ids of endpoints, or beginnings with a `*` at the end, each with the vendor's name for it, ""
    for the one that the provider says. Empty: everything that the provider offers. Channels of the smallest `priority` are asked first;
    among them jobs are dealt out by `weight`. `concurrency` is how many jobs it may have at once, `per_second` how many submits.
    `job_limit_s`: after so long a job is given up. `window_s`: for how long after a submit in doubt its job may still turn up, None for as
    long as the provider says. `on_cancel`: what becomes of a running job that is cancelled where the upstream
    cannot stop it. `patience_s`: while it is full, a job waits for it if it can expect to start here within so long; else it goes on to a
    channel of a larger priority. `store_outputs` False leaves videos where the upstream has them and passes its addresses on.
    """

    id: str
    provider: str
    address: str
    models: Mapping[str, str] = field(default_factory=dict[str, str])
    priority: int = 0
    weight: int = 1
    concurrency: int = 20
    per_second: float | None = None
    submit_timeout_s: float = 30.0
    poll_timeout_s: float = 15.0
    job_limit_s: float = 86_400.0
    window_s: float | None = None
    on_cancel: OnCancel = "finish"
    patience_s: float = 0.0
    store_outputs: bool = True
    options: Mapping[str, str] = field(default_factory=dict[str, str])
    state: ChannelState = ChannelState.ACTIVE
    note: str = ""  # why it is paused
    created_at: datetime


def dump_channel(channel: Channel) -> dict[str, Any]:
    """A channel as plain JSON values; `load_channel` reads it. Its secrets are no part of it."""
    told: dict[str, Any] = {each.name: getattr(channel, each.name) for each in fields(Channel)}
    return told | {"models": dict(channel.models), "options": dict(channel.options), "created_at": in_ms(channel.created_at)}


def load_channel(told: Mapping[str, Any]) -> Channel:
    """Read what `dump_channel` wrote, now or in an older version. A field of a newer version is an error, never ignored."""
    named = {_FORMERLY.get(name, name): value for name, value in told.items()}
    values: dict[str, Any] = {**named, "state": ChannelState(told["state"]), "created_at": from_ms(told["created_at"])}
    return Channel(**values)


class ChannelStore(Protocol):
    """What a store keeps of channels. Secrets come sealed and go sealed: JSON of names and texts under the purpose "channel:ID"."""

    async def channels(self) -> list[Channel]:
        """All channels, by their ids."""
        ...

    async def channel_secret(self, channel_id: str) -> bytes | None:
        """The sealed secrets of a channel."""
        ...

    async def put_channel(self, channel: Channel, deed: Deed, sealed: bytes | None = None) -> bool:
        """Add a channel, or change the one of this id, whose `created_at` stays; None leaves its secrets as they are. True if it is new."""
        ...

    async def remove_channel(self, channel_id: str, deed: Deed) -> bool:
        """Forget a channel and its secrets; False if there is none. Attempts keep its name."""
        ...

    async def channel_version(self) -> int:
        """Grows whenever a channel is put or removed; asked every second."""
        ...
