"""Everything that serves jobs at channels, as the worker and the gateway see it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

import structlog

from reelgate.contracts.channel import Channel
from reelgate.contracts.dispatch import ChannelHealth
from reelgate.contracts.endpoint import Endpoint
from reelgate.contracts.roster import Offer, Roster
from reelgate.dispatch.doubt import Doubts
from reelgate.dispatch.follower import Follower
from reelgate.dispatch.homecoming import Homecoming
from reelgate.dispatch.late import Latecomers
from reelgate.dispatch.relay import Relay
from reelgate.dispatch.yard import Yard
from reelgate.domain.errors import NotFound, Unauthenticated, Unready, UpstreamError
from reelgate.domain.job import JobState, Lease
from reelgate.metrics import CALLBACKS

_log = structlog.get_logger(__name__)


class Fleet:
    """The relay, those that follow and ask for it, and what is known of the channels."""

    def __init__(self, yard: Yard, endpoints: Iterable[Endpoint]) -> None:
        self._yard, self._endpoints = yard, tuple(endpoints)
        homecoming = Homecoming(yard)
        self._late = Latecomers(yard, homecoming)
        self._doubts, self._follower = Doubts(yard), Follower(yard, homecoming, self._late.expect)
        self._relay = Relay(yard, self._follower, self._doubts)
        self._grouped_for: Roster | None = None
        self._groups: dict[tuple[str, ...], _Group] = {}

    def __len__(self) -> int:
        return len(self._follower)

    async def run(self) -> None:
        """Follow what was taken until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._follower.run())
            tasks.create_task(self._late.run())

    async def carry(self, lease: Lease, *, lost: Callable[[], bool]) -> None:
        """Carry a job to its ticket, its end, or back to the queue."""
        await self._relay.carry(lease, lost=lost)

    async def room(self) -> tuple[int, Collection[str]]:
        """How many more jobs all channels together may have now, and the endpoints that none of theirs has room for."""
        roster, health = await self._yard.rolls.current(), self._yard.health
        if roster is not self._grouped_for:
            self._grouped_for, self._groups = roster, _grouped(roster, self._endpoints)
        free = {channel.id: health.room(channel) for group in self._groups.values() for channel in group.channels}
        full: set[str] = set()
        for ids, group in self._groups.items():
            if not any(free[channel_id] for channel_id in ids):
                full |= group.endpoints
        return sum(free.values()), full

    # -- leases ------------------------------------------------------------------------------------------------------
    def held(self) -> list[Lease]:
        """The leases of jobs that are followed."""
        return list(self._follower.held())

    def renewed(self, leases: Iterable[Lease], until: datetime) -> None:
        """They are good until then."""
        for lease in leases:
            self._follower.renewed(lease.job.id, replace(lease, until=until))

    def let_go(self, lease: Lease) -> None:
        """It is somebody else's job now."""
        self._follower.let_go(lease)

    # -- what is told from outside -----------------------------------------------------------------------------------
    async def hear(self, token: str, headers: Mapping[str, str], body: bytes) -> bool:
        """An upstream calls back under an attempt's token; False if there is no such attempt. What it says is asked, never believed.
        `Unauthenticated` if the vendor signs and has not signed this, `Unready` if nobody can say now."""
        claim = await self._yard.store.claim(token)
        offer = None if claim is None else await self._yard.offer_of(claim.attempt)
        if claim is None or offer is None:
            return False
        await self._verify(offer, headers, body)
        CALLBACKS.inc()
        if self._follower.hear(token):
            return True
        hint = offer.provider.heard(body)
        if hint is None or self._doubts.hear(token, hint):
            return True
        job = await self._yard.store.job(claim.account, claim.attempt.job_id)
        may_come = job is not None and job.state is JobState.UNKNOWN and job.late_video is None
        if may_come and not self._late.expect(claim, hint):
            raise Unready("too many late videos are waited for; call again")
        return True

    async def _verify(self, offer: Offer, headers: Mapping[str, str], body: bytes) -> None:
        try:
            genuine = await self._yard.talks.vouch(offer, headers, body)
        except UpstreamError as error:
            _log.warning("callback_keys_missing", channel=offer.channel.id, code=error.code, said=error.said)
            raise Unready("by what this call is verified cannot be found out now") from None
        if not genuine:
            _log.warning("callback_refused", channel=offer.channel.id)
            raise Unauthenticated("this call is not signed by its vendor")

    async def check(self, channel_id: str) -> str:
        """Ask a channel something that costs nothing; a sentence on what its key was found good for. Raises `UpstreamError`."""
        roster = await self._yard.rolls.current()
        channel = roster.channel(channel_id)
        provider = None if channel is None else self._yard.providers.get(channel.provider)
        if channel is None or provider is None:
            raise NotFound("there is no such channel")
        offer = Offer(channel=channel, provider=provider, model="", powers=provider.powers(channel.options))
        self._yard.talks.forget(channel_id)
        return await self._yard.talks.hold(offer, provider.check())

    def health(self) -> Mapping[str, ChannelHealth]:
        """How the channels do."""
        return self._yard.health.report()


class _Group(NamedTuple):
    """Endpoints that the same channels serve: there are as many as there are kinds of channels, and a look at the queue asks for all."""

    channels: tuple[Channel, ...]
    endpoints: set[str]


def _grouped(roster: Roster, endpoints: Iterable[Endpoint]) -> dict[tuple[str, ...], _Group]:
    groups: dict[tuple[str, ...], _Group] = {}
    for endpoint in endpoints:
        channels = tuple(offer.channel for offer in roster.offers(endpoint))
        ids = tuple(channel.id for channel in channels)
        groups.setdefault(ids, _Group(channels, set())).endpoints.add(endpoint.id)
    for channel in roster.active():  # one may serve nothing but what no catalog has
        groups.setdefault((channel.id,), _Group((channel,), set()))
    return groups
