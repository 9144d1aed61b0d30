"""What jobs that go to channels are worked on with."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from reelgate.contracts.attempt import Attempt
from reelgate.contracts.blobs import Blobs
from reelgate.contracts.endpoint import Endpoint
from reelgate.contracts.provider import Loss, Order, Provider
from reelgate.contracts.roster import Offer, Roster
from reelgate.contracts.store import Store
from reelgate.dispatch.enclosures import Enclosures
from reelgate.dispatch.health import Health
from reelgate.dispatch.outputs import Fetches
from reelgate.dispatch.talks import Talks
from reelgate.domain.clock import Clock
from reelgate.domain.job import Job
from reelgate.domain.media import VideoInput
from reelgate.domain.money import Money
from reelgate.settings import Settings


class Rolls(Protocol):
    """Who knows which channels there are now."""

    async def current(self) -> Roster:
        """The channels as they are set up, at most a second old."""
        ...


class Costs(Protocol):
    """Who knows what channels charge the house."""

    def cost_of(self, channel_id: str, endpoint: Endpoint, job: Job) -> Money:
        """What this job is expected to cost there."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Yard:
    """Everything that the relay needs. `find` looks an endpoint up; `callback` makes of an attempt's token an address of ours, "" where
    nobody outside could reach it."""

    store: Store
    blobs: Blobs
    outputs: Fetches
    enclosures: Enclosures
    talks: Talks
    rolls: Rolls
    costs: Costs
    health: Health
    providers: Mapping[str, Provider]
    find: Callable[[str], Endpoint | None]
    callback: Callable[[str], str]
    settings: Settings
    clock: Clock
    chance: random.Random

    async def offer_of(self, attempt: Attempt) -> Offer | None:
        """The channel of an attempt as it is set up now, paused or not; None if it is gone. An attempt in doubt can wait for its return."""
        return (await self.rolls.current()).offer_of(attempt.channel, attempt.model)

    def endpoint_of(self, job: Job) -> Endpoint:
        """A job's endpoint; `LookupError` if this version of the gateway knows it no more."""
        endpoint = self.find(job.endpoint)
        if endpoint is None:
            message = f"there is no endpoint {job.endpoint} any more"
            raise LookupError(message)
        return endpoint

    def order_of(self, job: Job, offer: Offer, token: str, wanted: VideoInput | None = None) -> Order:
        """What a provider is handed; without sendable media it is good for looking up only."""
        return Order(
            endpoint=self.endpoint_of(job),
            model=offer.model,
            input=job.input if wanted is None else wanted,
            token=token,
            now=self.clock.now(),
            callback=self.callback(token) if offer.powers.calls_back else "",
            options=offer.channel.options,
        )

    def losses(self, job: Job, offer: Offer) -> tuple[Loss, ...]:
        """What of a job's input a channel cannot be told."""
        return tuple(offer.provider.loses(self.endpoint_of(job), job.input, offer.channel.options))

    def cost_of(self, job: Job, channel_id: str) -> Money:
        """What a job is expected to cost the house."""
        return self.costs.cost_of(channel_id, self.endpoint_of(job), job)
