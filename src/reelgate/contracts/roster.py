"""Which channels may serve an endpoint: what operators have set up, joined with what providers offer. Pure, and quick to ask."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from reelgate.contracts.channel import Channel, ChannelState
from reelgate.contracts.endpoint import Endpoint
from reelgate.contracts.provider import Powers, Provider

_KNOWN_MAX = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A channel serves an endpoint under the vendor's name `model`, with these powers."""

    channel: Channel
    provider: Provider
    model: str
    powers: Powers


class Roster:
    """The channels as they are at one moment. A channel of a provider that is not installed offers nothing."""

    def __init__(self, channels: Sequence[Channel], providers: Mapping[str, Provider], since: datetime | None = None) -> None:
        """`since`: when they were found to be so."""
        self.since = since
        self._channels = {each.id: each for each in sorted(channels, key=lambda each: (each.priority, each.id))}
        self._providers = providers
        self._known: dict[tuple[str, str], Offer] = {}
        self._configured: dict[str, tuple[Offer, ...]] = {}
        self._active: dict[str, tuple[Offer, ...]] = {}

    def __len__(self) -> int:
        return len(self._channels)

    def active(self) -> list[Channel]:
        """The channels that are given work."""
        return [each for each in self._channels.values() if each.state is ChannelState.ACTIVE]

    def channel(self, channel_id: str) -> Channel | None:
        """A channel, paused or not."""
        return self._channels.get(channel_id)

    def offers(self, endpoint: Endpoint) -> tuple[Offer, ...]:
        """Who may be given a job of this endpoint now, the smallest priority first."""
        found = self._active.get(endpoint.id)
        if found is None:
            found = tuple(each for each in self.configured(endpoint) if each.channel.state is ChannelState.ACTIVE)
            if endpoint.kind != "passed":  # callers name those as they like
                self._active[endpoint.id] = found
        return found

    def configured(self, endpoint: Endpoint) -> tuple[Offer, ...]:
        """The same with those that are paused: their jobs wait."""
        found = self._configured.get(endpoint.id)
        if found is None:
            found = tuple(self._all(endpoint))
            if endpoint.kind != "passed":
                self._configured[endpoint.id] = found
        return found

    def offer_of(self, channel_id: str, model: str) -> Offer | None:
        """What a channel, paused or not, makes of a model by the vendor's name; None if it is gone or its provider is not installed. Asked
        with every poll."""
        found = self._known.get((channel_id, model))
        if found is None:
            channel = self._channels.get(channel_id)
            provider = None if channel is None else self._providers.get(channel.provider)
            if channel is None or provider is None:
                return None
            found = Offer(channel=channel, provider=provider, model=model, powers=provider.powers(channel.options))
            if len(self._known) < _KNOWN_MAX:
                self._known[channel_id, model] = found
        return found

    def _all(self, endpoint: Endpoint) -> list[Offer]:
        offers: list[Offer] = []
        for channel in self._channels.values():
            provider = self._providers.get(channel.provider)
            model = None if provider is None else _model(channel, provider, endpoint)
            if provider is not None and model:
                offers.append(Offer(channel=channel, provider=provider, model=model, powers=provider.powers(channel.options)))
        return offers


def _model(channel: Channel, provider: Provider, endpoint: Endpoint) -> str | None:
    """The vendor's name for an endpoint at this channel: what the operator says, by the exact id or the longest pattern, else what the
    provider says; None if it is not offered there."""
    offered = provider.offer(endpoint, channel.options)
    if not channel.models or offered is None:
        return offered
    fitting = [each for each in channel.models if each == endpoint.id or (each.endswith("*") and endpoint.id.startswith(each[:-1]))]
    if not fitting:
        return None
    exact = endpoint.id if endpoint.id in channel.models else max(fitting, key=len)
    return channel.models[exact] or offered
