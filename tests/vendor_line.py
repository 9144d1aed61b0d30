"""A channel at a mock of its vendor, and how its talks are held there: over a socket, with its credential, as in a gateway."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from reelgate.contracts.channel import Channel
from reelgate.contracts.endpoint import Endpoint
from reelgate.contracts.provider import HttpCall, Listed, Order, Provider, Ticket, Verdict
from reelgate.contracts.roster import Offer
from reelgate.discovery import load_leaves
from reelgate.dispatch.backends import HttpBackend
from reelgate.dispatch.guard import Guard
from reelgate.dispatch.talks import Talks
from reelgate.domain.media import VideoInput
from tests.clock import BEGINNING, FakeClock
from tests.conformance.test_catalog import ENDPOINTS
from tests.vendor_mock import KEY, VendorMock

PROVIDERS: dict[str, Provider] = load_leaves("reelgate.providers", "PROVIDER", Provider)
DEFAULTS = {"openai": "sora-2"}
"""Models of a provider that offers none under a name of its own."""


def offered(provider: str) -> list[Endpoint]:
    """All that a channel without options offers."""
    return [each for each in ENDPOINTS if PROVIDERS[provider].offer(each, {}) is not None]


@dataclass(frozen=True)
class Line:
    """A channel at a mock, and how its talks are held: over a socket, with its credential, as in a gateway."""

    offer: Offer
    talks: Talks
    bought: list[str]

    @property
    def provider(self) -> Any:
        return self.offer.provider

    async def submit(self, order: Order) -> Ticket:
        async def before() -> None:
            self.bought.append(order.token)

        return await self.talks.submit(self.offer, self.provider.submit(order), before)

    async def poll(self, ticket: Ticket) -> Verdict:
        return await self.talks.hold(self.offer, self.provider.poll(ticket))

    async def cancel(self, ticket: Ticket) -> bool:
        return await self.talks.hold(self.offer, self.provider.cancel(ticket))

    async def recent(self, order: Order, since: datetime = BEGINNING) -> list[Listed]:
        return await self.talks.hold(self.offer, self.provider.recent(order, since))

    async def check(self) -> str:
        return await self.talks.hold(self.offer, self.provider.check())

    async def fetch(self, call: HttpCall) -> bytes:
        reply = await self.talks.exchange(self.offer, call, 5)
        assert reply.status == 200
        return reply.body

    def order(self, wanted: VideoInput, endpoint: Endpoint | None = None, **more: Any) -> Order:
        name = self.provider.name
        chosen = endpoint or next(each for each in offered(name) if each.kind == "text-to-video")
        model = self.provider.offer(chosen, {}) or DEFAULTS[name]
        options = self.offer.channel.options
        return Order(endpoint=chosen, model=model, input=wanted, token="t", now=BEGINNING, options=options, **more)


class Purse:
    """Has the mock's key."""

    async def secrets(self, channel_id: str) -> dict[str, str]:
        return {"api_key": KEY}


@asynccontextmanager
async def line(mock: VendorMock, provider: Provider, address: str, **options: str) -> AsyncGenerator[Line]:
    """A channel with these options for the length of a block."""
    channel = Channel(id="mock", provider=provider.name, address=f"{mock.url}{address}", options=options, created_at=BEGINNING)
    backend = HttpBackend(Guard())
    offer = Offer(channel=channel, provider=provider, model="m", powers=provider.powers(options))
    try:
        yield Line(offer, Talks(backend, Purse(), FakeClock()), [])
    finally:
        await backend.close()
